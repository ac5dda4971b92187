"""How long the book is: its words, tables and figures, now and at commits that are named.

``python benchmarks/book_counts.py`` counts what lies here. With names of commits, such as
``907a18d0 2fa4ef14 069a7b17 HEAD``, it counts each and keeps all in ``results/book-counts.json``.

Words are those of ``book/**/*.md`` outside of cells and front matter, and of the labs' Markdown;
the reference of the command line is left out, because the program writes it. Of them are counted
apart: those of the pages to read (opening, chapters, decision, ledger), and those of listings,
such as a query or a mail. Tables and figures are the calls in cells that make one, and tables in
Markdown.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "book-counts.json"
WRITTEN = "book/reference/command-line.md"
FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
CELL = re.compile(r"^(`{3,})\{code-cell\}.*?^\1$", re.DOTALL | re.MULTILINE)
LISTING = re.compile(r"^(`{3,})\w+\n.*?^\1$", re.DOTALL | re.MULTILINE)
READ = re.compile(r"book/(?:index|decide|claims[\w-]*|\d-[\w-]+)\.md")
TABLE = re.compile(r"\bTable\.of\(|\b\w+_table\((?!\w)|\{list-table\}|^\|[-| :]+\|$", re.MULTILINE)
#: Names that draw: of a module of figures, and widgets, whose names are those of classes.
DRAWS = re.compile(r"from serverless_tax\.book\.(?:figures|bottoms|frozen)[\w.]* import ([^\n]+)")
MOVES = re.compile(r"from serverless_tax\.widgets import ([^\n]+)")
OF_A_CLASS = re.compile(r"[A-Z][a-z]+")


def git(*words: str) -> str:
    """Return what git says of this repository."""
    said = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=True)
    return said.stdout.decode()


def texts(revision: str) -> Iterator[tuple[str, str]]:
    """Return each page and lab of a commit, or those that lie here, with its text."""
    if not revision:
        for path in sorted([*(ROOT / "book").rglob("*.md"), *(ROOT / "labs").glob("*.ipynb")]):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        return
    for name in git("ls-tree", "-r", "--name-only", revision, "book", "labs").splitlines():
        if name.endswith((".md", ".ipynb")) and not name.startswith("labs/index"):
            yield name, git("show", f"{revision}:{name}")


def figures_of(cells: str) -> int:
    """Return how many figures a page's cells draw."""
    names = ", ".join([*DRAWS.findall(cells), *MOVES.findall(cells)])
    drawing = {one.strip() for one in ", ".join(DRAWS.findall(cells)).split(",")}
    drawing |= {one.strip() for one in names.split(",") if OF_A_CLASS.fullmatch(one.strip())}
    drawing = {name for name in drawing if re.fullmatch(r"[a-z]\w+|[A-Z][a-z]+", name)} - {"Run"}
    return sum(len(re.findall(rf"^\s*{name}\(", cells, re.MULTILINE)) for name in drawing)


def count(revision: str = "") -> dict[str, int]:
    """Return the counts of a commit, or of what lies here."""
    kinds = ("pages", "words", "read_words", "listing_words", "tables", "figures", "lab_words")
    counts = dict.fromkeys(kinds, 0)
    for name, text in texts(revision):
        if name.endswith(".ipynb"):
            cells = [one for one in json.loads(text)["cells"] if one["cell_type"] == "markdown"]
            counts["lab_words"] += sum(len("".join(one["source"]).split()) for one in cells)
            continue
        counts["pages"] += 1
        body = FRONT.sub("", text)
        counts["tables"] += len(TABLE.findall(body))
        counts["figures"] += figures_of("\n".join(cell[0] for cell in CELL.finditer(body)))
        if name != WRITTEN:
            said = CELL.sub(" ", body)
            counts["words"] += len(said.split())
            counts["read_words"] += len(said.split()) if READ.fullmatch(name) else 0
            counts["listing_words"] += sum(len(one[0].split()) for one in LISTING.finditer(said))
    return counts


def main() -> None:
    """Print the counts, and keep those of named commits."""
    revisions = sys.argv[1:]
    kept: list[dict[str, str | int]] = []
    for revision in revisions or [""]:
        counts = count(revision)
        said = git("log", "-1", "--format=%h %cs", revision).split() if revision else ["here"]
        print(f"book_counts: {said[0]}: {', '.join(f'{k} {v:,}' for k, v in counts.items())}")
        kept.append({"commit": said[0], "day": said[-1], **counts})
    if revisions:
        command = " ".join(
            ["python benchmarks/book_counts.py", *(str(one["commit"]) for one in kept)]
        )
        RESULTS.write_text(
            json.dumps({"command": command, "counts": kept}, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
