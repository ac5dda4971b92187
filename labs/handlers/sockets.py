"""Four ways to answer over a WebSocket, one named by each message.

`callback` returns at once and lets a thread send, `wait` sends each token before it returns,
`batch` sends several a message, and `hand over` leaves the answer to a worker behind a queue.
"""

import json
import os
import threading
import time
from itertools import islice

import boto3
from client_stream import pieces
from metered import metered

connections = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK_URL"])
queue = boto3.client("sqs")


def send(connection_id: str, message: dict) -> None:
    """One signed call: it puts one message on the client's socket."""
    connections.post_to_connection(ConnectionId=connection_id, Data=json.dumps(message).encode())


def answer(connection_id: str, asked: dict) -> None:
    """Send the tokens, so many a message."""
    tokens = pieces("Why is my bill so high?", asked["max_tokens"])
    calls, took_s = 0, 0.0
    while batch := list(islice(tokens, asked.get("tokens_per_message", 1))):
        began = time.perf_counter()
        send(connection_id, {"to": asked["id"], "tokens": batch})
        calls, took_s = calls + 1, took_s + time.perf_counter() - began
    print(json.dumps({"calls": calls, "ms_a_call": round(1000 * took_s / calls, 3)}))


@metered
def handler(event: dict, context: object) -> dict:
    """Answer one message in the way it asks for; say nothing to $connect and $disconnect."""
    about = event["requestContext"]
    if about["eventType"] == "MESSAGE":
        asked = json.loads(event["body"])
        connection_id = about["connectionId"]
        if asked["design"] == "hand over":
            job = json.dumps({**asked, "connection_id": connection_id})
            queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=job)
        elif asked["design"] == "callback":
            threading.Thread(target=answer, args=(connection_id, asked), daemon=True).start()
        else:
            answer(connection_id, asked)
    return {"statusCode": 200}
