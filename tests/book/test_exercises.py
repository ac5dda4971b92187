"""What a page says of an answer to an exercise: right ones are right, wrong ones are told why."""

from __future__ import annotations

import contextlib
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lint_pages import PAGES
from tree import ROOT

from serverless_tax.book.exercises import EXERCISES, RIGHT, verdict
from serverless_tax.book.python.pages import cells_of

LABEL = re.compile(r"```\{exercise\}\n:label: (\S+)")
PAGE_OF = {label: page for page in PAGES for label in LABEL.findall(page.read_text("utf-8"))}

#: Answers as the pages' own solutions work them out, or as a reader would on paper.
SOLVED = {
    "ex-gb-seconds": "gb_seconds = 0.5 * 2.3 * 3e6\nusd_a_month = 58.10",
    "ex-more-memory": (
        "request = article\nsooner_ms = 0\n"
        "usd_a_month = bill('aws-lambda', article.replace(memory_mb=2048)).total"
    ),
    "ex-slower-model": (
        "request, tokens_a_second = Workload.preset('article'), 20\n"
        "slow = request.replace(streaming_ms=request.output_tokens * 50, steps=())\n"
        "usd_a_month, multiple = bill('aws-lambda', slow).total, tax_multiple(slow)"
    ),
    "ex-printed": (
        "multiple = billed_ms / cpu_ms\nlean = measured_client('socket')\n"
        "with_the_socket = lean['billed_ms'] / lean['cpu_ms']"
    ),
    "ex-leavers": (
        "lines = bill('aws-lambda-streaming', request).items\n"
        "duration = sum(i.cost for i in lines if i.dimension.startswith('duration'))\n"
        "whole_ms = article.cpu_ms + article.wait_ms + article.streaming_ms\n"
        "usd_after_they_left = duration * leaves * (whole_ms - after_ms) / whole_ms"
    ),
    "ex-json-per-token": "tokens = 6 * 1024 * 1024 / 300",
    "ex-batch-200ms": (
        "fits = [r for r in batching(article, range(15, 30)) if r.added_delay_ms <= late_ms]\n"
        "tokens_a_message, usd_a_month = fits[-1].tokens_per_message, fits[-1].front_door_usd"
    ),
    "ex-idle-connections": "usd_a_month = people * hours_a_day * 60 * days * minute",
    "ex-hundred-thousand": (
        "low, high = 1e3, 1e7\n"
        "while high > 1.08 * low:\n"
        "    middle = (low * high) ** 0.5\n"
        "    there = request.replace(requests_per_month=middle)\n"
        "    found = decide(there, Answers(), hour_usd=hour_usd).steps\n"
        "    low, high = (low, middle) if found else (middle, high)\n"
        "worth_from = high"
    ),
    "ex-gather": (
        "def usd(ms):\n    return bill('aws-lambda', request.replace(wait_ms=ms)).total\n\n"
        "one_by_one_usd, together_usd = usd(7000), usd(4000)"
    ),
    "ex-max-memory": (
        "memory_mb = 252\n"
        "saves_usd = bill('aws-lambda', request).total"
        " - bill('aws-lambda', request.replace(memory_mb=252)).total"
    ),
    "ex-two-sizes": "least_cpu_ms, most_cpu_ms = fits[0][0], fits[-1][0]",
}
#: Wrong answers, put in after the right ones, and a part of what is said of each.
WRONG = {
    "ex-gb-seconds": [
        ("gb_seconds = 0.512 * 2.3 * 3e6", "1,024 MB"),
        ("gb_seconds *= 1000", "GB-milliseconds"),
        ("usd_a_month = 57.50", "each request costs"),
        ("usd_a_month = 51.23", "free allowance"),
        ("usd_a_month = 116.2", "too high by a factor of 2"),
    ],
    "ex-more-memory": [
        ("sooner_ms = 2427", "the wait is as long"),
        ("sooner_ms = 2.75", "runs at full speed already"),
        ("usd_a_month = bill('aws-lambda', article).total", "it has now"),
    ],
    "ex-slower-model": [
        ("usd_a_month = bill('aws-lambda', article).total", "as it was"),
        ("multiple = 1 / multiple", "Upside down"),
        ("tokens_a_second = 0", "expected more than 0"),
    ],
    "ex-printed": [
        ("multiple = cpu_ms / billed_ms", "Upside down"),
        ("multiple = 1 - cpu_ms / billed_ms", "share of waiting"),
        (
            "http = measured_client('http')\nwith_the_socket = http['billed_ms'] / http['cpu_ms']",
            "HTTP client",
        ),
    ],
    "ex-leavers": [
        ("usd_after_they_left = duration * leaves", "whole answers"),
        ("usd_after_they_left /= leaves", "only some of them leave"),
        ("after_ms = 1e6", "in all"),
    ],
    "ex-json-per-token": [
        ("tokens = 20_000", "1,024 × 1,024"),
        ("tokens = 1 / tokens", "Upside down"),
        ("tokens = 10_000", "too low by a factor of 2.1"),
    ],
    "ex-batch-200ms": [
        ("tokens_a_message -= 1", "one more fits"),
        ("tokens_a_message += 1", "one less fits"),
        ("usd_a_month = batching(article, [1])[0].front_door_usd", "a message for each token"),
    ],
    "ex-idle-connections": [
        ("usd_a_month /= 60", "by the minute"),
        ("usd_a_month /= days", "one day"),
        ("usd_a_month /= people", "one person"),
    ],
    "ex-hundred-thousand": [
        ("worth_from /= 2", "nothing is worth"),
        ("worth_from *= 2", "worth it already"),
        ("worth_from = -1", "above 0"),
    ],
    "ex-gather": [
        ("one_by_one_usd = together_usd", "they add up"),
        ("together_usd = one_by_one_usd", "as long as the longest"),
        ("one_by_one_usd = 1", "too low"),
    ],
    "ex-max-memory": [
        ("memory_mb = 210", "Add a fifth"),
        ("memory_mb = 42", "add it to the peak"),
        ("saves_usd = bill('aws-lambda', request).total", "as it was"),
    ],
    "ex-two-sizes": [
        ("least_cpu_ms = small_ms - large_ms", "as if work took no longer"),
        ("most_cpu_ms += 50", "too high"),
        ("small_ms = 9000", "No CPU time fits"),
    ],
}


@cache
def names_on(page: Path) -> dict[str, Any]:
    """Run what a page defines, up to its end; return the names then."""
    names: dict[str, Any] = {}
    with contextlib.chdir(page.parent), contextlib.redirect_stdout(io.StringIO()):
        for cell in cells_of(page.read_text("utf-8")):
            if cell["needed"]:
                exec(cell["code"], names)  # noqa: S102 - the code of pages, and answers to them
    return names


@cache
def names_of(label: str) -> dict[str, Any]:
    """Return the names on an exercise's page after its start."""
    names = dict(names_on(PAGE_OF[label]))
    names["mine"] = names.get("article")
    exec(EXERCISES[label].start, names)  # noqa: S102 - as above
    return names


def said(label: str, *codes: str) -> tuple[bool, str]:
    """Return what is said of an answer that is made by some code."""
    names = dict(names_of(label))
    for code in codes:
        exec(code, names)  # noqa: S102 - the code of pages, and answers to them
    return verdict(label, names)


def test_every_exercise_of_the_chapters_is_checked() -> None:
    """None without a check, none without a page, each with a hint and three slips at least."""
    assert PAGE_OF.keys() == EXERCISES.keys() == SOLVED.keys() == WRONG.keys()
    assert all(one.hint and "..." in one.start for one in EXERCISES.values())
    assert all(len(wrong) >= 3 for wrong in WRONG.values())


@pytest.mark.usefixtures("prices_of_the_day")
@pytest.mark.parametrize("label", EXERCISES)
def test_an_answer_is_told_what_is_wrong_with_it(label: str) -> None:
    """Open, right, and wrong in each known way; a word for a number; a name that is gone."""
    is_right, says = said(label)
    assert not is_right
    assert "still open" in says
    assert said(label, SOLVED[label]) == (True, RIGHT)
    for code, part in WRONG[label]:
        is_right, says = said(label, SOLVED[label], code)
        assert not is_right
        assert part in says, (code, says)
    name = re.findall(r"^(\w+) = \.\.\.", EXERCISES[label].start, re.MULTILINE)[0]
    assert said(label, f"{name} = 'many'") == (
        False,
        f"{name} is 'many', and it has to be a number.",
    )
    assert said(label, f"del {name}") == (False, f"{name} is missing: give the answer that name.")


@pytest.mark.usefixtures("prices_of_the_day")
def test_a_reader_s_own_numbers_decide() -> None:
    """The right answer is that of what stands above it, and a request that cannot be is refused."""
    own = (
        "memory_mb, billed_ms, invocations = 1024, 1000, 1e6\ngb_seconds, usd_a_month = 1e6, 16.87"
    )
    assert said("ex-gb-seconds", own) == (True, RIGHT)
    _, says = said("ex-gb-seconds", own, "memory_mb, gb_seconds = -1, -1e6 / 1024")
    assert "memory_mb" in says
    _, says = said("ex-gb-seconds", "del memory_mb")
    assert says == "memory_mb is missing: keep the names that the start has."


def test_an_exercise_is_about_the_reader_s_own_numbers() -> None:
    """Each asks for what is the reader's, and none for the cents of a rounding."""
    for page in sorted((ROOT / "book").glob("[0-9]-*.md")):
        text = page.read_text("utf-8")
        asked = re.findall(r"^```\{exercise\}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        assert len(asked) == 2, page.name
        for one in asked:
            assert re.search(r"\byours?\b", one), one
            assert not re.search(r"\b(?:cents?|round(?:s|ed|ing)?)\b", one), one


@pytest.mark.parametrize(
    ("label", "given"),
    [
        ("ex-gb-seconds", "invocations = ..."),
        ("ex-gb-seconds", "memory_mb = '512'"),
        ("ex-gb-seconds", "gb_seconds = 10**400"),
        ("ex-more-memory", "request = None"),
        ("ex-printed", "cpu_ms = 0"),
        ("ex-gather", "waits_ms = 1000"),
        ("ex-leavers", "leaves = '20%'"),
        ("ex-leavers", "leaves, usd_after_they_left = 20, 100 * usd_after_they_left"),
        ("ex-idle-connections", "people = 1e400"),
        ("ex-json-per-token", "bytes_a_token = 0"),
    ],
)
def test_values_that_no_check_can_count_with_are_a_sentence(label: str, given: str) -> None:
    """Whatever a name of the start is given: never an error of the check's own."""
    is_right, says = said(label, SOLVED[label], given)
    assert not is_right
    assert "\n" not in says
    assert says.endswith(".")


NUMBER, REQUEST = "a finite number above 0", "a request, as mine and article are"


@pytest.mark.parametrize(
    ("label", "name", "given", "kind"),
    [
        ("ex-gb-seconds", "memory_mb", "'512'", NUMBER),
        ("ex-printed", "cpu_ms", "0", NUMBER),
        ("ex-gather", "waits_ms", "1000", "numbers above 0"),
        ("ex-gather", "waits_ms", "()", "numbers above 0"),
        ("ex-slower-model", "request", "{}", REQUEST),
        ("ex-max-memory", "request", "5", REQUEST),
    ],
)
def test_a_name_of_another_kind_is_named(label: str, name: str, given: str, kind: str) -> None:
    """Not only that something cannot be counted with."""
    answer = said(label, SOLVED[label], f"{name} = {given}")
    assert answer == (False, f"{name} is {given}; expected {kind}.")


def test_an_answer_with_the_other_sign_is_told_so() -> None:
    """It is not only too low."""
    code = "saves_usd = -saves_usd"
    answer = said("ex-max-memory", SOLVED["ex-max-memory"], code)
    assert answer == (False, "saves_usd is right but for its sign.")


@pytest.mark.usefixtures("prices_of_the_day")
@pytest.mark.parametrize(
    "number", ["Fraction(3450000)", "Decimal('3450000')", "np.array(3450000.)"]
)
def test_a_number_of_another_type_is_a_number(number: str) -> None:
    """Whole or not: what Python takes for one."""
    types = "from decimal import Decimal\nfrom fractions import Fraction\nimport numpy as np"
    answer = said("ex-gb-seconds", SOLVED["ex-gb-seconds"], types, f"gb_seconds = {number}")
    assert answer == (True, RIGHT)
