"""A simulation, event by event, of requests on shared instances that scale from zero.

An instance starts when a request finds no room. It stops after the keep-alive without a request.
The code is written to be read: a million requests take some seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.ground.units import InvalidQuantity

#: The interval comes from the means of 20 stretches of equal length, and Student's factor for
#: 95 % and 19 degrees of freedom. Source: https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm
BATCHES = 20
STUDENT_95 = 2.093


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The result of a simulation.

    ``instance_s`` is the time of all instances together; for ``busy_instance_s`` of it they have a
    request. ``low_s`` and ``high_s`` are the ends of a 95 % interval for ``instance_s``, from
    twenty batch means. ``request_s`` is the time of all requests, cold starts included.
    """

    instance_s: float
    busy_instance_s: float
    request_s: float
    cold_starts: int
    peak_instances: int
    span_s: float
    low_s: float
    high_s: float

    @property
    def idle_s(self) -> float:
        """Time of instances without a request."""
        return self.instance_s - self.busy_instance_s

    @property
    def mean_instances(self) -> float:
        """Average number of instances over the span."""
        return self.instance_s / self.span_s


class _Instance:
    """One instance while it is up."""

    __slots__ = ("idle_since_s", "in_flight", "offered", "place", "started_s")

    def __init__(self, now_s: float, place: int) -> None:
        self.place = place
        self.started_s = self.idle_since_s = now_s
        self.in_flight = 0
        self.offered: int | None = None  # the level at which it stands among those with room


def simulate(
    arrivals_s: Any,
    lengths_s: Any,
    *,
    requests_per_instance: int = 1,
    keep_alive_s: float = 0.0,
    cold_start_s: float = 0.0,
    spread: bool = False,
) -> Simulation:
    """Let requests arrive one by one, and add up the time of their instances.

    ``arrivals_s`` are seconds in rising order; ``lengths_s`` are seconds for each request, or one
    number for all. Instances stand in a row. A request goes to the first instance with room, or
    with ``spread`` to the emptiest. If all are full, it starts one in the first free place and
    takes ``cold_start_s`` longer. It stays in its instance until it ends.

    >>> simulate([0, 1, 10], 4, requests_per_instance=2).instance_s
    9.0

    Raises:
        InvalidQuantity: for arrivals out of order, a negative length, or instances without room.
    """
    arrivals, lengths = _checked(arrivals_s, lengths_s)
    for name, value, least in (
        ("requests_per_instance", requests_per_instance, 1),
        ("keep_alive_s", keep_alive_s, 0),
        ("cold_start_s", cold_start_s, 0),
    ):
        if not value >= least:
            msg = f"{name} is {value:g}; expected at least {least}."
            raise InvalidQuantity(msg)
    pool = _Pool(requests_per_instance, keep_alive_s, spread=spread)
    ends: list[tuple[float, int, _Instance]] = []
    request_s, cold_starts, peak = 0.0, 0, 0
    for k, (now_s, length_s) in enumerate(zip(arrivals.tolist(), lengths.tolist(), strict=True)):
        while ends and ends[0][0] <= now_s:
            end_s, _, instance = heapq.heappop(ends)
            pool.leave(instance, end_s)
        instance, is_new = pool.enter(now_s)
        took_s = length_s + cold_start_s * is_new
        cold_starts += is_new
        request_s += took_s
        heapq.heappush(ends, (now_s + took_s, k, instance))
        peak = max(peak, pool.count)
    while ends:
        end_s, _, instance = heapq.heappop(ends)
        pool.leave(instance, end_s)
    return pool.summary(arrivals, request_s, cold_starts, peak)


def _checked(arrivals_s: Any, lengths_s: Any) -> tuple[Any, Any]:
    arrivals = np.atleast_1d(np.asarray(arrivals_s, float))
    given = np.asarray(lengths_s, float)
    if given.size not in (1, arrivals.size):
        msg = f"There are {given.size} lengths for {arrivals.size} arrivals; give one for each."
        raise InvalidQuantity(msg)
    lengths = np.broadcast_to(given, arrivals.shape)
    if not arrivals.size:
        msg = "There are no arrivals; give the second at which each request arrives."
        raise InvalidQuantity(msg)
    if not np.all(np.isfinite(arrivals)):
        msg = "An arrival is not a finite number of seconds; expected one for each request."
        raise InvalidQuantity(msg)
    if not np.all(np.diff(arrivals) >= 0):
        first = int(np.argmax(np.diff(arrivals) < 0)) + 1
        msg = f"Arrival {first} is at {arrivals[first]:g} s, before the one ahead of it; sort them."
        raise InvalidQuantity(msg)
    wrong = lengths[~((lengths >= 0) & (lengths < np.inf))]
    if wrong.size:
        msg = f"A request takes {wrong[0]:g} s; expected a finite number of at least 0."
        raise InvalidQuantity(msg)
    return arrivals, lengths


class _Pool:
    """The running instances, and the spans of the stopped ones."""

    def __init__(self, each: int, keep_alive_s: float, *, spread: bool) -> None:
        self.each, self.keep_alive_s = each, keep_alive_s
        self.spread = spread
        self.with_room: list[tuple[int, int, int, _Instance]] = []  # some of them out of date
        self.free_places: list[int] = []
        self.up: set[_Instance] = set()
        self.idle: set[_Instance] = set()
        self.spans: list[tuple[float, float]] = []
        self.busy_s = 0.0
        self.ticket = 0

    @property
    def count(self) -> int:
        return len(self.up)

    def enter(self, now_s: float) -> tuple[_Instance, bool]:
        """Put a request into an instance with room, or into a new one."""
        self.stop_idle(now_s)
        instance, is_new = self.find(), False
        if instance is None:
            place = heapq.heappop(self.free_places) if self.free_places else len(self.up)
            instance, is_new = _Instance(now_s, place), True
            self.up.add(instance)
        if not instance.in_flight:
            self.busy_s -= now_s
            self.idle.discard(instance)
        instance.in_flight += 1
        self.offer(instance)
        return instance, is_new

    def leave(self, instance: _Instance, now_s: float) -> None:
        """Take a request out of an instance."""
        instance.in_flight -= 1
        if not instance.in_flight:
            self.busy_s += now_s
            instance.idle_since_s = now_s
            self.idle.add(instance)
        self.offer(instance)

    def find(self) -> _Instance | None:
        """Return the first instance with room, or the emptiest."""
        while self.with_room:
            level, _, _, instance = self.with_room[0]
            if instance in self.up and level == self.level(instance) and self.has_room(instance):
                return instance
            heapq.heappop(self.with_room)
            if level == instance.offered:
                instance.offered = None
        return None

    def level(self, instance: _Instance) -> int:
        return instance.in_flight if self.spread else 0

    def has_room(self, instance: _Instance) -> bool:
        return instance.in_flight < self.each

    def offer(self, instance: _Instance) -> None:
        level = self.level(instance)
        if self.has_room(instance) and instance.offered != level:
            self.ticket += 1
            heapq.heappush(self.with_room, (level, instance.place, self.ticket, instance))
            instance.offered = level

    def stop_idle(self, now_s: float) -> None:
        """Stop every instance that was idle for longer than the keep-alive."""
        idle = [
            instance for instance in self.idle if instance.idle_since_s + self.keep_alive_s < now_s
        ]
        for instance in idle:
            self.up.remove(instance)
            self.idle.remove(instance)
            heapq.heappush(self.free_places, instance.place)
            self.spans.append((instance.started_s, instance.idle_since_s + self.keep_alive_s))

    def summary(self, arrivals: Any, request_s: float, cold_starts: int, peak: int) -> Simulation:
        self.stop_idle(np.inf)
        started, stopped = np.array(self.spans).T
        edges = np.linspace(arrivals[0], np.max(stopped), BATCHES + 1)
        batches = np.diff([_until(edge, started, stopped) for edge in edges])
        total_s = float(np.sum(stopped - started))
        half_s = STUDENT_95 * float(np.std(batches, ddof=1)) * np.sqrt(BATCHES)
        return Simulation(
            instance_s=total_s,
            busy_instance_s=float(self.busy_s),
            request_s=request_s,
            cold_starts=cold_starts,
            peak_instances=peak,
            span_s=float(edges[-1] - edges[0]),
            low_s=total_s - half_s,
            high_s=total_s + half_s,
        )


def _until(edge_s: float, started: Sequence[float] | Any, stopped: Any) -> float:
    """Return the time of all instances before ``edge_s``."""
    return float(np.sum(np.maximum(np.minimum(stopped, edge_s) - started, 0)))
