"""Tags that AWS keeps for itself, and expressions that are no schedule."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import ARN, refusal

from serverless_tax.cloud.roles import OF_LAMBDA

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

KEPT = {"AWS:owner": "me"}
LISTED = [{"Key": "aws:owner", "Value": "me"}]
KEYS = {
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.mark.parametrize(
    ("call", "asked", "code"),
    [
        (("lambda", "tag_resource"), {"Resource": "FUNCTION", "Tags": KEPT},
         "InvalidParameterValueException"),
        (("iam", "create_role"),
         {"RoleName": "kept", "AssumeRolePolicyDocument": OF_LAMBDA, "Tags": LISTED},
         "InvalidInput"),
        (("logs", "create_log_group"), {"logGroupName": "/kept", "tags": KEPT},
         "InvalidParameterException"),
        (("sqs", "create_queue"), {"QueueName": "kept", "tags": KEPT}, "InvalidParameterValue"),
        (("dynamodb", "create_table"), {"TableName": "kept", **KEYS, "Tags": LISTED},
         "ValidationException"),
        (("s3", "put_bucket_tagging"), {"Bucket": "kept", "Tagging": {"TagSet": LISTED}},
         "InvalidTag"),
        (("s3", "put_object"), {"Bucket": "kept", "Key": "a", "Tagging": "aws%3Aowner=me"},
         "InvalidTag"),
        (("cognito-idp", "create_user_pool"), {"PoolName": "kept", "UserPoolTags": KEPT},
         "InvalidParameterException"),
        (("apigatewayv2", "create_api"), {"Name": "kept", "ProtocolType": "HTTP", "Tags": KEPT},
         "BadRequestException"),
        (("cloudformation", "create_stack"),
         {"StackName": "kept", "TemplateBody": "{}", "Tags": LISTED}, "ValidationError"),
    ],
)  # fmt: skip
def test_a_tag_of_awss_own_is_refused(
    cloud: LocalCloud, echo: str, call: tuple[str, str], asked: dict[str, Any], code: str
) -> None:
    """Whatever the service, and however its requests are written."""
    client = boto3.client(call[0], **cloud.boto3_kwargs)
    asked = {name: ARN + echo if one == "FUNCTION" else one for name, one in asked.items()}
    said, status, text = refusal(getattr(client, call[1]), **asked)
    assert (said, status) == (code, 400)
    assert "aws:" in text or "System tags" in text


def test_an_event_may_have_such_tags(deploy: Any) -> None:
    """They are the function's to read, and not this cloud's."""
    event = {"tags": KEPT, "Tags": LISTED}
    assert deploy("def handler(event, context): return event").invoke(**event).payload == event


def test_a_schedule_needs_a_role_that_is_there(clocks: Any, echo: str) -> None:
    """In the words of the Scheduler."""
    target = {"Arn": ARN + echo, "RoleArn": "arn:aws:iam::000000000000:role/none"}
    put = {"Name": "told", "ScheduleExpression": "rate(1 minute)", "Target": target}
    code, _, text = refusal(clocks[1].create_schedule, **put, FlexibleTimeWindow={"Mode": "OFF"})
    assert code == "ValidationException"
    assert text.startswith("The execution role you provide must allow")


@pytest.fixture(scope="module")
def clocks(cloud: LocalCloud) -> Any:
    """A client of EventBridge, and one of its Scheduler."""
    return [boto3.client(name, **cloud.boto3_kwargs) for name in ("events", "scheduler")]


@pytest.mark.parametrize(
    ("expression", "takers"),
    [
        ("rate(1 minute)", "events scheduler"),
        ("rate(5 minutes)", "events scheduler"),
        ("rate(1 minutes)", "scheduler"),
        ("rate(5 minute)", "scheduler"),
        ("rate(0 minutes)", ""),
        ("rate(1 second)", ""),
        ("cron(0 12 * * ? *)", "events scheduler"),
        ("cron(0 12 * * *)", ""),
        ("cron(0 25 * * ? *)", ""),
        ("cron(60 12 * * ? *)", ""),
        ("cron(0 12 32 * ? *)", ""),
        ("cron(0 12 ? 13 MON *)", ""),
        ("cron(0 12 ? * 8 *)", ""),
        ("cron(0 12 ? * ? *)", ""),
        ("cron(0 12 * * ? 1900)", ""),
        ("cron(0/15 8-17 ? JAN-MAR MON-FRI 2030-2040)", "events scheduler"),
        ("cron(0 12 L * ? *)", "events scheduler"),
        ("at(2030-01-01T00:00:00)", "scheduler"),
        ("soon", ""),
    ],
)
def test_a_schedule_is_one(clocks: Any, echo: str, expression: str, takers: str) -> None:
    """A rule has a rate in the singular or the plural, as its number is; a schedule in both."""
    events, schedules = clocks
    put = {"Name": "told", "ScheduleExpression": expression}
    if "events" in takers:
        events.put_rule(**put, State="DISABLED")
        events.delete_rule(Name="told")
    else:
        said = refusal(events.put_rule, **put)
        assert said == ("ValidationException", 400, "Parameter ScheduleExpression is not valid.")
    role = "arn:aws:iam::000000000000:role/clock"
    put |= {"Target": {"Arn": ARN + echo, "RoleArn": role}, "FlexibleTimeWindow": {"Mode": "OFF"}}
    if "scheduler" in takers:
        schedules.create_schedule(**put, State="DISABLED")
        schedules.delete_schedule(Name="told")
    else:
        said = refusal(schedules.create_schedule, **put)
        assert said[2] == f"Invalid Schedule Expression {expression}."


def test_a_schedule_tells_of_itself(cloud: LocalCloud, clocks: Any) -> None:
    """What stands in pointed brackets in its input."""
    queue = boto3.client("sqs", **cloud.boto3_kwargs)
    url = queue.create_queue(QueueName="told")["QueueUrl"]
    asked = {f"<aws.scheduler.{name}>" for name in ("schedule-arn", "scheduled-time", "no")}
    at = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    target = {
        "Arn": "arn:aws:sqs:us-east-1:000000000000:told",
        "RoleArn": "arn:aws:iam::000000000000:role/clock",
        "Input": json.dumps({"tried": "<aws.scheduler.attempt-number>", "asked": sorted(asked)}),
    }
    made = clocks[1].create_schedule(
        Name="telling", ScheduleExpression=f"at({at})", Target=target,
        FlexibleTimeWindow={"Mode": "OFF"},
    )  # fmt: skip
    [got] = queue.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    said = json.loads(got["Body"])
    assert said["tried"] == "1"
    assert said["asked"] == ["<aws.scheduler.no>", made["ScheduleArn"], f"{at}Z"]
