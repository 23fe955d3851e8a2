"""Moves the metric of each alarm past its threshold and checks that only this alarm fires.

MiniStack makes no metrics of its own and doesn't evaluate metric math. `.ci/signals` tests the alarms on metric math.
"""

from datetime import UTC, datetime
from typing import Any

from emulator import Emulator
from twilio import wait_for


def check_alarms(emulator: Emulator, stack: str) -> None:
    cloudwatch = emulator.client("cloudwatch")
    alarms = [
        alarm
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]
        if alarm["AlarmName"].startswith(f"{stack}-") and alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    ]
    assert alarms, "the stack has no alarm on a single metric"
    fired: set[str] = set()
    for alarm in alarms:
        inject(cloudwatch, alarm)
        fired.add(alarm["AlarmName"])
        wait_for(f"{alarm['AlarmName']} fires", lambda: firing(cloudwatch, stack) >= fired, seconds=20)
        assert firing(cloudwatch, stack) == fired, (alarm["AlarmName"], firing(cloudwatch, stack), fired)


def inject(cloudwatch: Any, alarm: dict[str, Any]) -> None:
    value = {
        "MetricName": alarm["MetricName"],
        "Dimensions": alarm["Dimensions"],
        "Timestamp": datetime.now(UTC),
        "Value": alarm["Threshold"],
    }
    cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=[value])


def firing(cloudwatch: Any, stack: str) -> set[str]:
    """The alarms that fire. The alarm on silence is left out, since it fires until there is a metric."""
    return {
        alarm["AlarmName"]
        for alarm in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
        if alarm["AlarmName"].startswith(f"{stack}-") and alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    }
