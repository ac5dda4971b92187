"""How many bytes each page of the built book loads, as they are and compressed (gzip, level 6).

The script that is ours, of the widgets, has a target of its own; the rest is the theme's.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support")]

from built_book import BOOK, pages_of_the_book, sent_bytes  # noqa: E402 - found by the line above
from chromium import find_chromium  # noqa: E402 - see above
from served import served  # noqa: E402 - see above

KILOBYTE = 1000
#: The scripts that the package writes, whatever stands behind their names.
OURS = re.compile(r"/_static/(serverless-tax|room)[\w-]*\.js$")
SCRIPT_TARGET = 120 * KILOBYTE


def weigh(page: Page, address: str) -> Counter[str]:
    """Load one page with an empty cache; bytes by kind of file.

    Two are no kind: `gz` is all of it as a server would send it, `ours` our script as it is.
    """
    weight: Counter[str] = Counter()
    responses: list[Response] = []
    page.on("response", responses.append)
    page.goto(address, wait_until="networkidle")
    for response in responses:
        place = response.url.partition("?")[0]
        kind = Path(place).suffix or ".html"
        body = response.body()
        weight[kind] += len(body)
        weight["gz"] += sent_bytes(kind, body)
        if OURS.search(place):
            weight["ours"] += len(body)
    return weight


def main() -> None:
    """Print a line a page: in all, compressed, our script, and by kind of file."""
    pages, chromium = pages_of_the_book(), find_chromium(whole=True)
    if not pages or chromium is None:
        raise SystemExit("page weight: needs the built book (make book) and a Chromium")
    print(f"page weight: our script, as it is, target <= {SCRIPT_TARGET // KILOBYTE} kB a page")
    with served(BOOK) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium))
        for name in pages:
            context = browser.new_context()
            weight = weigh(context.new_page(), f"{site}/{name}")
            packed, ours = weight.pop("gz"), weight.pop("ours", 0)
            over = " (over the target)" if ours > SCRIPT_TARGET else ""
            kinds = ", ".join(f"{k[1:]} {v // KILOBYTE}" for k, v in weight.most_common())
            print(
                f"page weight: {name}: {weight.total() // KILOBYTE} kB,"
                f" {packed // KILOBYTE} kB compressed ({kinds});"
                f" our script {ours / KILOBYTE:.1f} kB{over}"
            )
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
