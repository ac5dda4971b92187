"""The check for other people's pipelines: the action's own steps, run here as GitHub runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
SCRIPT = Path(sys.executable).with_name("serverless-tax")
#: Of the comments that are there, a line each, it has the ids; it keeps what it was asked.
GH = """#!/bin/sh
if [ -f "$RUNNER_TEMP/forbidden" ]; then echo "HTTP 403" >&2; exit 1; fi
printf '%s\\n' "$@" > "$RUNNER_TEMP/said"
case "$*" in *--paginate*) grep -F "$MARK" "$RUNNER_TEMP/comments" | cut -d' ' -f1; exit 0;; esac
for word; do case "$word" in body=@*|*.md) cat "${word#body=@}" >> "$RUNNER_TEMP/said";; esac; done
"""


class Pull:
    """A pull request: a repository with a scenario at its base, and another in its work tree."""

    def __init__(self, folder: Path, before: str | None, now: str) -> None:
        self.temp, self.tree = folder / "temp", folder / "tree"
        (self.temp / "serverless-tax" / "bin").mkdir(parents=True)
        (self.temp / "serverless-tax" / "bin" / "serverless-tax").symlink_to(SCRIPT)
        gh = self.temp / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(GH)
        gh.chmod(0o755)
        self.tree.mkdir()
        self.git("init", "--quiet")
        (self.tree / "other").write_text("")
        scenario = self.tree / "service.toml"
        if before is not None:
            scenario.write_text(before)
        self.git("add", ".")
        self.git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "a")
        self.base = self.git("rev-parse", "HEAD").strip()
        scenario.write_text(now)
        (self.temp / "comments").write_text("")

    def git(self, *words: str) -> str:
        """Run git in the work tree."""
        done = subprocess.run(["git", *words], cwd=self.tree, capture_output=True, check=True)
        return done.stdout.decode()

    def step(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a step with the shell that GitHub runs it with."""
        paths = f"{self.temp / 'bin'}:{os.environ['PATH']}"
        files = {n: str(self.temp / n) for n in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        env = os.environ | files | {"PATH": paths, "RUNNER_TEMP": str(self.temp)} | given
        assert set(STEPS[name]["env"]) <= set(env), "a variable that the test does not give"
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
        return subprocess.run(
            command, cwd=self.tree, env=env, capture_output=True, text=True, check=False
        )

    def judged(self, **given: str) -> subprocess.CompletedProcess[str]:
        """Run the step that judges, with the action's defaults where nothing is given."""
        usual = {
            "SCENARIO": "service.toml",
            "DESIGN": ACTION["inputs"]["design"]["default"],
            "FAIL_ABOVE": ACTION["inputs"]["fail-above"]["default"],
            "TOLERANCE": ACTION["inputs"]["tolerance"]["default"],
            "BASE": self.base,
        }
        return self.step("Judge", **usual | given)


TOLD = {"GH_TOKEN": "x", "NUMBER": "7", "REPOSITORY": "a/b", "DESIGN": "aws-lambda"}
TOLD |= {"SCENARIO": "service.toml"}
MARK = "<!-- serverless-tax aws-lambda service.toml -->"
CHEAP = 'preset = "article"\nmemory_mb = 512\n'
DEAR = 'preset = "article"\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "given", "code", "says"),
    [
        ((CHEAP, DEAR), {}, 1, "more than before"),
        ((DEAR, CHEAP), {}, 0, "less than before"),
        ((DEAR, DEAR), {}, 0, "as before"),
        ((CHEAP, DEAR), {"TOLERANCE": "100%"}, 0, "more than before"),
        ((DEAR, DEAR), {"FAIL_ABOVE": "50%"}, 1, "more than 50"),
        ((None, DEAR), {}, 0, "a month"),
        ((DEAR, DEAR), {"BASE": ""}, 0, "a month"),
    ],
)
def test_a_pull_request_is_judged_and_told(
    files: tuple[str | None, str], given: dict[str, str], code: int, says: str, tmp_path: Path
) -> None:
    """Dearer fails, cheaper and new pass; the summary has the difference, and the comment is it."""
    pull = Pull(tmp_path, *files)
    done = pull.judged(**given)
    assert done.returncode == code, done.stderr
    assert says in (pull.temp / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    told = pull.step("Comment", **TOLD)
    assert told.returncode == 0, told.stderr
    said = (pull.temp / "said").read_text("utf-8")
    assert said.startswith("pr\ncomment\n7\n--repo\na/b\n")
    assert says in said
    assert said.endswith(f"{MARK}\n")


@pytest.mark.slow
def test_a_second_use_in_a_job_starts_anew(tmp_path: Path) -> None:
    """A whole path is compared too; a scenario that is missing leaves nothing to tell."""
    pull = Pull(tmp_path, CHEAP, DEAR)
    assert pull.judged(SCENARIO=str(pull.tree / "service.toml")).returncode == 1
    assert (pull.temp / "serverless-tax.md").is_file()
    assert pull.judged(SCENARIO="missing.toml").returncode == 2
    assert not (pull.temp / "serverless-tax.md").exists()


def test_its_own_comment_is_the_one_that_changes(tmp_path: Path) -> None:
    """Not that of another action or design; and where none may be written it says so."""
    pull = Pull(tmp_path, DEAR, CHEAP)
    (pull.temp / "serverless-tax.md").write_text("### Serverless tax: $1.00 a month\n")
    others = f"11 <!-- lint -->\n12 {MARK.replace('lambda', 'fargate')}\n"
    others += f"14 {MARK.replace('service', 'other')}\n"
    for there, asked in ((others, "pr"), (f"{others}13 {MARK}", "api")):
        (pull.temp / "comments").write_text(there)
        told = pull.step("Comment", **TOLD)
        assert told.returncode == 0, told.stderr
        said = (pull.temp / "said").read_text("utf-8").splitlines()
        assert said[0] == asked
        assert ("repos/a/b/issues/comments/13" in said) is (asked == "api")
        assert "### Serverless tax: $1.00 a month" in said
    (pull.temp / "forbidden").write_text("")
    told = pull.step("Comment", **TOLD)
    assert (told.returncode, told.stdout[:11]) == (0, "::warning::")


def test_a_base_that_cannot_be_priced_is_said(tmp_path: Path) -> None:
    """What mends a scenario can be merged; that nothing was compared is a warning."""
    done = Pull(tmp_path, "memory = 3\n", DEAR).judged()
    assert done.returncode == 0
    assert "::warning::The base's service.toml cannot be priced" in done.stdout


def test_a_scenario_that_cannot_be_read_fails(tmp_path: Path) -> None:
    """With the command's exit code for it, and no comment on anything."""
    pull = Pull(tmp_path, DEAR, "")
    assert pull.judged().returncode == 2
    assert pull.step("Comment", **TOLD).returncode == 0
    assert not (pull.temp / "said").exists()


def test_the_hook_is_the_installed_command(tmp_path: Path) -> None:
    """What pre-commit would run, with arguments of its user: 1 above the limit, else 0."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["language"] == "python"  # installs the package, and so its wheel's command
    assert hook["pass_filenames"] is False
    (tmp_path / "service.toml").write_text(DEAR)
    program, *words = hook["entry"].split()
    command = [SCRIPT.with_name(program), *words, "aws-lambda", "--scenario", "service.toml"]
    for limit, code in (("50%", 1), ("100%", 0)):
        done = subprocess.run(
            [*command, "--fail-above", limit], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == code
