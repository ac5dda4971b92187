"""Logs that something wrote anew as a whole: dumps, mails, other bases, pieces of long lines."""

from __future__ import annotations

import base64
import binascii
import json
import quopri
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_logs import by_audit, invocations, line, numbered
from py_mini_racer import MiniRacer

from serverless_tax.audit.read.rewritten import as_it_was
from serverless_tax.widgets import reader_javascript

STAMP = "2026-10-01T08:00:00.123Z"
LOG = numbered([f"{STAMP} START RequestId: 1a\n{STAMP} {line()}"] * 3) + "\n"
RECORDS = 3


def dump(text: str, of: Callable[[int, bytes], str], size: int = 16) -> str:
    """A dump, a line for so many bytes."""
    data = text.encode()
    return "".join(of(at, data[at : at + size]) + "\n" for at in range(0, len(data), size))


def shown(part: bytes) -> str:
    """What a dump has beside the bytes."""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)


def words(part: bytes, form: str) -> str:
    """Numbers of two bytes, the lower one first."""
    pairs = (part[at : at + 2] for at in range(0, len(part), 2))
    return " ".join(format(int.from_bytes(pair, "little"), form) for pair in pairs)


def grouped(part: bytes) -> str:
    """Digits of two bytes each, as xxd has them."""
    return " ".join(part[at : at + 2].hex() for at in range(0, len(part), 2))


def sign(byte: int) -> str:
    """A byte as od -c has it."""
    escaped = {9: "\\t", 10: "\\n"}.get(byte)
    return f"{escaped or chr(byte):>4}"


def uuencoded(text: str) -> str:
    """As the program of that name writes it: 45 bytes a line."""
    data = text.encode()
    lines = (binascii.b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45))
    return f"begin 644 rag.log\n{''.join(lines)}`\nend\n"


def folded(text: str) -> str:
    """Broken in lines, whatever stands there."""
    return "".join(text[at : at + 76] + "\n" for at in range(0, len(text), 76))


def pieces(text: str, size: int = 60) -> str:
    """Each line in pieces, as a container's engine cuts a long one."""
    lines = []
    for one in text.splitlines():
        parts = [one[at : at + size] for at in range(0, len(one), size)]
        lines += [f"{STAMP} stdout P {part}" for part in parts[:-1]]
        lines += [f"{STAMP} stderr F beside", f"{STAMP} stdout F {parts[-1]}"]
    return "\n".join(lines) + "\n"


WRITTEN = {
    "hexdump -C": dump(
        LOG, lambda at, b: f"{at:08x}  {b[:8].hex(' ')}  {b[8:].hex(' '):23}  |{shown(b)}|"
    ),
    "xxd": dump(LOG, lambda at, b: f"{at:08x}: {grouped(b):39}  {shown(b)}"),
    "xxd -b": dump(
        LOG, lambda at, b: f"{at:08x}: {' '.join(f'{x:08b}' for x in b):53}  {shown(b)}", 6
    ),
    "od": dump(LOG, lambda at, b: f"{at:07o} {words(b, '06o')}"),
    "od -c": dump(LOG, lambda at, b: f"{at:07o}{''.join(map(sign, b))}"),
    "hexdump -c": dump(LOG, lambda at, b: f"{at:07x}{''.join(map(sign, b))}"),
    "od -t x1z": dump(LOG, lambda at, b: f"{at:06x} {b.hex(' '):47}  >{shown(b)}<"),
    "od -An": dump(LOG, lambda _, b: f" {b.hex(' ')}"),
    "hexdump": dump(LOG, lambda at, b: f"{at:07x} {words(b, '04x')}"),
    "quoted": quopri.encodestring(LOG.encode(), quotetabs=True).decode(),
    "base32": base64.b32encode(LOG.encode()).decode(),
    "base85 beside a line": f"{STAMP} INFO hello\n{base64.b85encode(LOG.encode()).decode()}\n",
    "Ascii85": base64.a85encode(LOG.encode(), adobe=True).decode(),
    "uuencode": uuencoded(LOG),
    **{
        f"bytes between {sign!r}": "0x" * ("x" in sign)
        + sign.join(f"{x:02x}" for x in LOG.encode())
        for sign in (" ", ":", "-", ",0x", ", 0x")
    },
    "bytes of ten": " ".join(str(byte) for byte in LOG.encode()),
    "base32, folded": folded(base64.b32encode(LOG.encode()).decode()),
    "base85, folded": folded(base64.b85encode(LOG.encode()).decode()),
    "pieces": pieces(LOG),
    "pieces of seven": pieces(LOG, 7),
}
#: Of these each run of lines is read where it stands.
BY_LINES = [one for one in WRITTEN if one.startswith(("base", "bytes", "Ascii", "uu", "od -An"))]


@pytest.mark.parametrize("how", WRITTEN)
def test_a_log_that_was_written_anew_is_read(how: str, tmp_path: Path) -> None:
    """Each of its records counts, and none is unread."""
    path = tmp_path / "rag.log"
    path.write_text(WRITTEN[how], "utf-8")
    found = by_audit(path)
    assert (invocations(found), found.unread) == (RECORDS, 0)


@pytest.mark.parametrize("how", WRITTEN)
def test_it_may_stand_between_other_lines(how: str, tmp_path: Path) -> None:
    """Behind many of them, with a record behind it that is as it was."""
    path = tmp_path / "rag.log"
    other = f"{STAMP} INFO up\n" * 1000
    path.write_text(f"{other}{WRITTEN[how].strip()}\n{STAMP} {line('7.25')}\n", "utf-8")
    found = by_audit(path)
    assert (invocations(found), found.unread) == (RECORDS + 1, 0)


@pytest.mark.parametrize("how", [one for one in WRITTEN if one not in BY_LINES])
@pytest.mark.parametrize("size", [100, 8000])
def test_it_may_arrive_in_any_blocks(how: str, size: int) -> None:
    """The first of them tells how it is written, where it holds a record."""
    text = (WRITTEN[how].rstrip("\n") + "\n").encode() * 8
    blocks = [text[:5000], *(text[at : at + size] for at in range(5000, len(text), size))]
    whole = b"".join(as_it_was([text]))
    assert b"".join(as_it_was(blocks)).replace(b"\n", b"") == whole.replace(b"\n", b"")
    assert whole.count(b"REPORT RequestId") >= RECORDS


@pytest.mark.parametrize(
    "text", ["tokens=20 said=09\n", f"{STAMP} INFO {'a' * 99}\n", "cafe 12 34 ab\n"]
)
def test_another_text_stays_as_it_is(text: str) -> None:
    """Signs that one of the ways has too, beside records that are as they were."""
    both = (text + LOG).encode()
    assert b"".join(as_it_was([both])) == both


#: What the page leaves to the command; heads may have one blank between them as well.
LEFT = WRITTEN | {"heads": "requestId durationMs billedDurationMs memorySizeMB\n1a 1 2 128\n"}


@pytest.mark.parametrize("how", LEFT)
def test_the_page_is_not_silent_about_what_the_command_alone_reads(how: str) -> None:
    """Beside records that it reads: it says that there is more, and who reads it."""
    racer = MiniRacer()
    racer.eval(reader_javascript())

    def is_said(text: str) -> object:
        return racer.eval(f"readLog({json.dumps(text)}).other")

    plain = f"{STAMP} {line()}\n{STAMP} INFO up at https://example.com/{'a/b-' * 20}\n"
    assert is_said(plain + LEFT[how])
    assert not is_said(plain + LOG)
