"""The tax, by its three definitions, and sweeps in which each element is a month of its own."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY, INIT_BILLED, INIT_FREE, workloads

from serverless_tax import (
    InvalidQuantity,
    UnknownPrice,
    Workload,
    bill,
    compare,
    platforms,
    sweep,
    tax_multiple,
    tax_share,
    waiting_rate,
)
from serverless_tax.questions.compare import designs

ARTICLE = Workload.preset("article")


def waiting(**quantities: Any) -> Workload:
    """Return requests that only wait, a second each, timed where they run unless said otherwise."""
    plain = {"requests_per_month": 1e6, "memory_mb": 1024, "measured_at_mb": 1024, "wait_ms": 1000}
    return Workload(**(plain | quantities))


@pytest.mark.parametrize(
    ("cpu_ms", "wait_ms", "multiple"),
    [(5.5, 4850, 4856 / 5.5), (10, 0, 1), (10, 10, 2), (9.5, 0, 10 / 9.5), (1, 999, 1000)],
)
def test_the_multiple_is_billed_over_cpu(cpu_ms: float, wait_ms: float, multiple: float) -> None:
    """Billed milliseconds over CPU milliseconds, rounding included."""
    assert tax_multiple(waiting(cpu_ms=cpu_ms, wait_ms=wait_ms)) == pytest.approx(multiple)


def test_the_multiple_of_no_cpu_is_infinite() -> None:
    """Time in which nothing is done cannot be divided by."""
    assert tax_multiple(waiting()) == math.inf


def test_the_multiple_does_not_depend_on_how_many() -> None:
    """One request, ten million or none at all: it is a figure of the request."""
    expected = tax_multiple(ARTICLE)
    for requests in (0, 1, 7, 10e6):
        assert tax_multiple(ARTICLE.replace(requests_per_month=requests)) == expected


def test_the_multiple_falls_with_less_memory() -> None:
    """At 128 MB, 5.5 ms of CPU wait for two or three quotas: 52.6 ms."""
    assert tax_multiple(ARTICLE.replace(memory_mb=128)) == pytest.approx(4903 / 52.6, rel=1e-3)


def test_the_multiple_of_a_sample_weighs_each_request() -> None:
    """Two requests of 1 and 3 s with a second of CPU between them: 4 s billed over 1 s."""
    sample = waiting(cpu_ms=[0, 1000], wait_ms=[1000, 2000])
    assert tax_multiple(sample) == pytest.approx(4, rel=1e-12)


@pytest.mark.parametrize(
    ("cpu_ms", "wait_ms", "share"), [(1000, 0, 0), (0, 1000, 1), (250, 750, 0.75)]
)
def test_the_share_is_waiting_s_part_of_the_bill(
    cpu_ms: float, wait_ms: float, share: float
) -> None:
    """Compute of $16.6667 splits by CPU; $0.20 of requests are work."""
    w = waiting(cpu_ms=cpu_ms, wait_ms=wait_ms)
    assert tax_share(w, on=DAY) == pytest.approx(share * 16.6667 / 16.8667)


def test_the_share_of_a_bill_of_nothing_is_nothing() -> None:
    """There is no waiting in a free month."""
    assert tax_share(waiting(requests_per_month=0), on=DAY) == 0
    assert tax_share(waiting(requests_per_month=1000), on=DAY, free_tier=True) == 0


@given(workloads())
def test_the_share_is_a_share(w: Workload) -> None:
    """It lies between 0 and 1, and the multiple is never below 1 but for rounding."""
    assert 0 <= tax_share(w, on=DAY) <= 1
    if w.cpu_ms >= 1:
        assert tax_multiple(w) >= 1 - 1e-6


def test_one_more_hour_costs_the_price_of_its_tier() -> None:
    """Beyond 6 billion GB-seconds an hour of 1 GB costs 5.4 cents; the mean is still above."""
    rate = waiting_rate("aws-lambda", waiting(requests_per_month=7e9), on=DAY)
    assert rate.marginal_usd == pytest.approx(3600 * 0.000015, rel=1e-4)
    mean = 3600 * (6e9 * 0.0000166667 + 1e9 * 0.000015) / 7e9
    assert rate.average_usd == pytest.approx(mean)


def test_the_mean_hour_counts_waiting_only() -> None:
    """CPU in the same requests changes what is paid, not the price of an hour of waiting."""
    rate = waiting_rate("aws-lambda", ARTICLE, on=DAY)
    assert rate.average_usd == pytest.approx(3600 * 0.0000166667)
    busy = waiting_rate("aws-lambda", Workload.preset("transcode"), on=DAY)
    assert busy.average_usd == 0
    assert busy.marginal_usd == pytest.approx(3600 * 0.0000166667 * 1769 / 1024, rel=1e-6)


def test_storage_waits_too() -> None:
    """An hour holds 1.5 GB of storage above the free 512 MB as well: 3,600 × 1.5 × $3.09e-8."""
    rate = waiting_rate("aws-lambda", waiting(ephemeral_storage_mb=2048), on=DAY)
    usd = 3600 * (0.0000166667 + 1.5 * 0.0000000309)
    assert rate.marginal_usd == pytest.approx(usd, rel=1e-6)
    assert rate.average_usd == pytest.approx(usd)


def test_no_request_has_no_price_of_waiting() -> None:
    """The message says what is needed; a size that is not on offer is refused as in a bill."""
    with pytest.raises(InvalidQuantity, match=r"^requests_per_month is 0; .*at least one request"):
        waiting_rate("aws-lambda", waiting(requests_per_month=0), on=DAY)
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is 64; AWS Lambda offers 128"):
        waiting_rate("aws-lambda", waiting(memory_mb=64), on=DAY)


@given(
    w=workloads(),
    requests=st.lists(st.integers(0, 10**11), min_size=1, max_size=4),
    on=st.sampled_from([date(2022, 3, 24), INIT_FREE, INIT_BILLED, DAY]),
    free_tier=st.booleans(),
)
def test_an_element_of_a_sweep_is_a_month(
    w: Workload, requests: list[int], on: date, *, free_tier: bool
) -> None:
    """Bit for bit what the sweep of that month alone is, and its bill but for a last digit."""
    curve = sweep("aws-lambda", w.replace(requests_per_month=requests), on=on, free_tier=free_tier)
    for k, each in enumerate(requests):
        month = w.replace(requests_per_month=each)
        alone = sweep("aws-lambda", month, on=on, free_tier=free_tier)
        assert {name: values[k] for name, values in curve.items()} == alone
        priced = bill("aws-lambda", month, on=on, free_tier=free_tier)
        assert alone["total"] == pytest.approx(priced.total, rel=1e-12)
        assert alone["work"] == pytest.approx(priced.work, rel=1e-9)
        assert alone["waiting"] == pytest.approx(priced.waiting, rel=1e-9, abs=1e-12)


def test_a_sweep_over_memory_changes_nothing_else() -> None:
    """128 MB and 1,024 MB of a waiting request cost $2.08 and $16.67, and $0.20 of requests."""
    costs = sweep("aws-lambda", waiting(memory_mb=[128, 1024]), on=DAY)
    assert costs["total"] == pytest.approx([2.0833375 + 0.2, 16.6667 + 0.2])
    assert list(costs["billed_ms"]) == [1e9, 1e9]


def test_a_sweep_has_no_minus_zero() -> None:
    """The ceiling of no time at all is a minus zero, which a table would show."""
    nothing = sweep("aws-lambda", waiting(wait_ms=[0, 1000], requests_per_month=0), on=DAY)
    assert not np.signbit(np.concatenate([np.atleast_1d(v) for v in nothing.values()])).any()


def test_a_sweep_is_refused_like_a_bill() -> None:
    """A size that is not on offer, a region or a day without prices, an unknown platform."""
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is 127; AWS Lambda offers 128"):
        sweep("aws-lambda", waiting(memory_mb=[127, 128]), on=DAY)
    with pytest.raises(UnknownPrice, match="'mars'"):
        sweep("aws-lambda", waiting(), on=DAY, region="mars")
    with pytest.raises(UnknownPrice, match=r"'Duration, Arm' on 2021-09-28: it starts on"):
        sweep("aws-lambda", waiting(architecture="arm64"), on=date(2021, 9, 28))
    with pytest.raises(InvalidQuantity, match="no platform 'x'"):
        sweep("x", waiting())


def test_the_ranking_is_cheapest_first_and_last_what_cannot_serve() -> None:
    """An answer of 40 s: an HTTP API gives up after 30, so it comes last, however cheap."""
    slow = ARTICLE.replace(streaming_ms=40_000, requests_per_month=1000)
    ranked = compare(slow, on=DAY)
    blocked = [bool(month.obstacles) for month in ranked]
    assert blocked == sorted(blocked)
    assert any(blocked)
    for group in (False, True):
        totals = [month.total for month in ranked if bool(month.obstacles) is group]
        assert totals == sorted(totals)
    door = next(month for month in ranked if month.title == "aws-lambda+aws-http-api")
    assert "30 s" in door.obstacles[0]
    assert door.total < max(month.total for month in ranked if not month.obstacles)


def test_what_is_named_twice_is_ranked_once() -> None:
    """Also where one name has the path in it that the other needs."""
    twice = ["aws-lambda", "aws-fargate", "aws-lambda", "aws-lambda+aws-function-url"]
    ranked = [one.title for one in compare(ARTICLE, twice, on=DAY)]
    assert sorted(one.split("+")[0] for one in ranked) == ["aws-fargate", "aws-lambda"]


def test_every_design_is_in_the_ranking() -> None:
    """All of AWS that serves, and Lambda behind its other doors, each with the path it needs."""
    ranked = compare(ARTICLE, on=DAY)
    serving = {name for name, platform in platforms().items() if platform.serves}
    assert {month.platform for month in ranked} == {n for n in serving if n.startswith("aws-")}
    assert {month.title for month in ranked} >= {
        "aws-lambda+aws-function-url",
        "aws-lambda+aws-http-api",
        "aws-lambda+aws-websocket",
        "aws-fargate+aws-alb+aws-public-ipv4",
    }


def test_by_default_the_designs_are_of_aws() -> None:
    """Another vendor's are there for the asking."""
    assert "cloudflare-workers" not in designs(on=DAY)
    assert {"cloudflare-workers", *designs(on=DAY)} <= {*designs(everything=True, on=DAY)}


def test_everything_is_every_vendor_but_what_is_no_longer_sold() -> None:
    """Each in its own region, whichever of AWS's was asked for."""
    ranked = {month.platform: month for month in compare(ARTICLE, everything=True, on=DAY)}
    serving = {name for name, platform in platforms().items() if platform.serves}
    assert set(ranked) == serving - {"vercel-functions", "cloudflare-workers-bundled"}
    assert ranked["aws-lambda"].region == "us-east-1"
    assert ranked["google-cloud-run"].region == "us-central1"
    assert ranked["vercel-fluid"].region == "iad1"
    old = compare(ARTICLE, everything=True, on=date(2024, 7, 1))
    assert {"vercel-functions", "cloudflare-workers"} <= {month.platform for month in old}
    assert not {"vercel-fluid", "cloudflare-containers"} & {month.platform for month in old}


def test_a_region_of_another_vendor_is_its_own() -> None:
    """Its name is the vendor's; one that is not known is said not to be."""
    there = bill("vercel-fluid", ARTICLE, on=DAY, region="fra1")
    assert there.region == "fra1"
    assert there.total > bill("vercel-fluid", ARTICLE, on=DAY).total
    elsewhere = bill("vercel-fluid", ARTICLE, on=DAY, region="eu-west-1")
    assert elsewhere.region == "iad1"
    assert (
        "Vercel has no prices here for 'eu-west-1': these are those of 'iad1'." in elsewhere.notes
    )


def test_a_ranking_is_made_of_bills() -> None:
    """Of the designs asked for, with the keywords of a bill; a path of your own replaces it."""
    asked = ["aws-lambda", "aws-lambda-streaming", "aws-rest-api-proxy"]
    ranked = compare(ARTICLE, asked, on=DAY, free_tier=True, path="whole")
    assert sorted(month.platform for month in ranked) == sorted(asked)
    for month in ranked:
        alone = bill(month.platform, ARTICLE, on=DAY, free_tier=True, path="whole")
        assert month == alone
    assert compare(ARTICLE, ["aws-lambda"], on=DAY, path=())[0].path == ()


def test_the_ranking_of_an_early_day_has_what_was_on_offer() -> None:
    """Gateways that stream, agent runtimes and durable functions came later; Lambda was there."""
    names = {month.platform for month in compare(ARTICLE, on=date(2022, 9, 1))}
    assert "aws-lambda" in names
    assert not names & {"aws-agentcore", "aws-rest-api-proxy", "aws-lambda-durable"}


def test_a_size_that_one_platform_does_not_offer_leaves_it_out() -> None:
    """Asked for by name it is refused instead, and so is what no design has a price for."""
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is 64; AWS Lambda offers 128"):
        compare(waiting(memory_mb=64), ["aws-lambda"], on=DAY)
    small = {month.platform for month in compare(waiting(memory_mb=64), on=DAY)}
    assert "aws-lambda" not in small
    assert "aws-fargate" in small
    with pytest.raises(UnknownPrice, match="'mars'"):
        compare(ARTICLE, on=DAY, region="mars")
    with pytest.raises(InvalidQuantity, match="did you mean 'aws-lambda'"):
        compare(ARTICLE, ["aws-lamda"], on=DAY)


def test_a_sweep_takes_the_path_of_a_bill() -> None:
    """Months in bulk of a design with parts are the bills of that design."""
    months = ARTICLE.replace(requests_per_month=[1e6, 1e7])
    for name in ("aws-lambda", "aws-fargate"):
        costs = sweep(name, months, on=DAY, path="needed")["total"]
        for k, requests in enumerate((1e6, 1e7)):
            alone = bill(name, ARTICLE.replace(requests_per_month=requests), on=DAY, path="needed")
            assert costs[k] == pytest.approx(alone.total, rel=1e-12)
