"""Put a model's tokens on a client's WebSocket: what the designs beside this file share."""

import json
import os
import time
from itertools import islice

import boto3
from client_stream import pieces

connections = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK_URL"])


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
