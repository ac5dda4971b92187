"""Text with a unit is read exactly, and anything doubtful is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax import InvalidQuantity
from serverless_tax.ground.units import parse_mb, parse_ms, parse_number


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("4.855s", 4855.0),
        ("4855ms", 4855.0),
        ("4855", 4855.0),
        ("4,855 ms", 4855.0),
        ("4_855ms", 4855.0),
        (" 4.855 sec ", 4855.0),
        ("4.855 seconds", 4855.0),
        ("1 Hour", 3_600_000.0),
        ("2 min", 120_000.0),
        ("1h", 3_600_000.0),
        ("1m30s", 90_000.0),
        ("1 min 30 s", 90_000.0),
        ("1 minute 30 seconds", 90_000.0),
        ("1 h 2 min 0.5 s", 3_720_500.0),
        ("1s 2\u00b5s", 1000.002),
        ("250us", 0.25),
        ("250\u00b5s", 0.25),  # the micro sign
        ("250\u03bcs", 0.25),  # the Greek letter that looks like it
        (".5s", 500.0),
        ("5.s", 5000.0),
        ("1e3 ms", 1000.0),
        (".5e1 s", 5000.0),
        ("0", 0.0),
        ("-5s", -5000.0),
    ],
)
def test_lengths_are_read_in_milliseconds(text: str, milliseconds: float) -> None:
    """A number with a unit of time is that many milliseconds, to the last bit."""
    assert parse_ms(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "abc",
        "nan",
        "inf",
        "5 x",
        "5 MB",
        "1m30",
        "1m-30s",
        "1..2s",
        "--5s",
        "5s;",
        "٣s",
        "0x10",
    ],
)
def test_what_is_not_a_length_is_refused(text: str) -> None:
    """The message repeats the text and shows how a length is written."""
    with pytest.raises(InvalidQuantity, match=r"^wait_ms is .*, which is not a length such as"):
        parse_ms(text, field="wait_ms")


@pytest.mark.parametrize("text", ["4,8s", "4,85s", "1,,000", "1,0000", ",5s", "12,34,567", "1_"])
def test_a_comma_only_separates_thousands(text: str) -> None:
    """A decimal comma is refused: read as a separator it would be wrong by a factor of ten."""
    with pytest.raises(InvalidQuantity, match="write it that way"):
        parse_ms(text)


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [("1769", 1769.0), ("512MB", 512.0), ("1 GB", 1024.0), ("10GiB", 10_240.0), ("0.5gb", 512.0)],
)
def test_a_gigabyte_is_1024_megabytes(text: str, megabytes: float) -> None:
    """Memory is read in megabytes, 1,024 to a gigabyte, as on an AWS bill."""
    assert parse_mb(text) == megabytes


@pytest.mark.parametrize(("text", "number"), [("10e6", 1e7), ("10,000,000", 1e7), ("1_000", 1e3)])
def test_a_plain_number_may_have_separators(text: str, number: float) -> None:
    """A count is read with an exponent or with thousands apart."""
    assert parse_number(text, field="requests_per_month") == number


def test_a_plain_number_carries_no_unit() -> None:
    """A count with a unit is a mistake, and the message names the field."""
    with pytest.raises(InvalidQuantity, match=r"^output_tokens is '500 ms'.*a plain number"):
        parse_number("500 ms", field="output_tokens")


@pytest.mark.parametrize("text", ["1e99999999999999999999s", "9e999999s"])
def test_an_exponent_beyond_reason_is_refused_in_a_sentence(text: str) -> None:
    """No error of the decimal arithmetic gets through, and none is chained to ours."""
    with pytest.raises(InvalidQuantity) as caught:
        parse_ms(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@given(st.integers(0, 10**9))
def test_seconds_of_three_decimals_are_whole_milliseconds(milliseconds: int) -> None:
    """Seconds times 1,000 in floats misses by a bit about once in 170 times; text never does."""
    seconds = Decimal(milliseconds) / 1000
    assert parse_ms(f"{seconds:.3f}s") == milliseconds
