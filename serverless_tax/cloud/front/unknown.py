"""What ministack refuses, said as it is: in AWS's words, or that an operation is only not here.

To an operation that it does not have it answers with InvalidAction, as AWS would to a name that
nobody has. A client would look for a mistake of its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from botocore.exceptions import UnknownServiceError

from serverless_tax.cloud.front.aws_errors import AwsError, refuse
from serverless_tax.cloud.front.aws_words import in_aws_words
from serverless_tax.cloud.front.operations import model_of

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_SAYS = re.compile(
    rb"Unknown (?:\w+ )?(?:action|operation): (\w+)|The action (\w+) is not valid for this endpoint"
)
_REFUSED = (400, 404, 409)


def honest(send: Send, service: str, path: str) -> Send:
    """Send an answer on, a refusal in AWS's words; say of an operation that it is only not here.

    Args:
        send: takes the messages of the answer.
        service: that the request's signature names.
        path: of the request.
    """
    held: list[Message] = []

    async def told(message: Message) -> None:
        starts = message["type"] == "http.response.start"
        if not held and not (starts and message["status"] in _REFUSED):
            await send(message)
            return
        held.append(message)
        if starts or message.get("more_body"):
            return
        body = b"".join(one.get("body", b"") for one in held)
        found = _SAYS.search(body)
        name = (found[1] or found[2]).decode() if found else ""
        if name and name in _known(service):
            await refuse(send, _not_here(service, name))
        else:
            await _send_whole(send, held[0], in_aws_words(service, path, body))
        held.clear()

    return told


async def _send_whole(send: Send, start: Message, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    kept = [pair for pair in start["headers"] if pair[0].lower() != length[0]]
    await send({**start, "headers": [*kept, length]})
    await send({"type": "http.response.body", "body": body})


def _not_here(service: str, name: str) -> AwsError:
    text = f"This local cloud does not have this operation ({name}). AWS does."
    code = "UnknownOperationException"
    return AwsError(code, code, text, service, 404)


@functools.cache
def _known(service: str) -> frozenset[str]:
    """The names of a service's operations on AWS."""
    try:
        return frozenset(model_of(service).operation_names)
    except UnknownServiceError:
        return frozenset()
