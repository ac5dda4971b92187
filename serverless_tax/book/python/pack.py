"""What a page's cells load, packed: the standard library; numpy with this package; what draws.

A release of Pyodide brings Python as sources. Half of what starting it took was compiling them,
in each reader's browser. Here that Python compiles them once, in Node; where there is none they are
packed as they are, and the first cell takes some seconds more, the first drawing a dozen.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from flit_core.wheel import make_wheel_in

from serverless_tax.book.python.pin import LOCK

_ROOT = Path(__file__).parents[3]
_COMPILE = Path(__file__).with_name("compile.mjs")
#: What was packed for the same contents is taken again.
_KEPT = _ROOT / "_build" / "packed"
STDLIB, WASM = "python_stdlib.zip", "pyodide.asm.wasm"
#: What the pages' cells read beside the package, as they name it from where a page lies.
_READ = ("labs/results/*.json", "book/teaching/*.toml", "book/claims.md", "labs/handlers/*")
#: For compilers and editors, in numpy's wheel.
_UNUSED = (".pyi", ".h", ".c", ".pxd", ".pyx")
_IMPORTS = re.compile(r"^from serverless_tax[\w.]* import (?:\([^)]*\)|[\w., ]+)$", re.MULTILINE)
_OWN = "from serverless_tax.book.python import lacks, session, wheels"
#: What a drawing imports; the first makes a list of fonts, for the wheel has another release's.
_DRAWN = """
import io
from matplotlib import pyplot, rc_context
pyplot.plot([1, 2], label="a")
pyplot.legend()
pyplot.gcf().savefig(io.StringIO(), format="svg", bbox_inches="tight")
"""


class Packed(NamedTuple):
    """The standard library (zip), all else (a packed tar of paths from the root), and the core.

    In ``rest`` are the packages, this one too, and in the folder ``tree`` what pages read. The core
    is half of what the first click loads, and not every host packs it on the way: it is packed too.
    ``more`` is a tar as well, of those wheels whose modules a drawing imports: their names are
    ``drawing``, and none where nothing compiles.
    """

    stdlib: Path
    rest: Path
    wasm: Path
    more: Path
    drawing: tuple[str, ...]


def packed(taken: Path, wheels: Iterable[str], more: Iterable[str]) -> Packed:
    """Pack what a set's cells need first, or take what was packed of the same.

    Args:
        taken: the folder of the set.
        wheels: the names of those of its wheels that every cell needs.
        more: the names of the others that a cell may import.

    Raises:
        RuntimeError: if the set's Python does not compile it.
    """
    node = _node()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _unpack(taken / STDLIB, work / "stdlib")
        for name in wheels:
            _unpack(taken / name, work / "site")
        others = {name: _unpack(taken / name, work / "more") for name in more}
        _unpack(make_wheel_in(_ROOT / "pyproject.toml", work).file, work / "site")
        for path in (*_files(work / "site"), *_files(work / "more")):
            if path.suffix in _UNUSED and "serverless_tax" not in path.parts:
                path.unlink()
        (work / "asked.py").write_text(_asked(), "utf-8")
        (work / "drawn.py").write_text(_DRAWN if others else "", "utf-8")
        copy_read(work / "tree")
        kept = _KEPT / _key(work, taken, node)
        if not kept.exists():
            if node:
                _compile(node, taken, work)
            else:
                _say("no Node here compiles what cells import: each reader's browser does, in 4 s")
            _KEPT.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(dir=_KEPT))
            _zip(work / "stdlib", made / "stdlib.zip")
            packages = _python(taken)
            _gzip(_tar(work, {"site": packages, "tree": "tree"}), made / "rest.tar.gz")
            _gzip((taken / WASM).read_bytes(), made / "wasm.gz")
            drawing = [name for name, paths in others.items() if _is_compiled(work / "more", paths)]
            for name in others.keys() - drawing:
                for file in others[name]:
                    (work / "more" / file).unlink(missing_ok=True)
            _gzip(_tar(work, {"more": packages}), made / "more.tar.gz")
            (made / "drawing.json").write_text(json.dumps(drawing), "utf-8")
            for left in _KEPT.glob("[0-9a-f]*"):  # of other contents
                shutil.rmtree(left, ignore_errors=True)
            try:
                made.rename(kept)
            except OSError:  # somebody else has made the same meanwhile
                shutil.rmtree(made)
    return Packed(
        kept / "stdlib.zip",
        kept / "rest.tar.gz",
        kept / "wasm.gz",
        kept / "more.tar.gz",
        tuple(json.loads((kept / "drawing.json").read_text("utf-8"))),
    )


def copy_read(into: Path) -> None:
    """Copy what the pages' cells read beside the package into a folder, at its place from there."""
    for path in (one for pattern in _READ for one in _ROOT.glob(pattern) if one.is_file()):
        beside = into / path.relative_to(_ROOT)
        beside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, beside)


def _node() -> str | None:
    """Return a Node: the one that is installed, else the one that drives the tests' browser."""
    driver = find_spec("playwright")
    beside = Path(driver.origin or "").parent / "driver" / "node" if driver else Path()
    return shutil.which("node") or (str(beside) if beside.is_file() else None)


def _asked() -> str:
    """Return what imports all that cells of pages import of this package."""
    pages = sorted((_ROOT / "book").rglob("*.md"))
    lines = {one for page in pages for one in _IMPORTS.findall(page.read_text("utf-8"))}
    return "\n".join([_OWN, *sorted(lines)]) + "\n"


def _python(taken: Path) -> str:
    """Return the folder that the set's Python looks for packages in, from the root."""
    version = json.loads((taken / LOCK).read_text("utf-8"))["info"]["python"]
    return f"lib/python{version.rpartition('.')[0]}/site-packages"


def _unpack(archive: Path, into: Path) -> list[str]:
    """Unpack an archive into a folder; return the names of its files."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(into)  # noqa: S202 - each by its hash, or made here
        return [name for name in opened.namelist() if not name.endswith("/")]


def _is_compiled(folder: Path, names: Iterable[str]) -> bool:
    return any(name.endswith(".py") and (folder / f"{name}c").exists() for name in names)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _key(work: Path, taken: Path, node: str | None) -> str:
    told = sha256(_COMPILE.read_bytes() + (taken / LOCK).read_bytes() + str(bool(node)).encode())
    for path in _files(work):
        if path.suffix != ".whl":
            told.update(path.relative_to(work).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]


def _compile(node: str, taken: Path, work: Path) -> None:
    _say("compiling what cells import (half a minute)")
    command = [node, str(_COMPILE), str(taken.resolve()), str(work)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        said = (ran.stdout + ran.stderr).strip()[-1500:]
        msg = f"the Python in {taken} does not compile what cells import: {said}"
        raise RuntimeError(msg)


def _say(text: str) -> None:
    sys.stdout.write(f"python: {text}\n")


def _zip(folder: Path, into: Path) -> None:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix())  # of no day
            archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _tar(work: Path, folders: Mapping[str, str]) -> bytes:
    """Return a tar of those folders of ``work``, each at its place from the root."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for folder, at in folders.items():
            for path in _files(work / folder):
                name = f"{at}/{path.relative_to(work / folder).as_posix()}"
                entry = tarfile.TarInfo(name)  # of no day, and nobody's
                entry.size = path.stat().st_size
                archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return made.getvalue()


def _gzip(data: bytes, into: Path) -> None:
    into.write_bytes(gzip.compress(data, 6, mtime=0))
