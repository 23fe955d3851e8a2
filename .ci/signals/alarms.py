"""The metric filters and alarms of a transformed template, and the alarms fired by a period's log lines and metrics."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import patterns

COMPARE = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


@dataclass(frozen=True)
class Metric:
    """A metric's name. A metric made by AWS also has the resource that it is about."""

    name: str
    resource: str = ""


@dataclass
class Filter:
    log_group: str
    matches: patterns.Match
    metric: str
    value: str

    def count(self, line: dict[str, Any]) -> float | None:
        """The value that a line adds to the metric."""
        if not self.matches(line):
            return None
        return float(patterns.value(line, self.value) if self.value.startswith("$") else self.value)


@dataclass
class Alarm:
    name: str
    period: int
    evaluations: int | str
    expression: str | None
    metrics: dict[str, Metric]
    fires: Any
    condition: str | None
    properties: dict[str, Any] = field(repr=False)

    def is_fired_by(self, values: dict[Metric, float]) -> bool:
        """Whether the alarm fires if every evaluated period has these values of the metrics."""
        named = {name: values.get(metric, 0.0) for name, metric in self.metrics.items()}
        return self.fires(evaluate(self.expression, named) if self.expression else named["metric"])


def evaluate(expression: str, values: dict[str, float]) -> float:
    """The part of metric math that the template uses: IF, FILL, AND, OR, comparisons and arithmetic."""
    python = re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", expression))
    # A name may be a keyword of Python such as lambda.
    for name in sorted(values, key=len, reverse=True):
        python = re.sub(rf"\b{name}\b", f"value_{name}", python)
    names = {f"value_{name}": value for name, value in values.items()}
    functions = {"IF": lambda test, yes, no: yes if test else no, "FILL": lambda value, _: value}
    return float(eval(python, {"__builtins__": {}}, {**names, **functions}))  # noqa: S307


def metric_of(named: dict[str, Any]) -> Metric:
    dimensions = named.get("Dimensions", [])
    if not dimensions:
        assert named["Namespace"] == {"Fn::Sub": "flex-handoff/${AWS::StackName}"}, named
        return Metric(named["MetricName"])
    [dimension] = dimensions
    resource = re.search(r'\["?([A-Za-z]+)|"Ref": "(\w+)"', json.dumps(dimension["Value"]))
    return Metric(named["MetricName"], resource[1] or resource[2])


def filters_of(template: dict[str, Any]) -> dict[str, Filter]:
    filters = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Logs::MetricFilter":
            properties = resource["Properties"]
            [transformation] = properties["MetricTransformations"]
            filters[name] = Filter(
                properties["LogGroupName"]["Ref"],
                patterns.parse(properties["FilterPattern"]),
                transformation["MetricName"],
                transformation["MetricValue"],
            )
    return filters


def alarms_of(template: dict[str, Any]) -> list[Alarm]:
    return [
        alarm_of(name.removesuffix("Alarm"), resource)
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


def alarm_of(name: str, resource: dict[str, Any]) -> Alarm:
    properties = resource["Properties"]
    assert properties["AlarmActions"] and properties["OKActions"] == properties["AlarmActions"], name
    expression, metrics, periods = None, {}, set()
    if "Metrics" in properties:
        for query in properties["Metrics"]:
            if "Expression" in query:
                expression = query["Expression"]
            else:
                assert query["ReturnData"] is False, name
                metrics[query["Id"]] = metric_of(query["MetricStat"]["Metric"])
                periods.add(query["MetricStat"]["Period"])
    else:
        metrics["metric"] = metric_of(properties)
        periods.add(properties["Period"])
    [period] = periods
    compare, threshold = COMPARE[properties["ComparisonOperator"]], properties["Threshold"]
    return Alarm(
        name,
        period,
        properties["EvaluationPeriods"],
        expression,
        metrics,
        lambda value: compare(value, threshold),
        resource.get("Condition"),
        properties,
    )
