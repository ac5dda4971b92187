"""The labs in a browser's tab: JupyterLite on a Pyodide set, with the network cut."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pytest
from built_book import ROOT
from playwright.sync_api import Page, expect
from python_set import STARTS_MS, VARIABLE, find_set

LAB = "1-what-a-waiting-function-costs.ipynb"
#: A Python with a JupyterLite that fits that set, where it is another than the pinned one.
BUILDER = "TAB_PYTHON"
#: What a learner writes, in the place of what the student form has.
WRITTEN = [
    ("guesses.guess(...,", "guesses.guess(10,"),
    ("SIZES_MB = (128, 256, 512, 1024, 1769)", "SIZES_MB = (128, 300, 1769)"),
    (
        'raise NotImplementedError("Ask the model with complete(), and return what it answered.")',
        """text, tokens = complete(event["question"], event["max_tokens"])
    return {"answer": text, "output_tokens": tokens}""",
    ),
]
_WRITE = """(written) => {
  for (const cell of window.jupyterapp.shell.currentWidget.context.model.cells) {
    if (cell.type !== 'code') continue;
    let text = cell.sharedModel.getSource();
    for (const [old, now] of written) text = text.replace(old, now);
    if ((cell.getMetadata('tags') || []).includes('exercise')) text = 'print("left out")';
    cell.sharedModel.setSource(text);
  }
}"""
_READY = """async () => {
  const context = window.jupyterapp.shell.currentWidget.sessionContext;
  await context.ready;
  await context.session.kernel.info;
}"""
_CELLS = """() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells
  .filter((cell) => cell.cell_type === 'code')
  .map((cell) => [cell.source, cell.execution_count, JSON.stringify(cell.outputs)])"""


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The labs, built and served; skipped by name where what they are built of is not here."""
    taken = find_set()
    python = os.environ.get(BUILDER, sys.executable)
    if taken is None:
        pytest.skip(
            f"no Pyodide set: no lab opens in a tab; get it with `make python`, or name a folder"
            f" with one in {VARIABLE}"
        )
    if python == sys.executable and find_spec("jupyterlite_core") is None:
        pytest.skip("no JupyterLite: no lab opens in a tab; get it with `make tab`")
    folder = tmp_path_factory.mktemp("tab") / "tab"
    command = [python, "-m", "serverless_tax.book.tab", "--pyodide", taken, "--into", folder]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, env=environment, cwd=ROOT)
    handler = functools.partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def opened(page: Page, site: str) -> list[str]:
    """Open the lab with the network cut; return what asks for more than the site has."""
    outside: list[str] = []

    def cut(route: Any) -> None:
        if route.request.url.startswith((site, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    page.context.route("**/*", cut)
    page.goto(f"{site}/lab/index.html?path={LAB}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=STARTS_MS)
    page.evaluate(_READY)
    return outside


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_lab_goes_from_end_to_end_and_its_work_stays(page: Page, tab: str) -> None:
    """A size that nobody recorded, a handler of one's own, the meter; then the tab is reopened."""
    outside = opened(page, tab)
    page.evaluate(_WRITE, [list(pair) for pair in WRITTEN])
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_function(
        f"() => ({_CELLS})().every(([, count]) => count)"
        " || document.querySelector('[data-mime-type=\"application/vnd.jupyter.stderr\"]')",
        timeout=600_000,
    )
    cells = {source: outputs for source, _, outputs in page.evaluate(_CELLS)}
    assert not [outputs for outputs in cells.values() if '"output_type":"error"' in outputs]
    [sizes] = [outputs for source, outputs in cells.items() if "SIZES_MB = (128, 300" in source]
    assert "Simulated: it was edited" in sizes
    assert "measured: 128 300 1769 MB" in sizes
    assert "Right: 20 tokens for one question." in cells["builds.answers(target)"]
    expect(page.locator(".st-live-meter").first).to_contain_text("simulated")
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(
        "() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=60_000
    )
    assert not outside

    again = page.context.new_page()
    page.close()
    opened(again, tab)
    kept = [source for source, _, _ in again.evaluate(_CELLS)]
    assert [source for source in kept if "SIZES_MB = (128, 300, 1769)" in source]
    again.close()
