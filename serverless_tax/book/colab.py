"""The cell that lets a lab run in Colab, which opens a notebook without the files beside it.

``python -m serverless_tax.book.colab`` puts it into every lab with the repository's address from
``_config.yml``, or takes it out while there is none. Anywhere else the cell does nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import yaml

_ROOT = Path(__file__).parents[2]
_TAG = "colab"
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


def with_cell(notebook: Any, address: str) -> Any:
    """Put the cell behind the first one of a lab, or take it out if there is no address.

    What the other cells print stays; they are counted anew.
    """
    cells = [one for one in notebook.cells if _TAG not in one.metadata.get("tags", [])]
    if address:
        made = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
            _SOURCE.format(address=address),
            id=_TAG,
            metadata={"tags": [_TAG, "remove-cell"]},
        )
        cells.insert(1, made)
    for count, cell in enumerate((one for one in cells if one.cell_type == "code"), start=1):
        cell.execution_count = count
        for one in cell.outputs:
            if one.output_type == "execute_result":
                one.execution_count = count
    notebook.cells = cells
    return notebook


def main() -> None:
    """Bring every lab in line with ``_config.yml``."""
    url = address()
    for lab in sorted((_ROOT / "labs").glob("*.ipynb")):
        notebook = with_cell(nbformat.read(lab, as_version=4), url)  # type: ignore[no-untyped-call]
        nbformat.write(notebook, lab)  # type: ignore[no-untyped-call]
    said = f"fetches {url}" if url else "is in no lab: repository.url is empty"
    sys.stdout.write(f"colab: the cell {said}\n")


if __name__ == "__main__":
    main()
