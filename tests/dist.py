"""Build wheel and sdist into ``dist``, and see that package and command work from each, alone.

``make dist`` runs it. What is there before is taken away only once both are built and checked.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
#: What an installed package must do without any of its extras.
TRIAL = """
from importlib.metadata import version
from importlib.util import find_spec
from serverless_tax import Workload, bill
assert find_spec("boto3") is None and find_spec("IPython") is None, "the environment is not empty"
month = bill("aws-lambda", Workload.preset("article"))
print(f"serverless-tax {version('serverless-tax')}: {month.total:.2f} USD a month")
"""


def main() -> None:
    """Build, check, try, and only then put both into ``dist``."""
    with tempfile.TemporaryDirectory(prefix="serverless-tax-dist-") as folder:
        built = Path(folder) / "dist"
        say("building sdist, and the wheel from the sdist")
        python("-m", "build", "--no-isolation", "--outdir", str(built), str(ROOT))
        wheel, sdist = next(built.glob("*.whl")), next(built.glob("*.tar.gz"))
        say("checking what PyPI would show")
        python("-m", "twine", "check", "--strict", str(wheel), str(sdist))
        holds_what_the_package_reads(wheel)
        say("comparing with a wheel from the tree")
        python("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT))
        holds_the_same(wheel, next(Path(folder).glob("*.whl")))
        for made in (wheel, sdist):
            say(f"installing {made.name} into an empty environment")
            try_in_an_empty_environment(made, Path(folder) / f"venv-{made.suffix[1:]}")
        DIST.mkdir(exist_ok=True)
        for old in DIST.glob("serverless_tax-*"):
            old.unlink()
        for made in (wheel, sdist):
            shutil.copyfile(made, DIST / made.name)  # the builder lets nobody else read a wheel
            say(f"dist/{made.name}, {made.stat().st_size / 1000:.0f} kB")


def holds_what_the_package_reads(wheel: Path) -> None:
    """Stop if a file of the package that is not Python is missing from the wheel."""
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "serverless_tax"
    wanted = {
        str(path.relative_to(ROOT))
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    if missing := sorted(wanted - names):
        raise SystemExit(f"dist: the wheel lacks {', '.join(missing)}")
    if not any(name.endswith("licenses/LICENSE") for name in names):
        raise SystemExit("dist: the wheel lacks its licence")


def holds_the_same(wheel: Path, from_tree: Path) -> None:
    """Stop if the sdist, from which the wheel was built, lost or changed something."""
    ours, other = (
        {(entry.filename, entry.CRC) for entry in zipfile.ZipFile(each).infolist()}
        for each in (wheel, from_tree)
    )
    if differ := sorted({name for name, _ in ours ^ other}):
        raise SystemExit(f"dist: the wheel from the sdist has other {', '.join(differ)}")


def try_in_an_empty_environment(made: Path, venv: Path) -> None:
    """Install with what it asks for and nothing else; then price a month and ask the command."""
    python("-m", "venv", str(venv))
    own = venv / "bin" / "python"
    quiet = ("--quiet", "--disable-pip-version-check")
    if made.suffix == ".gz":  # its build is not to fetch anything that is not locked
        quiet = (*quiet, "--no-build-isolation")
        run(own, "-m", "pip", "install", *quiet[:2], "flit_core>=3.12,<4")
    run(own, "-m", "pip", "install", *quiet, str(made))
    run(own, "-c", TRIAL)
    log = ROOT / "tests" / "data" / "audit-cases" / "20-offset.log"
    for words, says in (
        ("price aws-lambda --preset article", "811.33"),
        (f"audit {log}", "GB-s"),
    ):
        asked = subprocess.run(
            [venv / "bin" / "serverless-tax", *words.split()],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode != 0 or says not in asked.stdout:
            raise SystemExit(f"dist: {words} said {asked.stdout + asked.stderr!r}")


def python(*words: str) -> None:
    """Run this Python."""
    run(Path(sys.executable), *words)


def run(*words: str | Path) -> None:
    """Run a command; stop with its own words if it fails."""
    done = subprocess.run([str(word) for word in words], check=False)
    if done.returncode != 0:
        raise SystemExit(f"dist: {Path(words[0]).name} {' '.join(map(str, words[1:]))} failed")


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(f"dist: {text}", flush=True)


if __name__ == "__main__":
    main()
