"""What stops a command: a full disk, a signal; a sentence then, and an exit code of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serverless_tax import __version__
from serverless_tax.cli import app

COMMAND = [sys.executable, "-c", "from serverless_tax.cli import main; main()"]
LOG = Path(__file__).parents[1] / "data" / "report-lines.log"
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    "words", [["audit", str(LOG), "--json"], ["audit", str(LOG)], ["--version"]]
)
def test_a_full_disk_on_standard_output_is_a_sentence(words: list[str]) -> None:
    """Whether it is full at once, or when the last of the report is written."""
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("serverless-tax: there is no room for what it writes")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("closed", "words", "code", "says"),
    [
        (">&-", ["audit", str(LOG)], 2, "standard output is closed"),
        (">&-", ["--version"], 2, "standard output is closed"),
        (">&- 2>&-", ["audit", str(LOG)], 2, ""),
        ("<&-", ["audit", "-"], 1, "no invocation was found"),
        ("2>&-", ["audit", str(LOG)], 0, ""),
    ],
)
def test_a_closed_stream_is_no_traceback(
    closed: str, words: list[str], code: int, says: str
) -> None:
    """Whichever of the three it is that whoever starts the command has closed."""
    shell = ["/bin/sh", "-c", f'"$@" {closed}', "sh"]
    done = subprocess.run([*shell, *COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("raised", "code"),
    [(KeyboardInterrupt, 130), (MemoryError, 2), (RuntimeError("can't start new thread"), 2)],
)
def test_what_ends_a_command_has_its_code(
    raised: type[BaseException] | BaseException, code: int, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Ctrl-C is no mistake of usage; too little memory is a sentence."""

    def ends(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(app, "app", ends)
    assert app.run(["audit", os.devnull]) == code
    assert capsys.readouterr().err.count("\n") == 1


def test_the_version_comes_without_what_commands_need() -> None:
    """It is that of the package, and loads neither cyclopts nor rich."""
    asked = "import sys; sys.argv[1:] = ['--version']; from serverless_tax.cli import main\n"
    asked += "try: main()\nfinally: print([n for n in ('cyclopts', 'rich') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [__version__, "[]"]
