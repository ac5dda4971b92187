"""Return at once, and let a thread send."""

import json
import threading

from metered import metered
from sockets import answer


@metered
def handler(event: dict, context: object) -> dict:
    """Leave the answer to a thread that nobody waits for."""
    to = event["requestContext"]["connectionId"], json.loads(event["body"])
    threading.Thread(target=answer, args=to, daemon=True).start()
    return {"statusCode": 200}
