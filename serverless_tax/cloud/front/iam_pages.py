"""Pages of IAM's lists: ministack gives every list whole, whatever MaxItems and Marker say.

The text about a marker that is none is that of faiscadev/fakecloud #1615.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

from botocore.loaders import Loader

from serverless_tax.cloud.front.iam_checks import IAM

Handle = Callable[[Mapping[str, Any]], Any]
_USUAL = 100
_SPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


def install() -> None:
    """Give every list of ministack's table its pages, by botocore's model of them."""
    handlers = vars(import_module(IAM))["_IAM_HANDLERS"]
    paged = Loader().load_service_model("iam", "paginators-1")["pagination"]
    for action, told in paged.items():
        if action in handlers:
            keys = told["result_key"]
            handlers[action] = _paged(handlers[action], keys if isinstance(keys, list) else [keys])


def _paged(original: Handle, keys: list[str]) -> Handle:
    def listed(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        most = int(names["_p"](params, "MaxItems") or _USUAL)
        given = str(names["_p"](params, "Marker") or "")
        try:
            after = base64.b64decode(given.encode(), validate=True).decode()
        except (binascii.Error, ValueError):
            after = ""
        if given and not after:
            return names["_error"](400, "ValidationError", "Invalid Marker.", ns="iam")
        status, headers, body = original(params)
        if status != 200:  # noqa: PLR2004 - HTTP's
            return status, headers, body
        return status, headers, _page(body, keys, most, after)

    return listed


def _page(body: bytes, keys: list[str], most: int, after: str) -> bytes:
    """A page of an answer: what follows a place, in the order of the texts of what is listed.

    Whoever deletes what a page lists finds the rest on the next one.
    """
    root = ET.fromstring(body)  # noqa: S314 - ministack's own answer
    lists = [(key, one) for key in keys for one in root.iter(f"{{{_SPACE}}}{key}")]
    every = sorted(
        ((f"{number}{''.join(item.itertext())}", item, one)
         for number, (_, one) in enumerate(lists) for item in one),
        key=lambda entry: entry[0],
    )  # fmt: skip
    left = [entry for entry in every if entry[0] > after]
    if not after and len(left) <= most:
        return body
    kept = [entry[1] for entry in left[:most]]
    for _, one in lists:
        one[:] = [item for item in kept if item in list(one)]
    truncated = next(root.iter(f"{{{_SPACE}}}IsTruncated"))
    if len(left) > most:
        truncated.text = "true"
        marker = base64.b64encode(left[most - 1][0].encode()).decode()
        parent = next(one for one in root.iter() if truncated in list(one))
        ET.SubElement(parent, f"{{{_SPACE}}}Marker").text = marker
    ET.register_namespace("", _SPACE)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
