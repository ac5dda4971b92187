"""A plain line: what stands in it, and how many are read at once.

Almost every line of a large log that matters is plain, exactly as AWS writes it: ``REPORT
RequestId:``, an id of the usual length, the figures that every record has, in their order, a tab
between two of them, and nothing else. Labels, units and order come from the table of fields in
`report.py`. Before it stand the time, and the log stream where a tool prints it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.where import stream_function
from serverless_tax.ground.report import FIELDS, REQUIRED

#: How a record begins, and its id, which follows: how long it is.
PLAIN_START = "REPORT RequestId: "
PLAIN_ID = next(field for field in FIELDS if field.name == "request_id")
ID_LENGTH = 36
#: Its figures.
FIGURES = tuple(field for field in FIELDS if field.json_name and field.name in REQUIRED)
#: What begins the figures, what stands between two of them, and what ends the last one.
FIRST = f"\t{FIGURES[0].label}: "
BETWEEN = [f" {one.unit}\t{other.label}: " for one, other in pairwise(FIGURES)]
LAST = f" {FIGURES[-1].unit}"

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Nothing that is longer is looked at.
LONGEST = 256
_TIME_HEAD = (
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?(Z|[+]00:00|) "
)
_STREAM_HEAD = (
    rb"[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9A-Za-z_./#-]{0,512})\[[$0-9A-Z]{0,20}\]([0-9a-f]{32}|) "
)
_HEAD = re.compile(b"%s(?:%s)?" % (_TIME_HEAD, _STREAM_HEAD))
_OFFSET, _NAME, _STREAM_ID = 1, 2, 3  # its groups
_TIME_DIGITS = 14  # year to second
_PLACES: Ints = 10 ** np.arange(_TIME_DIGITS - 1, -1, -1, dtype=np.int64)
_ZERO = ord("0")


class Heads(NamedTuple):
    """What lines say before the record.

    Attributes:
        time: digits of the time as one number, year to second; 0 where they say none.
        function_name: of all of them, or nothing.
        fit: which lines begin so.
    """

    time: Ints
    function_name: str
    fit: Bools


def heads(rows: NDArray[np.uint8], model: bytes) -> Heads:
    """Read what lines begin with that begin as one of them does.

    Args:
        rows: the bytes of each beginning, all of one length.
        model: one of them. The others may have other digits in it, and another id of the stream,
            which nothing is taken from.
    """
    found = _HEAD.fullmatch(model)
    if found is None:
        return Heads(np.zeros(len(rows), np.int64), "", np.zeros(len(rows), bool))
    bytes_of = np.frombuffer(model, np.uint8)
    at = np.arange(len(model))
    is_digit = (bytes_of >= _ZERO) & (bytes_of <= _ZERO + 9)
    for fixed in (_OFFSET, _NAME):
        is_digit &= (at < found.start(fixed)) | (at >= found.end(fixed))
    # Letters of the id lie in one range with digits; so do signs, which no rule looks for.
    is_id = (at >= found.start(_STREAM_ID)) & (at < found.end(_STREAM_ID))
    lowest = np.where(is_digit | is_id, _ZERO, bytes_of).astype(np.uint8)
    room = np.where(is_id, ord("f") - _ZERO, np.where(is_digit, 9, 0)).astype(np.uint8)
    within: Bools = (rows - lowest) <= room
    digits = rows[:, np.flatnonzero(is_digit)[:_TIME_DIGITS]] - np.int64(_ZERO)
    time = digits @ _PLACES  # whole numbers: for others, memory is taken for threads
    return Heads(time, stream_function(model.decode()), whole_rows(within) & (time > 0))


def whole_rows(rows: Bools) -> Bools:
    """Say of which rows all is true; mostly of all of them, which is seen faster."""
    if rows.all():
        return np.ones(len(rows), bool)
    whole: Bools = np.asarray(rows.all(axis=1))
    return whole
