"""What gets installed: the lock files, the package alone, and what importing it loads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    "requirements.txt",
    "requirements-test.txt",
    "requirements-slow.txt",
    "requirements-tab.txt",
    "requirements-uv.txt",
)
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_a_hash(lock: str) -> None:
    """Hash mode takes nothing else; run `make lock` rather than edit the file."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    lines = [
        line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    assert lines
    assert [line for line in lines if not PIN.match(line) or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_index_and_no_path(lock: str) -> None:
    """A learner's own index settings decide where packages come from."""
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?://|file:|--index|--find-links|--extra-index|\(/", text)


def test_every_direct_requirement_is_locked() -> None:
    """A requirement added to pyproject.toml is locked in the same commit: run `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    locked = {name for lock in LOCKS for name in _pins(lock)}
    wanted = [
        *project["project"]["dependencies"],
        *(requirement for extra in extras.values() for requirement in extra),
    ]
    names = {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in wanted}
    assert names - locked == {"serverless-tax"}  # one extra asks for another
    assert not extras["cli"] + extras["audit"]  # the command's needs are everybody's


def test_the_labs_have_what_they_audit_with() -> None:
    """The sixth lab runs the audit, so its database is not for the tests alone."""
    assert "duckdb" in _pins("requirements.txt")


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_the_locks_agree(lock: str) -> None:
    """A package that is in two has the same versions in both."""
    book, other = _pins(LOCKS[0]), _pins(lock)
    shared = book.keys() & other.keys()
    assert {name: book[name] for name in shared} == {name: other[name] for name in shared}


def test_importing_the_package_loads_numpy_and_nothing_else() -> None:
    """The model's only dependency; everything else waits for who asks for it."""
    code = (
        "import sys\nfrom serverless_tax import bill\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if 'site-packages' in (getattr(module, '__file__', None) or ''):\n"
        "        print(name.partition('.')[0])\n"
    )
    loaded = set(_python("-I", "-c", code).split())
    # numpy's own, whatever it is called; an editable install may load its finder.
    assert {name for name in loaded if not name.startswith(("_", "numpy"))} <= {"serverless_tax"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built as `pip install .` would."""
    folder = tmp_path_factory.mktemp("wheel")
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    _python("-m", "pip", "wheel", *flags, "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_ships_the_data_its_code_reads(wheel: Path) -> None:
    """Price sheets, widget scripts and figures are part of the package."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "serverless_tax"
    data = [
        path for ext in ("toml", "js", "mjs", "css", "json") for path in package.rglob(f"*.{ext}")
    ]
    assert any(path.suffix == ".toml" for path in data)
    assert {path.relative_to(ROOT).as_posix() for path in data} <= shipped


def test_the_wheel_says_what_it_is_and_asks_for_what_the_command_needs(wheel: Path) -> None:
    """What PyPI shows: a page, a licence, types; and an address only where there is one."""
    archive = zipfile.ZipFile(wheel)
    (entry,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    said = message_from_string(archive.read(entry).decode())
    asked = [r for r in said.get_all("Requires-Dist", []) if "extra ==" not in r]
    names = [re.split(r"[^a-z]", one)[0] for one in asked]
    assert names == ["numpy", "cyclopts", "rich", "duckdb", "tomlkit"]
    assert {"cli", "audit"} <= set(said.get_all("Provides-Extra", []))  # old names, still good
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload().strip() == (ROOT / "README.md").read_text("utf-8").strip()
    assert said["License-Expression"] == "MIT"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
    assert said.get_all("Project-URL", []) == [f"{name}, {url}" for name, url in urls.items()]
    assert {f"{entry[:-8]}licenses/LICENSE", "serverless_tax/py.typed"} <= set(archive.namelist())


def test_the_command_starts_without_the_labs_packages() -> None:
    """An installation without extras has no client of AWS, no server and no figures' library."""
    code = (
        "import sys\n"
        "for name in ('boto3', 'h11', 'hypercorn', 'ministack', 'matplotlib', 'anywidget'):\n"
        "    sys.modules[name] = None\n"
        "from serverless_tax.cli.app import run\n"
        "assert run(['price', 'aws-lambda', '--preset', 'article']) == 0\n"
        "assert run(['cloud', '--help']) == 0\n"
    )
    assert "$811.33" in _python("-c", code)


def test_the_wheel_works_with_numpy_alone(wheel: Path, tmp_path: Path) -> None:
    """Unpacked beside numpy, with no other package in reach, it prices the article's month."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    spec = find_spec("numpy")
    assert spec is not None
    assert spec.origin is not None
    site = Path(spec.origin).parents[1]
    for folder in site.glob("numpy*"):
        (tmp_path / folder.name).symlink_to(folder)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from serverless_tax import Workload, bill\n"
        'print(f\'{bill("aws-lambda", Workload.preset("article")).total:.2f}\')\n'
    )
    # Ours, $809.33 for the duration, and $2.00 for ten million requests.
    assert _python("-I", "-S", "-c", code).strip() == "811.33"


def _pins(lock: str) -> dict[str, set[str]]:
    """Return the locked versions of each package (several where they depend on the Python)."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if match := PIN.match(line):
            pins.setdefault(match["name"], set()).add(match["version"])
    return pins


def _python(*arguments: str) -> str:
    """Run this environment's Python and return what it printed; fail with its complaint."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
