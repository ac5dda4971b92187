"""Join the widgets' sources into the script and the style sheet that the pages load.

``python -m serverless_tax.widgets.build OUT_DIR`` writes ``serverless-tax.js``, a classic script
(a page opened from disk may not load modules), ``serverless-tax.css``, and ``room.js`` for the page
of the room's guesses. Jupyter gets the same
text as a module.
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from serverless_tax.widgets.captions import CAPTIONS, market_words, rung_words
from serverless_tax.widgets.model import model_javascript
from serverless_tax.widgets.words import widget_words

#: In this order, because each uses what stands above it.
SCRIPTS = (
    "page/show.js",
    "page/parse.js",
    "page/dom.js",
    "page/store.js",
    "page/handle.js",
    "page/prose.js",
    "page/knobs.js",
    "page/predict.js",
    "plumber.js",
    "rectangle.js",
    "page/player.js",
    "meter.js",
    "race.js",
    "session.js",
    "batching.js",
    "page/rows.js",
    "market.js",
    "ladder.js",
    "decide.js",
    "paste.js",
    "page/host.js",
)
STYLES = ("page/widgets.css", "page/rows.css", "page/page.css")
#: Elements may be upgraded only when the parser has read what is inside them.
_START = """
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', startPage);
else startPage();
"""


@cache
def _sources() -> str:
    """Return the traced model and every source file, joined."""
    words = {"CAPTIONS": CAPTIONS, "MARKET": market_words(), "RUNGS": rung_words()}
    words |= widget_words()
    constants = [f"const {name} = {json.dumps(value)};" for name, value in words.items()]
    return "\n".join([model_javascript(), *constants, *map(_read, SCRIPTS)])


def _read(name: str) -> str:
    return files("serverless_tax.widgets").joinpath(name).read_text("utf-8")


def page_script() -> str:
    """Return the script of the published page: nothing of it is visible to other scripts."""
    return f"(() => {{\n'use strict';\n{_sources()}{_START}}})();\n"


def module_script() -> str:
    """Return the same text as the module that anywidget loads in Jupyter."""
    return f"{_sources()}\nexport default {{ render }};\n"


def style_sheet() -> str:
    """Return the style sheet, for page and Jupyter alike."""
    return "\n".join(map(_read, STYLES))


def main() -> None:
    """Write both files into the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Join the widgets' script and style sheet.")
    parser.add_argument("out_dir", type=Path, help="the folder to write into; made if missing")
    out_dir: Path = parser.parse_args().out_dir
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / "serverless-tax.js").write_text(page_script(), "utf-8")
    (out_dir / "serverless-tax.css").write_text(style_sheet(), "utf-8")
    # A script of its own: one page only has use for it.
    (out_dir / "room.js").write_text(_read("page/room.js"), "utf-8")


if __name__ == "__main__":
    main()
