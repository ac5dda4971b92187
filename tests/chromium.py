"""Find a Chromium that the browser tests can drive, without installing one.

Run as a program, it prints the path, or exits 1 with nothing printed.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

# The same engine without windows, as Playwright itself takes it: half of the work for a page.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_GET_ONE = (
    "get one with `apt-get install chromium-headless-shell` or"
    " `.venv/bin/playwright install chromium`,"
    " or name yours in CHROMIUM=/path"
)
TESTS_SKIPPED = f"no Chromium found, so the browser tests are skipped; {HOW_TO_GET_ONE}"


def find_chromium(*, whole: bool = False) -> Path | None:
    """Return the Chromium to drive: $CHROMIUM, else an installed one, else Playwright's own.

    One without windows comes first, unless it has to be the ``whole`` browser that readers have.
    """
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for command in COMMANDS if whole else SHELLS + COMMANDS:
        if found := shutil.which(command):
            return Path(found)
    candidates = [Path(path) for path in APPLICATIONS]
    if not whole:
        shell = "chromium_headless_shell-*/chrome-*/*headless*shell"
        candidates += sorted(_playwright_folder().glob(shell))
    candidates += sorted(_playwright_folder().glob("chromium-*/chrome-*/chrome"))
    candidates += sorted(_playwright_folder().glob("chromium-*/chrome-*/*.app/Contents/MacOS/*"))
    return next((path for path in candidates if path.exists()), None)


def _playwright_folder() -> Path:
    """Return where `playwright install` keeps its browsers on this system."""
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path.home() / ".cache" / "ms-playwright"


if __name__ == "__main__":
    chromium = find_chromium()
    if chromium is None:
        sys.exit(1)
    sys.stdout.write(f"{chromium}\n")
