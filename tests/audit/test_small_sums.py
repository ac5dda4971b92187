"""Sums of an audit that stand below its figures, each worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from serverless_tax.audit.report.text import covered
from serverless_tax.audit.sums.functions import merged_days
from serverless_tax.audit.sums.period import Period
from serverless_tax.audit.sums.steps import step_of


def test_a_day_of_two_groups_has_the_calls_and_the_time_of_both() -> None:
    """Two calls and one are three, 300 MB·ms and 50 are 350; the days come in order."""
    days = [{"2026-10-02": (2, 300)}, {"2026-10-02": (1, 50), "2026-10-01": (4, 7)}]
    assert list(merged_days(days).items()) == [("2026-10-01", (4, 7)), ("2026-10-02", (3, 350))]


def test_a_period_tells_the_days_without_a_line() -> None:
    """From the 1st to the 4th with lines on two of them: two days are missing."""
    first, last = (datetime(2026, 10, day, 12, tzinfo=UTC) for day in (1, 4))
    some = Period(first, last, (date(2026, 10, 1), date(2026, 10, 4)), 0)
    assert covered(some) == "2026-10-01 12:00 to 2026-10-04 12:00 UTC, 2 days without a line"
    every = Period(first, last, tuple(date(2026, 10, day) for day in range(1, 5)), 0)
    assert covered(every) == "2026-10-01 12:00 to 2026-10-04 12:00 UTC"


@pytest.mark.parametrize("longest_ms", [1000, 10_000, 100_000, 900_000])
def test_a_step_is_a_hundredth_at_most_and_begins_at_each_hundred(longest_ms: int) -> None:
    """Old bills are whole hundreds; what lies within a step is off by 1 % of it at the most."""
    hundreds = range(100, min(longest_ms, 20_000), 100)
    assert [step_of(ms) for ms in hundreds] == list(hundreds)
    for ms in range(1, longest_ms, max(1, longest_ms // 5000)):
        assert step_of(ms) <= ms <= step_of(ms) * 1.0101
