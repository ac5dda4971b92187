"""The kernel of a page is a copy of one with all imports, and shares nothing with another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from sphinx.application import Sphinx
from waiters import until

from serverless_tax.book import kernels

SEEN = """\
import json, os, sys
print(json.dumps([os.getcwd(), os.getpid(), "matplotlib" in sys.modules, "before" in globals()]))
before = 1"""


@pytest.fixture
def _forked() -> Iterator[None]:
    """Let kernels start as they do in a build, for one test."""
    factory = KernelProvisionerFactory.instance()
    usual = factory.default_provisioner_name
    kernels.setup(cast("Sphinx", None))
    yield
    factory.default_provisioner_name = usual


def executed(folder: Path, *cells: str) -> list[Any]:
    """Return what the first cell of a page in that folder prints."""
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    NotebookClient(page, resources={"metadata": {"path": str(folder)}}).execute()
    return cast("list[Any]", json.loads(page.cells[0].outputs[0].text))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a kernel starts as ever")
@pytest.mark.usefixtures("_forked")
def test_a_page_begins_empty_in_its_own_folder(tmp_path: Path) -> None:
    """What it will import is there; what the page before it made is not; at its end it is gone."""
    pages = [tmp_path / name for name in ("one", "two")]
    processes = set()
    for page in pages:
        page.mkdir()
        folder, process, is_imported, has_another_s = executed(page, SEEN)
        assert Path(folder) == page.resolve()
        assert is_imported
        assert not has_another_s
        processes.add(process)
    assert len(processes) == len(pages)
    until(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))


ADDRESSES = """\
import ipykernel, json
told = ipykernel.get_connection_info(unpack=True)
print(json.dumps([told["transport"], told["ip"]]))"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a kernel starts as ever")
@pytest.mark.usefixtures("_forked")
def test_a_page_takes_no_port(tmp_path: Path) -> None:
    """One found free may be taken before the kernel has it, and the build ends; the folder goes."""
    transport, address = executed(tmp_path, ADDRESSES)
    assert transport == "ipc"
    assert not Path(address).parent.exists()
