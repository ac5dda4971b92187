"""The exercises' checks: the right answer passes, and each wrong one is told what it looks like."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from helper_cards import CardError, card_errors

from serverless_tax import Workload, bill
from serverless_tax.book.student import student_form
from serverless_tax.book.teaching import exercises
from serverless_tax.book.teaching.checking import NotYet, Sought
from serverless_tax.ground.show import show

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))

#: A client that works 6 ms for a request and 0.5 ms for a token, as lab one's slowest does.
ROW = {"fixed_cpu_ms": 6.0, "cpu_ms_per_output_token": 0.5, "output_tokens": 500}
MONTHS = {"key, no proxy": 2.58}
ON_CPU = Workload(requests_per_month=10e6, memory_mb=128, cpu_ms=4.6, wait_ms=2980)
FIRST = {
    "billed_ms": 20 * 1000,
    "invocations": 20,
    "waiting": {"how": "measured", "share": 0.95, "cpu_ms": 50.0},
}
UNKNOWN = {"waiting": {"how": "unknown", "share": None}}


def stated(cpu_ms: float, how: str = "stated") -> dict[str, Any]:
    """Return what an audit says of a log whose calls were stated to take so much CPU."""
    return {"waiting": {"how": how, "share": max(0.0, 1 - cpu_ms / 1000), "cpu_ms": cpu_ms}}


MONTH = Workload(
    requests_per_month=1e7,
    memory_mb=1024,
    cpu_ms=6,
    wait_ms=50,
    streaming_ms=4800,
    output_tokens=500,
    cpu_ms_per_output_token=0.5,
)


def a_month(memory_mb: float, **changes: Any) -> float:
    """Return lab one's month, written out once more."""
    return bill("aws-lambda", MONTH.replace(memory_mb=memory_mb, **changes)).total


AT_1769, AT_1024 = a_month(1769), a_month(1024)
SHARE = bill("aws-lambda", MONTH).waiting / AT_1024
#: The article's month on Lambda, as the article's reckoning has it to the cent.
ARTICLE = 811.33

Case = tuple[Callable[..., None], tuple[Any, ...], list[tuple[tuple[Any, ...], str]]]
#: An exercise, the arguments with the right answers, and wrong ones with a word of their hint.
CASES: list[Case] = [
    (
        exercises.month_at_two_sizes,
        (ROW, AT_1769, AT_1024, SHARE),
        [
            ((ROW, AT_1024, AT_1024, SHARE), "the smaller function's"),
            ((ROW, AT_1769, AT_1769, SHARE), "The wait is the model's"),
            ((ROW, a_month(1769, wait_ms=0, streaming_ms=0), 1, 1), "wait is billed too"),
            ((ROW, AT_1769 - 2, AT_1024, SHARE), "fee for the requests"),
            ((ROW, AT_1769, 2 + (AT_1024 - 2) * 1.024, SHARE), "1,024 MB here, not 1,000"),
            ((ROW, AT_1769, AT_1024, 1 - SHARE), "share of its work"),
            ((ROW, AT_1769, AT_1024, 100 * SHARE), "percent where a share"),
            ((ROW, AT_1769 / 1e7, AT_1024, SHARE), "one request's, not the month's"),
            ((ROW, a_month(1769, architecture="arm64"), 1, 1), "at Arm's price"),
            ((ROW, AT_1769 * 1024, AT_1024, SHARE), "1,024 times too large"),
            ((ROW, AT_1769 / 10, AT_1024, SHARE), "ten times too small"),
            ((ROW, AT_1769, AT_1024 * 1.4, SHARE), "Does the wait get longer"),
            ((ROW, AT_1769, AT_1024, 0.5), "for a small part of the request"),
            ((ROW, AT_1769, AT_1024, SHARE * AT_1024), "Divide it by the month"),
            ((ROW, 2 + (AT_1769 - 2) * 1769 / 1024, 1, 1), "in it twice"),
            # 400,000 GB-seconds and a million requests are free in a month.
            ((ROW, AT_1769, AT_1024 - 400_000 * 0.0000166667 - 0.2, SHARE), "free tier"),
            ((ROW, a_month(1769, wait_ms=4850), 1, 1), "model's time is in it twice"),
            ((ROW, AT_1769 + 2, 1, 1), "fee for the requests is in it twice"),
            ((ROW, AT_1769, AT_1769 * 1024 / 1769, 1), "fee gets no smaller"),
            ((ROW, 2.0, 1, 1), "fee for the requests alone"),
            # A request without its work: 4,850 ms.
            ((ROW, 2 + 1e7 * 4.85 * 1769 / 1024 * 0.0000166667, 1, 1), "The CPU is missing"),
            ((ROW, AT_1769, 2 + 1e7 * 4.85 * 0.0000166667, 1), "The CPU is missing"),
            # 250 ms of CPU beside the 4,850 that the stream and the look-up take.
            ((ROW, AT_1769 + 1e7 * 0.25 * 1769 / 1024 * 0.0000166667, 1, 1), "no more of it"),
        ],
    ),
    (
        exercises.two_at_once,
        (2, 2),
        [
            ((1, 2), "one request at a time"),
            ((2, 1), "once for each environment"),
            ((0, 2), "does not stop the meter"),
            ((2, 0), "does not stop the meter"),
            ((2, 3), "cold start comes on top"),
            ((3, 2), "there are two requests"),
            ((2, 4), "waits once"),
            ((None, 2), "Nothing is there yet"),
        ],
    ),
    (
        exercises.nobody_listening,
        (ARTICLE * 0.2 * 2.85 / 4.85,),
        [
            ((ARTICLE * 0.2,), "listened for the first two seconds"),
            ((ARTICLE * 0.2 * 2 / 4.85,), "before the hang-up"),
            ((ARTICLE * 2.85 / 4.85,), "One reader in five"),
            ((0,), "does not end when its reader leaves"),
            ((12 * ARTICLE * 0.2 * 2.85 / 4.85,), "the year's"),
            ((ARTICLE,), "whole month"),
            ((ARTICLE * 0.8,), "readers who stay"),
            ((ARTICLE * 0.2 * 3 / 5,), "2.85 are left"),
            ((ARTICLE * 0.2 * 2.85 / 4.8,), "look-up's 50 ms"),
            ((ARTICLE * 0.2 * 2.85,), "Which share"),
            ((ARTICLE * 0.1,), "come after that"),
        ],
    ),
    (
        exercises.charged_by_the_byte,
        (0.008, 6 * 1024 * 1024 / 300, 0),
        [
            ((0.008, 20_000, 0), "1,024 times 1,024"),
            ((0.008, 200 * 1024 * 1024 / 300, 0), "may not be longer"),
            ((0.008, 6 * 1024 * 1024 / 4, 0), "about 300 bytes a token"),
            ((0.008, 20_972, 500 * 300 / 1024**3 * 1e7 * 0.008), "first 6 MB of each answer"),
            ((0.008, 20_972, 500 * 300 / 1024**3 * 0.008), "one answer"),
            ((0.008, 6 * 1024 * 1024, 0), "in bytes"),
            ((0.008, 500, 0), "Divide the bytes"),
            ((0.008, 20_480, 0), "A MB is 1,024 KB"),
            ((0.008, 0.02, 0), "so many MB"),
            ((0.008, 20_972, 1_397), "That is in GB"),
            ((0.008, 20_972, 3), "Compare one answer's bytes"),
        ],
    ),
    (
        exercises.largest_batch,
        (21, 250.2),
        [
            ((20, 250.2), "one more fits"),
            ((22, 250.2), "longer than 200 ms"),
            ((1, 250.2), "come faster"),
            ((21, 4208.2), "one token in each message"),
            ((21, 250.2 + ARTICLE), "Only the messages and minutes"),
            ((10, 250.2), "More fit"),
            ((40, 250.2), "added_delay_ms"),
            ((21, 510.2), "with 10 tokens in a message"),
            ((21, 240.2), "one token more"),
            ((21, 140.2), "with 39 tokens in a message"),
        ],
    ),
    (
        exercises.lost_at_the_provider,
        (10.0, 5.0),
        [
            ((10.0, 0), "The provider wrote the tokens"),
            ((10.0, 0.01), "500 tokens"),
            ((10.0, 5e6), "for a million tokens"),
            ((10.0, 0.005), "a thousand answers"),
            ((10.0, 10.0), "half of that"),
            ((10.0, 7.5), "half a million"),
            ((10.0, 5_000.0), "not for a thousand"),
            ((10.0, 10_000.0), "half a million tokens cost half"),
            (("$10", 5.0), "leave out the quotation marks"),
            ((0, 0), "put in your model's price"),
        ],
    ),
    (
        exercises.tie_of_capacity,
        (90, 33),
        [
            ((90, 32), "still costs more"),
            ((90, 90), "what you measured"),
            ((90, 3300), "a hundred times too large"),
            ((90, 33.2), "a whole number"),
            ((90, 34), "the lowest such number"),
            ((90, 1000), "the lowest such number"),
            ((90, 16), "has to hold more streams"),
            ((90, 38), "Lambda's month lacks its logs"),
            ((90, 28), "without logs and transfer"),
            ((90, 40), "Fargate at x86's price"),
            ((90, 26), "Lambda at x86's price"),
            ((90, 66), "a peak of six times"),
            ((90, 11), "without a peak"),
            ((90, 23), "seven tenths of it by itself"),
            ((90, 47), "divide by nothing"),
        ],
    ),
    (
        exercises.traffic_at_noon,
        (90, 720.0, 939.84),
        [
            ((90, 428.0, 939.84), "needs more"),
            ((90, 856.0, 939.84), "The balancer and the transfer do not"),
            ((90, 720.0, 2 * 939.84), "waits, not room"),
            ((90, 939.84, 939.84), "That is Lambda's"),
            ((90, 720.0, 720.0), "That is Fargate's"),
            ((90, 360.0, 939.84), "sized for the peak"),
            ((90, 720.0, 6 * 939.84), "a peak changes nothing"),
            ((90, 849.7, 939.84), "at x86's price"),
            ((90, 519.03, 939.84), "without logs and transfer"),
            ((90, 99.85, 939.84), "ten million requests"),
            ((90, 1856.99, 939.84), "not six times the peak of before"),
            ((90, 720.0, 1144.13), "at x86's price"),
        ],
    ),
    (
        exercises.one_key_for_two,
        (MONTHS, 2.58 * 10 / 11),
        [
            ((MONTHS, 2.58 * 0.9), "10/11"),
            ((MONTHS, 2.58 / 2), "Only one user in ten"),
            ((MONTHS, 2.58), "needs no key of its own"),
            ((MONTHS, 2.58 * 1.1), "it falls"),
            ((MONTHS, 2.58 / 11), "what the saving is"),
            ((MONTHS, 2.58 * 0.95), "ten keys serve eleven"),
            ((MONTHS, 2.58 * 0.09), "a saving, and not the month"),
            ((MONTHS, 0.909), "share of the keys"),
        ],
    ),
    (
        exercises.cpu_of_an_answer,
        # At 128 MB the 4.6 ms take 63.6: 62.9 + 2 USD for the Lambda. The Worker: 5 USD, and 0.02 a
        # million ms past 30 million.
        (ON_CPU, 303),
        [
            ((ON_CPU, 4.6), "what this worker takes"),
            ((ON_CPU, 2980), "meter stands still"),
            ((ON_CPU, 0.303), "seconds where milliseconds"),
            ((ON_CPU, 298.4), "difference to this worker"),
            ((ON_CPU, 300), "or a step too wide"),
            ((ON_CPU, -303), "right but for its sign"),
            ((ON_CPU, 66), "how many times as much CPU"),
            ((ON_CPU, 64.9), "month in USD"),
            ((ON_CPU, 240), "on Arm"),
            ((ON_CPU, 293), "The fee for the requests"),
            ((ON_CPU, 289), "against the wait alone"),
            ((ON_CPU, 328), "begins with the price of its plan"),
            ((ON_CPU, 4286), "of 1,769 MB"),
            ((ON_CPU, 311), "A GB is 1,024 MB"),
            ((ON_CPU, 350), "until the bills are equal"),
            ((ON_CPU, 3.03e9), "one answer's"),
        ],
    ),
    (
        exercises.what_the_audit_says,
        ("unknown", UNKNOWN),
        [
            (("typical", UNKNOWN), "somebody else's"),
            (("worst", UNKNOWN), "a guess too"),
            (("measured", UNKNOWN), "nothing to measure by"),
            ((" Typical.", UNKNOWN), "somebody else's"),
            ((0.95, UNKNOWN), "0.95 is not an answer"),
            (("unknown", FIRST), "take all of the meter's lines out"),
            (("unknown", "unknown"), "`unknown` is no audit"),
            (("unknown", None), "what `read` returns"),
        ],
    ),
    (
        exercises.stated_cpu,
        (FIRST, stated(50)),
        [
            ((FIRST, stated(1000)), "the billed time"),
            ((FIRST, stated(0.05)), "You gave seconds"),
            ((FIRST, stated(50, how="unknown")), "give it the figure with --cpu-ms"),
            ((FIRST, 50), "`stated` is no audit"),
            ((FIRST, stated(950)), "That is the wait"),
            ((FIRST, stated(0.95)), "the wait's share of the time"),
            ((FIRST, stated(-50)), "right but for its sign"),
            ((FIRST, stated(100)), "more CPU time than the meter measured"),
            ((FIRST, stated(5)), "ten times too small"),
            ((FIRST, stated(25)), "less CPU time than the meter measured"),
        ],
    ),
]
#: Lab seven's, a million times: 343 ms awake in three invocations, and 112 ms in one.
AGENT = Workload(
    requests_per_month=1e6,
    memory_mb=1769,
    cpu_ms=343,
    wait_ms=0,
    suspended_share=1,
    durable_steps=1,
    durable_waits=2,
    retention_days=1,
)
AWAKE = Workload(requests_per_month=1e6, memory_mb=1769, cpu_ms=112, wait_ms=0)
CASES += [
    (
        exercises.operations_of_an_agent,
        (AGENT, 32.0),
        [
            ((AGENT, 24.0), "Starting an execution"),
            ((AGENT, 16.0), "Each of the waits"),
            ((AGENT, 9.876), "That is the compute"),
            ((AGENT, 12 * 32.0), "the year's"),
            ((AGENT, 8.0), "one operation of each agent"),
            ((AGENT, 48.0), "nothing twice"),
            ((AGENT, 11.04), "all but the operations"),
            ((AGENT, 0.000008), "price of one operation"),
            ((AGENT, 41.9), "The compute is in it"),
            ((AGENT, 0.74), "share of the month"),
            ((AGENT, 4), "an agent has"),
            ((AGENT, 4e6), "there are"),
            ((AGENT, 32e6), "a million times too large"),
            ((AGENT, -32.0), "right but for its sign"),
        ],
    ),
    (
        exercises.wait_worth_suspending,
        # 231 ms more awake, and 32.91 USD of the rest at 28.79 USD a million seconds of 1,769 MB.
        (AGENT, AWAKE, 1374),
        [
            ((AGENT, AWAKE, 265), "The operations cost too"),
            ((AGENT, AWAKE, 992), "for the operations alone"),
            ((AGENT, AWAKE, 1.355), "seconds where milliseconds"),
            ((AGENT, AWAKE, 343), "of the suspended agent"),
            ((AGENT, AWAKE, 1486), "wait and work together"),
            ((AGENT, AWAKE, 1262), "taken off it"),
            ((AGENT, AWAKE, 1749), "at Arm's price"),
            ((AGENT, AWAKE, 1138), "free tier"),
            ((AGENT, AWAKE, 43), "month in USD"),
            ((AGENT, AWAKE, 19_038), "as much memory"),
            ((AGENT, AWAKE, 60_000), "Asked for is the first"),
        ],
    ),
]
WRONG = [(check, wrong, says) for check, _, all_wrong in CASES for wrong, says in all_wrong]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_the_right_answer_passes_and_says_so(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every exercise has one, and at least three wrong ones."""
    check, right, wrong = case
    check(*right)
    assert capsys.readouterr().out.startswith("Right: ")
    assert len(wrong) >= 3


@pytest.mark.parametrize(
    ("check", "answers", "says"),
    WRONG,
    ids=[f"{c.__name__}-{k}" for k, (c, _, _) in enumerate(WRONG)],
)
def test_a_wrong_answer_gets_the_hint_that_fits(
    check: Callable[..., None], answers: tuple[Any, ...], says: str
) -> None:
    """And it is not told the right one."""
    with pytest.raises(NotYet, match=re.escape(says)):
        check(*answers)


EXERCISES = [one for one in card_errors() if one.fault.startswith("exercise: ")]


@pytest.mark.parametrize("card", EXERCISES, ids=lambda card: card.fault)
def test_a_helpers_card_is_what_a_wrong_answer_shows(
    card: CardError, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of the wrong answers has the card's words, and the right one passes after it."""
    name = card.fault.removeprefix("exercise: ")
    [(check, right, all_wrong)] = [case for case in CASES if case[0].__name__ == name]
    assert (check.__doc__ or "").startswith(f"{card.lab}:")
    told = []
    for wrong, _ in all_wrong:
        with pytest.raises(NotYet) as refused:
            check(*wrong)
        told.append(str(refused.value))
    assert any(map(card.is_in, told)), told
    check(*right)
    assert capsys.readouterr().out.startswith("Right: ")


def every_exercise() -> set[str]:
    """Return the names of the checks that a lab may call."""
    made = [one for _, one in inspect.getmembers(exercises, inspect.isfunction)]
    public = [one for one in made if one.__module__.endswith("exercises")]
    return {one.__name__ for one in public if not one.__name__.startswith("_")}


def test_every_exercise_is_tried() -> None:
    """What is not in the table would be a check that nobody has seen fail."""
    assert {case[0].__name__ for case in CASES} == every_exercise()


def test_every_check_stands_in_a_lab_once() -> None:
    """In the cell of its exercise's solution, so that a student gets it without the solution."""
    found: list[str] = []
    for path in LABS:
        for cell in nbformat.read(path, 4).cells:
            names = re.findall(r"exercises\.(\w+)\(", cell.source)
            assert not names or "hide-cell" in cell.metadata["tags"]
            found += names
    assert sorted(found) == sorted(every_exercise())


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_no_cell_makes_what_an_exercise_asks_for(lab: Path) -> None:
    """Run again, the lab would have answered it; only the learner's own cell may."""
    cells = [cell.source for cell in student_form(lab).cells if cell.cell_type == "code"]
    calls = (re.search(r"expect_made\(\d, globals\(\), '(.*)'\)", cell) for cell in cells)
    asked = {name for call in calls if call for name in call[1].split(", ")}
    assert asked
    promised = re.findall(r"^%%live (.*)", "\n".join(cells), re.MULTILINE)
    assert not asked & {name for line in promised for name in line.split()}
    python = (re.sub(r"^%.*\n?", "", one, flags=re.MULTILINE) for one in cells)
    names = [part for one in python for part in ast.walk(ast.parse(one))]
    made = {one.id for one in names if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    assert not asked & made


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "Nothing is there yet. Put in its place a month, in USD."),
        (..., "Nothing is there yet"),
        ("about 812", "'about 812' is a text. What is asked for is a number"),
        ("$790.20", "a text: leave out the quotation marks, and all but digits and point"),
        (bill("aws-lambda", MONTH), r"a whole bill, and its sum is its `.total`"),
        (round, "a function: call it"),
        (range(900), "an object of range"),
        ([*range(900)], "16, 1… is a list"),
        (10**400, "has to be a number that ends"),
        (81133, "cents where dollars belong"),
        (27.04, "is it the day's"),
        (8.05e-05, "one request's, not the month's"),
        (830.8, "a GB has 1,024 MB here"),
        (1 / 811.33, "upside down"),
        (True, "True is a yes or no"),
        ([812], r"\[812\] is a list"),
        (float("nan"), "has to be a number that ends"),
        (float("inf"), "has to be a number that ends"),
        (-5, "cannot be negative"),
        (700, "too low, though not by far"),
        (99, "too low, by more than half"),
        (2000, "too high, by more than half"),
    ],
)
def test_an_answer_that_looks_like_nothing_known_is_told_its_side(answer: Any, says: str) -> None:
    """Never the right figure itself, and never a traceback."""
    sought = Sought(what="a month, in USD", right=811.33, unit="usd")
    with pytest.raises(NotYet, match=says) as told:
        sought.check(answer)
    assert "811" not in str(told.value)
    assert told.value._render_traceback_() == [f"Not yet. {told.value}"]


def test_an_answer_as_a_numpy_or_exact_number_counts() -> None:
    """What Python can read as a number is one."""
    from decimal import Decimal  # noqa: PLC0415 - beside the test that needs it

    import numpy as np  # noqa: PLC0415 - see above

    sought = Sought(what="a month, in USD", right=811.33, unit="usd")
    for answer in (np.float64(811.33), Decimal("811.33"), 811, np.array(811.3)):
        assert sought.check(answer) == "Right: $811.33, a month, in USD."


def said_by(check: Any, right: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The right figures of an exercise, as its check would show them."""
    figures: list[str] = []
    monkeypatch.setattr(
        Sought, "check", lambda sought, _: figures.append(show(sought.right, sought.unit)) or ""
    )
    check(*right)
    return figures


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_no_figure_stands_before_its_guess(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an exercise asks for is nowhere in the form that a student opens."""
    check, right, _ = case
    number = re.match(r"Lab (\d)", check.__doc__).group(1)
    [lab] = [one for one in LABS if one.stem.startswith(number)]
    form = "\n".join(cell.source for cell in student_form(lab).cells)
    for figure in said_by(check, right, monkeypatch):
        if len(re.findall(r"\d", figure)) >= 2:
            assert not re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d,])", form), figure
