"""What moved on a page, and how far the law of CPU is off: computed, every row."""

from __future__ import annotations

import re

import pytest

from serverless_tax.book.figures.staircase import errors_table
from serverless_tax.book.moved import MOVED, moved_table


def test_what_stands_there_now_is_what_was_asked_for() -> None:
    """Objects $20.65, Cloud Run near $80.21 and $88, Bundled $5.00, no CPU for a token $5.50.

    And each rung of the ladder, by the staircase.
    """
    now = [one.now() for one in MOVED]
    assert now[:5] == pytest.approx([20.65, 80.21, 88, 5.0, 5.5], rel=0.01)
    assert MOVED[-1].now() == pytest.approx(602, rel=0.01)  # Container Apps, with eight kept
    rungs = [usd for one, usd in zip(MOVED, now, strict=True) if "on the ladder" in one.what]
    assert rungs == pytest.approx([104.15, 83.72, 82.88, 110.99, 43.72, 3.72, 350.5], abs=0.005)
    assert all(abs(one.before_usd - usd) > 0.01 for one, usd in zip(MOVED, now, strict=True))
    told = moved_table().html.replace("&#x27;", "'")
    assert all(one.why in told for one in MOVED)


def test_each_measured_size_has_its_row() -> None:
    """98 sizes; the mean error is at most 5 %, and at most 5 % of the sizes are off by over 12.

    So is that of the 97 sizes that no number was fitted to, whose worst is told as well.
    """
    html = errors_table().html
    assert html.count("<tr") == 99
    share = r"([\d.]+)\s%"
    said = re.findall(rf"{share} on average and {share} at most; (?:none|{share}) of them", html)
    assert len(said) == 2
    assert all(float(mean) <= 5 and float(over or 0) <= 5 for mean, _, over in said)
    assert "At the 97 sizes between them" in html
    assert float(said[1][1]) > float(said[0][1])
