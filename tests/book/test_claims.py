"""The claims ledger: figures decide, and a verdict that no longer fits stops the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serverless_tax.book.claims import (
    Case,
    Ledger,
    NotTried,
    Verdict,
    VerdictChanged,
    declared,
    fact,
    figure,
    margin,
    undecided,
    within,
)

HOLDS = figure("the month", 809.33, 809, "usd")
FAILS = figure("the multiple", 883, 88, "x")
OPEN = undecided("the demand", "nobody counts it")


@pytest.mark.parametrize(
    ("cases", "against", "verdict"),
    [
        ((), HOLDS, Verdict.HOLDS),
        ((HOLDS,), fact("elsewhere", True, "so"), Verdict.HOLDS),  # noqa: FBT003
        ((), FAILS, Verdict.FAILS),
        ((HOLDS,), FAILS, Verdict.ON_CONDITION),
        ((FAILS,), HOLDS, Verdict.ON_CONDITION),
        ((), OPEN, Verdict.UNKNOWN),
    ],
)
def test_cases_give_the_verdict(cases: tuple[Case, ...], against: Case, verdict: Verdict) -> None:
    """All true holds, none true fails, some true is a condition; what decides nothing is left out.

    A case that was chosen to refute the verdict counts as any other.
    """
    entry = Ledger().enter(
        "1", "a claim", *cases, against=[against], claimed="x", verdict=verdict, why="because"
    )
    assert entry.computed is verdict


def test_each_claim_of_the_first_chapters_has_its_verdict_in_the_margin() -> None:
    """Once, on the page where the ledger says that it is shown; 53x in the chapter of that name."""
    book = Path(__file__).parents[2] / "book"
    beside = {}
    for page in ("index", *(one.stem for one in sorted(book.glob("[1-4]-*.md")))):
        text = (book / f"{page}.md").read_text("utf-8")
        for call in re.findall(r"`margin\(([^)]*)\)`", text):
            for number in re.findall(r'"(\w+)"', call):
                assert number not in beside, number
                beside[number] = page
    ledger = (book / "claims.md").read_text("utf-8")
    entries = re.findall(r'\.enter\(\s+"(\w+)",.*?(?=\.enter\(|\Z)', ledger, re.DOTALL)
    blocks = re.split(r"\.enter\(", ledger)[1:]
    shown = {n: re.search(r'shown_in="([^."]+)', b) for n, b in zip(entries, blocks, strict=True)}
    wanted = {
        n: place[1] for n, place in shown.items() if place and re.match("index|[1-4]-", place[1])
    }
    assert beside == wanted | {"11a": "2-the-53x-problem"}


def test_a_verdict_in_the_margin_is_the_ledger_s() -> None:
    """Its words lead to the entry; a claim that the ledger has not is refused."""
    html = margin("11a").html
    assert 'href="claims.html#claim-11a"' in html
    assert ">Does not hold</a>" in html
    with pytest.raises(KeyError):
        margin("99z")


AGAIN, STOPPED, QUOTED = (
    fact(label, True, "$809")  # noqa: FBT003
    for label in (" The  month ", "The month.", "“the month”,")
)


@pytest.mark.parametrize(
    "against",
    [(), (HOLDS,), (AGAIN,), (STOPPED,), (QUOTED,), (OPEN,), (HOLDS, OPEN)],
    ids=["none", "again", "other blanks", "a stop more", "in quotes", "decides nothing", "both"],
)
def test_a_claim_that_nobody_tried_to_refute_is_refused(against: tuple[Case, ...]) -> None:
    """Figures chosen to bear a verdict out always do; the message says what is missing."""
    ledger = Ledger()
    with pytest.raises(NotTried, match=r"Claim 14b has no case chosen to refute it; give"):
        ledger.enter(
            "14b", "x", HOLDS, against=against, claimed="x", verdict=Verdict.HOLDS, why="so"
        )
    assert ledger.claims == []


def test_no_case_of_the_ledger_is_typed() -> None:
    """Whether a claim holds under a case is computed: a typed answer could not fall."""
    ledger = (Path(__file__).parents[2] / "book" / "claims.md").read_text("utf-8")
    assert re.findall(r".*holds=(?:True|False).*", ledger) == []
    assert re.findall(r"fact\([^\n]*, (?:True|False),", ledger) == []


def test_a_case_chosen_to_refute_a_verdict_can() -> None:
    """The claim held with the figures of its own request, and falls with another's."""
    with pytest.raises(VerdictChanged, match=r"15b is entered as holds.*on a condition.*\$450"):
        Ledger().enter(
            "15b",
            "dearer than the model",
            fact("its model", True, "$900,000"),  # noqa: FBT003
            against=[fact("a small one", False, "$450")],  # noqa: FBT003
            claimed="x",
            verdict=Verdict.HOLDS,
            why="so",
        )


@pytest.mark.parametrize(
    ("theirs", "agrees"), [(18.2, False), (18.3, True), (49.6, True), (53, False)]
)
def test_a_figure_is_within_what_was_measured_or_not(theirs: float, agrees: bool) -> None:  # noqa: FBT001
    """From the least to the most of all machines, the ends included, and no further."""
    case = within("on three machines", [29.6, 18.3, 49.6], theirs, "x")
    assert case == Case("on three machines", agrees, "18x to 50x")


def test_a_changed_figure_stops_the_build() -> None:
    """A verdict its figures do not give is refused, with both verdicts and the figure."""
    ledger = Ledger()
    with pytest.raises(VerdictChanged, match=r"14b is entered as holds.*does not hold.*\$971"):
        ledger.enter(
            "14b",
            "ten million cost $809",
            against=[figure("the month", 971, 809, "usd")],
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
    ledger.enter("1", "<script>", against=[case], claimed="&", verdict=Verdict.HOLDS, why="<u>")
    html = ledger._repr_html_()
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
    assert 'id="claim-1"' in html


def test_a_claim_that_nobody_can_know_does_not_promise_a_computation() -> None:
    """Its link leads to something to read; that of a judged one to the figures."""
    ledger = Ledger()
    told = {"claimed": "x", "why": "so."}
    unknown, holds = Verdict.UNKNOWN, Verdict.HOLDS
    ledger.enter("1", "a", against=[OPEN], verdict=unknown, shown_in="a.html#b", **told)
    assert '<a href="a.html#b">Read more.</a>' in ledger._repr_html_()
    ledger.enter("2", "b", against=[HOLDS], verdict=holds, shown_in="c.html", **told)
    assert '<a href="c.html">See it computed.</a>' in ledger._repr_html_()


def test_the_count_names_every_verdict() -> None:
    """A verdict with no claim is counted as none, not left out."""
    assert Ledger().count() == dict.fromkeys(Verdict, 0)


def test_a_case_says_whether_it_bears_the_claim_out() -> None:
    """Each has a mark, and those chosen to refute the verdict stand under a line of their own."""
    ledger = Ledger()
    ledger.enter(
        "1",
        "a claim",
        HOLDS,
        against=[FAILS, OPEN],
        claimed="x",
        verdict=Verdict.ON_CONDITION,
        why="because",
    )
    said, tried = ledger._repr_html_().split("Chosen to refute it:")
    assert "$809.33 ✓" in said
    assert "883x ✗" in tried
    assert "nobody counts it –" in tried


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
