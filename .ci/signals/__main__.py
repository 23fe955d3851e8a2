"""Tests the metric filters and alarms of a transformed template: python .ci/signals TEMPLATE.

Each filter is tried on all log lines of lines.json, including those that it must not count. Each cause must fire exactly
the alarms that causes.py names, both at ten chats a day and at ten thousand.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

from alarms import Alarm, Filter, Metric, alarms_of, filters_of
from causes import CAUSES, Cause, Size

SIZES = [Size(10), Size(10_000)]


def metrics_of(line: dict[str, Any], log_group: str, filters: dict[str, Filter]) -> dict[str, float]:
    counted: dict[str, float] = {}
    for candidate in filters.values():
        if candidate.log_group == log_group and (count := candidate.count(line)) is not None:
            assert candidate.metric not in counted, f"two filters count {candidate.metric} in one line"
            counted[candidate.metric] = count
    return counted


def check_filters(lines: dict[str, Any], filters: dict[str, Filter]) -> list[str]:
    faults = []
    seen = set()
    for name, recorded in lines.items():
        counted = metrics_of(recorded["line"], recorded["logGroup"], filters)
        seen |= {(recorded["logGroup"], metric) for metric in counted}
        if counted != recorded["metrics"]:
            faults.append(f"{name}: {counted}, and not {recorded['metrics']}")
    for name, candidate in filters.items():
        if (candidate.log_group, candidate.metric) not in seen:
            faults.append(f"{name}: no line of lines.json matches it")
    return faults


def values_in_a_period(
    cause: Cause, size: Size, period: int, lines: dict[str, Any], filters: dict[str, Filter]
) -> dict[Metric, float]:
    """The metrics of a period of this length. Everything that happens in the hour counts as happening in this period."""

    def share(count: float) -> int:
        return math.ceil(count * period / 3600)

    values: dict[Metric, float] = dict(cause.gauges)
    for name, count in cause.lines(size).items():
        for metric, each in metrics_of(lines[name]["line"], lines[name]["logGroup"], filters).items():
            values[Metric(metric)] = values.get(Metric(metric), 0) + each * share(count)
    for metric, count in cause.sums(size).items():
        values[metric] = values.get(metric, 0) + share(count)
    return values


def check_causes(lines: dict[str, Any], filters: dict[str, Filter], alarms: list[Alarm]) -> list[str]:
    faults = []
    fired_by_some_cause: set[str] = set()
    print(f"{'cause':52} " + " ".join(f"{size.chats_a_day:>22,}" for size in SIZES))
    for cause in CAUSES:
        by_size = []
        for size in SIZES:
            fired = set()
            for alarm in alarms:
                # The alarm on silence is off by default.
                if alarm.name == "Silence" and cause.fires != {"Silence"}:
                    continue
                if alarm.is_fired_by(values_in_a_period(cause, size, alarm.period, lines, filters)):
                    fired.add(alarm.name)
            by_size.append(fired)
            if fired != cause.fires:
                faults.append(f"{cause.name}, {size.chats_a_day:,} chats a day: fires {fired}, and not {cause.fires}")
        fired_by_some_cause |= cause.fires
        print(f"{cause.name:52} " + " ".join(f"{', '.join(sorted(fired)) or '-':>22}" for fired in by_size))
    for alarm in alarms:
        if alarm.name not in fired_by_some_cause:
            faults.append(f"no cause fires {alarm.name}")
    return faults


def check_dashboard(template: dict[str, Any], filters: dict[str, Filter]) -> list[str]:
    """Checks that the dashboard shows each metric of the log lines and no other."""
    [dashboard] = [it for it in template["Resources"].values() if it["Type"] == "AWS::CloudWatch::Dashboard"]
    widgets = json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
    shown = {
        metric[1]
        for widget in widgets
        for metric in widget["properties"]["metrics"]
        if metric[0] == "flex-handoff/${AWS::StackName}"
    }
    counted = {candidate.metric for candidate in filters.values()}
    faults = [f"the dashboard shows {metric}, which no filter counts" for metric in sorted(shown - counted)]
    return faults + [f"the dashboard doesn't show {metric}" for metric in sorted(counted - shown)]


def main(template: str) -> None:
    transformed = json.loads(Path(template).read_text(encoding="utf-8"))
    lines = json.loads(Path(__file__).with_name("lines.json").read_text(encoding="utf-8"))
    filters, alarms = filters_of(transformed), alarms_of(transformed)
    faults = check_filters(lines, filters) + check_causes(lines, filters, alarms)
    faults += check_dashboard(transformed, filters)
    print(f"{len(lines)} lines, {len(filters)} filters, {len(alarms)} alarms, {len(CAUSES)} causes")
    if faults:
        raise SystemExit("\n".join(faults))


main(*sys.argv[1:])
