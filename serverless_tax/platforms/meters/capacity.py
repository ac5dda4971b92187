"""Requests in flight and the whole instances they need, from the totals of a month.

By Little's law the requests in flight are, on average, the time they take together over the
time there is. Everything here is on the month's totals: a rule's ``month`` uses it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import HOURS_PER_MONTH, given_or
from serverless_tax.platforms.meters.shares import ratio

HOUR_MS = 3_600_000
MONTH_MS = HOURS_PER_MONTH * HOUR_MS
#: Instances that run even when nobody asks, where something always runs: one for each zone.
ZONES = 2


def minimum(w: Request) -> Quantity:
    """Return how many whole instances always run: as many as were asked for, or one for a zone."""
    return np.ceil(given_or(w.minimum_instances, ZONES))


def busy_hours(w: Request) -> Quantity:
    """Hours of a month in which there is traffic."""
    return w.hours_per_month * w.busy_hours_a_day / 24


def peak_concurrency(used: Mapping[str, Quantity], w: Request) -> Quantity:
    """Requests in flight at the peak of the hours in which there is traffic."""
    return used["billed_ms"] / (busy_hours(w) * HOUR_MS) * w.peak_to_mean


def instances(
    used: Mapping[str, Quantity], w: Request, vcpu: Quantity, streams: Quantity
) -> Quantity:
    """Whole instances of ``vcpu`` virtual CPUs that carry the peak, each ``streams`` at a time.

    Planned for the target utilisation of both, streams and CPU, and never fewer than the
    minimum. The hair less before each ceiling keeps a rounding error from costing an instance.
    """
    peak = peak_concurrency(used, w) / w.target_utilisation
    peak_cpu = peak * ratio(used["busy_ms"], used["billed_ms"])
    for_streams = np.ceil(peak / streams - 1e-9)
    for_cpu = np.ceil(peak_cpu / vcpu - 1e-9)
    return np.maximum(np.maximum(for_streams, for_cpu), minimum(w))


def instance_hours(count: Quantity, w: Request) -> Quantity:
    """Hours of all instances: those counted, or ``count`` in traffic and the minimum at night."""
    busy = busy_hours(w)
    planned = count * busy + minimum(w) * (w.hours_per_month - busy)
    return given_or(w.instance_hours, planned)


def occupied_hours(used: Mapping[str, Quantity], hours: Quantity) -> Quantity:
    """Instance-hours in which there was a request, were requests spread evenly: the most it can be.

    The rest of the hours are idle. Requests that pile up on one instance leave more idle.
    """
    return np.minimum(used["billed_ms"] / HOUR_MS, hours)
