"""A bill's lines, its split, and the three ways in which it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY, INIT_BILLED, INIT_FREE, workloads

from serverless_tax import Bill, InvalidQuantity, UnknownPrice, Workload, bill, sweep
from serverless_tax.bill.totals import Pricer

ARTICLE = Workload.preset("article")
DAYS = st.sampled_from([date(2022, 3, 24), INIT_FREE, INIT_BILLED, DAY])


def priced(workload: Workload = ARTICLE, **options: Any) -> Bill:
    """Return the bill of a workload on a day whose prices are known."""
    return bill("aws-lambda", workload, **({"on": DAY} | options))


@given(w=workloads(), on=DAYS, free_tier=st.booleans())
def test_every_bill_adds_up(w: Workload, on: date, *, free_tier: bool) -> None:
    """No amount is negative or not a number; work, waiting and idle are the total."""
    month = priced(w, on=on, free_tier=free_tier)
    for amount in (month.total, month.work, month.waiting, month.idle):
        assert np.isfinite(amount)
        assert amount >= 0
    assert month.work + month.waiting + month.idle == pytest.approx(month.total, rel=1e-12)
    assert sum(item.cost for item in month.items) == pytest.approx(month.total, rel=1e-12)


@given(workloads(), DAYS)
def test_the_free_tier_is_worth_at_most_its_allowance(w: Workload, on: date) -> None:
    """It saves up to $0.20 of requests and $6.67 of compute, and never pays back."""
    without, with_free = priced(w, on=on), priced(w, on=on, free_tier=True)
    assert without.total_with_free_tier == with_free.total == with_free.total_with_free_tier
    assert 0 <= with_free.total <= without.total * (1 + 1e-12)
    assert without.total - with_free.total <= 6.8667 + without.total * 1e-12


@given(workloads(), st.floats(1, 100))
def test_more_requests_never_cost_less(w: Workload, times: float) -> None:
    """The total rises with the number of requests, tiers or not."""
    more = w.replace(requests_per_month=w.requests_per_month * times)
    assert priced(w).total <= priced(more).total * (1 + 1e-12)


@given(workloads(), st.floats(0, 60_000))
def test_a_longer_wait_never_costs_less(w: Workload, more_ms: float) -> None:
    """The total rises with the wait."""
    longer = w.replace(wait_ms=w.wait_ms + more_ms)
    assert priced(w).total <= priced(longer).total * (1 + 1e-9)


@given(workloads(cpu_ms=0, output_tokens=0), st.integers(128, 10_240))
def test_more_memory_never_makes_waiting_cheaper(w: Workload, memory_mb: int) -> None:
    """Where requests only wait, memory is all price and no speed."""
    low, high = sorted((w.memory_mb, memory_mb))
    assert priced(w.replace(memory_mb=low)).total <= priced(w.replace(memory_mb=high)).total * (
        1 + 1e-12
    )


@given(workloads())
def test_init_costs_something_only_since_august_2025(w: Workload) -> None:
    """On 2025-07-31 the INIT line is free, and without INIT both days cost the same."""
    before, after = priced(w, on=INIT_FREE), priced(w, on=INIT_BILLED)
    assert sum(i.cost for i in before.items if i.dimension.startswith("init")) == 0
    assert before.total <= after.total * (1 + 1e-12)
    warm = w.replace(cold_start_share=0)
    assert priced(warm, on=INIT_FREE).total == priced(warm, on=INIT_BILLED).total


def test_init_is_a_line_of_its_own_and_all_work() -> None:
    """A million cold starts of 1 s wait and 1 s INIT at 1 GB: $16.67 each, INIT all work."""
    cold = Workload(
        requests_per_month=1e6, memory_mb=1024, wait_ms=1000, init_ms=1000, cold_start_share=1
    )
    items = {item.label: item for item in priced(cold).items}
    assert list(items) == ["Requests", "Duration, x86", "INIT, x86"]
    assert items["INIT, x86"].cost == pytest.approx(16.6667)
    assert items["INIT, x86"].work == items["INIT, x86"].cost
    assert items["Duration, x86"].waiting == items["Duration, x86"].cost
    free = {item.label: item.cost for item in priced(cold, on=INIT_FREE).items}
    assert free["INIT, x86"] == 0  # metered, and shown to be free


def test_the_split_follows_the_cpu() -> None:
    """500 ms of work in 2 s are a quarter: of $100.00 of compute, $25.00 are work."""
    w = Workload(
        requests_per_month=3e6, memory_mb=1024, measured_at_mb=1024, cpu_ms=500, wait_ms=1500
    )
    month = priced(w)
    assert month.items[1].cost == pytest.approx(100.0002)
    assert month.items[1].work == pytest.approx(25.00005)
    assert month.waiting == pytest.approx(75.00015)
    assert month.work == pytest.approx(25.00005 + 0.60)
    assert month.idle == 0


def test_passing_tokens_on_is_work() -> None:
    """500 tokens at 2 ms in a stream of 4 s are a quarter of it, and of its $200.00."""
    w = Workload(
        requests_per_month=3e6,
        memory_mb=1024,
        measured_at_mb=1024,
        streaming_ms=4000,
        output_tokens=500,
        cpu_ms_per_output_token=2,
    )
    [duration] = [item for item in priced(w).items if item.dimension.startswith("duration")]
    assert duration.work == pytest.approx(50.0001)
    assert duration.waiting == pytest.approx(150.0003)


def test_a_month_of_nothing_costs_nothing() -> None:
    """Its one line says that there were no requests."""
    nothing = priced(ARTICLE.replace(requests_per_month=0))
    assert nothing.total == nothing.work == nothing.waiting == 0
    assert [(item.dimension, item.quantity) for item in nothing.items] == [("requests", 0)]
    assert "−" not in str(nothing)


def test_requests_of_no_length_pay_for_requests_only() -> None:
    """There is no line for a duration of nothing."""
    month = priced(Workload(requests_per_month=1e6, memory_mb=1024))
    assert [item.dimension for item in month.items] == ["requests"]
    assert month.total == pytest.approx(0.20)


@pytest.mark.parametrize(
    ("gb_seconds", "lines"), [(6e9, 1), (6e9 + 1, 2), (15e9, 2), (15e9 + 1, 3)]
)
def test_each_tier_reached_is_a_line(gb_seconds: float, lines: int) -> None:
    """A tier that the month does not reach is not on the bill."""
    w = Workload(requests_per_month=gb_seconds, memory_mb=1024, wait_ms=1000)
    assert len(priced(w).items) == 1 + lines


def test_only_the_architecture_in_use_is_on_the_bill() -> None:
    """Arm's lines, and a fifth off: $84 for the article's request at 128 MB."""
    arm = priced(Workload.preset("article", architecture="arm64"))
    assert [item.label for item in arm.items] == ["Requests", "Duration, Arm"]
    assert arm.items[1].cost == pytest.approx(48_560_000 * 0.0000133334)


def test_every_line_says_where_its_price_is_from() -> None:
    """A page and the day it was seen."""
    for item in priced().items:
        assert item.source == "https://aws.amazon.com/lambda/pricing/"
        assert item.seen <= DAY


@given(w=workloads(), on=DAYS, free_tier=st.booleans())
def test_a_bill_converts_to_plain_values(w: Workload, on: date, *, free_tier: bool) -> None:
    """The dict goes through JSON unchanged, and quantity times unit price is the cost."""
    plain = priced(w, on=on, free_tier=free_tier).to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    for item in plain["items"]:
        assert item["quantity"] * item["unit_price"] == pytest.approx(item["cost"], rel=1e-12)


def test_the_dict_of_a_bill() -> None:
    """Its keys are stable, and it says which prices it took and whether the free tier is in it."""
    plain = priced(free_tier=True).to_dict()
    assert list(plain) == [
        "platform",
        "path",
        "region",
        "on",
        "free_tier",
        "total",
        "work",
        "waiting",
        "idle",
        "items",
        "total_with_free_tier",
        "obstacles",
        "notes",
    ]
    assert (plain["platform"], plain["region"], plain["on"], plain["free_tier"]) == (
        "aws-lambda",
        "us-east-1",
        "2026-11-01",
        True,
    )
    keys = ["dimension", "quantity", "unit", "unit_price", "cost", "source", "seen"]
    keys += ["label", "work", "waiting", "idle"]
    assert [list(item) for item in plain["items"]] == [keys, keys]


def test_a_bill_prints_as_an_aligned_table() -> None:
    """Head, lines and total end at the same column, and the split stands under them."""
    table = str(priced()).splitlines()[:6]
    assert len({len(line) for line in table}) == 1
    head = "aws-lambda, us-east-1, 2026-11-01 quantity unit price USD"
    assert " ".join(table[0].split()) == head
    assert table[2].split() == ["Requests", "10,000,000", "requests", "$0.0000002", "$2.00"]
    assert table[5].split() == ["Total", "$811.33"]
    split = str(priced()).splitlines()[6]
    assert split == "of which work $2.91, waiting $808.42; with the free tier the total is $804.47"


def test_a_bill_with_the_free_tier_does_not_offer_it_again() -> None:
    """The second total is shown where it differs from the first."""
    assert "free tier" not in priced(free_tier=True).split()


def test_idle_capacity_is_named_where_there_is_some() -> None:
    """A bill with capacity that served nobody says what it came to; Lambda's never has any."""
    month = priced()
    line = replace(month.items[1], waiting=month.items[1].waiting - 100, idle=100.0)
    idle = replace(month, items=(month.items[0], line))
    assert "waiting $708.42, idle $100.00" in idle.split()
    assert "idle" not in month.split()


def test_one_unit_is_not_plural() -> None:
    """A bill of one request says so."""
    assert " 1 request " in str(priced(ARTICLE.replace(requests_per_month=1)))


class Table(HTMLParser):
    """The cells of a table, and the tags still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        del attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


def test_a_bill_renders_as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tag is closed in order, and the texts are those of the table."""
    monkeypatch.setattr("serverless_tax.prices.STALE_AFTER_DAYS", 100_000)
    table = Table()
    table.feed(priced()._repr_html_())
    assert table.open == []
    assert table.text[0] == "aws-lambda, us-east-1, prices of 2026-11-01"
    assert "Duration, x86" in table.text
    assert table.text[-1] == priced().split()
    assert "$811.33" in table.text


def test_the_dollars_of_a_page_say_what_they_are_of() -> None:
    """Design, path and day, chip and memory, and the month."""
    priced = bill("aws-lambda", Workload.preset("article", architecture="arm64"), on=DAY)
    assert priced.as_data() == {
        "data_design": "aws-lambda",
        "data_path": "none",
        "data_day": f"{DAY}",
        "data_chip": "arm",
        "data_memory": "1024",
        "data_month": "1e+07 x 4855.5 ms, idle 900000",
    }


@pytest.mark.parametrize(("wait", "noted"), [("900s", False), ("900.001s", True)])
def test_requests_beyond_the_time_limit_are_noted(wait: str, *, noted: bool) -> None:
    """Fifteen minutes are served; a millisecond more is priced, and said not to be served."""
    month = priced(Workload(requests_per_month=10, memory_mb=128, wait_ms=wait))
    assert any("stops a function after 900 s" in why for why in month.obstacles) is noted
    assert month.obstacles == tuple(month.to_dict()["obstacles"])
    assert all(why in str(month) for why in month.obstacles)


def test_an_old_price_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line whose price was not looked at for long has one sentence, tiers or not."""
    monkeypatch.setattr("serverless_tax.prices.STALE_AFTER_DAYS", -100_000)
    w = Workload(requests_per_month=20e9, memory_mb=1024, wait_ms=1000)
    notes = [note for note in priced(w).notes if "price last seen" in note]
    assert [note.partition(":")[0] for note in notes] == ["Requests", "Duration, x86"]


def test_a_region_s_upper_tiers_say_where_they_were_read() -> None:
    """Oregon's are older than its first; a month that stays in that one, and the home, are not."""
    w = Workload(requests_per_month=20e9, memory_mb=1024, wait_ms=1000)
    notes = [priced(w.replace(requests_per_month=n), region="us-west-2").notes for n in (20e9, 1e6)]
    said = [[note for note in each if "The first tier was read again" in note] for each in notes]
    assert [len(each) for each in said] == [1, 0]
    assert said[0][0].startswith("Duration, x86: ")
    assert not any("The first tier" in note for note in priced(w).notes)


def test_today_is_the_default() -> None:
    """A bill takes the prices of the day it is made on."""
    assert bill("aws-lambda", ARTICLE).on >= DAY


def test_what_cannot_be_priced_is_refused_in_a_sentence() -> None:
    """An unknown platform, region or day names what there is."""
    with pytest.raises(InvalidQuantity, match=r"no platform 'aws-lamda'; did you mean 'aws-lambda"):
        bill("aws-lamda", ARTICLE)
    with pytest.raises(InvalidQuantity, match=r"no platform 'mainframe'; there are .*aws-lambda,"):
        bill("mainframe", ARTICLE)
    with pytest.raises(UnknownPrice, match=r"the region 'mars', only for 'us-east-1'"):
        priced(region="mars")
    with pytest.raises(UnknownPrice, match=r"the sheet starts on 2020-12-01"):
        priced(on=date(2020, 11, 30))
    with pytest.raises(InvalidQuantity, match=r"^on is 'today'; expected a date"):
        priced(on="today")


def test_what_is_free_is_not_also_used_up() -> None:
    """Either it is deducted or it is gone."""
    w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000)
    both = {"on": DAY, "free_tier": True, "used_up": True}
    with pytest.raises(InvalidQuantity, match="leave one out"):
        bill("aws-lambda", w, **both)
    with pytest.raises(InvalidQuantity, match="leave one out"):
        sweep("aws-lambda", w, **both)
    with pytest.raises(InvalidQuantity, match="leave one out"):
        Pricer(**both)


def test_what_a_plan_includes_can_be_used_up() -> None:
    """Ten million requests of Workers are all paid then, 3.00 USD, and 0.10 of CPU."""
    w = Workload(requests_per_month=10e6, memory_mb=1769, cpu_ms=0.5)
    assert bill("cloudflare-workers", w, on=DAY).total == pytest.approx(5.00)
    used_up = bill("cloudflare-workers", w, on=DAY, used_up=True)
    assert used_up.total == pytest.approx(5.00 + 3.00 + 0.10)
    lines = sweep("cloudflare-workers", w, on=DAY, used_up=True)
    assert lines["total"] == pytest.approx(used_up.total)
    on_lambda = bill("aws-lambda", w, on=DAY, used_up=True)
    assert on_lambda.total_with_free_tier == on_lambda.total


@pytest.mark.parametrize("power", range(0, 31, 3))
@pytest.mark.parametrize("name", ["aws-lambda", "aws-lambda+aws-rest-api", "cloudflare-workers"])
def test_each_line_shows_what_it_costs(name: str, power: int) -> None:
    """To the cent, or to the dollar of many, however large the month is beside it."""
    month = bill(name, Workload(requests_per_month=10.0**power, memory_mb=1024, wait_ms=4000))
    for item, (*_, shown) in zip(month.items, month.rows(), strict=True):
        said = float(shown.replace("$", "").replace(",", ""))
        assert said == pytest.approx(item.cost, abs=0.011 if item.cost < 9_999 else 1, rel=1e-9)


def test_a_day_to_come_is_said_to_be() -> None:
    """Its prices are those that are known today."""
    notes = bill("aws-lambda", Workload.preset("article"), on=date(2199, 1, 1)).notes
    assert any("2199-01-01 is to come" in note for note in notes)
