"""Operations that a service has on AWS and not here: ministack says that AWS does not know them.

It answers with InvalidAction, as AWS would to a name that nobody has. A client would look for a
mistake of its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from botocore.exceptions import UnknownServiceError

from serverless_tax.cloud.front.aws_errors import AwsError, refuse
from serverless_tax.cloud.front.operations import model_of

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_SAYS = re.compile(
    rb"Unknown (?:\w+ )?(?:action|operation): (\w+)|The action (\w+) is not valid for this endpoint"
)
_REFUSED = (400, 404)


def honest(send: Send, service: str) -> Send:
    """Send an answer on, and say of an unknown operation that it is only not here.

    Args:
        send: takes the messages of the answer.
        service: that the request's signature names.
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
        found = _SAYS.search(b"".join(one.get("body", b"") for one in held))
        name = (found[1] or found[2]).decode() if found else ""
        if name and name in _known(service):
            await refuse(send, _not_here(service, name))
        else:
            for one in held:
                await send(one)
        held.clear()

    return told


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
