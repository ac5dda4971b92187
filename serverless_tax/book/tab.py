"""The labs in a browser's tab: JupyterLite, the student form of each lab, our wheel, its Python.

``python -m serverless_tax.book.tab`` builds them into ``_build/tab``; the next `make book` puts
that folder beside the pages and a link first on each lab's page. What JupyterLite runs Python on is
the set of Pyodide that `make python` has fetched. Nothing in it is loaded from anywhere else.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
from flit_core.wheel import make_wheel_in

from serverless_tax.book.python.fetch import FOLDER as FETCHED
from serverless_tax.book.python.pin import LOCK, lock_of
from serverless_tax.book.student import copy_beside, student_form

_ROOT = Path(__file__).parents[2]
#: Where it is built, and what opens a lab there: the notebook alone, as wide as a tablet is; its
#: menu leads to all of JupyterLab and to the list of files, each of which has its own page.
FOLDER, APP = _ROOT / "_build" / "tab", "notebooks/index.html"
#: What draws our figures there. Others that are installed may not fit the JupyterLab of the tab.
_DRAWING = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
_KERNEL = "@jupyterlite/pyodide-kernel-extension"
_APPS = ["notebooks", "tree", "lab"]
#: What the labs import there beside what the set has; each is pinned in requirements.txt.
PACKAGES = (
    *("anywidget", "attrs", "comm", "cyclopts", "docstring-parser", "ipywidgets"),
    *("jupyterlab-widgets", "markdown-it-py", "mdurl", "psygnal", "rich", "rich-rst", "tomlkit"),
    *("docutils", "typing-extensions"),
)
_SOURCE = """\
# Python and the package come from this site, and stay in this tab.
import piplite

await piplite.install(["numpy", "matplotlib"])
await piplite.install({packages}, deps=False)
from serverless_tax.cloud.simulated.tab import open_tab

open_tab()"""


def has_tab(folder: Path) -> bool:
    """Whether a tab was built there."""
    return (folder / APP).exists()


def tab_mb(folder: Path) -> int:
    """How much all of it weighs, in whole megabytes."""
    return -(-sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 10**6)


#: In the place of the cell that writes a bill's files.
_NO_PARQUET = """\
session = None
print("Not made in a tab: a bill comes in Parquet, which DuckDB writes, and it is not there.")"""


class UnbuiltTabError(Exception):
    """The tab cannot be built; the text says what to do."""


def tab_form(lab: Path, *, parquet: bool = False) -> Any:
    """Return the student form of a lab, with the cell that opens the tab behind its first one.

    Args:
        lab: its notebook.
        parquet: whether the set has DuckDB, which writes a bill's files.
    """
    notebook = student_form(lab)
    packages = ["serverless-tax", *PACKAGES, *(["duckdb"] if parquet else [])]
    made = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
        _SOURCE.format(packages=json.dumps(packages)), id="tab", metadata={"tags": ["tab"]}
    )
    made.metadata["jupyter"] = {"source_hidden": True}
    notebook.cells.insert(1, made)
    for cell in notebook.cells:
        if "write_bill(" in cell.source and not parquet:
            cell.source = _NO_PARQUET
    notebook.metadata["kernelspec"] = {"name": "python", "display_name": "Python in this tab"}
    return notebook


def build(out: Path, pyodide: Path) -> None:
    """Build the tab into a folder.

    Args:
        out: becomes the tab; what was there is replaced once the new one is whole.
        pyodide: a folder with a release's files, its lock among them.

    Raises:
        UnbuiltTabError: if JupyterLite or the release is not there.
    """
    beside = _installed()
    for name in _DRAWING:
        if not (beside / name).is_dir():
            msg = f"{beside} has no {name}, without which a tab shows no figure: say `make tab`."
            raise UnbuiltTabError(msg)
    if find_spec("jupyterlite_core") is None or find_spec("jupyterlite_pyodide_kernel") is None:
        msg = "JupyterLite is not installed; `make tab` installs it."
        raise UnbuiltTabError(msg)
    fitting: str = import_module("jupyterlite_pyodide_kernel.constants").PYODIDE_VERSION
    if not (pyodide / LOCK).exists():
        msg = f"{pyodide} has no {LOCK}: fetch the Python of the pages with `make python` first."
        raise UnbuiltTabError(msg)
    lock = lock_of(pyodide)
    has, fits = (one.split(".")[:2] for one in (lock["info"]["version"], fitting))
    if has != fits:
        msg = (
            f"{pyodide} is Pyodide {lock['info']['version']}, and the kernel that is installed"
            f" fits {fitting}: fetch that one, or lock the kernel that fits."
        )
        raise UnbuiltTabError(msg)
    with tempfile.TemporaryDirectory(prefix="serverless-tax-tab-") as folder:
        work = Path(folder)
        _contents(work / "files", parquet="duckdb" in lock["packages"])
        _wheels(work / "wheels")
        (work / "lite" / "static").mkdir(parents=True)
        shutil.copytree(pyodide, work / "lite" / "static" / "pyodide")
        (work / "lite" / "static" / "pyodide" / LOCK).write_text(json.dumps(lock), "utf-8")
        _configure(work)
        command = [sys.executable, "-m", "jupyterlite_core", "build"]
        command += ["--lite-dir", "lite", "--config", "lite/jupyter_lite_config.json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=work)  # noqa: S603
        if ran.returncode or not (work / "site" / APP).exists():
            said = (ran.stderr + ran.stdout).strip()[-1500:]
            msg = f"JupyterLite did not build the tab: {said}"
            raise UnbuiltTabError(msg)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(work / "site", out)


def _installed() -> Path:
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions"


def _contents(folder: Path, *, parquet: bool) -> None:
    folder.mkdir()
    copy_beside(folder)
    for lab in sorted((_ROOT / "labs").glob("*.ipynb")):
        nbformat.write(tab_form(lab, parquet=parquet), folder / lab.name)  # type: ignore[no-untyped-call]


def _wheels(folder: Path) -> None:
    """Our own wheel, and those it needs there, each by the hash that the lock file has."""
    folder.mkdir()
    make_wheel_in(_ROOT / "pyproject.toml", folder)
    lock = (_ROOT / "requirements.txt").read_text("utf-8")
    blocks = {block.partition("==")[0]: block for block in re.split(r"\n(?=[a-z0-9])", lock)}
    wanted = folder / "requirements.txt"
    wanted.write_text("\n".join(blocks[name] for name in PACKAGES) + "\n", "utf-8")
    pure = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *pure]
    command += ["--require-hashes", f"--dest={folder}", f"--requirement={wanted}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    wanted.unlink()
    if ran.returncode:
        msg = f"pip did not bring the wheels of the tab: {ran.stderr.strip()[-800:]}"
        raise UnbuiltTabError(msg)


def _configure(work: Path) -> None:
    settings = {
        "LiteBuildConfig": {
            "contents": [str(work / "files")],
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(_installed() / name) for name in (*_DRAWING, _KERNEL)],
            "output_dir": str(work / "site"),
            "apps": _APPS,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
        },
        "PipliteAddon": {"piplite_urls": [str(work / "wheels")]},
    }
    kernel = {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}
    site = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "The Serverless Tax",
            "exposeAppInBrowser": True,
            "litePluginSettings": kernel,
        },
    }
    for name, value in (("jupyter_lite_config.json", settings), ("jupyter-lite.json", site)):
        (work / "lite" / name).write_text(json.dumps(value), "utf-8")
    # The settings of `make lab`: code wraps, as a tablet has to have it.
    shutil.copy(_ROOT / "classroom" / "jupyter" / "overrides.json", work / "lite")


def main() -> int:
    """Build the tab; return 0, or 1 with a sentence."""
    parser = argparse.ArgumentParser(description="Build the labs as a browser's tab opens them.")
    parser.add_argument("--pyodide", type=Path, default=FETCHED, help="the release's folder")
    parser.add_argument("--into", type=Path, default=FOLDER, help="the folder (_build/tab)")
    arguments = parser.parse_args()
    try:
        build(arguments.into, arguments.pyodide)
    except UnbuiltTabError as error:
        sys.stderr.write(f"tab: {error}\n")
        return 1
    sys.stdout.write(f"tab: built in {arguments.into}; make book puts it beside the pages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
