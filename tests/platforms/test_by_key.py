"""Requests that a key or chance sends to an instance: bills beside a simulation of each one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sampled import one_in

from serverless_tax import Workload, bill

DAY = date(2026, 11, 1)
MONTH_S = 2_628_000
ROOMS = (1, 10, 16, 80, 100, 1000)
#: The load, in rooms: a tenth of one to ten.
LOADS = (0.1, 0.3, 0.8, 1, 1.2, 2, 5, 10)
REQUESTS = 60_000


def up(chosen: np.ndarray, lengths_s: np.ndarray, span_s: float, kept_s: float) -> float:
    """Return how many instances are up, on average over a span that goes on as it began.

    Each request starts at any time and goes to the instance ``chosen`` for it, which is up from
    the start of one until ``kept_s`` after the last of those that overlap.
    """
    starts_s = np.random.default_rng(1).uniform(0, span_s, lengths_s.size)
    order = np.lexsort((starts_s, chosen))
    # Once round, to know what is still up as the span begins, and once more, to be counted.
    starts_s, chosen, lasts_s = starts_s[order], chosen[order], lengths_s[order] + kept_s
    total_s = 0.0
    for one in np.split(np.arange(starts_s.size), np.flatnonzero(np.diff(chosen)) + 1):
        twice_s = np.concatenate([starts_s[one], starts_s[one] + span_s])
        until_s = np.maximum.accumulate(twice_s + np.tile(lasts_s[one], 2))
        off_s = np.maximum(twice_s[1:] - until_s[:-1], 0)
        total_s += span_s - off_s[one.size - 1 :].sum()
    return total_s / span_s


def billed(name: str, dimension: str, w: Workload) -> float:
    """Return the quantity of a bill's line."""
    return sum(i.quantity for i in bill(name, w, on=DAY).items if i.dimension == dimension)


@pytest.mark.parametrize("kept_s", [0, 600])
@pytest.mark.parametrize("room", ROOMS)
def test_containers_chosen_at_random_run_as_long_as_in_a_simulation(
    room: int, kept_s: float
) -> None:
    """Within 3 %, from a tenth to ten times the room: as many as three times the mean load needs.

    With room for one each request names a container of its own. Lengths are exponential: only
    their mean is billed by, and counts.
    """
    for rooms in LOADS:
        load = rooms * room
        w = Workload(
            requests_per_month=load * MONTH_S / 5,
            memory_mb=1024,
            wait_ms=5000,
            requests_per_instance=room,
            keep_alive_ms=kept_s * 1000,
        )
        running = billed("cloudflare-containers", "cloudflare_containers_gib_seconds", w)
        random = np.random.default_rng(2)
        lengths_s = random.exponential(5, REQUESTS)
        span_s = lengths_s.sum() / load
        count = int(np.ceil(3 * load / room - 1e-9))
        expected = (
            up(random.integers(count, size=REQUESTS), lengths_s, span_s, kept_s)
            if room > 1
            else (lengths_s + kept_s).sum() / span_s
        )
        assert running / 3 / MONTH_S == pytest.approx(expected, rel=0.03), rooms


@pytest.mark.parametrize("room", one_in(2, ROOMS))
def test_objects_of_many_requests_are_active_as_long_as_in_a_simulation(room: int) -> None:
    """Within 3 %: connections of an object of ``room`` requests a month fill a tenth to ten months.

    The ten seconds after the last of them are billed too. The bill is of a thousand times as many
    objects, so that its whole millions of GB-seconds do not count.
    """
    count = REQUESTS // room
    for rooms in LOADS:
        length_s = rooms * MONTH_S / room
        w = Workload(
            requests_per_month=1000.0 * count * room,
            memory_mb=1024,
            wait_ms=5000,
            connection_ms=length_s * 1000,
            requests_per_instance=room,
        )
        active = billed("cloudflare-durable-objects", "cloudflare_do_gb_seconds", w)
        expected = (
            up(np.repeat(np.arange(count), room), np.full(count * room, length_s), MONTH_S, 10)
            if room > 1
            else count * min(length_s + 10, MONTH_S) / MONTH_S
        )
        assert active / 1000 / 0.128 / MONTH_S == pytest.approx(expected, rel=0.03), rooms
