"""The claims ledger: what the article says, what we compute, and a verdict that can fail.

An entry declares its verdict, and the figures decide whether it still stands. When a price or
a measurement moves a figure across the line, building the page stops with the claim's number.

Figures chosen to bear a verdict out always do. So an entry also has cases that were chosen to
refute it: the request, the machine or the price with which it is likeliest to fall. Without one it
is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from serverless_tax.ground.html import Markup, items, joined, link, tag
from serverless_tax.ground.show import many, show

_BOOK = Path(__file__).parents[2] / "book"


class Verdict(StrEnum):
    """The verdict on a claim."""

    HOLDS = "holds"
    ON_CONDITION = "holds on a condition"
    FAILS = "does not hold"
    UNKNOWN = "cannot be known"


class VerdictChanged(AssertionError):
    """A claim's figures no longer give the verdict that stands beside it."""


class NotTried(AssertionError):
    """A claim has no case that was chosen to refute its verdict."""


@dataclass(frozen=True, slots=True)
class Case:
    """A check of a claim: its condition, whether the claim holds under it, and the figure.

    ``holds`` is None for a figure that was looked at and decides nothing.
    """

    label: str
    holds: bool | None
    shown: str

    @property
    def mark(self) -> str:
        """What stands behind the figure: whether it bears the claim out."""
        return {True: "✓", False: "✗", None: "–"}[self.holds]


def figure(label: str, ours: float, theirs: float, unit: str, *, within: float = 0.01) -> Case:
    """Compare our figure with the article's; they agree when they differ by at most ``within``.

    ``within`` is a share of the article's figure, for what it rounded.

    >>> figure("a month", 809.33, 809, "usd")
    Case(label='a month', holds=True, shown='$809.33')
    """
    return Case(label, abs(ours - theirs) <= within * abs(theirs), show(ours, unit))


def fact(label: str, holds: bool, shown: str) -> Case:  # noqa: FBT001 - reads as a sentence
    """Return a case that holds or not, with the text that shows why."""
    return Case(label, bool(holds), shown)


def within(label: str, measured: Sequence[float], theirs: float, unit: str) -> Case:
    """Return whether the article's figure lies between the least and the most that was measured.

    >>> within("on three machines", [18.3, 49.6, 29.6], 53, "x")
    Case(label='on three machines', holds=False, shown='18x to 50x')
    """
    low, high = min(measured), max(measured)
    return Case(label, low <= theirs <= high, f"{show(low, unit)} to {show(high, unit)}")


def undecided(label: str, shown: str) -> Case:
    """Return a figure that comes nearest to deciding a claim, and does not."""
    return Case(label, None, shown)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the article, checked. ``claimed`` is its figure, in its own form.

    ``against`` has the cases that were chosen to refute the verdict.
    """

    number: str
    claim: str
    claimed: str
    cases: tuple[Case, ...]
    against: tuple[Case, ...]
    verdict: Verdict
    why: str
    shown_in: str

    @property
    def computed(self) -> Verdict:
        """The verdict that all the cases give, whatever verdict was declared."""
        outcomes = {case.holds for case in (*self.cases, *self.against)} - {None}
        if not outcomes:
            return Verdict.UNKNOWN
        if outcomes == {True, False}:
            return Verdict.ON_CONDITION
        return Verdict.HOLDS if outcomes == {True} else Verdict.FAILS


def _label(case: Case) -> str:
    """Return a case's label as it is compared: blanks, stops and capitals make no other case."""
    return " ".join(re.findall(r"\w+|[-−+*×/<>=%$]", case.label)).casefold()


@dataclass
class Ledger:
    """The claims so far, each checked as it is entered."""

    claims: list[Claim] = field(default_factory=list)

    def enter(
        self,
        number: str,
        claim: str,
        *cases: Case,
        against: Sequence[Case] = (),
        claimed: str,
        verdict: Verdict,
        why: str,
        shown_in: str = "",
    ) -> Claim:
        """Add a claim whose cases give exactly this verdict, those chosen to refute it included.

        Raises:
            NotTried: if no case was chosen to refute it, or only such as are among the others or
                decide nothing, of a claim that the figures decide.
            VerdictChanged: if they give another, naming the claim, both verdicts and the figures.
        """
        entry = Claim(number, claim, claimed, cases, tuple(against), verdict, why, shown_in)
        open_too = verdict is Verdict.UNKNOWN
        chosen = {_label(case) for case in against if open_too or case.holds is not None}
        if not chosen - {_label(case) for case in cases}:
            msg = (
                f"Claim {number} has no case chosen to refute it; give in against= the request, the"
                " machine or the price with which its verdict is likeliest to fall."
            )
            raise NotTried(msg)
        if entry.computed is not verdict:
            found = "; ".join(f"{case.label}: {case.shown}" for case in (*cases, *against))
            msg = (
                f"Claim {number} is entered as {verdict!s}, but its figures say"
                f" {entry.computed!s} ({found}). Read them again, then correct the verdict and why."
            )
            raise VerdictChanged(msg)
        self.claims.append(entry)
        return entry

    def count(self) -> dict[Verdict, int]:
        """Return how many claims have each verdict."""
        return {v: sum(claim.verdict is v for claim in self.claims) for v in Verdict}

    def _repr_html_(self) -> str:
        """Return the ledger for a page: a block a claim, so that a phone never scrolls sideways."""
        return tag("div", *map(_block, self.claims), class_="st-ledger").html


def declared(page: Path) -> dict[Verdict, int]:
    """Return how many claims the source of a page enters with each verdict.

    So one page can count the claims of another without running it. That they are right is
    checked where they are entered: :meth:`Ledger.enter` refuses any other verdict.
    """
    found = Counter(re.findall(r"\bverdict=([A-Z_]+)", page.read_text("utf-8")))
    return {verdict: found[verdict.name] for verdict in Verdict}


_ENTRY = re.compile(
    r'\.enter\(\s+"(?P<number>\w+)", "(?P<claim>[^"]+)".*?\bverdict=(?P<verdict>[A-Z_]+)', re.DOTALL
)


@cache
def _declared_claims() -> dict[str, tuple[str, Verdict, str]]:
    """Return each claim of the ledger by its number: its words, verdict and address."""
    return {
        entry["number"]: (
            entry["claim"],
            Verdict[entry["verdict"]],
            f"claims.html#claim-{entry['number']}",
        )
        for entry in _ENTRY.finditer((_BOOK / "claims.md").read_text("utf-8"))
    }


def margin(*numbers: str) -> Markup:
    """Return the verdicts on some claims for the margin of a page, each with a link to its entry.

    Raises:
        KeyError: if the ledger has no claim of a number.
    """
    said = (
        tag(
            "span",
            tag("q", claim.rstrip(".")),
            " ",
            link(address, verdict[0].upper() + verdict[1:], aria_label=f"Claim {number} {verdict}"),
            class_="st-verdict-line",
        )
        for number in numbers
        for claim, verdict, address in [_declared_claims()[number]]
    )
    return tag("span", tag("span", "The article", class_="st-side-head"), *said, class_="st-side")


def those(verdict: Verdict) -> Markup:
    """Return the claims of the ledger with a verdict, each with a link to its entry."""
    found = (each for each in _declared_claims().values() if each[1] is verdict)
    said = (link(address, tag("q", claim.rstrip("."))) for claim, _, address in found)
    return joined(*said, by=", ")


def _block(claim: Claim) -> Markup:
    """Return a claim of the page: the verdict on it, and the cases folded under that."""
    says = "Read more." if claim.verdict is Verdict.UNKNOWN else "See it computed."
    where = joined(" ", link(claim.shown_in, says)) if claim.shown_in else ""
    number = tag("span", claim.number, class_="st-number")
    tried = (*claim.cases, *claim.against)
    marks = ", ".join(f"{n} {mark}" for mark, n in Counter(case.mark for case in tried).items())
    return tag(
        "section",
        tag("p", number, f" {claim.claim}", class_="st-claim"),
        tag("p", tag("span", claim.verdict, class_="st-verdict"), f" {claim.why}", where),
        tag(
            "details",
            tag("summary", f"{many(len(tried), 'case')}: {marks}"),
            tag("p", tag("em", "The article:"), f" {claim.claimed}"),
            _cases("We get:", claim.cases),
            _cases("Chosen to refute it:", claim.against),
        ),
        id=f"claim-{claim.number}",
        data_verdict=claim.verdict.name.lower(),
    )


def _cases(heading: str, cases: Sequence[Case]) -> Markup:
    """Return a list of cases under what it is headed, or nothing where there is none."""
    rows = (
        joined(tag("span", case.label), " ", tag("strong", f"{case.shown} {case.mark}"))
        for case in cases
    )
    return joined(tag("p", tag("em", heading)), items(rows, kind="")) if cases else Markup("")
