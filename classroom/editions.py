"""Freeze the book of a tag or a commit, for a course: its sources, its prices, its day.

``make editions`` puts each edition that ``pyproject.toml`` names beside the current book, at
``editions/DAY/``. Every page of it says that it is frozen, and leads to the same page of the
current one, whose page *About* then leads to the editions.
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

from serverless_tax.ground.html import Markup, joined, link, tag

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


#: A commit, as against the name of a tag.
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
#: Where the page *About* names the editions that lie beside the book.
_PLACE = re.compile(r'(<p\b[^>]*\bid="editions"[^>]*>).*?(</p>)', re.DOTALL)
#: How many letters of a commit tell it from all others.
_SHORT = 12


class NoEdition(Exception):
    """A tag cannot be made into an edition; the message says why, and what to do."""


def editions(root: Path = ROOT) -> dict[str, str]:
    """Return the tag or commit of each edition that is declared, by its day."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    named: dict[str, str] = settings.get("tool", {}).get("serverless-tax", {}).get("editions", {})
    return named


def build(name: str, into: Path, root: Path = ROOT) -> Path:
    """Build the edition of a tag or commit into ``into/DAY``, unless it is there; return where.

    Raises:
        NoEdition: if there is no such tag or commit, if it is declared for another day, or if its
            book cannot be built.
    """
    day = day_of(name, root)
    said = [one for one, declared in editions(root).items() if declared == name]
    if said and str(day) not in said:
        where = "[tool.serverless-tax.editions]"
        msg = f"{name} is declared for {said[0]} and is of {day}; write {day} in {where}."
        raise NoEdition(msg)
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


def day_of(name: str, root: Path) -> date:
    """Return the day of a commit, or of a tag's commit.

    Raises:
        NoEdition: if there is no such tag or commit.
    """
    of = name if _COMMIT.fullmatch(name) else f"refs/tags/{name}"
    said = _run(["git", "log", "-1", "--format=%cs", of, "--"], root, name)
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
    """Say on every page of a built book that it is an edition, and lead from it to the current.

    The link leaves a frame in which a figure may stand. *About* names no editions beside itself.
    """
    short = name[:_SHORT] if _COMMIT.fullmatch(name) else name
    for page in html.rglob("*.html"):
        banner = tag(
            "p",
            f"Edition of {day}, frozen ({short}): its prices and its numbers stay as they were. ",
            _current(page.relative_to(html), "index.html"),
            role="note",
            style="margin:0;padding:.5rem 1.25rem;border-bottom:1px solid;font:1rem/1.4 sans-serif",
        )
        split = re.split(r"(<body[^>]*>)", page.read_text("utf-8"), maxsplit=1)
        if len(split) == 1:  # it only leads to another
            continue
        head, body, rest = split
        rest = _PLACE.sub(rf"\1This copy is the edition of {day}.\2", rest)
        head = head.replace("<head>", '<head><meta name="robots" content="noindex">', 1)
        page.write_text(f"{head}{body}{banner.html}{rest}", "utf-8")


def _current(page: Path, to: str) -> Markup:
    """Return the link out of a page of an edition to one of the current book."""
    up = "../" * (len(page.parts) + 1)
    return link(f"{up}{to}", "The current book", target="_top")


def put(edition: Path, site: Path) -> None:
    """Put an edition beside a built book, whose page *About* then leads to every one there is.

    A page of it leads to the same page of that book, where there still is one.
    """
    beside = site / "editions" / edition.name
    shutil.copytree(edition, beside, dirs_exist_ok=True)
    for copy in beside.rglob("*.html"):
        page = copy.relative_to(beside)
        if (site / page).is_file():
            text = copy.read_text("utf-8")
            to_book, to_page = (_current(page, to).html for to in ("index.html", page.as_posix()))
            copy.write_text(text.replace(to_book, to_page, 1), "utf-8")
    days = sorted(one.name for one in (site / "editions").iterdir())
    links = joined(*(link(f"../editions/{day}/index.html", day) for day in days), by=", ")
    page = site / "book" / "about.html"
    text = page.read_text("utf-8")
    said = joined("Frozen editions beside this book: ", links, ".").html
    page.write_text(_PLACE.sub(lambda place: place[1] + said + place[2], text), "utf-8")


def main(words: Sequence[str] | None = None) -> int:
    """Build the editions that are declared, or of the tags named, and put them beside the book."""
    parser = argparse.ArgumentParser(description="Put frozen editions beside the built book.")
    parser.add_argument(
        "names", nargs="*", help="tags or commits; those of pyproject.toml by default"
    )
    named = parser.parse_args(words).names or list(editions().values())
    made, site = ROOT / "_build" / "editions", ROOT / "_build" / "html"
    if not named:
        print(
            'editions: none is declared; say TAGS="TAG", or add DAY = "TAG" to'
            " [tool.serverless-tax.editions]"
        )
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
        put(out, site)
        print(f"editions: _build/html/editions/{out.name}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
