"""Send the tokens, one or several a message, and return after the last."""

import json

from metered import metered
from sockets import answer


@metered
def handler(event: dict, context: object) -> dict:
    """Answer one message."""
    answer(event["requestContext"]["connectionId"], json.loads(event["body"]))
    return {"statusCode": 200}
