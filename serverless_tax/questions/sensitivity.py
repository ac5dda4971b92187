"""How far a bill moves when a quantity does: token speeds, and what is measured, are ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from reprlib import repr as short
from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.bill.design import design
from serverless_tax.ground.units import InvalidQuantity, parse_number
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.request.presets import measured_client
from serverless_tax.request.workload import QUANTITIES, Workload

#: A range that is no field of a workload: it sets ``streaming_ms`` from the answer's tokens.
TOKEN_SPEED = "output_tokens_per_second"  # noqa: S105 - tokens of a language model

#: Medians of hosted chat models: GPT-4 in early 2024, and Gemini 3 Flash in June 2026.
TOKENS_PER_SECOND = (24.0, 200.0)
_SPEEDS_SEEN_AT = (
    "https://therightstack.com/cloud-developer-and-cloud-security-surveys/comparison-of-ai-models-"
    "across-quality-performance-price-artificial-analysis (24, early 2024) and"
    " https://induwara.lk/tools/ai-llm-speed-comparison (200, 2026-06-24)"
)


#: Pairs are tried among so many of the widest ranges, and told from this part of the widest on.
_PAIRED, _TELLING = 4, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """A month's bill at the low end, the workload's own value and the high end of one quantity.

    ``low``, ``base`` and ``high`` are in the unit that the quantity's name says; each total is in
    USD, and each share is waiting's part of that total, from 0 to 1.
    """

    quantity: str
    low: float
    base: float
    high: float
    low_usd: float
    base_usd: float
    high_usd: float
    low_share: float
    base_share: float
    high_share: float
    source: str

    @property
    def swing_usd(self) -> float:
        """How far apart the bills at the two ends of the range are, in USD."""
        return abs(self.high_usd - self.low_usd)

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values, ready for JSON."""
        return asdict(self) | {"swing_usd": self.swing_usd}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two quantities that act on each other.

    ``usd`` is by how much both at once, from both low ends to both high ones, move the dollars
    more than the sum of what each moves alone; below 0 where they move them less.
    """

    quantities: tuple[str, str]
    usd: float

    def to_dict(self) -> dict[str, Any]:
        """Return the pair as plain values, ready for JSON."""
        return asdict(self)


def sensitivity(
    workload: Workload,
    platform_id: str = "aws-lambda",
    ranges: Mapping[str, tuple[Any, Any]] | None = None,
    **when: Any,
) -> list[Sensitivity]:
    """Return what each range does to the month's bill, everything else being equal; widest first.

    ``ranges`` gives the low and the high end of quantities of the workload, as numbers or as text
    with a unit, and of ``output_tokens_per_second``, which sets how long the answer streams. By
    default the ranges are :func:`default_ranges`. Other keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> rows = sensitivity(
    ...     Workload.preset("article"), ranges={"wait_ms": (0, "1s")}, on=date(2026, 11, 1))
    >>> round(rows[0].low_usd), round(rows[0].base_usd), round(rows[0].high_usd)
    (803, 811, 970)

    Raises:
        InvalidQuantity: for a quantity that does not exist, or one that cannot be set to an end.
        UnknownPrice: as :func:`bill` does.
    """
    base = bill(platform_id, workload, **when)
    chosen = default_ranges(workload, platform_id) if ranges is None else some_ranges(ranges)
    sources = _SOURCES if ranges is None else {}
    rows = []
    for name, ends in chosen.items():
        low, high = ends_of(name, ends)
        low_w, high_w = at_value(workload, name, low), at_value(workload, name, high)
        low_bill, high_bill = (bill(platform_id, w, **when) for w in (low_w, high_w))
        row = Sensitivity(
            quantity=name,
            low=value_of(low_w, name),
            base=value_of(workload, name),
            high=value_of(high_w, name),
            low_usd=low_bill.total,
            base_usd=base.total,
            high_usd=high_bill.total,
            low_share=_share(low_bill),
            base_share=_share(base),
            high_share=_share(high_bill),
            source=sources.get(name, "your range"),
        )
        rows.append(row)
    return sorted(rows, key=lambda row: -row.swing_usd)


def pairs(
    workload: Workload,
    platform_id: str = "aws-lambda",
    ranges: Mapping[str, tuple[Any, Any]] | None = None,
    **when: Any,
) -> tuple[Pair, ...]:
    """Return which pairs of ranges act on each other in the month's bill, the strongest first.

    Arguments are those of :func:`sensitivity`. Twice the memory for
    twice the wait is more than the two apart.

    >>> from datetime import date
    >>> w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000)
    >>> ranges = {"wait_ms": (500, 2000), "memory_mb": (512, 2048)}
    >>> [round(pair.usd, 1) for pair in pairs(w, ranges=ranges, on=date(2026, 11, 1))]
    [12.5]
    """
    chosen = default_ranges(workload, platform_id) if ranges is None else dict(ranges)
    rows = sensitivity(workload, platform_id, chosen, **when)

    def usd(*settings: tuple[str, Any]) -> float:
        w = workload
        for name, value in settings:
            w = at_value(w, name, value)
        return bill(platform_id, w, **when).total

    ends = {row.quantity: ends_of(row.quantity, chosen[row.quantity]) for row in rows}
    return together(ends, {row.quantity: row.high_usd - row.low_usd for row in rows}, usd)


def together(
    ends: Mapping[str, tuple[Any, Any]], alone: Mapping[str, float], usd: Callable[..., float]
) -> tuple[Pair, ...]:
    """Return the pairs among the widest ranges by which both at once move more than each alone.

    Args:
        ends: of each range, the widest first.
        alone: by how many dollars each moves the answer alone, from its low end to its high.
        usd: the answer's dollars with some set.
    """
    found = []
    widest = max(map(abs, alone.values()), default=0.0)
    moving = [name for name in ends if abs(alone[name]) > _TELLING * widest][:_PAIRED]
    for one, other in combinations(moving, 2):
        low, high = (tuple((name, ends[name][end]) for name in (one, other)) for end in (0, 1))
        more = usd(*high) - usd(*low) - alone[one] - alone[other]
        if abs(more) > _TELLING * widest:
            found.append(Pair(quantities=(one, other), usd=more))
    return tuple(sorted(found, key=lambda pair: -abs(pair.usd)))


_SOURCES = {
    TOKEN_SPEED: _SPEEDS_SEEN_AT,
    "cpu_ms_per_output_token": "the first lab: bytes passed on unparsed, and the openai SDK",
    "memory_mb": "what Lambda offers, up to one whole vCPU",
    "wait_ms": "half and twice your own figure: an assumption",
}


def default_ranges(
    workload: Workload, platform_id: str = "aws-lambda"
) -> dict[str, tuple[float, float]]:
    """Return the ranges to try where none are given: those that the workload's bill can depend on.

    An answer that streams moves with the speed of its tokens and with the CPU that passing one
    on costs; a wait of which no more is known, from half to twice; memory, over what is offered.
    """
    return dict(_default_ranges(workload, platform_id))


def _default_ranges(w: Workload, platform_id: str) -> Iterator[tuple[str, tuple[float, float]]]:
    if np.any(w.streaming_ms) and np.any(w.output_tokens):
        yield TOKEN_SPEED, TOKENS_PER_SECOND
        names = ("socket", "openai")
        clients = [measured_client(name)["cpu_ms_per_output_token"] for name in names]
        yield "cpu_ms_per_output_token", (min(clients), max(clients))
    if np.any(w.wait_ms):
        wait_ms = float(np.mean(w.wait_ms))
        yield "wait_ms", (wait_ms / 2, wait_ms * 2)
    low, high = design(platform_id).platform.offers.get("memory_mb", MEMORY_MB)
    yield "memory_mb", (float(low), float(min(max(low, FULL_VCPU_MB), high)))


def some_ranges(ranges: Any) -> dict[str, Any]:
    """Return the ranges by the name of what they move.

    Raises:
        InvalidQuantity: if they are no mapping.
    """
    if not isinstance(ranges, Mapping):
        msg = f"ranges is {short(ranges)}; expected ends by quantity: {{'wait_ms': (0, 9)}}."
        raise InvalidQuantity(msg)
    return dict(ranges)


def ends_of(name: str, ends: Any) -> tuple[Any, Any]:
    """Return both ends of a quantity's range.

    Raises:
        InvalidQuantity: for a quantity that does not exist, or what is no range.
    """
    if name not in (*QUANTITIES, TOKEN_SPEED):
        msg = f"There is no quantity {name!r}; use a field of Workload, or {TOKEN_SPEED}."
        raise InvalidQuantity(msg)
    if isinstance(ends, str) or np.shape(ends) != (2,):
        msg = f"The range of {name} is {ends!r}; expected its low and its high end."
        raise InvalidQuantity(msg)
    return ends[0], ends[1]


def at_value(w: Workload, name: str, value: Any) -> Workload:
    """Return the workload with one quantity set, and everything else as it is."""
    if name != TOKEN_SPEED:
        return w.replace(**{name: value})
    if not np.any(w.output_tokens):
        msg = f"output_tokens is 0, so {TOKEN_SPEED} changes nothing; say how long answers are."
        raise InvalidQuantity(msg)
    speed = _speed(value)
    return w.replace(
        streaming_ms=w.output_tokens / speed * 1000,
        cpu_ms_per_output_token=w.cpu_ms_per_output_token,
    )


def _speed(value: Any) -> float:
    """Return tokens a second, checked."""
    if isinstance(value, str):
        value = parse_number(value, field=TOKEN_SPEED)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
        msg = f"{TOKEN_SPEED} is {value!r}; expected a number over 0."
        raise InvalidQuantity(msg)
    return float(value)


def value_of(w: Workload, name: str) -> float:
    """Return a quantity, or its mean over a sample."""
    if name != TOKEN_SPEED:
        return float(np.mean(getattr(w, name)))
    streaming_s = float(np.mean(w.streaming_ms)) / 1000
    return float(np.mean(w.output_tokens)) / streaming_s if streaming_s else float("inf")


def _share(billed: Any) -> float:
    return billed.waiting / billed.total if billed.total else 0.0
