"""Cloudflare Durable Objects with hibernating WebSockets: an open connection costs no duration.

While a connection is silent the object sleeps and is not billed. While a call to a model is
pending it cannot sleep, so the wait itself is billed like in any other object.
Source: https://developers.cloudflare.com/durable-objects/platform/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.cloudflare_durable_objects import (
    BY_KEY,
    SHARES,
    object_month,
    object_usage,
    objects,
    shares,
)
from serverless_tax.platforms.cloudflare_workers import plan
from serverless_tax.platforms.meters import sharing


def usage(w: Request) -> dict[str, Quantity]:
    """An object is active for the request alone, however long its client stays connected."""
    return object_usage(w, 0)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Active time of shared objects, and none between their requests."""
    active_ms = sharing.keyed_ms(used, w, objects(w), 0)
    found = object_month(active_ms, used)
    split = shares(active_ms, active_ms, used, found["cloudflare_do_gb_seconds"])
    return found | split | plan(used, w)


PLATFORM = Platform(
    id="cloudflare-durable-objects-hibernating",
    name="Cloudflare Durable Objects, hibernating",
    waits="Bills 128 MB while a call to the model is pending, and nothing between the requests.",
    source="https://developers.cloudflare.com/durable-objects/platform/pricing/",
    assumes="Each request is one WebSocket connection to an object that hibernates around it.",
    usage=usage,
    month=month,
    sheets=("cloudflare-durable-objects", "cloudflare-plan"),
    limit_ms=900_000,
    limit_why="may drop an object whose call is pending",
    path=("cloudflare-worker-front",),
    shares=SHARES,
    router=BY_KEY,
    router_source="https://developers.cloudflare.com/durable-objects/platform/pricing/",
)
