"""Numbers in sentences, guesses, and what stands where scripts do not run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.widgets import Meter, knob, page_scenario, predict, say, value
from serverless_tax.widgets.prose import UnknownFigure, quantities, unit_of
from serverless_tax.widgets.widget import kinds, widgets


@pytest.fixture
def opening() -> Iterator[None]:
    """A page that starts from the opening request at half the memory, for one test."""
    page_scenario("opening", memory_mb=512)
    yield
    page_scenario("article")


def test_a_live_number_holds_its_default_as_text() -> None:
    """A sentence is whole before the script runs."""
    assert value("generate_ms")._repr_html_() == (
        '<st-value name="generate_ms" unit="ms">4,800 ms</st-value>'
    )
    usd = value("month_usd")._repr_html_()
    assert re.fullmatch(
        r'<st-value name="month_usd" unit="usd" class="st-usd" [^>]*>\$[\d,]+\.\d\d</st-value>', usd
    )
    assert knob("memory_mb")._repr_html_() == (
        '<st-input name="memory_mb" unit="mb">1,024 MB</st-input>'
    )


def test_every_quantity_has_a_unit() -> None:
    """A new figure cannot be forgotten."""
    for name in quantities():
        assert value(name).text, name


@pytest.mark.usefixtures("opening")
def test_a_page_can_start_from_another_request() -> None:
    """Text, figures and widgets begin where the page does, with what it changes."""
    assert value("generate_ms").text == "20,000 ms"
    assert knob("memory_mb").text == "512 MB"
    assert 'data-changes="{&quot;memory_mb&quot;: 512.0}"' in Meter()._repr_html_()
    assert Meter("thinking").memory_mb == 1024


def test_mistakes_name_the_way_out() -> None:
    """A wrong name gets the closest right one."""
    with pytest.raises(UnknownFigure, match="did you mean 'month_usd'"):
        value("month_us")
    with pytest.raises(UnknownFigure, match="cannot be set by a reader"):
        knob("month_usd")
    with pytest.raises(InvalidQuantity, match="artic"):
        page_scenario("artic")
    with pytest.raises(UnknownFigure, match="'memory' cannot be changed by a page"):
        page_scenario("article", memory=512)
    with pytest.raises(ValueError, match="low below high"):
        predict("How many?", 3, "count", 5, 5)


def test_a_guess_hides_its_answer_without_a_script_too() -> None:
    """In a fold that the reader opens; the question's text cannot break out of its attribute."""
    html = predict('What "share" <b>?', "cpu_share", "percent", 0.0001, 1, reveal="So there.").html
    assert 'data-question="What &quot;share&quot; &lt;b&gt;?"' in html
    fold = re.search(r"<details>.*</details>", html)
    assert fold is not None
    assert "0.113 %" in fold[0]
    assert 'data-figure="cpu_share"' in html
    assert 'data-answer="31.0"' in predict("How many?", 31, "x", 1, 200).html


def test_a_fixed_number_is_written_like_every_other() -> None:
    """`say` goes through the same formatter; dollars have to say what they are of."""
    assert str(say(1024, "mb")) == "1,024 MB"
    for unit in ("usd", "usd0", "price"):
        with pytest.raises(UnknownFigure, match="what they are of"):
            say(809.3333, unit)


@pytest.mark.parametrize("kind", kinds())
def test_a_caption_is_true_untouched(kind: str) -> None:
    """Every placeholder is filled from the scenario, in a unit that exists."""
    sentence = widgets()[kind].said(quantities())
    assert "{" not in sentence
    assert "$" in sentence or kind == "paste"  # which says where pasted lines go


def test_units_follow_the_end_of_a_name() -> None:
    """The longest ending decides."""
    assert unit_of("gb_seconds_month") == "count"
    assert unit_of("arm") == "count"
