"""Lists of Lambda's API by pages: a marker is one that a list gave, and no filter is passed over.

ministack's markers are names. One that it does not find begins the list anew, so that a clean-up
that deletes a page's functions before it asks for the next would never end.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from serverless_tax.cloud.durable.api import Reply, error_reply
from serverless_tax.cloud.durable.engine import DurableError
from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.sockets import LAMBDA

Handle = Callable[..., Awaitable[Reply]]
_GIVEN = "after "
_OF_DURABLE = "/durable-executions"
_FILTERS = ("FunctionVersion", "MasterRegion")
"""What ministack's lists pass over."""


def paged(original: Handle) -> Handle:
    """Return the same handler, of whose lists a client sees pages as AWS's."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, asked: dict[str, Any]
    ) -> Reply:
        if method != "GET" or _OF_DURABLE in path:  # whose lists have pages of their own
            return await original(method, path, headers, body, asked)
        names = vars(import_module(LAMBDA))
        left = next(filter(asked.get, _FILTERS), "")
        wrong = f"This local cloud's lists have no filter {left}. {MAY}" if left else ""
        if marker := names["_qp_first"](asked, "Marker"):
            place = _opened(marker)
            wrong = wrong or ("" if place else "Invalid Marker")
            if path.rstrip("/").endswith("/functions"):
                before = [name for name in names["_functions"] if name <= place]
                place = max(before, default="")
            asked = {**asked, "Marker": place}
        if wrong:
            return error_reply(DurableError("InvalidParameterValueException", wrong))
        reply = await original(method, path, headers, body, asked)
        if b'"NextMarker"' not in bytes(reply[2]):
            return reply
        said = json.loads(reply[2])
        if said.get("NextMarker"):
            said["NextMarker"] = base64.b64encode((_GIVEN + said["NextMarker"]).encode()).decode()
        return *reply[:2], json.dumps(said).encode()

    return handle


def _opened(marker: str) -> str:
    """The name in a marker; empty if no list gave it."""
    try:
        said = base64.b64decode(marker, validate=True).decode()
    except ValueError:
        return ""
    return said.removeprefix(_GIVEN) if said.startswith(_GIVEN) else ""
