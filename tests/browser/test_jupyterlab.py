"""Widgets in JupyterLab, with a kernel: a change on either side moves the other; a meter ticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyters import LOOK, ROOT, jupyter
from playwright.sync_api import Page, expect

from serverless_tax.book.student import student_form
from serverless_tax.cloud import Reading
from serverless_tax.cloud.lab.meter import table
from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import compute, scenario

LABS = sorted((ROOT / "labs").glob("*.ipynb"))
SETTINGS = ROOT / "classroom/jupyter"
CELLS = (
    "from serverless_tax.widgets import Rectangle\nrectangle = Rectangle()\nrectangle",
    "rectangle.memory_mb = 512",
    'print("kernel has", rectangle.memory_mb, rectangle.month_usd)',
)
#: A lab's beginning, and a call that waits for five seconds.
WAITING = (
    """\
import io, json, zipfile, boto3
from types import SimpleNamespace
from serverless_tax.cloud import LocalCloud
%load_ext serverless_tax.cloud.lab.replay
%recording waiting.json
target = SimpleNamespace(cloud=LocalCloud())
client = boto3.client("lambda", **target.cloud.boto3_kwargs)
boto3.client("iam", **target.cloud.boto3_kwargs).create_role(
    RoleName="lab", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"}}]}))
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as package:
    package.writestr("app.py", "import time\\ndef handler(event, context): time.sleep(5)")
client.create_function(
    FunctionName="waits", Runtime=f"python{__import__('sys').version[:4]}", Handler="app.handler",
    Role="arn:aws:iam::000000000000:role/lab", Timeout=30, Code={"ZipFile": archive.getvalue()})
client.get_waiter("function_active_v2").wait(FunctionName="waits")""",
    """\
%%live status
status = client.invoke(FunctionName="waits")["StatusCode"]""",
    "target.cloud.close()",
)
EARLY = ("live_meter = print\nlive_meter(target)",)
#: Notes each text that the running row shows.
WATCH = """() => {
  window.seen = new Set();
  setInterval(() => document.querySelectorAll('.st-ticker-row:not([hidden])').forEach((row) =>
    window.seen.add(row.textContent)), 20);
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve JupyterLab on loopback ; its address."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "root").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for name, texts in (("widget", CELLS), ("waiting", WAITING), ("early", EARLY)):
        cells = [nbformat.v4.new_code_cell(text) for text in texts]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
        nbformat.write(notebook, folder / "root" / f"{name}.ipynb")
    for path in LABS:
        nbformat.write(student_form(path), folder / "root" / path.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONSTARTUP", str(ROOT / "classroom/jupyter/startup.py"))  # as `make lab`
        with jupyter("jupyterlab", folder, LabApp__app_settings_dir=SETTINGS) as address:
            yield address


def run_first(page: Page, address: str) -> None:
    """Open a notebook and run its first cell."""
    page.goto(address)
    first = page.locator(".jp-CodeCell").first
    expect(first).to_be_visible(timeout=60_000)
    # A cell run before the kernel is connected is dropped without a word.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)
    first.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def test_a_cell_before_the_set_up_says_a_sentence(page: Page, lab: str) -> None:
    """As after a restart of the kernel: no traceback of IPython's own."""
    run_first(page, f"{lab}/lab/workspaces/early/tree/early.ipynb")
    said = page.locator(".jp-CodeCell .jp-OutputArea-output")
    expect(said).to_have_text(
        "`target` is not there yet: run the cells above this one first, from the top.",
        timeout=60_000,
    )


def test_the_kernel_and_the_view_move_each_other(page: Page, lab: str) -> None:
    """A drag by keyboard reaches the trait; a trait set in a cell moves the grip."""
    run_first(page, f"{lab}/lab/tree/widget.ipynb")
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


@pytest.mark.slow
def test_a_meter_ticks_under_the_cell_while_nothing_happens(page: Page, lab: str) -> None:
    """Seconds and dollars change while the function waits; then its bill stands, and its CPU."""
    run_first(page, f"{lab}/lab/workspaces/alone/tree/waiting.ipynb")
    page.evaluate(WATCH)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    row = page.locator(".st-ticker-row").first
    expect(row).to_contain_text("waits: ", timeout=60_000)
    under = page.locator(".jp-CodeCell").filter(has_text="%%live").locator(".st-ticker-sum")
    expect(under).to_contain_text("1 invocation in this cell: billed 5,", timeout=60_000)
    expect(row).to_be_hidden()
    seen = page.evaluate("[...window.seen]")
    assert len(seen) >= 4, seen
    assert all(
        re.fullmatch(r"waits: \d\.\d s on the meter, \$0\.0000\d+ so far", one) for one in seen
    )
    billed_ms, usd = re.findall(r"([\d,]+) ms, \$(\d+\.\d+)", under.inner_text())[0]
    gb_seconds = float(billed_ms.replace(",", "")) / 1000 * 128 / 1024
    assert float(usd) == pytest.approx(gb_seconds * 0.0000166667, abs=6e-8)


def test_the_meter_fits_a_narrow_output(page: Page) -> None:
    """At 800 pixels an output of JupyterLab's is 368 wide, and its letters are 13 pixels high."""
    reading = Reading(
        request_id="r",
        function="serverless-tax-learner-96a279-lab4-several",
        billed_ms=14_856,
        cpu_ms=1_097.9,
        init_cpu_ms=0.0,
        frozen_ms=0.0,
        peak_memory_mb=1_068,
        at="2026-11-01T00:00:00.000Z",
        arn="",
        architecture="x86_64",
        report="",
    )
    look = "overflow-x: auto; font: 13px sans-serif; width:"
    for window, output in ((800, 368), (1280, 848)):
        page.set_viewport_size({"width": window, "height": 800})
        page.set_content(f'<div id="output" style="{look}{output}px">{table([reading])}</div>')
        wide = page.locator("#output").evaluate("one => one.scrollWidth")
        assert wide <= output, window


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_fits_its_window(page: Page, lab: str, path: Path) -> None:
    """Eight screens of a laptop at most; nothing scrolls sideways, and no money is a formula."""
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{lab}/lab/workspaces/w{width}{path.stem[0]}/tree/{path.name}")
        expect(page.locator(".jp-CodeCell .cm-content").first).to_be_visible(timeout=60_000)
        seen = page.evaluate(LOOK, len(student_form(path).cells))
        assert seen, "its cells did not come to rest"
        assert seen["formulas"] == 0
        assert seen["wide"] == [], (width, seen["wide"][:5])
        assert seen["screens"] <= 8 or width < 1280, seen["screens"]
