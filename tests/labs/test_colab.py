"""The cell for Colab: in step with the setting, and all that a notebook which came alone needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbclient
import nbformat
import pytest

from serverless_tax.book.colab import address, with_cell

ROOT = Path(__file__).resolve().parents[2]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
# What Colab has imported before a notebook begins, as far as the cell asks for it.
COLAB = """\
import sys
from types import ModuleType

asked = []
colab = ModuleType("google.colab")
colab.output = ModuleType("google.colab.output")
colab.output.enable_custom_widget_manager = lambda: asked.append(True)
sys.modules["google"] = ModuleType("google")
sys.modules["google.colab"] = colab"""
AFTERWARDS = """\
import serverless_tax

print(asked, serverless_tax.__file__)"""


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_lab_is_in_step_with_the_address(lab: Path) -> None:
    """As `make colab` leaves it: with the cell if the repository has an address, else without."""
    kept = nbformat.read(lab, as_version=4)
    assert with_cell(nbformat.read(lab, as_version=4), address()) == kept


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_the_cell_can_be_taken_out_again(lab: Path) -> None:
    """Put in, changed and taken out, it leaves the lab as it was."""
    kept = with_cell(nbformat.read(lab, as_version=4), "")
    notebook = with_cell(nbformat.read(lab, as_version=4), "https://github.com/Someone/tax")
    assert "https://github.com/Someone/tax" in notebook.cells[1].source
    moved = with_cell(notebook, "https://github.com/Someone/other")
    assert len(moved.cells) == len(kept.cells) + 1
    assert with_cell(moved, "") == kept


def test_elsewhere_the_cell_does_nothing(tmp_path: Path) -> None:
    """No folder, no output, no error."""
    lab = with_cell(nbformat.read(LABS[0], as_version=4), "https://none.invalid")
    first, second = lab.cells[:2]
    notebook = nbformat.v4.new_notebook(cells=[first, second])
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert second.outputs == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_lab_that_came_alone_fetches_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an empty folder and an environment without the project, it clones, installs and runs."""
    repository, alone = tmp_path / "repository", tmp_path / "alone"
    alone.mkdir()
    python = _environment_without_the_project(tmp_path / "environment")
    notebook = with_cell(nbformat.read(LABS[0], as_version=4), _repository(repository))
    before, after = (nbformat.v4.new_code_cell(source) for source in (COLAB, AFTERWARDS))
    notebook.cells = [before, *notebook.cells, after]
    # Every package is there already, so pip needs no index and no environment to build in.
    for name in ("PIP_NO_INDEX", "LABS_REPLAY"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")
    kernel = tmp_path / "kernels" / "alone" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    words = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": words, "display_name": "Alone"}), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    nbclient.NotebookClient(
        notebook, kernel_name="alone", timeout=180, resources={"metadata": {"path": str(alone)}}
    ).execute()
    said = after.outputs[0].text
    assert said.startswith("[True] ")
    assert str(tmp_path / "environment") in said
    assert [one.name for one in alone.iterdir()] == ["serverless-tax"]


def _repository(folder: Path) -> str:
    """Commit what is needed of the working tree; return its address."""
    for name in ("serverless_tax", "labs"):
        unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    who = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    for words in (["init"], ["add", "."], [*who, "commit", "--message", "All"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder.as_uri()


def _environment_without_the_project(folder: Path) -> Path:
    """Make an environment that finds this one's packages, and return its Python."""
    venv.create(folder, with_pip=True)
    inside = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(inside, "beside.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return folder / "bin" / Path(sys.executable).name
