"""Lines as they were written: without colours, with the signs that AWS writes, unwrapped.

A log that went through a terminal, a web page or a mail has no-break spaces, typographic dashes,
escaped tabs and lines broken in two. What the grammar reads has none of them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from serverless_tax.audit.read.payload import packed_in
from serverless_tax.ground.report import BILLED, FIELDS, REQUIRED, Report, parse_report

#: Where a record of an invocation begins, in any of the ways it is written.
START = re.compile(
    r"REPORT\W{1,20}Request ?I[dD]\b ?:?|(?<![0-9A-Za-z_])(?:END|REPORT)[ \t]+Duration:"
)
#: A record that a line break cut before its first label was whole.
BEGUN = re.compile(
    r"(?<![0-9A-Za-z_])REPORT[ \t]*"
    r"(?:R|Re|Req|Requ|Reque|Reques|Request|RequestI|RequestId)?[ \t]*$"
)

_NAMES = ("REPORT", '"platform.report')


def _cut_anywhere(word: str) -> str:
    letters = r"(?:\r?\n)?".join(map(re.escape, word))
    return rf"(?=[\w.]{{1,{len(word) - 1}}}\r?\n){letters}"


#: The letters on both sides of such a cut.
CUT_PAIRS = {a + b for word in _NAMES for a, b in pairwise(word)}
#: A word that names a record, which a terminal broke in two.
CUT_WORD = re.compile(
    rf"(?<![0-9A-Za-z_])(?:{_cut_anywhere(_NAMES[0])})(?=\W{{1,20}}R)"
    rf'|(?:"\r?\n{re.escape(_NAMES[1][1:])}|{_cut_anywhere(_NAMES[1][1:])})(?![0-9A-Za-z_])'
)

#: A line with a time alone, as the console has it before the message, or a cell of a table of AWS's
#: command behind it.
_TIME_ALONE = re.compile(
    r"^([ \t]*(?:[0-9]{1,5}\t)?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9:]{4,6}| \(?UTC[0-9:+-]{0,6}\)?)?[ \t]*)(\r?\n)"
    r"(?=REPORT RequestId)",
    re.MULTILINE,
)
_TIME_BEHIND = re.compile(
    r"^(\|+ +message .*\n(?:[ |]*\n)?)\|+ +timestamp +\| +(1[0-9]{12})", re.MULTILINE
)
TIME_SIZES = (19, 48)
#: A record in other capitals, and one as an address on the web has it.
RECASED = re.compile(
    r"(?:[Rr]eport|REPORT)\W{1,20}(?:request ?(?:id|ID|Id)|Request ?(?:id|ID)|REQUEST ?ID)\b"
)
ENCODED = re.compile(r"REPORT(?:%(?:25)*(?:20|09)|[+])+Request|%(?:25)*22platform[.]report%")
#: A record whose label before the id was left out, as ``sls logs`` of version 4 does.
UNLABELLED = re.compile("REPORT - (?=[0-9a-f]{8}-)")
ODD_SIGNS = re.compile(r"[^\t -~]|\\|&|[<^]|#011|=09|\[[0-9;]{1,9}m")
ODD = re.compile("|".join(one.pattern for one in (ODD_SIGNS, RECASED, ENCODED, UNLABELLED)))
COLOUR = re.compile(
    r"(?:\x1b|\\033|\\e|\u241b|\^\[)\[[0-9;?]*[ !]?(?!REPORT)[@-~]|\[[0-9;]{1,9}m"
    r"|\x1b\][^\x07]*\x07"
)
#: A sign that JSON or Python has escaped; half of a pair is none.
ESCAPED = re.compile(r"\\+(?:u((?![dD][89abAB])[0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
TAB = re.compile(r"\\+t|#011|=09|\^I|\\+011")
PERCENT = re.compile("%(?:25)*([0-9A-Fa-f]{2})")
BREAK = re.compile(r"(?:\\+r)?\\+n")
TAG = re.compile(r"</?[a-z]{1,6}(?: [^<>]{0,60})?/?>|@/?kibana-highlighted-field@")
_SIGNS = str.maketrans(
    dict.fromkeys(
        "\x01\x1f\ufffd\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))),
        " ",
    )
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u00c2", "")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\uff1a", ":")
)

#: A line that is JSON, with or without words around it.
WITH_JSON = re.compile(r'[^{"]{0,400}(?:\{|\[\s*[{"\[]).*[}\]](?:(?!REPORT)[^"{}]){0,60}$')

#: Lines that a wrapped record goes on for; behind the first few of them spaces are as they stand.
MOST_LINES, _MOST_OF_JSON = 10, 30
_FEW_LINES = 5
#: JSON that begins on a line, and an event that a line break cut.
JSON_BEGUN = re.compile(r'\{\s*(?:"|$)')
CUT_EVENT = re.compile(r'"platform[.]report"(?:.*[^}\s])?\s*$')
_LABELS = [field.label for field in FIELDS]
#: Each label where it stands, and not another that ends so.
ANY_LABEL = "|".join(sorted(map(re.escape, _LABELS), key=len, reverse=True))
NEXT = re.compile(
    r"\s*(?:START|END|REPORT|INIT_|RESTORE_|\{|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}|/aws/)"
)
MORE = re.compile("(?:Init|Restore|Billed Restore) Duration:|Status:|Error Type:|XRAY TraceId:")
_QUOTED = re.compile("^[>|\u2502]+ ?")
MARGIN = re.compile(r"^[>|\s\u2502]*(?:\\(?= ))?")
TAIL = re.compile(r"(?:ms|MB)[ \t]+([A-Z][A-Za-z ]{0,22})$")

#: What a record's peak memory is called; in one without it that is unknown, and all else is read.
PEAK = next(re.compile(f"{f.label}|{f.json_name}") for f in FIELDS if f.name not in BILLED)

#: Labels and units, in any capitals.
ANY_CASE = re.compile(rf"REPORT(?=\W{{1,20}}Request)|\b(?:{ANY_LABEL}|ms|MB)\b", re.IGNORECASE)
_AS_WRITTEN = {one.lower(): one for one in (*_LABELS, "REPORT", "ms", "MB")}
#: Figures that a country's way of writing numbers has gone over: thousands, and a decimal comma.
SEPARATED = re.compile("[0-9][,'][0-9]|[0-9] [0-9]{3}(?![0-9])")
THOUSANDS = re.compile("(?<=[0-9])[,' ](?=[0-9]{3}(?![0-9]))")
DECIMAL_COMMA = re.compile("[0-9],[0-9]{1,2}(?![0-9])")
POINTS = re.compile("(?<=[0-9])[.' ](?=[0-9]{3}(?![0-9]))")
#: What stands around a value and is none of it.
AROUND = re.compile(r"^[^\w-]+|[^\w]+$")
LABELLED = re.compile(rf"(?<![A-Za-z])({ANY_LABEL}) ?:")
#: What a line ends with that goes on on the next: as YAML has it, and mail.
_FOLDS = ("\\", "=")
_NOT_IN_ID = re.compile("[^0-9A-Za-z-]")


def clean(line: str) -> str:
    r"""Return a line with plain signs, and without what colours it.

    >>> clean("\x1b[90mREPORT\u00a0RequestId: 0a0a\u20130b0b\x1b[0m")
    'REPORT RequestId: 0a0a-0b0b'
    """
    if not ODD.search(line):
        return line
    line = ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), line)
    line = COLOUR.sub("", line).translate(_SIGNS)
    if ENCODED.search(line):
        line = PERCENT.sub(lambda found: chr(int(found[1], 16)), line.replace("+", " "))
    line = BREAK.sub(" ", TAB.sub("\t", line)).replace('\\"', '"')
    if "&" in line:
        line = html.unescape(line).translate(_SIGNS)
    if "<" in line or "@" in line:
        line = TAG.sub("", line)
    line = UNLABELLED.sub("REPORT RequestId: ", line)
    return _recased(line) if RECASED.search(line) else line


def _recased(line: str) -> str:
    return ANY_CASE.sub(lambda found: _AS_WRITTEN[found[0].lower()], line)


def whole_words(text: str) -> str:
    r"""Return a text of which no line break cuts a word that names a record: it follows the word.

    >>> whole_words("10:00 REP\nORT RequestId: 1a")
    '10:00 REPORT\n RequestId: 1a'
    """
    breaks = (one.start() for one in re.finditer("\n", text))
    pairs = (text[max(at - 2, 0) : at].rstrip("\r")[-1:] + text[at + 1 : at + 2] for at in breaks)
    return CUT_WORD.sub(_moved, text) if any(pair in CUT_PAIRS for pair in pairs) else text


def timed(text: str) -> str:
    r"""Return a text whose records have their times on their lines.

    >>> timed("2026-10-01T08:00:00.123Z\nREPORT RequestId: 1a")
    '2026-10-01T08:00:00.123Z REPORT RequestId: 1a'
    """
    text = _TIME_ALONE.sub(lambda found: found[1] + " " * len(found[2]), text)
    return _TIME_BEHIND.sub(r"\2 \1", text)


def _moved(found: re.Match[str]) -> str:
    return "".join(found[0].split()) + ("\r\n" if "\r" in found[0] else "\n")


def tidied(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines that are clean, and whole where one was broken in several."""
    at = 0
    while at < len(lines):
        following = lines[at + 1 : at + 1 + _MOST_OF_JSON]
        line, more = _whole_json(lines[at], following) or unwrapped(
            lines[at], following[:MOST_LINES]
        )
        yield line
        at += 1 + more


def unwrapped(line: str, following: Sequence[str]) -> tuple[str, int]:
    """Return a line whole, and of how many that follow it it is made.

    >>> unwrapped("REPORT RequestId: 1a Duration: 2.00 ms Billed Duration: 2", [
    ...     " ms Memory Size: 128 MB", "Max Memory Used: 15 MB", "END"])[1]
    2
    """
    if WITH_JSON.match(line) or packed_in(line):  # whose signs are their own
        return line, 0
    raw, line = line, clean(line)
    begun = _begins_in(line)
    number = len(START.findall(line)) - (not begun)
    if number < 0:
        return line, 0
    rest, whole_lines = _goes_on(following[:MOST_LINES])
    if _is_record(line, number):
        return _with_more(line, rest, 0, whole_lines)
    folded = raw.rstrip().endswith(_FOLDS)
    pieces = [(clean(raw.rstrip()[:-1]) if folded else line).rstrip("\r\n")]
    as_it_stands = raw.rstrip("\r\n")
    for k, one in enumerate(rest, 1):
        ends = one.rstrip().endswith(_FOLDS)
        pieces.append(clean(MARGIN.sub("", one.rstrip()[:-1] if ends else one)))
        as_it_stands += one.rstrip("\r\n")
        some = _joined(pieces) if k <= _FEW_LINES else [_as_words(pieces)]
        for text in (*some, clean(as_it_stands)):
            if _is_record(text, number):
                return _with_more(text, rest, k, whole_lines)
    # One that began, and is unread.
    one_more = _joined((line, rest[0])) if begun and rest else ()
    has_begun = (text for text in one_more if len(START.findall(text)) > number)
    return next(((text, min(1, whole_lines)) for text in has_begun), (line, 0))


def _begins_in(line: str) -> bool:
    """Whether a line ends in the first words of a record, which tell it from nothing else yet."""
    found = BEGUN.search(line)
    return found is not None and not START.search(found[0])


def ends_within(line: str) -> bool:
    """Whether a line ends within a record."""
    line = clean(line)
    number = len(START.findall(line)) - 1
    return number >= 0 and not _is_record(line, number)


def _goes_on(following: Sequence[str]) -> tuple[list[str], int]:
    """Return what may go on with a record, and how many lines of it are whole.

    Of a line in which the next record begins, it is what stands before that.
    """
    rest: list[str] = []
    for one in following:
        if NEXT.match(one) and not MORE.search(one[:40]):
            break
        begins = START.search(clean(one)) or BEGUN.search(one)
        if begins:
            return [*rest, *filter(None, [begins.string[: begins.start()]])], len(rest)
        rest.append(one)
    return rest, len(rest)


def _is_record(text: str, number: int) -> bool:
    """Whether the record that begins there as that one of several is whole."""
    begins = [found.start() for found in START.finditer(text)]
    return len(begins) > number and read_record(text[begins[number] :]) is not None


def _whole_json(line: str, following: Sequence[str]) -> tuple[str, int] | None:
    """Return JSON that a terminal broke in several lines as one; None if it is none, or no whole.

    >>> _whole_json('10:00 {"metered": 1, "cpu_m', ['s": 2.5}', "END"])
    ('10:00 {"metered": 1, "cpu_ms": 2.5}', 1)
    """
    found = JSON_BEGUN.search(line)
    if found is None or WITH_JSON.match(line):
        return None
    text, at = line.rstrip("\r\n"), found.start()
    for k, one in enumerate(following, 1):
        text += _QUOTED.sub("", one.rstrip("\r\n"))
        whole = text.rstrip(" \t,;]")
        if whole.endswith("}"):
            try:
                json.loads(whole[at:])
            except (ValueError, RecursionError):
                continue
            return whole, k
    return None


def _joined(pieces: Sequence[str]) -> Iterator[str]:
    """Yield lines as one, with and without a space where each was broken."""
    for between in product((" ", ""), repeat=len(pieces) - 1):
        text = pieces[0]
        for gap, piece in zip(between, pieces[1:], strict=True):
            text = (text.rstrip() + " " + piece.lstrip()) if gap else text + piece
        yield text


def _as_words(pieces: Sequence[str]) -> str:
    """Return lines as one that were broken between words, or behind a hyphen."""
    text = pieces[0]
    for piece in pieces[1:]:
        text += piece.lstrip() if text.endswith("-") else f" {piece.lstrip()}"
    return text


def _with_more(text: str, rest: Sequence[str], used: int, whole_lines: int) -> tuple[str, int]:
    """Add lines that go on with what only some records say."""
    while used < len(rest):
        piece = clean(MARGIN.sub("", rest[used]))
        cut = TAIL.search(text.rstrip())
        if MORE.match(piece) or (cut and MORE.match(f"{cut.group(1)} {piece}")):
            text = f"{text.rstrip()} {piece}"
        elif cut and MORE.match(cut.group(1) + piece):
            text = text.rstrip() + piece
        else:
            break
        used += 1
    return text, min(used, whole_lines)


def read_record(text: str, fields: Sequence[str] = REQUIRED) -> Report | None:
    r"""Read a record from where it begins, with its labels in any order; None if one is missing.

    ``fields`` are those that it has to have.

    >>> read_record("END Duration: 3.22 ms\tBilled Duration: 4 ms\tMemory Size: 1024 MB\t"
    ...             "Max Memory Used: 55 MB").billed_ms
    4
    """
    found = parse_report(text, fields)
    if found is not None and not SEPARATED.search(text):
        return found
    return _labelled(text, fields) or found


def _labelled(text: str, fields: Sequence[str]) -> Report | None:
    text = _recased(text)
    labels = list(LABELLED.finditer(text))
    if not labels:
        return None
    ends = [label.start() for label in labels[1:]] + [len(text)]
    said: dict[str, str] = {}
    comma = DECIMAL_COMMA.search(text) is not None
    for label, end in zip(labels, ends, strict=True):
        value = plain_number(AROUND.sub("", text[label.end() : end]), comma=comma)
        if said.setdefault(label.group(1), value) != value:
            return None
    said["RequestId"] = _NOT_IN_ID.sub("", said.get("RequestId", ""))[:64] or "unknown"
    if any(field.label not in said for field in FIELDS if field.name in fields):
        return None
    ordered = " ".join(f"{label}: {said[label]}" for label in _LABELS if label in said)
    return parse_report(f"REPORT {ordered}", fields)


def plain_number(text: str, *, comma: bool) -> str:
    """Return a figure without what groups its thousands; ``comma`` says that its point is one.

    >>> plain_number("1,234.56 ms", comma=False), plain_number("1.234,56 ms", comma=True)
    ('1234.56 ms', '1234.56 ms')
    """
    return POINTS.sub("", text).replace(",", ".") if comma else THOUSANDS.sub("", text)
