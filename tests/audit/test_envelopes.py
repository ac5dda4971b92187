"""The invariant of reading: whatever names REPORT ends as counted or as unread, never as neither.

Records are wrapped in what carries a log, one thing in another, and each is counted once.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from audit_logs import invocations
from carried import (
    DOCUMENTS,
    TOGETHER,
    WAYS,
    Carried,
    carried,
    counts,
    record,
    tally,
    wrapped,
)
from py_mini_racer import MiniRacer

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.widgets import reader_javascript

#: How many logs of `carried` are read here, and how many where there is time.
FEW, MANY = 300, 1_000_000
#: Seeds of logs of which a record was once lost or unread.
ONCE_WRONG = (
    24311,
    24798,
    38270,
    45245,
    58648,
    91153,
    321137,
    545434,
    715000,
    942602,
    3004371,
    5016632,
    5078285,
    5559019,
    5588939,
    5642907,
    5881931,
    7060438,
    8532851,
    20003838,
)
COUNTS = """(text) => {
  const log = readLog(text);
  return [findingsOf(log).reduce((sum, one) => sum + one.invocations, 0), log.unread.length];
}"""


def fault(one: Carried) -> str:
    """What the command gets wrong in a log."""
    try:
        found = tally(one.data)
    except InvalidQuantity as error:
        return f"{error} {one}" if one.exact else ""
    return one.fault(invocations(found), found.unread)


def faults_of(seeds: range) -> list[str]:
    """What the rules of the command get wrong in logs that are read together."""
    faults = []
    for k in range(0, len(seeds), TOGETHER):
        logs = [carried(seed) for seed in seeds[k : k + TOGETHER]]
        for one, found in zip(logs, counts([one.data for one in logs]), strict=True):
            if isinstance(found, str):
                faults.append(f"{found} {one}" if one.exact else "")
            else:
                faults.append(one.fault(*found))
    return [*filter(None, faults)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_carries_every_record(document: str, way: str) -> None:
    """Whole ones are counted, each once; one that is cut off is unread."""
    hows = ["plain", "json", "spaces", "web", "coloured", "cut"]
    text = DOCUMENTS[document]([record(k, how) for k, how in enumerate(hows)])
    assert not fault(Carried(WAYS[way](text), 5, 1, exact=True, how=f"{document}, {way}"))


def test_nothing_is_lost_without_a_word() -> None:
    """Any records, in anything, in that again, and spoilt on the way."""
    seeds = [*range(FEW // 3), *ONCE_WRONG]
    assert not [said for seed in seeds if (said := fault(carried(seed)))]
    assert not faults_of(range(FEW))


def test_the_page_loses_nothing_either() -> None:
    """The same logs pasted, as far as they are text."""
    racer = MiniRacer()
    racer.eval(f"{reader_javascript()}; const COUNTS = {COUNTS};")
    faults = []
    for seed in (*range(FEW, FEW + 150), *ONCE_WRONG):
        one = carried(seed)
        if one.text is not None:
            found: Any = json.loads(racer.eval(f"JSON.stringify(COUNTS({json.dumps(one.text)}))"))
            faults.append(one.fault(*found))
    assert not list(filter(None, faults))


ZLIB = {
    "a line": "{}",
    "behind the time": "2026-11-20T10:00:00.000Z {}",
    "a message": '{{"message": "{}"}}',
    "in a list": '[{{"data": "{}"}}]',
}


@pytest.mark.parametrize("level", [0, 1, 5, 6, 9])
@pytest.mark.parametrize("where", ZLIB)
def test_zlib_in_base64_is_read_as_gzip_is(where: str, level: int) -> None:
    """Of any level, alone or in a message; one that is cut off is unread, on the page too."""
    texts = [zlib.compress(record(k, "plain").encode(), level) for k in range(3)]
    texts.append(zlib.compress(b"the platform. " + b"x" * 99, 0)[:-40])
    text = "\n".join(ZLIB[where].format(base64.b64encode(one).decode()) for one in texts)
    assert not fault(Carried(text.encode(), 3, 1, exact=True, how=where))
    racer = MiniRacer()
    racer.eval(f"{reader_javascript()}; const COUNTS = {COUNTS};")
    assert json.loads(racer.eval(f"JSON.stringify(COUNTS({json.dumps(text)}))")) == [3, 1]


@pytest.mark.parametrize("sign", "._")
@pytest.mark.parametrize("time", [{}, {"time": "2026-11-20T10:00:00.000Z"}])
def test_an_event_that_was_made_flat_is_counted(time: dict[str, str], sign: str) -> None:
    """As stores write its figures, each under one name; on the page too."""
    metrics = {f"record{sign}metrics{sign}{name}": one for name, one in EVENT.items()}
    rows = [
        time | {"type": "platform.report", f"record{sign}requestId": k + ENDS[2:30]} | metrics
        for k in ("00000001", "00000002")
    ]
    lacks = {"type": "platform.report", f"record{sign}requestId": "1", "x": 1}
    text = "\n".join(json.dumps(one) for one in [*rows, lacks])
    assert not fault(Carried(text.encode(), 2, 1, exact=True, how=sign))
    racer = MiniRacer()
    racer.eval(f"{reader_javascript()}; const COUNTS = {COUNTS};")
    assert json.loads(racer.eval(f"JSON.stringify(COUNTS({json.dumps(text)}))")) == [2, 1]


HEAD = "2026-11-20T10:0{}:00.000000+00:00 2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef "
ENDS = "{}-c73d-49f6-8844-968c01d1e201 Duration: 9.50 ms Billed Duration: 10 ms Memory Size: 128 MB"
EVENT = {"billedDurationMs": 10, "durationMs": 9.5, "memorySizeMB": 128, "maxMemoryUsedMB": 64}


def test_a_terminal_of_any_width_loses_nothing() -> None:
    """A record is read however narrow, and so is an event, wherever it is broken."""
    record_of = "REPORT RequestId: 0000000{}" + ENDS[2:] + " Max Memory Used: 64 MB"
    event_of = '{{"type": "platform.report", "record": {{"requestId": "{}", "metrics": %s}}}}'
    event_of %= json.dumps(EVENT).replace("{", "{{").replace("}", "}}")
    racer = MiniRacer()
    racer.eval(f"{reader_javascript()}; const COUNTS = {COUNTS};")

    def told(head: str, what: str, width: int) -> list[list[int]]:
        lines = "\n".join(head.format(k) + what.format(k) for k in range(4))
        text = wrapped(lines, width)
        found = tally(text.encode())
        paged = json.loads(racer.eval(f"JSON.stringify(COUNTS({json.dumps(text)}))"))
        return [[invocations(found), found.unread], paged]

    for width in range(len(HEAD), len(HEAD) + 12):
        assert told(HEAD, record_of, width) == [[4, 0], [4, 0]], width
    for width in range(21, 29):
        assert told("2026-11-20T10:0{}:00 ", record_of, width) == [[4, 0], [4, 0]], width
    for width in (*range(44, 64), *range(88, 97), 123, 124):
        assert told(HEAD, event_of, width) == [[4, 0], [4, 0]], width


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_nothing_is_lost_in_a_million_logs() -> None:
    """The same, for long."""
    assert not faults_of(range(MANY))
