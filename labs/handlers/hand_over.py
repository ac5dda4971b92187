"""Leave the answer to a worker behind a queue."""

import json
import os

import boto3
from metered import metered

queue = boto3.client("sqs")


@metered
def handler(event: dict, context: object) -> dict:
    """Put one job into the queue."""
    job = {**json.loads(event["body"]), "connection_id": event["requestContext"]["connectionId"]}
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(job))
    return {"statusCode": 200}
