"""The claims ledger as its page enters it: complete, counted right, and each link has an end."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docutils.nodes import make_id
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.book.claims import (
    Claim,
    Ledger,
    NotTried,
    Verdict,
    VerdictChanged,
    declared,
    those,
)
from serverless_tax.book.hero import measured_work
from serverless_tax.ground.show import show
from serverless_tax.prices.tokens import token_prices

BOOK = Path(__file__).parents[2] / "book"
PAGE = BOOK / "claims.md"
NUMBERS = range(1, 32)  # the article's claims, as we listed them
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?::tags:[^\n]*\n)?(.*?)^```$", re.MULTILINE | re.DOTALL
)
A_NAME = r"\bx86\b|\bGPT-4\b"


def run(change: tuple[str, str] = ("", "")) -> list[Claim]:
    """Run the cells of the page where the book runs them, and return the claims it enters.

    ``change`` replaces a piece of its source first, which must be there.
    """
    source = PAGE.read_text("utf-8")
    assert change[0] in source
    names: dict[str, Any] = {}
    for cell in CELL.findall(source.replace(*change)):
        exec(compile(cell, PAGE.name, "exec"), names)  # noqa: S102 - our own page
    ledgers = [value for value in names.values() if isinstance(value, Ledger)]
    return [claim for ledger in ledgers for claim in ledger.claims]


@pytest.fixture(autouse=True)
def in_the_book(monkeypatch: pytest.MonkeyPatch, prices_of_the_day: None) -> None:
    """The page names files as seen from its own folder; its prices are those of one day."""
    assert prices_of_the_day is None
    monkeypatch.chdir(BOOK)


@pytest.fixture
def claims() -> list[Claim]:
    """Every claim, of a page that was run once."""
    return _all()


@cache
def _all() -> list[Claim]:
    return run()


def test_every_claim_of_the_article_is_there(claims: list[Claim]) -> None:
    """All 31, in their order, none twice; one that says two things has letters from a on."""
    entered = [claim.number for claim in claims]
    parts = [re.fullmatch(r"(\d+)([a-z]?)", number) for number in entered]
    assert all(parts)
    found = [(int(part[1]), part[2]) for part in parts if part]
    assert sorted({number for number, _ in found}) == list(NUMBERS)
    assert found == sorted(found)
    for number in NUMBERS:
        letters = [letter for n, letter in found if n == number]
        assert letters in ([""], list("abcdef"[: len(letters)]))


def test_the_count_is_that_of_the_claims(claims: list[Claim]) -> None:
    """What the page counts in its own source is what running it enters, verdict by verdict."""
    entered = Counter(claim.verdict for claim in claims)
    assert declared(PAGE) == {verdict: entered[verdict] for verdict in Verdict}
    assert sum(entered.values()) == len(claims)


def test_the_claims_that_do_not_hold_are_named(claims: list[Claim]) -> None:
    """Each leads to its entry, and no other is among them."""
    wrong = [claim.number for claim in claims if claim.verdict is Verdict.FAILS]
    assert re.findall(r"#claim-(\w+)", those(Verdict.FAILS).html) == wrong


def test_every_verdict_occurs(claims: list[Claim]) -> None:
    """An article is seldom all right or all wrong; ours was found to be neither."""
    assert {claim.verdict for claim in claims} == set(Verdict)


def test_every_claim_but_what_nobody_can_know_has_a_case_and_a_place(
    claims: list[Claim],
) -> None:
    """What is judged is computed, tried against a case that could refute it, and shown."""
    for claim in claims:
        assert claim.why.endswith(".")
        assert claim.against, claim.number
        if claim.verdict is not Verdict.UNKNOWN:
            assert claim.cases, claim.number
            assert claim.shown_in, claim.number
            assert {case.holds for case in claim.against} - {None}, claim.number


#: Right values that were found from outside, and the verdicts that fell with them.
FOUND = {
    "15b": ("holds on a condition", ["$450 ✓", "$735 ✓"]),
    "15a": ("holds on a condition", ["$400 ✓"]),
    "13b": ("holds on a condition", ["50.2x ✗"]),
    "23c": ("holds on a condition", ["$581 ✓", "$5,029 ✗"]),
    "13a": ("holds on a condition", ["104 ✗"]),
    "13c": ("holds on a condition", ["20.8 s ✗"]),
    "29": ("holds on a condition", ["$5.00, none for waiting ✗", "$69.40 of $77.22 ✓"]),
    "12c": ("does not hold", ["12.3 ms ✗"]),
    "6b": ("holds on a condition", ["20 % ✓", "18.4 % ✗", "17.5 % ✗"]),
    "21b": ("holds on a condition", ["16.9 % of it ✗"]),
    "17b": ("does not hold", ["$4,208 of messages, no time ✗"]),
    "18": ("holds", ["60.1 s for one answer –"]),
    "23a": ("holds on a condition", ["closed after ten ✗", "closed after two ✗"]),
    "26a": ("holds on a condition", ["closed after ten ✗"]),
    "22": ("holds on a condition", ["all at the end ✗"]),
    "7": ("holds on a condition", ["$6,733.31 ✗"]),
}


@pytest.mark.parametrize("number", FOUND)
def test_the_case_that_overturned_a_verdict_is_among_its_cases(
    claims: list[Claim], number: str
) -> None:
    """With its figure, on the prices of the day of these tests."""
    [claim] = [each for each in claims if each.number == number]
    verdict, shown = FOUND[number]
    assert claim.verdict == verdict
    assert set(shown) <= {f"{case.shown} {case.mark}" for case in (*claim.cases, *claim.against)}


def test_an_entry_without_a_case_against_it_stops_the_page() -> None:
    """Where it stands in the source, by the claim's number."""
    with pytest.raises(NotTried, match="Claim 24 has no case chosen to refute it"):
        run(
            (
                'against=[\n        fact("An hour with a tab open',
                'against=[][:0] and [\n        fact("An hour with a tab open',
            )
        )


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (("requests_per_month=gb_seconds / 10", "requests_per_month=gb_seconds / 100"), "6b"),
        (('"GB-seconds", ten_seconds, 10', '"GB-seconds", ten_seconds, 12'), "5"),
        (("n * models[name].call_usd", "2 * n * models[name].call_usd"), "15a"),
        (("COMPUTES.mean_ms[894] / whole_ms", "1778 / 894"), "8a"),
        (("early_tokens > 0", "early_tokens == 0"), "26b"),
        (("article_ms, 4855", "article_ms, 5855"), "12b"),
        (('{"tokens_per_message": size}', "{}"), "23c"),
        (('"cloudflare-workers-bundled", with_cpu', '"cloudflare-workers", with_cpu'), "29"),
    ],
)
def test_a_figure_that_moves_stops_the_page(change: tuple[str, str], number: str) -> None:
    """The page ends where its verdict no longer fits, and names the claim."""
    with pytest.raises(VerdictChanged, match=rf"Claim {number} is entered as"):
        run(change)


def test_the_reasons_type_no_figure() -> None:
    """A figure in a reason is computed with ``show``, as it is in prose."""
    reasons = re.findall(r'\bwhy="([^"]*)"', PAGE.read_text("utf-8"))
    typed = [reason for reason in reasons if re.search(r"\d", re.sub(A_NAME, "", reason))]
    assert not typed


def anchors(page: Path) -> set[str]:
    """Return what a link may end at on a page: its headings and the labels before them."""
    text = page.read_text("utf-8")
    if page.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
    prose = re.sub(r"^(`{3,})\{.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#{1,3} (.+)$", prose, re.MULTILINE)
    return {make_id(heading) for heading in headings} | set(
        re.findall(r"^\(([\w-]+)\)=$", prose, re.MULTILINE)
    )


def source_of(address: str) -> Path:
    """Return the file a built page comes from, if there is one."""
    path = (BOOK / address).resolve()
    candidates = (path.with_suffix(suffix) for suffix in (".md", ".ipynb"))
    return next((file for file in candidates if file.exists()), path)


def test_every_place_exists(claims: list[Claim]) -> None:
    """Each *see it computed* leads to a page of the book and to a heading of it."""
    for claim in (claim for claim in claims if claim.shown_in):
        address, _, anchor = claim.shown_in.partition("#")
        source = source_of(address)
        assert source.exists(), f"claim {claim.number}: no page {address}"
        assert anchor in anchors(source), f"claim {claim.number}: no {claim.shown_in}"


def test_a_wrapper_is_dearer_than_its_tokens_only_with_a_small_model_and_a_short_prompt() -> None:
    """As chapter two says below its table: with no model at 2,000 tokens, with some at 100."""
    article = Workload.preset("article")
    month = bill("aws-lambda", article, on=DAY).total
    dearer = {
        prompt: [
            name for name, p in token_prices().items() if 10e6 * p.call_usd(prompt, 500) < month
        ]
        for prompt in (2000, 100)
    }
    assert dearer == {2000: [], 100: ["llama-3.1-8b-instant", "amazon.nova-micro-v1:0"]}


def test_the_usual_sdk_s_request_is_one_on_all_pages(claims: list[Claim]) -> None:
    """Its bill, its waiting and their share are those of the opening and of chapter two."""
    month = bill("aws-lambda", Workload.preset("article").replace(**measured_work()), on=DAY)
    said = {claim.number: claim.against for claim in claims}
    [share] = [case.shown for case in said["10"] if "usual SDK" in case.label]
    [total] = [case.shown for case in said["22"] if "usual SDK" in case.label]
    [waiting] = [case.shown for case in said["31b"] if "usual SDK" in case.label]
    assert share == show(month.waiting / month.total, "percent")
    assert total == show(month.total, "usd")
    assert waiting == show(month.waiting, "usd")
