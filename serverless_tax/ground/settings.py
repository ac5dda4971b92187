"""How a workload is delivered and hosted: what the ways of serving it need to know beside its work.

Everything here has a default, and a platform reads only what it bills by. The defaults are
assumptions, named as such on the method page; a reader who knows better sets them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.units import InvalidQuantity

#: A setting that was left to the platform: below 0, as none that is given can be.
UNSET = -(2.0**-1022)
#: Hours in a month, as AWS counts them (365 × 24 / 12), where a month is not said to have others.
HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settings:
    """The quantities of a workload that say how it is delivered and hosted."""

    #: Bytes of a request, as it arrives.
    request_bytes: Quantity = 2000.0
    #: Bytes of an answer beside its tokens.
    response_bytes: Quantity = 0.0
    #: Bytes of a token as it leaves: plain text, without the JSON some APIs wrap around it.
    bytes_per_output_token: Quantity = 4.0
    #: Bytes logged for each request; a Lambda function writes about this much by itself.
    log_bytes: Quantity = 400.0
    #: Tokens that one WebSocket message carries.
    tokens_per_message: Quantity = 1.0
    #: WebSocket messages in which a request arrives.
    messages_in: Quantity = 1.0
    #: Time a client stays connected for each request; at least as long as the request.
    connection_ms: Quantity = 0.0

    #: Requests in flight at the peak over their mean, in the hours in which there is traffic.
    peak_to_mean: Quantity = 3.0
    #: Hours of a day in which there is traffic: 24 without nights.
    busy_hours_a_day: Quantity = 24.0
    #: Hours of the month: 730 is the mean one, 744 one of 31 days.
    hours_per_month: Quantity = float(HOURS_PER_MONTH)
    #: Instances that run even when nobody asks; left out, one for each of two zones where
    #: something always runs, and none where instances come with the requests.
    minimum_instances: Quantity = UNSET
    #: Share of an instance's streams, or of its CPU, to plan for.
    target_utilisation: Quantity = 0.7
    #: Answers one process on one vCPU can pass on at a time.
    streams_per_vcpu: Quantity = 100.0
    #: Size of a shared instance, where it can be chosen.
    instance_vcpu: Quantity = 1.0
    instance_memory_mb: Quantity = 2048.0
    #: Requests that share an instance which scales from zero; 0 for the platform's own default.
    requests_per_instance: Quantity = 0.0
    #: Time such an instance stays on after its last request; left out, the platform's own default.
    keep_alive_ms: Quantity = UNSET
    #: Hours of instances that were counted, on a bill or a meter; left out, they are estimated.
    instance_hours: Quantity = UNSET

    #: Memory a request really takes; 0 if nobody has looked.
    peak_memory_mb: Quantity = 0.0
    #: Environments kept ready; 0 for as many as the peak needs.
    provisioned_concurrency: Quantity = 0.0
    #: Hours of the month for which they are kept; left out, all of them.
    provisioned_hours: Quantity = UNSET
    #: Share of the requests that meet one of them; the others run on demand.
    provisioned_share: Quantity = 1.0
    #: Published versions of the function that SnapStart keeps a snapshot of; images of a microVM.
    snapstart_versions: Quantity = 1.0
    #: Billed duration of restoring a snapshot.
    restore_ms: Quantity = 0.0
    #: Share of the waiting in which a durable function is suspended, not awaiting.
    suspended_share: Quantity = 1.0
    #: Steps and waits of one durable execution.
    durable_steps: Quantity = 2.0
    durable_waits: Quantity = 1.0
    #: Days for which a durable execution is kept after its end.
    retention_days: Quantity = 14.0
    #: Requests that share one session of an agent runtime.
    requests_per_session: Quantity = 1.0
    #: Time a session stays open after its last request.
    session_idle_ms: Quantity = 900_000.0
    #: How often a session is suspended and resumed, and for how long in all.
    suspensions: Quantity = 0.0
    suspended_ms: Quantity = 0.0


#: Settings that a month has one number of: they do not differ from request to request.
OF_THE_MONTH = (
    "peak_to_mean",
    "busy_hours_a_day",
    "hours_per_month",
    "minimum_instances",
    "target_utilisation",
    "streams_per_vcpu",
    "instance_vcpu",
    "instance_memory_mb",
    "requests_per_instance",
    "keep_alive_ms",
    "instance_hours",
    "provisioned_concurrency",
    "provisioned_hours",
    "provisioned_share",
    "snapstart_versions",
)

#: Least and most of each quantity that has bounds of its own.
_BOUNDS = {
    "tokens_per_message": (1e-9, np.inf, "more than 0"),
    "peak_to_mean": (1, np.inf, "at least 1: a peak is no lower than the mean"),
    "busy_hours_a_day": (1e-9, 24, "more than 0 and at most 24"),
    "target_utilisation": (1e-9, 1, "a share, more than 0 and at most 1"),
    "streams_per_vcpu": (1e-9, np.inf, "more than 0"),
    "instance_vcpu": (1e-9, np.inf, "more than 0"),
    "instance_memory_mb": (1, np.inf, "at least 1"),
    "hours_per_month": (1, 744, "from 1 to 744, the hours of the longest month"),
    "instance_hours": (UNSET, 1e12, "at most 1e12, which a billion instances have in a month"),
    "minimum_instances": (UNSET, 1e9, "at most 1e9"),
    "provisioned_concurrency": (0, 1e9, "at most 1e9"),
    "provisioned_hours": (UNSET, 744, "at most 744, the hours of the longest month"),
    "provisioned_share": (0, 1, "a share from 0 to 1"),
    "suspended_share": (0, 1, "a share from 0 to 1"),
    "requests_per_session": (1, np.inf, "at least 1"),
    "cold_start_share": (0, 1, "a share from 0 to 1"),
}
_values_of = attrgetter(*_BOUNDS)


def given_or(asked: Quantity, default: Quantity) -> Quantity:
    """Return a setting that was given, or what stands for one that was left to the platform."""
    return asked * (1.0 * (asked >= 0)) + default * (1.0 * (asked < 0))


def check_bounds(w: Request) -> None:
    """Refuse a quantity outside its bounds.

    Raises:
        InvalidQuantity: naming the quantity, its value and what was expected.
    """
    for sentence in _out_of_bounds(w):
        raise InvalidQuantity(sentence)


def _out_of_bounds(w: Request) -> Iterator[str]:
    bounded = zip(_BOUNDS.items(), _values_of(w), strict=True)
    for (name, (least, most, expected)), values in bounded:
        if isinstance(values, float):
            lowest = highest = values
        else:
            lowest, highest = np.min(values), np.max(values)
        if lowest < least or highest > most:
            bad = lowest if lowest < least else highest
            yield f"{name} is {bad:g}; expected {expected}."
    shared = np.asarray(w.requests_per_instance)
    part = np.floor(shared) < shared
    if np.any(part):
        yield (
            f"requests_per_instance is {np.min(shared[part]):,.10g}; expected a whole number, or 0"
            " for the platform's own default."
        )
