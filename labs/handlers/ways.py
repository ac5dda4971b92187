"""One function for the three handlers beside this file: each event names its own."""

import awaited
import blocking
import gathered
from metered import metered

HANDLERS = {
    "blocking": blocking.handler,
    "awaited": awaited.handler,
    "gathered": gathered.handler,
}


@metered
def handler(event: dict, context: object) -> dict:
    """Get answers of event["lengths"] tokens in the way event["how"] names."""
    return HANDLERS[event["how"]](event, context)
