"""Blocks read in columns: every record once, in numbers or as text for the other rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import plain_reader
import pytest
from audit_logs import event, invocations, line, meter
from hypothesis import example, given
from hypothesis import strategies as st

from serverless_tax.audit.read import blocks as blocks_module
from serverless_tax.audit.read import readers
from serverless_tax.audit.read.columns import read
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.run import tally
from serverless_tax.audit.sums.column_sums import ColumnSums, added
from serverless_tax.audit.sums.tally import Tally

ROOT = Path(__file__).parents[2]
STAMP = "2026-11-01T10:00:00.000Z "
STREAM = "2026/11/01/rag-2[$LATEST]4f0c1e2d4f0c1e2d4f0c1e2d4f0c1e2d "

sys.path.append(str(ROOT / "benchmarks"))
from audit_log import blocks, write_mixed  # noqa: E402 - the benchmark's log


def in_columns(*texts: bytes) -> tuple[Tally, int]:
    """Add up blocks; return the sums, and how many lines were left to the other rules."""
    sums, columns, left = Tally(), ColumnSums(), 0
    for text in texts:
        found = read((text,))
        columns.add(added(found.plain))
        left += len(found.others)
        for other in found.others:
            sums.add_line("a", other.text.rstrip(b"\r").decode("utf-8", "replace"))
    sums.add(columns.tally("a"))
    return sums, left


def line_by_line(*texts: bytes) -> Tally:
    """Add up the same in the reader of the standard library."""
    sums = Tally()
    for text in texts:
        sums.add(Tally.of("a", plain_reader.lines_of_interest(text)))
    return sums


def agreed(*texts: bytes) -> int:
    """Hold one against the other; return how many lines were left."""
    sums, left = in_columns(*texts)
    assert sums == line_by_line(*texts)
    return left


plain = st.builds(
    lambda ms, billed, mb, used, day: (
        f"2026-11-{day:02d}T10:00:00.000Z "
        + line(str(ms), billed_ms=billed, memory_mb=mb, max_memory_used_mb=used)
    ),
    st.decimals(0, 999_999, places=2),
    st.integers(0, 10**9),
    st.sampled_from([0, 1, 128, 1769, 10240, 10**6, 10**6 + 1]),
    st.integers(0, 10240) | st.just(10**7),
    st.integers(1, 30),
)
# What a byte of such a line may be instead: what the rules look for, and what they do not.
instead = st.sampled_from(list(b'\t \n\r.:-/09afgzAZ{"[]\\\x00\xc3\xff'))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Lines, mostly whole, of which some bytes are lost, changed or said twice."""
    lines = draw(st.lists(plain | st.sampled_from([event(), meter(1, 2), STAMP]), max_size=12))
    text = bytearray("\n".join(lines).encode())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 2))] = bytes(draw(st.lists(instead, max_size=2)))
    return bytes(text)


@given(damaged())
@example(b"")
@example(b"REPORT")
@example(b"P" * 100)
@example((STAMP + line()).encode()[:-5])
@example((line() + "\n" + STAMP + line()).encode())
def test_a_damaged_block_reads_as_line_by_line(text: bytes) -> None:
    """Nothing is counted that the slow rules would not count, and nothing is missed."""
    agreed(text)


WHOLE = [pytest.param(head, 1, marks=pytest.mark.slow) for head in ("", STAMP, STAMP + STREAM)]


@pytest.mark.parametrize(("head", "step"), [("", 16), *WHOLE])
def test_a_line_damaged_at_any_place_reads_as_line_by_line(head: str, step: int) -> None:
    """Each byte of a line lost, and made every other, or one in ``step``; some put before."""
    whole = (head + line("1234.56")).encode()
    places = range(len(whole) + 1)
    lost = [whole[:at] + whole[at + 1 :] for at in places]
    changed = [
        whole[:at] + bytes([b]) + whole[at + 1 :]
        for at in places
        for b in range(at % step, 256, step)
    ]
    more = (b"\t", b" ", b"\r", b".", b"0", b"9", b"{", b"ms", b"\t\t", b"00000000")
    put = [whole[:at] + one + whole[at:] for at in places for one in more]
    for damages in (lost, changed, put):
        assert agreed(b"\n".join([*damages, whole])) < len(damages)


@pytest.mark.parametrize(
    "odd",
    [
        "0000-00-00T00:00:00.000Z " + line(),
        line() + "\t",
        *(STAMP + line().rstrip() + gap + "Status: timeout" for gap in "\t \r"),
        *(STAMP + line().rstrip() + gap + "\tStatus: timeout" for gap in "\t \r"),
        STAMP + line().replace("REPORT ", "REPORT\t"),
        STAMP + line().replace("REPORT ", "REPORT  "),
        STAMP + line() + line(),
        STAMP + "INIT_REPORT Init Duration: 5.00 ms" + line(),
        STAMP + "{" + line(),
        line("99999999.99"),
        line("100000000.00"),
        line("99999999.99", billed_ms=10**8),
        line("99999999.99", billed_ms=10**9 + 1),
    ],
)
def test_an_odd_line_among_others_reads_as_line_by_line(odd: str) -> None:
    """First, last, and as most lines of its block are."""
    usual = STAMP + line("7.25")
    for lines in ([odd, usual, usual], [usual, usual, odd], [odd, odd, usual], [odd]):
        agreed("\n".join(lines).encode())
        agreed("\r\n".join([*lines, ""]).encode())


@pytest.mark.parametrize("head", ["", STAMP, "2026-11-01T10:00:00+00:00 ", STAMP + STREAM])
@pytest.mark.parametrize("tail", ["\n", "\t\n", "\r\n", "\t\r\n", " \n"])
def test_what_tools_write_is_read_in_columns(head: str, tail: str) -> None:
    """Exports, downloads and `aws logs tail`, from either system: no line is left."""
    text = "".join(f"{head}START\n{head}{line(f'{k}.25')}".rstrip() + tail for k in range(50))
    assert agreed(text.encode()) == 0


def test_a_stream_names_the_function_and_may_be_another() -> None:
    """Its id differs from line to line; the function's name does not, digits and all."""
    other = STREAM.replace("4f0c", "a1b2", 3)
    text = "".join(f"{STAMP}{stream}{line()}\n" for stream in (STREAM, other) * 20)
    assert agreed(text.encode()) == 0
    sums, _ = in_columns(text.encode())
    assert {key[2] for key in sums.groups} == {"rag-2"}
    assert agreed((text + f"{STAMP}{STREAM.replace('rag-2', 'rag-3')}{line()}\n").encode()) == 1


def test_blocks_and_days_add_up() -> None:
    """A log in two blocks is the log; each day has its own lines."""
    days = [f"2026-11-0{day}T23:59:5{k}.000Z {line(f'{day}{k}.5')}\n".encode()
            for day in range(1, 4) for k in range(3)]  # fmt: skip
    assert agreed(b"".join(days[:4]), b"".join(days[4:])) == 0
    (group,) = in_columns(b"".join(days))[0].groups.values()
    assert {day: count for day, (count, _) in group.by_day.items()} == {
        "2026-11-01": 3, "2026-11-02": 3, "2026-11-03": 3
    }  # fmt: skip
    assert (group.sums.first_time, group.sums.last_time) == (
        "2026-11-01T23:59:50", "2026-11-03T23:59:52"
    )  # fmt: skip


def test_only_lines_with_more_to_say_are_left_of_a_large_log() -> None:
    """That is what makes it fast: cold starts and timeouts go to the other rules, no others."""
    count = 7_000
    text = "".join(blocks(count)).encode()
    more = sum(b"Init Duration" in one or b"Status:" in one for one in text.split(b"\n"))
    assert agreed(text) == more
    assert more < count / 30


@pytest.mark.parametrize("python", [sys.executable, "/bin/false", "/nowhere/python"])
def test_processes_read_what_threads_read(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large log is read by processes, and by threads where none starts, or one ends."""
    path = tmp_path / "mixed.log"
    write_mixed(path, 9000)  # more than one block
    started = []

    def started_process(*words: Any, **options: Any) -> Any:
        started.append(process := popen(*words, **options))
        return process

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", started_process)
    monkeypatch.setattr(readers.sys, "executable", python)
    monkeypatch.setattr(readers, "_processors", lambda: 2)
    by_threads = tally(find_sources([str(path)]))
    assert not started
    for module in (readers, blocks_module):
        monkeypatch.setattr(module, "MUCH_BYTES", 1)
    by_processes = tally(find_sources([str(path)]))
    assert by_processes == by_threads
    assert (
        sum(one.sums.invocations for of, one in by_threads.groups.items() if of[0] == "report")
        == 9000
    )
    assert all(process.poll() is not None for process in started)
    assert bool(started) == (python != "/nowhere/python")


def test_no_block_ends_within_a_broken_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name may be cut too: a log that a terminal broke is read, wherever a block ends."""
    path = tmp_path / "broken.log"
    text = "".join(f"{STAMP}{line('7.25', request_id=f'{k:036d}')}\n" for k in range(9))
    broken = text.replace("REPORT", "REP\nORT").replace("\tMemory", "\nMemory")
    path.write_text(broken, encoding="utf-8")
    monkeypatch.setattr(blocks_module, "MUCH_BYTES", 1)
    for size in range(300, 500, 3):
        monkeypatch.setattr(blocks_module, "_STRETCH_BYTES", size)
        monkeypatch.setattr(blocks_module, "_TAIL_BYTES", size)
        found = tally(find_sources([str(path)]))
        assert (invocations(found), found.unread) == (9, 0), size
