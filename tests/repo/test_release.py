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
#: Writes down what it was asked, a word a line; lists the issues of a file, and a job with its log.
FAKE_GH = """#!/bin/sh
printf '%s\\n' "$@" '--' >> "$GH_LOG"
case "$*" in
"issue list"*) cat "$GH_ISSUES" ;;
"api repos/someone/tax/actions/runs/7/jobs") echo '{"jobs": [{"id": 5, "name": "links"}]}' ;;
"api repos/someone/tax/actions/jobs/5/logs") cat "$GH_JOB_LOG" ;;
"issue create"*) echo "https://github.com/someone/tax/issues/1" ;;
"release create"*) ;;
*) echo "HTTP 403: no" >&2; exit 1 ;;
esac
"""
JOB_LOG = """2027-01-06T04:43:01.1Z make linkcheck
2027-01-06T04:43:09.2Z broken: https://example.org/gone
2027-01-06T04:43:09.3Z ##[error]Process completed with exit code 2.
2027-01-06T04:43:09.4Z Post job cleanup.
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
    (tmp_path / "job.log").write_text(JOB_LOG, "utf-8")
    monkeypatch.setenv("GH_JOB_LOG", str(tmp_path / "job.log"))
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
    assert "~~~~text\nmake linkcheck\nbroken: https://example.org/gone\n~~~~" in asked


def test_a_job_without_a_log_has_its_issue_too(gh: Path) -> None:
    """With the way to the run."""
    assert report({"prices": {"result": "failure"}}).returncode == 0
    asked = gh.read_text("utf-8")
    assert "Weekly check failed: prices" in asked
    assert "~~~~" not in asked


def test_what_github_refuses_is_said(gh: Path, tmp_path: Path) -> None:
    """In its own words, and the report's job fails."""
    (tmp_path / "issues.json").unlink()
    done = report({"links": {"result": "failure"}})
    assert done.returncode == 1
    assert done.stderr.startswith("GitHub opened no issue: ")
    assert "create" not in gh.read_text("utf-8")


def test_a_job_that_ran_out_of_time_is_a_finding_too(gh: Path) -> None:
    """GitHub calls it cancelled, and failure() is not true then."""
    assert report({"cold-rebuild": {"result": "cancelled"}}).returncode == 0
    assert "Weekly check failed: cold-rebuild" in gh.read_text("utf-8")
    jobs = yaml.safe_load((ROOT / ".github/workflows/weekly.yml").read_text("utf-8"))["jobs"]
    assert jobs["report"]["if"] == "${{ !cancelled() }}"


def test_a_week_without_findings_asks_nothing_of_github(gh: Path) -> None:
    """The report runs all the same, and says so."""
    done = report({"links": {"result": "success"}})
    assert (done.returncode, done.stdout) == (0, "No weekly check failed.\n")
    assert not gh.exists()


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


def known_weaknesses(folder: Path, said: str) -> subprocess.CompletedProcess[str]:
    """Ask for the weaknesses of two lock files where pip-audit is a script of these lines."""
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\n{said}\n", "utf-8")
    program.chmod(0o755)
    command = [str(SCRIPTS / "check_packages.py"), str(program), "a.txt", "b.txt"]
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)


def test_a_known_weakness_is_named_once_with_its_remedy(tmp_path: Path) -> None:
    """And fails the chore, though the package is in both lock files."""
    weak = {"name": "ham", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
    answer = json.dumps({"dependencies": [weak, {"name": "egg", "version": "2", "vulns": []}]})
    done = known_weaknesses(tmp_path, f"echo '{answer}'; exit 1")
    assert done.returncode == 1
    assert done.stdout.count("ham 1.0: CVE-1, mended in 1.1") == 1
    assert "egg" not in done.stdout


def test_no_known_weakness_passes(tmp_path: Path) -> None:
    """With the number of packages that were looked up."""
    answer = json.dumps({"dependencies": [{"name": "egg", "version": "2", "vulns": []}]})
    done = known_weaknesses(tmp_path, f"echo '{answer}'")
    assert done.returncode == 0
    assert "a.txt: 1 packages looked up" in done.stdout
    assert done.stdout.endswith("No known weakness.\n")


def test_advisories_out_of_reach_are_not_taken_for_none(tmp_path: Path) -> None:
    """It says so, in other words than a weakness, and with pip-audit's own last line."""
    done = known_weaknesses(tmp_path, "echo 'Traceback' >&2; echo 'no route to host' >&2; exit 1")
    assert done.returncode == 2
    assert "could not be checked, so nothing is known" in done.stdout
    assert "no route to host" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.fixture
def tagged(tmp_path: Path, gh: Path) -> Path:
    """A folder with the files that state the version 0.2.0, a changelog, and what was built."""
    del gh
    files = {
        "pyproject.toml": '[project]\nversion = "0.2.0"\n',
        "serverless_tax/__init__.py": '__version__ = "0.2.0"\n',
        "CITATION.cff": "cff-version: 1.2.0\nversion: 0.2.0\n",
        "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 0.2.0, 2027-01-01\n\n### Added\n\n"
        "- New words.\n\n## 0.1.0\n\nOld.\n",
        **{f"_build/release/{name}": "" for name in ("a.whl", "a.tar.gz", "site.tar.gz")},
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def release(folder: Path, tag: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Check a tag there, or make its release."""
    command = [sys.executable, str(SCRIPTS / "release.py"), *words]
    given = os.environ | {"GITHUB_REF_NAME": tag}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=given
    )


def test_a_tag_becomes_a_release_with_its_files(tagged: Path, gh: Path) -> None:
    """Of a tag that exists, with its part of the changelog, the wheel, the sdist and the site."""
    done = release(tagged, "v0.2.0", "publish")
    assert done.returncode == 0, done.stderr
    asked = gh.read_text("utf-8")
    assert asked.split("\n")[:4] == ["release", "create", "v0.2.0", "--verify-tag"]
    assert "--notes\n### Added\n\n- New words.\n_build" in asked
    assert {Path(word).name for word in asked.split("\n")} >= {"a.whl", "a.tar.gz", "site.tar.gz"}


def test_a_check_of_the_tag_makes_nothing(tagged: Path, gh: Path) -> None:
    """It comes first, before anything is built or sent to PyPI."""
    done = release(tagged, "v0.2.0")
    assert done.returncode == 0, done.stderr
    assert not gh.exists()
    steps = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    commands = [step["run"] for step in steps["build"]["steps"] if "run" in step]
    assert commands[:2] == ["make check-release", ".ci/run"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("pyproject.toml", '[project]\nversion = "0.1.0"\n', "pyproject.toml says 0.1.0"),
        ("serverless_tax/__init__.py", '__version__ = "0.1.0"\n', "__init__.py says 0.1.0"),
        ("CITATION.cff", "version: 0.1.0\n", "CITATION.cff says 0.1.0"),
        ("CHANGELOG.md", "## Unreleased\n\n- New words.\n", "nothing under '## 0.2.0'"),
        ("CHANGELOG.md", "## 0.2.0\n\n## 0.1.0\n\nOld.\n", "nothing under '## 0.2.0'"),
    ],
)
def test_a_tag_that_was_not_prepared_is_no_release(
    tagged: Path, gh: Path, file: str, text: str, said: str
) -> None:
    """One sentence says what is missing, and nothing is asked of GitHub."""
    (tagged / file).write_text(text, "utf-8")
    done = release(tagged, "v0.2.0", "publish")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr
    assert not gh.exists()


def test_without_gh_it_says_so(tagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both scripts run on a machine at home too, where it may be missing."""
    monkeypatch.setenv("PATH", str(tagged))
    for done in (release(tagged, "v0.2.0", "publish"), report({"links": {"result": "failure"}})):
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "no gh on the path" in done.stderr


def test_a_branch_is_no_release(tagged: Path) -> None:
    """Nor is a run at home."""
    for name in ("main", ""):
        done = release(tagged, name)
        assert (done.returncode, "not a tag such as v1.2.3" in done.stderr) == (1, True)


@pytest.mark.slow
def test_the_package_can_be_built_and_installed() -> None:
    """Wheel and sdist, each tried in an empty environment."""
    script = [sys.executable, str(ROOT / "tests" / "dist.py")]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("811.33 USD") == 2
