"""Logs as they may arrive, from a seed: records, in what carries a log, in what carries that.

Each has records of its own, and is read in memory. What leaves every record as it is counts
exactly; what cuts, wraps or shuffles leaves at least a word for each record that is named.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import html
import json
import random
import re
import textwrap
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self
from unittest.mock import patch

import numpy as np
from audit_logs import line

from serverless_tax.audit import run as adding
from serverless_tax.audit.read import readers
from serverless_tax.audit.read.blocks import Block, is_document, line_blocks
from serverless_tax.audit.read.columns import BEGIN, BETWEEN_LOGS
from serverless_tax.audit.read.columns import read as read_columns
from serverless_tax.audit.read.documents import is_part
from serverless_tax.audit.read.plain import Ints
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.read.text_lines import TextLines
from serverless_tax.audit.read.unpack import unpacked
from serverless_tax.audit.sums import tally as tally_module
from serverless_tax.audit.sums.joined import Join
from serverless_tax.audit.sums.once import Once
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.units import InvalidQuantity

#: So many logs of consecutive seeds, of at most so many records, have no record in common.
TOGETHER, _MOST_RECORDS = 64, 8
TIME, MS = "2026-10-01T08:00:00.000Z", 1_790_841_600_000
GROUP, STREAM = "/aws/lambda/quote", "2026/10/01/[$LATEST]ab"
#: A record is named by its words and the first digits of its id.
_NAMED = re.compile(r"REPORT[ \t]+RequestId:[ \t]*0*([0-9a-f]{1,8})-c73d")


class _Inline:
    """Does at once what it is given to do."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def shutdown(self, **_: object) -> None:
        """Have nothing left to do."""

    def submit(self, do: Callable[..., Any], *given: Any) -> Future[Any]:
        """Return what is done already."""
        done: Future[Any] = Future()
        done.set_result(do(*given))
        return done


class Held(Source):
    """A log that is held in memory."""

    data: bytes

    def blocks(self, read: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:  # noqa: ARG002
        """Yield it unpacked."""
        return unpacked(iter([self.data]))


def _held(data: bytes) -> Held:
    source = Held("held", None)
    object.__setattr__(source, "data", data)
    return source


def tally(data: bytes) -> Tally:
    """Add up a log as the command does."""
    with patch.object(
        readers, "ThreadPoolExecutor", _Inline
    ):  # a log of one block needs no threads
        return adding.tally([_held(data)])


def counts(logs: Sequence[bytes]) -> list[tuple[int, int] | str]:
    """Return how many records of each log are counted and unread, or why it is none.

    The logs go through the rules of the command in one block, as small files do, and their
    records may not be each other's. What adds them up is left out.
    """
    sources = [Source(str(k), None) for k in range(len(logs))]
    texts, said = list(logs), dict[int, str]()
    for k, log in enumerate(logs):
        texts[k] = b"".join(chain.from_iterable(line_blocks(_held(log))))
    looked_for = readers.LookedFor.of(by_trace=False)
    begins, block = _block(texts)
    others = [at for at, text, _ in read_columns(block, looked_for.shapes).others if is_part(text)]
    documents = {*(np.searchsorted(begins, others, "right") - 1).tolist()}
    for k in documents | {k for k, text in enumerate(texts) if is_document((text,))}:
        lines = TextLines(sources[k].label)
        try:
            found = [*lines.read(texts[k].decode("utf-8", "replace")), *lines.end()]
        except InvalidQuantity as error:
            found, said[k] = [], str(error)
        texts[k] = "\n".join(found).encode("utf-8", "replace")
    begins, block = _block(texts)
    one = looked_for.read(block)
    join = Join(sources, Once())
    with patch.object(tally_module, "SHOWN", len(block[0])):  # each that is unread, by its log
        join.add(one.lines, one.found, None, begins)
        sums = join.tally()
    counted, unread = Counter[str](), Counter(source for source, _ in sums.unread_shown)
    for (kind, source, *_), group in sums.groups.items():
        counted[source] += group.sums.invocations if kind == "report" else 0
    return [said.get(k, (counted[str(k)], unread[str(k)])) for k in range(len(logs))]


def _block(texts: Sequence[bytes]) -> tuple[Ints, Block]:
    """Return logs as one block, and where each begins."""
    sizes = [len(text) + len(BETWEEN_LOGS) for text in texts]
    return np.cumsum([BEGIN, *sizes[:-1]]), (BETWEEN_LOGS.join(texts),)


def kv(key: str, value: str) -> dict[str, object]:
    """An attribute as OpenTelemetry has it."""
    return {"key": key, "value": {"stringValue": value}}


def packed(text: str) -> str:
    """Gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode(), 1)).decode()


def delivery(messages: list[str]) -> str:
    """What a subscription of a log group delivers."""
    events = [{"id": "1", "timestamp": MS, "message": one} for one in messages]
    return json.dumps({"logGroup": GROUP, "logStream": STREAM, "logEvents": events})


def any_value(value: Any) -> Any:
    """A value as OpenTelemetry has it."""
    if isinstance(value, dict):
        return {
            "kvlistValue": {"values": [{"key": k, "value": any_value(v)} for k, v in value.items()]}
        }
    kind = {int: "intValue", float: "doubleValue"}.get(type(value), "stringValue")
    return {kind: str(value) if kind == "intValue" else value}


Wrap = Callable[[list[str]], str]
#: What carries the messages of a log, all of one function.
DOCUMENTS: dict[str, Wrap] = {
    "lines": "\n".join,
    "tail": lambda m: "\n".join(f"{TIME} 2026/10/01/quote[$LATEST]ab {one}" for one in m),
    "shipper": lambda m: "\n".join(
        json.dumps({"message": one, "timestamp": TIME, "log_group": GROUP}) for one in m
    ),
    "collector": lambda m: json.dumps(
        [{"event": one, "time": MS / 1000, "source": GROUP} for one in m]
    ),
    "tags": lambda m: json.dumps(
        {"data": [{"attributes": {"message": one, "tags": ["functionname:quote"]}} for one in m]}
    ),
    "otlp": lambda m: json.dumps({"resourceLogs": [{
        "resource": {"attributes": [kv("faas.name", "quote")]},
        "scopeLogs": [{"logRecords": [
            {"timeUnixNano": f"{MS}000000", "body": any_value({"message": one})} for one in m]}],
    }]}),
    "answer": lambda m: json.dumps({"events": [
        {"logStreamName": STREAM, "timestamp": MS, "message": one + "\n"} for one in m]}, indent=4),
    "columns": lambda m: json.dumps(
        {"columns": [{"name": "@timestamp"}, {"name": "message"}],
         "values": [[TIME, one] for one in m]}),
    "result": lambda m: json.dumps({"results": [
        [{"field": "@timestamp", "value": TIME}, {"field": "@message", "value": one}] for one in m],
        "status": "Complete"}, indent=2),
    "store": lambda m: json.dumps({"streams": [{
        "stream": {"log_group": GROUP},
        "values": [[f"{MS}{k:06d}", one] for k, one in enumerate(m)],
    }]}),
    "bulk": lambda m: "\n".join(
        f'{{"index":{{"_id":"{k}"}}}}\n{json.dumps({"@message": one, "@log_group": GROUP})}'
        for k, one in enumerate(m)),
    "delivered": lambda m: json.dumps({"awslogs": {"data": packed(delivery(m))}}),
    "kinesis": lambda m: json.dumps(
        {"Records": [{"kinesis": {"data": packed(delivery([one]))}} for one in m]}),
    "one behind another": lambda m: "".join(delivery([one]) for one in m),
    "base64": lambda m: "\n".join(packed(one) for one in m),
    "base64, wrapped": lambda m: "\n".join(textwrap.wrap(packed(delivery(m)), 76)),
    "quoted": lambda m: json.dumps(m, indent=2),
    "escaped": lambda m: json.dumps({"log": json.dumps({"message": "\n".join(m)})}),
    "yaml": lambda m: "events:\n" + "".join(
        f"- message: {json.dumps(one)}\n  timestamp: {MS}\n" for one in m),
    "csv": lambda m: "timestamp,message\n" + "".join(
        f'{MS},"{one.replace(chr(34), chr(34) * 2)}\n"\n' for one in m),
    "text": lambda m: "".join(f"EVENTS\t34\t{MS}\t{STREAM}\t{one}\t{MS}\n" for one in m),
    "list": json.dumps,
    "printed list": repr,
    "cells": lambda m: "".join(f'"{one.replace(chr(34), chr(34) * 2)}"\n' for one in m),
}  # fmt: skip
#: Seeds that leave another rest than these draw none of the last of them, nor every width of a
#: terminal: so a seed of which a log was once lost keeps that log.
_LATER, _OF, _LATER_DOCUMENTS = 3, 8, 3
#: Those that change no line break, and carry what is none of their own text.
_TEXTS = ("lines", "tail", "text")
#: What may happen to a text on its way, and leave every record whole.
WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "gz": lambda text: gzip.compress(text.encode(), 1),
    "gz in gz": lambda text: gzip.compress(gzip.compress(text.encode(), 1), 1),
    "wide": lambda text: text.encode("utf-16"),
    "with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "a banner before it": lambda text: f"$ fetch the log\n{text}\n".encode(),
    "two lines before it": lambda text: f'{{"a": 1}}\n[INFO] up\n{text}\n'.encode(),
    "a broken line before it": lambda text: f'{{"a": \n{text}\n'.encode(),
    "twice": lambda text: f"{text}\n{text}".encode(),
    "returns": lambda text: text.replace("\n", "\r\n").encode(),
}  # fmt: skip

#: How a record may be written, whole.
HOWS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "spaces": lambda text: text.replace("\t", " "),
    "coloured": lambda text: f"\x1b[90m{text}\x1b[0m",
    "web": lambda text: text.replace(" ms", "\u00a0ms").replace("-", "\u2013"),
    "page": lambda text: html.escape(text).replace("\t", "&#9;"),
    "address": urllib.parse.quote,
    "form": urllib.parse.quote_plus,
    "lower": str.lower,
    "bold": lambda text: text.replace("REPORT", "**REPORT**").replace("\t", " "),
    "comma": lambda text: re.sub(r"Duration: (\d+)\.(\d\d)", r"Duration: \1,\2", text),
    "cells": lambda text: text.replace("\t", ","),
}
_EVENT = {"time": TIME, "type": "platform.report"}


def event_of(k: int) -> dict[str, Any]:
    """An event of the platform."""
    metrics = {"durationMs": k + 1.25, "billedDurationMs": k + 2, "memorySizeMB": 1024}
    record = {"requestId": f"{k:08x}-c73d-49f6-8844-968c01d1e2e1", "status": "success"}
    return _EVENT | {"record": record | {"metrics": metrics | {"maxMemoryUsedMB": 90}}}


def record(k: int, how: str) -> str:
    """A record of its own, in one of the ways in which it is written."""
    text = line(f"{k + 1}.25", request_id=f"{k:08x}-c73d-49f6-8844-968c01d1e2e1").strip()
    if how == "cut":
        return text[:70]
    if how == "json":
        return json.dumps(event_of(k), separators=(",", ":"))
    return HOWS[how](text)


@dataclass(frozen=True)
class Carried:
    """A log, and what is right of it.

    Attributes:
        data: as it arrives.
        whole, cut: how many of its records are whole, and how many are not.
        exact: whether all of them must be found, or only a word for each that is named.
        how: what it is made of.
    """

    data: bytes = field(repr=False)
    whole: int
    cut: int
    exact: bool
    how: str

    @property
    def text(self) -> str | None:
        """As it is pasted; None if it is packed."""
        if self.data.startswith(b"\x1f\x8b"):
            return None
        wide = self.data.startswith(codecs.BOM_UTF16_LE)
        return self.data.decode("utf-16" if wide else "utf-8", "replace")

    def fault(self, counted: int, unread: int) -> str:
        """What is wrong with these counts; nothing if they are right."""
        if self.exact:
            right = counted == self.whole and unread >= self.cut and (self.cut or not unread)
        else:
            named = set(_NAMED.findall(self.data.decode("utf-8", "replace")))
            most = self.whole * (1 + ("twice" in self.how))  # where what is spoilt has no time
            right = counted <= most and counted + unread >= len(named)
        return "" if right else f"{counted} counted and {unread} unread of {self}"


def carried(seed: int) -> Carried:
    """Return the log of a seed."""
    draw = random.Random(seed)  # noqa: S311 - to make logs, not to keep a secret
    hows = draw.choices([*HOWS, "plain", "plain", "json", "cut"], k=draw.choice((1, 1, 2, 3, 5)))
    first = seed % TOGETHER * _MOST_RECORDS
    messages = [record(first + k, how) for k, how in enumerate(hows)]
    is_later = seed % _OF == _LATER
    documents = [*DOCUMENTS][: None if is_later else -_LATER_DOCUMENTS]
    names = draw.choices(documents, k=draw.choice((1, 1, 2, 2, 3)))
    for name in names[:-1]:  # what carries it is one message of what carries that
        one = DOCUMENTS[name](messages)
        messages = (
            one.split("\n") if draw.random() < 0.3 and name in ("lines", "shipper") else [one]
        )
    text = DOCUMENTS[names[-1]](messages)
    way = draw.choice([*WAYS])
    # Only the first line of what has several has what stands before a line.
    several = {"base64, wrapped": {*_TEXTS, "csv"}, "csv": {*_TEXTS, "cells"}}
    exact = not any(several.get(one, set()) & {*names[k + 1 :]} for k, one in enumerate(names))
    # A text in quotes behind JSON that was cut goes on with it.
    begins = next((one for one in reversed(names) if one != "lines"), "lines")
    exact = exact and (begins, way) != ("cells", "a broken line before it")
    spoilt = ""
    if draw.random() < 0.3:
        spoilt = draw.choice([*_SPOILS])
        text, exact = _SPOILS[spoilt](text, draw), False
    elif is_later and draw.random() < 0.5:
        spoilt = "wrapped anywhere"
        text, exact = wrapped(text, draw.randrange(28, 160)), False
    whole = sum(how != "cut" for how in hows)
    return Carried(WAYS[way](text), whole, len(hows) - whole, exact,
                   f"{seed}: {hows} in {names}, {way}, {spoilt}")  # fmt: skip


def _cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text) + 1)]


def wrapped(text: str, width: int) -> str:
    """Lines as who copies them from a terminal of so many columns has them."""
    return "\n".join(
        line[at : at + width] for line in text.split("\n") for at in range(0, len(line) or 1, width)
    )


def _wrapped(text: str, draw: random.Random) -> str:
    return wrapped(text, draw.choice((40, 80, 100, 132)))


def _shuffled(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    draw.shuffle(lines)
    return "\n".join(lines)


def _holed(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return (
        text[:at] + draw.choice(("", '"', "}", "[", "\n", "\\", "\x00", "REPORT")) + text[at + 1 :]
    )


_SPOILS = {"cut": _cut, "wrapped": _wrapped, "shuffled": _shuffled, "holed": _holed}
