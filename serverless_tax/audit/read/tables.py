"""Tables of text: what their heads are called, and how a sign or blanks part the cells of a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO

from serverless_tax.audit.read.tidy import START
from serverless_tax.audit.read.words import DURATION_CELL

#: One of these is in the heads of a table.
MESSAGE_CELLS = re.compile(
    rf"@?(?:message|{DURATION_CELL}|log_?line|_?raw|content|body|line|event|msg|log)",
    re.IGNORECASE,
)
#: What may be a name there: a record, or an event's, is none.
CELL = re.compile(rf"(?!.*(?:{START.pattern})\s*\w|platform[.]report$)[@#\w. /:>|$\[\]-]{{1,64}}")
#: Signs between cells; two of them are Hive's, the last one the blanks of a table that was printed.
_SIGNS = (",", "\t", ";", "|", "\x01", "\x1f", "  ")
#: Between the first two names another sign may stand, if neither a blank nor a quote is there.
_ODD_SIGN = re.compile(r"@?\w+([^\w\s\"'@.{}=]{1,3})@?\w[^\s\"'{}=]*")
_BLANKS, _BLANK = re.compile(" {2,}"), re.compile("( )")
#: What stands for columns that such a program left out, and one of these is beside it.
LEFT_OUT = "..."
_BESIDE = re.compile(
    rf"{MESSAGE_CELLS.pattern}|@?(?:timestamp|time|type|(?:.*\W)?requestid|.*memory.*)",
    re.IGNORECASE,
)
_DURATION = re.compile(f"@?{DURATION_CELL}", re.IGNORECASE)
#: Between names that are all known, among them a duration, one blank may stand.
_BY_BLANKS = re.compile(
    r"(?:(?:@\w+|time(?:stamp)?|requestid|type|[\w.]*(?:memory|duration)\w*)(?: (?=\S)|$)){3,}",
    re.IGNORECASE,
)
_MOST_CELLS = 256


def heads_of(line: str) -> tuple[list[str], str] | None:
    """Return the names in the heads of a table, and what parts them; None for another line.

    >>> heads_of("   time  durationMs"), heads_of("time, place")
    ((['time', 'durationMs'], '  '), None)
    """
    for sign in _SIGNS:
        cells = _parted(line.removeprefix("\ufeff"), sign)
        names = [name.strip().strip('"') for name in cells]
        if 1 < len(names) <= _MOST_CELLS and all(map(CELL.fullmatch, filter(None, names))):
            known = _BESIDE if LEFT_OUT in names else MESSAGE_CELLS
            if any(map(known.fullmatch, names)):
                return names, sign
    odd = _ODD_SIGN.fullmatch(line) or (_BY_BLANKS.fullmatch(line) and _BLANK.search(line))
    names = line.split(odd[1]) if odd else []
    is_known = len(names) <= _MOST_CELLS and any(map(_DURATION.fullmatch, names))
    return (names, odd[1]) if odd and is_known else None


def is_odd(sign: str) -> bool:
    """Whether a sign may stand within a cell too, so that a row of more cells says nothing.

    >>> is_odd("::"), is_odd(",")
    (True, False)
    """
    return sign not in _SIGNS


def rows_of(text: str, sign: str, names: Sequence[str] = ()) -> list[list[str]]:
    """Return the cells of each row of a text; a row's number, which has no head, is none of them.

    >>> rows_of("7  10:00  12.5", "  ", ["time", "durationMs"])
    [['10:00', '12.5']]
    """
    if sign == _SIGNS[-1]:
        rows = [_parted(line, sign) for line in text.splitlines()]
        return [row[len(row) == len(names) + 1 :] for row in rows]
    if is_odd(sign):
        return [line.split(sign) for line in text.splitlines()]
    try:
        rows = [*csv.reader(StringIO(text, newline="\n"), delimiter=sign)]
    except csv.Error:
        return []
    return [[cell.strip(" ") for cell in row] for row in rows] if sign == "|" else rows


def _parted(line: str, sign: str) -> list[str]:
    return _BLANKS.split(line.strip()) if sign == _SIGNS[-1] else line.split(sign)
