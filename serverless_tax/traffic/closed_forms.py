"""The instances that a load keeps busy: exact where there is a formula, else between two bounds.

The formulas hold for Poisson arrivals and any lengths. The number of requests in flight is then a
Poisson variable, and its mean is the load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters.capacity import MONTH_MS
from serverless_tax.platforms.meters.packing import busy_instances

_MOST_IN_FLIGHT = 1e6
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Instances:
    """Instances that are kept busy on average: at least ``low`` and at most ``high``.

    ``low`` is the need of a router that moves all requests together, all the time; no router needs
    less. A router that fills the first instance before the next, and moves nothing, needs at most
    ``high``. The two are equal where a formula is exact. ``billed`` is the number on a bill.
    """

    low: float
    high: float
    billed: float


def load(requests_per_month: float, wall_ms: float) -> float:
    """Return the requests in flight on average, by Little's law: arrivals × length.

    >>> load(2_628_000, 1000)
    1.0

    Raises:
        InvalidQuantity: for a negative number.
    """
    _not_negative(requests_per_month=requests_per_month, wall_ms=wall_ms)
    return requests_per_month * wall_ms / MONTH_MS


def _not_negative(**quantities: float) -> None:
    for name, value in quantities.items():
        if not 0 <= value < np.inf:
            msg = f"{name} is {value:g}; expected a finite number of at least 0."
            raise InvalidQuantity(msg)


def instances(load: float, requests_per_instance: int, mixed: float = 0.0) -> Instances:
    """Return the instances that ``load`` requests in flight on average keep busy.

    ``mixed`` is the standard deviation of the requests' lengths over their mean, for the number on
    a bill: 0 where all are alike, as in a workload of one request, 1 for exponential ones.

    >>> instances(2.5, 1).low, instances(2.5, 1).high
    (2.5, 2.5)
    >>> round(instances(1, 80).low, 6)  # one instance, busy with one request or more: 1 - 1/e
    0.632121

    Raises:
        InvalidQuantity: if the load is negative, or an instance has no room for one request.
    """
    if not 0 <= load <= _MOST_IN_FLIGHT:
        msg = f"load is {load:g}; expected requests in flight, from 0 to a million."
        raise InvalidQuantity(msg)
    if not 1 <= requests_per_instance <= _MOST_IN_FLIGHT:
        msg = f"requests_per_instance is {requests_per_instance:g}; expected from 1 to a million."
        raise InvalidQuantity(msg)
    each = int(requests_per_instance)
    billed = float(busy_instances(load, each, mixed))
    if each == 1 or not load:
        return Instances(float(load), float(load), billed)
    return Instances(_moved_together(load, each), _first_that_has_room(load, each), billed)


def _moved_together(load: float, each: int) -> float:
    """Return the mean of ``ceil(N / each)`` for a Poisson variable N."""
    spread = 12 * np.sqrt(load) + 50
    n = np.arange(1, np.ceil(load + spread))
    log_chance = n * np.log(load) - load - np.cumsum(np.log(n))
    return float(np.sum(np.exp(log_chance) * np.ceil(n / each)))


def _first_that_has_room(load: float, each: int) -> float:
    """Return an upper bound, if each request takes the first instance with room and stays there.

    Erlang's formula gives the requests that the first ``k`` instances together turn away, for any
    lengths. So the mean number of requests in each is known, and an instance is busy for at most
    that share of the time. For the first instance the share is exact.
    Source: https://en.wikipedia.org/wiki/Erlang_(unit)#Erlang_B_formula
    """
    lost = _erlang_b(load, each)
    first = 1 - _empty_share(load, each)
    starts = lost[::each]
    in_each = load * (starts[:-1] - starts[1:])
    return float(first + np.sum(np.minimum(in_each[1:], 1)))


def _empty_share(load: float, each: int) -> float:
    """Return the share of the time an instance is empty: 1 over the sum of a^n / n!."""
    n = np.arange(each + 1)
    logs = n * np.log(load) - np.concatenate(([0.0], np.cumsum(np.log(n[1:]))))
    largest = np.max(logs)
    return float(np.exp(-largest) / np.sum(np.exp(logs - largest)))


def _erlang_b(load: float, each: int) -> Any:
    """Return the share of requests turned away by 0, 1, 2, … places, to a multiple of ``each``."""
    lost = [1.0]
    while lost[-1] > _NEGLIGIBLE or (len(lost) - 1) % each:
        k = len(lost)
        lost.append(load * lost[-1] / (k + load * lost[-1]))
    return np.array(lost)


def kept_share(arrivals_per_s: float, wall_s: float, keep_alive_s: float) -> float:
    """Return the share of the time in which one instance with room for all is up.

    It is off only if no request was in flight within the last ``keep_alive_s``. ``wall_s`` is the
    mean length of a request.

    >>> round(kept_share(0.01, 5, 95), 6)
    0.632121

    Raises:
        InvalidQuantity: for a negative number.
    """
    _not_negative(arrivals_per_s=arrivals_per_s, wall_s=wall_s, keep_alive_s=keep_alive_s)
    return float(-np.expm1(-arrivals_per_s * (wall_s + keep_alive_s)))
