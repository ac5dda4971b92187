"""The Worker in front of a Durable Object or a Container, which cannot be reached without one.

It passes the request in and the answer out. A body that is piped through it is not read by its
code, so its CPU is left out; its request is billed.
Source: https://developers.cloudflare.com/containers/pricing/
"""

from __future__ import annotations

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform


def usage(w: Request) -> dict[str, Quantity]:
    """One Worker request for each request, or for the upgrade of its connection."""
    return {"cloudflare_workers_requests": w.requests_per_month * 1}


PLATFORM = Platform(
    id="cloudflare-worker-front",
    name="Worker in front",
    waits="Passes the answer through: a request, and no charge for the wait.",
    source="https://developers.cloudflare.com/containers/pricing/",
    usage=usage,
    sheets=("cloudflare-workers",),
    serves=False,
)
