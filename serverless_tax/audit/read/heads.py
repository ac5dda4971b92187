"""What plain lines of a log begin with: the time, and the log stream where a tool prints it."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.records import stream_function

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Nothing that is longer is looked at.
LONGEST = 256
_TIME = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.:+Z-]{0,16} "
_STREAM = rb"[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9A-Za-z_-]{0,140})\[[$0-9A-Z]{1,20}\]([0-9a-f]{32}) "
_HEAD = re.compile(b"%s(?:%s)?" % (_TIME, _STREAM))
_NAME, _ID = 1, 2  # its groups
_TIME_DIGITS = 14  # year to second
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
    is_digit &= (at < found.start(_NAME)) | (at >= found.end(_NAME))
    # Letters of the id lie in one range with digits; so do signs, which no rule looks for.
    is_id = (at >= found.start(_ID)) & (at < found.end(_ID))
    lowest = np.where(is_digit | is_id, _ZERO, bytes_of).astype(np.uint8)
    room = np.where(is_id, ord("f") - _ZERO, np.where(is_digit, 9, 0)).astype(np.uint8)
    within: Bools = (rows - lowest) <= room
    digits = rows[:, np.flatnonzero(is_digit)[:_TIME_DIGITS]] - float(_ZERO)
    time = (digits @ 10.0 ** np.arange(_TIME_DIGITS - 1, -1, -1)).astype(np.int64)
    return Heads(time, stream_function(model.decode()), whole_rows(within) & (time > 0))


def whole_rows(rows: Bools) -> Bools:
    """Say of which rows all is true; mostly of all of them, which is seen faster."""
    if rows.all():
        return np.ones(len(rows), bool)
    whole: Bools = np.asarray(rows.all(axis=1))
    return whole
