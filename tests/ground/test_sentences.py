"""What a lab says of an error: in a sentence, and of a busy machine that it is one."""

from __future__ import annotations

import os

import pytest
from IPython.core.interactiveshell import InteractiveShell

from serverless_tax.ground.sentences import sentence, use_sentences

FIRST = "`%%live` is not there yet: run the cells above this one first"


@pytest.mark.parametrize(("load", "says"), [(16.3, "16 programs wanted its 2 cores"), (1.0, "")])
def test_a_figure_of_a_busy_machine_is_not_the_learners_fault(
    load: float, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured beside sixteen others is too long, and is measured again."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    said = sentence(AssertionError("a size is slow"))
    assert said.startswith("Not as it should be: a size is slow.")
    assert says in said
    assert ("busy" in said) == bool(says)


def test_a_system_that_counts_no_load_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.delattr(os, "getloadavg")
    assert "busy" not in sentence(AssertionError("a size is slow"))


def test_a_queue_deleted_a_moment_ago_is_waited_for() -> None:
    """As after a clean-up that was interrupted: SQS keeps the name for a minute."""
    refused = type("QueueDeletedRecently", (Exception,), {})
    assert "Wait a minute and run the cell again." in sentence(refused("You must wait 60 seconds"))


def test_a_websocket_that_was_deleted_is_made_again() -> None:
    """As when a cell is run after the clean-up: an API that is not there answers 403."""
    refused = type("InvalidStatus", (Exception,), {})
    said = sentence(refused("server rejected WebSocket connection: HTTP 403"))
    assert said.startswith("It is not there, or not any more: run the cells from “Deploy” on.")


def test_a_magic_that_is_not_there_is_a_cell_that_was_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """IPython shows this error by itself, unless it is told; another of a magic keeps its words."""
    shell = InteractiveShell()
    use_sentences(shell, lambda _: False)
    for cell, says in (("%%live a\na = 1", FIRST), ("%alias_magic", "arguments are required")):
        assert not shell.run_cell(cell).success
        assert says in "".join(capsys.readouterr())
