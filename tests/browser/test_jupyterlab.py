"""The same widget in JupyterLab, with a kernel: a change on either side moves the other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Page, expect

from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import compute, scenario

START_SECONDS = 60
CELLS = (
    "from serverless_tax.widgets import Rectangle\nrectangle = Rectangle()\nrectangle",
    "rectangle.memory_mb = 512",
    'print("kernel has", rectangle.memory_mb, rectangle.month_usd)',
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve JupyterLab on loopback with one notebook; its address."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "root").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, folder / "root" / "widget.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder / "root",
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())]
    log = (folder / "server.log").open("w")
    # A reader's own settings of Jupyter are neither read nor changed.
    home = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **home})
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api", server, Path(log.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_until_it_answers(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Poll the server until it is up, or fail with its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own server on loopback
                return
        except (URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def test_the_kernel_and_the_view_move_each_other(page: Page, lab: str) -> None:
    """A drag by keyboard reaches the trait; a trait set in a cell moves the grip."""
    page.goto(f"{lab}/lab/tree/widget.ipynb")
    first = page.locator(".jp-CodeCell").first
    expect(first).to_be_visible(timeout=60_000)
    # A cell run before the kernel is connected is dropped without a word.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)
    first.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    figure = page.locator("figure.st-rectangle")
    memory = figure.get_by_role("slider", name="memory", exact=True)
    expect(memory).to_have_attribute("aria-valuenow", "1024", timeout=60_000)

    page.keyboard.press("Shift+Enter")  # the second cell: the kernel moves the view
    expect(memory).to_have_attribute("aria-valuenow", "512")
    month = show(compute(scenario() | {"memory_mb": 512.0})["month_usd"], "usd")
    expect(figure.locator(".st-big").first).to_have_text(month)

    memory.press("PageUp")  # the view moves the kernel
    expect(memory).to_have_attribute("aria-valuenow", "640")
    page.locator(".jp-CodeCell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    bill = compute(scenario() | {"memory_mb": 640.0})["month_usd"]
    expect(page.get_by_text(f"kernel has 640.0 {bill}")).to_be_visible()
    expect(figure.get_by_role("button", name="Copy link")).to_have_count(0)
