"""One function for the designs beside this file: each message names the one that it wants."""

import json

import callback
import hand_over
import wait
from metered import metered

HANDLERS = {
    "callback": callback.handler,
    "wait": wait.handler,
    "batch": wait.handler,
    "hand over": hand_over.handler,
}


@metered
def handler(event: dict, context: object) -> dict:
    """Pass a message on; say nothing to $connect and $disconnect."""
    if event["requestContext"]["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    return HANDLERS[json.loads(event["body"])["design"]](event, context)
