"""Open an issue for each job of the weekly workflow that failed, unless one is open already.

Reads ``RESULTS``, the results of the jobs as GitHub gives them, and uses the ``gh`` of its runners.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

#: What each job looks at, and what to do about it.
JOBS = {
    "cold-rebuild": "The locked packages on a new machine, every test. `make test-all`",
    "newest-packages": "The newest packages that are allowed. `make test-newest`",
    "links": "The links out of the book. `make linkcheck`",
    "prices": "The price sheets against the vendors' lists. `serverless-tax prices refresh`",
    "new-things": "What AWS has that nobody has looked at. `serverless-tax prices new --accept`",
    "known-weaknesses": "Known weaknesses of locked packages. `make lock UPGRADE=--upgrade`",
    "mutants": "Changes that no test notices. `make mutants`",
    "workflows": "The workflows, by actionlint. `make check-workflows`",
}
#: GitHub calls a job cancelled that ran out of time.
FAILED = ("failure", "cancelled")
#: So much of a job's log goes into its issue, up to where it failed.
LINES = 40
#: What GitHub puts before each line of a log.
STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ", re.MULTILINE)


class Refused(Exception):
    """GitHub's command line failed; it has said why."""


def main() -> int:
    """Open what is missing; return 1 if GitHub refused, 2 outside of the workflow."""
    try:
        results = json.loads(os.environ["RESULTS"])
        here = "repos/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format_map(os.environ)
    except (KeyError, json.JSONDecodeError):
        print("RESULTS holds no JSON: this runs in the weekly workflow only.", file=sys.stderr)
        return 2
    failed = [job for job, one in results.items() if one["result"] in FAILED]
    if not failed:
        print("No weekly check failed.")
        return 0
    try:
        open_an_issue_for_each(failed, here)
    except Refused as why:
        print(f"GitHub opened no issue: {why}", file=sys.stderr)
        return 1
    return 0


def open_an_issue_for_each(failed: list[str], here: str) -> None:
    """Open an issue for each job whose title no open one has."""
    listed = gh("issue", "list", "--state", "open", "--limit", "200", "--json", "title")
    open_titles = {issue["title"] for issue in json.loads(listed)}
    page = f"{os.environ['GITHUB_SERVER_URL']}/{here.removeprefix('repos/')}"
    for job in failed:
        title = f"Weekly check failed: {job}"
        if title in open_titles:
            print(f"{title}: an issue is open already")
            continue
        body = f"{JOBS.get(job, job)}\n\nWhat it found: {page}\n{end_of_log(here, job)}"
        print(gh("issue", "create", "--title", title, "--body", body).strip())


def end_of_log(here: str, job: str) -> str:
    """Return the last lines of a job's log as a block; nothing where GitHub does not give it."""
    try:
        (number,) = [
            one["id"] for one in json.loads(gh("api", f"{here}/jobs"))["jobs"] if one["name"] == job
        ]
        log = gh("api", f"{here.rpartition('/runs/')[0]}/jobs/{number}/logs")
    except (Refused, ValueError, KeyError):
        return ""
    said = STAMP.sub("", log).rpartition("##[error]")[0] or STAMP.sub("", log)
    return "\n".join(("", "~~~~text", *said.strip().splitlines()[-LINES:], "~~~~"))


def gh(*words: str) -> str:
    """Run GitHub's command line and return what it says."""
    try:
        done = subprocess.run(["gh", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refused("there is no gh on the path") from None
    if done.returncode != 0:
        raise Refused(done.stderr.strip())
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
