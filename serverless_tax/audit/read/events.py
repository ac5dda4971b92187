"""Log events as JSON: what FilterLogEvents answers, what a subscription delivers, bare events.

They are read as a stream, so that an answer on one line of any length takes little memory, and
become lines as an export would have them: time, stream, message.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from serverless_tax.audit.read.grammar import function_of_log_group
from serverless_tax.ground.units import InvalidQuantity

_LARGEST_EVENT = 1 << 22
_LIST = re.compile(r'"(?:events|logEvents)"\s*:\s*\[')
_GROUP = re.compile(r'"logGroup"\s*:\s*"([^"\\]{1,512})"')
_GAP = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
#: What must be in reach before a key can be said not to be in a piece of text.
_OVERLAP = 2048


class _Arriving:
    """Text that arrives in pieces: the part in hand, and more when asked."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._pieces = (decoder.decode(block) for block in blocks)
        self.text = ""

    def more(self) -> bool:
        """Take another piece; say whether there was one."""
        piece = next((piece for piece in self._pieces if piece), None)
        self.text += piece or ""
        return piece is not None

    def drop(self, count: int) -> None:
        """Forget what has been read."""
        self.text = self.text[count:]


def event_lines(blocks: Iterable[bytes], label: str) -> Iterator[str]:
    """Yield each event of a JSON log as lines of text.

    Raises:
        InvalidQuantity: if an event cannot be read as JSON.
    """
    text = _Arriving(blocks)
    text.more()
    group = ""
    if not _LIST.search(text.text[: _OVERLAP * 8]):
        yield from _lines(_objects(text, label, "bare"), group)
        return
    while (found := _next_list(text)) is not None:
        group = found or group
        yield from _lines(_objects(text, label, "list"), group)


def _next_list(text: _Arriving) -> str | None:
    """Move behind the bracket of the next list; return the group named before it, or None."""
    while True:
        found = _LIST.search(text.text)
        if found:
            groups = _GROUP.findall(text.text[: found.start()])
            text.drop(found.end())
            return groups[-1] if groups else ""
        if len(text.text) > _OVERLAP:
            text.drop(len(text.text) - _OVERLAP)
        if not text.more():
            return None


def _objects(text: _Arriving, label: str, form: str) -> Iterator[Any]:
    """Yield the objects of a list up to its end, or bare ones up to the end of the text."""
    position = 0
    if form == "bare":
        text.drop(len(text.text) - len(text.text.lstrip().removeprefix("[")))
    while True:
        gap = _GAP.match(text.text, position)
        position = gap.end() if gap else position
        if position >= len(text.text):
            text.drop(position)
            position = 0
            if not text.more():
                return
            continue
        if text.text[position] == "]":
            text.drop(position + 1)
            return
        try:
            value, position = _DECODER.raw_decode(text.text, position)
        except (ValueError, RecursionError):
            text.drop(position)
            position = 0
            _read_on(text, label)
            continue
        yield value


def _read_on(text: _Arriving, label: str) -> None:
    """Take more text, for an event that is not whole yet."""
    if len(text.text) > _LARGEST_EVENT * 4 or not text.more():
        start = " ".join(text.text[:60].split())
        msg = f"{label} is not whole: its JSON cannot be read from {start!r} on; fetch it again."
        raise InvalidQuantity(msg)


def _lines(events: Iterator[Any], group: str) -> Iterator[str]:
    for event in events:
        if isinstance(event, dict) and isinstance(event.get("message"), str):
            prefix = _prefix(event, group)
            for line in event["message"].splitlines():
                yield prefix + line


def _prefix(event: dict[str, Any], group: str) -> str:
    """Return the time and the stream as ``aws logs tail`` writes them, if the event has a time."""
    stamp = event.get("timestamp")
    if not isinstance(stamp, int) or not 0 <= stamp < 10**14:
        return ""
    when = datetime.fromtimestamp(stamp / 1000, UTC).isoformat(timespec="milliseconds")
    stream = event.get("logStreamName")
    if not isinstance(stream, str) or any(c in stream for c in ' \n\r"{'):
        stream = ""
    if group:
        stream = f"{when[:10].replace('-', '/')}/{function_of_log_group(group)}[]"
    return f"{when.replace('+00:00', 'Z')} {stream}{' ' if stream else ''}"
