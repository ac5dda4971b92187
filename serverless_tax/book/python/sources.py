"""Where the files of the pinned release are to be had, by their names.

Pyodide's own package on npm has the core, and a lock with the hash of each of its wheels. The
wheels are asked for where Pyodide lies: numpy's and matplotlib's for a browser are on no registry
under their names. Where that place cannot be reached, a package on PyPI that another project made
carries them. It states no licence, and none of its own files is taken: a wheel is held to the hash
in Pyodide's lock, so it is Pyodide's file, with the licence that stands in it.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from serverless_tax.book.python.pin import PIN, WrongFile

_TIMEOUT_S = 30

#: The bytes of a file of the release by its name; it raises `WrongFile` where it has no such file.
Source = Callable[[str], bytes]


class Unreached(OSError):
    """A file is not to be had from here."""


def in_turn(*sources: Source) -> Source:
    """Return what asks one source after the other; one that cannot be reached is asked once.

    It raises what the last one said, with what those before it said.
    """
    left = list(sources)

    def bring(name: str) -> bytes:
        said: list[str] = []
        for source in tuple(left):
            try:
                return source(name)
            except (Unreached, WrongFile) as error:
                said.append(str(error))
                if isinstance(error, Unreached):
                    left.remove(source)
        raise (WrongFile if left else Unreached)("; ".join(said))

    return bring


def from_where_it_lies() -> Source:
    """Return what takes each file from those who made it, then from who else carries it."""
    core, wheels = in_turn(_from_npm(), _from_copies), in_turn(_from_copies, _from_pypi())
    return lambda name: (core if name in PIN["sha256"] else wheels)(name)


def _from_npm() -> Source:
    @cache
    def core() -> Source:
        return from_archive(_read(PIN["npm"]), f"npm's package of Pyodide {PIN['release']}")

    def bring(name: str) -> bytes:
        return core()(name)

    return bring


def _from_pypi() -> Source:
    @cache
    def wheels() -> Source:
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder, "requirements.txt")
            wanted.write_text(PIN["pypi"], "utf-8")
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary=:all:", "--require-hashes", "--retries=1"]
            command += [f"--dest={folder}", f"--requirement={wanted}"]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            if ran.returncode:
                said = ran.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
                is_wrong = "DO NOT MATCH THE HASHES" in ran.stderr
                msg = f"pip did not bring {PIN['pypi'].partition(' ')[0]} ({said[0]})"
                raise (WrongFile if is_wrong else Unreached)(msg)
            [wheel] = Path(folder).glob("*.whl")
            return from_archive(wheel.read_bytes(), wheel.name)

    def bring(name: str) -> bytes:
        return wheels()(name)

    return bring


def _from_copies(name: str) -> bytes:
    return _read(PIN["core" if name in PIN["sha256"] else "wheels"] + name)


def from_a_place(place: Path) -> Source:
    """Return what takes files from a folder, or from an archive of one.

    Raises:
        WrongFile: if it is neither.
    """
    if not place.is_dir():
        try:
            return from_archive(place.read_bytes(), str(place))
        except OSError as error:
            msg = f"PYODIDE={place} is neither a folder nor an archive of Pyodide ({error})"
            raise WrongFile(msg) from None

    def bring(name: str) -> bytes:
        found = next(place.rglob(name), None)
        if found is None:
            raise _lacks(str(place), name)
        return found.read_bytes()

    return bring


def from_archive(data: bytes, of: str) -> Source:
    """Return what takes files from an archive, a tar or a zip, in whichever of its folders.

    Raises:
        WrongFile: if it is no such archive.
    """
    try:
        archive: zipfile.ZipFile | tarfile.TarFile
        if zipfile.is_zipfile(io.BytesIO(data)):
            archive = zipfile.ZipFile(io.BytesIO(data))
            members = archive.namelist()
        else:
            archive = tarfile.open(fileobj=io.BytesIO(data))  # noqa: SIM115 - in memory
            members = [one.name for one in archive if one.isfile()]
    except (zipfile.BadZipFile, tarfile.TarError) as error:
        msg = f"{of} is neither a folder nor an archive of Pyodide ({error})"
        raise WrongFile(msg) from None
    paths = {Path(one).name: one for one in members}

    def bring(name: str) -> bytes:
        if name not in paths:
            raise _lacks(of, name)
        if isinstance(archive, zipfile.ZipFile):
            return archive.read(paths[name])
        opened = archive.extractfile(paths[name])
        return opened.read() if opened else b""

    return bring


def _lacks(of: str, name: str) -> WrongFile:
    return WrongFile(f"{of} has no {name}, which release {PIN['release']} has")


def _read(url: str) -> bytes:
    try:
        with urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - https, from the pin
            return bytes(answer.read())
    except HTTPError as error:
        msg = f"{url} answers {error.code}"
        raise WrongFile(msg) from None
    except (URLError, OSError, HTTPException) as error:
        msg = f"{url} cannot be reached ({getattr(error, 'reason', error)})"
        raise Unreached(msg) from None
