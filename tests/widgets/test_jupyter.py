"""The widgets as Jupyter widgets: traits, bounds, figures, and what they leave on a page."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import traitlets
from ipywidgets import FloatSlider, jslink
from py_mini_racer import MiniRacer

from serverless_tax.ground.described import described
from serverless_tax.request.workload import Workload
from serverless_tax.widgets import Ladder, Market, Meter, Plumber, Rectangle
from serverless_tax.widgets.build import module_script
from serverless_tax.widgets.scenario import FIELDS, compute
from serverless_tax.widgets.widget import kinds

ALL = (Ladder, Market, Meter, Plumber, Rectangle)


@pytest.mark.parametrize("widget_class", ALL)
def test_every_field_is_a_trait_that_travels(widget_class: Any) -> None:
    """Each with its bounds, its help, and its way to the view."""
    traits = widget_class.class_traits(sync=True)
    assert {field.name for field in FIELDS} <= traits.keys()
    assert traits["session_s"].help == "length of the conversation"
    assert traits["cold_start_share"].help == described(Workload)["cold_start_share"]
    widget = widget_class(memory_mb=512)
    assert widget.memory_mb == 512
    assert widget.get_state()["memory_mb"] == 512
    with pytest.raises(traitlets.TraitError, match="memory_mb"):
        widget.memory_mb = 64
    with pytest.raises(traitlets.TraitError, match=r"memory_mb is 333\.3; .* whole megabytes"):
        widget.memory_mb = 333.3


def test_the_bill_follows_a_change_from_either_side() -> None:
    """A trait set here, and a message as the view sends it."""
    widget = Meter()
    seen: list[float] = []
    widget.observe(lambda change: seen.append(change.new), "month_usd")
    widget.memory_mb = 512.0
    widget.set_state({"generate_ms": 1000.0})
    assert widget.month_usd == seen[-1] == compute(widget.values)["month_usd"]
    # 5.5 ms of CPU are within the 5.8 that 512 MB have in a period.
    assert widget.figures["wall_ms"] == 1055.5
    assert len(seen) == 2


def test_a_preset_can_be_named_and_changed() -> None:
    """Wrong names are told apart from wrong values."""
    assert Meter("thinking").generate_ms == 30_000
    with pytest.raises(ValueError, match="no preset 'thinkin'"):
        Meter("thinkin")
    with pytest.raises(traitlets.TraitError, match="memory is not a quantity"):
        Meter(memory=512)


@pytest.mark.parametrize("widget_class", ALL)
def test_a_widget_leaves_an_element_and_a_still_on_a_page(widget_class: Any) -> None:
    """HTML beside Jupyter's view: the published page takes the one, a notebook the other."""
    data, _ = widget_class()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert html.startswith("<st-widget data-kind=")
    assert "<svg" in html
    assert "<figcaption>" in html
    assert "data-changes" not in html
    assert "memory_mb&quot;: 512.0" in widget_class(memory_mb=512)._repr_html_()


@pytest.mark.parametrize("kind", kinds())
def test_the_module_parses_and_gives_anywidget_its_entry(kind: str) -> None:
    """In V8, with just enough of a browser to define the elements' classes."""
    racer = MiniRacer()
    script = module_script(kind).replace("export default", "globalThis.entry =")
    # In a strict block a name may be declared once only, as in a module.
    racer.eval(f"'use strict'; class HTMLElement {{}}\n{{ {script} }}")
    assert racer.eval("typeof entry.render") == "function"


@pytest.mark.slow
def test_without_the_extra_only_the_figures_are_missing() -> None:
    """Numbers in sentences need nothing; a figure says what to install."""
    script = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from serverless_tax.widgets import value\n"
        "print(value('month_usd'))\n"
        "try:\n    from serverless_tax.widgets import Meter\n"
        "except ImportError as error:\n    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert "$811.33" in ran.stdout
    assert 'pip install "serverless-tax[book]"' in ran.stdout


def test_a_slider_of_ipywidgets_drives_the_market() -> None:
    """Observed in the kernel, or linked in the browser: the months follow, without a server."""
    market, slider = Market(), FloatSlider(value=1024, min=128, max=10_240)
    slider.observe(lambda change: market.set_trait("memory_mb", change.new), "value")
    before_usd = market.figures["market_aws_lambda_usd"]
    slider.value = 512
    assert market.memory_mb == 512
    assert market.month_usd == market.figures["market_aws_lambda_usd"] < before_usd
    linked = jslink((FloatSlider(min=0, max=1e9), "value"), (market, "requests_per_month"))
    assert linked.target == (market, "requests_per_month")
    linked.unlink()


def test_the_ladder_is_climbed_from_the_kernel() -> None:
    """What an hour of the reader's time costs is a trait; a dearer hour pays back later."""
    cheap, dear = Ladder(hour_usd=50), Ladder(hour_usd=200)
    months = [w.figures["rung_memory_payback_months"] for w in (cheap, dear)]
    assert months[1] == pytest.approx(4 * months[0])
