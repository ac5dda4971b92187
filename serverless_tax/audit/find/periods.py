"""Where in the quota's period invocations end: what the means of two sizes do not say.

A burst that is held ends as a period begins, a millisecond later on average, and one that is not
held ends with its work. A wait of any length moves both alike. So the lengths of two sizes lie in
the period as far from each other as their bursts do, and a wait that varies only spreads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serverless_tax.ground.lambda_facts import CPU_COUNTED_MS, CPU_PERIOD_MS, FULL_VCPU_MB
from serverless_tax.platforms.aws_lambda import TURN_A_MS, cpu_wall_ms, place_in_period

_Floats = NDArray[np.float64]
#: Longer invocations are put together in steps of half a period and more: where they end in it is
#: lost.
_LOST_MS, _LOST_PART = 1000, 0.05
#: How far the law may be from where lengths lie, and how much farther for each period they last.
_OFF_MS, _OFF_A_PERIOD_MS = 1.2, 0.2
#: With how much more or less CPU a burst may be held once more, or less.
_STEP_OFF_MS = 0.5
#: How much closer together lengths may lie than the law's, and with how much more or less CPU.
_CLOSER, _CLOSER_OFF_MS = 0.1, 0.3
#: Lengths end as a period begins if they lie so close together, so near to its first millisecond.
_CLOSE, _LANDED_MS = 0.5, 1.2
#: That bursts which were not held, and wait, end there too is a chance of about so much.
_BY_CHANCE = 0.1
#: A wait shorter than this is none.
_NO_WAIT_MS = 2.0
#: Bursts that are held lie at least so close together; a millisecond of waiting spreads them by
#: so much at most.
_HELD_CLOSE, _SPREAD_A_MS = 0.4, 0.2278
#: An environment may do the work in so much of the time, and a part end a period sooner.
_SOONER, _SOONER_PART, _EARLY_MS = 0.9, 0.35, 2


def place(lengths_ms: _Floats, counts: _Floats) -> complex:
    """Return where in a period invocations of these lengths end: 0 if that is not known.

    The angle is the place, a turn for a period. The size is how close together they lie, from 0 to
    1, where all end at the same place.
    """
    known = lengths_ms < _LOST_MS
    by_hundreds = not np.any((lengths_ms + 0.5) % 100)  # as Lambda rounded before December 2020
    if by_hundreds or np.sum(counts * ~known) > _LOST_PART * np.sum(counts):
        return 0j
    return complex(np.average(np.exp(1j * TURN_A_MS * lengths_ms) * known, weights=counts))


def apart(cpu_ms: _Floats, sizes: Mapping[float, complex], sure: Mapping[float, float]) -> _Floats:
    """Return how well two sizes' places lie apart as the law says, from 0 to 1, for each CPU time.

    ``sure`` is the part that one invocation is of all.
    """
    (one_mb, one), (other_mb, other) = sizes.items()
    if not (one and other):
        return np.ones_like(cpu_ms)
    of_law = place_in_period(cpu_ms, one_mb) * np.conj(place_in_period(cpu_ms, other_mb))
    measured = one * np.conj(other)
    off_ms = np.full(cpu_ms.shape, np.inf)
    for more_ms in (-_STEP_OFF_MS, 0, _STEP_OFF_MS):
        moved = _at(cpu_ms + more_ms, cpu_ms, of_law)
        off_ms = np.minimum(off_ms, np.abs(np.angle(measured * np.conj(moved))) / TURN_A_MS)
    by_draw = [(1 - abs(z) ** 2) / 2 * sure[mb] / abs(z) ** 2 for mb, z in sizes.items()]
    periods = np.maximum(cpu_wall_ms(cpu_ms, one_mb), cpu_wall_ms(cpu_ms, other_mb)) / CPU_PERIOD_MS
    may_ms = _OFF_MS + _OFF_A_PERIOD_MS * periods + 2 * np.sqrt(max(sum(by_draw), 0)) / TURN_A_MS
    may_ms /= np.maximum(np.abs(of_law), 0.05)
    agree = np.maximum(1 - (off_ms / may_ms) ** 2, 0) ** 2
    return np.where(may_ms < CPU_PERIOD_MS / 2, agree, 1.0)


def together(cpu_ms: _Floats, wait_ms: _Floats, sizes: Mapping[float, complex]) -> _Floats:
    """Return how likely lengths lie so close together, from 0 to 1, for each CPU time and wait.

    A wait never brings them closer than the bursts were, and a short one hardly spreads them. That
    all end as a period begins is what bursts do that are held, and else chance.
    """
    likely = np.ones_like(cpu_ms)
    for mb, z in sizes.items():
        close = np.abs(place_in_period(cpu_ms, mb))
        about = np.arange(-_CLOSER_OFF_MS, _CLOSER_OFF_MS + 0.01, 0.15)
        closest = np.max([_at(cpu_ms + ms, cpu_ms, close) for ms in about], axis=0)
        likely *= abs(z) <= closest + _CLOSER
    closest_now = max(map(abs, sizes.values()))
    if closest_now:
        spread_ms = (1 - min(closest_now / _HELD_CLOSE, 1)) / _SPREAD_A_MS
        likely *= wait_ms >= spread_ms - 0.5
    if max(sizes) < FULL_VCPU_MB and all(map(_landed, sizes.values())):
        free = cpu_ms < CPU_PERIOD_MS * max(sizes) / FULL_VCPU_MB
        likely = np.where(free & (wait_ms > _NO_WAIT_MS), likely * _BY_CHANCE, likely)
    return likely


def long_enough(
    cpu_ms: _Floats, memory_mb: float, lengths_ms: _Floats, counts: _Floats
) -> NDArray[np.bool_]:
    """Say for each CPU time whether all but few invocations were as long as it takes.

    The lengths are given from the shortest on.
    """
    takes_ms = cpu_wall_ms(cpu_ms * _SOONER, memory_mb) - _EARLY_MS
    parts = np.concatenate([[0.0], np.cumsum(counts)]) / np.sum(counts)
    return np.asarray(parts[np.searchsorted(lengths_ms, takes_ms)] <= _SOONER_PART)


def _landed(z: complex) -> bool:
    """Whether invocations ended as a period began."""
    half = CPU_PERIOD_MS / 2
    off_ms = (np.angle(z) / TURN_A_MS - CPU_COUNTED_MS / 2 + half) % CPU_PERIOD_MS - half
    return bool(abs(z) > _CLOSE and abs(off_ms) < _LANDED_MS)


def _at(where: _Floats, cpu_ms: _Floats, values: Any) -> Any:
    return np.interp(where, cpu_ms, values)
