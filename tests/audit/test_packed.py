"""Logs that are packed in a text beside plain lines: read, or said to be unread, and never lost."""

from __future__ import annotations

import base64
import bz2
import gzip
import itertools
import json
import lzma
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audit_logs import by_audit, invocations, line
from py_mini_racer import MiniRacer
from sampled import one_in

from serverless_tax.cli.app import run
from serverless_tax.widgets import reader_javascript

STAMP = "2026-11-01T10:00:00.000Z "


def lines(first: int, count: int) -> str:
    """Invocations, each with an id of its own."""
    return "".join(
        f"{STAMP}{line(request_id=f'{k:08x}-aaaa-4bbb-8ccc-000000000000')}\n"
        for k in range(first, first + count)
    )


def base64_of(data: bytes) -> str:
    """As text."""
    return base64.b64encode(data).decode()


LOG = lines(100, 2).encode()
WIDE = {f"utf-16{end}": LOG.decode().encode(f"utf-16{end}") for end in ("", "-le", "-be")}


def raw_deflate(data: bytes) -> bytes:
    """Packed without a mark of its own."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(data) + packing.flush()


#: What a program reads, and the page too.
BY_BOTH = {
    "plain": base64_of(LOG),
    **{
        name: base64_of(made(LOG))
        for name, made in {"gzip": gzip.compress, "zlib": zlib.compress, "raw": raw_deflate}.items()
    },
    **{name: base64_of(data) for name, data in WIDE.items()},
    "twice": base64_of(base64_of(LOG).encode()),
    "gzip twice": base64_of(base64_of(gzip.compress(LOG)).encode()),
    "hex": LOG.hex(),
    "HEX": LOG.hex().upper(),
    "wide in hex": WIDE["utf-16-le"].hex(),
    "gzip in hex": gzip.compress(LOG).hex(),
    "zlib in hex": zlib.compress(LOG).hex(),
    "raw in hex": raw_deflate(LOG).hex(),
}
#: What the page can only say to be unread.
BY_PROGRAM = {
    "bz2": base64_of(bz2.compress(LOG)),
    "xz": base64_of(lzma.compress(LOG)),
    "bz2 in hex": bz2.compress(LOG).hex(),
    "xz in hex": lzma.compress(LOG).hex(),
}
FORMS: dict[str, Callable[[str], str]] = {
    "on a line": lambda text: text + "\n",
    "behind a time": lambda text: f"{STAMP}{text}\n",
    "in JSON": lambda text: json.dumps({"data": text}) + "\n",
    "by its name": lambda text: f"{STAMP}INFO got payload={text} (ok)\n",
}


@pytest.fixture(scope="module")
def page() -> Callable[[str], list[int]]:
    """Return how many invocations the page counts in a text, and how many are unread."""
    racer = MiniRacer()
    racer.eval(reader_javascript())

    def read(text: str) -> list[int]:
        log: Any = json.loads(str(racer.eval(f"JSON.stringify(readLog({json.dumps(text)}))")))
        sizes = [size for one in log["functions"] for size in one["sizes"]]
        return [sum(size["invocations"] for size in sizes), len(log["unread"])]

    return read


def counted(path: Path, text: str) -> list[int]:
    """The same of the command."""
    path.write_text(text, "utf-8")
    sums = by_audit(path)
    return [invocations(sums), sums.unread]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*BY_BOTH, *BY_PROGRAM])
def test_a_packed_log_beside_plain_lines_is_read(
    name: str, form: str, tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """The command reads all that is packed; the page says what it cannot."""
    text = lines(0, 3) + FORMS[form]((BY_BOTH | BY_PROGRAM)[name]) + lines(3, 2)
    assert counted(tmp_path / "a.log", text) == [7, 0]
    assert page(text) == ([7, 0] if name in BY_BOTH else [5, 1])


@pytest.mark.parametrize("name", ["bz2", "xz"])
def test_one_that_is_cut_off_has_an_unread_record(name: str, tmp_path: Path) -> None:
    """What is missing is not counted, and not lost."""
    cut = base64.b64decode(BY_PROGRAM[name])[:-20]
    assert counted(tmp_path / "a.log", lines(0, 3) + base64_of(cut) + "\n")[1] == 1


ROW = "2026-11-01{0}platform.report{0}{1:08x}-aaaa-4bbb-8ccc-000000000000{0}success{0}99"
LAST = "{1:08x}-aaaa-4bbb-8ccc-000000000000{0}success{0}99.5{0}100{0}512{0}60{0}platform.report"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("row", [ROW, LAST])
def test_rows_without_quotes_and_heads_are_unread(
    row: str, sign: str, tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """Nobody knows which figure is which; beside plain lines, and alone."""
    rows = "".join(row.format(sign, k) + "\n" for k in range(4))
    for text in (lines(10, 3) + rows, rows + lines(10, 3)):
        assert counted(tmp_path / "a.csv", text) == page(text) == [3, 4]
    assert counted(tmp_path / "a.csv", rows) == page(rows) == [0, 4]


@pytest.mark.parametrize(("row", "sign"), one_in(4, itertools.product([ROW, LAST], ",;\t|")))
def test_such_rows_deep_in_a_large_log_are_unread(row: str, sign: str, tmp_path: Path) -> None:
    """Behind more than a block of plain lines."""
    rows = "".join(row.format(sign, k) + "\n" for k in range(4))
    many = lines(10, 12_000)
    assert counted(tmp_path / "a.csv", many + rows + "END\n" * 3) == [12_000, 4]


def test_words_about_events_are_no_records(
    tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """A list of their names names no invocation."""
    text = lines(0, 1) + "subscribed to platform.start,platform.report,platform.end\n"
    assert counted(tmp_path / "a.log", text) == page(text) == [1, 0]


def test_two_packed_without_a_mark_are_two(
    tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """Each on a line of its own, and neither goes on with the other."""
    packed = [base64_of(raw_deflate(lines(k, 2).encode())) for k in (10, 20, 30)]
    text = lines(0, 1) + "\n".join(packed) + "\n" + lines(1, 1)
    assert counted(tmp_path / "a.log", text) == page(text) == [8, 0]


def test_a_line_of_base64_that_begins_as_zlib_goes_on(tmp_path: Path) -> None:
    """By chance one in 16,000 lines does; two logs of which the second is of zlib are two."""
    head = 10 + 5  # of gzip, and of what it stores without packing it
    filled = lines(10, 1) + "." * 99
    text = filled[: 57 * 4 - head] + "x\1" + "." * 99 + "\n" + lines(11, 1)
    wrapped = textwrap.wrap(base64_of(gzip.compress(text.encode(), 0)), 76)
    assert any(line.startswith("eA") for line in wrapped)
    other = textwrap.wrap(base64_of(zlib.compress(lines(20, 2).encode())), 76)
    for packed, right in ((wrapped, 3), ([*wrapped, *other], 5)):
        said = lines(0, 1) + "\n".join(packed) + "\n"
        assert counted(tmp_path / "a.log", said) == [right, 0]


def test_one_without_a_mark_that_is_cut_off_is_unread(
    tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """As far as it can be read it is."""
    cut = base64_of(raw_deflate(lines(10, 40).encode())[:-60])
    found = counted(tmp_path / "a.log", lines(0, 1) + cut + "\n")
    assert found == page(lines(0, 1) + cut + "\n")
    assert found[0] > 15
    assert found[1] >= 1


def test_long_words_that_pack_nothing_are_left_alone(
    tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """Hashes, paths and tokens."""
    words = ("ab" * 64, "/var/task/" + "node_modules/" * 8, base64_of(bytes(range(256))))
    said = "".join(f"{STAMP}INFO {word} seen\n{word}\n" for word in words)
    text = lines(0, 1) + said + lines(1, 1)
    assert counted(tmp_path / "a.log", text) == page(text) == [2, 0]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("begin", ["", '{"message": "', "x" * 76 + "\n"])
def test_a_very_long_word_that_packs_nothing_is_soon_read(
    begin: str, tmp_path: Path, page: Callable[[str], list[int]]
) -> None:
    """In a time that grows with its length, and not with its square."""
    text = (begin * 2000 if begin.endswith("\n") else begin + "x" * 200_000) + "\n" + lines(0, 1)
    assert counted(tmp_path / "a.log", text) == page(text) == [1, 0]


def test_what_is_packed_in_no_known_way_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows that it is a log: the sentence says what to do."""
    path = tmp_path / "a.txt"
    path.write_text(base64.b64encode(LOG[::-1]).decode() + "\n", "utf-8")
    assert run(["audit", str(path)]) == 1
    assert "unpack that first" in capsys.readouterr().err
    path.write_text("no long word in it\n", "utf-8")
    assert run(["audit", str(path)]) == 1
    assert "is it a Lambda log?" in capsys.readouterr().err
