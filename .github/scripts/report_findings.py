"""Open an issue for each job of the weekly workflow that failed, unless one is open already.

Reads ``RESULTS``, the results of the jobs as GitHub gives them, and uses the ``gh`` of its runners.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

#: What each job looks at, and what to do about it.
JOBS = {
    "cold-rebuild": "The locked packages on a new machine, every test. `make test-all`",
    "newest-packages": "The newest packages that are allowed. `make lock-newest`, `make test`",
    "links": "The links out of the book. `make linkcheck`",
    "prices": "The price sheets against the vendors' lists. `serverless-tax prices refresh`",
    "known-weaknesses": "Known weaknesses of locked packages. `make lock UPGRADE=--upgrade`",
}


def main() -> int:
    """Open what is missing; return 1 if GitHub refused one."""
    try:
        results = json.loads(os.environ["RESULTS"])
    except (KeyError, json.JSONDecodeError):
        print("RESULTS holds no JSON: this runs in the weekly workflow only.", file=sys.stderr)
        return 2
    failed = [job for job, one in results.items() if one["result"] == "failure"]
    listed = gh("issue", "list", "--state", "open", "--limit", "200", "--json", "title")
    open_titles = {issue["title"] for issue in json.loads(listed)}
    for job in failed:
        title = f"Weekly check failed: {job}"
        if title in open_titles:
            print(f"{title}: an issue is open already")
            continue
        run = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"
        body = f"{JOBS.get(job, job)}\n\nWhat it found: {run.format_map(os.environ)}"
        print(gh("issue", "create", "--title", title, "--body", body).strip())
    return 0


def gh(*words: str) -> str:
    """Run GitHub's command line and return what it says."""
    return subprocess.run(["gh", *words], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
