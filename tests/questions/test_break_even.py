"""Where two designs cost the same: each crossing is checked by billing one unit on each side."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import BreakEven, InvalidQuantity, Workload, bill, break_even
from serverless_tax.prices.overrides import Rates
from serverless_tax.questions.break_even import OVER, Grid
from serverless_tax.questions.break_even import crossing as first_crossing

ARTICLE = Workload.preset("article")
LAMBDA, HTTP, REST = "aws-lambda", "aws-lambda+aws-http-api", "aws-lambda+aws-rest-api"
WEBSOCKET, PROXY, FARGATE = "aws-lambda+aws-websocket", "aws-rest-api-proxy", "aws-fargate"


def usd(design: str, w: Workload, **when: Any) -> float:
    """Return a month's bill with the parts of the path it needs."""
    return bill(design, w, **({"on": DAY, "path": "needed"} | when)).total


def check_each_side(found: BreakEven, w: Workload, unit: float = 1, **when: Any) -> None:
    """Assert that one unit below a crossing one design is cheaper, and from it on the other."""
    assert found.crossings
    for crossing in found.crossings:
        below, here = crossing.cheaper_below, crossing.cheaper_from_here
        assert {below, here} == {found.a, found.b}
        for value, cheaper, dearer in (
            (crossing.at - unit, below, here),
            (crossing.at + unit, here, below),
        ):
            moved = w.replace(**{found.over: value})
            assert usd(cheaper, moved, **when) < usd(dearer, moved, **when)


@pytest.mark.parametrize(("a", "b"), [(LAMBDA, FARGATE), (FARGATE, LAMBDA)])
def test_a_process_pays_from_a_number_of_requests_on(a: str, b: str) -> None:
    """To the request, whichever of the two is named first."""
    found = break_even(a, b, ARTICLE, on=DAY)
    assert len(found.crossings) == 1
    assert found.crossings[0].cheaper_from_here == FARGATE
    check_each_side(found, ARTICLE)


def test_the_crossing_is_where_two_lines_meet() -> None:
    """$0.0000811333 a request against the fixed part of two tasks, plus their capacity units."""
    (crossing,) = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY).crossings
    at = ARTICLE.replace(requests_per_month=crossing.at)
    a_request = 4.856 * 0.0000166667 + 0.0000002
    assert crossing.at * a_request == pytest.approx(usd(FARGATE, at), rel=1e-6)
    assert 1_000_000 < crossing.at < 1_500_000


def test_concurrent_waits_are_requests_in_another_unit() -> None:
    """2.4 requests in flight day and night, by Little's law: requests × 4.8555 s over 730 hours."""
    (requests,) = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY).crossings
    (waits,) = break_even(LAMBDA, FARGATE, ARTICLE, over="concurrent_waits", on=DAY).crossings
    assert waits.at == pytest.approx(requests.at * 4.8555 / (730 * 3600), rel=2e-6)
    assert (waits.cheaper_below, waits.cheaper_from_here) == (LAMBDA, FARGATE)


def test_a_wait_is_found_to_the_millisecond() -> None:
    """A proxy costs $3.50 a million; the function's wait costs that at 198 ms of 1 GB."""
    short = Workload(requests_per_month=1e6, memory_mb=1024)
    found = break_even(LAMBDA, PROXY, short, over="wait_ms", on=DAY)
    assert [c.at for c in found.crossings] == [198]  # (3.5 - 0.2) / 0.0000166667 / 1000, rounded up
    check_each_side(found, short)


def test_a_size_is_found_to_the_megabyte() -> None:
    """The cheapest process against the article's function, from 128 MB up."""
    few = ARTICLE.replace(requests_per_month=2e6)
    found = break_even(LAMBDA, FARGATE, few, over="memory_mb", on=DAY)
    check_each_side(found, few)
    assert found.x[0] == 128
    assert found.x[-1] == 10_240


def test_a_staircase_crosses_at_every_step() -> None:
    """Tasks come whole, so their bill is a stair that crosses a proxy's line again and again."""
    found = break_even(FARGATE, PROXY, ARTICLE, low=9e7, high=2e8, on=DAY)
    assert len(found.crossings) > 10
    for earlier, later in pairwise(found.crossings):
        assert earlier.at < later.at
        assert earlier.cheaper_from_here == later.cheaper_below
    check_each_side(found, ARTICLE)
    jumps = [c.at for c in found.crossings if c.cheaper_from_here == PROXY]
    for at in jumps:  # one request more, and a task more: $36 of it
        before, after = (usd(FARGATE, ARTICLE.replace(requests_per_month=n)) for n in (at - 1, at))
        assert after - before > 30


def test_steps_between_two_points_of_the_curve_are_seen() -> None:
    """Over six powers of ten the points lie 6 % apart, and a task serves less than that."""
    near = break_even(FARGATE, PROXY, ARTICLE, low=9e7, high=3e8, on=DAY)
    wide = break_even(FARGATE, PROXY, ARTICLE, on=DAY)
    inside = tuple(c for c in wide.crossings if 9e7 < c.at < 3e8)
    assert inside == near.crossings
    assert len(inside) > 10


def test_equal_bills_do_not_cross() -> None:
    """A function URL is free; and two bills of nothing are equal, not cheaper."""
    same = break_even(LAMBDA, "aws-lambda+aws-function-url", ARTICLE, on=DAY)
    assert same.crossings == ()
    assert str(same).startswith("aws-lambda and aws-lambda+aws-function-url cost the same all the")
    free = break_even(HTTP, LAMBDA, ARTICLE, on=DAY, free_tier=True)
    assert free.a_usd[0] >= free.b_usd[0] == 0
    assert free.crossings == ()


def test_a_tie_on_the_way_is_not_a_crossing() -> None:
    """Both are free at first, then one of them is dearer: nothing was ever cheaper before."""
    waits = Workload(requests_per_month=1, memory_mb=512, wait_ms=5000)
    found = break_even(
        LAMBDA,
        "aws-lambda+aws-data-transfer",
        waits.replace(response_bytes=1e6),
        on=DAY,
        free_tier=True,
    )
    assert found.a_usd[0] == found.b_usd[0] == 0
    assert found.a_usd[-1] < found.b_usd[-1]
    assert found.crossings == ()
    assert "aws-lambda is never dearer than aws-lambda+aws-data-transfer" in str(found)


def test_what_never_crosses_says_so() -> None:
    """A front door on top of a function is dearer at any number of requests."""
    never = break_even(REST, LAMBDA, ARTICLE, on=DAY)
    assert never.crossings == ()
    assert str(never).startswith("aws-lambda is cheaper all the way from 1,000 to 1e+09 requests_p")


def test_the_curve_is_made_of_bills() -> None:
    """Each point is the bill of both, in the unit named, and both ends are those asked for."""
    found = break_even(LAMBDA, WEBSOCKET, ARTICLE, low=500, high=20_000, over="requests_per_month")
    assert (found.x[0], found.x[-1]) == (500, 20_000)
    assert list(found.x) == sorted(set(found.x))
    assert all(value == round(value) for value in found.x)
    for k in (0, len(found.x) // 2, -1):
        w = ARTICLE.replace(requests_per_month=found.x[k])
        assert found.a_usd[k] == bill(LAMBDA, w, path="needed").total
        assert found.b_usd[k] == bill(WEBSOCKET, w, path="needed").total


def test_a_sample_of_requests_crosses_like_its_mean() -> None:
    """Half of the requests wait twice as long: the month is the same, and so is the crossing."""
    one = Workload(requests_per_month=1, memory_mb=1024, wait_ms=3000)
    two = one.replace(wait_ms=np.array([2000.0, 4000.0]))
    alone, sample = (break_even(LAMBDA, FARGATE, w, on=DAY) for w in (one, two))
    assert sample.crossings == alone.crossings
    check_each_side(sample, two)


def test_an_obstacle_on_the_curve_is_named() -> None:
    """HTTP API gives up after 30 s, so a curve to ten minutes is one on paper."""
    paper = break_even(HTTP, LAMBDA, ARTICLE, over="wait_ms", on=DAY)
    assert any("30 s" in sentence for sentence in paper.obstacles)
    assert paper.obstacles[0] in str(paper)
    assert break_even(HTTP, LAMBDA, ARTICLE, over="wait_ms", high=20_000, on=DAY).obstacles == ()


def test_the_keywords_are_those_of_a_bill() -> None:
    """With the free tier the function stays cheaper for longer; a model's tokens cancel out."""
    (plain,) = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY).crossings
    free = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY, free_tier=True)
    assert free.crossings[0].at > plain.at + 50_000
    check_each_side(free, ARTICLE, free_tier=True)


def test_your_own_rates_move_the_crossing() -> None:
    """Half the price of a function's time makes it cheaper for about twice as many requests."""
    half = {"aws-lambda.duration_x86_gb_seconds": {"discount": 0.5}}
    yours = Rates(name="half", source="mine.toml", rates=half)
    (plain,) = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY).crossings
    found = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY, rates=yours)
    assert found.crossings[0].at == pytest.approx(2 * plain.at, rel=0.02)
    check_each_side(found, ARTICLE, rates=yours)


def test_a_crossing_is_said_in_a_sentence_and_as_plain_values() -> None:
    """The number, the quantity, and which is cheaper on either side."""
    found = break_even(LAMBDA, FARGATE, ARTICLE, on=DAY)
    (crossing,) = found.crossings
    assert str(found) == (
        f"Below {crossing.at:,.0f} requests_per_month aws-lambda is cheaper,"
        " from there on aws-fargate."
    )
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["crossings"] == [
        {"at": crossing.at, "cheaper_below": LAMBDA, "cheaper_from_here": FARGATE}
    ]
    assert len(plain["x"]) == len(plain["a_usd"]) == len(plain["b_usd"])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"over": "cpu_ms"}, rf"^over is 'cpu_ms'; use one of {', '.join(OVER)}\.$"),
        ({"low": 5, "high": 5}, r"^The range of requests_per_month is 5 to 5; expected two rising"),
        ({"low": 0}, r"^low is 0; expected a number over 0, and at most 1e\+30"),
        ({"over": "memory_mb", "low": 64}, r"^memory_mb is 64; AWS Lambda offers 128 to 10,240"),
    ],
)
def test_a_curve_that_cannot_be_is_refused(asked: dict[str, Any], sentence: str) -> None:
    """The sentence names the quantity and what was expected."""
    with pytest.raises(InvalidQuantity, match=sentence):
        break_even(LAMBDA, HTTP, ARTICLE, **asked)


def test_requests_that_take_no_time_are_never_in_flight() -> None:
    """No number of them makes a concurrent wait."""
    nothing = Workload(requests_per_month=1, memory_mb=128)
    with pytest.raises(InvalidQuantity, match=r"^These requests take no time, so none is ever in"):
        break_even(LAMBDA, HTTP, nothing, over="concurrent_waits")


def test_the_points_are_about_even_factors_apart() -> None:
    """Six powers of ten in 3,840 steps are 0.36 % each; here 0.32 to 0.40, from end to end."""
    points = Grid(1e3, 1e9, 3840, whole=False).points
    factors = points[1:] / points[:-1]
    assert (points[0], points[-1]) == (1e3, 1e9)
    assert 1.0031 < factors.min() < factors.max() < 1.0041


@pytest.mark.parametrize("at", [2, 1000, 123_456, 999_999_999, 1e9])
def test_one_crossing_is_found_to_the_unit(at: float) -> None:
    """$1 less for each request from a number on: that number, however large."""
    found = first_crossing(lambda x: 1.0 * (x >= at), lambda x: 1.0 * (x < at), 1.0, 1e9)
    assert found == at


def test_a_crossing_before_the_second_point_is_found_too() -> None:
    """From 1,000 to 1e9 the points lie 0.36 % apart: 1,002 is between the first two."""
    found = first_crossing(lambda x: 1.0 * (x >= 1002), lambda x: 1.0 * (x < 1002), 1000.0, 1e9)
    assert found == 1002


def test_requests_to_an_instance_are_counted_from_one_to_a_thousand() -> None:
    """In whole numbers: of 438,000 hours, alone on 1 vCPU and 2 GiB or in Lambda's 1,769 MB.

    Alone that is 45,727.20 and 1.05 for the requests, against 45,399.82 and 0.53; two to an
    instance are about half.
    """
    w = Workload(requests_per_month=2_628_000, memory_mb=1769, wait_ms=600_000)
    found = break_even("google-cloud-run", LAMBDA, w, over="requests_per_instance", on=DAY)
    assert (found.x[0], found.x[-1]) == (1, 1000)
    assert all(each == round(each) for each in found.x)
    assert [crossing.at for crossing in found.crossings] == [2]
    check_each_side(found, w, unit=1)


def test_what_is_cheaper_at_once_or_never_crosses_nowhere() -> None:
    """Endless either way."""
    with np.errstate(divide="ignore"):
        never = first_crossing(lambda x: x * 0, lambda x: 1 + x * 0, 1.0, 1e9)
        at_once = first_crossing(lambda x: 1 + x * 0, lambda x: x * 0, 1.0, 1e9)
    assert (never, at_once) == (np.inf, np.inf)
