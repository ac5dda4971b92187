"""Public IPv4 addresses: since February 2024 each costs half a cent an hour, in use or not.

While a request waits it bills the hour, as it does when none does. An address is needed by each
instance that reaches the model over the internet, and by each zone of a load balancer or of a
NAT gateway. A function outside a network of yours needs none.
Source: https://aws.amazon.com/blogs/aws/new-aws-public-ipv4-address-charge-public-ip-insights/
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import capacity

#: Zones that a load balancer faces the internet in: at least two, with an address in each.
#: Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
ZONES = 2


def usage(w: Request) -> dict[str, Quantity]:
    """Nothing: an address is not metered by what passes through it."""
    del w
    return {}


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Address-hours of the balancer, of the NAT gateways, and of instances that have neither.

    Instances behind a NAT gateway share its addresses. An address of a zone is in use while any
    request is in flight.
    """
    behind_nat = "nat_gateway_gb" in used
    zones = ZONES * (("alb_connections" in used) + behind_nat)
    instances = 0 if behind_nat else used.get("instance_hours", 0)
    in_zones = zones * w.hours_per_month
    used_in_zones = zones * capacity.occupied_hours(used, w.hours_per_month)
    return {
        "public_ipv4_hours": in_zones + instances,
        "public_ipv4_used_hours": used_in_zones + capacity.occupied_hours(used, instances),
    }


PLATFORM = Platform(
    id="aws-public-ipv4",
    name="Public IPv4 addresses",
    waits="Bills each address by the hour, in use or not.",
    source="https://aws.amazon.com/vpc/pricing/",
    usage=usage,
    month=month,
    serves=False,
)
