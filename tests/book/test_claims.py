"""The claims ledger: figures decide, and a verdict that no longer fits stops the build."""

from __future__ import annotations

from pathlib import Path

import pytest

from serverless_tax.book.claims import Ledger, Verdict, VerdictChanged, declared, fact, figure

HOLDS = figure("the month", 809.33, 809, "usd")
FAILS = figure("the multiple", 883, 88, "x")


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ((HOLDS,), Verdict.HOLDS),
        ((FAILS,), Verdict.FAILS),
        ((HOLDS, FAILS), Verdict.ON_CONDITION),
        ((), Verdict.UNKNOWN),
    ],
)
def test_cases_give_the_verdict(cases: tuple, verdict: Verdict) -> None:
    """All true holds, none true fails, some true is a condition, and no case is unknowable."""
    entry = Ledger().enter("1", "a claim", *cases, claimed="x", verdict=verdict, why="because")
    assert entry.computed is verdict


def test_a_changed_figure_stops_the_build() -> None:
    """A verdict its figures do not give is refused, with both verdicts and the figure."""
    ledger = Ledger()
    with pytest.raises(VerdictChanged, match=r"14b is entered as holds.*does not hold.*\$971"):
        ledger.enter(
            "14b",
            "ten million cost $809",
            figure("the month", 971, 809, "usd"),
            claimed="$809",
            verdict=Verdict.HOLDS,
            why="it did once",
        )
    assert ledger.claims == []


@pytest.mark.parametrize(("ours", "agrees"), [(101.0, True), (101.01, False), (99.0, True)])
def test_figures_agree_within_one_per_cent(ours: float, agrees: bool) -> None:  # noqa: FBT001
    """A figure may differ by a hundredth of the article's, for what the article rounded."""
    assert figure("f", ours, 100, "count").holds is agrees


def test_the_page_escapes_what_it_shows() -> None:
    """Text of a claim is text on the page, never markup."""
    ledger = Ledger()
    case = fact("<i>a</i>", True, "<b>")  # noqa: FBT003
    ledger.enter("1", "<script>", case, claimed="&", verdict=Verdict.HOLDS, why="<u>")
    html = ledger._repr_html_()
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
    assert 'id="claim-1"' in html


def test_a_claim_that_nobody_can_know_does_not_promise_a_computation() -> None:
    """Its link leads to something to read; that of a judged one to the figures."""
    ledger = Ledger()
    unknown = Verdict.UNKNOWN
    ledger.enter("1", "a", claimed="x", verdict=unknown, why="so.", shown_in="a.html#b")
    assert '<a href="a.html#b">Read more.</a>' in ledger._repr_html_()
    ledger.enter("2", "b", HOLDS, claimed="x", verdict=Verdict.HOLDS, why="so.", shown_in="c.html")
    assert '<a href="c.html">See it computed.</a>' in ledger._repr_html_()


def test_the_count_names_every_verdict() -> None:
    """A verdict with no claim is counted as none, not left out."""
    assert Ledger().count() == dict.fromkeys(Verdict, 0)


def test_a_case_says_whether_it_bears_the_claim_out() -> None:
    """A figure alone leaves that to the reader; each has a mark."""
    ledger = Ledger()
    verdict = Verdict.ON_CONDITION
    ledger.enter("1", "a claim", HOLDS, FAILS, claimed="x", verdict=verdict, why="because")
    html = ledger._repr_html_()
    assert "$809.33 ✓" in html
    assert "883x ✗" in html


def test_the_verdicts_of_a_page_are_counted_from_its_source(tmp_path: Path) -> None:
    """Every verdict as often as it is entered; one that is only defined is not counted."""
    page = tmp_path / "page.md"
    page.write_text(
        "HOLDS, FAILS = Verdict\nenter(verdict=HOLDS)\nenter(x, verdict=HOLDS, y)\n"
        "enter(verdict=ON_CONDITION)\n",
        "utf-8",
    )
    assert declared(page) == {
        Verdict.HOLDS: 2,
        Verdict.ON_CONDITION: 1,
        Verdict.FAILS: 0,
        Verdict.UNKNOWN: 0,
    }
