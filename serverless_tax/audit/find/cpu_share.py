"""How much of a function's time was waiting, where the log or its user says so; never a guess.

A REPORT line has no CPU time. What has it: the line of :mod:`serverless_tax.metered`, an event of
Lambda Insights, two memory sizes tried side by side, and whoever knows the code. Below 1,769 MB a
busy thread gets its share of a CPU only, so that it takes longer: that is work, and looks like
waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from serverless_tax.audit.sums.functions import FunctionLog, Size
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.platforms.meters.shares import ratio

How = Literal["measured", "stated", "experiment", "unknown"]

#: Warm invocations that a size needs before its median says something.
_ENOUGH = 20
_NS_PER_MS = 1_000_000
#: CPU beyond the share that a size buys, from which on the function was plainly not held to it.
_UNTHROTTLED = 1.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What part of the billed time was waiting, and how that is known.

    Attributes:
        how: where it comes from.
        share: of the billed time; None where it is not known.
        cpu_ms: CPU time of an invocation, milliseconds.
        busy_ms: how long that takes at the function's main size.
        cpu_share: CPU over wall clock, which below 1,769 MB makes work look like waiting.
        says: where it comes from, in a sentence.
    """

    how: How
    says: str
    share: float | None = None
    cpu_ms: float | None = None
    busy_ms: float | None = None
    cpu_share: float | None = None

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        names = ("how", "share", "cpu_ms", "busy_ms", "cpu_share", "says")
        return {name: getattr(self, name) for name in names}


def quota(memory_mb: Any) -> Any:
    """Return the part of a CPU that one busy thread gets.

    >>> round(float(quota(128)), 3), float(quota(3008))
    (0.072, 1.0)
    """
    return np.minimum(1.0, memory_mb / FULL_VCPU_MB)


def unheld(memory_mb: Any, cpu: Any, wall: Any) -> Any:
    """Say whether more CPU was used than the memory buys: 1 or 0, for any unit of both times."""
    share = quota(memory_mb)
    return (cpu > wall * share * _UNTHROTTLED) * (share < 1)


def busy(memory_mb: Any, cpu: Any, wall: Any) -> Any:
    """Return how long measured CPU keeps one thread busy on the CPU that the memory buys.

    Where it was not held to that, nothing is corrected.
    """
    free = unheld(memory_mb, cpu, wall)
    return np.minimum(cpu / (free + quota(memory_mb) * (1 - free)), wall)


def of_billed(part_of_wall: Any, duration_ms: Any, billed_ms: Any) -> Any:
    """Turn a part of the handler's time into one of what was billed, of which INIT is work."""
    return ratio(part_of_wall * np.minimum(duration_ms, billed_ms), billed_ms)


def waiting(log: FunctionLog, stated_ms: float | None = None) -> Waiting:
    """Return how much of a function's billed time was waiting.

    Measurements come first, then what its user states, then sizes that were tried side by side.
    """
    measured = _measured(log)
    if measured:
        return measured
    if stated_ms is not None:
        return _stated(log, stated_ms)
    return _experiment(log)


def _measured(log: FunctionLog) -> Waiting | None:
    cpu_ns = wall_ns = busy_ns = 0.0
    calls, free = 0, False
    for said_mb, sums in log.cpu.items():
        measured = (said_mb or log.main_size.memory_mb, sums.cpu_total_ns, sums.wall_total_ns)
        free = free or bool(unheld(*measured))
        calls += sums.invocations
        cpu_ns += sums.cpu_total_ns
        wall_ns += sums.wall_total_ns
        busy_ns += float(busy(*measured))
    if not calls or not wall_ns:
        return None
    total = log.sums.invocations
    says = f"CPU measured on {calls:,} of {total:,} invocations."
    if free:
        says += (
            " It is more than the memory buys, so the function was not held to its share there"
            " (a local run, or a burst): nothing was corrected for that."
        )
    return Waiting(
        how="measured",
        share=_of_billed(log, 1 - busy_ns / wall_ns),
        cpu_ms=cpu_ns / calls / _NS_PER_MS,
        busy_ms=busy_ns / calls / _NS_PER_MS,
        cpu_share=cpu_ns / wall_ns,
        says=says,
    )


def _stated(log: FunctionLog, cpu_ms: float) -> Waiting:
    wall_ms = busy_ms = 0.0
    for size in log.sizes.values():
        size_ms = _duration_ms(size)
        wall_ms += size_ms
        busy_ms += min(cpu_ms / float(quota(size.memory_mb)) * size.sums.invocations, size_ms)
    at_main_ms = cpu_ms / float(quota(log.main_size.memory_mb))
    says = f"Stated: {show(cpu_ms, 'ms')} of CPU an invocation."
    if at_main_ms > _duration_ms(log.main_size) / max(log.main_size.sums.invocations, 1):
        says += " At this memory that takes longer than an invocation lasts: check the figure."
    return Waiting(
        how="stated",
        share=_of_billed(log, 1 - busy_ms / wall_ms if wall_ms else 0.0),
        cpu_ms=cpu_ms,
        busy_ms=at_main_ms,
        cpu_share=cpu_ms * log.sums.invocations / wall_ms if wall_ms else None,
        says=says,
    )


def _experiment(log: FunctionLog) -> Waiting:
    """Fit wait + cpu × stretch to the medians of the sizes: two unknowns, so two sizes."""
    tried = {mb: size for mb, size in log.sizes.items() if size.warm.sums.invocations >= _ENOUGH}
    medians = {mb: _median(size.warm.by_billed_ms) for mb, size in tried.items()}
    fit = _fitted({1 / float(quota(mb)): ms for mb, ms in medians.items()})
    unknown = "Unknown: a REPORT line has no CPU time. Add the meter, or state it with --cpu-ms."
    if not log.is_named and len(log.sizes) > 1:
        says = f"{unknown} Nothing is worked out from its sizes: they may be several functions'."
        return Waiting(how="unknown", says=says)
    if fit is None:
        return Waiting(how="unknown", says=unknown)
    wait_ms, cpu_ms = fit
    sizes = ", ".join(show(mb, "mb") for mb in sorted(medians))
    fits = f"{show(cpu_ms, 'ms')} of CPU and {show(wait_ms, 'ms')} of waiting"
    if wait_ms < 0 or cpu_ms < 0:
        says = f"{unknown} The medians at {sizes} fit no CPU and waiting: the requests differed."
        return Waiting(how="unknown", says=says)
    if not _side_by_side(tried):
        says = f"{unknown} The medians at {sizes} are consistent with {fits}, but the sizes were"
        return Waiting(
            how="unknown", says=f"{says} used on different days: code and requests may too."
        )
    main = log.main_size
    typical_ms = medians.get(main.memory_mb) or wait_ms + cpu_ms / float(quota(main.memory_mb))
    busy_ms = cpu_ms / float(quota(main.memory_mb))
    return Waiting(
        how="experiment",
        share=_of_billed(log, max(1 - busy_ms / typical_ms, 0.0)),
        cpu_ms=cpu_ms,
        busy_ms=busy_ms,
        cpu_share=min(cpu_ms / typical_ms, 1.0),
        says=f"From the medians at {sizes}, used on the same days: {fits}, if requests were alike.",
    )


def _fitted(points: Mapping[float, float]) -> tuple[float, float] | None:
    """Return the waiting and the CPU, in milliseconds, of the least squares; None for one size."""
    n = len(points)
    if n < 2:  # noqa: PLR2004 - two unknowns
        return None
    mean_x, mean_y = sum(points) / n, sum(points.values()) / n
    spread = sum((x - mean_x) ** 2 for x in points)
    cpu_ms = sum((x - mean_x) * (y - mean_y) for x, y in points.items()) / spread
    return mean_y - cpu_ms * mean_x, cpu_ms


def _side_by_side(sizes: Mapping[int, Size]) -> bool:
    """Whether every size was used on a day on which another was."""
    days = [set(size.by_day) for size in sizes.values()]
    return all(any(one & other for other in days if other is not one) for one in days)


def _of_billed(log: FunctionLog, part_of_wall: float) -> float:
    duration_ms = sum(_duration_ms(size) for size in log.sizes.values())
    return float(of_billed(part_of_wall, duration_ms, log.sums.billed_total_ms))


def _duration_ms(size: Size) -> float:
    return size.sums.duration_total_ns / _NS_PER_MS


def _median(counts: Mapping[int, int]) -> float:
    return percentile(counts, 0.5)


def percentile(counts: Mapping[int, int], part: float) -> int:
    """Return the smallest length that at least this part of the invocations do not exceed.

    >>> percentile({10: 1, 20: 1, 30: 2}, 0.5)
    20
    """
    total, seen = sum(counts.values()), 0
    for length in sorted(counts):
        seen += counts[length]
        if seen >= total * part:
            return length
    return 0
