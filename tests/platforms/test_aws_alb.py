"""The rule of a load balancer: hours for the month, and units for what it carries most of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

#: Requests that make 25 new connections a second for a month: one capacity unit of them.
ONE_UNIT = 25 * 3600 * 730


def balanced(design: str = "aws-alb", **quantities: Any) -> Bill:
    """Return the bill of a month behind a balancer; requests bring no bytes unless it is said."""
    least = {"requests_per_month": ONE_UNIT, "memory_mb": 128, "request_bytes": 0}
    return bill(design, Workload(**(least | quantities)), on=DAY)


def units(priced: Bill) -> float:
    """Return the capacity units it takes on average."""
    return sum(i.quantity for i in priced.items if i.dimension == "alb_lcu_hours") / 730


def test_a_balancer_costs_the_same_with_no_request() -> None:
    """730 hours at $0.0225 are $16.425 a month, all of it idle when nobody asks."""
    unused = balanced(requests_per_month=0)
    assert [item.dimension for item in unused.items] == ["alb_hours"]
    assert unused.total == unused.idle == pytest.approx(16.425)


def test_a_unit_is_25_new_connections_a_second() -> None:
    """Connections that carry nothing are one unit at 25 a second, $0.008 an hour."""
    fleeting = balanced()
    assert units(fleeting) == pytest.approx(1)
    assert fleeting.items[1].cost == fleeting.items[1].work == pytest.approx(0.008 * 730)


def test_a_unit_is_3000_open_connections() -> None:
    """25 a second that last 120 s are 3,000 at a time: one unit; 240 s are two, half waiting."""
    assert units(balanced(wait_ms="120s")) == pytest.approx(1)
    longer = balanced(wait_ms="240s")
    assert units(longer) == pytest.approx(2)
    assert longer.items[1].waiting == pytest.approx(0.008 * 730)


def test_a_unit_is_a_gigabyte_an_hour() -> None:
    """25 a second of 40 KB are a million bytes a second, 3.6 GB of 10^9 bytes an hour."""
    assert units(balanced(request_bytes=20_000, response_bytes=20_000)) == pytest.approx(3.6)


def test_a_function_behind_it_gets_less_for_a_unit() -> None:
    """To a function a unit is 0.4 GB an hour: the same bytes take 9 units."""
    assert units(balanced("aws-lambda+aws-alb", request_bytes=40_000)) == pytest.approx(9)


def test_a_connection_that_stays_open_counts() -> None:
    """Clients that stay connected for 240 s around a short request hold two units open."""
    assert units(balanced(wait_ms=5, connection_ms="240s")) == pytest.approx(2)


def test_hours_with_a_request_in_them_are_not_idle() -> None:
    """73 hours of requests, one after the other, leave nine tenths of the balancer idle."""
    tenth = balanced(requests_per_month=73, wait_ms="60min")
    hours = tenth.items[0]
    assert hours.idle == pytest.approx(0.9 * hours.cost)
    assert hours.waiting == pytest.approx(0.1 * hours.cost)
    assert balanced(requests_per_month=7300, wait_ms="60min").items[0].idle == 0


def test_a_sample_adds_up_what_each_request_holds_open() -> None:
    """Half of 120 s and half of 240 s hold 1.5 units open."""
    mixed = np.array([120_000.0, 240_000.0])
    assert units(balanced(wait_ms=mixed)) == pytest.approx(1.5)


@pytest.mark.parametrize(("wait", "obstacles"), [("4000s", 0), ("4001s", 1)])
def test_a_connection_may_be_silent_for_4000_seconds(wait: str, obstacles: int) -> None:
    """That is the longest idle timeout that can be set; 60 s is where it starts."""
    assert len(balanced(wait_ms=wait).obstacles) == obstacles
