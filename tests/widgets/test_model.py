"""What the page computes is what Python computes, to the last bit."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serverless_tax import bill, tax_multiple, tax_share
from serverless_tax.request.presets import PRESETS
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.scenario import FIELDS, compute, scenario, workload

SCENARIOS = st.fixed_dictionaries(
    {
        field.name: st.one_of(
            st.floats(field.low, field.high, allow_subnormal=False),
            st.sampled_from([field.low, field.high]),
            st.integers(math.ceil(field.low), math.floor(field.high)).map(float),
        )
        for field in FIELDS
        if field.name != "arm"
    }
    | {"arm": st.sampled_from([0.0, 1.0])}
)


def in_words(value: float) -> float | str:
    """Return a number as it crosses from JavaScript."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


@given(values=SCENARIOS)
def test_every_figure_is_equal_in_both_languages(javascript: Any, values: dict[str, float]) -> None:
    """Not close: equal, for every figure of any scenario that a reader can set."""
    python = {name: in_words(value) for name, value in compute(values).items()}
    assert javascript("worded", values, list(python)) == python


@pytest.mark.parametrize("name", PRESETS)
def test_the_figures_are_the_package_s(name: str) -> None:
    """The bill on the page is the bill of the public functions."""
    values = scenario(name)
    figures, month = compute(values), bill("aws-lambda", workload(values), on=page_day())
    assert figures["month_usd"] == pytest.approx(month.total, rel=1e-12)
    assert figures["waiting_month_usd"] == pytest.approx(month.waiting, rel=1e-9)
    shared = bill("google-cloud-run", workload(values), on=page_day())
    assert figures["cloud_run_month_usd"] == pytest.approx(shared.total, rel=1e-12)
    assert figures["tax_multiple"] == pytest.approx(tax_multiple(workload(values)), rel=1e-12)
    assert figures["tax_share"] == pytest.approx(
        tax_share(workload(values), on=page_day()), rel=1e-9
    )


def test_the_steps_on_the_clock_add_up_to_the_request() -> None:
    """The lengths that the meter draws are the length that is billed."""
    figures = compute(scenario() | {"memory_mb": 256.0})
    steps = ("receive", "retrieve", "prompt", "call", "generate")
    assert sum(figures[f"{name}_wall_ms"] for name in steps) == pytest.approx(figures["wall_ms"])


def test_presets_lie_within_what_a_reader_can_set() -> None:
    """No preset would be clamped by its own page."""
    for name in PRESETS:
        for field in FIELDS:
            assert field.low <= scenario(name)[field.name] <= field.high, (name, field.name)


def test_the_short_names_are_unique() -> None:
    """An address can name each field, and the preset."""
    keys = [field.key for field in FIELDS]
    assert len({*keys, "preset"}) == len(keys) + 1
    assert json.dumps(keys)  # plain text, all of them
