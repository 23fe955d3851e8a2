"""Runs MiniStack and fills the gaps that this stack meets. This runs in MiniStack's own environment.

The gaps are those of MiniStack 1.5.33. Each change does what AWS documents. If a later version closes a gap, the import
or call below fails, so that you take the change out.
"""

import sys

from ministack import app
from ministack.core import iam_actions
from ministack.services import apigateway, cloudwatch
from ministack.services.cloudformation import engine, provisioners

# Permissions of SQS's batch calls. AWS has none and checks the permission of the single call.
BATCH_CALLS = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def replace_everywhere(original, replacement) -> None:
    """Modules import each other's functions by name, so each module has its own reference."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("ministack"):
            for name, value in list(vars(module).items()):
                if value is original:
                    setattr(module, name, replacement)


def split_in_conditions() -> None:
    """Conditions may use Fn::Split. MiniStack resolves Fn::Split only elsewhere."""
    evaluate = engine._evaluate_conditions

    def resolved(value, parameters):
        if isinstance(value, list):
            return [resolved(item, parameters) for item in value]
        if not isinstance(value, dict):
            return value
        if "Fn::Split" in value:
            delimiter, source = value["Fn::Split"]
            return parameters[source["Ref"]]["Value"].split(delimiter)
        return {name: resolved(item, parameters) for name, item in value.items()}

    def evaluate_with_split(template, parameters):
        conditions = resolved(template.get("Conditions", {}), parameters)
        return evaluate({**template, "Conditions": conditions}, parameters)

    replace_everywhere(evaluate, evaluate_with_split)


def batch_permissions() -> None:
    extract = iam_actions.extract_iam_action

    def extract_single(*arguments):
        action = extract(*arguments)
        return BATCH_CALLS.get(action, action)

    replace_everywhere(extract, extract_single)


def routes_in_the_body() -> None:
    """An HTTP API's Body is an OpenAPI document that makes the routes and integrations."""

    def import_body(api_id, body) -> None:
        apigateway._routes[api_id] = {}
        apigateway._integrations[api_id] = {}
        for path, methods in body["paths"].items():
            for method, operation in methods.items():
                integration = operation["x-amazon-apigateway-integration"]
                properties = {
                    "ApiId": api_id,
                    "IntegrationType": integration["type"].upper(),
                    "IntegrationUri": integration["uri"],
                    "PayloadFormatVersion": integration["payloadFormatVersion"],
                }
                name, _ = provisioners._apigw_v2_integration_create("", properties, "")
                verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                route = {"ApiId": api_id, "RouteKey": f"{verb} {path}", "Target": f"integrations/{name}"}
                provisioners._apigw_v2_route_create("", route, "")

    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]

    def create_with_body(logical_id, properties, stack_name):
        api_id, attributes = create(logical_id, properties, stack_name)
        if "Body" in properties:
            import_body(api_id, properties["Body"])
        return api_id, attributes

    def update_with_body(physical_id, old, new, *rest, **named):
        result = update(physical_id, old, new, *rest, **named)
        if "Body" in new:
            import_body(result[0], new["Body"])
        return result

    handlers.update(create=create_with_body, update=update_with_body)


def alarms_on_metric_math() -> None:
    """MiniStack refuses alarms on metric math, since it can't evaluate them. Here they are created and never evaluated.
    `.ci/signals` computes when they fire."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_alarm(logical_id, properties, stack_name, *rest, **named):
        if "Metrics" in properties:
            return f"{stack_name}-{logical_id}", {}
        return create(logical_id, properties, stack_name, *rest, **named)

    def update_alarm(physical_id, old, new, *rest, **named):
        if "Metrics" in new:
            return physical_id, {}
        return update(physical_id, old, new, *rest, **named)

    def delete_alarm(physical_id, properties):
        if "Metrics" not in properties:
            delete(physical_id, properties)

    handlers.update(create=create_alarm, update=update_alarm, delete=delete_alarm)


def dimensions_of_alarms() -> None:
    """An alarm is about the metric with exactly its dimensions. MiniStack takes all metrics of that name."""
    evaluate = cloudwatch._evaluate_alarm

    def evaluate_own_metric(alarm) -> None:
        dimensions = cloudwatch._dims_key({it["Name"]: it["Value"] for it in alarm.get("Dimensions") or []})
        everything = cloudwatch._metrics
        cloudwatch._metrics = {key: points for key, points in everything.items() if key[2] == dimensions}
        try:
            evaluate(alarm)
        finally:
            cloudwatch._metrics = everything

    replace_everywhere(evaluate, evaluate_own_metric)


def loopback_port_only() -> None:
    """With TLS, MiniStack would also listen on port 443."""
    app._port_is_bindable = lambda host, port: False


split_in_conditions()
batch_permissions()
routes_in_the_body()
alarms_on_metric_math()
dimensions_of_alarms()
loopback_port_only()
app.main()
