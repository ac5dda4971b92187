"""The workshop kit: both ways through the book can be walked, and what it hands out holds."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from built_book import pages_in_order
from nbclient import NotebookClient
from sampled import one_in

from serverless_tax.audit.find.findings import FunctionFinding, findings
from serverless_tax.audit.read.sources import Source
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.book.slides import PageQuestion, asked_in, deck
from serverless_tax.book.teaching import (
    Room,
    SampleLog,
    Stage,
    asked_on,
    cards,
    load_inventory,
    load_workshop,
    review_list,
    sample_logs,
    scenario_address,
)
from serverless_tax.book.teaching.inventory import FORMS, Question
from serverless_tax.book.teaching.pace import least_minutes, parts, parts_before
from serverless_tax.ground.html import tag
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.widgets import predict

ROOT = Path(__file__).parents[2]
TEACHING = ROOT / "book" / "teaching"
SHORT, LONG = (load_workshop(TEACHING / f"{name}.toml") for name in ("ninety-minutes", "half-day"))
PATHS = pytest.mark.parametrize("way", [SHORT, LONG], ids=lambda way: way.title)
LABS = sorted(f"labs/{path.stem}" for path in (ROOT / "labs").glob("*.ipynb"))
COMMANDS = sorted({line for way in (SHORT, LONG) for stage in way.stages for line in stage.run})
LOGS = {log.name: log for log in sample_logs()}
CELL = re.compile(r"^```\{code-cell\} ipython3\n(?::.*\n)*\n?(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_ninety_minutes_are_ninety() -> None:
    """And half a day is between three hours and four."""
    assert SHORT.minutes == 90
    assert 180 <= LONG.minutes <= 240


@PATHS
def test_the_cuts_save_what_they_promise(way: Any) -> None:
    """Ten minutes late, and twenty: a stage's short form is never longer than the stage."""
    assert way.saved_minutes("ten") >= 10
    assert way.saved_minutes("twenty") >= 20
    assert all(stage.saves_minutes > 0 and stage.short for stage in way.stages if stage.cut)


@PATHS
def test_every_step_leads_to_a_page_that_asks_what_it_collects(way: Any) -> None:
    """Pages are in the table of contents, and a guess to collect is on its page."""
    pages = pages_in_order()
    for stage in way.stages:
        assert stage.page in pages
        if stage.collect:
            assert f'predict(\n    "{stage.collect}' in (ROOT / f"{stage.page}.md").read_text(
                "utf-8"
            )


@PATHS
def test_a_lab_can_be_taken_up_again_at_a_heading_it_has(way: Any) -> None:
    """Where a pair that is behind goes on from is in the notebook."""
    for stage in way.stages:
        if stage.lab:
            assert _until(stage) > 0


@PATHS
def test_each_step_fits_its_minutes(way: Any) -> None:
    """At the paces of a class, with ten minutes spare; and so does what is left of a cut one."""
    for stage in way.stages:
        assert stage.least_minutes <= stage.minutes, stage.title
        assert stage.least_left_minutes <= (stage.left or stage.minutes), stage.title
    reckoned = sum(stage.least_minutes for stage in way.stages if stage.title != "Spare time")
    breaks = sum(stage.minutes for stage in way.stages if stage.title == "Break")
    assert way.minutes - breaks - reckoned >= 10


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_says_how_long_it_takes(lab: str) -> None:
    """Three minutes of slack in front of the exercises; with them it fits too."""
    first = nbformat.read(ROOT / f"{lab}.ipynb", as_version=4).cells[0].source
    before, after = map(int, re.findall(r"(\d+) minutes; (\d+) more for", first)[0])
    needed = least_minutes(lab, parts_before(lab, "Exercise 1"))
    assert needed + 3 <= before
    assert least_minutes(lab, parts(lab)) <= before + after - 5


def test_the_pace_counts_words_and_lines_as_they_stand() -> None:
    """A part that a page does not have is refused; code that computes a page is not read."""
    with pytest.raises(KeyError, match="No such part"):
        least_minutes("book/index", ["No such part"])
    guess = "labs/1-what-a-waiting-function-costs"
    words, lines = parts(guess)["Predict"]
    assert lines == 2  # the import and the guess
    assert least_minutes(guess, ["Predict"]) == pytest.approx(words / 130 + lines / 10 + 1)
    assert all(lines == 0 for _, lines in parts("book/1-the-gb-second-reckoning").values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make env` leaves, and a home with a sample log where a browser saves."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "Downloads").mkdir()
    (folder / "Downloads" / "metered.log").write_text(LOGS["metered"].text, "utf-8")
    return folder


@pytest.mark.parametrize("line", one_in(2, COMMANDS))
def test_every_command_of_a_path_runs_as_typed(line: str, folder: Path) -> None:
    """In a shell that has nothing of the environment on its path."""
    _run(line, folder)


@pytest.mark.slow
def test_the_ninety_minutes_are_walked_from_end_to_end(folder: Path) -> None:
    """Every command, every cell of each page and of the lab, in the order of the path."""
    for stage in SHORT.stages:
        for line in stage.run:
            _run(line, folder)
        if stage.lab:
            notebook = nbformat.read(ROOT / stage.lab, as_version=4)
            beside = ROOT / "labs"
        else:
            cells = CELL.findall((ROOT / f"{stage.page}.md").read_text("utf-8"))
            assert cells, stage.page
            notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
            beside = (ROOT / stage.page).parent
        client = NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": beside}}
        )
        client.execute()


def test_each_lab_has_a_card() -> None:
    """At least three errors each, with what is seen, why, and what to do, each once."""
    read = tomllib.loads((TEACHING / "cards.toml").read_text("utf-8"))["card"]
    labs = sorted(path.stem for path in (ROOT / "labs").glob("*.ipynb"))
    assert sorted(card["notebook"] for card in read if card["notebook"]) == labs
    for card in read:
        assert len({error["sees"] for error in card["error"]}) == len(card["error"]) >= 3
        assert all(error["why"] and error["do"] and error["fault"] for error in card["error"])
    made = cards(TEACHING / "cards.toml")
    assert list(made) == [card["lab"] for card in read]


def test_the_sample_logs_hold_what_they_are_for() -> None:
    """One is bare, one measured, one tells by two sizes, one paid for calls that failed."""
    found = {name: _audited(log) for name, log in LOGS.items()}
    assert {one.invocations for one in found.values()} == {60}
    hows = {name: one.waiting.how for name, one in found.items()}
    assert hows["bare"] == "unknown"
    assert hows["metered"] == "measured"
    assert len(found["two-sizes"].sizes) == 2
    assert hows["two-sizes"] not in ("unknown", "measured")
    trouble = found["in-trouble"]
    assert trouble.timeouts == 5
    assert trouble.crashes == 2
    assert all(
        log.text == again.text for log, again in zip(LOGS.values(), sample_logs(), strict=True)
    )


def test_a_log_goes_into_its_link_whole() -> None:
    """What the page's link saves is the log, line by line."""
    log = LOGS["in-trouble"]
    saved = re.search(r'href="data:text/plain;charset=utf-8,([^"]*)"', log.download().html)
    assert saved is not None
    assert unquote(saved[1]) == log.text


def test_a_room_finds_the_range_of_its_answer() -> None:
    """A range begins at the lower edge; the last one is open."""
    for answer, right in ((9.9, 0), (10, 1), (19.9, 1), (20, 2), (500, 2)):
        room = Room("x", predict("?", answer, "ms", 1, 1000), (10, 20))
        assert room.right == right
        assert room.ranges == ["under 10 ms", "10 to 20 ms", "20 ms and more"]
    with pytest.raises(ValueError, match=r"x: the edges \(20, 10\) do not rise"):
        Room("x", predict("?", 1, "ms", 1, 1000), (20, 10))


@pytest.mark.parametrize("page", sorted(path.stem for path in TEACHING.parent.glob("[1-6]-*.md")))
def test_the_room_asks_what_the_page_asks(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its question stands once, in the chapter, and the room's page types none of it."""
    monkeypatch.chdir(TEACHING)
    asked = asked_on(page)
    assert asked.question.endswith("?")
    room = (TEACHING / "room.md").read_text("utf-8")
    assert asked.question[:20] not in room
    assert f'asked_on("{page}")' in room


INVENTORY = load_inventory(TEACHING / "inventory.toml")
QUESTIONS = [(i.name, form, getattr(i, form)) for i in INVENTORY.items for form in FORMS]
ONE_QUESTION = pytest.mark.parametrize(
    ("name", "form", "question"), QUESTIONS, ids=[f"{name}-{form}" for name, form, _ in QUESTIONS]
)


@ONE_QUESTION
def test_each_wrong_answer_is_a_misconception_with_a_page(
    name: str, form: str, question: Question
) -> None:
    """Three or four answers, one right, no range in two of them, no misconception twice."""
    assert 3 <= len(question.options) <= 4
    wrong = [option for option in question.options if option.thinks]
    assert len(wrong) == len(question.options) - 1
    assert len({option.thinks for option in wrong}) == len(wrong)
    assert {option.mends for option in wrong} <= set(pages_in_order())
    edges = sorted(option.holds for option in question.options)
    assert all(low[1] <= high[0] for low, high in pairwise(edges)), (name, form)
    assert not question.options[question.right].mends


@pytest.mark.parametrize("form", FORMS)
def test_nobody_passes_by_always_choosing_the_same_letter(form: str) -> None:
    """At least twelve items, and no letter is right in more than two of five."""
    rights = Counter(getattr(item, form).right for item in INVENTORY.items)
    assert rights.total() >= 12
    assert max(rights.values()) <= 0.4 * rights.total()
    assert min(rights[k] for k in range(4)) >= 1


def test_the_right_answer_is_not_the_longest_by_habit() -> None:
    """A student who picks the longest answer does no better than one who guesses."""
    longest = sum(
        max(question.options, key=lambda option: len(option.says))
        is question.options[question.right]
        for _, _, question in QUESTIONS
    )
    assert longest <= len(QUESTIONS) / 3


def test_the_two_forms_ask_for_the_same_misconceptions() -> None:
    """They are parallel: what can be believed before can be believed after."""
    for item in INVENTORY.items:
        before, after = ({o.mends for o in getattr(item, form).options} for form in FORMS)
        assert before == after, item.name
        assert item.before.asks != item.after.asks


def test_a_figure_that_makes_another_answer_right_stops_the_page() -> None:
    """As a price that changed would; and a figure between all ranges does too."""
    item = INVENTORY["faster-code"]
    assert "right" in item.key(before=0.995, after=1.005).html
    with pytest.raises(ValueError, match=r"faster-code, before: 0.5 makes \['A'\] right, not C"):
        item.key(before=0.5, after=1.005)
    with pytest.raises(ValueError, match=r"faster-code, after: 2 makes \['C'\] right, not A"):
        item.key(before=0.995, after=2)
    with pytest.raises(ValueError, match=r"faster-code, before: 0.95 makes \[\] right, not C"):
        item.key(before=0.95, after=1.005)


def test_every_item_is_keyed_by_a_cell() -> None:
    """The page of answers computes the key of each item, once."""
    page = (TEACHING / "answers.md").read_text("utf-8")
    keyed = re.findall(r'inventory\["([\w-]+)"\]\.key\(', page)
    assert sorted(keyed) == sorted(item.name for item in INVENTORY.items)


@PATHS
def test_both_forms_are_on_the_path_with_time_to_spare(way: Any) -> None:
    """Before any chapter, and after all of them; with a break, and ten minutes nobody planned."""
    pages = [stage.page for stage in way.stages]
    chapters = [k for k, page in enumerate(pages) if page.startswith(("labs/", "book/1", "book/6"))]
    assert pages.index("book/teaching/questions") < chapters[0]
    assert pages.index("book/teaching/questions-after") > chapters[-1]
    minutes = {stage.title: stage.minutes for stage in way.stages}
    assert minutes["Spare time"] >= 10
    assert minutes["Break"] >= 5


@pytest.mark.parametrize("name", ["The Carpentries Lab", "The Journal of Open Source Education"])
def test_each_question_of_a_review_list_is_answered_and_shown(name: str) -> None:
    """With a page of the book where one shows it; what is not met is said to be not met."""
    shown = review_list(TEACHING / "reviews.toml", name)
    lines = shown.lines
    assert len(lines) >= 18
    assert '/book/about.html">About this book</a>' in shown._repr_html_()
    assert {place for line in lines for place in line.at} <= set(pages_in_order())
    assert all(line.says.endswith(".") and line.asks.endswith("?") for line in lines)
    assert any(line.met == "no" for line in lines)


def test_an_answer_to_a_review_is_yes_partly_or_no(tmp_path: Path) -> None:
    """Anything else stops the page."""
    one = '{ part = "x", asks = "Is it?", met = "surely", says = "So.", at = [] }'
    file = tmp_path / "reviews.toml"
    file.write_text(f'[[list]]\nname = "x"\nlines = [{one}]\n', "utf-8")
    with pytest.raises(ValueError, match="'surely'; say one of yes, partly, no"):
        review_list(file, "x")


def test_a_deck_has_each_step_and_the_answer_after_its_question() -> None:
    """And stops the build where a page no longer asks what a step collects."""
    asked = {
        stage.page: [PageQuestion(f"{stage.collect} x?", "The answer: 7.")]
        for stage in SHORT.stages
        if stage.collect
    }
    made = deck(SHORT, asked).html
    labs = [stage for stage in SHORT.stages if stage.lab]
    assert made.count("<section>") == 1 + len(SHORT.stages) + 3 * len(asked) + len(labs)
    race = next(stage for stage in SHORT.stages if stage.title == "The race")
    assert made.index("The answer: 7.") < made.index(race.say)  # which gives it away
    assert all(tag("h2", stage.title).html in made for stage in SHORT.stages)
    with pytest.raises(ValueError, match="does not ask"):
        deck(SHORT, {})


def test_what_a_page_asks_is_read_from_its_html() -> None:
    """As the page was built: the question, and the answer that paper gets."""
    html = predict("How many?", 7, "count", 1, 10, reveal="Seven.").html
    assert asked_in(html) == [PageQuestion("How many?", "The answer: 7. Seven.")]


def test_a_scenario_that_does_not_exist_has_no_address() -> None:
    """One sentence says which there are."""
    with pytest.raises(InvalidQuantity, match="no preset 'nobody'; use one of article"):
        scenario_address("x.html", "nobody")
    with pytest.raises(InvalidQuantity, match="colour is not a quantity; use one of requests_per"):
        scenario_address("x.html", colour="red")


def _run(line: str, folder: Path) -> None:
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=False, cwd=folder, env=alone
    )
    said = done.stdout + done.stderr
    # The doctor gives the cloud eight seconds, and says so where other programs take them.
    assert done.returncode == 0 or "Close what keeps this machine busy" in said, said
    assert done.stdout


def _until(stage: Stage) -> int:
    """Return how many cells of a lab come before the heading where it is taken up again."""
    cells = nbformat.read(ROOT / stage.lab, as_version=4).cells
    heading = re.compile(rf"^##+ {re.escape(stage.until)}", re.MULTILINE)
    return next((k for k, cell in enumerate(cells) if heading.search(cell.source)), 0)


def _audited(log: SampleLog) -> FunctionFinding:
    tally = Tally.of(log.name, log.text.splitlines())
    [found] = findings(tally, [Source(log.name, None, function="chat")]).functions
    return found
