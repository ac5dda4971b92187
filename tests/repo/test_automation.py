"""The chores: make's help, GitHub's workflows, and the image that Binder would build."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import serverless_tax

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def test_make_help_lists_every_chore() -> None:
    """A chore that help does not name is a chore nobody finds."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = " ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE))
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  ([a-z-]+)  ", shown, re.MULTILINE))
    assert listed == set(phony.split())


def test_there_are_the_three_workflows() -> None:
    """Test, release, and a weekly look at what goes stale."""
    assert [path.stem for path in WORKFLOWS] == ["release", "test", "weekly"]


def test_the_citation_names_the_version_that_is_built() -> None:
    """And says what it is in the fields that a reader of such files needs."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert cited["version"] == built == serverless_tax.__version__
    assert {"cff-version", "message", "title", "authors", "license"} <= cited.keys()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_by_commit(path: Path) -> None:
    """A tag can be moved to other code; a commit cannot."""
    uses = re.findall(r"uses: (.*)$", path.read_text("utf-8"), re.MULTILINE)
    assert uses
    assert [action for action in uses if not PINNED.fullmatch(action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_hold_no_more_rights_than_they_need(path: Path) -> None:
    """Nothing by default; each job names its own; no credentials stay in the work tree."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"]
        for step in _steps(job, "actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_what_a_person_would(path: Path) -> None:
    """A step is a make chore or .ci/run: nothing works on GitHub only."""
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert commands
    assert [
        line for line in commands if not re.fullmatch(r"(make|\.ci/run)( [a-z-]+)?", line)
    ] == []


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """What repo2docker would build for Binder."""
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    flags = ["--no-build", "--debug", "--user-id", "1000", "--user-name", "reader"]
    command = [sys.executable, "-m", "repo2docker", *flags, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_binder_takes_our_python(dockerfile: str) -> None:
    """Its own default is 3.10, which is too old for us."""
    assert "python=3.11" in dockerfile


def test_binder_installs_the_lock_file_and_then_the_project(dockerfile: str) -> None:
    """The lock file lies outside binder/, so it must be copied in before pip reads it."""
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ")
    installed = dockerfile.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    project = dockerfile.index("RUN ./binder/postBuild")
    assert copied < installed < project
    assert (ROOT / "binder" / "requirements.txt").read_text() == "-r ../requirements.txt\n"


def _steps(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    """Return a job's steps that use an action."""
    return [step for step in job["steps"] if step.get("uses", "").startswith(action)]
