"""How much of a function's time was waiting, where the log or its user says so; never a guess.

A REPORT line has no CPU time. What has it: the line of :mod:`serverless_tax.metered`, an event of
Lambda Insights, two memory sizes tried side by side, and whoever knows the code. Spans of a trace
have the other part: how long a call to somewhere else took. Below 1,769 MB a
busy thread gets its share of a CPU only, so that it takes longer: that is work, and looks like
waiting.

Two sizes do not give a number. Work advances in steps of the quota's period, so that the same
difference between two sizes may come of much CPU or of little. Where a size lies between two steps
its invocations split into two groups, a period apart, while the waits scatter alike at every size:
so the scatter of the lengths says more than their mean does. What is found is the range of all that
fits, and the likeliest wait, if most of what fits is near it; else nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.read.grammar import DATADOG
from serverless_tax.audit.sums.functions import FunctionLog, Size
from serverless_tax.audit.sums.steps import means_ms
from serverless_tax.audit.sums.waits import SpanSums
from serverless_tax.ground.lambda_facts import CPU_PERIOD_MS
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, cpu_wall_ms
from serverless_tax.platforms.meters.shares import ratio

How = Literal["measured", "spans", "stated", "experiment", "unknown"]
_Floats = NDArray[np.float64]

#: Warm invocations that a size needs before its median says something.
_ENOUGH = 20
_NS_PER_MS = 1_000_000
#: The law of the quota misses measured means by less than a tenth; work that is done sooner than
#: that was plainly not held to its share.
_UNHELD = 1.1
#: How far the law may be from a mean: so many milliseconds, and so much of the pauses in it.
_OFF_MS, _OFF_OF_PAUSES = 1, 0.05
#: With how much more or less CPU a step of the law may come: for a mean, and for a scatter.
_STEP_OFF_MS, _SPLIT_OFF_MS = 0.3, 0.5
#: How far the law may be from a variance: so many ms², and so much of what its steps add.
_VARIES_OFF_MS2, _VARIES_OFF_OF_SPLIT = 15, 0.5
#: Two sums that differ by less are the same.
_HAIR = 1e-9
#: An experiment says a share of waiting if, of all that fits its sizes, so much is within so much
#: of it. Chosen on every second of 98 measured sizes: of their pairs 30 % say nothing. More is
#: asked of one that says there is waiting: who reads that may rebuild what only needed its CPU.
NEAR, SURE, SURE_OF_WAITING = 0.05, 0.66, 0.8
#: A log without cold starts may be of one environment for so many lines, as was measured. The mean
#: of fewer than so many environments may be that of a machine that takes so much more CPU for the
#: same work, or less: of two that were measured 24 in 25 are as near to each other.
LINES, ENVIRONMENTS, MACHINE = 500, 3, 0.1
#: What is said of a stated figure that cannot be.
_TOO_LONG = " At this memory that takes longer than an invocation lasts: check the figure."


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What part of the billed time was waiting, and how that is known.

    Attributes:
        how: where it comes from.
        share: of the billed time, at least; None where it is not known.
        most_share: the same, at most; an experiment leaves a range.
        likely_share: the one that is likeliest within a range, if it is known.
        cpu_ms: CPU time of an invocation, milliseconds; the most, where there is a range.
        busy_ms: how long that takes at the function's main size.
        least_busy_ms: the same for the least CPU.
        cpu_share: CPU over wall clock, which below 1,769 MB makes work look like waiting.
        says: where it comes from, in a sentence.
    """

    how: How
    says: str
    share: float | None = None
    most_share: float | None = None
    likely_share: float | None = None
    cpu_ms: float | None = None
    busy_ms: float | None = None
    least_busy_ms: float | None = None
    cpu_share: float | None = None

    def __post_init__(self) -> None:
        """Take what is no range for one of no width."""
        for most, least in (("most_share", "share"), ("least_busy_ms", "busy_ms")):
            if getattr(self, most) is None:
                object.__setattr__(self, most, getattr(self, least))

    @property
    def is_too_long(self) -> bool:
        """Whether the stated CPU takes longer at the main size than an invocation lasts."""
        return self.says.endswith(_TOO_LONG)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def busy(memory_mb: Any, cpu_ms: Any, wall_ms: Any) -> Any:
    """Return how long measured CPU keeps one thread busy on the CPU that the memory buys.

    All of it is taken for one burst: where it came in several, less of the time was work. Where it
    is plainly more than the memory buys, the function was not held to that, and nothing is
    corrected.

    >>> float(busy(884.5, 100, 500)), float(busy(884.5, 100, 110))
    (181.0, 100.0)
    """
    free = unheld(memory_mb, cpu_ms, wall_ms)
    takes_ms = cpu_wall_ms(cpu_ms, memory_mb)
    return np.minimum(cpu_ms * free + takes_ms * (1 - free), wall_ms)


def unheld(memory_mb: Any, cpu_ms: Any, wall_ms: Any) -> Any:
    """Say whether more CPU was used than the memory buys in that time: 1 or 0."""
    below = memory_mb < FULL_VCPU_MB  # from there on several threads may have more than one
    return 1.0 * below * (cpu_wall_ms(cpu_ms, memory_mb) > wall_ms * _UNHELD)


def of_billed(part_of_wall: Any, duration_ms: Any, billed_ms: Any) -> Any:
    """Turn a part of the handler's time into one of what was billed, of which INIT is work."""
    return ratio(part_of_wall * np.minimum(duration_ms, billed_ms), billed_ms)


def waiting(log: FunctionLog, stated_ms: float | None = None) -> Waiting:
    """Return how much of a function's billed time was waiting.

    Measurements come first, of CPU and then of calls, then what its user states, then sizes that
    were tried side by side.
    """
    measured = _measured(log) or _by_datadog(log) or _spanned(log)
    if measured:
        return measured
    if stated_ms is not None:
        return _stated(log, stated_ms)
    found = _experiment(log)
    if found.how != "unknown":
        return found
    if log.spans:
        return replace(found, says=f"{found.says} Its spans hold no call to anything outside.")
    return found


def _measured(log: FunctionLog) -> Waiting | None:
    cpu_ms = wall_ms = busy_ms = 0.0
    calls, free, at_main_ms = 0, False, None
    for said_mb, sums in log.cpu.items():
        own = sums.invocations
        if not own:
            continue
        each_ms = [ns / own / _NS_PER_MS for ns in (sums.cpu_total_ns, sums.wall_total_ns)]
        measured = (said_mb or log.main_size.memory_mb, *each_ms)
        free = free or bool(unheld(*measured))
        calls += own
        cpu_ms += each_ms[0] * own
        wall_ms += each_ms[1] * own
        busy_ms += float(busy(*measured)) * own
        if measured[0] == log.main_size.memory_mb:
            at_main_ms = float(busy(*measured))
    if not calls or not wall_ms:
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
        share=float(_of_billed(log, 1 - busy_ms / wall_ms)),
        cpu_ms=cpu_ms / calls,
        busy_ms=busy_ms / calls if at_main_ms is None else at_main_ms,
        cpu_share=cpu_ms / wall_ms,
        says=says,
    )


def _by_datadog(log: FunctionLog) -> Waiting | None:
    """Return how much was waiting by the mean of Datadog's points, which may be of other days."""
    pairs = [one.split() for one in log.facts.get(DATADOG, ())]
    count = sum(int(points) for points, _ in pairs)
    if not count:
        return None
    cpu_ms = sum(int(points) * float(mean_ms) for points, mean_ms in pairs) / count
    says = (
        f"CPU by Datadog's cpu_total_time: {show(cpu_ms, 'ms')} an invocation, the mean of"
        f" {count:,} points, which may be of other days than the log."
    )
    return replace(_stated(log, cpu_ms), how="measured", says=says)


def _spanned(log: FunctionLog) -> Waiting | None:
    """Return how much was waiting by the spans of its calls: at least that.

    What they do not cover may be work, or calls that have no span.
    """
    total = SpanSums()
    at_most_ms = 0.0  # CPU
    for memory_mb, sums in log.spans.items():
        total.add(sums)
        at_most_ms += (sums.wall_ns - sums.least_ns) / _NS_PER_MS * min(memory_mb / FULL_VCPU_MB, 1)
    if not (total.covered_ns and total.wall_ns):
        return None
    least, covered = total.least_ns / total.wall_ns, total.covered_ns / total.wall_ns
    rest_ms = (total.wall_ns - total.least_ns) / _NS_PER_MS
    inside = ""
    if show(covered, "percent") != show(least, "percent"):
        inside = (
            f" {show(covered - least, 'percent')} are calls that hold other calls, or ran beside"
            " work: they are not counted."
        )
    return Waiting(
        how="spans",
        share=float(_of_billed(log, least)),
        most_share=float(_of_billed(log, 1.0)),
        cpu_ms=at_most_ms / total.invocations,
        busy_ms=rest_ms / total.invocations,
        least_busy_ms=0.0,
        cpu_share=1 - least,
        says=(
            f"Calls with spans cover {show(covered, 'percent')} of the time of"
            f" {total.invocations:,} of {log.sums.invocations:,} invocations; the rest is unknown:"
            f" work, or calls without a span.{inside} CPU inside of a call (encryption, JSON)"
            " counts as waiting."
        ),
    )


def _stated(log: FunctionLog, cpu_ms: float) -> Waiting:
    wall_ms = busy_ms = 0.0
    for size in log.sizes.values():
        size_ms = _duration_ms(size)
        wall_ms += size_ms
        takes_ms = float(cpu_wall_ms(cpu_ms, size.memory_mb))
        busy_ms += min(takes_ms * size.sums.invocations, size_ms)
    at_main_ms = float(cpu_wall_ms(cpu_ms, log.main_size.memory_mb))
    says = f"Stated: {show(cpu_ms, 'ms')} of CPU an invocation."
    if at_main_ms > _duration_ms(log.main_size) / max(log.main_size.sums.invocations, 1):
        says += _TOO_LONG
    return Waiting(
        how="stated",
        share=float(_of_billed(log, 1 - busy_ms / wall_ms if wall_ms else 0.0)),
        cpu_ms=cpu_ms,
        busy_ms=at_main_ms,
        cpu_share=cpu_ms * log.sums.invocations / wall_ms if wall_ms else None,
        says=says,
    )


def _experiment(log: FunctionLog) -> Waiting:
    """Return how much waiting there may be: with what CPU the same wait fits every size's mean."""
    unknown = "Unknown: a REPORT line has no CPU time. Add the meter, or state it with --cpu-ms."
    if not log.is_named and len(log.sizes) > 1:
        says = f"{unknown} Nothing is worked out from its sizes: they may be several functions'."
        return Waiting(how="unknown", says=says)
    tried = {mb: size for mb, size in log.sizes.items() if size.warm.sums.invocations >= _ENOUGH}
    if len(tried) < 2:  # noqa: PLR2004 - two unknowns
        return Waiting(how="unknown", says=unknown)
    lengths = {mb: _lengths(size) for mb, size in tried.items()}
    fits = fitting(lengths)
    means = f"The means at {', '.join(show(mb, 'mb') for mb in sorted(tried))}"
    if not fits.cpu_ms.size:
        says = f"{unknown} {means} fit no CPU and waiting: the requests differed."
        return Waiting(how="unknown", says=says)
    if not _side_by_side(tried):
        says = f"{unknown} {means} are consistent with {fits}, but the sizes were"
        return Waiting(
            how="unknown", says=f"{says} used on different days: code and requests may too."
        )
    each_ms = sum(map(_duration_ms, log.sizes.values())) / log.sums.invocations
    shares = _of_billed(log, np.minimum(fits.wait_ms / each_ms, 1.0))
    likely = fits.likeliest(shares)
    on_any = _of_billed(log, np.minimum(_waits_on_any_machine(lengths) / each_ms, 1.0))
    if likely is None or not on_any.size or np.ptp(on_any) > 2 * NEAR:
        tell = "sizes further apart" if likely is None else "a log of more environments"
        says = f"{unknown} {means} fit {fits}: {tell} would tell."
        return Waiting(how="unknown", says=says)
    cpu_ms = fits.cpu_ms
    main = log.main_size
    typical_ms = _duration_ms(main) / main.sums.invocations
    busy_ms = [float(cpu_wall_ms(ms, main.memory_mb)) for ms in (cpu_ms.min(), cpu_ms.max())]
    least, most = float(shares[fits.alike].min()), float(shares[fits.alike].max())
    return Waiting(
        how="experiment",
        share=least,
        most_share=most,
        likely_share=min(max(likely, least), most),
        cpu_ms=float(cpu_ms.max()),
        busy_ms=min(busy_ms[1], typical_ms),
        least_busy_ms=min(busy_ms[0], typical_ms),
        cpu_share=min(float(cpu_ms.max()) / typical_ms, 1.0),
        says=f"{means}, used on the same days, fit {fits}, if requests were alike.",
    )


class Lengths(NamedTuple):
    """How long invocations take: mean and variance, the standard error of either, on how many."""

    mean_ms: float
    sure_ms: float
    varies_ms2: float
    sure_ms2: float
    #: Environments that they ran in, at least.
    environments: float = np.inf

    @classmethod
    def of(cls, lengths_ms: Any, counts: Any) -> Lengths:
        """Return those of so many invocations of each length."""
        count = np.sum(counts)
        mean_ms = np.average(lengths_ms, weights=counts)
        squares = (lengths_ms - mean_ms) ** 2
        varies_ms2 = np.average(squares, weights=counts)
        of_squares = np.average((squares - varies_ms2) ** 2, weights=counts)
        found = (mean_ms, np.sqrt(varies_ms2 / count), varies_ms2, np.sqrt(of_squares / count))
        return cls(*map(float, found))


def _lengths(size: Size) -> Lengths:
    """Return how long warm invocations take: the mean as logged, the rest by steps of a length."""
    by_length, sums = means_ms(size.warm.steps), size.warm.sums
    found = Lengths.of(*(np.array([*part], float) for part in (by_length, by_length.values())))
    environments = max(size.cold.sums.invocations, sums.invocations / LINES)
    mean_ms = sums.duration_total_ns / sums.invocations / _NS_PER_MS
    return found._replace(mean_ms=mean_ms, environments=environments)


@dataclass(frozen=True, slots=True)
class Fits:
    """Every CPU time with which all sizes wait alike, and the wait of each that was tried.

    ``likely`` is how much of the CPU times each stands for, times how well the sizes agree on it,
    a step of the law sooner or later counted; ``alike`` says which are among ``cpu_ms``.
    """

    cpu_ms: _Floats
    wait_ms: _Floats
    likely: _Floats
    alike: NDArray[np.bool_]

    def __str__(self) -> str:
        """Name the least and the most of both."""
        return f"{_range(self.cpu_ms)} of CPU and {_range(self.wait_ms[self.alike])} of waiting"

    def likeliest(self, shares: _Floats) -> float | None:
        """Return the share near which most of them are; of several alike, the least.

        None if fewer are near any than have to be.
        """
        if not self.likely.any():
            return None
        order = np.argsort(shares)
        sums = np.concatenate([[0.0], np.cumsum(self.likely[order])])
        first = np.searchsorted(shares[order], shares)
        last = np.searchsorted(shares[order], shares + 2 * NEAR, side="right")
        near = (sums[last] - sums[first]) * (self.likely > 0) / sums[-1]
        least = shares[near >= near.max() - _HAIR].min()
        most = shares[(self.likely > 0) & (shares <= least + 2 * NEAR)].max()
        likely = float(least + most) / 2
        return likely if near.max() >= (SURE_OF_WAITING if likely > NEAR else SURE) else None


def fitting(sizes: Mapping[int, Lengths]) -> Fits:
    """Return every CPU time, tried in small steps, with which all sizes wait alike, and the wait.

    They wait alike where the means differ by no more than the law's own error, and twice that of
    the means. It is the likelier, the less they do, and the less the variances differ from what the
    law's steps add to them.
    """
    longest_ms = min(size.mean_ms for size in sizes.values()) + _OFF_MS
    cpu_ms = np.unique(
        np.concatenate([np.arange(0, min(longest_ms, 60), 0.02), np.geomspace(1, longest_ms, 2000)])
        if longest_ms > 1
        else np.linspace(0, longest_ms, 100)
    )
    takes_ms = {mb: cpu_wall_ms(cpu_ms, mb) for mb in sizes}
    waits_ms = {mb: size.mean_ms - takes_ms[mb] for mb, size in sizes.items()}
    wait_ms = np.mean([*waits_ms.values()], axis=0)
    later_ms, sooner_ms = cpu_ms + _STEP_OFF_MS, np.maximum(cpu_ms - _STEP_OFF_MS, 0)
    steps_ms = {mb: (cpu_wall_ms(later_ms, mb) - cpu_wall_ms(sooner_ms, mb)) / 2 for mb in sizes}
    splits_ms2 = {mb: _split_ms2(cpu_ms, takes_ms[mb]) for mb in sizes}
    alike, likely = np.full(cpu_ms.shape, fill_value=True), np.gradient(cpu_ms)
    for one, other in combinations(sizes, 2):
        pauses_ms = np.hypot(takes_ms[one] - cpu_ms, takes_ms[other] - cpu_ms)
        sure_ms = 2 * np.hypot(sizes[one].sure_ms, sizes[other].sure_ms)
        step_ms = np.hypot(steps_ms[one], steps_ms[other])
        off_ms = _OFF_MS + _OFF_OF_PAUSES * pauses_ms + sure_ms
        apart_ms = np.abs(waits_ms[one] - waits_ms[other])
        alike &= (apart_ms <= off_ms) & (wait_ms >= -off_ms)
        off_ms += step_ms
        likely *= np.maximum(1 - (apart_ms / off_ms) ** 2, 0) ** 2 * (wait_ms >= -off_ms)
        (least, most), (others_least, others_most) = splits_ms2[one], splits_ms2[other]
        more_ms2 = sizes[one].varies_ms2 - sizes[other].varies_ms2
        beyond_ms2 = np.maximum(least - others_most - more_ms2, more_ms2 - most + others_least)
        off_ms2 = _VARIES_OFF_MS2 + _VARIES_OFF_OF_SPLIT * np.maximum(most, others_most)
        off_ms2 += 2 * np.hypot(sizes[one].sure_ms2, sizes[other].sure_ms2)
        likely *= np.maximum(1 - (np.maximum(beyond_ms2, 0) / off_ms2) ** 2, 0) ** 2
    return Fits(cpu_ms[alike], np.maximum(wait_ms, 0), likely, alike)


def _waits_on_any_machine(sizes: Mapping[int, Lengths]) -> _Floats:
    """Return the least and the most wait with which all sizes fit, on whatever machine each ran.

    No CPU time that fits is likelier here than another. Of many environments it is nothing.
    """
    if min(size.environments for size in sizes.values()) >= ENVIRONMENTS:
        return np.zeros(1)
    longest_ms = (min(size.mean_ms for size in sizes.values()) + _OFF_MS) / (1 - MACHINE)
    cpu_ms = np.geomspace(min(0.1, longest_ms), longest_ms, 2000)
    least_ms, most_ms = np.zeros_like(cpu_ms), np.full_like(cpu_ms, np.inf)
    for mb, size in sizes.items():
        fast_ms, slow_ms = (cpu_wall_ms(cpu_ms * (1 + off), mb) for off in (-MACHINE, MACHINE))
        off_ms = _OFF_MS + _OFF_OF_PAUSES * (slow_ms - cpu_ms) + np.sqrt(2) * size.sure_ms
        least_ms = np.maximum(least_ms, size.mean_ms - slow_ms - off_ms)
        most_ms = np.minimum(most_ms, size.mean_ms - fast_ms + off_ms)
    fits = least_ms <= most_ms
    return np.concatenate([least_ms[fits], most_ms[fits]])


def _split_ms2(cpu_ms: _Floats, takes_ms: _Floats) -> tuple[_Floats, _Floats]:
    """Return the least and the most variance of invocations of which some take a period longer.

    The part that does is what the mean has beyond whole periods, and the millisecond of the count.
    """
    longer = np.where(takes_ms > cpu_ms + _HAIR, (takes_ms - 1) / CPU_PERIOD_MS, 0) % 1
    varies_ms2 = CPU_PERIOD_MS**2 * longer * (1 - longer)
    off_ms = (-_SPLIT_OFF_MS, 0, _SPLIT_OFF_MS)
    about = [np.interp(cpu_ms + ms, cpu_ms, varies_ms2) for ms in off_ms]
    return np.min(about, axis=0), np.max(about, axis=0)


def _range(values_ms: _Floats) -> str:
    """Name the least and the most, or the one that both are."""
    ends = [show(float(end), "ms") for end in (values_ms.min(), values_ms.max())]
    return " to ".join(dict.fromkeys(ends))


def _side_by_side(sizes: Mapping[int, Size]) -> bool:
    """Whether every size was used on a day on which another was."""
    days = [set(size.by_day) for size in sizes.values()]
    return all(any(one & other for other in days if other is not one) for one in days)


def _of_billed(log: FunctionLog, part_of_wall: Any) -> Any:
    duration_ms = sum(_duration_ms(size) for size in log.sizes.values())
    return 1.0 * of_billed(part_of_wall, duration_ms, log.sums.billed_total_ms)


def _duration_ms(size: Size) -> float:
    return size.sums.duration_total_ns / _NS_PER_MS


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
