"""Mistakes that other calculators made, each as the test that would have caught it.

They are from public issue threads of cost tools and dashboards; the amounts are worked by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from traceback import format_exception
from typing import Any

import numpy as np
import pytest
from workloads import DAY, designs, fitted

from serverless_tax import (
    Answers,
    InvalidQuantity,
    UnknownPrice,
    Workload,
    advise,
    batching,
    bill,
    break_even,
    by_speed,
    compare,
    cpu_budget,
    decide,
    history,
    ladder,
    sensitivity,
    sweep,
    tax_share,
    waiting_rate,
    whole_bill,
)
from serverless_tax.ground.report import billed_ms
from serverless_tax.prices.tokens import token_price, token_prices, token_rows

ARTICLE = Workload.preset("article")
SERVING = [name for name, target in designs().items() if target.platform.serves]


def costs(name: str, **quantities: Any) -> dict[str, float]:
    """Return the cost of each dimension of a month, in USD; a million requests at 1,024 MB."""
    w = Workload(**({"requests_per_month": 1e6, "memory_mb": 1024} | quantities))
    found: dict[str, float] = {}
    for item in bill(name, w, on=DAY).items:
        found[item.dimension] = found.get(item.dimension, 0) + item.cost
    return found


def seconds(**quantities: Any) -> float:
    """Return the GB-seconds of a million Lambda requests."""
    w = Workload(**({"requests_per_month": 1e6, "memory_mb": 1024} | quantities))
    [duration] = [i for i in bill("aws-lambda", w, on=DAY).items if i.unit == "GB-second"]
    return duration.quantity


def test_products_are_summed_means_are_not_multiplied() -> None:
    """10 s at 128 MB and 1 s at 1,024 MB: 1.125 GB-s a request, not 0.5625 GB × 5.5 s = 3.09."""
    assert seconds(memory_mb=[128, 1024], wait_ms=[10_000, 1000]) == pytest.approx(1.125e6)
    held = {"memory_mb": [128, 1024], "wait_ms": [10_000, 1000], "session_idle_ms": 0}
    gb_hours = 1.125e6 / 3600
    assert costs("aws-agentcore", **held)["agentcore_v2_gb_hours"] == pytest.approx(
        gb_hours * 0.0169
    )


def test_the_memory_that_is_configured_is_billed_not_the_memory_in_use() -> None:
    """A function of 1,024 MB that never takes more than 128 pays for 1,024."""
    assert seconds(wait_ms=1000, peak_memory_mb=128) == seconds(wait_ms=1000) == 1e6


def test_init_is_not_left_out() -> None:
    """322.04 ms of INIT on 1,655.10 ms bill 1,978 ms together; they were 1,656 without."""
    cold = {"wait_ms": 1655.10, "init_ms": 322.04, "cold_start_share": 1}
    w = Workload(requests_per_month=1000, memory_mb=1024, **cold)
    billed = sum(i.quantity for i in bill("aws-lambda", w, on=DAY).items if i.unit == "GB-second")
    assert billed == pytest.approx(1978)
    assert billed_ms(Decimal("1655.10"), Decimal("322.04")) == 1978


@pytest.mark.parametrize(("length", "billed"), [(1, 1), (99.5, 100), (100, 100), (101, 101)])
def test_nothing_is_rounded_to_a_hundred_milliseconds(length: float, billed: float) -> None:
    """As it was until 2020; the sheet starts the day that ended."""
    assert seconds(wait_ms=length) == pytest.approx(billed * 1000)


def test_a_gigabyte_is_1024_megabytes() -> None:
    """Of memory, as on the bill: 1,000 MB are 0.977 GB and 1,024 MB are one."""
    assert seconds(wait_ms=1000, memory_mb=1024) == 1e6
    assert seconds(wait_ms=1000, memory_mb="1 GB") == 1e6
    assert seconds(wait_ms=1000, memory_mb=1000) == pytest.approx(976_562.5)
    assert seconds(wait_ms=1000, memory_mb=768) == 0.75e6


def test_a_change_of_memory_does_not_reprice_the_month() -> None:
    """Half a month at 3,008 MB and half at 128 MB is not a month at the larger of the two."""
    changed = seconds(wait_ms=1000, memory_mb=[3008, 128])
    assert changed == pytest.approx((3008 + 128) / 2 / 1024 * 1e6)
    assert changed < seconds(wait_ms=1000, memory_mb=3008)


def test_disk_is_not_multiplied_by_memory() -> None:
    """1,024 MB beyond the free 512 are a gigabyte, at 128 MB of memory and at 10,240."""
    for memory_mb in (128, 10_240):
        month = costs("aws-lambda", wait_ms=1000, memory_mb=memory_mb, ephemeral_storage_mb=1536)
        assert month["ephemeral_storage_gb_seconds"] == pytest.approx(1e6 * 0.0000000309)


@pytest.mark.parametrize("name", SERVING)
def test_the_fee_for_each_request_is_not_forgotten(name: str) -> None:
    """Where requests are metered they are a line, a length of nothing or not."""
    for w in (ARTICLE, ARTICLE.replace(wait_ms=0, cpu_ms=0, streaming_ms=0)):
        offered = fitted(w, designs()[name])
        for metered in {"requests", "managed_requests"} & designs()[name].usage(offered).keys():
            lines = {i.dimension: i for i in bill(name, offered, on=DAY).items}
            assert lines[metered].quantity >= 10e6  # a durable one is invoked more than once
            assert lines[metered].cost == pytest.approx(lines[metered].quantity * 0.20 / 1e6)
            assert lines[metered].work == lines[metered].cost


@pytest.mark.parametrize(
    "model", ["gpt-4o-mini-latest", "gpt-4o-mini-2024-07-18x", "gpt", "", "GPT-4O-MINI "]
)
def test_a_model_that_is_not_listed_is_not_free(model: str) -> None:
    """A dated or ``-latest`` id is refused in a sentence, never priced at nothing."""
    with pytest.raises(UnknownPrice) as caught:
        token_price(model)
    assert repr(model) in str(caught.value)
    if model:
        with pytest.raises(UnknownPrice):
            bill("aws-lambda", ARTICLE, on=DAY, model=model)


def test_no_listed_model_is_free() -> None:
    """A price of zero would turn a total into a floor."""
    for model, price in token_prices().items():
        assert 0 < price.input_usd <= price.output_usd < 0.001, model


def test_every_token_is_priced_once() -> None:
    """All that are read at one price, all that are written at another.

    Cached tokens have prices of their own, and vendors differ on whether they are part of the
    input. None is priced here: the full price of every input token is what a month without
    caching costs.
    """
    w = ARTICLE.replace(input_tokens=1000)
    read, written = (row.tiers[0][1] for row in token_rows("gpt-4o-mini", DAY).values())
    lines = {i.dimension: i for i in bill("aws-lambda", w, on=DAY, model="gpt-4o-mini").items}
    tokens = [item for name, item in lines.items() if "gpt-4o-mini" in name]
    assert [(item.quantity, item.unit_price) for item in tokens] == [
        (10e6 * 1000, read),
        (10e6 * w.output_tokens, written),
    ]
    # 10 billion read at $0.15 a million, 5 billion written at $0.60.
    assert [item.cost for item in tokens] == pytest.approx([1500, 3000])


def test_a_tier_is_chosen_by_what_it_counts() -> None:
    """A month's messages, not its requests or its tokens, reach the second billion's price."""
    month = {"requests_per_month": 1e7, "output_tokens": 199.0}  # and one message in: 2 billion
    one_each = costs("aws-websocket", **month, tokens_per_message=1)
    assert one_each["websocket_messages"] == pytest.approx(1000 * 1.00 + 1000 * 0.80)
    batched = costs("aws-websocket", **month, tokens_per_message=199)
    assert batched["websocket_messages"] == pytest.approx(20 * 1.00)


def test_a_tier_is_chosen_by_the_month_not_by_the_request() -> None:
    """9 billion GB-seconds reach tier two in a sample of any size, and x86 apart from Arm."""
    for wait_ms in (10_000, [5000, 15_000], np.full(1000, 10_000)):
        w = Workload(requests_per_month=9e8, memory_mb=1024, wait_ms=wait_ms)
        lines = [i for i in bill("aws-lambda", w, on=DAY).items if i.unit == "GB-second"]
        assert [round(i.quantity) for i in lines] == [6e9, 3e9]


@pytest.mark.parametrize("name", designs())
def test_a_month_of_nothing_is_not_nothing_over_nothing(name: str) -> None:
    """No NaN on any bill, be there no request, no length, no CPU or no token."""
    target = designs()[name]
    empty = Workload(requests_per_month=0, memory_mb=1024, minimum_instances=0)
    for w in (empty, empty.replace(requests_per_month=1e6), empty.replace(wait_ms=1000)):
        offered = fitted(w, target)
        with np.errstate(all="raise"):
            month = bill(name, offered, on=DAY)
        json.dumps(month.to_dict(), allow_nan=False)
        assert "nan" not in str(month).lower()
        if target.platform.serves:
            assert 0 <= tax_share(offered, name, on=DAY) <= 1


#: What is none of a setting's values: of the wrong kind, not finite, or out of every range.
NO_SETTING = ["", "abc", None, b"x", {}, [], [1], (1,), True, object(), 1j]
NO_SETTING += [float("nan"), float("inf"), -1, 1e300, 10**400, date(2199, 1, 1), np.array([0.5, 1])]
SETTINGS: dict[str, Callable[[Any], object]] = {
    "hour_usd": lambda x: ladder(ARTICLE, hour_usd=x),
    "slower": lambda x: ladder(ARTICLE, slower=x),
    "shorter": lambda x: ladder(ARTICLE, shorter=x),
    "effective_rate": lambda x: decide(ARTICLE, effective_rate=x),
    "calls": lambda x: decide(ARTICLE, Answers(calls=x)),
    "A speed": lambda x: by_speed(ARTICLE, speeds=[x]),
    "low": lambda x: break_even("aws-lambda", "aws-fargate", ARTICLE, low=x),
    "high": lambda x: break_even("aws-lambda", "aws-fargate", ARTICLE, high=x),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_no_number_in_its_range_is_refused_in_a_sentence(name: str) -> None:
    """The setting, what was given and what was expected; never an error of Python's own."""
    for wrong in NO_SETTING:
        if wrong is None and name in ("low", "high"):
            continue  # left open
        with np.errstate(all="raise"), pytest.raises(InvalidQuantity) as caught:
            SETTINGS[name](wrong)
        assert re.fullmatch(f"{name} is .+; expected .+[.]", str(caught.value))


LISTS: dict[str, Callable[[Any], object]] = {
    "platform_ids": lambda x: compare(ARTICLE, x),
    "models": lambda x: whole_bill(ARTICLE, x),
    "speeds": lambda x: by_speed(ARTICLE, speeds=x),
    "days": lambda x: history("aws-lambda", ARTICLE, x),
    "tokens_per_message": lambda x: batching(ARTICLE, x),
    "ranges": lambda x: sensitivity(ARTICLE, ranges=x),
    "steps": lambda x: ARTICLE.replace(steps=x),
}


@pytest.mark.parametrize("name", LISTS)
def test_one_value_where_a_list_is_expected_is_refused_in_a_sentence(name: str) -> None:
    """A text or a number is no list of one, and nothing is read letter by letter."""
    for wrong in ("abc", b"x", 3, 0.5, True, 1j, object(), date(2199, 1, 1)):
        with pytest.raises(InvalidQuantity, match=f"^{name} is .+; expected .+"):
            LISTS[name](wrong)


def test_a_tiny_amount_is_written_out() -> None:
    """Nobody should have to ask whether they pay 8.32e-7."""
    text = str(bill("aws-lambda", ARTICLE.replace(requests_per_month=1), on=DAY))
    assert "$0.0000002" in text
    assert "e-" not in text.replace("aws-", "")


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: bill("aws-lamda", ARTICLE), "'aws-lamda'; did you mean 'aws-lambda"),
    (lambda: bill("aws-lambda", ARTICLE, region="mars"), "'mars'"),
    (lambda: bill("aws-lambda", ARTICLE, on="2026-11-01"), "on is '2026-11-01'; expected a date"),  # type: ignore[arg-type]
    (lambda: bill("aws-lambda", ARTICLE, on=date(1999, 1, 1)), "1999-01-01"),
    (lambda: bill("aws-lambda", ARTICLE, path="all"), "path is 'all'; use 'needed', 'whole'"),
    (lambda: bill("aws-lambda", ARTICLE, path=("aws-ec2",)), "aws-ec2 is not a part of the path"),
    (lambda: bill("aws-lambda", ARTICLE.replace(memory_mb=64)), "memory_mb is 64; AWS Lambda off"),
    (lambda: bill("aws-lambda", ARTICLE.replace(memory_mb=20_000)), "is 20,000; AWS Lambda offers"),
    (lambda: bill("aws-fargate", ARTICLE.replace(instance_vcpu=3)), "instance_vcpu is 3; AWS Farg"),
    (
        lambda: bill("aws-fargate", ARTICLE.replace(instance_memory_mb=64)),
        "instance_memory_mb is 64; with 1 vCPU AWS Fargate offers 2,048 to 8,192 MB",
    ),
    (lambda: ARTICLE.replace(requests_per_month=-1), "requests_per_month is -1; expected a finite"),
    (lambda: ARTICLE.replace(memory_mb=float("nan")), "memory_mb is nan; expected a finite"),
    (lambda: ARTICLE.replace(wait_ms="4,8s"), "wait_ms is '4,8s', which is not a length"),
    (lambda: ARTICLE.replace(wait_ms="4.8 parsecs"), "wait_ms is '4.8 parsecs', which is not"),
    (lambda: ARTICLE.replace(architecture="riscv"), "architecture is 'riscv'; use one of x86_64"),
    (lambda: ARTICLE.replace(peak_to_mean=0.5), "peak_to_mean is 0.5; expected at least 1"),
    (lambda: Workload.preset("artcle"), "'artcle'"),
    (lambda: compare(ARTICLE, ["aws-lambda", "azure"]), "There is no platform 'azure'; there are"),
    (
        lambda: bill(ARTICLE, "aws-lambda"),  # type: ignore[arg-type]
        "A platform is named by a string, such as 'aws-lambda'; this is of type Workload.",
    ),
    (
        lambda: bill("aws-lambda", ARTICLE, path=(["aws-alb"],)),  # type: ignore[arg-type]
        "A platform is named by a string, such as 'aws-lambda'; this is of type list.",
    ),
    (
        lambda: bill("aws-lambda", ARTICLE, free_tier="no"),  # type: ignore[arg-type]
        "free_tier is 'no'; expected True or False.",
    ),
    (lambda: sweep("aws-lambda", ARTICLE.replace(memory_mb=[64, 128])), "memory_mb is 64; AWS"),
    (
        lambda: bill("aws-ec2", ARTICLE.replace(peak_to_mean=[1, 2])),
        "peak_to_mean is an array; give the month's number, or use sweep()",
    ),
    (
        lambda: waiting_rate("aws-lambda", ARTICLE.replace(requests_per_month=0)),
        "requests_per_month is 0; a price of waiting needs at least one request.",
    ),
]


@pytest.mark.parametrize(("ask", "says"), WRONG, ids=[says for _, says in WRONG])
def test_a_wrong_input_gets_one_sentence(ask: Callable[[], object], says: str) -> None:
    """It names what was given and what would do, and ends in a full stop."""
    with pytest.raises((InvalidQuantity, UnknownPrice)) as caught:
        ask()
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    assert message.endswith((".", "?"))
    shown = "".join(format_exception(caught.value))
    assert "During handling of" not in shown
    assert "direct cause" not in shown


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: bill("aws-lambda", "article"), "workload is 'article'; expected a Workload"),  # type: ignore[arg-type]
        (lambda: break_even("aws-lambda", "aws-fargate", None), "workload is None; expected"),  # type: ignore[arg-type]
        (lambda: cpu_budget({}), "workload is {}; expected a Workload"),  # type: ignore[arg-type]
        (lambda: batching(3), "workload is 3; expected a Workload"),  # type: ignore[arg-type]
        (lambda: whole_bill("article"), "workload is 'article'; expected"),  # type: ignore[arg-type]
        (lambda: sensitivity("x"), "workload is 'x'; expected a Workload"),  # type: ignore[arg-type]
        (lambda: bill("aws-lambda", ARTICLE, region=None), "region is None; expected a name"),  # type: ignore[arg-type]
        (lambda: bill("aws-lambda", ARTICLE, path=None), "path is None; use 'needed'"),  # type: ignore[arg-type]
        (lambda: sweep("aws-lambda", ARTICLE, rates={}), "rates is {}; expected rates"),  # type: ignore[arg-type]
        (lambda: compare(ARTICLE, "aws-lambda"), "platform_ids is 'aws-lambda'; expected a list"),
        (lambda: by_speed(ARTICLE, speeds=(0,)), "A speed is 0; expected tokens a second, more"),
        (lambda: decide(ARTICLE, "yes"), "answers is 'yes'; expected Answers()"),  # type: ignore[arg-type]
        (lambda: Answers(reads_along="no"), "reads_along is 'no'; expected True or False."),  # type: ignore[arg-type]
        (lambda: advise(ARTICLE), "; expected Facts: Facts.preset('article')."),  # type: ignore[arg-type]
        (lambda: bill("aws-lambda", ARTICLE, model=["gpt-4"]), "no token price for ['gpt-4']"),  # type: ignore[arg-type]
        (lambda: cpu_budget(ARTICLE, "aws-lambda"), "which is what it is compared with"),
        (lambda: decide(ARTICLE, effective_rate=np.inf), "effective_rate is inf; expected the"),
        (lambda: ARTICLE.replace(requests_per_instance=0.5), "is 0.5; expected a whole number, or"),
        (lambda: ARTICLE.replace(requests_per_instance=1.5), "is 1.5; expected a whole number, or"),
    ],
)
def test_what_is_no_month_is_refused_in_a_sentence(call: Callable[[], object], says: str) -> None:
    """The name of a preset, a dictionary, nothing: never an error of Python's own."""
    with pytest.raises((InvalidQuantity, UnknownPrice), match=re.escape(says)):
        call()
