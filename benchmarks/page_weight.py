"""How many bytes each page of the built book loads, as they are and compressed (gzip, level 6)."""

from __future__ import annotations

import functools
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from built_book import BOOK, pages_of_the_book, sent_bytes  # noqa: E402 - found by the line above
from chromium import find_chromium  # noqa: E402 - see above

KILOBYTE = 1000


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without a line of log for each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the built book on a free loopback port; its address."""
    handler = functools.partial(QuietHandler, directory=str(BOOK))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def weigh(page: Page, address: str) -> Counter[str]:
    """Load one page with an empty cache; bytes by kind of file, `… gz` as a server would send."""
    weight: Counter[str] = Counter()

    def add(response: Response) -> None:
        kind = Path(response.url.partition("?")[0]).suffix or ".html"
        body = response.body()
        weight[kind] += len(body)
        weight["gz"] += sent_bytes(kind, body)

    page.on("response", add)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("response", add)
    return weight


def main() -> None:
    """Print a line a page: in all, compressed, and by kind of file."""
    pages, chromium = pages_of_the_book(), find_chromium()
    if not pages or chromium is None:
        raise SystemExit("page weight: needs the built book (make book) and a Chromium")
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium))
        for name in pages:
            context = browser.new_context()
            weight = weigh(context.new_page(), f"{site}/{name}")
            packed = weight.pop("gz")
            kinds = ", ".join(f"{k[1:]} {v // KILOBYTE}" for k, v in weight.most_common())
            print(
                f"page weight: {name}: {weight.total() // KILOBYTE} kB,"
                f" {packed // KILOBYTE} kB compressed ({kinds})"
            )
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
