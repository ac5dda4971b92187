"""What the labs' stored outputs and recordings must not carry: places and names of one machine."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
RECORDINGS = sorted((ROOT / "labs" / "results").glob("*.json"))
#: The account of the local cloud, and nobody's.
ACCOUNT = "000000000000"
PRIVATE = {
    "a folder of a machine": re.compile(r"(?:/home|/root|/Users|/tmp|/var/folders)/[^\s\"']*"),
    "an account of AWS": re.compile(rf"(?<![\d.-])(?!{ACCOUNT})\d{{12}}(?![\d-])"),
    "a key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bsk-(?!sim|local|test)[0-9A-Za-z]{20,}"),
    "an address in a network": re.compile(
        r"\b(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+\b"
    ),
    "a machine's name": re.compile(
        r"\b[\w-]+\.(?:local|lan|home|corp|internal)\b|\bip-\d+-\d+-\d+-\d+\b|\w@[\w-]+:"
    ),
}


def _said(lab: Path) -> str:
    """Return everything that a lab's outputs say."""
    cells = nbformat.read(lab, as_version=4).cells
    outputs = [str(one) for cell in cells if cell.cell_type == "code" for one in cell.outputs]
    return "\n".join(outputs)


@pytest.mark.parametrize("what", PRIVATE)
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_outputs_carry_nothing_of_the_machine_they_were_made_on(lab: Path, what: str) -> None:
    """A stored output is published as it stands."""
    assert PRIVATE[what].findall(_said(lab)) == []


@pytest.mark.parametrize("what", PRIVATE)
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_recordings_carry_nothing_of_it_either(recording: Path, what: str) -> None:
    """They are in the repository, and in every replay; a digest of a cell may hold any digits."""
    text = re.sub(r'"[0-9a-f]{16}"', '""', recording.read_text("utf-8"))
    assert PRIVATE[what].findall(text) == []


def test_what_is_private_would_be_found() -> None:
    """Each of the patterns sees what it is for."""
    shown = {
        "a folder of a machine": "File /var/folders/ana/lab.py",
        "an account of AWS": "arn:aws:iam::123456789013:role/x",
        "a key": "AKIAIOSFODNN7EXAMPLE",
        "an address in a network": "http://192.168.1.20:8888",
        "a machine's name": "ana@laptop:~$ serving on laptop.local",
    }
    assert shown.keys() == PRIVATE.keys()
    assert [what for what, text in shown.items() if not PRIVATE[what].search(text)] == []
    assert PRIVATE["an address in a network"].search("bound to 10.0.3.7")
