"""What a platform is: a rule, the sheets that price it, and what it cannot do."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import numpy as np

from serverless_tax.ground.request import Quantity, Request, Sample
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters import cpu, timeline
from serverless_tax.platforms.meters.changed import Changed, changed
from serverless_tax.platforms.meters.shares import ratio
from serverless_tax.platforms.meters.sharing import requests_per_instance

#: The router that is counted where a vendor describes none: the one that needs the fewest.
PACKS = "counted as by a router that fills the first instance before the next"


#: What every platform meters: the time in flight, and for how much of it a CPU works.
IN_FLIGHT = {"billed_ms", "busy_ms"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most of something that a request may have, and what happens to one that has more."""

    most: float
    #: The quantity of a request that is limited.
    of: Callable[[Request], Quantity]
    #: The end of a sentence that starts with the platform's name, and what requests do then.
    says: str
    who: str = "go beyond that"
    #: A value that no request of a sample exceeds, where that is known without a look at each.
    largest: Callable[[Sample], float] | None = None

    def allows(self, w: Request) -> Quantity:
        """Return 1 where every request keeps to it, else 0: plain arithmetic."""
        values = self.of(w)
        return 1.0 * ((np.max(values) if np.ndim(values) else values) <= self.most)

    def share_beyond(self, w: Sample) -> float:
        """Return the share of requests that do not keep to it."""
        if self.largest and self.largest(w) <= self.most:
            return 0.0  # ten million need not be looked at
        return float(np.mean(self.of(w) > self.most))


def memory_limit(most_mb: float) -> Limit:
    """Return the limit of a request that has so much memory at most."""
    return Limit(
        most=most_mb,
        of=lambda w: w.peak_memory_mb,
        says=f"gives a request {most_mb:,.0f} MB at most",
        who="take more memory",
        largest=lambda w: w.largest["peak_memory_mb"],
    )


def size_limit(has_mb: Callable[[Request], Quantity]) -> Limit:
    """Return the limit of a request on an instance that has so much memory."""
    return Limit(
        most=1,
        of=lambda w: w.peak_memory_mb / has_mb(w),
        says="gives an instance the memory of its size (instance_memory_mb)",
        who="take more",
    )


def as_asked(w: Request) -> Quantity:
    """Return the memory of an instance that is of the size asked for."""
    return w.instance_memory_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One way of serving a request, or one part of the path to it.

    ``usage(w)`` returns the month's sum of everything metered for each request. ``month(used, w)``
    returns what only the month as a whole decides: whole instances, hours, peaks.
    """

    id: str
    name: str
    #: One sentence: what it bills while a request waits, and the page that says so.
    waits: str
    source: str
    #: Without ``billed_ms`` and ``busy_ms`` of its own, requests count for as long as they take.
    usage: Callable[[Request], dict[str, Quantity]] = field(default=lambda _: {})
    #: How long a burst of so much CPU time takes here: as on a whole vCPU, unless it says.
    cpu_wall_ms: timeline.CpuWall = field(default=timeline.on_a_whole_vcpu)
    month: Callable[[Mapping[str, Quantity], Request], dict[str, Quantity]] | None = None
    #: The price sheets it is priced with; its own, where none is named.
    sheets: tuple[str, ...] = ()
    #: For each quantity that is configured, the least and the most that is offered.
    offers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    #: The longest request it can serve, and what stands in the way of a longer one.
    limit_ms: float = np.inf
    limit_why: str = ""
    #: What a bill takes for granted that a reader may not: a sentence that goes with every bill.
    assumes: str = ""
    #: What is said where instances that requests share are started by some of them.
    starts: str = ""
    #: How far a bill of instances that are kept may be off, with so many requests to an instance.
    kept_off: Callable[[Request, float], str] | None = None
    #: What is wrong with a pair of vCPU and MB that is not on offer; nothing with one that is.
    pairs: Callable[[float, float], str] | None = None
    #: Requests that share an instance: by default, and the most that can be set.
    shares: tuple[float, float] | None = None
    #: How many do, where that hangs on the size of an instance too.
    room: Callable[[Request], Quantity] | None = None
    #: Which requests do: a sentence's end, and the page of the vendor's that it was read from.
    router: str = PACKS
    router_source: str = ""
    #: The first day on which one could choose it, where its prices are older, and the last. It is
    #: priced on other days too, but not ranked.
    sold_from: date = date.min
    sold_until: date = date.max
    #: Parts of the path it cannot be reached without.
    path: tuple[str, ...] = ()
    #: Parts of the path that lead to others of its vendor and not to it.
    not_behind: tuple[str, ...] = ()
    #: False for a part of the path: it forwards what something else serves.
    serves: bool = True
    #: False where it forwards to something else and runs no code of yours.
    runs_code: bool = True
    #: False where the vendor's free allowances do not apply.
    free_tier: bool = True

    @property
    def priced_by(self) -> tuple[str, ...]:
        """The ids of its price sheets."""
        return self.sheets or (self.id,)

    def wall_ms(self, w: Request) -> Quantity:
        """Return the wall clock of a request here."""
        return timeline.wall_ms(w, self.cpu_wall_ms)

    def busy_ms(self, w: Request) -> Quantity:
        """Return for how much of that its CPU works."""
        return timeline.busy_ms(w, self.cpu_wall_ms)

    def in_flight(self, w: Request) -> dict[str, Quantity]:
        """Meter the time that requests are in flight, and the CPU they take."""
        requests = w.requests_per_month
        return {"billed_ms": requests * self.wall_ms(w), "busy_ms": requests * self.busy_ms(w)}

    def as_served(self, w: Request) -> Sample:
        """Return a request as the path to here sees it: its CPU takes as long as it does here."""
        return cast("Sample", _Served(self, w))

    def notes(self, w: Request) -> Iterator[str]:
        """Yield a sentence for each thing that a bill of this workload takes for granted."""
        # Of a request without tokens nothing is assumed about them.
        said = self.assumes if np.any(w.output_tokens) else self.assumes.removeprefix(cpu.ASSUMES)
        if said:
            yield said.lstrip()
        if self.shares:
            asked = np.max(w.requests_per_instance)
            each, default, most = (
                self._room(changed(w, requests_per_instance=n), *self.shares)
                for n in (asked, 0.0, self.shares[1])
            )
            yield (
                f"{each:,g} request{'s' if each != 1 else ''} may share an instance"
                f" (requests_per_instance: {default:,.10g} by default, at most {most:,.10g}),"
                f" {self.router}."
            )
            if self.kept_off and (off := self.kept_off(w, each)):
                yield off
            if asked > most:
                yield (
                    f"requests_per_instance is {asked:,.10g}; {most:,.10g} is the most on"
                    f" {self.name}, and what is counted."
                )
        if self.starts and np.any(w.init_ms * w.cold_start_share):
            yield self.starts

    def not_sold(self, day: date) -> str:
        """Return a sentence if one could not choose it on that day, else nothing."""
        if day < self.sold_from:
            return f"Not sold yet: the first day to choose {self.name} was {self.sold_from}."
        if day > self.sold_until:
            return f"No longer sold: the last day to choose {self.name} was {self.sold_until}."
        return ""

    def _room(self, w: Request, default: float, most: float) -> float:
        room = self.room(w) if self.room else requests_per_instance(w, default, most)
        return float(np.max(room))

    def check(self, w: Request) -> None:
        """Refuse a size that cannot be configured on this platform.

        Raises:
            InvalidQuantity: naming the size and what is offered.
        """
        for name, (low, high) in self.offers.items():
            smallest, largest = np.min(getattr(w, name)), np.max(getattr(w, name))
            if smallest < low or largest > high:
                bad = smallest if smallest < low else largest
                unit = " MB" if name.endswith("_mb") else ""
                msg = f"{name} is {bad:,.10g}; {self.name} offers {low:,} to {high:,}{unit}."
                raise InvalidQuantity(msg)
            broken = [mb for mb in np.ravel(getattr(w, name)) if name.endswith("_mb") and mb % 1]
            if broken:
                msg = f"{name} is {broken[0]:,.10g}; {self.name} offers whole megabytes alone."
                raise InvalidQuantity(msg)
        for vcpu, mb in self._pairs_of(w):
            wrong = self.pairs(vcpu, mb) if self.pairs else ""
            if wrong:
                raise InvalidQuantity(wrong)

    def _pairs_of(self, w: Request) -> set[tuple[float, float]]:
        """Return the sizes of instance that are asked for, where they are sold in pairs."""
        if not self.pairs:
            return set()
        both = np.broadcast(w.instance_vcpu, w.instance_memory_mb)
        return {(float(vcpu), float(mb)) for vcpu, mb in both}

    def every_limit(self) -> Iterator[Limit]:
        """Yield what keeps it from serving a request: here, the time and memory that one takes."""
        if self.limit_ms < np.inf:
            yield Limit(
                most=self.limit_ms,
                of=self.wall_ms,
                says=f"{self.limit_why or 'stops a request'} after {self.limit_ms / 1000:,.0f} s",
                who="take longer",
                largest=lambda w: float(np.max(self.wall_ms(_slowest(w)))),
            )
        if "memory_mb" in self.offers:
            yield memory_limit(self.offers["memory_mb"][1])

    def can_serve(self, w: Request) -> Quantity:
        """Return 1 where it can serve these requests as they are, else 0: plain arithmetic."""
        able: Quantity = 1.0
        for limit in self.every_limit():
            able = able * limit.allows(w)
        return able

    def obstacles(self, w: Sample) -> Iterator[str]:
        """Yield a sentence for each reason why it cannot serve these requests as they are."""
        for limit in self.every_limit():
            beyond = limit.share_beyond(w)
            if beyond:
                who = "these requests" if beyond == 1 else f"{beyond:.1%} of these requests"
                yield (
                    f"{self.name} {limit.says}; {who} {limit.who}:"
                    " it cannot serve them as they are."
                )


class _Served(Changed):
    """A request as the path sees it: its CPU takes as long as on the platform that serves it."""

    def __init__(self, platform: Platform, w: Request) -> None:
        self._platform = platform
        super().__init__(
            w,
            cpu_ms=timeline.serial_ms(w, platform.cpu_wall_ms),
            cpu_ms_per_output_token=_token_ms(w, platform.cpu_wall_ms),
        )

    @property
    def largest(self) -> Mapping[str, float]:
        """A value of each quantity that no request exceeds."""
        w = cast("Sample", self._w)
        slowest = _Served(self._platform, _slowest(w))
        served = ("cpu_ms", "cpu_ms_per_output_token")
        changes = {name: float(np.max(getattr(slowest, name))) for name in served}
        return ChainMap(changes, cast("dict[str, float]", w.largest))


def _token_ms(w: Request, cpu_wall_ms: timeline.CpuWall) -> Quantity:
    """Return the most of a stream that a token takes: alone, or where all come at once."""
    at_once_ms = timeline.at_once_ms(w, cpu_wall_ms)
    return np.maximum(timeline.token_ms(w, cpu_wall_ms), ratio(at_once_ms, w.output_tokens))


def _slowest(w: Sample) -> Request:
    """Return a request that none of a sample is longer than, whatever its memory."""
    lengths = ("cpu_ms", "wait_ms", "streaming_ms", "output_tokens", "cpu_ms_per_output_token")
    largest = w.largest
    return changed(w, **{name: largest[name] for name in lengths})
