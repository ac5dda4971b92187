"""How far a bill moves with each quantity."""

from __future__ import annotations

import json

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, Workload, bill, sensitivity
from serverless_tax.questions.sensitivity import TOKEN_SPEED, default_ranges
from serverless_tax.request.presets import measured_client

ARTICLE = Workload.preset("article")


def test_the_token_speeds_that_were_measured_move_the_article_s_bill_by_the_most() -> None:
    """500 tokens take 20.83 s at 24 a second and 2.5 s at 200: $3,483.84 and $428.00."""
    first = sensitivity(ARTICLE, on=DAY)[0]
    assert first.quantity == TOKEN_SPEED
    assert (first.low, first.high) == (24, 200)
    assert first.base == pytest.approx(500 / 4.8)
    assert first.low_usd == pytest.approx(2 + 1e7 * 20.889 * 0.0000166667)
    assert first.base_usd == pytest.approx(811.33, abs=0.005)
    assert first.high_usd == pytest.approx(2 + 1e7 * 2.556 * 0.0000166667)
    assert first.source.count("https://") == 2


def test_each_end_is_the_bill_of_a_workload_with_that_one_change() -> None:
    """Everything else stays as it is; the share is waiting's part of that very bill."""
    (row,) = sensitivity(ARTICLE, ranges={"memory_mb": (128, "2 GB")}, on=DAY)
    low, high = (bill("aws-lambda", ARTICLE.replace(memory_mb=mb), on=DAY) for mb in (128, 2048))
    assert (row.low, row.base, row.high) == (128, 1024, 2048)
    assert (row.low_usd, row.high_usd) == (low.total, high.total)
    assert row.low_share == low.waiting / low.total
    assert row.high_share == high.waiting / high.total
    assert row.swing_usd == high.total - low.total
    assert row.source == "your range"


def test_the_widest_swing_comes_first() -> None:
    """A range of nothing comes last."""
    rows = sensitivity(
        ARTICLE, ranges={"init_ms": (0, 1), "memory_mb": (1000, 1024), "streaming_ms": (0, 9e3)}
    )
    assert [row.quantity for row in rows] == ["streaming_ms", "memory_mb", "init_ms"]
    assert rows[-1].swing_usd == 0


def test_the_cpu_of_a_token_is_tried_from_one_measured_client_to_another() -> None:
    """In CPU time, at any memory: bytes passed on unparsed, and the usual SDK."""
    low, high = default_ranges(ARTICLE)["cpu_ms_per_output_token"]
    assert low == measured_client("socket")["cpu_ms_per_output_token"]
    assert high == measured_client()["cpu_ms_per_output_token"]
    row = next(r for r in sensitivity(ARTICLE, on=DAY) if r.quantity == "cpu_ms_per_output_token")
    assert row.low_usd == row.high_usd  # passing tokens on hides in the wait for them,
    assert row.high_share < row.low_share  # but takes waiting's part of the bill


def test_a_request_that_only_waits_is_tried_at_half_and_twice_its_wait() -> None:
    """Nothing streams, so there is no speed of tokens to vary."""
    waiting = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000)
    ranges = default_ranges(waiting)
    assert ranges == {"wait_ms": (500, 2000), "memory_mb": (128, 1769)}
    row = next(row for row in sensitivity(waiting, on=DAY) if row.quantity == "wait_ms")
    assert [row.low_usd, row.high_usd] == pytest.approx([0.2 + 8.33335, 0.2 + 33.3334])


def test_a_sample_is_moved_as_one() -> None:
    """Each request streams as long as its own tokens take; base figures are means."""
    sample = ARTICLE.replace(output_tokens=np.array([100.0, 900.0]), memory_mb=1024)
    (row,) = sensitivity(sample, ranges={TOKEN_SPEED: (100, 200)}, on=DAY)
    seconds = (1.0555 + 9.0555) / 2 + 0.0005
    assert row.low_usd == pytest.approx(2 + 1e7 * seconds * 0.0000166667)
    assert row.base == pytest.approx(500 / 4.8)


def test_ends_may_be_text() -> None:
    """As on a command line: a length with its unit, a size with its unit, a plain number."""
    text = {TOKEN_SPEED: ("24", "200"), "wait_ms": ("25ms", "0.1s"), "memory_mb": ("128", "2 GB")}
    numbers = {TOKEN_SPEED: (24, 200), "wait_ms": (25, 100), "memory_mb": (128, 2048)}
    assert sensitivity(ARTICLE, ranges=text, on=DAY) == sensitivity(ARTICLE, ranges=numbers, on=DAY)


def test_a_row_is_plain_values() -> None:
    """Ready for JSON, with the swing that orders the rows."""
    row = sensitivity(ARTICLE, on=DAY)[0]
    plain = json.loads(json.dumps(row.to_dict()))
    assert plain["quantity"] == TOKEN_SPEED
    assert plain["swing_usd"] == row.low_usd - row.high_usd


@pytest.mark.parametrize(
    ("ranges", "sentence"),
    [
        ({"wait": (1, 2)}, r"^There is no quantity 'wait'; use a field of Workload, or output_t"),
        ({"wait_ms": 5}, r"^The range of wait_ms is 5; expected its low and its high end"),
        ({"wait_ms": "1s"}, r"^The range of wait_ms is '1s'; expected its low"),
        ({"wait_ms": (-1, 2)}, r"^wait_ms is -1; expected a finite number of at least 0"),
        ({TOKEN_SPEED: (0, 2)}, r"^output_tokens_per_second is 0; expected a number over 0"),
        ({TOKEN_SPEED: ("fast", 2)}, r"^output_tokens_per_second is 'fast', which is not a plain"),
        ({TOKEN_SPEED: (True, 2)}, r"^output_tokens_per_second is True; expected a number"),
        ({"memory_mb": (64, 128)}, r"^memory_mb is 64; AWS Lambda offers 128"),
    ],
)
def test_a_range_that_cannot_be_is_refused(ranges: dict[str, object], sentence: str) -> None:
    """The sentence names the quantity and what was expected."""
    with pytest.raises(InvalidQuantity, match=sentence):
        sensitivity(ARTICLE, ranges=ranges)  # type: ignore[arg-type]


def test_a_speed_needs_tokens() -> None:
    """With no answer to stream, a speed would set the streaming to nothing without a word."""
    with pytest.raises(InvalidQuantity, match=r"^output_tokens is 0, so output_tokens_per_second"):
        sensitivity(ARTICLE.replace(output_tokens=0), ranges={TOKEN_SPEED: (24, 200)})
