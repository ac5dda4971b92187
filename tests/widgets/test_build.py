"""The scripts and the style sheet, as text: of each page what it shows, and no more."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from serverless_tax.cli.read_scenario import read_facts
from serverless_tax.ground.colours import COLOURS
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB
from serverless_tax.questions.advise import advise
from serverless_tax.widgets import say, value
from serverless_tax.widgets.build import hashed, module_script, page_script, style_sheet
from serverless_tax.widgets.market.figures import slug
from serverless_tax.widgets.model import figures_shown
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.prose import UnknownFigure, knob, predict
from serverless_tax.widgets.scenario import FIELDS
from serverless_tax.widgets.widget import kinds, widgets

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    Path(str(files("serverless_tax.widgets"))).glob("*/*.js"), key=lambda path: path.name
)
MOST_PAGE_BYTES = 120_000
MOST_LINES = 500
#: As much of a browser as a script needs to define itself.
BROWSER = """
class HTMLElement {}
const document = { readyState: 'loading', addEventListener() {} };
"""


def html_of(*shown: str) -> str:
    """Return a page's body with these widgets."""
    return "".join(f'<st-widget data-kind="{kind}" data-scenario="article">' for kind in shown)


def chapters() -> dict[str, str]:
    """Return each page of the book that has widgets or live numbers, as its source asks for them.

    What the code cells of a page evaluate is taken from their text, so that no book need be built.
    """
    found = {}
    for page in sorted((ROOT / "book").rglob("*.md")):
        text = page.read_text("utf-8")
        shown = [kind for kind in kinds() if f"\n{kind.title()}()\n" in text]
        named = re.findall(r"\bvalue\(['\"](\w+)", text)
        named += re.findall(r"\bpredict\(\s*\"[^\"]*\",\s*\"(\w+)\"", text)
        numbers = "".join(str(value(name).html) for name in named)
        knobs = "".join(knob(name).html for name in re.findall(r"\bknob\(['\"](\w+)", text))
        if shown or named or knobs:
            found[str(page.relative_to(ROOT))] = html_of(*shown) + numbers + knobs
    return found


CHAPTERS = chapters()


def test_the_chapters_were_found() -> None:
    """Six chapters, the front page and the decision show something that moves."""
    assert len(CHAPTERS) >= 8
    assert 'data-kind="market"' in CHAPTERS["book/5-the-async-native-future.md"]


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_loads_no_more_than_it_shows(page: str) -> None:
    """Not a widget nor a figure of another page; and in all no more than a page may weigh."""
    script = page_script(CHAPTERS[page])
    assert len(script.encode()) <= MOST_PAGE_BYTES
    for kind in kinds():
        assert (f"WIDGETS.{kind}=" in script) is (f'data-kind="{kind}"' in CHAPTERS[page])


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_s_script_defines_itself(page: str) -> None:
    """In V8, with as much of a browser as that takes."""
    MiniRacer().eval(BROWSER + page_script(CHAPTERS[page]))


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_script_has_every_function_that_it_calls(page: str) -> None:
    """What is called is defined, or the browser's own: nothing is found missing by a reader."""
    script = page_script(CHAPTERS[page])
    plain = re.sub(r"`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"", "''", script)
    plain = re.sub(r"/(?:[^/\n\\ ]|\\.)+/[a-z]*", "''", plain)
    called = set(re.findall(r"(?<![.\w$#])([a-zA-Z_]\w*)\(", plain))
    defined = set(re.findall(r"\b(?:function\*?|const|let|class)\s+([\w$]+)", plain))
    inside = set(re.findall(r"[\[{,(\s]\.{0,3}(\w+)(?=\s*[],})=])", plain))
    methods = set(re.findall(r"(?:^|[{},;])(?:async )?(\w+)\([^()]*\)\s*\{", plain, re.MULTILINE))
    lost = called - defined - inside - methods - BROWSER_S_OWN
    assert not lost


@pytest.mark.parametrize(
    "link",
    [
        *("peak=0MB", "peak=1024MB"),
        "peak=300MB&wait=100s&calls=6&order=0&late=1",
        "peak=300MB&wait=100s&reads=0",
        "peak=300MB&wait=100s&reads=0&sees=0&process=1&vendor=1",
        *("peak=300MB&short=1", "peak=300MB&receive=600s&memory=512MB&wait=1s"),
        "peak=300MB&memory=3008MB",
    ],
)
def test_the_page_s_advice_without_a_number_of_requests_is_the_command_s(link: str) -> None:
    """The same link, read by the decision's own script and by the command line."""
    address = f"#st?v=2&preset=article&requests=0&process=0&{link}"
    script = page_script(CHAPTERS["book/decide.md"])
    mark = "WIDGETS.decide="  # beside it stands what the widget calls
    assert script.count(mark) == 1
    asked = f"""globalThis.asked = () => {{
        const read = readAddress('{address}');
        const store = makeStore(read.preset, read.changes);
        const said = adviceOf(ADVICE, CHANGES, store.values);
        const open = leftOpen(CHANGES, said).map(({{ slug }}) => slug);
        return JSON.stringify([said.sentence, assumedOf(ADVICE, store.values, said), open]);
    }};\n"""
    racer = MiniRacer()
    racer.eval(BROWSER + script.replace(mark, asked + mark))
    said = racer.eval("asked()")
    advice = advise(read_facts(address, {}), on=page_day())
    *told, left_open = json.loads(str(said))
    assert told == [advice.sentence, list(advice.assumed)]
    ends = (advice.least.considered, advice.most.considered)
    in_both = {rung.id for rung in ends[0]} & {rung.id for rung in ends[1]}
    assert left_open == [slug(rung.id) for rung in ends[1] if rung.id in in_both]


BROWSER_S_OWN = {
    "Float64Array",
    "if", "for", "while", "switch", "return", "function", "catch", "constructor", "of", "in",
    "super",
    "Array", "BigInt", "Blob", "Boolean", "Date", "Number", "RangeError", "parseInt",
    "Image", "XMLSerializer", "String", "Error", "Map", "Set", "Proxy", "RegExp", "isNaN",
    "IntersectionObserver", "ResizeObserver", "setTimeout", "clearTimeout", "matchMedia",
    "requestAnimationFrame", "cancelAnimationFrame", "addEventListener", "removeEventListener",
    "decodeURIComponent",
}  # fmt: skip


def test_a_page_with_nothing_that_moves_has_no_script() -> None:
    """A number that stays as it is needs none."""
    assert page_script(f"<p>{say(5, 'mb').html}</p>") == ""


def test_a_page_of_tables_loads_a_few_lines() -> None:
    """A bill can be reached by keyboard, and a class's guesses are drawn."""
    tables = page_script("<div class='st-bill'>")
    assert "makeTablesReachable" in tables
    assert len(tables) < 1000
    guesses = page_script("<div class='st-bill st-room-guesses'>")
    assert "startRooms" in guesses
    assert "startRooms" not in tables


def test_a_number_in_a_sentence_brings_its_figure() -> None:
    """And the answer to a guess; a field needs none; a name that nobody computes is refused."""
    script = page_script(value("rung_memory_usd").html + value("memory_mb").html)
    assert 'figures_ladder,"rung_memory_usd"]' in script
    assert "figures_market" not in script
    guess = predict("How many?", "tax_multiple", "x", 1, 1000).html
    assert '"tax_multiple"]' in page_script(guess)
    with pytest.raises(UnknownFigure, match="no figure 'month_us'"):
        page_script('<st-value name="month_us" unit="usd">')


def test_only_prices_that_are_read_are_loaded() -> None:
    """Chapter one needs Lambda's and nobody else's: not one is a tenth of a book of prices."""
    prices = re.search(r"const PRICES=\{(.*)\}", page_script(html_of("rectangle")))
    market = re.search(r"const PRICES=\{(.*)\}", page_script(html_of("market")))
    assert prices
    assert market
    assert 0 < prices[1].count(":") < market[1].count(":") / 2


@pytest.mark.parametrize("kind", kinds())
def test_a_widget_names_every_figure_it_reads(kind: str) -> None:
    """One that it does not name would stop its page; a field is read from the scenario."""
    script = widgets()[kind].script
    read = re.findall(r"\b(?:store\.figures|f)\.([a-z]\w+)", script)
    for names in re.findall(r"\{([^{}]*)\} = store\.figures\b", script):
        read += [name.partition(":")[0].strip() for name in names.split(",")]
    own = {name for name in read if name.endswith(("_usd", "_ms", "_share", "_multiple"))}
    if kind == "paste":
        own = set()  # there, f are the findings of a log
    assert own <= figures_shown(widgets()[kind]) | {field.name for field in FIELDS}


def test_the_page_s_script_is_a_classic_script() -> None:
    """A page opened from disk may not load modules."""
    for kind in kinds():
        script = page_script(html_of(kind))
        assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
        assert "'use strict'" in script


@pytest.mark.parametrize("kind", kinds())
def test_the_module_exports_what_anywidget_calls(kind: str) -> None:
    """And imports nothing; it holds one widget, and nothing of a page."""
    script = module_script(kind)
    assert script.rstrip().endswith("export default { render };")
    assert not re.search(r"^\s*import\b", script, re.MULTILINE)
    assert script.count("WIDGETS.") - script.count("WIDGETS.paste.caption") == 1
    assert "thePageStore" not in script


@pytest.mark.parametrize("text", [page_script(html_of(*kinds())), style_sheet()], ids=["js", "css"])
def test_nothing_is_loaded_from_elsewhere(text: str) -> None:
    """No address but the name of SVG's vocabulary, which is not fetched."""
    addresses = set(re.findall(r"(?:https?:)?//[a-z][^\s'\"]*\.[a-z][^\s'\")]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_every_colour_is_written_once() -> None:
    """Each stands in the style sheet as its concept's colour, and nowhere else in it."""
    sheet = style_sheet().lower()
    for name, both in COLOURS.items():
        light, dark = (colour.lower() for colour in both)
        assert f"--st-{name}:light-dark({light},{dark});" in sheet
        assert sheet.count(light) == sheet.count(dark) == 1
    assert len(re.findall(r"#[0-9a-f]{6}\b", sheet)) == 2 * len(COLOURS)


def test_facts_of_vendors_stand_in_no_script() -> None:
    """They come from the rules: a script has them as constants that Python wrote."""
    numbers = {f"{n}" for n in (*MEMORY_MB, FULL_VCPU_MB)} | {"10_240", "1_769"}
    wrong = {
        path.name: found
        for path in SOURCES
        if (found := numbers & set(re.findall(r"(?<![\w.,])\d[\d_]*", path.read_text("utf-8"))))
    }
    assert not wrong
    assert f"const MEMORY_MB=[{MEMORY_MB[0]},{MEMORY_MB[1]}]" in page_script(html_of("rectangle"))


def test_a_file_is_named_after_what_is_in_it() -> None:
    """So a browser never shows an old one for it."""
    first, second = hashed("st", "js", "one"), hashed("st", "js", "two")
    assert re.fullmatch(r"st-[0-9a-f]{10}\.js", first)
    assert first != second


def test_the_sources_can_be_read_and_shortened() -> None:
    """None is longer than a reader bears; none has text over several lines, or comments in one."""
    assert len(SOURCES) > 20
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= MOST_LINES, path.name
        assert "/*" not in text, path.name
        assert not [line for line in text.splitlines() if line.count("`") % 2], path.name
