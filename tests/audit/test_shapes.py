"""Lines that are alike, read in columns: as the rules read each of them, whatever they say."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_logs import ID, by_audit, event, line, meter

from serverless_tax.audit.read.columns import read
from serverless_tax.audit.read.documents import is_part
from serverless_tax.audit.read.grammar import Record, records
from serverless_tax.audit.read.shapes import Shapes, learned
from serverless_tax.audit.sums.column_sums import ColumnSums, added
from serverless_tax.audit.sums.tally import Tally

STAMP = "2026-11-01T10:00:00.000Z "
STREAM = "2026/11/01/rag[$LATEST]4f0c1e2d4f0c1e2d4f0c1e2d4f0c1e2d "
Draw = random.Random


def stamp(draw: Draw) -> str:
    """A time of November 2026."""
    day, minute, ms = draw.randint(1, 30), draw.randint(0, 59), draw.randint(0, 999)
    return f"2026-11-{day:02d}T10:{minute:02d}:00.{ms:03d}Z "


def request_id(draw: Draw) -> str:
    """An id as AWS writes it."""
    digits = f"{draw.getrandbits(128):032x}"
    return "-".join(digits[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def cold(draw: Draw) -> str:
    """A cold start, billed by either rule or by none."""
    ms, init = draw.randint(0, 10**6), draw.randint(0, 10**5)
    billed = draw.choice((-(-(ms + init) // 100), -(-ms // 100), draw.randint(0, 99)))
    text = line(f"{ms / 100:.2f}", billed_ms=billed, request_id=request_id(draw),
                memory_mb=draw.choice((0, 10**7, *[128, 1769] * 20)))  # fmt: skip
    return f"{stamp(draw)}{text.rstrip()}\tInit Duration: {init / 100:.2f} ms\t"


def both_began(draw: Draw) -> str:
    """A record with an INIT and with a restore that is billed."""
    return f"{cold(draw)}Billed Restore Duration: {draw.randint(1, 900)} ms\t"


def reported(draw: Draw) -> str:
    """An event of Lambda's JSON format."""
    made = event(durationMs=draw.randint(0, 10**6) / draw.choice((10, 100, 10**6)))
    return f"{stamp(draw)}{made}"


def measured(draw: Draw) -> str:
    """A line of the meter."""
    return f"{stamp(draw)}{meter(draw.randint(0, 10**7) / 1000, draw.randint(0, 10**7) / 1000)}"


def odd(draw: Draw) -> str:
    """One of them with a sign changed, or said twice."""
    text = draw.choice((cold, reported, measured))(draw)
    at = draw.randrange(len(text))
    return text[:at] + draw.choice(("", "0", "-", ".", "e", " ", "é", '"', text)) + text[at + 1 :]


KINDS: dict[str, Callable[[Draw], str]] = {
    "cold": cold, "of a stream": lambda draw: stamp(draw) + STREAM + cold(draw)[25:],
    "both began": both_began, "json": reported, "meter": measured, "odd": odd,
    "shipped": lambda draw: (
        '{"timestamp":"' + stamp(draw).strip() + '","function_name":"rag-2","message":"'
        + line(f"{draw.randint(0, 10**6) / 100:.2f}", request_id=request_id(draw)).strip()
        .replace("\t", "\\t") + '"}'
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_columns_say_what_the_rules_say(kind: str) -> None:
    """Of each line: in columns and one by one, the sums are the same."""
    draw = Draw(kind)
    texts = [KINDS["odd" if draw.random() < 0.05 else kind](draw) for _ in range(1500)]
    shapes, columns, sums = Shapes(is_part), ColumnSums(), Tally()
    left = 0
    for part in (texts[:500], texts[500:]):
        lines = read(("\n".join(part).encode(),), shapes)
        columns.add(added(lines.plain))
        for alike in lines.alike:
            columns.add(added(alike))
        for _, fact in lines.facts:
            sums.add_found("a", fact)
        left += len(lines.others)
        for other in lines.others:
            sums.add_line("a", other.text.decode())
    sums.add(columns.tally("a"))
    expected = Tally.of("a", texts)
    sums.unread_shown = expected.unread_shown
    assert sums == expected
    if kind not in {"odd", "both began"}:  # or nothing was read in columns
        assert left < len(texts) / 5


def test_a_line_that_says_one_figure_twice_is_no_model() -> None:
    """Where two places could hold a figure, the rules have to say which does."""
    assert learned((STAMP + event()).encode()) is not None
    twice = (STAMP + line("7.25") + " " + line("8.50")).encode()
    assert len([one for one in records(twice.decode()) if isinstance(one, Record)]) == 2
    assert learned(twice) is None


def test_a_measurement_finds_its_record_in_any_order(tmp_path: Path) -> None:
    """Before it, behind it, in another block, twice: each request is measured once."""
    draw = Draw(1)
    path = tmp_path / "a.log"
    lines, expected_ns = [], 0
    for k in range(400):
        own = request_id(draw)
        record = STAMP + line(f"{k + 1}.25", request_id=own).strip()
        measure = STAMP + meter(k + 0.5, k + 2.5).replace(ID, own)
        lines += {0: [measure, record], 1: [record, measure], 2: [measure, measure, record]}[k % 3]
        expected_ns += (k * 1000 + 500) * 1000
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sums = by_audit(path)
    cpu = [group.sums for key, group in sums.groups.items() if key[0] == "cpu"]
    assert sum(one.invocations for one in cpu) == 400
    assert sum(one.cpu_total_ns for one in cpu) == expected_ns
