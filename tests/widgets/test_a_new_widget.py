"""A widget is one folder: with it alone, pages, notebooks and the public names know it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

PACKAGE = Path(str(files("serverless_tax")))

INIT = '''"""Drag the hours of a day in which somebody waits."""

from __future__ import annotations

from typing import Any

from serverless_tax.widgets.widget import Widget


def _figures(s: Any, prices: Any) -> dict[str, Any]:
    return {"toy_usd": s.memory_mb / 512 * prices["duration_x86_gb_seconds"].tiers[0][1] * 60_000}


WIDGET = Widget(
    kind="toy",
    caption="At {memory_mb:mb} the toy is {toy_usd:usd}, of a month of {month_usd:usd}.",
    still=lambda q: ((("toy_usd", "usd", "for the toy"),), "<svg></svg>"),
    figures=_figures,
    words=lambda: {"NAMES": ["a bear", "a train"]},
)
'''
SCRIPT = """// The toy: one number and a knob.
const MANY = 3; // the plumber has a constant of this name too

function toy(host, store) {
  const cost = bigNumber(NAMES[0]);
  const knob = labelledKnob(store, 'memory_mb');
  const draw = () => {
    cost.show(show(store.figures.toy_usd, 'usd'));
    knob.draw();
  };
  return makeFigure(host, store, 'toy', draw, [cost.box, knob.box]);
}
"""
STYLE = "st-widget[data-kind='toy'] { min-height: 9rem; }\n"
ASKED = """
import serverless_tax.widgets as widgets
from serverless_tax.prices import price_sheet
from serverless_tax.widgets import Toy
from serverless_tax.widgets.build import page_script, style_sheet
from serverless_tax.widgets.page_request import page_day
from py_mini_racer import MiniRacer

assert "Toy" in widgets.__all__, widgets.__all__
toy = Toy(memory_mb=512)
assert Toy.__doc__ == "Drag the hours of a day in which somebody waits.", Toy.__doc__
usd = 60_000 * price_sheet("aws-lambda").on(page_day())["duration_x86_gb_seconds"].tiers[0][1]
assert round(toy.figures["toy_usd"] / usd, 9) == 1, toy.figures["toy_usd"]  # 60,000 GB-s
html = toy._repr_html_()
assert f"At 512 MB the toy is ${usd:.2f}, of a month of $" in html, html
script = page_script(html + '<st-widget data-kind="plumber">')
assert "WIDGETS.toy={make:toy" in script and 'const NAMES=["a bear","a train"]' in script
assert "makePlayer" not in script and "barRow" not in script
MiniRacer().eval("class HTMLElement {} const document = { readyState: 'loading', "
                 "addEventListener() {} };" + script)
assert "data-kind='toy'" in style_sheet() and "data-kind='toy'" in Toy._css
assert "data-kind='toy'" not in widgets.Plumber._css
assert "WIDGETS.toy={make:toy" in Toy._esm and "WIDGETS.plumber" not in Toy._esm
print(widgets.value("toy_usd"), f"${2 * usd:.2f}")  # of the page's 1,024 MB
"""


def test_a_folder_is_all_that_a_widget_takes(tmp_path: Path) -> None:
    """Its class, its script on a page, its style, its figures in a sentence; no other file."""
    shutil.copytree(PACKAGE, tmp_path / "serverless_tax", ignore=shutil.ignore_patterns("__pyc*"))
    room = tmp_path / "serverless_tax" / "widgets" / "toy"
    room.mkdir()
    (room / "__init__.py").write_text(INIT, "utf-8")
    (room / "toy.js").write_text(SCRIPT, "utf-8")
    (room / "toy.css").write_text(STYLE, "utf-8")
    asked = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    shown, expected = asked.stdout.split()
    assert shown == expected
