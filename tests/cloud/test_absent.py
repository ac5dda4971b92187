"""Calls about what is not there, and every operation of the services around functions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, ConnectionClosedError
from refusals import refusal
from shapes import client_of, filled

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

SERVICES = (
    "apigateway", "apigatewayv2", "cloudwatch", "dynamodb", "events", "iam", "lambda", "logs",
    "s3", "sns", "sqs", "stepfunctions", "sts",
)  # fmt: skip
OF_STATES = "arn:aws:states:us-east-1:000000000000:"
ALARM: dict[str, Any] = {
    "AlarmName": "slow", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1,
    "MetricName": "Duration", "Namespace": "AWS/Lambda", "Period": 60, "Statistic": "Average",
    "Threshold": 1000.0,
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_done_or_refused(cloud: LocalCloud, service: str) -> None:
    """With the least that AWS's model asks for: no failure of the server's own, none unknown."""
    client = client_of(cloud, service)
    model = client.meta.service_model
    refused = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        call = partial(
            getattr(client, xform_name(name)), **(filled(shape, []) or {} if shape else {})
        )
        try:
            try:
                call()
            except ConnectionClosedError:  # one that was kept, as it is used: SDKs ask again
                call()
        except ClientError as error:
            said = error.response
            refused[name] = (
                said["Error"].get("Code", ""),
                said["Error"].get("Message", ""),
                said["ResponseMetadata"]["HTTPStatusCode"],
            )
    ours = "This local cloud"
    assert len(refused) > 3
    assert not {
        name: said
        for name, said in refused.items()
        if not said[0] or said[0] == "InvalidAction" or (said[2] >= 500 and ours not in said[1])
    }
    for name, (code, text, _) in refused.items():
        if code in {"UnknownOperationException", "NotImplemented"}:
            assert text.startswith(ours), name


@pytest.mark.parametrize(
    ("call", "asked", "code", "text"),
    [
        ("events enable_rule", {"Name": "none"}, "ResourceNotFoundException",
         "Rule none does not exist on EventBus default."),
        ("events disable_rule", {"Name": "none"}, "ResourceNotFoundException",
         "Rule none does not exist on EventBus default."),
        ("events list_targets_by_rule", {"Rule": "none"}, "ResourceNotFoundException",
         "Rule none does not exist on EventBus default."),
        ("events remove_targets", {"Rule": "none", "Ids": ["a"]}, "ResourceNotFoundException",
         "Rule none does not exist on EventBus default."),
        ("logs stop_query", {"queryId": "none"}, "ResourceNotFoundException",
         "The specified query does not exist: none"),
        ("stepfunctions list_executions", {}, "ValidationException",
         "Either stateMachineArn or mapRunArn must be given."),
        ("stepfunctions list_executions", {"stateMachineArn": f"{OF_STATES}stateMachine:none"},
         "StateMachineDoesNotExist",
         f"State Machine Does Not Exist: '{OF_STATES}stateMachine:none'"),
        *(
            (f"stepfunctions {action}", {name: "none"}, "InvalidArn",
             "Invalid Arn: 'Invalid ARN prefix: none'")
            for action, name in (
                ("delete_state_machine_alias", "stateMachineAliasArn"),
                ("delete_state_machine_version", "stateMachineVersionArn"),
                ("delete_activity", "activityArn"), ("stop_execution", "executionArn"),
                ("list_executions", "stateMachineArn"),
            )
        ),
        ("stepfunctions start_execution", {"stateMachineArn": f"{OF_STATES}execution:a:b"},
         "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'"),
        ("events remove_permission", {"StatementId": "none", "EventBusName": "none"},
         "ResourceNotFoundException", "Event bus none does not exist."),
        ("sns unsubscribe", {"SubscriptionArn": "none"}, "InvalidParameter",
         "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        ("cloudwatch put_dashboard", {"DashboardName": "a", "DashboardBody": "[]"},
         "InvalidParameterInput", "The field DashboardBody must be a valid JSON object"),
        ("cloudwatch put_metric_alarm", {**ALARM, "MetricName": None}, "ValidationError",
         "MetricName must not be null"),
        ("cloudwatch put_metric_alarm", {**ALARM, "Statistic": None}, "ValidationError",
         "Exactly one of Statistic and ExtendedStatistic must be specified"),
        ("lambda list_function_url_configs", {"FunctionName": "none"}, "ResourceNotFoundException",
         "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
        ("lambda list_provisioned_concurrency_configs", {"FunctionName": "none"},
         "ResourceNotFoundException",
         "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
        ("lambda get_function_code_signing_config", {"FunctionName": "none"},
         "ResourceNotFoundException",
         "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], code: str, text: str
) -> None:
    """In AWS's words, where they are known."""
    service, action = call.split()
    given = {name: one for name, one in asked.items() if one is not None}
    said = refusal(getattr(client_of(cloud, service), action), **given)
    assert (said[0], said[2]) == (code, text)


@pytest.mark.parametrize(
    ("call", "asked", "code", "text"),
    [
        ("events put_rule", {"Name": "a rule", "ScheduleExpression": "rate(1 hour)"},
         "ValidationException",
         ("Value 'a rule' at 'name' failed to satisfy constraint: Member must satisfy regular "
         "expression pattern: [\\.\\-_A-Za-z0-9]+")),
        ("events put_targets", {"Rule": "a", "Targets": []}, "ValidationException",
         "at 'targets' failed to satisfy constraint: Member must have length greater than or"),
        ("logs create_log_group", {"logGroupName": "a group"}, "InvalidParameterException",
         ("Value 'a group' at 'logGroupName' failed to satisfy constraint: Member must satisfy "
         "regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")),
        ("logs put_log_events", {"logGroupName": "a", "logStreamName": "a", "logEvents": []},
         "InvalidParameterException",
         ("Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater "
         "than or equal to 1")),
        ("stepfunctions list_state_machines", {"maxResults": 1001}, "ValidationException",
         "Member must have value less than or equal to 1000"),
    ],
)  # fmt: skip
def test_a_value_against_the_model_is_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], code: str, text: str
) -> None:
    """As AWS's validator answers, before the service looks at it."""
    service, action = call.split()
    said = refusal(getattr(client_of(cloud, service), action), **asked)
    assert said[0] == code
    assert said[2].startswith("1 validation error detected: ")
    assert text in said[2]


def test_what_is_there_is_done(cloud: LocalCloud) -> None:
    """The same calls about a rule and an alarm."""
    events, watch = (boto3.client(name, **cloud.boto3_kwargs) for name in ("events", "cloudwatch"))
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    events.disable_rule(Name="hourly")
    assert events.describe_rule(Name="hourly")["State"] == "DISABLED"
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    assert events.list_targets_by_rule(Rule="hourly", EventBusName=bus)["Targets"] == []
    events.delete_rule(Name="hourly")
    watch.put_metric_alarm(**ALARM)
    [alarm] = watch.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Duration", 1000.0)
    watch.delete_alarms(AlarmNames=["slow"])
