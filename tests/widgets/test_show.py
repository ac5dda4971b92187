"""One table of cases holds both formatters: Python's, and its twin on the page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax.ground.show import _UNITS, show

CASES = [
    (811.334952, "usd", "$811.33"),
    (0.005, "usd", "$0.005"),
    (0.125, "usd", "$0.13"),  # a tie: half up, not half to even
    (2.5, "usd0", "$3"),
    (0.5, "usd0", "$1"),
    (1.5, "usd0", "$2"),
    (9999.995, "usd", "$10,000.00"),
    (10_000.4, "usd", "$10,000"),
    (0.0000811334952, "usd", "$0.0000811"),
    (1e-20, "usd", "$0"),
    (-3.456, "usd", "−$3.46"),
    (-0.0, "usd", "$0.00"),
    (0.0000166667, "price", "$0.0000166667"),
    (2e-07, "price", "$0.0000002"),
    (0.06, "price", "$0.06"),
    (0.2, "price", "$0.20"),
    (3.0, "price", "$3.00"),
    (1e21, "count", "1,000,000,000,000,000,000,000"),
    (99.995, "count", "100"),
    (18.455, "number", "18.5"),
    (1850.4, "number", "1,850"),
    (0, "number", "0"),
    (4855.5, "ms", "4,855.5 ms"),
    (5.555, "ms", "5.56 ms"),
    (0.001, "ms", "0.001 ms"),  # what is there is not shown as nothing
    (0.00123, "count", "0.00123"),
    (1e-13, "ms", "0 ms"),  # what a sum leaves is
    (1, "requests", "1 request"),
    (1.001, "hours", "1 hour"),
    (0, "tokens", "0 tokens"),
    (1e7, "invocations", "10,000,000 invocations"),
    (4.855, "s", "4.855 s"),
    (2700, "min", "45 min"),
    (90, "min", "1.5 min"),
    (882.909, "x", "883x"),
    (1.04, "x", "1x"),
    (9.95, "x", "10x"),
    (0.0011326194398682042, "percent", "0.113 %"),
    (0.9964, "percent", "99.6 %"),
    (1, "percent", "100 %"),
    (0, "percent", "0 %"),
    (10_240, "mb", "10,240 MB"),
    (0, "months", "less than a day"),
    (0.03, "months", "1 day"),
    (0.25, "months", "8 days"),
    (1.999, "months", "61 days"),
    (2.83, "months", "3 months"),
    (24, "months", "2 years"),
    (50, "months", "4.2 years"),
]


@pytest.mark.parametrize(("value", "unit", "text"), CASES)
def test_a_number_reads_the_same_everywhere(
    javascript: Any, value: float, unit: str, text: str
) -> None:
    """Python and the page write each case of the table as the table says."""
    assert show(value, unit) == text
    assert javascript("show", value, unit) == text


def test_endless_and_undefined_numbers_have_a_sign_of_their_own(javascript: Any) -> None:
    """A multiple of no work at all is endless, and nothing over nothing is a dash."""
    assert show(float("inf"), "x") == "∞"
    assert show(float("nan"), "x") == "–"
    assert javascript("((v) => show(1 / 0, v))", "x") == "∞"
    assert javascript("((v) => show(0 / 0, v))", "x") == "–"


@given(
    value=st.floats(min_value=-1e15, max_value=1e15, allow_nan=False),
    unit=st.sampled_from(sorted(_UNITS)),
)
def test_any_number_reads_the_same_in_both(javascript: Any, value: float, unit: str) -> None:
    """Whatever the number and the unit, the two texts are equal."""
    assert javascript("show", value, unit) == show(value, unit)
