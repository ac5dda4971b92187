"""What a page's Python brings when something imports it: a pack, by its hash, once."""

from __future__ import annotations

import gzip
import importlib
import io
import json
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from serverless_tax.book.python import lacks, pin
from serverless_tax.book.python.wheels import PACK, bring_when_imported

MODULE = "a_module_of_a_pack"


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A pack with a module; what the test does to Python's finders is undone."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        text = b"answer = 42\n"
        entry = tarfile.TarInfo(f"{MODULE}.py")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    monkeypatch.setitem(pin.PIN, "packages", ["toy"])  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    return gzip.compress(made.getvalue())


def lock_with(data: bytes) -> str:
    """Return a lock with one package, which is in a pack."""
    named = {"file_name": f"toy{PACK}", "sha256": sha256(data).hexdigest()}
    toy = {**named, "depends": ["rare"], "imports": [MODULE]}
    rare = {"file_name": "rare-1.whl", "sha256": "0", "depends": [], "imports": ["rare_module"]}
    return json.dumps({"packages": {"toy": toy, "rare": rare}})


def test_a_pack_is_brought_once_and_asked_for_again_where_it_did_not_come(
    pack: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what it may need; without the network an import fails, with it the next does not."""
    monkeypatch.syspath_prepend(tmp_path)
    asked: list[str] = []

    def bring(name: str) -> bytes:
        asked.append(name)
        if len(asked) == 1:
            msg = "no network"
            raise OSError(msg)
        return pack

    def lay(tar: bytes) -> None:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            archive.extractall(tmp_path, filter="data")

    bring_when_imported(lock_with(pack), bring, lay)
    with pytest.raises(OSError, match="no network"):
        importlib.import_module(MODULE)
    for _ in range(2):
        assert importlib.import_module(MODULE).answer == 42
        del sys.modules[MODULE]
    assert asked == [f"toy{PACK}"] * 2


def test_another_pack_than_the_lock_s_is_refused(pack: bytes) -> None:
    """Its hash is that of what the build packed, or it is not laid."""
    bring_when_imported(lock_with(b"other"), lambda _: pack, lambda _: pytest.fail("laid"))
    with pytest.raises(ImportError, match="is not the wheel that the release's lock names"):
        importlib.import_module(MODULE)


def test_what_a_page_has_not_is_said_of_an_error_that_comes_of_it() -> None:
    """Where the package made a sentence of the missing module too; at home nothing is said."""
    missing = ModuleNotFoundError("No module named 'duckdb'", name="duckdb")
    refused = ValueError("The audit needs DuckDB")
    refused.__cause__ = missing
    for error in (missing, refused):
        assert "run a cell with duckdb at home" in lacks.note(error, "emscripten")
        assert lacks.note(error, "linux") == ""
    assert lacks.note(ValueError("x"), "emscripten") == ""
    alone = RuntimeError("can't start new thread")
    assert "one thread" in lacks.note(alone, "emscripten")
    assert lacks.note(alone, "linux") == ""
    known = ModuleNotFoundError("No module named 'sys.nothing'", name="sys.nothing")
    assert lacks.note(known, "emscripten") == ""
