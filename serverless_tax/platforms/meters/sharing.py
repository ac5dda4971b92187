"""Instance-time: how long instances are billed for when requests share them.

By Little's law the requests in flight are, on average, the time they take over the time there
is: the load ``a``. With Poisson arrivals their number is a Poisson variable, whatever the lengths.
With room for ``c`` in an instance, the instances kept busy are on average

- exactly ``a``, where each request has an instance of its own (``c = 1``);
- exactly ``1 - e^-a``, where one instance has room for all;
- in between, more than ``ceil(N / c)`` on average, which is what moving requests together all
  the time would need, and what is counted here, from above.

That is exact in the first case and within ``a² / c²`` in the second. ``traffic`` has bounds for
requests that stay where they are, and simulates them: with two or three to an instance they keep
up to a tenth more busy than is counted here, with many fewer, and a router that spreads them more.
Everything here is on the month's totals: a rule's ``month`` uses it. Each operation is one that
the page's JavaScript does alike, so there is no ``exp``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.meters import capacity
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.shares import ratio, share

_CERTAIN = 40  # 1 - e^-40 is 1 in double precision
_HALVINGS, _TERMS = 6, 17


def requests_per_instance(w: Request, default: float, most: float) -> Quantity:
    """Return how many requests one instance takes: the workload's number, or the platform's own."""
    asked = w.requests_per_instance
    return np.minimum(asked + (asked <= 0) * default, most)


def keep_alive_ms(w: Request, default_ms: float) -> Quantity:
    """Return how long an instance is kept after its last request, where that is billed."""
    asked = w.keep_alive_ms
    return asked + (asked <= 0) * default_ms


def room(used: Mapping[str, Quantity], w: Request, most: Quantity, vcpu: Quantity) -> Quantity:
    """Return how many requests share an instance of ``vcpu`` without wanting for CPU.

    At most ``most``, and no more than ``target_utilisation`` of the CPU carries: never under one.
    """
    for_cpu = ratio(vcpu * w.target_utilisation * used["billed_ms"], used["busy_ms"])
    return np.maximum(1, np.minimum(most, for_cpu))


def occupied(load: Quantity) -> Quantity:
    """Return the share of the time in which there is a request, at that load: ``1 - e^-load``.

    A series for a 64th of the load, doubled six times by ``s -> s (2 - s)``.
    """
    x = np.minimum(load, _CERTAIN) / 2**_HALVINGS
    series: Quantity = 1.0
    for k in range(_TERMS, 1, -1):
        series = 1 - x / k * series
    some = x * series
    for _ in range(_HALVINGS):
        some = some * (2 - some)
    return some


def busy_instances(load: Quantity, each: Quantity) -> Quantity:
    """Return how many instances with room for ``each`` that load keeps busy on average.

    One while anybody is there. Beyond the first, what would fill whole instances, and no more
    than the pairs of requests in flight, whose mean is the load's square, allow.
    """
    some = occupied(load)
    return some + np.minimum((load - some) / each, load * load / (each * (each + 1)))


def shared_ms(used: Mapping[str, Quantity], w: Request, each: Quantity) -> Quantity:
    """Return the instance-time of a month in which ``each`` requests share an instance.

    An instance is billed from its first request until the last one in flight ends.
    """
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    count = busy_instances(used["billed_ms"] / traffic_ms, each)
    return np.minimum(used["billed_ms"], traffic_ms * count)


def kept_ms(
    used: Mapping[str, Quantity], w: Request, each: Quantity, keep_alive_ms: Quantity
) -> Quantity:
    """Return the instance-time of a month in which an instance stays on after its last request.

    Exact for one instance that has room for all: it is off only where the last request was longer
    ago than ``keep_alive_ms``. Several are kept as they were at the peak, ``peak_to_mean`` times
    the mean, and for no more than ``keep_alive_ms`` for each request.
    """
    traffic_ms = capacity.busy_hours(w) * HOUR_MS
    shared = shared_ms(used, w, each)
    tails_ms = w.requests_per_month * keep_alive_ms
    pool = np.maximum(1, np.ceil(capacity.peak_concurrency(used, w) / each - 1e-9))
    pool_ms = traffic_ms * occupied((used["billed_ms"] + tails_ms) / traffic_ms) * pool
    return np.maximum(shared, np.minimum(shared + tails_ms, pool_ms))


def busy_share(used: Mapping[str, Quantity], instance_ms: Quantity, vcpu: Quantity) -> Quantity:
    """Return the share of the instances' CPU time in which their CPU worked, from 0 to 1."""
    # A thread on a fraction of a vCPU keeps that fraction busy for longer.
    worked_ms = used["busy_ms"] * np.minimum(1, vcpu)
    return share(worked_ms, instance_ms * vcpu)
