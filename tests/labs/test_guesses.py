"""A guess has to be a number before anything is measured; a reason has to be a sentence."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from serverless_tax.book.teaching import guesses
from serverless_tax.book.teaching.checking import NotYet


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (..., "Put your guess in its place: streams"),
        ("20", "'20' is no number"),
        (True, "no number"),
        (-5, "nothing is less than 0"),
        (1e400, "or without end"),
        (float("nan"), "cannot be"),
    ],
)
def test_a_guess_that_is_none_stops_the_lab(given: Any, says: str) -> None:
    """In one sentence, with what is guessed."""
    with pytest.raises(NotYet, match=says):
        guesses.guess(given, "streams at once")


def test_a_decimal_comma_is_told_of() -> None:
    """It makes two arguments of one number."""
    with pytest.raises(NotYet, match=r"is a point: 7\.5\. Guess streams"):
        guesses.guess(7, 5, "streams at once")


def test_a_guess_is_kept_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    """It stands beside the figure later."""
    assert guesses.guess(20, "streams at once") == 20
    assert capsys.readouterr().out == "My guess: 20 streams at once\n"


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("", "Not yet."),
        ("no idea", "Not yet."),
        (42, "Not yet."),
        ("I forgot that it waits.", "Kept"),
    ],
)
def test_a_reason_is_a_sentence(
    sentence: object, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty one stops nothing: a pair that catches up runs all cells above."""
    guesses.explain_the_gap(sentence)
    assert capsys.readouterr().out.startswith(says)


def test_a_guess_needs_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the package that one runs on."""
    for name in {"IPython", *(name for name in sys.modules if name.startswith("IPython."))}:
        monkeypatch.setitem(sys.modules, name, None)
    assert guesses.guess(3, "runs") == 3
