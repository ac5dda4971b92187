"""The archive for a classroom: it installs and runs where no packet can leave the machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

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
    subprocess.run([sys.executable, "classroom/build.py"], cwd=ROOT, check=True)
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
        ({"python": "CPython 3.9"}, "These wheels are for CPython 3.9 on"),
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
    refused = install(folder, **{**json.loads(said.stdout), "glibc": [0, 0], **made_for})
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
