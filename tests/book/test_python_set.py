"""Fetching the pinned Pyodide set: each file by its hash, from wherever it lies."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from serverless_tax.book.python import fetch, pack, pin
from serverless_tax.book.python.pages import put_beside

#: A release of three packages, one of which the book takes with what it needs.
PACKAGES = {
    "numpy": {"file_name": "numpy-1.whl", "depends": ["left-pad"], "imports": ["numpy"]},
    "left-pad": {"file_name": "left_pad-1.whl", "depends": [], "imports": ["left_pad"]},
    "other": {"file_name": "other-1.whl", "depends": [], "imports": ["other"]},
}
CORE = ("pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
TAKEN = {*CORE, pin.LOCK, "numpy-1.whl", "left_pad-1.whl"}


def _zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a whole release, which is the pinned one."""
    folder = tmp_path / "release"
    folder.mkdir()
    packages: dict[str, Any] = {}
    for name, package in PACKAGES.items():
        module = str(package["imports"][0])
        data = _zipped({f"{module}.py": f"name = {name!r}", f"{module}.pyi": "name: str"})
        (folder / str(package["file_name"])).write_bytes(data)
        packages[name] = {**package, "sha256": _hash(data)}
    lock = {"info": {"python": "3.12.7"}, "packages": packages}
    (folder / pin.LOCK).write_text(json.dumps(lock), "utf-8")
    for name in CORE[:2]:
        (folder / name).write_text(f"the text of {name}", "utf-8")
    (folder / CORE[2]).write_bytes(_zipped({"this.py": "import antigravity"}))
    monkeypatch.setitem(pin.PIN, "packages", ["numpy"])  # type: ignore[arg-type]
    monkeypatch.setitem(pin.PIN, "labs", [])  # type: ignore[arg-type]
    hashes = {name: _hash((folder / name).read_bytes()) for name in (pin.LOCK, *CORE)}
    monkeypatch.setitem(pin.PIN, "sha256", hashes)  # type: ignore[arg-type]
    return folder


def main(monkeypatch: pytest.MonkeyPatch, into: Path, place: Path | str = "") -> int:
    """Say what `make python` says."""
    monkeypatch.setenv("PYODIDE", str(place))
    monkeypatch.setattr("sys.argv", ["fetch", "--into", str(into)])
    return fetch.main()


def names(folder: Path) -> set[str]:
    """Return what is in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_a_release_at_hand_is_taken_as_far_as_it_is_needed(
    form: str, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its core, and the wheels of the pin with what they need; a second time nothing is read."""
    place = release
    if form == "archive":
        place = tmp_path / "release.tar.bz2"
        with tarfile.open(place, "w:bz2") as archive:
            archive.add(release, "pyodide")
    into = tmp_path / "set"
    assert main(monkeypatch, into, place) == 0
    assert names(into) == TAKEN
    (into / "of-an-earlier-pin.whl").write_text("old", "utf-8")
    fetch.fetch(into, _never)
    assert names(into) == TAKEN


def _never(name: str) -> bytes:
    pytest.fail(f"{name} was there already")


def test_a_file_with_another_hash_is_refused_and_not_kept(
    release: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whether it is of the core or a wheel; the sentence names it, and both hashes."""
    into = tmp_path / "set"
    wheel = release / "numpy-1.whl"
    wheel.write_bytes(b"another")
    assert main(monkeypatch, into, release) == 1
    says = capsys.readouterr().err
    assert f"numpy-1.whl has the SHA-256 {_hash(b'another')}; the pin says" in says
    assert "The book is built without it too." in says
    assert not names(into) & {"numpy-1.whl"}
    assert all(one in TAKEN for one in names(into)), "no part of a file is left"
    wheel.unlink()
    assert main(monkeypatch, into, release) == 1
    assert f"{release} has no numpy-1.whl" in capsys.readouterr().err
    assert main(monkeypatch, into, tmp_path / "nothing") == 1
    assert "neither a folder nor an archive" in capsys.readouterr().err


@pytest.mark.parametrize("reached", ["the release's place", "PyPI"])
def test_a_file_is_asked_of_those_who_made_it_first(
    reached: str, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core from npm; a wheel from the release's place, and else from the package on PyPI."""
    with tarfile.open(tmp_path / "core.tgz", "w:gz") as archive:
        for name in (pin.LOCK, *CORE):
            archive.add(release / name, f"package/{name}")
    carrier = tmp_path / "carrier-1-py3-none-any.whl"
    with zipfile.ZipFile(carrier, "w") as archive:
        about = "Metadata-Version: 2.1\nName: carrier\nVersion: 1\n"
        archive.writestr("carrier-1.dist-info/METADATA", about)
        archive.writestr("carrier-1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        for name in ("numpy-1.whl", "left_pad-1.whl"):
            archive.write(release / name, f"carrier/assets/{name}")
    is_pypi = reached == "PyPI"
    asked = f"carrier==1 --hash=sha256:{_hash(carrier.read_bytes())}"
    places = {
        "npm": (tmp_path / "core.tgz").as_uri(),
        "pypi": asked if is_pypi else "nothing==0",
        "core": "http://127.0.0.1:9/",
        "wheels": "http://127.0.0.1:9/" if is_pypi else f"{release.as_uri()}/",
    }
    for part, place in places.items():
        monkeypatch.setitem(pin.PIN, part, place)  # type: ignore[arg-type]
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert main(monkeypatch, tmp_path / "set") == 0
    assert names(tmp_path / "set") == TAKEN


def test_where_it_cannot_be_reached_that_is_said(
    release: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a status of its own: nothing is wrong with what is here."""
    del release
    for part in ("npm", "core", "wheels"):
        monkeypatch.setitem(pin.PIN, part, f"http://127.0.0.1:9/{part}/")  # type: ignore[arg-type]
    assert main(monkeypatch, tmp_path / "set") == fetch.UNREACHED
    says = capsys.readouterr().err
    assert "http://127.0.0.1:9/npm/ cannot be reached" in says
    assert f"http://127.0.0.1:9/core/{pin.LOCK} cannot be reached" in says
    assert "PYODIDE=FOLDER" in says


def test_what_is_beside_the_pages_is_the_set_and_this_package(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing compiles it: as it is. The bytes are those that the first click loads."""
    monkeypatch.setattr(pack, "_node", lambda: None)
    monkeypatch.setattr(pack, "_KEPT", tmp_path / "kept")
    told = put_beside(tmp_path / "python", release)
    python = tmp_path / "python"
    rest = python / f"{told.rest}.gz"
    with tarfile.open(rest) as archive:
        laid = {name.removeprefix("lib/python3.12/site-packages/") for name in archive.getnames()}
    assert laid > {"numpy.py", "left_pad.py", "serverless_tax/__init__.py", "tree/book/claims.md"}
    first = [rest, python / told.stdlib]
    first += [python / told.release / name for name in (CORE[0], f"{CORE[1]}.gz", pin.LOCK)]
    assert told.bytes == sum(path.stat().st_size for path in first)
    assert told.more_bytes == 0
    assert put_beside(tmp_path / "python", tmp_path / "nothing").release == ""


def test_the_pin_names_one_release_everywhere() -> None:
    """Its addresses are of the release that it names, and each hash is one."""
    for part in ("npm", "core", "wheels"):
        assert pin.PIN["release"] in pin.PIN[part]
    assert all(len(one) == 64 for one in pin.PIN["sha256"].values())
    assert pin.LOCK in pin.PIN["sha256"]
