"""Cloudflare Durable Objects that keep their client's WebSocket open: wall clock at 128 MB.

An object is billed while it is active, which a pending ``fetch`` to a model keeps it, whether its
CPU works or not. A WebSocket that it accepted keeps it billed for as long as the client stays
connected, and 10 s more. Requests that share an object share its duration.
Source: https://developers.cloudflare.com/durable-objects/platform/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms.cloudflare_workers import CPU_LIMIT, MEMORY_LIMIT, MEMORY_MB, plan
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import cpu, sharing, timeline

#: The memory of an object in the gigabytes of 1,000 MB that its page counts with.
GB = MEMORY_MB / 1000
#: Incoming WebSocket messages that are billed as one request.
MESSAGES_A_REQUEST = 20
#: How long an object stays active after its last client has left.
ACTIVE_AFTER_MS = 10_000
#: Requests of a month that name the same object: one, where each conversation has its own.
SHARES = (1, 1_000_000_000)
#: How a request finds its object.
BY_KEY = "by key: each object has its share of the requests, however full the others are"
#: As much CPU as a Worker, by default a tenth of it; each message that arrives has it anew.
#: Source: https://developers.cloudflare.com/durable-objects/platform/limits/
_CPU_LIMIT = replace(CPU_LIMIT, of=lambda w: CPU_LIMIT.of(w) / np.maximum(1, w.messages_in))


def object_usage(w: Request, connected_ms: Quantity) -> dict[str, Quantity]:
    """Meter connections, their messages, and the time for which each keeps an object active.

    A connection is one request; ``messages_in`` arrive on it, and what leaves is free.
    """
    w = cpu.metered(w)
    requests = w.requests_per_month
    wall_ms = timeline.wall_ms(w)
    return {
        "cloudflare_do_requests": requests * (1 + w.messages_in / MESSAGES_A_REQUEST),
        "cloudflare_do_open_ms": requests * np.maximum(wall_ms, connected_ms),
        "billed_ms": requests * wall_ms,
        "busy_ms": requests * timeline.busy_ms(w),
    }


def objects(w: Request) -> Quantity:
    """Return how many objects the requests of a month name."""
    return w.requests_per_month / sharing.requests_per_instance(w, *SHARES)


def object_month(
    active_ms: Quantity, open_ms: Quantity, used: Mapping[str, Quantity]
) -> dict[str, Quantity]:
    """Meter objects that were active for so long together, ``open_ms`` of it with a request."""
    gb_s = GB / 1000  # in a millisecond
    return {
        "cloudflare_do_gb_seconds": active_ms * gb_s,
        "cloudflare_do_used_gb_seconds": open_ms * gb_s,
        "cloudflare_do_busy_gb_seconds": used["busy_ms"] * gb_s,
    }


def usage(w: Request) -> dict[str, Quantity]:
    """An object stays active for as long as its client is connected."""
    return object_usage(w, w.connection_ms)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Active time of shared objects, the ten seconds after the last client included."""
    is_open = {**used, "billed_ms": used["cloudflare_do_open_ms"]}
    tail_ms = given_or(w.keep_alive_ms, ACTIVE_AFTER_MS)
    active_ms = sharing.counted(sharing.keyed_ms(is_open, w, objects(w), tail_ms), w)
    in_flight_ms = np.minimum(sharing.keyed_ms(used, w, objects(w), 0), active_ms)
    return object_month(active_ms, in_flight_ms, used) | plan(used, w)


PLATFORM = FrontDoor(
    id="cloudflare-durable-objects",
    name="Cloudflare Durable Objects",
    waits="Bills 128 MB for as long as the object is active, a pending call to the model included.",
    source="https://developers.cloudflare.com/durable-objects/platform/pricing/",
    assumes=(
        "Each request is one WebSocket connection to an object, kept for connection_ms or for the"
        " request, whichever is longer, and 10 s more."
    ),
    usage=usage,
    month=month,
    sheets=("cloudflare-durable-objects", "cloudflare-plan"),
    limit_ms=900_000,
    limit_why="may drop an object whose call is pending",
    limits=(_CPU_LIMIT, MEMORY_LIMIT),
    path=("cloudflare-worker-front",),
    shares=SHARES,
    router=BY_KEY,
    router_source="https://developers.cloudflare.com/durable-objects/platform/pricing/",
)
