"""How much of a function's time was waiting, by the lengths of its invocations at several sizes.

Two sizes do not give a number. Work advances in steps of the quota's period, so that the same
difference between two sizes may come of much CPU or of little. Where a size lies between two steps
its invocations split into two groups, a period apart, while the waits scatter alike at every size:
so the scatter of the lengths says more than their mean does, and where in a period they end more
still (:mod:`periods`). What is found is the range of all that fits, and the likeliest wait, if
nearly all of what fits is near it; else nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serverless_tax.audit.find.periods import apart, long_enough, place, together
from serverless_tax.audit.sums.functions import Size
from serverless_tax.audit.sums.steps import means_ms
from serverless_tax.ground.lambda_facts import CPU_PERIOD_MS
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import cpu_wall_ms

_Floats = NDArray[np.float64]
_NS_PER_MS = 1_000_000
#: How far the law may be from a mean: so many milliseconds, and so much of the pauses in it.
_OFF_MS, _OFF_OF_PAUSES = 1, 0.05
#: With how much more or less CPU a step of the law may come: for a mean, and for a scatter.
_STEP_OFF_MS, _SPLIT_OFF_MS = 0.3, 0.5
#: How far the law may be from a variance: so many ms², and so much of what its steps add.
_VARIES_OFF_MS2, _VARIES_OFF_OF_SPLIT = 15, 0.5
#: Two sums that differ by less are the same.
_HAIR = 1e-9
#: An experiment says a share of waiting if, of all that fits its sizes, so much is within so much
#: of it, and nothing else is so much as likely. More is asked of one that says there is waiting:
#: who reads that may rebuild what only needed its CPU. Chosen on every third of 98 measured sizes.
NEAR, SURE, SURE_OF_WAITING, RIVAL = 0.05, 0.84, 0.9, 0.7
#: A share that is no waiting; if it is so likely, no share says that there is some.
_NONE, _NONE_FITS = 0.01, 0.1
#: Of shares near which there is as much but for so little, the least is taken.
_AS_MUCH = 0.01
#: A log without cold starts may be of one environment for so many lines, as was measured. The mean
#: of fewer than so many environments may be that of a machine that takes so much more CPU for the
#: same work, or less: of two that were measured 24 in 25 are as near to each other.
LINES, ENVIRONMENTS, MACHINE = 500, 3, 0.1


class Lengths(NamedTuple):
    """How long invocations take: mean and variance, the standard error of either, on how many."""

    mean_ms: float
    sure_ms: float
    varies_ms2: float
    sure_ms2: float
    #: Each length from the shortest on, how many there are, and where in a period they end.
    lengths_ms: _Floats
    counts: _Floats
    place: complex
    #: Environments that they ran in, at least.
    environments: float = np.inf

    @classmethod
    def of(cls, lengths_ms: Any, counts: Any) -> Lengths:
        """Return those of so many invocations of each length."""
        order = np.argsort(lengths_ms)
        lengths_ms, counts = (np.asarray(each, float)[order] for each in (lengths_ms, counts))
        count = np.sum(counts)
        mean_ms = np.average(lengths_ms, weights=counts)
        squares = (lengths_ms - mean_ms) ** 2
        varies_ms2 = np.average(squares, weights=counts)
        of_squares = np.average((squares - varies_ms2) ** 2, weights=counts)
        return cls(
            mean_ms=float(mean_ms),
            sure_ms=float(np.sqrt(varies_ms2 / count)),
            varies_ms2=float(varies_ms2),
            sure_ms2=float(np.sqrt(of_squares / count)),
            lengths_ms=lengths_ms,
            counts=counts,
            place=place(lengths_ms, counts),
        )


def lengths_of(size: Size) -> Lengths:
    """Return how long warm invocations take: the mean as logged, the rest by steps of a length."""
    by_length, sums = means_ms(size.warm.steps), size.warm.sums
    # What was billed is half a millisecond longer than the invocation was, on average.
    found = Lengths.of(np.array([*by_length]) - 0.5, [*by_length.values()])
    environments = max(size.cold.sums.invocations, sums.invocations / LINES)
    mean_ms = sums.duration_total_ns / sums.invocations / _NS_PER_MS
    return found._replace(mean_ms=mean_ms, environments=environments)


@dataclass(frozen=True, slots=True)
class Fits:
    """Every CPU time with which all sizes wait alike, and the wait of each that was tried.

    ``likely`` is how much of the CPU times each stands for, ``wide_ms``, times how well the sizes
    agree on it, a step of the law sooner or later counted; ``alike`` says which are among
    ``cpu_ms``.
    """

    cpu_ms: _Floats
    wait_ms: _Floats
    likely: _Floats
    wide_ms: _Floats
    alike: NDArray[np.bool_]

    def __str__(self) -> str:
        """Name the least and the most of both."""
        return f"{_range(self.cpu_ms)} of CPU and {_range(self.wait_ms[self.alike])} of waiting"

    def likeliest(self, shares: _Floats) -> float | None:
        """Return the share near which most of them are; of several alike, the least.

        None if fewer are near any than have to be, or one that is not is nearly as likely. Where
        invocations end tells waits apart by less than a period. Longer ones only the means do,
        which the law misses by half a period near a step: what speaks against another wait then
        counts half.
        """
        likely = self._likeliest(shares, self.likely)
        if likely is None:
            return None
        order = np.argsort(shares)
        if np.interp(likely, shares[order], self.wait_ms[order]) <= CPU_PERIOD_MS:
            return likely
        return self._likeliest(shares, np.sqrt(self.likely * self.wide_ms))

    def _likeliest(self, shares: _Floats, of: _Floats) -> float | None:
        if not of.any():
            return None
        shares = np.where(shares <= _NONE, 0, shares)
        order = np.argsort(shares)
        sums = np.concatenate([[0.0], np.cumsum(of[order])])
        first = np.searchsorted(shares[order], shares)
        last = np.searchsorted(shares[order], shares + 2 * NEAR, side="right")
        near = (sums[last] - sums[first]) * (of > 0) / sums[-1]
        least = shares[near >= near.max() - _AS_MUCH].min()
        inside = (shares >= least) & (shares <= least + 2 * NEAR)
        likely = float(least + shares[(of > 0) & inside].max()) / 2
        each = of / self.wide_ms
        rival = each[~inside].max(initial=0) > RIVAL * each.max()
        is_sure = near.max() >= (SURE_OF_WAITING if likely > NEAR else SURE)
        none = likely > NEAR and each[shares == 0].max(initial=0) > _NONE_FITS * each.max()
        return likely if is_sure and not rival and not none else None


def fitting(sizes: Mapping[int, Lengths]) -> Fits:
    """Return every CPU time, tried in small steps, with which all sizes wait alike, and the wait.

    They wait alike where the means differ by no more than the law's own error, and twice that of
    the means. It is the likelier, the less they do, the less the variances differ from what the
    law's steps add to them, and the better the lengths lie in the period as the law says.
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
    alike, wide_ms = np.full(cpu_ms.shape, fill_value=True), np.gradient(cpu_ms)
    likely = 1.0 * wide_ms
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
        places = {float(mb): sizes[mb].place for mb in (one, other)}
        sure = {float(mb): 1 / sizes[mb].counts.sum() for mb in (one, other)}
        likely *= apart(cpu_ms, places, sure)
        likely *= together(cpu_ms, wait_ms, places)
    long = [long_enough(cpu_ms, mb, each.lengths_ms, each.counts) for mb, each in sizes.items()]
    if np.any(of_alike := likely * np.all(long, axis=0)):  # else the requests' work differs
        likely = of_alike
    return Fits(cpu_ms[alike], np.maximum(wait_ms, 0), likely, wide_ms, alike)


def waits_on_any_machine(sizes: Mapping[int, Lengths]) -> _Floats:
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
