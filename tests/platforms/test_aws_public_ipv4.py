"""Public addresses: two for a balancer, two for NAT gateways, one for each instance beside."""

from __future__ import annotations

from datetime import date

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill
from serverless_tax.platforms.aws_public_ipv4 import month

#: An hour of requests, one after the other.
HOUR = {"billed_ms": 3_600_000.0}


#: A month of 730 hours, of which nothing else matters here.
MONTH = Workload(requests_per_month=0, memory_mb=128)


def addresses(design: str, *, on: date = DAY) -> Bill:
    """Return the bill of a million quick requests."""
    w = Workload(requests_per_month=1e6, memory_mb=128, wait_ms=1)
    return bill(design, w, on=on)


def hours(priced: Bill) -> float:
    """Return the address-hours on a bill."""
    return sum(i.quantity for i in priced.items if i.dimension == "public_ipv4_hours")


@pytest.mark.parametrize(
    ("design", "count"),
    [
        ("aws-lambda+aws-public-ipv4", 0),
        ("aws-lambda+aws-alb+aws-public-ipv4", 2),
        ("aws-lambda+aws-public-ipv4+aws-alb", 2),
        ("aws-lambda+aws-nat-gateway+aws-public-ipv4", 2),
        ("aws-lambda+aws-alb+aws-nat-gateway+aws-public-ipv4", 4),
    ],
)
def test_each_zone_of_what_faces_the_internet_has_one(design: str, count: int) -> None:
    """A function needs no address; a balancer and NAT gateways have one in each of two zones."""
    assert hours(addresses(design)) == count * 730


def test_instances_have_one_each_unless_they_are_behind_a_nat_gateway() -> None:
    """Three instances for 730 hours have three addresses; behind NAT they share its two."""
    used = HOUR | {"instance_hours": 3 * 730.0}
    assert month(used, MONTH)["public_ipv4_hours"] == 3 * 730
    assert month(used | {"alb_connections": 1.0}, MONTH)["public_ipv4_hours"] == 5 * 730
    assert month(used | {"nat_gateway_gb": 1.0}, MONTH)["public_ipv4_hours"] == 2 * 730


def test_an_address_is_used_while_a_request_is_in_flight() -> None:
    """An hour of requests uses each zone's address for an hour, and one instance's."""
    used = HOUR | {"instance_hours": 3 * 730.0, "alb_connections": 1.0}
    assert month(used, MONTH)["public_ipv4_used_hours"] == 2 * 1 + 1


def test_addresses_in_use_were_free_until_february_2024() -> None:
    """Two cost nothing for January and $7.30 a month since."""
    design = "aws-lambda+aws-alb+aws-public-ipv4"
    for day, usd in ((date(2024, 1, 31), 0), (date(2024, 2, 1), 7.30)):
        lines = [i for i in addresses(design, on=day).items if i.dimension == "public_ipv4_hours"]
        assert sum(line.cost for line in lines) == pytest.approx(usd)
