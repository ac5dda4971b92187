"""The event of an invocation, as Lambda's API reads it."""

from __future__ import annotations

import json

from serverless_tax.ground.lambda_facts import PAYLOAD_BYTES

TOO_LARGE_AN_EVENT = (
    f"Request must be smaller than {PAYLOAD_BYTES} bytes for the InvokeFunction operation"
)
"""Of a synchronous invocation, as AWS says it: awslabs/aws-athena-query-federation, issue 793. The
text for an asynchronous one stands in ASFHyP3/hyp3, issue 2241."""


def unreadable(body: bytes) -> str:
    """Return why AWS refuses an event, which has to be JSON; empty for one that it takes.

    A missing event is an empty one.

    >>> print(unreadable(b"[NaN]"))
    Could not parse request body into json: Could not parse payload into json: Non-standard token
    'NaN'
    """
    reason = ""
    try:
        json.loads(body.decode() or "{}", parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        reason = f"Invalid UTF-8 start byte 0x{body[error.start]:x}"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    could_not = "Could not parse request body into json: Could not parse payload into json"
    return f"{could_not}: {reason}" if reason else ""


def _refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, which JSON does not have."""
    msg = f"Non-standard token '{name}'"
    raise ValueError(msg)
