"""AWS Application Load Balancer: hours that cost the same whether anybody asks, and capacity units.

While a request waits it bills its hours, and the active connection where that is what it carries
most of: 3,000 at a time are one capacity unit. It closes a connection on which nothing passes for
60 seconds, unless that is set to be longer, up to 4,000.
Sources: https://aws.amazon.com/elasticloadbalancing/pricing/ and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor, silent_ms
from serverless_tax.platforms.meters import capacity, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: What one capacity unit carries: new connections, open ones, gigabytes. Source: the price page.
CONNECTIONS_PER_S = 25
CONNECTIONS_OPEN = 3000
GB_PER_HOUR = 1
#: The same, to a Lambda function.
LAMBDA_GB_PER_HOUR = 0.4

#: The longest time without a byte that can be set. Source: the page of attributes above.
IDLE_MS = 4_000_000

#: The page's example makes 300 KB a second 1.08 GB an hour, so a gigabyte is 10^9 bytes here.
_GB = 1e9


def usage(w: Request) -> dict[str, Quantity]:
    """Connections, the hours they are open and the bytes that pass, for each request.

    Each request opens a connection of its own, the most it can be, which stays open for
    ``connection_ms`` and at least as long as the request.
    """
    requests = w.requests_per_month
    passed_bytes = w.request_bytes + timeline.answer_bytes(w)
    open_ms = np.maximum(w.connection_ms, timeline.wall_ms(w))
    return {
        "alb_connections": requests * 1,
        "alb_open_hours": requests * (open_ms / HOUR_MS),
        "alb_gb": requests * (passed_bytes / _GB),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """One balancer for the whole month, and the capacity units of whatever it carries most of.

    A unit-hour is what one unit carries in an hour, so the month's unit-hours are its totals over
    what a unit carries, if the mix is the same all day. Up to ten rules are free, and no more
    are assumed. Open connections are waiting; new ones and bytes are work.
    """
    # What is behind it is known from what else is metered: only a function counts "requests".
    gb_per_hour = LAMBDA_GB_PER_HOUR if "requests" in used else GB_PER_HOUR
    connections = used["alb_connections"] / (CONNECTIONS_PER_S * 3600)
    passed = np.maximum(connections, used["alb_gb"] / gb_per_hour)
    hours = w.hours_per_month
    return {
        "alb_hours": hours,
        "alb_used_hours": capacity.occupied_hours(used, hours),
        "alb_lcu_hours": np.maximum(passed, used["alb_open_hours"] / CONNECTIONS_OPEN),
        "alb_work_lcu_hours": passed,
    }


PLATFORM = FrontDoor(
    id="aws-alb",
    name="Application Load Balancer",
    waits="Bills its hours, and a capacity unit for each 3,000 connections that are open.",
    source="https://aws.amazon.com/elasticloadbalancing/pricing/",
    usage=usage,
    month=month,
    limits=(
        Limit(
            most=IDLE_MS,
            of=silent_ms,
            says="closes a connection on which nothing passes for 4,000 s",
        ),
    ),
    serves=False,
)
