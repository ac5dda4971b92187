"""The helpers' cards: each fault is injected, shows the card's words, and is gone after the remedy.

Here are those of any lab. The handlers' are in test_builds.py, which applies the solution after
each, the exercises' in test_exercises.py, and the busy machine's in test_capacity.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from handler_parts import ROOT, files
from helper_cards import CardError, card_error, card_errors
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from tried_handlers import WRONG

from serverless_tax.book.student import student_form
from serverless_tax.cloud import open_target
from serverless_tax.cloud.function.process import UnsupportedPlatformError
from serverless_tax.cloud.lab.replay import Recording

LOAD = "%load_ext serverless_tax.cloud.lab.replay\n%recording nothing.json"
SET_UP = """from serverless_tax.cloud import open_target
from serverless_tax.cloud.lab import builds, deploying
from serverless_tax.book.teaching import exercises, guesses

target = open_target(ttft_ms=100, tokens_per_s=200, output_tokens=20, worst_case_usd=0.01)"""
PACE = {"ttft_ms": 100, "tokens_per_s": 200, "output_tokens": 20, "worst_case_usd": 0.01}
NAMED = "%%live name\nname = target.name"
INTERRUPTED = """%%live tries
import signal
tries = globals().get("tries", 0) + 1
if tries == 1:
    signal.raise_signal(signal.SIGINT)"""
TRIED = "builds.answers(target)"


def exercise() -> str:
    """The first exercise of lab two, as a student opens it."""
    lab = ROOT / "labs/2-streaming.ipynb"
    cells = student_form(lab).cells
    return next(str(c.source) for c in cells if "exercise" in c.metadata.get("tags", []))


#: What happens in a notebook, in order: the cell with the fault, and the cells of the remedy.
IN_A_NOTEBOOK: dict[str, tuple[str, list[str]]] = {
    "a kernel that was restarted": ("%%live a\na = 1", [LOAD, "%%live a\na = 1"]),
    "a cell that was skipped": (NAMED, [SET_UP, NAMED]),
    "no guess": ("guesses.guess(..., 'streams')", ["guesses.guess(7, 'streams')"]),
    "an interruption": (INTERRUPTED, [INTERRUPTED]),
    "no handler": (TRIED, [f"%%writefile my_handler_1.py\n{files(1)[1]}", TRIED]),
    "an exercise left out": (
        exercise(),
        [f"usd, after_usd = 0, {811.33 * 0.2 * 2.85 / 4.85}\n{exercise()}"],
    ),
    "a cell after the clean-up": (
        "deploying.clean_up(target)\nbuilds.answers(target)",
        [SET_UP, TRIED, "deploying.clean_up(target)"],
    ),
}


def shown(cell: nbformat.NotebookNode) -> str:
    """What a cell printed, and its errors."""
    said = [out.get("text", "") + "\n".join(out.get("traceback", ())) for out in cell.outputs]
    return "\n".join(said)


@pytest.mark.slow
def test_what_happens_in_a_notebook_and_how_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One notebook, as a learner would meet these one after the other."""
    monkeypatch.setenv("PYTHONSTARTUP", str(ROOT / "classroom/jupyter/startup.py"))  # `make lab`
    (tmp_path / "handlers").symlink_to(ROOT / "labs/handlers")
    code = nbformat.v4.new_code_cell
    steps = [(name, code(bad), [*map(code, good)]) for name, (bad, good) in IN_A_NOTEBOOK.items()]
    cells = [cell for _, bad, good in steps for cell in (bad, *good)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(
        notebook, timeout=120, allow_errors=True, kernel_name="python3", resources=place
    ).execute()
    for name, bad, good in steps:
        card = needed(name)
        assert card.is_in(shown(bad)), (name, shown(bad))
        errors = [out for cell in good for out in cell.outputs if out.output_type == "error"]
        assert not errors, (name, errors)
        assert not any(card.is_in(shown(cell)) for cell in good), name


@pytest.mark.slow
def test_another_python_does_not_have_the_package(tmp_path: Path) -> None:
    """The one that was set up does."""

    def imported(*options: str) -> subprocess.CompletedProcess[str]:
        code = [sys.executable, *options, "-c", "import serverless_tax"]
        return subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert needed("another Python").is_in(imported("-IS").stderr)
    assert imported().returncode == 0


def test_a_mac_is_told_of_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """And with it the target opens."""
    pytest.importorskip("boto3")  # with what it imports: on a Mac that is another module
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(UnsupportedPlatformError) as refused:
        open_target(**PACE)
    assert needed("a Mac").is_in(str(refused.value))
    monkeypatch.setenv("LABS_REPLAY", "1")
    assert open_target(**PACE).name == "replay"


def test_an_edit_taken_back_is_replayed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Edited it says why it cannot run; as it was it shows the recorded run."""
    recording, cell = Recording(tmp_path / "nothing.json"), "import subprocess\nworked = 5\n"
    recording.keep(["worked"], {"worked": 5_001}, "5,001 ms of CPU\n", cell)
    recording.write()
    monkeypatch.setenv("LABS_REPLAY", "1")
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell()
    for source in (LOAD, SET_UP):
        shell.run_cell(source)
    capsys.readouterr()
    edited = f"{cell}subprocess.Popen(['ls'])\n"
    for text, is_edited in ((edited, True), (cell, False)):
        shell.run_cell(f"%%live worked\n{text}")
        said = capsys.readouterr().out
        assert needed("an edited cell in a replay").is_in(said) == is_edited
        assert ("5,001 ms" in said) != is_edited
        assert shell.user_ns["worked"] == 5_001
    InteractiveShell.clear_instance()


def test_every_card_is_made_by_a_fault() -> None:
    """No error of a card is from imagination: each names a fault that a test injects."""
    made = {("Any lab", name) for name in IN_A_NOTEBOOK}
    made |= {
        ("Any lab", name) for name in ("another Python", "a Mac", "an edited cell in a replay")
    }
    made |= {(f"Lab {lab}", f"handler: {name}") for lab, name in WRONG}
    made |= {("Lab 4", "a busy machine"), ("Lab 7", "a name without a version")}
    for one in card_errors():
        # test_exercises.py tries each of the exercises'.
        assert (one.lab, one.fault) in made or one.fault.startswith("exercise: ")


def needed(fault: str, lab: int = 0) -> CardError:
    """Return the card's error of a fault; there has to be one."""
    card = card_error(fault, lab)
    assert card, fault
    return card
