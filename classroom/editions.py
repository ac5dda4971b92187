"""Freeze the book of a tag, for a course: its sources, its prices, its day.

``make editions`` puts each edition that ``pyproject.toml`` names beside the current book, at
``editions/DAY/``. Every page of it says that it is frozen, and leads to the current one.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from serverless_tax.ground.html import link, tag

ROOT = Path(__file__).resolve().parents[1]
#: What Python imports first: today is the day of the edition, in the kernels of its pages too.
_DAY = '''"""Today is the day of an edition."""

import datetime as dt

TRUE = dt.date


class _AnyDate(type):
    def __instancecheck__(cls, value):
        return isinstance(value, TRUE)


class Date(TRUE, metaclass=_AnyDate):
    __slots__ = ()

    @classmethod
    def today(cls):
        return cls({day.year}, {day.month}, {day.day})


dt.date = Date
'''


class NoEdition(Exception):
    """A tag cannot be made into an edition; the message says why, and what to do."""


def editions(root: Path = ROOT) -> dict[str, str]:
    """Return the tag of each edition that is declared, by its day."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    named: dict[str, str] = settings.get("tool", {}).get("serverless-tax", {}).get("editions", {})
    return named


def build(name: str, into: Path, root: Path = ROOT) -> Path:
    """Build the edition of a tag into ``into/DAY``, unless it is there; return that folder.

    Raises:
        NoEdition: if there is no such tag, or its book cannot be built.
    """
    day = _day_of(name, root)
    out = into / day.isoformat()
    if out.is_dir():
        return out
    with tempfile.TemporaryDirectory(prefix="edition-") as folder:
        source, calendar, made = (Path(folder) / each for each in ("source", "day", "made"))
        _run(["git", "archive", "--format=tar", f"--output={folder}/tar", name], root, name)
        with tarfile.open(f"{folder}/tar") as archive:
            archive.extractall(source, filter="data")
        calendar.mkdir()
        text = re.sub(r"\{day\.(\w+)\}", lambda m: str(getattr(day, m[1])), _DAY)
        (calendar / "sitecustomize.py").write_text(text, "utf-8")
        book = Path(sys.executable).parent / "jupyter-book"
        words = [str(book), "build", str(source), "--all", "-W", "-n", "--path-output", str(made)]
        places = os.pathsep.join(map(str, (calendar, source)))
        _run(words, source, name, os.environ | {"PYTHONPATH": places})
        freeze(made / "_build" / "html", name, day)
        part = into / f".{day}.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(made / "_build" / "html", part)
        part.rename(out)
    return out


def _day_of(name: str, root: Path) -> date:
    """Return the day of a tag's commit."""
    said = _run(["git", "log", "-1", "--format=%cs", f"refs/tags/{name}", "--"], root, name)
    return date.fromisoformat(said.strip())


def _run(words: Sequence[str], where: Path, name: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=where, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        told = [line for line in lines if re.search(r"\w+(?:Error|Warning|WARNING|fatal): ", line)]
        said = "\n".join(dict.fromkeys(told[:5] or lines[-5:]))
        msg = f"{name} makes no edition: {Path(words[0]).name} {words[1]} ended with this.\n{said}"
        raise NoEdition(msg)
    return done.stdout


def freeze(html: Path, name: str, day: date) -> None:
    """Say on every page of a built book that it is an edition, and lead from it to the current."""
    for page in html.rglob("*.html"):
        up = "../" * (len(page.relative_to(html).parts) + 1)
        banner = tag(
            "p",
            f"Edition of {day}, frozen ({name}): its prices and its numbers stay as they were. ",
            link(f"{up}index.html", "The current book"),
            role="note",
            style="margin:0;padding:.5rem 1.25rem;border-bottom:1px solid;font:1rem/1.4 sans-serif",
        )
        split = re.split(r"(<body[^>]*>)", page.read_text("utf-8"), maxsplit=1)
        if len(split) == 1:  # it only leads to another
            continue
        head, body, rest = split
        head = head.replace("<head>", '<head><meta name="robots" content="noindex">', 1)
        page.write_text(f"{head}{body}{banner.html}{rest}", "utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Build the editions that are declared, or of the tags named, and put them beside the book."""
    parser = argparse.ArgumentParser(description="Put frozen editions beside the built book.")
    parser.add_argument(
        "tags", nargs="*", help="such as v1.2.0; those of pyproject.toml by default"
    )
    named = parser.parse_args(words).tags or list(editions().values())
    made, site = ROOT / "_build" / "editions", ROOT / "_build" / "html"
    if not named:
        print('editions: none is declared; add DAY = "TAG" to [tool.serverless-tax.editions]')
    for k, name in enumerate(named, 1):
        print(
            f"editions: {k} of {len(named)}, {name} (about two minutes unless it is built)",
            flush=True,
        )
        try:
            out = build(name, made)
        except NoEdition as error:
            print(f"editions: {error}", file=sys.stderr)
            return 1
        shutil.copytree(out, site / "editions" / out.name, dirs_exist_ok=True)
        print(f"editions: _build/html/editions/{out.name}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
