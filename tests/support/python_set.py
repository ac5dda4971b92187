"""The Pyodide set that the browser tests run cells on, and the built book with it beside."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape, unescape
from pathlib import Path

from built_book import BOOK, ROOT
from playwright.sync_api import Locator, Page, expect
from served import QuietHandler, served

from serverless_tax.book.python.pages import put_beside
from serverless_tax.book.python.pin import LOCK

#: Names a folder with the files of a set of any release: what is tested then is our side of it.
VARIABLE = "PYODIDE_SET"
HOW_TO_GET_ONE = f"get one with `make python`, or name a folder with one in {VARIABLE}"
#: How long a loaded machine may take to start Python.
STARTS_MS = 120_000
#: What a page and its Python may hold in memory.
MOST_BYTES = 1e9
_TOLD = re.compile(r'data-python="([^"]*)"')


def find_set() -> Path | None:
    """Return the folder of the set: the one that is named, else the one that was fetched."""
    folder = Path(os.environ.get(VARIABLE) or ROOT / "_build" / "pyodide")
    return folder if (folder / LOCK).exists() else None


class _Handler(QuietHandler):
    """Serves the book, and beside it what its cells need. Notes what was asked for, and sent."""

    beside: Path
    told: dict[str, object]
    log: list[tuple[str, int]]

    def translate_path(self, path: str) -> str:
        """Take what is not in the book from the folder beside it."""
        found = super().translate_path(path)
        _, is_beside, name = path.partition("?")[0].partition("/_static/python/")
        return str(self.beside / name) if is_beside and not Path(found).exists() else found

    def do_GET(self) -> None:  # noqa: N802 - the base class names it
        """Tell a page that was built without a set of this one."""
        page = Path(self.translate_path(self.path))
        if page.suffix != ".html" or not page.exists():
            super().do_GET()
            return
        told = json.dumps(self.told)[1:-1]

        def tell(had: re.Match[str]) -> str:
            one = json.loads(unescape(had[1])) | json.loads(f"{{{told}}}")
            return f'data-python="{escape(json.dumps(one))}"'

        body = _TOLD.sub(tell, page.read_text("utf-8")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep what was asked for, and with what status it was answered."""
        del size
        self.log.append((self.path, int(code)))


@contextmanager
def book_with(taken: Path, folder: Path) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Serve the book with a set; yield its address, and what is asked for, as it comes."""
    told = put_beside(folder, taken)._asdict()
    log: list[tuple[str, int]] = []
    members = {"beside": folder, "told": told, "log": log}
    with served(BOOK, type("Handler", (_Handler,), members)) as address:
        yield address, log


def bar(page: Page, k: int) -> Locator:
    """Return the line of buttons under a cell in sight, with the fold around it open."""
    page.evaluate(
        "document.querySelectorAll('[data-waits]').forEach((s) => s.removeAttribute('data-waits'))"
    )
    page.evaluate(
        "document.querySelectorAll('.solution:not(.open) .fold').forEach((f) => f.click())"
    )
    return page.locator(".cell .py-bar").nth(k)


def output(page: Page, k: int) -> Locator:
    """Return what a cell in sight shows."""
    return page.locator(".cell:has(.cell_input)").nth(k).locator(".cell_output")


def run(page: Page, k: int, says: str = " s in Python ") -> None:
    """Run a cell in sight, and wait until its line says how that went."""
    bar(page, k).get_by_role("button", name="Run").click()
    expect(bar(page, k).get_by_role("status")).to_contain_text(says, timeout=STARTS_MS)


def write(page: Page, k: int, code: str) -> None:
    """Write a cell anew."""
    edit = bar(page, k).get_by_role("button", name="Edit")
    if edit.is_visible():
        edit.click()
    page.locator(".cell:has(.cell_input)").nth(k).get_by_role("textbox").fill(code)


#: The text that a cell shows, without the buttons that copy it.
_TEXT = """(box) => {
  const shown = box.cloneNode(true);
  shown.querySelectorAll('.copy').forEach((one) => one.remove());
  return shown.textContent;
}"""


def shown_text(page: Page, k: int) -> str:
    """Return the text that a cell in sight shows, its blanks made one."""
    boxes = output(page, k).locator(".output")
    return " ".join(" ".join(one.evaluate(_TEXT) for one in boxes.all()).split())


def memory_of(page: Page) -> float:
    """Return the bytes that the largest of the browser's processes for pages holds in memory."""
    browser = page.context.browser
    assert browser is not None
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    statuses = [Path(f"/proc/{one['id']}/statm") for one in found if one["type"] == "renderer"]
    pages = [int(path.read_text().split()[1]) for path in statuses if path.exists()]
    return float(max(pages) * os.sysconf("SC_PAGE_SIZE"))
