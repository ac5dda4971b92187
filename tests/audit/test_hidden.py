"""What stands beside records and is no text of words: read, or called unread, and never lost."""

from __future__ import annotations

import base64
import gzip
import json
import random
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_logs import by_audit, invocations, line

from serverless_tax.cli.app import run

STAMP = "2026-11-01T10:00:00.000Z "
DRAW = random.Random(26)  # noqa: S311 - to make lines, not to keep a secret


def lines(first: int, count: int) -> str:
    """Invocations, each with an id of its own."""
    return "".join(
        f"{STAMP}{line(request_id=f'{k:08x}-aaaa-4bbb-8ccc-000000000000')}\n"
        for k in range(first, first + count)
    )


LOG = lines(10, 2)
#: In base85 with signs that no reading of Python's knows.
ODD = base64.b85encode(LOG.encode()).decode().translate(str.maketrans("0123456789", "[]':,./\\\"~"))
FOLDED = "".join(f"{ODD[at : at + 76]}\n" for at in range(0, len(ODD), 76))


def counted(path: Path, text: str) -> list[int]:
    """Return how many invocations a text has for the command, and how many are unread."""
    path.write_text(text, "utf-8")
    sums = by_audit(path)
    return [invocations(sums), sums.unread]


@pytest.mark.parametrize("count", [3, 12_000])
@pytest.mark.parametrize("text", [ODD + "\n", FOLDED])
def test_what_no_reading_opens_is_unread_line_by_line(
    text: str, count: int, tmp_path: Path
) -> None:
    """In a small log and deep in a large one."""
    said = lines(100, count) + text + lines(20, 1)
    assert counted(tmp_path / "a.log", said) == [count + 1, text.count("\n")]


MARGINS = {
    "indented": "    {}",
    "quoted": "> {}",
    "coloured": "\x1b[32m{}\x1b[0m",
    "zeros": "{}\0",
}


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("count", [3, 12_000])
def test_a_margin_or_a_colour_changes_nothing(margin: str, count: int, tmp_path: Path) -> None:
    """Of base32 over several lines, and of the pieces of a container's engine."""
    text = base64.b32encode(LOG.encode()).decode()
    folded_text = [text[at : at + 76] for at in range(0, len(text), 76)]
    said = lines(20, 1)[:-1]
    parts = [said[at : at + 7] for at in range(0, len(said), 7)]
    ends = ["P"] * (len(parts) - 1) + ["F"]
    pieces = [f"{STAMP}stdout {end} {part}" for end, part in zip(ends, parts, strict=True)]
    some = "".join(MARGINS[margin].format(one) + "\n" for one in [*folded_text, *pieces])
    assert counted(tmp_path / "a.log", lines(100, count) + some) == [count + 3, 0]


def row(sign: str, k: int) -> str:
    """A row of a table: id, duration, what was billed, memory."""
    return sign.join([f"{k:08x}-aaaa-4bbb-8ccc-000000000000", f"{9.1 + k:.2f}", f"{10 + k}", "512"])


@pytest.mark.parametrize("sign", [",", "\t", ";", " | ", "|"])
@pytest.mark.parametrize("heads", ["", "rid,dur,bill,mem\n", "| rid | dur |\n|---|---|\n"])
@pytest.mark.parametrize("count", [3, 12_000])
def test_rows_under_heads_that_nobody_knows_are_unread(
    heads: str, sign: str, count: int, tmp_path: Path
) -> None:
    """Their columns tell what they are, and not which figure is which."""
    rows = "".join(f"chat{sign}{row(sign, k)}\n" for k in range(4))
    assert counted(tmp_path / "a.csv", lines(10, count) + heads + rows) == [count, 4]


def test_both_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the text, in the page and in the table of rows."""
    path, page, rows = (tmp_path / f"a.{end}" for end in ("log", "html", "csv"))
    path.write_text(lines(100, 3) + FOLDED + row(";", 1) + "\n", "utf-8")
    assert run(["audit", str(path), "--html", str(page)]) == 0
    capsys.readouterr()
    assert run(["audit", str(path)]) == 0
    for said in (" ".join(capsys.readouterr().out.split()), page.read_text("utf-8")):
        assert f"{FOLDED.count(chr(10))} lines are encoded, it seems" in said
        assert "1 row is of a table whose heads do not say which column is which" in said
    assert run(["audit", str(path), "--csv", str(rows)]) == 0
    assert rows.read_text("utf-8").splitlines()[1].endswith(f",{FOLDED.count(chr(10)) + 1}")


def digits(count: int, sign: str = "") -> str:
    """Random bytes."""
    return sign.join(f"{byte:02x}" for byte in DRAW.randbytes(count))


def signs(count: int) -> str:
    """Random bytes in base64."""
    return base64.b64encode(DRAW.randbytes(count)).decode()


def folded(begin: str, count: int, width: int) -> str:
    """Base64 over several lines."""
    text = begin + signs(count)
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def own_id() -> str:
    """An id of a request."""
    return str(uuid.UUID(bytes=DRAW.randbytes(16), version=4))


ORDINARY: dict[str, Callable[[], str]] = {
    "token": lambda: f"eyJhbGciOiJSUzI1NiJ9.{signs(60).rstrip('=')}.{signs(256).rstrip('=')}",
    "hash": lambda: digits(32) + "  node_modules/x/index.js",
    "password": lambda: f"$argon2id$v=19$m=65536,t=3,p=4${signs(16)}${signs(32)}",
    "PEM": lambda: f"-----BEGIN KEY-----\n{folded('MII', 900, 64)}\n-----END KEY-----",
    "modulus": lambda: "Modulus:\n" + "\n".join(f"    {digits(15, ':')}:" for _ in range(18)),
    "print of a key": lambda: "SHA256 Fingerprint=" + digits(32, ":").upper(),
    "picture": lambda: folded("iVBORw0KGgoAAAANSUhEUgAA", 900, 76),
    "picture on a page": lambda: f'<img src="data:image/jpeg;base64,/9j/{signs(900)}">',
    "picture in JSON": lambda: json.dumps({"level": "info", "image": signs(600), "ms": 12.5}),
    "handle": lambda: json.dumps({"handle": f"AQEB{signs(300)}"}, separators=(",", ":")),
    "address": lambda: f"https://a.s3.amazonaws.com/k?X-Amz-Credential=A%2Fs3&X={signs(300)}",
    "cookie": lambda: f"cookie: session={signs(90)}; _ga=GA1.2.12; csrf={signs(40)}; Path=/",
    "numbers": lambda: " ".join(str(DRAW.randrange(256)) for _ in range(64)),
    "vector": lambda: str([round(DRAW.random(), 6) for _ in range(40)]),
    "bytes": lambda: repr(DRAW.randbytes(120)),
    "access": lambda: f"{STAMP.strip()},{own_id()},GET,/orders,200,12.5,512,{own_id()}",
    "sentence": lambda: f"INFO request {own_id()} took 12.34 ms, billed 13 ms of 512 MB, used 87",
    "capitals": lambda: "MESSAGES ARE ALL IN CAPITALS HERE AND THE LINE IS LONG ENOUGH",
    "pattern": lambda: r"^(?:(?:25[0-5]|2[0-4][0-9])\.){3}$|^[!#$%&'*+/=?^_`{|}~-]+@[A-Z0-9]+$",
    "stack": lambda: "    at e.exports.h3kJs8fA.t.Zx (/var/task/node_modules/a/index.js:1:238471)",
    "script": lambda: "!function(e,t){var n={};function r(o){if(n[o])return n[o].e}}([]);" * 2,
    "markup": lambda: f"<?xml?><Answer><Id>{own_id()}</Id><D>{signs(80)}</D></Answer>",
    "rule": lambda: "-" * 100 + "\n" + "=" * 76,
    "words in base64": lambda: base64.b64encode(b"plain words of no record " * 9).decode(),
    "another script": lambda: "日本語のログ行です。" * 8,
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_lines_are_not_called_unread(kind: str, tmp_path: Path) -> None:
    """Three of them, bare and behind the time, beside a record."""
    some = "".join(f"{ORDINARY[kind]()}\n" for _ in range(3))
    timed = "".join(f"{STAMP}{one}\n" for one in some.splitlines())
    assert counted(tmp_path / "a.log", lines(10, 1) + some + timed) == [1, 0]


def test_neither_are_many_mixed(tmp_path: Path) -> None:
    """Two hundred logs of such lines."""
    kinds = [*ORDINARY.values()]
    for k in range(200):
        text = "".join(STAMP * DRAW.randrange(2) + DRAW.choice(kinds)() + "\n" for _ in range(40))
        assert counted(tmp_path / f"{k}.log", lines(k, 2) + text + lines(k + 2, 1)) == [3, 0]


def pieces(text: str, ending: str = "\n") -> str:
    """Return lines as a container's engine cuts them."""
    begin = f"{STAMP.strip()} stdout"
    cut = ([one[at : at + 20] for at in range(0, len(one), 20)] for one in text.splitlines())
    return "".join(
        f"{begin} {'F' if at == len(some) - 1 else 'P'} {one}{ending}"
        for some in cut
        for at, one in enumerate(some)
    )


PACKED = base64.b64encode(gzip.compress(LOG.encode())).decode()
PLAIN_PACKED = base64.b64encode(lines(30, 2).encode()).decode()
ZLIB = base64.b64encode(zlib.compress(lines(30, 2).encode())).decode()
BASE85 = base64.b85encode(lines(30, 2).encode()).decode()
SUBSCRIBED = json.dumps(
    {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/chat",
        "logEvents": [{"timestamp": 1793527200000, "message": one} for one in LOG.splitlines()],
    }
)
BASE32 = base64.b32encode(lines(30, 2).encode()).decode()


def in_lines(text: str, width: int, between: str = "\n") -> str:
    """Return a text in lines of one width."""
    return between.join(text[at : at + width] for at in range(0, len(text), width)) + "\n"


#: How a text is written, and how many invocations it has.
FORMS = {
    "base64, and base32 behind it": (PACKED + "\n" + in_lines(BASE32, 64), 4),
    "base64 on one line, and on several": (PACKED + "\n" + in_lines(PLAIN_PACKED, 64), 4),
    "base64 on one line, and in zlib": (PACKED + "\n" + ZLIB + "\n" + pieces(lines(40, 2)), 6),
    "base85 before a document": (f"{BASE85}\n[\n{json.dumps({'message': LOG})}\n]\n", 4),
    "coloured base64": ("".join(f"\x1b[32m{x}\x1b[0m\n" for x in in_lines(PACKED, 76).split()), 2),
    "base64 joined by commas": (in_lines(PACKED, 64, ", "), 2),
    "base32 joined by returns": (in_lines(BASE32, 64, "\r "), 2),
    "pieces that end with two returns": (pieces(LOG, "\r\r\n"), 2),
    "pieces within a text of JSON": (json.dumps(pieces(LOG)) + "\n", 2),
    "lines and base64 within a text of JSON": (json.dumps(lines(30, 1) + PACKED + "\n") + "\n", 3),
    "a subscription's JSON in a terminal": (in_lines(SUBSCRIBED, 80), 2),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_joined_wrapped_or_quoted_is_read(form: str, tmp_path: Path) -> None:
    """Alone, and behind a line of a log."""
    text, count = FORMS[form]
    assert counted(tmp_path / "a.log", text) == [count, 0]
    assert counted(tmp_path / "b.log", lines(50, 1) + text) == [count + 1, 0]


def test_a_table_whose_last_row_is_torn_ends_in_no_traceback(tmp_path: Path) -> None:
    """Its lines end with two returns, as a terminal writes them."""
    text = '@timestamp @message\r\r\n2026-11-01 "REPORT RequestId: 1\r\r\n2026-11-01 "REPORT\r\r'
    path = tmp_path / "a.log"
    path.write_bytes(text.replace(" ", "\t", 1).encode())
    assert by_audit(path).unread >= 1
