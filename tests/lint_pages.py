"""Read the Python of the book's pages as the package's own is read: by ruff, and by mypy, strictly.

``make lint`` runs it. Each page becomes a module in which its code stands on the page's own lines,
so that a finding names the line of the page. Expressions within sentences are a part of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PAGES = sorted((ROOT / "book").rglob("*.md"))
#: What a page may do that a module may not.
_ALLOWED = {
    "B018": "the last expression of a cell is its output, and one in a sentence a part of it",
    "D": "the text around a cell says what it does",
    "DTZ011": "a price holds by the calendar day of the place",
    "E402": "imports stand where they are first needed",
    "E501": "cells are hidden, or laid out for their reader",
    "ERA001": "mypy's comments look like code",
    "I001": "imports stand in the order in which the page speaks of them",
    "INP001": "pages are no package",
    "PLR2004": "figures are read off the page",
    "S101": "a page asserts what its text says",
    "SLF001": "a page may show what is inside",
    "T201": "an exercise prints its solution",
}
CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"^:[a-z-]+:.*$", re.MULTILINE)
_IN_A_SENTENCE = re.compile(r"\{eval\}`([^`]*)`")


def module(page: str) -> str:
    """Return the Python of a page, each statement on the line on which the page has it."""
    lines = [""] * page.count("\n")
    for cell in CELL.finditer(page):
        start = page.count("\n", 0, cell.start(2))
        code = OPTION.sub("", cell[2]).split("\n")
        lines[start : start + len(code) - 1] = code[:-1]
    for said in _IN_A_SENTENCE.finditer(page):
        line = page.count("\n", 0, said.start())
        before = f"{lines[line]}, " if lines[line] else ""
        lines[line] = f"{before}({said[1]})".replace("\n", " ")
    return "\n".join(lines) + "\n"


def findings(pages: Mapping[str, str]) -> list[str]:
    """Return what ruff and mypy find in pages, each finding with the page and its line."""
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        names = {}
        for name, page in pages.items():
            code = Path(folder) / f"{re.sub(r'[^a-z0-9]', '_', name)}.py"
            code.write_text(module(page), "utf-8")
            names[code] = name
        settings = ROOT / "pyproject.toml"
        ignored = f"--extend-ignore={','.join(_ALLOWED)}"
        ruff = ("check", f"--config={settings}", ignored, "--output-format=concise", "--quiet")
        return [
            *_run(names, BIN / "ruff", *ruff),
            *_run(names, BIN / "mypy", f"--config-file={settings}", "--no-error-summary"),
        ]


def _run(names: Mapping[Path, str], program: Path, *options: str) -> Iterator[str]:
    """Run a program on the modules; yield what it says, with pages in the place of modules."""
    command = [program, *options, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for line in (done.stdout + done.stderr).splitlines() if done.returncode else ():
        where, colon, what = line.partition(":")
        page = next((name for code, name in names.items() if code.name == Path(where).name), where)
        yield page + colon + what


def main() -> int:
    """Say what is found in the book, and return 1 if anything is."""
    pages = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}
    found = findings(pages)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
