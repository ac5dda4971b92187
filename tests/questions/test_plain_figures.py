"""An answer prints plain figures, whatever computed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import serverless_tax as st
from serverless_tax.questions.web_functions import web_functions

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "bill": lambda w: st.bill("aws-lambda", w),
    "batching": st.batching,
    "break_even": lambda w: st.break_even("aws-lambda", "cloudflare-workers", w),
    "compare": st.compare,
    "cpu_budget": st.cpu_budget,
    "decide": st.decide,
    "eras": st.eras,
    "ladder": st.ladder,
    "sensitivity": st.sensitivity,
    "waiting_rate": lambda w: st.waiting_rate("aws-lambda", w),
    "web_functions": web_functions,
    "whole_bill": st.whole_bill,
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("preset", ["article", "thinking"])
def test_no_figure_names_the_library_that_computed_it(question: str, preset: str) -> None:
    """``np.float64(0.31)`` is how numpy writes a number, not how a person reads one."""
    assert "np." not in repr(QUESTIONS[question](st.Workload.preset(preset)))
