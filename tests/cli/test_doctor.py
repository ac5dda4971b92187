"""The doctor: well on a machine that can run the labs, a remedy for each thing that is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from serverless_tax.cli import doctor
from serverless_tax.cli.app import run

LIMIT_S = 10
PROGRAM = [sys.executable, "-c", "from serverless_tax.cli import main; main(['doctor', '--json'])"]


def examined(command: list[str], **variables: str) -> tuple[int, dict[str, dict[str, str | bool]]]:
    """Run the program under changed circumstances; return its exit code and checks by name."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )
    assert done.stderr == ""
    return done.returncode, {one["name"]: one for one in json.loads(done.stdout)["checks"]}


@pytest.mark.skipif(sys.platform != "linux", reason="the local cloud needs Linux")
def test_it_is_well_where_the_tests_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every check that is needed passes, and the exit code says so; a busy machine takes longer."""
    assert doctor._TRIAL_S < LIMIT_S
    monkeypatch.setattr(doctor.local_cloud, "__defaults__", (60.0,))
    code = run(["doctor"])
    said = capsys.readouterr()
    assert code == 0, said.out
    assert "ok      Local cloud: one invocation" in said.out
    assert said.err.startswith("0 of 7 checks failed")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("jupyterlab", ">=4.4"),
        pytest.param("boto3", ">=1.43", marks=pytest.mark.slow),
        pytest.param("duckdb", "<3,>=1.5", marks=pytest.mark.slow),
    ],
)
def test_an_old_package_is_named_with_the_version_wanted(
    tmp_path: Path, name: str, wanted: str
) -> None:
    """One that is too old fails the doctor, whichever extra asks for it, with both versions."""
    info = tmp_path / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    code, checks = examined(PROGRAM, PYTHONPATH=path)
    assert code == 1
    assert checks["Packages"]["found"] == f"{name} is 1.0, expected {wanted}"
    assert "make env" in str(checks["Packages"]["remedy"])


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs a network namespace")
def test_a_machine_without_loopback_is_told_to_bring_it_up() -> None:
    """Where nothing can listen on 127.0.0.1, ports and cloud fail, and the remedy says how."""
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no network namespace")
    code, checks = examined([*alone, *PROGRAM])
    assert code == 1
    assert not checks["Local cloud"]["ok"]
    assert not checks["Ports"]["ok"], checks["Ports"]["found"]
    assert "ip link set lo up" in str(checks["Ports"]["remedy"])


def test_no_browser_is_a_note_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labs can be opened from another machine, so a missing browser is no failure."""
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(doctor, "_APPLICATIONS", ())
    check = doctor.browser()
    assert (check.ok, check.needed) == (False, False)
    assert check.remedy.startswith("Install Firefox")


@pytest.mark.parametrize(("system", "way"), [("darwin", "shared host"), ("win32", "inside of WSL")])
def test_without_linux_there_is_the_replay(
    system: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where labs can only be replayed, that is a note and no failure, with the ways in."""
    monkeypatch.setattr(sys, "platform", system)
    check = doctor.local_cloud()
    assert (check.ok, check.needed) == (False, False)
    assert check.remedy.startswith("Go through the labs with their recorded runs: LABS_REPLAY=1 ")
    assert way in check.remedy


def test_a_temporary_folder_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The remedy names the variable that moves temporary files elsewhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    check = doctor.temporary_folder()
    assert not check.ok
    assert "TMPDIR" in check.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="the local cloud needs Linux")
def test_a_cloud_that_does_not_answer_in_time_is_given_up() -> None:
    """The doctor ends with a sentence, however slow the machine is."""
    check = doctor.local_cloud(limit_s=0.01)
    assert not check.ok
    assert check.found == "no answer in 0.01 s"
    assert check.remedy
