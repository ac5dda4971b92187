"""A Sphinx extension: the cells of a page run in it, on Pyodide, with this very build's package.

A page gets a script of some lines that puts *Run* and *Edit* under each cell in sight. What runs
them is loaded at the first click: the runner, a worker, the cells of the page with those out of
sight, and the pinned Pyodide set that ``make python`` has brought. Without that set the pages are
built as they are, and say in a sentence that their cells need it.

A runner of our own, for what there is to take costs a reader more: thebe 0.9.3 with thebe-lite
0.5.0 is 2.6 MB of scripts before an older Pyodide, and IPython's 4 MB of wheels after it; it
knows nothing of cells out of sight, of the page's scenario or of an exercise, and draws the
page's cells anew. Ours is 22 KB on Pyodide's own API, and leaves the page its look. The editor is
a text area: it is what a phone's keyboard knows, and weighs nothing.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from myst_nb.core.read import read_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from serverless_tax.book.exercises import EXERCISES
from serverless_tax.book.python.fetch import FOLDER
from serverless_tax.book.python.pack import STDLIB, WASM, packed
from serverless_tax.book.python.pin import LOCK, PIN, lock_of, wheels
from serverless_tax.book.python.wheels import PACK
from serverless_tax.widgets.build import hashed, module_script
from serverless_tax.widgets.widget import kinds

_HERE = Path(__file__).parent
#: JupyterLite starts Pyodide by it; a page's worker is a module.
_OF_THE_TAB = "pyodide.js"
#: What is loaded before the first cell; the rest when a cell imports it.
_FIRST = ("numpy",)
_NO_INPUT = {"remove-input", "remove-cell"}
_INPUT = 'class="cell_input'
#: What a page says of where its parts lie, and those of the set.
_TOLD = re.compile(r'data-python="([^"]*)"')
_PARTS = ("release", "stdlib", "rest", "widgets")
#: Of a script: a line of comment, and what a line begins with.
_SPARE = re.compile(r"^\s*(?://.*)?\n?", re.MULTILINE)


class Beside(NamedTuple):
    """What lies beside the pages: the addresses of the parts, from ``_static``, and their bytes.

    ``stdlib`` and ``rest`` are what every cell needs, the second packed, as its name with ``.gz``;
    ``widgets`` is the folder of the scripts of widgets that a cell shows and its page has not;
    ``bytes`` is what the first cell loads, ``more_bytes`` what the first drawing loads besides.
    """

    release: str = ""
    stdlib: str = ""
    rest: str = ""
    widgets: str = ""
    bytes: int = 0
    more_bytes: int = 0


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the writing of the pages that have cells in sight."""
    beside: list[Beside] = []

    def prepare(app: Sphinx) -> None:
        lock = FOLDER / LOCK
        if lock.exists() and sha256(lock.read_bytes()).hexdigest() != PIN["sha256"][LOCK]:
            msg = f"{FOLDER} has another set than release {PIN['release']}; say make python."
            raise ExtensionError(msg)
        beside[:] = [put_beside(Path(app.outdir) / "_static" / "python", FOLDER)]

    def add(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
        del template
        body = context.get("body", "")
        if doctree is None or not page.startswith("book/") or _INPUT not in body:
            return
        cells = cells_of(Path(app.env.doc2path(page)).read_text("utf-8"))
        if sum(cell["shown"] for cell in cells) != body.count(_INPUT):
            msg = f"{page} shows {body.count(_INPUT)} cells, and its source has another number."
            raise ExtensionError(msg)
        static = Path(app.outdir) / "_static"
        told = beside[0]._asdict()
        told["cells"] = _written(static, Path(page).name, "json", json.dumps(cells))
        told["page"] = page
        told["exercises"] = {
            label: {"start": one.start, "hint": one.hint}
            for label, one in EXERCISES.items()
            if f'id="{label}"' in body
        }
        for name in ("run", "worker"):
            told[name] = _written(static, name, "js", (_HERE / f"{name}.js").read_text("utf-8"))
        text = _SPARE.sub("", (_HERE / "cells.js").read_text("utf-8"))
        script = hashed("serverless-tax-cells", "js", text)
        (static / script).write_text(text, "utf-8")
        said: Any = {"data-python": json.dumps(told)}
        app.add_js_file(script, loading_method="defer", **said)

    app.connect("builder-inited", prepare)
    app.connect("html-page-context", add)
    app.connect("build-finished", _sweep)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def cells_of(page: str) -> list[dict[str, Any]]:
    """Return the cells of a page in order: name, code, whether in sight, whether others need it.

    The last expression of a cell out of sight shows something where it stands, a drawing often, and
    no later cell can need it: it is left out, and a cell that is nothing else is not needed.
    """
    notebook = read_myst_markdown_notebook(page)
    found: list[dict[str, Any]] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        is_shown = not _NO_INPUT & set(cell.metadata.get("tags", []))
        body = ast.parse(cell.source).body
        code = cell.source
        if not is_shown and isinstance(body[-1], ast.Expr):
            code = "\n".join(code.splitlines()[: body[-1].lineno - 1])
        number = 1 + sum(one["shown"] == is_shown for one in found)
        found.append(
            {
                "name": f"<cell {number}>" if is_shown else f"<cell {number} out of sight>",
                "code": code,
                "shown": is_shown,
                "needed": bool(code),
            }
        )
    return found


def put_beside(python: Path, taken: Path) -> Beside:
    """Write into a folder what cells run on: a set's files, the package, what the pages read."""
    if not (taken / LOCK).exists():
        return Beside()
    release = PIN["release"]
    lock = lock_of(taken)
    first, every = (wheels(lock, names) for names in (_FIRST, PIN["packages"]))
    had = packed(taken, first, sorted(every.keys() - first))
    (python / release).mkdir(parents=True, exist_ok=True)
    spared = {*first, *had.drawing, WASM, STDLIB, _OF_THE_TAB}
    for path in taken.iterdir():
        is_package = path.suffix in (".whl", ".zip")
        if path.name not in spared and (path.name in every or not is_package):
            shutil.copy(path, python / release)
    for left in (python / release).glob(f"*{PACK}"):  # of an earlier build
        left.unlink()
    drawing = sha256(had.more.read_bytes()).hexdigest()
    pack = f"matplotlib-{drawing[:10]}{PACK}"
    if had.drawing:
        shutil.copy(had.more, python / release / pack)
    for package in lock["packages"].values():
        if package["file_name"] in had.drawing:
            package |= {"file_name": pack, "sha256": drawing}
    (python / release / LOCK).write_text(json.dumps(lock, separators=(",", ":")), "utf-8")
    shutil.copy(had.wasm, python / release / f"{WASM}.gz")
    stdlib, rest = (
        f"{path.name.partition('.')[0]}-{sha256(path.read_bytes()).hexdigest()[:10]}{ending}"
        for path, ending in ((had.stdlib, ".zip"), (had.rest, ".tar"))
    )
    shutil.copy(had.stdlib, python / stdlib)
    shutil.copy(had.rest, python / f"{rest}.gz")

    scripts = {kind: module_script(kind) for kind in kinds()}
    widgets = f"widgets-{sha256(''.join(scripts.values()).encode()).hexdigest()[:10]}"
    (python / widgets).mkdir(exist_ok=True)
    for kind, text in scripts.items():
        (python / widgets / f"{kind}.js").write_text(text, "utf-8")

    sizes = {path.name: path.stat().st_size for path in (python / release).iterdir()}
    begins = sum(size for name, size in sizes.items() if not name.endswith((".whl", PACK)))
    begins += had.stdlib.stat().st_size + had.rest.stat().st_size
    more = sum(sizes[name] for name in sizes if name.endswith(PACK if had.drawing else ".whl"))
    return Beside(release, stdlib, rest, widgets, begins, more)


def _sweep(app: Sphinx, exception: Exception | None) -> None:
    """Remove what an earlier build left and no page names any more."""
    python = Path(app.outdir) / "_static" / "python"
    if exception or app.builder.format != "html" or not python.exists():
        return
    pages = [path.read_text("utf-8") for path in (Path(app.outdir) / "book").rglob("*.html")]
    told = [json.loads(unescape(one)) for page in pages for one in _TOLD.findall(page)]
    named = {Path(str(one[part])) for one in told for part in ("cells", "run", "worker")}
    kept = {path.name for path in named}
    kept |= {str(one[part]) for one in told for part in _PARTS if one[part]}
    kept |= {f"{one['rest']}.gz" for one in told}
    for path in python.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _written(static: Path, stem: str, ending: str, text: str) -> str:
    """Write a text beside the pages; return its address from ``_static``."""
    name = f"python/{hashed(stem, ending, text)}"
    (static / "python").mkdir(parents=True, exist_ok=True)
    (static / name).write_text(text, "utf-8")
    return name
