"""Fetch the one Pyodide release that the book's cells run on: ``make python``.

``pin.json`` names the release and the hash of each of its own files. One of them is the release's
lock, which has the hash of every wheel; which wheels the book takes stands in the pin as well, and
what those need, the lock says. A file with another hash is refused, and nothing of it is kept.

``python -m serverless_tax.book.python.fetch`` writes into ``_build/pyodide``. It asks npm for the
core, the place where Pyodide lies for the wheels, and PyPI last (``sources.py``). Where there is a
folder or an archive of the release (``make python PYODIDE=pyodide-0.27.7.tar.bz2``) it takes the
files from there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from serverless_tax.book.python.pin import LOCK, PIN, WrongFile, wheels
from serverless_tax.book.python.sources import (
    Source,
    Unreached,
    from_a_place,
    from_where_it_lies,
)

FOLDER = Path(__file__).parents[3] / "_build" / "pyodide"
#: Exit status where the release cannot be reached: nothing is wrong with what is here.
UNREACHED = 75


def fetch(folder: Path, source: Source) -> list[Path]:
    """Bring every file of the pinned set into a folder, those that are there already as they are.

    Raises:
        Unreached: if a file is not to be had.
        WrongFile: if one has another hash than is pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = dict(PIN["sha256"])
    _bring(folder, LOCK, files[LOCK], source, "")
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    files |= wheels(lock, [*PIN["packages"], *PIN["labs"]])  # the pages', and the tab's
    for k, (name, pinned) in enumerate(files.items(), 1):
        _bring(folder, name, pinned, source, f"{k} of {len(files)}: ")
    for left in folder.iterdir():
        if left.name not in files:  # of an earlier pin
            left.unlink()
    return [folder / name for name in files]


def _bring(folder: Path, name: str, pinned: str, source: Source, at: str) -> None:
    path = folder / name
    if path.exists() and sha256(path.read_bytes()).hexdigest() == pinned:
        return
    _say(f"python: {at}{name}")
    data = source(name)
    found = sha256(data).hexdigest()
    if found != pinned:
        msg = f"{name} has the SHA-256 {found}; the pin says {pinned}"
        raise WrongFile(msg)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
        part.write(data)
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Fetch the set; return 0, 1 for a wrong file, or :data:`UNREACHED`."""
    parser = argparse.ArgumentParser(description="Fetch the Python that the book's cells run on.")
    parser.add_argument("--into", type=Path, default=FOLDER, help="the folder (_build/pyodide)")
    arguments = parser.parse_args()
    place = os.environ.get("PYODIDE")
    release = f"Pyodide {PIN['release']}"
    try:
        source = from_a_place(Path(place)) if place else from_where_it_lies()
        files = fetch(arguments.into, source)
    except (WrongFile, Unreached) as error:
        way = (
            "Take the release's own files, or a newer pin"
            if place
            else ("Where it cannot be reached, say PYODIDE=FOLDER with the files of the release")
        )
        sys.stderr.write(f"python: {error}. {way}. The book is built without it too.\n")
        return UNREACHED if isinstance(error, Unreached) else 1
    mb = sum(path.stat().st_size for path in files) / 1e6
    _say(f"python: {release}, {len(files)} files, {mb:.1f} MB, each as pinned, in {arguments.into}")
    _say("python: make book puts it beside the pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
