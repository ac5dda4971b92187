"""What a service refuses of a resource that a template describes, by the resource's type.

ministack makes the resources of a stack without the services' APIs, so that a template would be a
way around their checks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front import apis, deliveries, queues
from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.constraints import broken_members
from serverless_tax.cloud.front.gateway_values import bounds_error
from serverless_tax.cloud.front.iam_checks import attachment_error
from serverless_tax.cloud.front.lacks import lack_of
from serverless_tax.cloud.front.lambda_checks import (
    NO_LAYERS,
    alias_error,
    configuration_error,
    parameter,
    polling_error,
    url_error,
    violated,
)
from serverless_tax.cloud.front.lambda_state import (
    concurrency_error,
    destination_error,
    needed_error,
    package_error,
    permission_error,
    source_error,
)
from serverless_tax.cloud.front.logs_checks import pattern_error
from serverless_tax.cloud.front.machines import machine_error
from serverless_tax.cloud.front.patterns import RULES, attributes_error
from serverless_tax.cloud.front.rest_apis import integration_error
from serverless_tax.cloud.front.rest_checks import authorizer_error
from serverless_tax.cloud.front.s3_checks import bucket_error
from serverless_tax.cloud.front.schedules import schedule_error
from serverless_tax.cloud.front.sockets import GATEWAY, LAMBDA

Props = Mapping[str, Any]
OPERATIONS = {
    "AWS::Lambda::Function": "CreateFunction",
    "AWS::Lambda::EventSourceMapping": "CreateEventSourceMapping",
    "AWS::Lambda::EventInvokeConfig": "PutFunctionEventInvokeConfig",
    "AWS::Lambda::Url": "CreateFunctionUrlConfig",
}
"""Types whose numbers and words are converted to those of an operation of Lambda's API."""


def _function_error(props: Props) -> AwsError | None:
    asked = {"FunctionName": "made", **props, "KMSKeyArn": props.get("KmsKeyArn")}
    # Tags and code have another form in a template.
    broken = broken_members("CreateFunction", {**asked, "Tags": None, "Code": {}})
    if broken:
        return violated(broken)
    return (
        configuration_error(asked, creating=True)
        or needed_error(asked)
        or package_error(asked.get("Code") or {})
        or concurrency_error(vars(import_module(LAMBDA)), {}, str(asked["FunctionName"]), asked)
    )


def _alias_error(props: Props) -> AwsError | None:
    # CloudFormation has a list where the API has a table.
    weights = (props.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    table = {str(one.get("FunctionVersion")): one.get("FunctionWeight") for one in weights}
    asked = {**props, "RoutingConfig": {"AdditionalVersionWeights": table}}
    return alias_error(asked) or _version_error(props)


def _version_error(props: Props) -> AwsError | None:
    asked = {"ProvisionedConcurrencyConfig": props.get("ProvisionedConcurrencyConfig")}
    return configuration_error(asked, creating=False)


def _machine_error(props: Props) -> AwsError | None:
    provisioners = vars(import_module("ministack.services.cloudformation.provisioners"))
    return machine_error(provisioners["_sfn_definition"](props), str(props.get("RoleArn")))


def _mapping_error(props: Props) -> AwsError | None:
    asked = {**props, "EventSourceArn": props.get("EventSourceArn") or ""}
    error = polling_error(props, creating=False)
    found = None if error else source_error(asked)
    # The stack itself may have made it a moment ago, when it is updated.
    return error or (None if found and found.json_code == "ResourceConflictException" else found)


def _asynchronous_error(props: Props) -> AwsError | None:
    broken = broken_members("PutFunctionEventInvokeConfig", {**props, "Qualifier": None})
    if broken:
        return violated(broken)
    names = vars(import_module(LAMBDA))
    name = names["_resolve_request_scoped_name"](str(props.get("FunctionName")))
    func = names["_functions"].get(name)
    return destination_error(names, func, name, props) if func else parameter(_NOBODY)


_NOBODY = "The function doesn't exist."


def _permission_error(props: Props) -> AwsError | None:
    names = vars(import_module(LAMBDA))
    name = names["_resolve_request_scoped_name"](str(props.get("FunctionName")))
    return permission_error(props) if name in names["_functions"] else parameter(_NOBODY)


def _url_error(props: Props) -> AwsError | None:
    asked = {"FunctionName": "made", **props}
    broken = broken_members("CreateFunctionUrlConfig", {**asked, "Qualifier": None})
    return violated(broken) if broken else url_error(props)


def _rule_error(props: Props) -> AwsError | None:
    names = vars(import_module(RULES))
    expression = str(props.get("ScheduleExpression") or "")
    wrong = deliveries.rule_error(props)
    if not wrong and not names["_validate_schedule_expression"](expression):
        wrong = "Parameter ScheduleExpression is not valid."
    targets = map(deliveries.target_error, props.get("Targets") or [])
    return _said(wrong or next(filter(None, targets), ""))


def _topic_error(props: Props) -> AwsError | None:
    every = [props, *(props.get("Subscription") or [])]
    wrong = (
        deliveries.protocol_error(str(one.get("Protocol") or "")) or _subscription_text(one)
        for one in every
    )
    return _said(next(filter(None, wrong), ""), "InvalidParameter")


def _replicas_error(props: Props) -> AwsError | None:
    several = len(props.get("Replicas") or ()) > 1
    return lack_of("dynamodb", "UpdateTable", {"ReplicaUpdates": "several"}) if several else None


def _queue_error(props: Props) -> AwsError | None:
    wrong = queues.made_error(queues.of_template(props))
    return _said(wrong[1], wrong[0]) if wrong else None


def _queue_policy_error(props: Props) -> AwsError | None:
    wrong = queues.policy_error(json.dumps(props.get("PolicyDocument") or {}))
    return _said(wrong[1], wrong[0]) if wrong else None


def _subscription_text(props: Props) -> str:
    own = ("FilterPolicy", "FilterPolicyScope")
    wrong = attributes_error({name: props[name] for name in own if props.get(name)})
    return f"Invalid parameter: Attributes Reason: {wrong}" if wrong else ""


def _policies_error(props: Props) -> AwsError | None:
    # ministack makes a list of one empty text of an empty parameter, as of CDK's bootstrap.
    for arn in filter(None, props.get("ManagedPolicyArns") or ()):
        if wrong := attachment_error(str(arn)):
            return AwsError(wrong[1], wrong[1], wrong[2], "iam", wrong[0])
    return None


def _filter_error(props: Props) -> AwsError | None:
    return pattern_error(str(props.get("FilterPattern") or ""))


#: The property that names the API which a resource is of, by its service.
_API_ID = {"apigateway": "RestApiId", "apigatewayv2": "ApiId"}


def _of_api(
    service: str, check: Callable[[str, Props], str] = lambda *_: ""
) -> Callable[[Props], AwsError | None]:
    """A check of API Gateway's, after that of its numbers; it names members in lower case."""

    def checked(props: Props) -> AwsError | None:
        data = _lowered(props)
        wrong = bounds_error(service, data) or check(str(props.get(_API_ID[service])), data)
        return _said(wrong, "BadRequestException")

    return checked


def _route_text(api_id: str, data: Props) -> str:
    target = str(data.get("target") or "").rpartition("/")[2]
    asked = {**data, "target": f"integrations/{target}" if target else ""}
    every = vars(import_module(GATEWAY))["_routes"].get(api_id) or {}
    own = [route for route, one in every.items() if one["routeKey"] == data.get("routeKey")]
    # The stack may be changing a route of its own.
    refused = apis.route_error(api_id, own[0] if own else "", asked)
    return str(json.loads(refused[2])["message"]) if refused else ""


def _method_text(_: str, props: Props) -> str:
    return _integration_text(props.get("integration") or {})


def _integration_text(told: Props) -> str:
    every = ({**told, **one} for one in ({}, *(told.get("integrationResponses") or ())))
    return next(filter(None, map(integration_error, every)), "")


def _lowered(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name[:1].lower() + name[1:]: _lowered(one) for name, one in given.items()}
    return given


def _said(text: str, code: str = "ValidationException") -> AwsError | None:
    return AwsError(code, code, text, status=400) if text else None


CHECKS: Mapping[str, Callable[[Props], AwsError | None]] = {
    "AWS::Lambda::Function": _function_error,
    "AWS::Lambda::Alias": _alias_error,
    "AWS::Lambda::Version": _version_error,
    "AWS::Lambda::LayerVersion": lambda _: NO_LAYERS,
    "AWS::Lambda::EventSourceMapping": _mapping_error,
    "AWS::Lambda::EventInvokeConfig": _asynchronous_error,
    "AWS::Lambda::Permission": _permission_error,
    "AWS::Lambda::Url": _url_error,
    "AWS::StepFunctions::StateMachine": _machine_error,
    "AWS::Events::Rule": _rule_error,
    "AWS::Scheduler::Schedule": lambda props: _said(schedule_error(props)),
    "AWS::Pipes::Pipe": lambda props: _said(deliveries.pipe_error(props)),
    "AWS::DynamoDB::GlobalTable": _replicas_error,
    "AWS::S3::Bucket": bucket_error,
    "AWS::SNS::Topic": _topic_error,
    "AWS::SQS::Queue": _queue_error,
    "AWS::SQS::QueuePolicy": _queue_policy_error,
    "AWS::SNS::Subscription": _topic_error,
    "AWS::IAM::Role": _policies_error,
    "AWS::IAM::User": _policies_error,
    "AWS::Logs::MetricFilter": _filter_error,
    "AWS::Logs::SubscriptionFilter": _filter_error,
    "AWS::ApiGatewayV2::Api": _of_api(
        "apigatewayv2", lambda _, data: "" if data.get("body") else apis.api_error(data)
    ),
    "AWS::ApiGatewayV2::Stage": _of_api(
        "apigatewayv2", lambda api_id, data: apis.stage_error(apis.protocol_of(api_id), data)
    ),
    "AWS::ApiGateway::Authorizer": _of_api("apigateway", authorizer_error),
    "AWS::ApiGateway::Method": _of_api("apigateway", _method_text),
    "AWS::ApiGateway::RestApi": _of_api("apigateway"),
    "AWS::ApiGateway::UsagePlan": _of_api("apigateway"),
    "AWS::ApiGatewayV2::Integration": _of_api(
        "apigatewayv2", lambda api_id, data: apis.integration_error(apis.protocol_of(api_id), data)
    ),
    "AWS::ApiGatewayV2::Authorizer": _of_api(
        "apigatewayv2",
        lambda api_id, data: (
            apis.authorizer_error(data) if apis.protocol_of(api_id) == "HTTP" else ""
        ),
    ),
    "AWS::ApiGatewayV2::Route": _of_api("apigatewayv2", _route_text),
}
