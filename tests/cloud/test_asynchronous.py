"""What AWS sends after an asynchronous invocation: to destinations, and to a dead-letter queue."""

from __future__ import annotations

import contextlib
import json
import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from waiters import until

from serverless_tax.cloud.front.batches import is_report

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

CODE = (
    "def handler(event, context):\n  if event.get('fail'): raise ValueError('no')\n  return 'yes'"
)


@pytest.fixture
def queue(cloud: LocalCloud) -> Any:
    """A queue's address, its ARN, and a function that waits for its next message."""
    sqs = boto3.client("sqs", **cloud.boto3_kwargs)
    url = sqs.create_queue(QueueName=f"records-{uuid.uuid4().hex}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]

    def receive() -> Any:
        asked = {"MessageAttributeNames": ["All"], "WaitTimeSeconds": 20}
        return sqs.receive_message(QueueUrl=url, **asked)["Messages"][0]

    yield arn["QueueArn"], receive
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    ("event", "condition"), [({}, "Success"), ({"fail": 1}, "RetriesExhausted")]
)
def test_a_destination_gets_the_record(
    deploy: Any, queue: Any, event: dict[str, int], condition: str
) -> None:
    """The fields that AWS documents, for an answer and for a failure."""
    arn, receive = queue
    function = deploy(CODE)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}},
    )
    asked = function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event)
    )
    got = json.loads(receive()["Body"])

    assert got["version"] == "1.0"
    assert got["timestamp"].endswith("Z")
    assert got["requestContext"] == {
        "requestId": asked["ResponseMetadata"]["RequestId"],
        "functionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}:$LATEST",
        "condition": condition,
        "approximateInvokeCount": 1,
    }
    assert got["requestPayload"] == event
    said = {"statusCode": 200, "executedVersion": "$LATEST"}
    if event:
        assert got["responseContext"] == {**said, "functionError": "Unhandled"}
        assert got["responsePayload"]["errorType"] == "ValueError"
    else:
        assert (got["responseContext"], got["responsePayload"]) == (said, "yes")


def test_a_dead_letter_is_the_event_itself(deploy: Any, queue: Any) -> None:
    """What is known of the failure stands in its attributes."""
    arn, receive = queue
    function = deploy(CODE, DeadLetterConfig={"TargetArn": arn})
    function.client.put_function_event_invoke_config(
        FunctionName=function.name, MaximumRetryAttempts=0
    )
    asked = function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=b'{"fail": 1}'
    )
    got = receive()

    assert json.loads(got["Body"]) == {"fail": 1}
    attributes = {name: one["StringValue"] for name, one in got["MessageAttributes"].items()}
    assert attributes == {
        "RequestID": asked["ResponseMetadata"]["RequestId"],
        "ErrorCode": "200",
        "ErrorMessage": "no",
    }


def test_without_concurrency_nothing_is_tried(deploy: Any, queue: Any) -> None:
    """The event goes to its destination at once."""
    arn, receive = queue
    function = deploy(CODE)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b"[1]")
    got = json.loads(receive()["Body"])
    context = got["requestContext"]
    assert context["condition"] == "ZeroReservedConcurrency"
    assert (context["approximateInvokeCount"], got["requestPayload"]) == (0, [1])
    assert "responsePayload" not in got


def test_a_dead_letter_without_concurrency_says_so(deploy: Any, queue: Any) -> None:
    """It has no code, as nothing has answered."""
    arn, receive = queue
    function = deploy(CODE, DeadLetterConfig={"TargetArn": arn})
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b"[1e400]")
    got = receive()
    assert got["Body"] == "[1e400]"
    told = {name: one["StringValue"] for name, one in got["MessageAttributes"].items()}
    assert told.keys() == {"RequestID", "ErrorMessage"}
    assert told["ErrorMessage"].endswith("with zero reserved concurrent executions")


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        (None, True),
        ({}, True),
        ({"batchItemFailures": None}, True),
        ({"batchItemFailures": []}, True),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, True),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, False),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, False),
        ({"batchItemFailures": [{"id": "a"}]}, False),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, False),
        ({"batchItemFailures": "a"}, False),
        ("a", False),
    ],
)
def test_a_report_of_a_batch_names_its_messages(answer: Any, *, is_one: bool) -> None:
    """Anything else is the failure of all of it, as AWS documents."""
    assert is_report(answer, {"a"}) is is_one


def test_a_report_that_cannot_be_read_loses_no_message(cloud: LocalCloud, deploy: Any) -> None:
    """The message comes again, and the next report is good."""
    sqs = boto3.client("sqs", **cloud.boto3_kwargs)
    made = {"QueueName": "batched", "Attributes": {"VisibilityTimeout": "1"}}
    url = sqs.create_queue(**made)["QueueUrl"]
    function = deploy(
        """
        def handler(event, context):
            [one] = event["Records"]
            count = int(one["attributes"]["ApproximateReceiveCount"])
            print("GOOD" if count > 1 else "BAD", one["body"])
            return {"batchItemFailures": [] if count > 1 else [{"itemIdentifier": ""}]}
        """,
        timeout=1,
    )
    mapping = function.client.create_event_source_mapping(
        FunctionName=function.name,
        EventSourceArn="arn:aws:sqs:us-east-1:000000000000:batched",
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )["UUID"]
    sqs.send_message(QueueUrl=url, MessageBody="once")
    logs = boto3.client("logs", **cloud.boto3_kwargs)
    group = f"/aws/lambda/{function.name}"

    def came_again() -> bool:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            found = logs.filter_log_events(logGroupName=group, filterPattern='"GOOD once"')
            return bool(found["events"])
        return False

    until(came_again)
    function.client.delete_event_source_mapping(UUID=mapping)
    sqs.delete_queue(QueueUrl=url)


def test_a_batch_is_gathered_for_its_window(cloud: LocalCloud, deploy: Any) -> None:
    """Or until it is full; it has more than the ten messages that one call receives."""
    sqs = boto3.client("sqs", **cloud.boto3_kwargs)
    url = sqs.create_queue(QueueName="gathered")["QueueUrl"]
    function = deploy(
        "def handler(event, context): print('GOT', len(event['Records']))", timeout=20
    )
    mapping = function.client.create_event_source_mapping(
        FunctionName=function.name,
        EventSourceArn="arn:aws:sqs:us-east-1:000000000000:gathered",
        BatchSize=25,
        MaximumBatchingWindowInSeconds=300,
    )["UUID"]

    def send(count: int) -> None:
        for _ in range(count):
            sqs.send_message(QueueUrl=url, MessageBody="a")

    def got() -> list[str]:
        logs, group = boto3.client("logs", **cloud.boto3_kwargs), f"/aws/lambda/{function.name}"
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            found = logs.filter_log_events(logGroupName=group, filterPattern="GOT")["events"]
            return [one["message"].strip() for one in found]
        return []

    send(25)
    until(lambda: got() == ["GOT 25"])
    send(3)
    function.client.update_event_source_mapping(UUID=mapping, MaximumBatchingWindowInSeconds=1)
    until(lambda: got() == ["GOT 25", "GOT 3"])
    function.client.delete_event_source_mapping(UUID=mapping)
    sqs.delete_queue(QueueUrl=url)
