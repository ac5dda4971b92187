"""What the book tells a reader to do is what the advisor says, and nothing typed beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serverless_tax import Answers, Workload, decide
from serverless_tax.book.advice import advised
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.request.presets import PRESETS, STATED_PEAK_MB

BOOK = Path(__file__).resolve().parents[2] / "book"
PAGES = sorted(BOOK.glob("*.md"))


@pytest.mark.parametrize("name", PRESETS)
def test_the_sentence_is_the_decision_s(name: str) -> None:
    """The text, and the steps in its data, are those of ``decide`` with the stated peak."""
    found = decide(Workload.preset(name, peak_memory_mb=STATED_PEAK_MB[name]), Answers())
    said = advised(name)
    assert str(said) == found.sentence
    steps = " ".join(rung.id for rung in found.steps)
    assert f'data-preset="{name}" data-steps="{steps}"' in said.html


def test_no_monday_types_a_command_of_its_own() -> None:
    """A list for Monday that names a change the advisor knows takes its sentence from it."""
    commands = [about.do for about in RUNGS.values() if about.do and "{" not in about.do]
    mondays = {
        page.name: found[1]
        for page in PAGES
        if (found := re.search(r"\n## On Monday\n(.*?)\n## ", page.read_text("utf-8"), re.DOTALL))
    }
    assert len(mondays) >= 6
    for name, text in mondays.items():
        for command in commands:
            assert f"{command}." not in text, f"{name}: {command}"
            assert f"{command}:" not in text, f"{name}: {command}"


def test_a_design_s_dollars_are_said_with_what_they_are_of() -> None:
    """A bill's or a rung's total in a sentence is ``usd``, which carries it as data."""
    plain = re.compile(r'\bsay\([^`]*(?:\.total|\.waiting|total_usd|step_usd), "usd0?"\)`')
    for page in PAGES:
        assert plain.findall(page.read_text("utf-8")) == [], page.name


def test_the_first_places_to_look_ask_the_advisor() -> None:
    """The summary and the last chapter on changes carry the sentence itself."""
    for name in ("summary.md", "5-the-async-native-future.md"):
        assert 'advised("article")' in (BOOK / name).read_text("utf-8")
