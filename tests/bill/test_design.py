"""A design is a platform and the path to it, metered, priced and refused as one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from sampled import fewer
from workloads import DAY, designs, fitted, hosted_workloads

from serverless_tax import InvalidQuantity, UnknownPrice, Workload, bill, platforms
from serverless_tax.bill.design import Design, design
from serverless_tax.bill.month import month_usage
from serverless_tax.platforms import platform

ARTICLE = Workload.preset("article")
PARTS = [p.id for p in platforms().values() if not p.serves]


def parts(target: Design) -> list[str]:
    """Return the ids of a design's parts."""
    return [part.id for part in target.parts]


def test_the_id_of_a_design_makes_it_again() -> None:
    """Platform and parts are joined by a plus, and read back in the same order."""
    for name, target in designs().items():
        assert target.id == name
        assert design(name) == target


def test_a_platform_alone_has_no_path() -> None:
    """Unless it is asked for."""
    assert parts(design("aws-lambda")) == []
    assert design("aws-lambda").name == "AWS Lambda"


def test_the_needed_path_is_the_platform_s_own() -> None:
    """A function is reached by its URL, unless the name says what else leads to it."""
    assert parts(design("aws-lambda", "needed")) == ["aws-function-url"]
    assert parts(design("aws-lambda+aws-http-api", "needed")) == ["aws-http-api"]


def test_the_whole_path_ends_in_logs_and_transfer() -> None:
    """They are the same for everything of AWS's that serves; other vendors' are not priced."""
    for p in platforms().values():
        if p.serves:
            rest = ["aws-logs", "aws-data-transfer"] if p.id.startswith("aws-") else []
            assert parts(design(p.id, "whole")) == [*p.path, *rest]


def test_a_part_of_one_vendor_does_not_lead_to_another() -> None:
    """Nobody puts AWS's load balancer in front of Google's instances."""
    with pytest.raises(InvalidQuantity, match="aws-alb does not lead to google-cloud-run"):
        design("google-cloud-run+aws-alb")


@pytest.mark.parametrize("door", ["aws-http-api", "aws-alb"])
def test_a_door_that_buffers_leads_to_no_stream(door: str) -> None:
    """It is refused in a sentence, not billed as if the tokens came through."""
    with pytest.raises(InvalidQuantity, match=f"{door} does not lead to aws-lambda-streaming: it"):
        design(f"aws-lambda-streaming+{door}")


def test_parts_may_be_listed() -> None:
    """In the name, beside it, or both; one that is listed twice is on the bill once."""
    listed = design("aws-lambda+aws-http-api", ("aws-logs", "aws-http-api"))
    assert parts(listed) == ["aws-http-api", "aws-logs"]


@pytest.mark.parametrize(
    ("name", "path", "complaint"),
    [
        ("aws-lamda", (), "There is no platform 'aws-lamda'; did you mean 'aws-lambda'?"),
        ("aws-lambda+aws-htp-api", (), "no platform 'aws-htp-api'; did you mean 'aws-http-api'?"),
        ("aws-lambda", ("mainframe",), "There is no platform 'mainframe'; there are "),
        ("aws-lambda", "everything", "path is 'everything'; use 'needed', 'whole' or a tuple of"),
        ("aws-logs+aws-lambda", (), "aws-lambda is not a part of the path to aws-logs; it can"),
        ("aws-logs+aws-logs", (), "aws-logs is not a part of the path to aws-logs; it can only"),
        ("aws-lambda+", (), "There is no platform ''; there are "),
        ("", (), "There is no platform ''; there are "),
    ],
)
def test_a_design_that_cannot_be_is_refused(name: str, path: Any, complaint: str) -> None:
    """One sentence names what was asked for, and what there is."""
    with pytest.raises(InvalidQuantity) as caught:
        design(name, path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_can_be_priced_alone(name: str) -> None:
    """Its requests are in flight for as long as they take, whatever serves them."""
    used = month_usage(design(name), ARTICLE)
    assert used["billed_ms"] == pytest.approx(10e6 * 4855.5)
    assert used["busy_ms"] == pytest.approx(10e6 * 5.5)


@fewer(4)
@given(hosted_workloads())
def test_a_path_only_adds_to_a_bill(w: Workload) -> None:
    """The platform's own lines stay what they were, and the parts' lines come after them."""
    for name, target in designs().items():
        offered = fitted(w, target)
        alone = bill(target.platform.id, offered, on=DAY)
        month = bill(name, offered, on=DAY)
        own, lines = ([i for i in b.items if i.quantity] for b in (alone, month))
        assert lines[: len(own)] == own, name
        assert month.path == tuple(parts(target))
        assert month.total >= alone.total * (1 - 1e-12)


def test_no_two_sheets_price_the_same_thing() -> None:
    """A dimension that two platforms share is one row of one sheet, or equal in both."""
    rows: dict[str, tuple[str, Any]] = {}
    for p in platforms().values():
        for name, price in design(p.id).prices({}, DAY, "us-east-1").items():
            plain = replace(price, free_per_month=0)  # an allowance may hold for one of them only
            assert rows.setdefault(name, (p.id, plain))[1] == plain, (p.id, rows[name][0])


def test_every_priced_dimension_is_metered() -> None:
    """A row that no rule ever fills, and a split by something that is not metered, are mistakes."""
    metered: set[str] = set()
    priced: dict[str, Any] = {}
    for p in platforms().values():
        alone = design(p.id)
        used = month_usage(alone, fitted(ARTICLE, alone))
        metered |= used.keys()
        for name, price in alone.prices({}, DAY, "us-east-1").items():
            priced[name] = price
            needs = {part for part in (price.busy, price.used, price.charged_as) if part}
            if name in used:
                assert needs <= used.keys(), (p.id, name)
    # What a query of the audit scans is priced in the same sheet, and is no part of a workload.
    assert priced.keys() - metered == {"insights_scanned_gb", "athena_scanned_tb"}


def test_the_path_takes_as_long_as_what_it_leads_to() -> None:
    """CPU that a small function stretches keeps a connection open, and meets a door's limit.

    2 s of CPU take 27.6 s at 128 MB: with 3 s of waiting, 30.6 s.
    """
    w = Workload(
        requests_per_month=60_000, memory_mb=1769, cpu_ms=2000, wait_ms=3000, output_tokens=1
    )
    assert list(design("aws-lambda+aws-http-api").obstacles(w)) == []
    small = w.replace(memory_mb=128)
    [obstacle] = design("aws-lambda+aws-http-api").obstacles(small)
    assert "after 30 s; these requests take longer" in obstacle
    [obstacle] = design("aws-lambda+aws-http-api").obstacles(w.replace(memory_mb=[128, 1769]))
    assert "after 30 s; 50.0% of these requests take longer" in obstacle
    used = month_usage(design("aws-lambda+aws-websocket"), small)
    assert used["websocket_minutes"] == pytest.approx(1000 * (2 * 1769 / 128 + 3), rel=1e-3)


def test_a_part_that_has_no_free_tier_has_no_allowance() -> None:
    """Whatever its sheet says."""
    ordinary = platform("aws-lambda")
    paid = Design(replace(ordinary, free_tier=False))
    assert paid.prices({}, DAY, "us-east-1")["requests"].free_per_month == 0
    assert Design(ordinary).prices({}, DAY, "us-east-1")["requests"].free_per_month == 1e6


def test_a_month_is_handed_from_part_to_part() -> None:
    """Each part sees what the ones before it made of the month."""
    timeless = {"billed_ms": 0, "busy_ms": 0}
    first = replace(
        platform("aws-lambda"),
        usage=lambda _: {"a": 1} | timeless,
        month=lambda u, _: {"b": u["a"]},
    )
    second = replace(
        platform("aws-logs"), usage=lambda _: {"c": 1}, month=lambda u, _: {"d": u["b"]}
    )
    both = Design(first, (second,))
    w = SimpleNamespace(memory_mb=128, cpu_ms=1, cpu_ms_per_output_token=0, output_tokens=0)
    assert both.month(both.usage(w), w) == {"a": 1, "b": 1, "c": 1, "d": 1} | timeless


def test_a_region_without_prices_is_refused() -> None:
    """It is named, with the one there is."""
    with pytest.raises(UnknownPrice, match=r"mars"):
        bill("aws-lambda+aws-http-api", ARTICLE, on=DAY, region="mars")


@fewer(10)
@given(w=hosted_workloads())
def test_what_can_serve_has_no_obstacle(w: Workload) -> None:
    """The factor and the sentences are made from the same limits, for every design."""
    for target in designs().values():
        assert target.can_serve(w) == (not list(target.obstacles(w))), target.id


def test_one_request_of_a_sample_is_enough_of_an_obstacle() -> None:
    """Of two answers, one streams for 16 minutes: the function cannot serve them both."""
    mixed = ARTICLE.replace(streaming_ms=[1000.0, 960_000.0])
    assert design("aws-lambda").can_serve(mixed) == 0
    assert design("aws-lambda").can_serve(mixed.replace(streaming_ms=[1000.0, 800_000.0])) == 1
