"""What happens at a release, and each week: with a stand-in for GitHub's command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / ".github" / "scripts"
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "someone/tax",
    "GITHUB_RUN_ID": "7",
}
#: Writes down what it was asked, a word a line, and lists the issues that a file holds.
FAKE_GH = """#!/bin/sh
printf '%s\\n' "$@" '--' >> "$GH_LOG"
if [ "$2" = list ]; then cat "$GH_ISSUES"; else echo "https://github.com/someone/tax/issues/1"; fi
"""


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for ``gh`` on the path; returns the file in which it writes what it was asked."""
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(FAKE_GH, "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_LOG", str(tmp_path / "gh.log"))
    (tmp_path / "issues.json").write_text("[]", "utf-8")
    monkeypatch.setenv("GH_ISSUES", str(tmp_path / "issues.json"))
    for name, value in GITHUB.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "gh.log"


def report(results: object) -> subprocess.CompletedProcess[str]:
    """Run the weekly report with these results."""
    command = [sys.executable, str(SCRIPTS / "report_findings.py")]
    given = os.environ | {"RESULTS": json.dumps(results) if results is not None else "-"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=given)


def test_each_failed_job_opens_one_issue(gh: Path) -> None:
    """With the job's name, what to do, and where its log is; a job that passed opens none."""
    results = {"links": {"result": "failure"}, "prices": {"result": "success"}}
    done = report(results)
    assert done.returncode == 0, done.stderr
    asked = gh.read_text("utf-8")
    assert asked.count("create") == 1
    assert "Weekly check failed: links" in asked
    assert "`make linkcheck`" in asked
    assert "https://github.com/someone/tax/actions/runs/7" in asked


def test_an_open_issue_is_not_opened_again(gh: Path, tmp_path: Path) -> None:
    """Next week's failure of the same job finds it."""
    open_ones = [{"title": "Weekly check failed: links"}]
    (tmp_path / "issues.json").write_text(json.dumps(open_ones), "utf-8")
    done = report({"links": {"result": "failure"}})
    assert "an issue is open already" in done.stdout
    assert "create" not in gh.read_text("utf-8")


def test_the_report_outside_of_its_workflow_is_refused(gh: Path) -> None:
    """In one sentence, and nothing is asked of GitHub."""
    done = report(None)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not gh.exists()


def test_every_weekly_job_is_reported() -> None:
    """A job that is added is waited for, and has its sentence."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/weekly.yml").read_text("utf-8"))["jobs"]
    checks = [name for name in jobs if name != "report"]
    assert jobs["report"]["needs"] == checks
    script = (SCRIPTS / "report_findings.py").read_text("utf-8")
    assert re.findall(r'^    "([a-z-]+)": "', script, re.MULTILINE) == checks


@pytest.fixture
def tagged(tmp_path: Path, gh: Path) -> Path:
    """A folder with a changelog and what was built."""
    del gh
    (tmp_path / "_build" / "release").mkdir(parents=True)
    for name in ("a.whl", "a.tar.gz", "site.tar.gz"):
        (tmp_path / "_build" / "release" / name).touch()
    log = "# Changelog\n\n## Unreleased\n\n## 0.2.0, 2027-01-01\n\nNew words.\n\n## 0.1.0\n\nOld.\n"
    (tmp_path / "CHANGELOG.md").write_text(log, "utf-8")
    return tmp_path


def publish(folder: Path, tag: str) -> subprocess.CompletedProcess[str]:
    """Make the release of a tag."""
    script = [str(SCRIPTS / "publish_release.sh")]
    given = os.environ | {"GITHUB_REF_NAME": tag}
    return subprocess.run(
        script, cwd=folder, capture_output=True, text=True, check=False, env=given
    )


def test_a_tag_becomes_a_release_with_its_files(tagged: Path, gh: Path) -> None:
    """Of a tag that exists, with the wheel, the sdist and the site attached."""
    done = publish(tagged, "v0.2.0")
    assert done.returncode == 0, done.stderr
    asked = gh.read_text("utf-8").split("\n")
    assert asked[:4] == ["release", "create", "v0.2.0", "--verify-tag"]
    assert {Path(word).name for word in asked} >= {"a.whl", "a.tar.gz", "site.tar.gz"}


def test_a_tag_without_its_part_of_the_changelog_is_no_release(tagged: Path, gh: Path) -> None:
    """It says what is missing."""
    done = publish(tagged, "v0.3.0")
    assert done.returncode == 1
    assert "CHANGELOG.md has no part that begins with '## 0.3.0'" in done.stderr
    assert not gh.exists()


@pytest.mark.slow
def test_the_package_can_be_built_and_installed(tmp_path: Path) -> None:
    """Wheel and sdist, each tried in an empty environment."""
    del tmp_path
    script = [sys.executable, str(ROOT / "tests" / "dist.py")]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("811.33 USD") == 2
