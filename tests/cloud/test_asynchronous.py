"""What AWS sends after an asynchronous invocation: to destinations, and to a dead-letter queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

CODE = (
    "def handler(event, context):\n  if event.get('fail'): raise ValueError('no')\n  return 'yes'"
)


@pytest.fixture
def queue(cloud: LocalCloud) -> Any:
    """A queue's address, its ARN, and a function that waits for its next message."""
    sqs = boto3.client("sqs", **cloud.boto3_kwargs)
    url = sqs.create_queue(QueueName="records")["QueueUrl"]
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
