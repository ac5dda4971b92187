"""How much of a function's time was waiting, where the log or its user says so; never a guess.

A REPORT line has no CPU time. What has it: the line of :mod:`serverless_tax.metered`, an event of
Lambda Insights, two memory sizes tried side by side, and whoever knows the code. Spans of a trace
have the other part: how long a call to somewhere else took. Below 1,769 MB a
busy thread gets its share of a CPU only, so that it takes longer: that is work, and looks like
waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from serverless_tax.audit.find.two_sizes import NEAR, fitting, lengths_of, waits_on_any_machine
from serverless_tax.audit.read.grammar import DATADOG
from serverless_tax.audit.sums.functions import FunctionLog, Size
from serverless_tax.audit.sums.waits import SpanSums
from serverless_tax.ground.show import many, show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, cpu_wall_ms
from serverless_tax.platforms.meters.shares import ratio

How = Literal["measured", "spans", "stated", "experiment", "unknown"]

#: Warm invocations that a size needs before its median says something.
_ENOUGH = 20
_NS_PER_MS = 1_000_000
#: The law of the quota misses measured means by less than a tenth; work that is done sooner than
#: that was plainly not held to its share.
_UNHELD = 1.1
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
    says = f"CPU measured on {calls:,} of {many(total, 'invocation')}."
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
            f" {total.invocations:,} of {many(log.sums.invocations, 'invocation')}; the rest is"
            f" unknown: work, or calls without a span.{inside} CPU inside of a call (encryption,"
            " JSON) counts as waiting."
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
    lengths = {mb: lengths_of(size) for mb, size in tried.items()}
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
    on_any = _of_billed(log, np.minimum(waits_on_any_machine(lengths) / each_ms, 1.0))
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
