"""Cloudflare Durable Objects with hibernating WebSockets: an open connection costs no duration.

While a connection is silent the object sleeps and is not billed. While a call to a model is
pending it cannot sleep, so the wait itself is billed like in any other object.
Source: https://developers.cloudflare.com/durable-objects/platform/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import cloudflare_durable_objects as awake
from serverless_tax.platforms.cloudflare_workers import plan
from serverless_tax.platforms.meters import sharing


def usage(w: Request) -> dict[str, Quantity]:
    """An object is active for the request alone, however long its client stays connected."""
    return awake.object_usage(w, 0)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Active time of shared objects, and none between their requests."""
    in_flight_ms = sharing.keyed_ms(used, w, awake.objects(w), 0)
    active_ms = sharing.counted(in_flight_ms, w)
    met_ms = np.minimum(in_flight_ms, active_ms)
    return awake.object_month(active_ms, met_ms, used) | plan(used, w)


PLATFORM = replace(
    awake.PLATFORM,
    id="cloudflare-durable-objects-hibernating",
    name="Cloudflare Durable Objects, hibernating",
    waits="Bills 128 MB while a call to the model is pending, and nothing between the requests.",
    assumes="Each request is one WebSocket connection to an object that hibernates around it.",
    usage=usage,
    month=month,
    # A beta in the copy of that day: https://developers.cloudflare.com/durable-objects/api/hibernatable-websockets-api/
    sold_from=date(2023, 8, 4),
)
