"""What an audit adds up: one line for each sum, from which every reader makes its own.

`Sums` is the table. A line of it names the sum, what is added to it, when that counts, and how;
the reader of single lines, the columns of numpy, the text of SQL, the queries of an account and the
script of the page read `SUMS`, and carry exactly these.

What is added is a quantity of a record, always a whole number or a text:

- a field of the REPORT line, by its name in `report.FIELDS` or as a property of `Report`;
- ``NAME_ns`` for every length ``NAME_ms``: a nanosecond is the millionth of a millisecond that a
  log can print;
- ``cpu_ns`` and ``wall_ns`` of a measurement;
- ``written_at``, when the line was written, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal, Self

#: How a record ended, as the status on its line says it.
TIMEOUT, FAILED = ("timeout",), ("error", "failure")
OUT_OF_MEMORY = "Runtime.OutOfMemory"
#: The suffix of a length in whole nanoseconds, and that of the length it is made from.
NS, MS = "_ns", "_ms"
#: When a line was written.
WRITTEN = "written_at"

#: A quantity, and the values of it with which a record counts.
When = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Sum:
    """One thing that is added up over records.

    Attributes:
        name: of it in `Sums`, in the SQL and on the page.
        of: the quantity that is added; nothing for the records themselves, which are counted.
        when: the records that count; None for all of them.
        adds: how two become one: their total, the most of them, the first or the last in time.
    """

    name: str
    of: str
    when: When | None
    adds: Literal["total", "most", "first", "last"]

    @property
    def nothing(self) -> int | str:
        """What it is before anything is added."""
        return "" if self.adds in ("first", "last") else 0

    def of_records(self, values: Mapping[str, Any], records: int) -> Any:
        """Return what some records add, of which all count or none.

        Args:
            values: their quantities, added up; one that is missing, or None, adds nothing.
            records: how many they are.
        """
        if self.when and values.get(self.when[0]) not in self.when[1]:
            return self.nothing
        value = values.get(self.of) if self.of else records
        return self.nothing if value is None else value

    def both(self, one: Any, other: Any) -> Any:
        """Return what two sums are together."""
        if self.adds == "total":
            return one + other
        if self.adds == "first":  # nothing is no time
            return min(one or other, other or one)
        return max(one, other)


def _counted(when: When | None = None) -> Any:
    return _total("", when)


def _total(of: str, when: When | None = None) -> Any:
    return field(default=0, metadata={"of": of, "when": when, "adds": "total"})


def _most(of: str) -> Any:
    return field(default=0, metadata={"of": of, "when": None, "adds": "most"})


def _time(adds: str) -> Any:
    return field(default="", metadata={"of": WRITTEN, "when": None, "adds": adds})


@dataclass(slots=True)
class Sums:
    """What is added up over records that are alike; all of it is whole, so exact."""

    invocations: int = _counted()
    billed_total_ms: int = _total("billed_ms")
    duration_total_ns: int = _total("duration_ns")
    cold_starts: int = _counted(("cold", (1,)))
    billed_inits: int = _counted(("init_billed", (1,)))
    free_inits: int = _counted(("init_billed", (0,)))
    init_billed_ms: int = _total("init_added_ms")
    restore_billed_ms: int = _total("billed_restore_ms")
    timeouts: int = _counted(("status", TIMEOUT))
    timeout_billed_ms: int = _total("billed_ms", ("status", TIMEOUT))
    failures: int = _counted(("status", FAILED))
    failure_billed_ms: int = _total("billed_ms", ("status", FAILED))
    out_of_memory: int = _counted(("error_type", (OUT_OF_MEMORY,)))
    peak_used_mb: int = _most("max_memory_used_mb")
    first_time: str = _time("first")
    last_time: str = _time("last")
    cpu_total_ns: int = _total("cpu_ns")
    wall_total_ns: int = _total("wall_ns")

    @classmethod
    def of(cls, values: Mapping[str, Any], records: int = 1) -> Self:
        """Return what one record adds, or some that are alike; see `Sum.of_records`."""
        return cls(*(one.of_records(values, records) for one in SUMS))

    def add(self, other: Sums) -> None:
        """Add another's sums to these."""
        for one, value in zip(SUMS, _all_of(other), strict=True):
            if value:  # nothing adds nothing, and most are that
                setattr(self, one.name, one.both(getattr(self, one.name), value))


SUMS: tuple[Sum, ...] = tuple(
    Sum(name, **made.metadata) for name, made in Sums.__dataclass_fields__.items()
)
"""The lines of the table."""

_all_of = attrgetter(*(one.name for one in SUMS))

QUANTITIES: tuple[str, ...] = tuple(
    dict.fromkeys(
        name for one in SUMS for name in (one.of, one.when[0] if one.when else "") if name
    )
)
"""What a record must say for them."""
