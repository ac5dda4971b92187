"""Change the package a little, many times, and count how often a test notices (`make mutants`).

A sample of the changes that ``sites`` knows is drawn by a seed. Each is made in a copy of the tree,
where the tests run that cover its line, the quickest first, until one fails. They are tried in the
order of their lots: what was tried when the time is up is a sample too. The share that was noticed
stands with its 95 % interval: the sample says no more than that. It fails below the share wanted,
and for a change that nothing noticed and ``survivors.toml`` does not explain.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import queue
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "support")]

from mutants.sites import Mutant, mutants_below  # noqa: E402 - found by the line above
from tree import ROOT, copy_of_the_tree, pytest_in  # noqa: E402 - see above

SURVIVORS = HERE / "survivors.toml"
REPORT = ROOT / "_build" / "mutants.json"
SAMPLE, WANTED = 400, 0.85
WORKERS = 2
#: Minutes for trying; finding out which tests run which line takes some more.
MINUTES = 50.0
#: What is changed, and where the tests of it stand.
GROUPS = {
    "the model, the rules and the questions": (
        (
            *("serverless_tax/bill", "serverless_tax/request", "serverless_tax/platforms"),
            *("serverless_tax/questions", "serverless_tax/traffic/closed_forms.py"),
        ),
        (
            *("tests/bill", "tests/examples", "tests/platforms", "tests/questions"),
            *("tests/request", "tests/traffic", "tests/test_mistakes.py"),
        ),
    ),
    "what an audit concludes": (
        ("serverless_tax/audit/sums", "serverless_tax/audit/find", "serverless_tax/audit/report"),
        ("tests/audit",),
    ),
}
STEADY = ("--hypothesis-profile=steady", "-x", "-m", "not browser and not slow")
#: A line that many tests run has this long to be noticed, the quickest of them first.
BUDGET_S = 40.0
#: An endless loop counts as noticed; so does a test that takes many times as long.
PATIENCE_S = 60.0
#: Pytest's word for tests that are not there.
NOT_FOUND = 4


@dataclass(frozen=True)
class Cover:
    """Which tests run each line of each file, and the CPU seconds that each takes."""

    lines: dict[str, dict[str, list[str]]]
    seconds: dict[str, float]

    @cached_property
    def files(self) -> set[str]:
        """The files in which the tests stand."""
        return {test.partition("::")[0] for test in self.seconds}

    def tests_of(self, mutant: Mutant, budget_s: float = BUDGET_S) -> list[str]:
        """Return the quickest tests that run its line, as many as fit into the budget.

        What runs at import belongs to every test of its file, to those that name the module, as a
        table of all platforms does, and to every test there is where no such test is found.
        """
        file = self.lines.get(mutant.file, {})
        found = set(file.get(str(mutant.line), ()))
        if not found:
            naming = {path for path in self.files if names(ROOT / path, Path(mutant.file).stem)}
            found = {test for line in file.values() for test in line}
            found |= {test for test in self.seconds if test.partition("::")[0] in naming}
        found = found or set(self.seconds)
        chosen, left_s = [], budget_s
        for test in sorted(found, key=lambda test: (self.seconds.get(test, 0), test)):
            left_s -= self.seconds.get(test, 0)
            if left_s < 0 and chosen:
                break
            chosen.append(test)
        return chosen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change."""

    mutant: Mutant
    killed: bool
    by: str
    seconds: float


@cache
def names(path: Path, module: str) -> bool:
    """Whether a file of tests names a module, as Python does or as a platform is named."""
    text = path.read_text("utf-8") if path.exists() else ""
    return any(re.search(rf"\b{each}\b", text) for each in (module, module.replace("_", "-")))


class RunFailed(Exception):
    """Pytest ended in a way that says nothing about the change."""


def drawn(found: Sequence[Mutant], seed: int, count: int) -> list[Mutant]:
    """Return so many of some changes by lot: the same for a seed, whatever is added beside them."""
    again: Counter[tuple[str, ...]] = Counter()
    lots = {}
    for mutant in found:
        same = (mutant.file, mutant.before, mutant.kind, mutant.after)
        lots[mutant] = hashlib.sha256(repr((seed, *same, again[same])).encode()).digest()
        again[same] += 1
    return sorted(found, key=lots.__getitem__)[:count]


def wilson(killed: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval that holds the true share in 95 of 100 samples.

    Source: https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm
    """
    share, room = killed / of, z * z / of
    middle = share + room / 2
    reach = z * math.sqrt(share * (1 - share) / of + room / (4 * of))
    return (middle - reach) / (1 + room), (middle + reach) / (1 + room)


def covered(copy: Path, sources: Iterable[str], tests: Iterable[str]) -> Cover:
    """Run the tests of some sources once, and return what each ran."""
    sources, tests = list(sources), list(tests)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "cover.json")
        os.environ["MUTANTS_COVER"] = str(written)
        os.environ["MUTANTS_SOURCES"] = os.pathsep.join(str(copy / s) for s in _folders(sources))
        # Measured, a test takes longer than by itself: no limit of time is of use here.
        options = ("-p", "covering", "--timeout=0", *(o for o in STEADY if o != "-x"))
        done = pytest_in(copy, *options, *tests, *sources, before=(HERE,))
        if done.returncode != 0:
            raise RunFailed(f"a test fails without any change:\n{done.stdout[-3000:]}")
        return Cover(**json.loads(written.read_text()))


def remembered(copy: Path, group: str) -> Cover:
    """Return which tests of a group run what: as found before, where no file has changed since."""
    texts = sorted(path for path in copy.rglob("*.*") if path.suffix in (".py", ".toml", ".json"))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in texts)).hexdigest()
    path = REPORT.with_name(f"mutants-{hashlib.sha256(group.encode()).hexdigest()[:8]}.json")
    if path.exists() and (kept := json.loads(path.read_text()))["state"] == state:
        return Cover(lines=kept["lines"], seconds=kept["seconds"])
    found = covered(copy, *GROUPS[group])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"state": state, "lines": found.lines, "seconds": found.seconds}))
    return found


def _folders(sources: Iterable[str]) -> list[str]:
    """Return the folders to measure: coverage takes no single file."""
    return sorted({os.path.dirname(s) if s.endswith(".py") else s for s in sources})  # noqa: PTH120


def tried(copy: Path, mutant: Mutant, cover: Cover) -> Outcome:
    """Make one change in a copy, run the tests of its line, and take it back."""
    began, tests = time.monotonic(), cover.tests_of(mutant)
    if not tests:
        return Outcome(mutant, killed=False, by="no test runs this line", seconds=0.0)
    path, names = copy / mutant.file, copy / "these-tests.txt"
    source = path.read_bytes()
    names.write_text("\n".join(tests))
    limit_s = PATIENCE_S + 2 * sum(cover.seconds.get(test, 0) for test in tests)
    path.write_bytes(mutant.applied(source))
    try:
        done = pytest_in(copy, *STEADY, f"@{names.name}", timeout_s=limit_s)
        if done.returncode == NOT_FOUND and "ERROR: not found" in done.stdout + done.stderr:
            # The change renames cases that are made from the package: run their whole files.
            whole = dict.fromkeys(test.partition("::")[0] for test in tests)
            done = pytest_in(copy, *STEADY, *whole, timeout_s=limit_s + PATIENCE_S)
        killed, by = _verdict(done)
    except subprocess.TimeoutExpired:
        killed, by = True, f"more than {limit_s:.0f} s"
    finally:
        path.write_bytes(source)
    return Outcome(mutant, killed=killed, by=by, seconds=time.monotonic() - began)


def _verdict(done: subprocess.CompletedProcess[str]) -> tuple[bool, str]:
    """Return whether the tests noticed, and which of them did."""
    said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode == 0:
        return False, ""
    if done.returncode in (1, 2):
        return True, (said or ["it cannot be imported"])[0]
    if "ERROR collecting" in done.stdout or "while loading conftest" in done.stderr:
        return True, (said or ["it cannot be imported"])[0]
    raise RunFailed(done.stdout[-2000:] + done.stderr[-2000:])


def all_tried(
    chosen: Sequence[Mutant], covers: dict[str, Cover], folder: Path, minutes: float = MINUTES
) -> list[Outcome]:
    """Try some changes until the time is up, on every core, each core in a copy of its own."""
    ends = time.monotonic() + 60 * minutes
    copies: queue.Queue[Path] = queue.Queue()
    for k in range(WORKERS):
        copies.put(copy_of_the_tree(folder / f"copy-{k}"))

    def one(mutant: Mutant) -> Outcome | None:
        if time.monotonic() > ends:
            return None
        copy = copies.get()
        try:
            outcome = tried(copy, mutant, covers[group_of(mutant.file)])
        finally:
            copies.put(copy)
        # At once, so that a run that is cut short was not for nothing.
        place = f"{mutant.file}:{mutant.line} "
        print("." if outcome.killed else f"[{place}{mutant.kind}]", end="", flush=True)
        return outcome

    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = [outcome for outcome in pool.map(one, chosen) if outcome]
    print()
    if len(outcomes) < len(chosen):
        print(f"mutants: {len(outcomes)} of {len(chosen)} were tried in {minutes:g} minutes")
    return outcomes


def group_of(file: str) -> str:
    """Return the group whose sources a file is among."""
    return next(name for name, (sources, _) in GROUPS.items() if file.startswith(sources))


def accepted() -> list[dict[str, str]]:
    """Return the changes that nothing needs to notice, each with its reason."""
    rows: list[dict[str, str]] = tomllib.loads(SURVIVORS.read_text("utf-8")).get("survivor", [])
    return rows


def is_accepted(mutant: Mutant, source: bytes, rows: Iterable[dict[str, str]]) -> bool:
    """Whether a change is among them: by its file, its line, and what the line becomes."""
    return any(
        (row["file"], row["line"], row["becomes"])
        == (mutant.file, mutant.before, mutant.shown(source))
        for row in rows
    )


def reported(outcomes: Sequence[Outcome], seed: int) -> int:
    """Print what was noticed and what was not; return 1 if that is too little, else 0."""
    killed = sum(outcome.killed for outcome in outcomes)
    share, (low, high) = killed / len(outcomes), wilson(killed, len(outcomes))
    rows, unlisted, written = accepted(), 0, []
    for outcome in (one for one in outcomes if not one.killed):
        mutant = outcome.mutant
        source = (ROOT / mutant.file).read_bytes()
        known = is_accepted(mutant, source, rows)
        unlisted += not known
        print(f"\n{mutant.file}:{mutant.line}: {mutant.kind}{' (accepted)' if known else ''}")
        print(f"  - {mutant.before}\n  + {mutant.shown(source)}")
        if outcome.by:
            print(f"  {outcome.by}")
    for outcome in outcomes:
        mutant = outcome.mutant
        becomes = mutant.shown((ROOT / mutant.file).read_bytes())
        row: dict[str, Any] = {"file": mutant.file, "line": mutant.line, "becomes": becomes}
        written.append(row | {"killed": outcome.killed, "by": outcome.by, "s": outcome.seconds})
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(written, indent=1))
    mean_s = sum(outcome.seconds for outcome in outcomes) / len(outcomes)
    print(
        f"\nmutants, seed {seed}: {killed} of {len(outcomes)} noticed, {share:.1%}"
        f" (95 % interval {low:.1%} to {high:.1%}), {mean_s:.1f} s each"
    )
    if share < WANTED:
        print(f"That is less than {WANTED:.0%}.")
    if unlisted:
        print(f"{unlisted} were not noticed and are not in {SURVIVORS.relative_to(ROOT)}:")
        print("write the test that would, or say there why none is needed.")
    return int(share < WANTED or unlisted > 0)


def main() -> int:
    """Draw, cover, try and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many changes")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for how long")
    parser.add_argument("--only", action="append", help="only these files or folders")
    arguments = parser.parse_args()
    places = arguments.only or [place for sources, _ in GROUPS.values() for place in sources]
    found = mutants_below(ROOT, *places)
    chosen = drawn(found, arguments.seed, arguments.sample)
    print(f"mutants: {len(chosen)} of {len(found)} drawn by seed {arguments.seed}", flush=True)
    if not chosen:
        parser.error(f"nothing can be changed in {', '.join(places)}")
    needed = {group_of(mutant.file) for mutant in chosen}
    with tempfile.TemporaryDirectory() as name:
        folder, covers = Path(name), {}
        for group in sorted(needed):
            print(f"mutants: which tests run which line of {group}", flush=True)
            covers[group] = remembered(copy_of_the_tree(folder / group), group)
        outcomes = all_tried(chosen, covers, folder, arguments.minutes)
        if not outcomes:
            parser.error(f"nothing was tried in {arguments.minutes:g} minutes; give it more")
        return reported(sorted(outcomes, key=lambda one: one.mutant), arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
