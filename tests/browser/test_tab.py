"""The labs in a browser's tab: JupyterLite on a Pyodide set, with the network cut."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from built_book import ROOT
from playwright.sync_api import Page, ViewportSize, expect
from python_set import STARTS_MS, VARIABLE, find_set
from served import served
from solved_labs import solved_in_a_tab

from serverless_tax.book.tab import APP

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("at_home"),
]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))
#: A Python with a JupyterLite that fits that set, where it is another than the pinned one.
BUILDER = "TAB_PYTHON"
TABLET: ViewportSize = {"width": 768, "height": 1024}
#: How long a loaded machine may take for a lab.
LAB_MS = 600_000
#: What a learner writes, in the place of what the student form has.
WRITTEN = [
    ("guesses.guess(...,", "guesses.guess(10,"),
    ("SIZES_MB = (128, 256, 512, 1024, 1769)", "SIZES_MB = (128, 300, 1769)"),
    (
        'raise NotImplementedError("Ask the model with complete(), and return its answer.")',
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
_RUN_ALL = """() => {
  const { commands } = window.jupyterapp;
  window.hasRun = false;
  commands.execute('notebook:run-all-cells').then(() => { window.hasRun = true; });
}"""
_CELLS = """() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells
  .filter((cell) => cell.cell_type === 'code')
  .map((cell) => [cell.source, cell.execution_count, JSON.stringify(cell.outputs)])"""
#: A notebook draws the cells that are in sight, and has run to its end.
_SCROLL = """(code) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const at = content.widgets.findIndex(({ model }) => model.sharedModel.getSource().includes(code));
  return content.scrollToItem(at, 'start');
}"""
#: What the lab's Python prints when it runs a line.
_SAID = """async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  let said = '';
  const asked = kernel.requestExecute({ code, store_history: false });
  asked.onIOPub = ({ content }) => { said += content.text ?? content.evalue ?? ''; };
  await asked.done;
  return said.trim();
}"""


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The labs, built and served: address and folder; skipped where what it takes is not here."""
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
    with served(folder) as address:
        yield address, folder


def open_lab(page: Page, site: str, name: str) -> None:
    """Open a lab, and wait for its Python."""
    page.goto(f"{site}/{APP}?path={name}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=STARTS_MS)
    page.evaluate(_READY)


def run_all(page: Page) -> dict[str, str]:
    """Run every cell; return what each shows, by its source. None fails, and none is left out."""
    page.evaluate(_RUN_ALL)
    page.wait_for_function("() => window.hasRun", timeout=LAB_MS)
    cells = page.evaluate(_CELLS)
    for source, count, outputs in cells:
        assert count, source
        assert '"output_type":"error"' not in outputs, (source, outputs)
    return {source: outputs for source, _, outputs in cells}


@pytest.fixture
def solved(tab: tuple[str, Path], request: pytest.FixtureRequest) -> Iterator[str]:
    """A lab that the tab has with its solutions as long as the test runs; its name."""
    path = tab[1] / "files" / request.param.name
    form = path.read_text("utf-8")
    path.write_text(nbformat.writes(solved_in_a_tab(request.param)), "utf-8")
    yield path.name
    path.write_text(form, "utf-8")


@pytest.mark.parametrize("solved", LABS, ids=lambda lab: lab.stem, indirect=True)
def test_a_lab_goes_from_its_first_cell_to_its_last(
    page: Page, tab: tuple[str, Path], solved: str
) -> None:
    """All cells run, and the handler is tried in the simulated cloud, or is told why not."""
    open_lab(page, tab[0], solved)
    cells = run_all(page)
    [tried] = [shown for source, shown in cells.items() if source.startswith("builds.")]
    assert "Simulated: your handler runs in this process" in tried
    assert "Right: " in tried or "Not simulated: " in tried


def test_what_a_learner_does_is_kept_and_can_be_taken_along(
    page: Page, tab: tuple[str, Path]
) -> None:
    """On a tablet: an unrecorded size, an own handler, a figure, the meter; then once more."""
    site, _ = tab
    page.set_viewport_size(TABLET)
    open_lab(page, site, LABS[0].name)
    notebook = page.locator(".jp-Notebook").bounding_box()
    assert notebook is not None
    assert notebook["width"] == TABLET["width"]
    expect(page.locator(".jp-CodeCell .cm-lineWrapping").first).to_be_visible()
    page.evaluate(_WRITE, [list(pair) for pair in WRITTEN])
    cells = run_all(page)
    [sizes] = [shown for source, shown in cells.items() if "SIZES_MB = (128, 300" in source]
    assert "Simulated: it was edited" in sizes
    assert "measured: 128 300 1769 MB" in sizes
    assert "Right: 20 tokens for one question." in cells["builds.answers(target)"]
    page.evaluate(_SCROLL, "live_meter(target)")
    meter = page.locator(".st-live-meter").first
    expect(meter).to_contain_text("recorded")
    expect(meter).to_contain_text("simulated")

    # A figure and Python move each other.
    page.evaluate(_SCROLL, "dial = ")
    figure = page.locator(".st-rectangle")
    memory = figure.get_by_role("slider", name="memory").last
    assert page.evaluate(_SAID, "picture.memory_mb = 512; print(dial.value)") == "512.0"
    expect(memory).to_have_attribute("aria-valuetext", "512 MB")
    memory.press("End")
    expect(memory).to_have_attribute("aria-valuetext", "10,240 MB")
    assert page.evaluate(_SAID, "print(picture.memory_mb, dial.value)") == "10240.0 10240.0"

    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(
        "() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=60_000
    )
    with page.expect_download() as taken:
        page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:download'); }")
    assert "SIZES_MB = (128, 300, 1769)" in Path(taken.value.path()).read_text("utf-8")

    again = page.context.new_page()
    page.close()
    open_lab(again, site, LABS[0].name)
    kept = [source for source, _, _ in again.evaluate(_CELLS)]
    assert [source for source in kept if "SIZES_MB = (128, 300, 1769)" in source]
    again.close()
