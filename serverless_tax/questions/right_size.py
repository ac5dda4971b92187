"""The memory that makes a function's month cheapest, and what to know before going there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.bill.totals import at_sizes
from serverless_tax.ground.show import show
from serverless_tax.ground.trace import best_of, tabulated
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB, PLATFORM, TIMEOUT_MS
from serverless_tax.request.workload import Workload

#: Memory kept over the peak that was seen.
HEADROOM = 1.2

#: How much of the time limit a new size may take, or as little as any size does: a tenth is kept.
_IN_TIME_MS = TIMEOUT_MS * 0.9

#: Choices within this part of the cheapest month cost the same: a larger one is taken if it is
#: quicker by as much.
_SAME = 1e-3
#: The present size is kept where it is within this part: how far the law of the CPU is off, on
#: average, where it was measured.
KEPT = 0.02

#: Milliseconds by which an answer may differ and take as long as now.
_SAME_MS = 0.05

#: What a size has to take of a request's time to be called faster.
FASTER = 0.9

#: Choices tried for a sample of requests, in which every size is a bill of its own, in MB.
_ROUND_MB = (
    *range(128, FULL_VCPU_MB, 64),
    FULL_VCPU_MB,
    *range(2048, 3072, 256),
    *range(3072, MEMORY_MB[1] + 1, 1024),
)

#: Dollars that no size costs: what one that does not serve is taken for.
_NEVER_USD = 1e300
#: More memory than any size has.
_NO_MB = 1e9


class Resized(NamedTuple):
    """A size of the function: a month of the requests there, and their mean and longest time."""

    memory_mb: Any
    usd: Any
    mean_ms: Any
    longest_ms: Any


class Choices(NamedTuple):
    """The sizes to choose from: the one there is, one whole vCPU, and ``at(k)`` of a range.

    ``mb(k)`` is the memory of that alone, and ``of(memory_mb)`` one of these by its memory. Where
    ``beyond`` is given, every whole ``k`` from ``last`` to there is a choice too: as fast as the
    last, and each no cheaper than the one before it.
    """

    present: Resized
    whole: Resized
    first: int
    last: int
    at: Callable[[Any], Resized]
    mb: Callable[[Any], Any]
    of: Callable[[Any], Resized]
    beyond: int = 0


def every_size(w: Any, changed: Callable[..., Any], usd: Callable[[Any], Any]) -> Choices:
    """Return every megabyte on offer for one request, at what ``usd`` says that a month costs.

    From a whole vCPU on, more memory makes nothing faster.
    """

    def at(resized: Any) -> Resized:
        takes_ms = PLATFORM.wall_ms(resized)
        return Resized(resized.memory_mb, usd(resized), takes_ms, takes_ms)

    def sized(mb: Any) -> Resized:
        return at(changed(w, memory_mb=mb))

    first, beyond = MEMORY_MB
    whole = sized(float(FULL_VCPU_MB))
    return Choices(at(w), whole, first, FULL_VCPU_MB, sized, lambda k: k, sized, beyond)


def round_sizes(
    w: Workload,
    also_mb: tuple[float, float],
    usd: Callable[[Workload], Any],
    usd_by_memory: Callable[[Any], Any],
) -> Choices:
    """Return a few dozen sizes for a sample of requests, and both of ``also_mb``.

    They begin with the first of these.
    Where that is more than any size has, the largest there is comes last.
    """
    least_mb = min(also_mb[0], MEMORY_MB[1])
    tried = np.unique([least_mb, also_mb[1], np.max(w.memory_mb), FULL_VCPU_MB, *_ROUND_MB]).astype(
        float
    )
    takes_ms = [PLATFORM.wall_ms(part) for part in at_sizes(w, tried)]
    table = Resized(
        tried,
        usd_by_memory(tried),
        np.concatenate([np.mean(ms, axis=1) for ms in takes_ms]),
        np.concatenate([np.max(ms, axis=1) for ms in takes_ms]),
    )

    def at(k: Any) -> Resized:
        return Resized(*(column[k] for column in table))

    first = int(np.searchsorted(tried, least_mb))
    takes_ms = PLATFORM.wall_ms(w)
    present = Resized(np.min(w.memory_mb), usd(w), np.mean(takes_ms), np.max(takes_ms))
    whole = at(int(np.searchsorted(tried, FULL_VCPU_MB)))
    last = len(tried) - 1

    def of(memory_mb: Any) -> Resized:
        return at(min(int(np.searchsorted(tried, memory_mb)), last))

    def in_table(k: Any) -> Resized:
        return at(k.astype(int))

    return Choices(present, whole, first, last, in_table, lambda k: tried[k.astype(int)], of)


def needed_mb(peak_mb: Any) -> Any:
    """Return the memory that a peak needs with headroom, at least the least there is."""
    return np.maximum(np.ceil(peak_mb * HEADROOM), MEMORY_MB[0])


def too_small(memory_mb: Any, peak_mb: Any, out_of_memory: Any) -> Any:
    """Return 1 where a function has less memory than it takes, else 0."""
    return np.maximum(out_of_memory, 1.0 * (peak_mb >= memory_mb))


def needs_more_than_seen(w: Workload, out_of_memory: float) -> bool:
    """Whether it has too little memory, and its peak is what there was and not what it needs."""
    memory_mb, peak_mb = np.max(w.memory_mb), np.max(w.peak_memory_mb)
    return bool(too_small(memory_mb, peak_mb, out_of_memory)) and bool(peak_mb <= memory_mb)


def least_mb(memory_mb: Any, peak_mb: Any, out_of_memory: Any) -> Any:
    """Return the least memory to choose from: what the peak needs, where there is more than that.

    A size that is too small is left for what the peak needs, or for twice the size where the need
    is not known. Any other may be kept, with less headroom than a new one would get.
    """
    short = too_small(memory_mb, peak_mb, out_of_memory)
    known = 1.0 * (peak_mb > memory_mb)
    doubled_mb = np.minimum(2 * memory_mb, MEMORY_MB[1]) * (1 - known)
    raised_mb = np.maximum(needed_mb(peak_mb), doubled_mb)
    return raised_mb * short + np.minimum(needed_mb(peak_mb), memory_mb) * (1 - short)


class Chosen(NamedTuple):
    """The cheapest size that serves; ``moves`` is 1 where it is not the present one, else 0.

    ``exists`` is 1 where any size serves, else 0, and the present one stays. ``faster`` is 1 where
    it is larger, for the same bill or less and a shorter answer.
    """

    memory_mb: Any
    moves: Any
    exists: Any
    faster: Any


def cheapest_size(sizes: Choices, least_mb: Any, slower: float) -> Chosen:
    """Return the cheapest of the sizes that serve, in plain arithmetic.

    A size serves if it has ``least_mb``, ends every request in Lambda's time limit, and takes at
    most ``slower`` times as long on average. Another than the present one has to leave a tenth of
    the limit, or to be as quick as any. Where none does, the present size stays. Where the
    present one is kept, and one whole vCPU costs no more and is faster, that is taken; so is a size
    that is cheaper, larger and faster, whatever it saves. A size that is too small goes to the
    least that serves, unless the cheapest are faster.
    """
    present = sizes.present
    most_ms = present.mean_ms * slower

    quickest_ms = np.minimum(sizes.whole.longest_ms, TIMEOUT_MS)
    limit_ms = np.maximum(_IN_TIME_MS, quickest_ms)

    def serves(size: Resized, limit_ms: Any = limit_ms) -> Any:
        in_time = (size.mean_ms <= most_ms) * (size.longest_ms <= limit_ms)
        return 1.0 * (in_time * (size.memory_mb >= least_mb))

    def usd(size: Resized) -> Any:
        return size.usd + _NEVER_USD * (1 - serves(size))

    months_usd = tabulated(sizes.first, sizes.last, lambda k: usd(sizes.at(k)))
    least_usd = best_of(np.minimum, sizes.first, sizes.last, months_usd)
    short = 1.0 * (least_mb > present.memory_mb)
    most_usd = least_usd + _NEVER_USD / 2 * short
    cheapest_mb = best_of(
        np.minimum,
        sizes.first,
        sizes.last,
        lambda k: sizes.mb(k) + _NO_MB * (months_usd(k) > most_usd),
    )
    largest_mb = best_of(
        np.maximum,
        sizes.first,
        sizes.last,
        lambda k: sizes.mb(k) * (months_usd(k) <= least_usd * (1 + _SAME)),
    )
    at_most = 1 - _SAME - (1 - FASTER) * short
    quicker = sizes.of(largest_mb).mean_ms < sizes.of(cheapest_mb).mean_ms * at_most
    found_mb = largest_mb * quicker + cheapest_mb * (1 - quicker)
    if sizes.beyond:  # of those the cheapest is the first that has the memory
        beyond_mb = np.minimum(np.maximum(least_mb, sizes.last), sizes.beyond)
        beyond_usd = usd(sizes.of(beyond_mb))
        cheaper = 1.0 * (beyond_usd < least_usd)
        found_mb = beyond_mb * cheaper + found_mb * (1 - cheaper)
        least_usd = np.minimum(least_usd, beyond_usd)
    kept = serves(present, TIMEOUT_MS) * (present.usd <= least_usd * (1 + KEPT))
    exists = 1.0 * (least_usd < _NEVER_USD)
    quick_mb = sizes.whole.memory_mb * kept + found_mb * (1 - kept)
    quick = sizes.of(quick_mb)
    faster = serves(present, TIMEOUT_MS) * serves(quick) * (quick_mb > present.memory_mb)
    faster = faster * (quick.usd <= present.usd * (1 + KEPT))
    faster = faster * (quick.mean_ms < present.mean_ms * FASTER)
    memory_mb = quick_mb * faster + found_mb * (1 - faster)
    return Chosen(memory_mb, np.maximum(exists * (1 - kept), faster), exists, faster)


def about_size(w: Workload, resized: Workload, found: Chosen, out_of_memory: float) -> str:
    """Say why a size was kept, or what another does to CPU, answer, INIT and the peak memory."""
    if needed_mb(float(np.max(w.peak_memory_mb))) > MEMORY_MB[1]:
        return f"No size on offer holds the peak of {_peak(w)} with headroom."
    if not found.exists:
        return "No size serves these requests in the time allowed."
    if not found.moves:
        kept = "No other size that serves these requests is cheaper"
        longest_ms = float(np.max(PLATFORM.wall_ms(w)))
        if longest_ms > _IN_TIME_MS:
            return f"{kept} and leaves a tenth of the limit: they take {show(longest_ms, 'ms')}."
        return f"{kept}."
    size_mb = float(np.max(resized.memory_mb))
    share = min(1, size_mb / FULL_VCPU_MB)
    longer_ms = float(np.mean(PLATFORM.wall_ms(resized)) - np.mean(PLATFORM.wall_ms(w)))
    slower = "as long as now"
    if abs(longer_ms) >= _SAME_MS:
        slower = f"{show(abs(longer_ms), 'ms')} {'longer' if longer_ms > 0 else 'less'}"
    known = f"{HEADROOM:g} times the peak of {_peak(w)} fits"
    if needs_more_than_seen(w, out_of_memory):
        known = "see whether requests still end there for want of memory"
    elif not np.any(w.peak_memory_mb):
        known = "the peak memory is unknown: read Max Memory Used before you go there"
    return (
        f"{show(size_mb, 'mb')} has {show(share, 'percent')} of a vCPU; an answer takes {slower}."
        f"{_if_on_one_thread(w, size_mb)}"
        f" INIT has its boost on demand and stays as it was; {known}."
    )


def _if_on_one_thread(w: Workload, after_mb: float) -> str:
    """Say what becomes of work on several threads, where the present size has more than a vCPU."""
    before_mb = float(np.max(w.memory_mb))
    if before_mb <= FULL_VCPU_MB or after_mb >= before_mb or not np.any(PLATFORM.busy_ms(w)):
        return ""
    times = show(before_mb / after_mb, "number")
    return (
        " Its work is taken to run on one thread: if it uses every vCPU of"
        f" {show(before_mb, 'mb')}, it takes {times} times as long and costs the same."
    )


def _peak(w: Workload) -> str:
    return show(float(np.max(w.peak_memory_mb)), "mb")
