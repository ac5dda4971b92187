"""Fetch the one Pyodide release that the book's cells run on: ``make python``.

``pin.json`` names the release and the hash of each of its own files. One of them is the release's
lock, which has the hash of every wheel; which wheels the book takes stands in the pin as well, and
what those need, the lock says. A file with another hash is refused, and nothing of it is kept.

``python -m serverless_tax.book.python.fetch`` writes into ``_build/pyodide``. Where there is a
folder or an archive of the release (``make python PYODIDE=pyodide-314.0.7.tar.bz2``) it takes the
files from there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from serverless_tax.book.python.pin import LOCK, PIN, WrongFile, wheels

FOLDER = Path(__file__).parents[3] / "_build" / "pyodide"
#: Exit status where the release cannot be reached: nothing is wrong with what is here.
UNREACHED = 75
_TIMEOUT_S = 30
_BLOCK_BYTES = 1 << 16

#: A file of the release by its name, in blocks.
Source = Callable[[str], Iterator[bytes]]


class Unreached(OSError):
    """A file is not to be had from here."""


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
    found = sha256()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as part:
        try:
            for block in source(name):
                found.update(block)
                part.write(block)
            part.close()
            if found.hexdigest() != pinned:
                msg = f"{name} has the SHA-256 {found.hexdigest()}; the pin says {pinned}"
                raise WrongFile(msg)
            Path(part.name).chmod(0o644)
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)


def from_the_network(name: str) -> Iterator[bytes]:
    """Yield a file of the release from where the pin says that it lies."""
    url = PIN["core" if name in PIN["sha256"] else "wheels"] + name
    try:
        with urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - https, from the pin
            while block := answer.read(_BLOCK_BYTES):
                yield block
    except HTTPError as error:
        msg = f"{url} answers {error.code}"
        raise WrongFile(msg) from None
    except (URLError, OSError, HTTPException) as error:
        msg = f"{url} cannot be reached ({getattr(error, 'reason', error)})"
        raise Unreached(msg) from None


def from_a_place(place: Path) -> Source:
    """Return what yields the release's files from a folder, or from an archive of one.

    Raises:
        Unreached: if it is neither.
    """
    if place.is_dir():

        def from_folder(name: str) -> Iterator[bytes]:
            found = next(place.rglob(name), None)
            if found is None:
                msg = f"{place} has no {name}, which release {PIN['release']} has"
                raise WrongFile(msg)
            yield found.read_bytes()

        return from_folder
    try:
        archive = tarfile.open(place)  # noqa: SIM115 - read until the end
    except (OSError, tarfile.TarError) as error:
        msg = f"PYODIDE={place} is neither a folder nor an archive of Pyodide ({error})"
        raise WrongFile(msg) from None
    members = {Path(one.name).name: one for one in archive if one.isfile()}

    def from_archive(name: str) -> Iterator[bytes]:
        opened = archive.extractfile(members[name]) if name in members else None
        if opened is None:
            msg = f"{place} has no {name}, which release {PIN['release']} has"
            raise WrongFile(msg)
        yield opened.read()

    return from_archive


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
        files = fetch(arguments.into, from_a_place(Path(place)) if place else from_the_network)
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
