"""The labs as Colab opens them: the student form, with a cell that fetches the files beside it.

``python -m serverless_tax.book.colab`` writes them into ``colab/`` with the repository's address
from ``_config.yml``, or takes them away while there is none. Colab opens a file of the repository
as it is, so they are kept there. Anywhere else the cell does nothing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import yaml

from serverless_tax.book.student import student_form

#: Where they are in the repository.
FOLDER = "colab"
_ROOT = Path(__file__).parents[2]
# Newer packages for notebooks break Colab's connection to the kernel
# (https://github.com/googlecolab/colabtools/issues/2837), so the cell installs the cloud's only.
_SOURCE = """\
import sys
from pathlib import Path

if "google.colab" in sys.modules and not Path("handlers").exists():
    # Colab opened this notebook alone: fetch what stands beside it, and what it imports.
    !git clone --quiet --depth 1 {address} serverless-tax
    %cd -q serverless-tax/labs
    %pip install --quiet "..[cloud]"
    from google.colab import output

    output.enable_custom_widget_manager()"""


def address() -> str:
    """Return the repository's address in ``_config.yml``, or nothing."""
    config = yaml.safe_load((_ROOT / "_config.yml").read_text("utf-8"))
    return str(config["repository"]["url"] or "")


def colab_form(lab: Path, address: str) -> Any:
    """Return the student form of a lab, with the cell for Colab behind its first one."""
    notebook = student_form(lab)
    made = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
        _SOURCE.format(address=address), id="colab", metadata={"tags": ["colab", "remove-cell"]}
    )
    notebook.cells.insert(1, made)
    return notebook


def main() -> None:
    """Bring the folder in line with ``_config.yml``."""
    url, folder = address(), _ROOT / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    if url:
        folder.mkdir()
        for lab in sorted((_ROOT / "labs").glob("*.ipynb")):
            nbformat.write(colab_form(lab, url), folder / lab.name)  # type: ignore[no-untyped-call]
    said = f"holds the labs, which fetch {url}" if url else "is left out: repository.url is empty"
    sys.stdout.write(f"colab: the folder {FOLDER}/ {said}\n")


if __name__ == "__main__":
    main()
