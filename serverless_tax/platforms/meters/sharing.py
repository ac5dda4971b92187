"""Instance-time: how long instances are billed for when requests share them.

Which requests do is for the vendor's router to say. One that *packs* fills the first instance
before the next (:mod:`packing`). One that takes turns gives each the next request. Where an address
or a key of the request chooses the instance, each of ``n`` has its share of the load, however full
the others are.
Everything here is on the month's totals: a rule's ``month`` uses it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms.meters import capacity
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.packing import (
    busy_instances,
    in_turn,
    occupied,
    overflow,
    up_instances,
)
from serverless_tax.platforms.meters.shares import ratio, share

#: Said of a bill whose requests start instances.
STARTS = (
    "Starting an instance is its CPU's work, so cold starts move dollars from waiting to work: also"
    " in time that is billed anyway, because other requests share it."
)
#: With fewer requests to an instance than that, those that are kept are counted less well.
_FEW = 7
#: Lengths that vary by less than this share of their mean, squared, are alike but for rounding.
_ALIKE = 1e-9
#: Mean lengths for which an instance is kept at most: the months of a request of no length.
_LONGEST_KEPT = 1e6


def in_flight(requests: Quantity, wall_ms: Quantity, busy_ms: Quantity) -> dict[str, Quantity]:
    """Meter requests that share instances: their time, how it varies, and their CPU's."""
    return {
        "billed_ms": requests * wall_ms,
        "billed_ms_squared": requests * (wall_ms * wall_ms),
        "busy_ms": requests * busy_ms,
    }


def mixed(used: Mapping[str, Quantity], w: Request) -> Quantity:
    """Return how the lengths of requests vary: their standard deviation over their mean."""
    total_ms = used["billed_ms"]
    square = ratio(used["billed_ms_squared"] * w.requests_per_month, total_ms * total_ms)
    return np.sqrt(np.maximum(square - 1 - _ALIKE, 0))


def requests_per_instance(w: Request, default: float, most: float) -> Quantity:
    """Return how many requests one instance takes: the workload's number, or the platform's own."""
    asked = w.requests_per_instance
    return np.minimum(asked + (asked <= 0) * default, most)


def cpu_ms(used: Mapping[str, Quantity], w: Request, vcpu: Quantity) -> Quantity:
    """Return the instance-time that the CPU of requests needs, on instances of ``vcpu``.

    Requests share an instance as long as they use no more than ``target_utilisation`` of its CPU.
    A thread on a fraction of a vCPU keeps that fraction busy.
    """
    return used["busy_ms"] * np.minimum(1, vcpu) / (vcpu * w.target_utilisation)


def shared_ms(used: Mapping[str, Quantity], w: Request, each: Quantity, vcpu: Quantity) -> Quantity:
    """Return the instance-time of a month in which ``each`` requests share an instance.

    An instance is billed from its first request until the last one in flight ends.
    """
    return counted(met_ms(used, w, each, vcpu), w)


def met_ms(used: Mapping[str, Quantity], w: Request, each: Quantity, vcpu: Quantity) -> Quantity:
    """Return how much of the instances' time has a request, however long they are up.

    There are never fewer than the CPU of the requests needs, nor more than one for each.
    """
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    count = busy_instances(used["billed_ms"] / traffic_ms, each, mixed(used, w))
    needed_ms = np.maximum(traffic_ms * count, cpu_ms(used, w, vcpu))
    return np.minimum(used["billed_ms"], needed_ms)


def up_ms(
    used: Mapping[str, Quantity],
    w: Request,
    each: Quantity,
    vcpu: Quantity,
    keep_alive_ms: Quantity,
) -> Quantity:
    """Return the instance-time of a month in which an instance stays on after its last request.

    For no more than ``keep_alive_ms`` for each request, and never less than it has requests. The
    minimum is up all month, and beyond it what is needed in the hours with traffic.
    """
    traffic_ms, least_ms = capacity.busy_hours(w) * HOUR_MS, always_on_ms(w)
    tails_ms = w.requests_per_month * keep_alive_ms
    kept = np.minimum(ratio(tails_ms, used["billed_ms"]), _LONGEST_KEPT)
    count = up_instances(used["billed_ms"] / traffic_ms, each, mixed(used, w), kept)
    shared = met_ms(used, w, each, vcpu)
    in_traffic_ms = np.maximum(shared, np.minimum(shared + tails_ms, traffic_ms * count))
    least = least_ms / (w.hours_per_month * HOUR_MS)
    beyond_ms = np.maximum(in_traffic_ms - traffic_ms * least, beyond_kept_ms(used, w, each))
    return np.maximum(counted(least_ms + beyond_ms, w), least_ms)


def kept_off(w: Request, each: float) -> str:
    """Say how far the time of instances that are kept may be off, where it is estimated."""
    if not np.any((w.instance_hours < 0) & (w.keep_alive_ms != 0)):
        return minimum_off(w, each)
    off = "a fifth" if each < 2 else "an eighth" if each < _FEW else "6 %"  # noqa: PLR2004 - one
    return (
        f"With {_requests(each)} to an instance, the hours of those that"
        f" are kept are up to {off} off a simulation's."
    )


def minimum_off(w: Request, each: float) -> str:
    """Say how far a bill may be off that has a minimum of instances, where it is estimated."""
    kept = (w.instance_hours < 0) & (w.minimum_instances > 0)
    if each < 2 or not np.any(kept):  # noqa: PLR2004 - with room for one it is exact
        return ""
    return (
        f"With {_requests(each)} to an instance and some kept at a minimum, the instances cost up"
        f" to {'7' if each < _FEW else '5'} % more or less in a simulation, before what is free."
    )


def _requests(each: float) -> str:
    return f"{each:,g} request{'s' if each != 1 else ''}"


def turns_ms(used: Mapping[str, Quantity], w: Request, count: Quantity) -> Quantity:
    """Return the time in which ``count`` instances have a request, where they get them in turn."""
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    met_ms = traffic_ms * in_turn(used["billed_ms"] / traffic_ms, count, mixed(used, w))
    return np.minimum(met_ms, used["billed_ms"])


def keyed_ms(
    used: Mapping[str, Quantity], w: Request, instances: Quantity, keep_alive_ms: Quantity
) -> Quantity:
    """Return the time of ``instances`` that each have their share of the requests, all month.

    Each is up for as long as one of its own is in flight, and ``keep_alive_ms`` more. Which one a
    request is for is taken as chance.
    """
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    time_ms = used["billed_ms"] + w.requests_per_month * keep_alive_ms
    count = np.maximum(instances, 1)
    # An instance of ``n`` requests has none with a chance of ``(1 - one) ** n``.
    one = np.minimum(ratio(time_ms, w.requests_per_month) / traffic_ms, 1)
    others = np.maximum(w.requests_per_month / count - 1, 0)
    log: Quantity = 1 / _TERMS
    for k in range(_TERMS - 1, 0, -1):
        log = 1 / k + one * log
    up = one + (1 - one) * occupied(others * one * log)
    return np.minimum(time_ms, traffic_ms * count * up)


#: Terms of ``-log(1 - x)``; where they are too few, the one request fills the time nearly.
_TERMS = 8


def counted(estimated_ms: Quantity, w: Request) -> Quantity:
    """Return the time of the instances that were counted, where they were."""
    return given_or(w.instance_hours * HOUR_MS, estimated_ms)


def always_on_ms(w: Request) -> Quantity:
    """Return the time of the instances that are kept even if nobody asks: none, unless given."""
    return np.ceil(given_or(w.minimum_instances, 0)) * w.hours_per_month * HOUR_MS


def beyond_kept_ms(used: Mapping[str, Quantity], w: Request, each: Quantity) -> Quantity:
    """Return the time of instances beyond the minimum, for which there is no room on that."""
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    kept = always_on_ms(w) / (w.hours_per_month * HOUR_MS)
    count = overflow(used["billed_ms"] / traffic_ms, each, kept, mixed(used, w))
    return np.minimum(used["billed_ms"], traffic_ms * count)


def on_kept_ms(
    used: Mapping[str, Quantity], w: Request, each: Quantity, instance_ms: Quantity
) -> Quantity:
    """Return how much of ``instance_ms`` is on the instances of the minimum, filled first."""
    traffic_ms, least_ms = capacity.busy_hours(w) * HOUR_MS, always_on_ms(w)
    kept = least_ms / (w.hours_per_month * HOUR_MS)
    met_ms = np.minimum(traffic_ms * kept, instance_ms - beyond_kept_ms(used, w, each))
    return np.minimum(counted(np.maximum(met_ms, 0), w), least_ms)


def busy_share(used: Mapping[str, Quantity], instance_ms: Quantity, vcpu: Quantity) -> Quantity:
    """Return the share of the instances' CPU time in which their CPU worked, from 0 to 1."""
    # A thread on a fraction of a vCPU keeps that fraction busy for longer.
    worked_ms = used["busy_ms"] * np.minimum(1, vcpu)
    return share(worked_ms, instance_ms * vcpu)
