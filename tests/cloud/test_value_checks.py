"""Values that AWS refuses, one of each kind, by the real client; and their neighbours, taken."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import refusal
from shapes import client_of

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
ALARM: dict[str, Any] = {
    "AlarmName": "a", "MetricName": "m", "Namespace": "n", "Period": 60, "EvaluationPeriods": 1,
    "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum",
}  # fmt: skip
ASKED: dict[str, Any] = {
    "Namespace": "n", "MetricName": "m", "StartTime": DAY, "Period": 60, "Statistics": ["Sum"],
    "EndTime": DAY + dt.timedelta(hours=1),
}  # fmt: skip
MACHINE = {"definition": "{}", "roleArn": "arn:aws:iam::000000000000:role/test"}
PARAMETER = {"Name": "p", "Value": "x", "Type": "String"}
LINES = {"logGroupName": "/values", "logStreamName": "s"}
METRIC = {"MetricName": "m", "Value": 1.0}


@pytest.mark.parametrize(
    ("call", "asked", "code", "words"),
    [
        ("sqs send_message", {"MessageBody": "a", "DelaySeconds": 901}, "InvalidParameterValue",
         "DelaySeconds must be >= 0 and <= 900."),
        ("sqs send_message",
         {"MessageBody": "a", "MessageAttributes": {"one": {"StringValue": "1"}}},
         "InvalidParameterValue", "attribute 'one' must contain a non-empty message attribute"),
        ("sqs receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue",
         "Must be >= 0 and <= 20, if provided."),
        ("sqs receive_message", {"VisibilityTimeout": 43_201}, "InvalidParameterValue",
         "Must be between 0 and 43200, if provided."),
        ("sns create_topic", {"Name": "a b"}, "InvalidParameter", "Invalid parameter: Topic Name"),
        ("sns create_topic", {"Name": "a.fifo"}, "InvalidParameter", "parameter: Topic Name"),
        ("sns create_topic", {"Name": "a", "Attributes": {"FifoTopic": "true"}},
         "InvalidParameter", "Fifo Topic names must end with .fifo"),
        ("sns publish", {"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ("sns publish", {"Message": "a", "Subject": "s" * 101}, "InvalidParameter", ": Subject"),
        ("sns publish", {"Message": '{"sqs": "a"}', "MessageStructure": "json"},
         "InvalidParameter", "Message Structure - No default entry in JSON message body"),
        ("stepfunctions create_state_machine", {**MACHINE, "name": "a b"}, "InvalidName",
         "Invalid Name: 'a b'"),
        ("stepfunctions start_execution", {"stateMachineArn": "a", "name": "a/b"}, "InvalidName",
         "Invalid Name: 'a/b'"),
        ("ssm put_parameter", {**PARAMETER, "Value": "x" * 4097}, "ValidationException",
         "Standard tier parameters support a maximum parameter value of 4096 characters."),
        ("ssm put_parameter", {**PARAMETER, "AllowedPattern": "^[0-9]+$"},
         "ParameterPatternMismatchException", "cannot be validated against allowedPattern"),
        ("ssm put_parameter", {**PARAMETER, "Type": "Number"}, "ValidationException",
         "enum value set: [String, StringList, SecureString]"),
        ("cloudwatch put_metric_data", {"Namespace": "AWS/n", "MetricData": [METRIC]},
         "InvalidParameterValue", "The value AWS/n for parameter Namespace is invalid."),
        ("cloudwatch put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m"}]},
         "MissingParameter", "At least one of the parameters MetricData.member.1."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [{**METRIC, "Value": float("inf")}]},
         "InvalidParameterValue", "for parameter MetricData.member.1.Value is invalid."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [{**METRIC, "Unit": "Apples"}]},
         "ValidationError", "'metricData.1.member.unit' failed to satisfy constraint"),
        ("cloudwatch get_metric_statistics", {**ASKED, "Statistics": None},
         "InvalidParameterCombination", "Statistics and ExtendedStatistics must be specified."),
        ("cloudwatch get_metric_statistics", {**ASKED, "Period": 7}, "InvalidParameterValue",
         "The parameter Period must be a multiple of 60"),
        ("cloudwatch get_metric_statistics", {**ASKED, "EndTime": DAY}, "InvalidParameterValue",
         "The parameter StartTime must be less than the parameter EndTime."),
        ("cloudwatch put_metric_alarm", {**ALARM, "ComparisonOperator": "More"},
         "ValidationError", "Member must satisfy enum value set: ["),
        ("cloudwatch put_metric_alarm", {**ALARM, "Period": 7}, "ValidationError",
         "Period must be 10, 20, 30 or a multiple of 60, and is 7."),
        ("cloudwatch put_metric_alarm", {**ALARM, "EvaluationPeriods": 1441}, "ValidationError",
         "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <="),
        ("cloudwatch put_metric_alarm", {**ALARM, "DatapointsToAlarm": 2}, "ValidationError",
         "DatapointsToAlarm must be less than or equal to EvaluationPeriods."),
        ("cloudwatch put_metric_alarm", {**ALARM, "AlarmActions": ["tell"]}, "ValidationError",
         "Invalid arn syntax: tell"),
        ("logs describe_log_streams",
         {"logGroupName": "a", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
         "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
        ("logs put_log_events",
         {**LINES, "logEvents": [{"timestamp": n, "message": "a"} for n in (2, 1)]},
         "InvalidParameterException", "must be in chronological order."),
        ("events put_rule",
         {"Name": "a", "EventBusName": "own", "ScheduleExpression": "rate(1 hour)"},
         "ValidationException", "ScheduleExpression is supported only on the default event bus."),
        ("iam create_group", {"GroupName": "a b"}, "ValidationError",
         "The specified value for groupName is invalid. It must contain only alphanumeric"),
        ("iam create_user", {"UserName": "u" * 65}, "ValidationError",
         "Member must have length less than or equal to 64"),
        ("iam create_role", {"RoleName": "a", "AssumeRolePolicyDocument": "{}",
                             "MaxSessionDuration": 100},
         "ValidationError", "Member must have value greater than or equal to 3600"),
        ("iam create_user", {"UserName": "a", "Tags": [{"Key": "k" * 129, "Value": "v"}]},
         "ValidationError", "'tags.1.member.key' failed to satisfy constraint"),
        ("sts get_session_token", {"DurationSeconds": 10}, "ValidationError",
         "Member must have value greater than or equal to 900"),
        ("sts assume_role", {"RoleArn": MACHINE["roleArn"], "RoleSessionName": "a b"},
         "ValidationError", "'roleSessionName' failed to satisfy constraint"),
        ("secretsmanager create_secret", {"Name": "a", "SecretString": "x" * 65_537},
         "ValidationException", "Value at 'secretString' failed to satisfy constraint"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], code: str, words: str
) -> None:
    """It was taken, and lived on in silence."""
    service, action = call.split()
    given = {name: one for name, one in asked.items() if one is not None}
    if service == "sqs":
        given["QueueUrl"] = f"{cloud.endpoint_url}/000000000000/none"
    if action == "publish":
        given["TopicArn"] = "arn:aws:sns:us-east-1:000000000000:none"
    said = refusal(getattr(client_of(cloud, service), action), **given)
    assert said[0] == code
    assert words in said[2]
    assert "SecretString" not in said[2]
    assert len(said[2]) < 1000


@pytest.fixture
def queue(cloud: LocalCloud) -> str:
    """The address of a queue."""
    return str(boto3.client("sqs", **cloud.boto3_kwargs).create_queue(QueueName="v")["QueueUrl"])


def test_a_right_value_is_taken(cloud: LocalCloud, queue: str) -> None:
    """At each limit."""

    def of(service: str) -> Any:
        return client_of(cloud, service)

    of("sqs").send_message(QueueUrl=queue, MessageBody="a", DelaySeconds=900)
    of("sqs").receive_message(QueueUrl=queue, VisibilityTimeout=43_200)
    fifo = of("sns").create_topic(Name="v.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    topic = of("sns").create_topic(Name="v" * 256)["TopicArn"]
    said = '{"default": "a"}'
    of("sns").publish(TopicArn=topic, Message=said, MessageStructure="json", Subject="s" * 100)
    of("ssm").put_parameter(**{**PARAMETER, "Value": "7" * 4096, "AllowedPattern": "^7+$"})
    of("cloudwatch").put_metric_data(Namespace="n", MetricData=[{**METRIC, "Unit": "Count"}])
    of("cloudwatch").get_metric_statistics(**{**ASKED, "Period": 10})
    of("cloudwatch").put_metric_alarm(**{**ALARM, "Period": 3600, "EvaluationPeriods": 168})
    of("iam").create_user(UserName="u" * 64, Tags=[{"Key": "k" * 128, "Value": "é"}])
    of("sts").get_session_token(DurationSeconds=900)
    for one in (fifo, topic):
        of("sns").delete_topic(TopicArn=one)
    of("iam").delete_user(UserName="u" * 64)
    of("ssm").delete_parameter(Name="p")
    of("cloudwatch").delete_alarms(AlarmNames=["a"])
