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

from serverless_tax.book import colab
from serverless_tax.book.colab import FOLDER, address, colab_form
from serverless_tax.book.student import student_form

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


def test_the_folder_is_in_step_with_the_address() -> None:
    """As `make colab` leaves it: the labs if the repository has an address, else nothing."""
    kept = {path.name: nbformat.read(path, 4) for path in (ROOT / FOLDER).glob("*.ipynb")}
    assert kept == {lab.name: colab_form(lab, address()) for lab in LABS if address()}


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_colab_opens_the_student_form(lab: Path) -> None:
    """One cell more than a student has: no solution, no output and no guess."""
    notebook = colab_form(lab, "https://github.com/Someone/tax")
    assert "https://github.com/Someone/tax" in notebook.cells.pop(1).source
    assert notebook == student_form(lab)


def test_the_labs_are_written_and_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an address the folder is there, and without one it is not."""
    (tmp_path / "labs").mkdir()
    (tmp_path / "labs" / LABS[0].name).write_bytes(LABS[0].read_bytes())
    monkeypatch.setattr(colab, "_ROOT", tmp_path)
    for url, written in (("https://none.invalid", [LABS[0].name]), ("", [])):
        monkeypatch.setattr(colab, "address", lambda url=url: url)
        colab.main()
        assert [one.name for one in (tmp_path / FOLDER).glob("*")] == written


def test_elsewhere_the_cell_does_nothing(tmp_path: Path) -> None:
    """No folder, no output, no error."""
    first, second = colab_form(LABS[0], "https://none.invalid").cells[:2]
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
    notebook = colab_form(LABS[0], _repository(repository))
    for cell in notebook.cells:
        cell.source = cell.source.replace("guesses.guess(...", "guesses.guess(7")
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
        notebook,
        allow_errors=True,
        kernel_name="alone",
        timeout=180,
        resources={"metadata": {"path": str(alone)}},
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
