"""What a lab says of an error: in a sentence, and of a busy machine that it is one."""

from __future__ import annotations

import os

import pytest

from serverless_tax.ground.sentences import sentence


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
