"""Addresses and typed numbers: what the page's script makes of text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax.ground.units import parse_mb, parse_ms
from serverless_tax.request.presets import PRESETS
from serverless_tax.widgets.scenario import FIELDS, scenario


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4.855s", "ms", 4855),
        ("4.8 s", "ms", 4800),
        ("2min", "ms", 120_000),
        ("50", "ms", 50),
        ("1GB", "mb", 1024),
        ("1,769 MB", "mb", 1769),
        ("10e6", "count", 10_000_000),
        ("10M", "count", 10_000_000),
        ("250k", "count", 250_000),
        ("5%", "percent", 0.05),
        ("0.05", "percent", 0.05),
        ("$200.00", "usd", 200),
        ("45", "min", 2700),
        ("90s", "min", 90),
        ("4.855 seconds", "ms", 4855),
        ("1 minute", "s", 60),
        ("1 Hours", "ms", 3_600_000),
        ("1m30s", "ms", 90_000),
        ("1 min 30 s", "ms", 90_000),
        ("1 minute 30 seconds 5 milliseconds", "ms", 90_005),
        ("1m30s", "s", 90),
        ("5m", "count", 5_000_000),
        ("-5ms", "ms", -5),
    ],
)
def test_text_with_a_unit_is_a_number(javascript: Any, text: str, unit: str, value: float) -> None:
    """Each unit a reader would write is understood."""
    assert javascript("parseQuantity", text, unit) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "ten", "4.8.1", "4 GB", "1e", "0x10", "Infinity", "constructor", "5constructor"),
        *("5,5", "1,2345", "1,5s", "1m30", "1m-30s", "1m30s5", "5 parsecs", "1m 30 x"),
    ],
)
def test_other_text_is_not_a_number(javascript: Any, text: str) -> None:
    """JSON writes NaN as null."""
    assert javascript("parseQuantity", text, "ms") is None


@given(milli=st.integers(0, 10**9), unit=st.sampled_from(["ms", "s", ""]))
def test_lengths_are_read_as_python_reads_them(javascript: Any, milli: int, unit: str) -> None:
    """Exactly: a stray bit above a whole millisecond would bill one more."""
    text = f"{milli // 1000}.{milli % 1000:03d}{unit}"
    assert javascript("parseQuantity", text, "ms") == parse_ms(text)
    for two in (f"1m{text}" if unit else "1m", f"2 h {milli} minutes"):
        assert javascript("parseQuantity", two, "ms") == parse_ms(two)
    size = f"{milli}MB"
    assert javascript("parseQuantity", size, "mb") == parse_mb(size)


@pytest.mark.parametrize(
    ("name", "least", "middle", "most"),
    [
        # √(128 × 10,240) is 1,145, to two digits; √(60 × 7,200) is 657, √1,000 is 31.6.
        ("memory_mb", 128, 1100, 10_240),
        ("session_s", 60, 660, 7200),
        ("tokens_per_message", 1, 32, 1000),
        # From nothing on: the line starts at the least step, 10,000.
        ("requests_per_month", 0, 3_200_000, 1e9),
        # Less than fifty times as much, in equal steps: (1 + 40) / 2.
        ("session_messages", 1, 21, 40),
    ],
)
def test_a_knob_s_line_is_in_equal_ratios_where_it_spans_many_sizes(
    javascript: Any, name: str, least: float, middle: float, most: float
) -> None:
    """What its ends and its middle mean, and where a value stands on it."""
    assert [javascript("knobAt", name, at) for at in (0, 0.5, 1)] == [least, middle, most]
    assert javascript("knobShare", name, middle) == pytest.approx(0.5, abs=0.02)
    assert [javascript("knobShare", name, end) for end in (least, most)] == [0, 1]


@pytest.mark.parametrize("name", ["calls", "output_tokens", "tokens_per_message"])
def test_what_is_counted_is_dragged_to_whole_numbers(javascript: Any, name: str) -> None:
    """Nobody waits for 1.4 calls; a pointer and the arrow keys agree."""
    reached = [javascript("knobAt", name, k / 100) for k in range(101)]
    assert reached == sorted(reached)
    assert {round(value) for value in reached} == set(reached)
    assert {1, 2, 3, 4} <= set(reached)


def test_an_address_changes_what_it_names(javascript: Any) -> None:
    """Short keys with units are read; keys nobody knows are ignored."""
    read = javascript("readAddress", "#st?memory=512&wait=4.8s&preset=thinking&colour=red")
    assert read == {
        "preset": "thinking",
        "changes": {"memory_mb": 512, "generate_ms": 4800},
        "problems": [],
    }


@pytest.mark.parametrize("version", ["v=1&", "v=2&", ""])
def test_a_link_of_any_known_version_is_read(javascript: Any, version: str) -> None:
    """Links that were shared stay good; one without a version is of the first."""
    read = javascript("readAddress", f"#st?{version}memory=512MB")
    assert read == {"preset": None, "changes": {"memory_mb": 512}, "problems": []}


@pytest.mark.parametrize("version", ["3", "9", "2.5", "0", "-1", "new", ""])
def test_an_unknown_version_is_said(javascript: Any, version: str) -> None:
    """A newer book may have written it: what can be read is shown, and the reader is told."""
    read = javascript("readAddress", f"#st?v={version}&memory=512MB")
    assert read["changes"] == {"memory_mb": 512}
    [told] = read["problems"]
    assert told.startswith(f"This link is of version “{version}”, which this page does not know")


@pytest.mark.parametrize("name", PRESETS)
def test_a_link_names_its_preset_and_what_differs_from_it(javascript: Any, name: str) -> None:
    """Against that preset, and not against the article's: nothing that is as there is written."""
    assert javascript("writeAddress", name, scenario(name)) == f"#st?v=2&preset={name}"
    changed = scenario(name) | {"memory_mb": 640.0}
    assert javascript("writeAddress", name, changed) == f"#st?v=2&preset={name}&memory=640MB"
    read = javascript("readAddress", javascript("writeAddress", name, changed))
    assert scenario(read["preset"]) | read["changes"] == changed


def test_a_value_out_of_bounds_is_clamped_and_said(javascript: Any) -> None:
    """What is shown instead stands in the note."""
    read = javascript("readAddress", "#st?memory=99999&wait=soon&preset=nobody")
    assert read["changes"] == {"memory_mb": 10_240}
    assert read["preset"] is None
    assert "so this page shows 10,240 MB" in read["problems"][0]
    assert "“soon” is not a number from 0 ms to 3,600,000 ms" in read["problems"][1]
    assert "no preset “nobody”" in read["problems"][2]


def test_a_size_that_lambda_does_not_sell_is_refused(javascript: Any) -> None:
    """In a sentence, as the package refuses it; a peak that was measured may be of any size."""
    read = javascript("readAddress", "#st?memory=333.3&peak=96.5&wait=1m30s")
    assert read["changes"] == {"peak_memory_mb": 96.5, "generate_ms": 90_000}
    assert read["problems"] == ["Memory: “333.3” is not a whole number from 128 MB to 10,240 MB."]


@pytest.mark.parametrize("fragment", ["", "#the-plumber", "#st", "#stop?memory=1"])
def test_a_heading_s_fragment_is_not_a_scenario(javascript: Any, fragment: str) -> None:
    """Plain fragments belong to the headings."""
    assert javascript("readAddress", fragment) is None


@given(
    st.fixed_dictionaries(
        {f.name: st.floats(f.low, f.high, allow_subnormal=False) for f in FIELDS}
        | {"memory_mb": st.integers(128, 10_240).map(float)}  # Lambda sells whole megabytes alone
    )
)
def test_a_link_restores_every_value_exactly(javascript: Any, values: dict[str, float]) -> None:
    """What `copy link` writes, an address reads back to the last bit."""
    address = javascript("writeAddress", "article", values)
    assert scenario("article") | javascript("readAddress", address)["changes"] == values


@pytest.mark.parametrize(
    ("field", "value", "key", "after"),
    [
        ("memory_mb", 1024, "ArrowRight", 1088),
        ("memory_mb", 1769, "ArrowRight", 1792),
        ("memory_mb", 1769, "ArrowLeft", 1728),
        ("memory_mb", 1024, "PageUp", 1280),
        ("memory_mb", 1024, "Home", 128),
        ("memory_mb", 1024, "End", 10_240),
        ("generate_ms", 4800, "ArrowUp", 4900),
        ("generate_ms", 4800, "ArrowDown", 4700),
        ("generate_ms", 0, "ArrowLeft", 0),
        ("receive_ms", 2, "ArrowRight", 2.5),
        ("requests_per_month", 10_000_000, "ArrowRight", 11_000_000),
        ("plumber_wait_s", 2700, "ArrowRight", 2760),
    ],
)
def test_a_key_takes_a_step_that_suits_the_value(
    javascript: Any, field: str, value: float, key: str, after: float
) -> None:
    """Round values, two digits' worth at a time, within the bounds."""
    pressed = "((name, v, key) => valueAfterKey({ key }, fieldNamed[name], v))"
    assert javascript(pressed, field, value, key) == after
