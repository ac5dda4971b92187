"""Where events may go: what AWS refuses, and what this cloud would not send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import ARN, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

EVERY = "s3:ObjectCreated:*"


@pytest.fixture(scope="module")
def clients(cloud: LocalCloud) -> Iterator[dict[str, Any]]:
    """A client of each service, with a rule, a topic, a bucket and a log group."""
    names = ("events", "sns", "s3", "sqs", "logs", "pipes", "lambda", "scheduler")
    made = {name: boto3.client(name, **cloud.boto3_kwargs) for name in names}
    made["events"].put_rule(Name="led", ScheduleExpression="rate(1 day)")
    made["sns"].create_topic(Name="led")
    made["s3"].create_bucket(Bucket="led-away")
    made["logs"].create_log_group(logGroupName="/led")
    yield made
    made["events"].delete_rule(Name="led")
    made["sns"].delete_topic(TopicArn="arn:aws:sns:us-east-1:000000000000:led")
    made["s3"].delete_bucket(Bucket="led-away")
    made["logs"].delete_log_group(logGroupName="/led")


def told(function: str, *events: str) -> dict[str, Any]:
    """A bucket's notifications to a function, one for each event."""
    every = [{"LambdaFunctionArn": ARN + function, "Events": [one]} for one in events or (EVERY,)]
    return {
        "Bucket": "led-away",
        "NotificationConfiguration": {"LambdaFunctionConfigurations": every},
    }


def to(arn: str, **more: Any) -> dict[str, Any]:
    """A rule with one target."""
    return {"Rule": "led", "Targets": [{"Id": "1", "Arn": arn, **more}]}


ROLE = "arn:aws:iam::000000000000:role/test"
TOPIC = {"TopicArn": "arn:aws:sns:us-east-1:000000000000:led"}
PIPE = {"Name": "led", "RoleArn": ROLE, "Source": "arn:aws:sqs:us-east-1:000000000000:q"}
AT = {"Name": "led", "ScheduleExpression": "at(2030-01-01T00:00:00)"}
CLOCK = ROLE.replace("test", "clock")
TARGET = {"Target": {"Arn": f"{ARN}f", "RoleArn": CLOCK}, "FlexibleTimeWindow": {"Mode": "OFF"}}


@pytest.mark.parametrize(
    ("call", "asked", "text"),
    [
        ("events put_rule", {"Name": "no"}, "EventPattern or ScheduleExpression must be"),
        ("events put_targets", to(f"{ARN}f", Input="{}", InputPath="$.a"), "Only one of Input"),
        ("events put_targets", to(f"{ARN}f", Input="{"), "JSON syntax error in input"),
        ("events put_targets", to("arn:aws:ecs:us-east-1:000000000000:cluster/a"),
         "sends events to functions, queues"),
        ("events put_targets",
         {"Rule": "led", "Targets": [{"Id": str(n), "Arn": f"{ARN}f"} for n in range(6)]},
         "exceeds the maximum number allowed"),
        ("scheduler create_schedule",
         {**AT, **TARGET, "ScheduleExpressionTimezone": "Europe/Berlin"}, "schedules are in UTC"),
        ("scheduler create_schedule", {**AT, **TARGET, "FlexibleTimeWindow": {"Mode": "WIDE"}},
         "'WIDE' at 'flexibleTimeWindow.mode' failed"),
        ("scheduler create_schedule",
         {**AT, **TARGET, "Target": {"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/a",
                                     "RoleArn": CLOCK}}, "schedules call functions, queues"),
        ("scheduler create_schedule",
         {**AT, **TARGET, "Target": {"Arn": f"{ARN}f", "RoleArn": ROLE}},
         "must allow AWS EventBridge Scheduler to assume the role"),
        ("pipes create_pipe", {**PIPE, "Target": f"{ARN}f"}, "pipes lead from a DynamoDB"),
        ("sns subscribe", {**TOPIC, "Protocol": "fax", "Endpoint": "1"},
         "Amazon SNS does not support this protocol string: fax"),
        ("sns subscribe", {**TOPIC, "Protocol": "email", "Endpoint": "a@b.example"},
         "delivers no messages by email"),
        ("sns subscribe",
         {**TOPIC, "Protocol": "lambda", "Endpoint": ARN, "Attributes": {"FilterPolicy": "{"}},
         "failed to parse JSON"),
        ("sqs create_queue", {"QueueName": "a b"}, "Can only include alphanumeric characters"),
        ("sqs create_queue", {"QueueName": "led", "Attributes": {"Colour": "red"}},
         "Unknown Attribute Colour."),
        ("s3 put_bucket_notification_configuration", told("none"), "Unable to validate the"),
        ("s3 put_bucket_notification_configuration",
         told("none", "s3:ObjectCreated:Put", "s3:ObjectCreated:*"), "ambiguously defined."),
        ("s3 put_bucket_notification_configuration", told("none", "s3:Banana"),
         "not supported for notifications"),
        ("s3 put_bucket_notification_configuration", told("none", "s3:ObjectTagging:*"),
         "tells of no s3:ObjectTagging:* (Event)"),
        ("logs put_subscription_filter",
         {"logGroupName": "/led", "filterName": "a", "filterPattern": "",
          "destinationArn": f"{ARN}none"}, "Could not execute the lambda function"),
    ],
)  # fmt: skip
def test_what_would_not_arrive_is_refused(
    clients: dict[str, Any], call: str, asked: dict[str, Any], text: str
) -> None:
    """With AWS's sentence, or one that names this cloud."""
    service, action = call.split()
    assert text in refusal(getattr(clients[service], action), **asked)[2]


def test_a_bucket_and_a_log_reach_a_function_that_lets_them(
    clients: dict[str, Any], echo: str
) -> None:
    """Each by a statement of its own in the function's policy."""
    lambda_ = clients["lambda"]
    calls = {
        "s3": lambda: clients["s3"].put_bucket_notification_configuration(**told(echo)),
        "logs": lambda: clients["logs"].put_subscription_filter(
            logGroupName="/led", filterName="a", filterPattern="", destinationArn=ARN + echo
        ),
    }
    for service, call in calls.items():
        refusal(call)
        own = {"FunctionName": echo, "StatementId": service}
        principal = f"{service}.amazonaws.com"
        lambda_.add_permission(**own, Action="lambda:InvokeFunction", Principal=principal)
        call()
        lambda_.remove_permission(**own)


def test_no_telephone_rings(clients: dict[str, Any]) -> None:
    """A text message is refused, and not said to be sent."""
    said = refusal(clients["sns"].publish, PhoneNumber="+15550100", Message="a")
    assert said[0] == "InvalidParameter"
    assert "no text messages" in said[2]


def test_an_expression_of_metrics_is_refused(cloud: LocalCloud) -> None:
    """With a status that a client raises."""
    metrics = boto3.client("cloudwatch", **cloud.boto3_kwargs)
    query = {"Id": "e1", "Expression": "SUM(METRICS())"}
    said = refusal(metrics.get_metric_data, MetricDataQueries=[query], StartTime=0, EndTime=60)
    assert said[:2] == ("ValidationError", 400)


def test_a_bad_entry_fails_alone(clients: dict[str, Any]) -> None:
    """Its neighbours are taken, in their order."""
    good = {"Source": "own", "DetailType": "told", "Detail": "{}"}
    asked = [good, {**good, "Detail": "{"}, good, {"Source": "own", "Detail": "{}"}]
    asked.append({**good, "Detail": '"no object"'})
    answer = clients["events"].put_events(Entries=asked)
    codes = [one.get("ErrorCode") for one in answer["Entries"]]
    assert codes == [None, "MalformedDetail", None, "InvalidArgument", "MalformedDetail"]
    assert answer["FailedEntryCount"] == 3
    large = {**good, "Detail": '{"a": "' + "a" * 1024 * 512 + '"}'}
    assert clients["events"].put_events(Entries=[large])["FailedEntryCount"] == 0
    assert "over the limit" in refusal(clients["events"].put_events, Entries=[large, large])[2]


def test_a_bucket_of_others_is_not_touched(clients: dict[str, Any]) -> None:
    """Whoever names the account that they expect is told of another."""
    asked = {"Bucket": "led-away", "Key": "a", "Body": b"a"}
    said = refusal(clients["s3"].put_object, **asked, ExpectedBucketOwner="111122223333")
    assert said == ("AccessDenied", 403, "Access Denied")
    clients["s3"].put_object(**asked, ExpectedBucketOwner="000000000000")
    clients["s3"].delete_object(Bucket="led-away", Key="a")


def test_dead_letters_go_to_a_queue_of_the_same_kind(clients: dict[str, Any]) -> None:
    """A queue in order keeps them in order; AWS refuses another when it is set."""
    queues, fifo = clients["sqs"], {"FifoQueue": "true"}
    queues.create_queue(QueueName="dead")
    queues.create_queue(QueueName="dead.fifo", Attributes=fifo)
    for name, other in (("alive", "dead.fifo"), ("alive.fifo", "dead")):
        own = fifo if "fifo" in name else {}
        url = queues.create_queue(QueueName=name, Attributes=own)["QueueUrl"]
        for kind, call in (("", queues.set_queue_attributes), ("2", queues.create_queue)):
            asked = {"QueueUrl": url} if not kind else {"QueueName": f"{kind}{name}"}
            policy = f'{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:{other}",'
            given = {**own, "RedrivePolicy": policy + '"maxReceiveCount":2}'}
            code, _, text = refusal(call, **asked, Attributes=given)
            assert "InvalidParameterValue" in code
            assert text.endswith("Dead-letter queue must be same type of queue as the source.")
            same = given["RedrivePolicy"].replace(f":{other}", f":dead{name[5:]}")
            call(**asked, Attributes={**own, "RedrivePolicy": same})
