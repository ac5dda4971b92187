"""The archive for a classroom: it installs and runs where no packet can leave the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from chromium import find_chromium

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "classroom"
ARCHIVE = ROOT / "_build" / "serverless-tax-classroom.tar.gz"
# Inside: the loopback interface and nothing else.
ALONE = 'ip link set lo up && exec "$@"'
# Opens what book.sh serves; prints title, heading, and every request that came to nothing.
FIRST_PAGE = """
import os, re, subprocess, sys
from playwright.sync_api import sync_playwright
book = subprocess.Popen(["sh", "book.sh"], env={**os.environ, "PORT": "0"}, stdout=subprocess.PIPE)
try:
    [address] = re.findall("http://[0-9.:]+/", book.stdout.readline().decode())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
        page = browser.new_page()
        failed = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.goto(address + "index.html", wait_until="networkidle")
        page.wait_for_url("**/book/index.html")
        page.wait_for_load_state("networkidle")
        print(page.title(), "|", page.locator("h1").first.inner_text(), "|", failed)
finally:
    book.terminate()
"""
# A Python beside the one that builds the archive.
ANOTHER = "3.12" if sys.version_info[:2] != (3, 12) else "3.13"
Inside = Callable[..., subprocess.CompletedProcess[str]]


def without_network() -> list[str]:
    """The command in front of what runs with no route; skips where the kernel refuses it."""
    tries = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])
    for front in tries:
        whole = [*front, "sh", "-c", ALONE, "sh"]
        if shutil.which("unshare") and not subprocess.run([*whole, "true"], check=False).returncode:
            return whole
    pytest.skip("needs unshare and ip, and a kernel that lets this user make a network namespace")


def clean(folder: Path, **variables: str) -> dict[str, str]:
    """A learner's variables: nothing of this environment and of its package sources."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **variables}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, built anew and unpacked into an empty folder."""
    subprocess.run(["make", "--silent", "_build/html/index.html"], cwd=ROOT, check=True)
    with_another = {**os.environ, "PYTHONS": ANOTHER}
    subprocess.run([sys.executable, "classroom/build.py"], cwd=ROOT, check=True, env=with_another)
    folder = tmp_path_factory.mktemp("classroom")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "serverless-tax-classroom"


@pytest.fixture(scope="module")
def inside(unpacked: Path) -> Inside:
    """Run a command in the unpacked folder, with no network; return what it said."""
    front = without_network()
    python = str(Path(sys.executable).resolve())

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*front, *command],
            cwd=unpacked,
            env=clean(unpacked.parent, PYTHON=python),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_class_without_a_network(inside: Inside, unpacked: Path) -> None:
    """Installed, examined, lab 1 run to its clean-up and the book opened; nothing leaves."""
    reach = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    assert "unreachable" in inside("python3", "-c", reach).stderr

    installed = inside("sh", "install.sh")
    assert installed.returncode == 0, installed.stderr
    assert "install: done" in installed.stdout
    doctor = inside("sh", "doctor.sh")
    assert doctor.returncode == 0, doctor.stdout
    assert "ok      Local cloud: one invocation" in doctor.stdout

    [lab] = unpacked.glob("labs/1-*.ipynb")
    ran = inside(".venv/bin/jupyter", "execute", "--inplace", str(lab))
    assert ran.returncode == 0, ran.stderr
    outputs = [
        output.get("text", "")
        for cell in nbformat.read(lab, 4).cells
        for output in cell.get("outputs", ())
    ]
    assert "local cloud, or its recording\n" in outputs
    assert "nothing is left\n" in outputs

    chromium = find_chromium()
    if chromium is None:
        pytest.skip("all but the book's page was seen: there is no Chromium to open it")
    seen = inside(sys.executable, "-c", FIRST_PAGE, str(chromium))
    assert "| The Serverless Tax" in seen.stdout, seen.stderr
    assert seen.stdout.endswith("| []\n"), seen.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_second_python_finds_its_wheels(unpacked: Path, tmp_path: Path) -> None:
    """Every locked package has a wheel for it, and it says so; where there is one, it installs."""
    assert f"CPython {ANOTHER}" in (unpacked / "README.txt").read_text("utf-8")
    command = [sys.executable, "-m", "pip", "--isolated", "download", "--no-index", "--quiet"]
    command += ["--find-links", str(unpacked / "wheels"), "--only-binary", ":all:"]
    command += ["--python-version", ANOTHER, "--dest", str(tmp_path), "serverless-tax[book,labs]"]
    subprocess.run(command, check=True)
    another = shutil.which(f"python{ANOTHER}")  # pyenv has a name for each, and not each behind it
    if another and subprocess.run([another, "-c", ""], check=False).returncode == 0:
        copy = tmp_path / "copy"
        shutil.copytree(unpacked, copy, ignore=shutil.ignore_patterns(".venv"))
        subprocess.run(
            ["sh", "install.sh"], cwd=copy, check=True, env=clean(tmp_path, PYTHON=another)
        )
        said = subprocess.run(
            ["sh", "doctor.sh"], cwd=copy, env=clean(tmp_path), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that builds the archive."""
    monkeypatch.syspath_prepend(FILES)
    import build  # type: ignore[import-not-found]  # noqa: PLC0415

    return build


def test_another_python_needs_what_is_compiled(build: Any) -> None:
    """Neither what runs everywhere, nor what it is not asked for there."""
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    needed = build.still_needed(lock, "3.12", ["boto3-1.0-py3-none-any.whl"])
    names = re.findall(r"^([\w.-]+)==(\S+)", needed, re.MULTILINE)
    assert [name for name, _ in names].count("numpy") == 1
    assert {"boto3", "overrides", "colorama"}.isdisjoint(dict(names))
    assert " ; " not in needed  # pip would ask these of the Python that runs it
    assert set(re.findall(r"^[\w.-]+==\S+", needed, re.MULTILINE)) <= set(
        re.findall(r"^[\w.-]+==\S+", lock, re.MULTILINE)
    )
    assert needed.count("--hash") > len(names) > 100


def test_a_python_that_is_none_is_refused(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence with its name; this Python's own is not packed twice."""
    monkeypatch.setenv("PYTHONS", "py312")
    with pytest.raises(OSError, match=r"PYTHONS has 'py312'; say versions such as 3\.12"):
        build.further_pythons()
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setenv("PYTHONS", f"{here} {ANOTHER} {ANOTHER}")
    assert build.further_pythons() == [ANOTHER]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The scripts alone, made for the Python that runs the tests."""
    for path in [*FILES.glob("*.sh"), FILES / "fits.py"]:
        shutil.copy(path, tmp_path)
    return tmp_path


def install(folder: Path, **made_for: object) -> subprocess.CompletedProcess[str]:
    """Run install.sh with wheels that are for something else."""
    (folder / "wheels-are-for.json").write_text(json.dumps(made_for))
    variables = clean(folder, PYTHON=str(Path(sys.executable).resolve()))
    return subprocess.run(
        ["sh", "install.sh"],
        cwd=folder, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made_for", "sentence"),
    [
        ({"pythons": ["CPython 3.9"]}, "These wheels are for CPython 3.9 on"),
        ({"platform": "linux-m68k"}, "on linux-m68k, and this is"),
        ({"glibc": [99, 1]}, "These wheels need glibc 99.1 or newer"),
    ],
    ids=["python", "platform", "glibc"],
)
def test_wheels_that_do_not_fit_are_refused(
    folder: Path, made_for: dict[str, object], sentence: str
) -> None:
    """One sentence, and nothing is left that looks installed."""
    said = subprocess.run(
        [sys.executable, "-c", "import fits, json; print(json.dumps(fits.this_python()))"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = json.loads(said.stdout)
    fitting = {"pythons": [here["python"]], "platform": here["platform"], "glibc": [0, 0]}
    refused = install(folder, **{**fitting, **made_for})
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not (folder / ".venv").exists()


def test_a_start_script_asks_to_install_first(folder: Path) -> None:
    """Without an installation, one line names the missing step."""
    for script in ("labs.sh", "book.sh", "doctor.sh"):
        done = subprocess.run(
            ["sh", script], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr == "not installed yet; say first: sh install.sh\n"
