"""The files of the built book, read without a browser: links, figures in sentences, weight."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from built_book import BOOK, ROOT, pages_of_the_book, sent_bytes

from serverless_tax import Workload, bill, ladder
from serverless_tax.ground.show import show
from serverless_tax.platforms import platforms
from serverless_tax.questions.advise import advise
from serverless_tax.questions.facts import Facts

PAGES = pages_of_the_book()
#: What a figure looks like that was not computed, or not to an end.
NO_FIGURE = re.compile(
    r"\{eval\}|\b(?:nan|inf|NaN|Infinity|None|Traceback|undefined)\b|<\w+ object at"
)
#: Where such words are names.
LISTINGS = ["pre", "code", "script", "style", "dt", "svg"]
#: HTML, styles and scripts of a page, compressed as servers do; and all fonts together.
MOST_PAGE_BYTES = 150_000
MOST_FONT_BYTES = 90_000
#: The opening, the chapters and the decision.
DESIGNED = [page for page in PAGES if re.match(r"book/(index|[1-6]-|decide)", page)]
MOST_TABLES = 1
#: What a page loads of our own scripts, uncompressed.
MOST_SCRIPT_BYTES = 120_000
STYLES = [path.read_text("utf-8") for path in (BOOK / "_static").glob("serverless-tax-*.css")]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
ADDRESS = CONFIG["repository"]["url"]


@cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page of the book."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@cache
def anchors(path: Path) -> set[str]:
    """Return the places in a page that a link may name."""
    named = parsed(path).find_all(attrs={"id": True}) + parsed(path).find_all("a", {"name": True})
    return {str(one.get("id") or one.get("name")) for one in named}


@pytest.mark.parametrize("address", PAGES)
def test_links_and_pictures_lead_somewhere(address: str) -> None:
    """To a file that was built, and to a place that is on it; those in raw HTML as well."""
    page = BOOK / address
    named = [(tag, str(tag["href"])) for tag in parsed(page).find_all(href=True)]
    named += [(tag, str(tag["src"])) for tag in parsed(page).find_all(src=True)]
    lost = [f"{tag.name}: {link}" for tag, link in named if not _leads_somewhere(page, link)]
    assert not lost, "\n".join(lost)


def _leads_somewhere(page: Path, link: str) -> bool:
    target = urlsplit(link)
    if target.scheme or target.netloc:
        return True
    path = (page.parent / unquote(target.path)).resolve() if target.path else page
    place = unquote(target.fragment)
    # A place that begins with st? is a state of the page's widgets.
    if not place or place.startswith("st?") or path.suffix != ".html":
        return path.is_file()
    return path.is_file() and place in anchors(path)


@pytest.mark.parametrize("address", [page for page in PAGES if page.startswith("book/")])
def test_every_figure_in_a_sentence_was_computed(address: str) -> None:
    """No figure is missing, endless, or the name of a thing that has no figure."""
    column = parsed(BOOK / address).find("article")
    assert column is not None
    figures = column.select("span.output, st-value, st-input, .st-said-number")
    empty = [str(one)[:200] for one in figures if not one.get_text(strip=True)]
    odd = [str(one)[:200] for one in figures if NO_FIGURE.search(one.get_text())]
    odd += [t[:200] for t in column.find_all(string="{eval}") if not t.find_parents(LISTINGS)]
    assert not empty
    assert not odd


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_no_heavier_than_it_need_be(address: str) -> None:
    """The page itself, its styles and its scripts, within a budget; and nothing from elsewhere."""
    page = BOOK / address
    loads = [str(tag["src"]) for tag in parsed(page).select("script[src]")]
    loads += [str(tag["href"]) for tag in parsed(page).select("link[rel=stylesheet]")]
    assert loads
    assert not [link for link in loads if urlsplit(link).netloc]
    local = {(page.parent / unquote(urlsplit(link).path)).resolve() for link in loads}
    assert sum(map(_as_sent, (page, *local))) <= MOST_PAGE_BYTES


def test_the_fonts_are_ours_and_light() -> None:
    """They come with the book, and weigh less than one picture."""
    fonts = list((BOOK / "_static").glob("*.woff2"))
    named = {name for style in STYLES for name in re.findall(r"url\(([^)]+)\)", style)}
    assert named == {font.name for font in fonts}
    assert sum(font.stat().st_size for font in fonts) <= MOST_FONT_BYTES


def test_nothing_is_blurred_and_everything_has_its_colour_on_paper() -> None:
    """What a guess keeps back is hidden on a screen alone."""
    rules = "".join(STYLES)
    assert "blur(" not in rules
    assert "print-color-adjust: exact" in rules
    on_screens = r"@media not print \{\s*st-widget\[data-covered\][^}]*visibility: hidden"
    assert re.search(on_screens, rules)


#: Where a page stands, as it says itself above its title.
PLACES = {f"book/{k}-": f"Chapter {k} of 6" for k in range(1, 7)}
PLACES |= {f"labs/{k}-": f"Lab {k} of 7" for k in range(1, 8)}


@pytest.mark.parametrize("address", PAGES)
def test_a_reader_finds_the_way(address: str) -> None:
    """Each page says where it stands, and leads to the book, to four shelves, back and on."""
    page = parsed(BOOK / address)
    links = [str(a["href"]) for a in page.select("#contents :is(ol, .shelves) > li > a")]
    assert len(links) == len(set(links)) == 8 + 4
    assert page.select_one("a[href$='search.html']")
    assert page.select_one(".turn a")
    assert page.select_one("a.skip[href='#main']")
    assert page.select_one("main#main > article")
    assert all(one["tabindex"] == "-1" for one in page.select(".headerlink"))
    known = [place for start, place in PLACES.items() if address.startswith(start)]
    if known:
        assert known[0] in page.select_one(".place").get_text()
        assert page.select(".place a"), "a chapter leads to its lab, and a lab to its chapter"


def test_a_shelf_leads_to_each_of_its_pages() -> None:
    """No page is lost: it is in the contents, or on a shelf, with what it says of itself."""
    reached = {"book/index.html"}
    page = parsed(BOOK / "book/index.html")
    shelves = [str(a["href"]) for a in page.select("#contents .shelves a")]
    reached |= {f"book/{a['href']}" for a in page.select("#contents ol > li > a")}
    for shelf in (posixpath.normpath(f"book/{address}") for address in shelves):
        on_it = parsed(BOOK / shelf).select(".shelf > li")
        assert len(on_it) <= 12
        assert all(len(one.select_one("span").get_text()) > 10 for one in on_it)
        links = [posixpath.join(posixpath.dirname(shelf), one.a["href"]) for one in on_it]
        reached |= {shelf, *map(posixpath.normpath, links)}
    assert reached == set(PAGES)


def test_no_sentence_of_a_property_is_read_as_its_type() -> None:
    """Of ``What it is: a sentence``, the first half would be shown as the type."""
    page = parsed(BOOK / "book/reference/api.html")
    assert page.select("dl.field-list dt")
    assert [one for one in page.select("dl.field-list dt") if one.get_text() == "Type:"] == []


def test_previous_and_next_are_called_as_on_their_shelf() -> None:
    """A lab is *Lab 1*, not *1.*, wherever a link leads to it."""
    following = parsed(BOOK / "labs/index.html").select_one(".turn .next")
    assert following.get_text().removeprefix("Next ") == "Lab 1: What a waiting function costs"


def test_an_address_that_was_given_out_leads_to_what_took_its_place() -> None:
    """A page or a figure that moved has left a page there, which leads to one that is."""
    moved = CONFIG["sphinx"]["config"]["redirects"]
    assert moved
    for name, to in moved.items():
        left = BOOK / f"{name}.html"
        assert to in left.read_text("utf-8"), name
        assert (left.parent / to).is_file(), name


def test_the_ladder_stands_twice_at_most() -> None:
    """In chapter five, and on the summary; elsewhere a link leads there."""
    names = {rung.name for rung in ladder(Workload.preset("article"))}
    ladders = [
        address
        for address in PAGES
        for one in parsed(BOOK / address).select("article :is(table, st-widget)")
        if sum(name in one.get_text() for name in names) > len(names) / 2
    ]
    assert ladders == ["book/5-the-async-native-future.html", "book/summary.html"]


@pytest.mark.parametrize("address", DESIGNED)
def test_a_chapter_shows_more_than_it_tabulates(address: str) -> None:
    """Tables are few."""
    article = parsed(BOOK / address).find("article")
    tables = [one for one in article.select("table") if not one.find_parents(class_="solution")]
    assert len(tables) <= MOST_TABLES


@pytest.mark.parametrize("address", DESIGNED)
def test_a_figure_says_what_it_found_and_where_from(address: str) -> None:
    """A sentence with its number above, a name for those who do not see it, a source below."""
    page = parsed(BOOK / address)
    for figure in page.select("article .st-figure"):
        found = figure.select_one(".st-found").get_text()
        assert re.search(r"\d", found), found
        assert "Source: " in figure.select_one("figcaption").get_text(), found
        assert re.search(r"\d", str(figure["aria-label"])), found
        for hatch in figure.select("pattern"):
            assert hatch["patterntransform"] == "rotate(45)", "as the style sheet hatches"
    for widget in page.select("article st-widget"):
        if widget["data-kind"] != "paste":  # which has no number before a log is pasted
            assert re.search(r"\d", widget.select_one("figcaption").get_text())
        assert "st-source" in widget.find_next_sibling().get("class", [])


def test_a_figure_of_a_lab_says_where_it_was_measured() -> None:
    """On a cloud on one machine, whatever page shows it; its text names its axis, not its file."""
    drawn = [one for a in PAGES if a.startswith("labs/") for one in parsed(BOOK / a).select("img")]
    assert len(drawn) >= 7
    for one in drawn:
        assert "local cloud, not on AWS" in one.find_next_sibling("p").get_text()
        assert re.fullmatch(r"A chart: [a-z].*, as the code above draws it\.", str(one["alt"]))


#: What the selector of a rule names that paints in one of the four hues.
PAINTS = {
    "cpu": r"cpu|work|busy|st-bottom|st-track|:root|st-number|st-key",
    "waiting": r"wait|tax_share|st-top|st-person|st-track|hero-strip|:root|\.st\b",
    "idle": r"idle|st-track|:root",
    "fees": r"fees|st-track|:root",
}


def test_the_four_hues_are_on_nothing_else() -> None:
    """In the style sheets, and in the drawings of every page, which say which parts they have."""
    rules = [rule for style in STYLES for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", style)]
    for hue, names in PAINTS.items():
        painted = [(where, what) for where, what in rules if f"--st-{hue}" in what]
        assert painted
        for where, _ in painted:
            assert re.search(names, where.strip()), f"{hue} in {where.strip()}"
    for address in PAGES:
        for drawing in parsed(BOOK / address).select("svg.st-plot"):
            hues = set(re.findall(r"var\(--st-(cpu|waiting|idle|fees)", str(drawing)))
            says = {"cpu": "work", "waiting": "waiting|billed", "idle": "idle", "fees": "fees"}
            lost = [hue for hue in hues if not re.search(says[hue], str(drawing["aria-label"]))]
            assert not lost, f"{address}: {drawing['aria-label'][:60]}"


def test_nothing_speaks_of_an_address_before_there_is_one() -> None:
    """No half-set name, no picture of a card that no link could find, no dead button."""
    for address in ("book/index.html", "labs/1-what-a-waiting-function-costs.html", "404.html"):
        html = (BOOK / address).read_text("utf-8")
        assert "not set" not in html
        if not ADDRESS:
            assert "og:image" not in html
            assert "og:url" not in html
            assert "Open this lab in" not in html


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_one_script_of_its_own(address: str) -> None:
    """Or none, where nothing on it moves; beside that of every page, within its own budget."""
    page = BOOK / address
    loaded = [str(tag["src"]) for tag in parsed(page).select("script[src]")]
    ours = [one for one in loaded if re.search(r"serverless-tax-[0-9a-f]{10}\.js", one)]
    assert all("/serverless-tax-" in one for one in loaded), "nothing of the theme's"
    live = parsed(page).select("st-widget, st-value, st-input, st-predict, .st-bill, .st-inventory")
    assert len(ours) == bool(live)
    for link in ours:
        assert (page.parent / urlsplit(link).path).stat().st_size <= MOST_SCRIPT_BYTES


@cache
def _as_sent(path: Path) -> int:
    """Return the bytes of a file as a server sends it."""
    return sent_bytes(path.suffix, path.read_bytes())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_carries_no_script_of_ours_in_itself(address: str) -> None:
    """What it draws comes from its one script: Jupyter's copies of it stay in the notebook."""
    html = (BOOK / address).read_text("utf-8")
    assert "widget-state+json" not in html
    assert "export default { render }" not in html


#: What tells two figures of one design apart, and the words that say so.
TOLD_BY = {
    "data-chip": {"arm": r"\bArm\b", "x86": r"\bx86\b"},
    "data-path": r"\b(?:balancer|address|path|HTTP API|WebSocket|gateway|front door|message)",
    "data-memory": r"\b(?:MB|memory|tuned|rungs?|GB)\b",
}
#: An element that is read as one: a sentence's paragraph, a point, a row, a figure's text.
READ_AS_ONE = ["p", "li", "tr", "figure", "aside", "dd"]


def dollars_of(page: Path) -> dict[tuple[str, str, str], list[Tag]]:
    """Return a page's dollars by design, part of the bill, and month at the prices of a day."""
    found: dict[tuple[str, str, str], list[Tag]] = {}
    for said in parsed(page).select(".st-usd"):
        when = " ".join(str(said.get(f"data-{of}")) for of in ("month", "day", "setting"))
        key = (str(said["data-design"]), str(said["data-of"]), when)
        found.setdefault(key, []).append(said)
    return found


@pytest.mark.parametrize("address", PAGES)
def test_a_design_has_one_value_or_words_that_tell_two_apart(address: str) -> None:
    """On a page: Arm or x86, how much memory, which path; two values of one thing are a fault."""
    for (name, part, _), said in dollars_of(BOOK / address).items():
        first, *others = {one.get_text(): one for one in said}.values()
        for other in others:
            differs = [key for key in TOLD_BY if first.get(key) != other.get(key)]
            assert differs, f"{name}, {part}: {first.get_text()} and {other.get_text()}"
            assert any(_told(one, key) for key in differs for one in (first, other)), (
                f"{name}, {part}: {first.get_text()} and {other.get_text()} differ in {differs}"
            )


def _told(said: Tag, key: str) -> bool:
    """Whether the element around a figure says what it is of."""
    around = said.find_parent(READ_AS_ONE)
    words = TOLD_BY[key]
    pattern = words[str(said[key])] if isinstance(words, dict) else words
    return around is not None and bool(re.search(pattern, around.get_text(" "), re.IGNORECASE))


def test_a_page_with_both_fargates_says_which_is_of_arm() -> None:
    """In widgets, figures and tables too: wherever the article's month is there on both chips."""
    article = Workload.preset("article")
    x86, arm = (
        show(bill("aws-fargate", article.replace(architecture=one), path="needed").total, "usd")
        for one in ("x86_64", "arm64")
    )
    pages = [p for a in PAGES if {x86, arm} <= set(_dollars(parsed(p := BOOK / a).get_text(" ")))]
    assert pages
    for page in pages:
        said = parsed(page).find_all([*READ_AS_ONE[:3], "figcaption"])
        of_arm = [one for one in said if arm in _dollars(one.get_text(" "))]
        assert of_arm
        assert all(re.search(r"\bArm\b", one.get_text(" ")) for one in of_arm), page.name


def _dollars(text: str) -> list[str]:
    return re.findall(r"\$[\d,]+(?:\.\d\d)?", text)


def test_what_the_pages_tell_to_do_is_what_the_advisor_says() -> None:
    """Each sentence of advice, with the steps in its data, is the decision of its preset."""
    told = [one for address in PAGES for one in parsed(BOOK / address).select(".st-advised")]
    assert len(told) >= 2
    for one in told:
        advice = advise(Facts.preset(str(one["data-preset"])))
        assert one.get_text() == advice.sentence
        assert one["data-steps"] == " ".join(rung.id for rung in advice.most.steps)


#: Tables whose dollars are of no design: of tokens and of hours, ratios, what others published, and
#: what is put in for a price that nobody has seen.
OF_NO_DESIGN = re.compile(
    r"tokens|gpt-|at rates that are|Ratios|Published months|hours cost|million turns"
    r"|what there is to find|The labs on AWS"
)
#: Pages of prices of a unit, and of what a lab printed.
OF_PRICES = ("price-sheets", "labs/")


def test_the_dollars_of_a_table_say_which_designs_they_are() -> None:
    """In its own data, or in those of the table it stands in."""
    bare = [
        f"{address}: {table.caption.get_text() if table.caption else ''}: {cell.get_text()}"
        for address in PAGES
        if not any(one in address for one in OF_PRICES)
        for table in parsed(BOOK / address).select("table")
        if not OF_NO_DESIGN.search(table.caption.get_text() if table.caption else "")
        for cell in table.select("td")
        if _dollars(cell.get_text()) and not _says_its_design(cell)
    ]
    assert not bare, bare[:20]


def _says_its_design(cell: Tag) -> bool:
    of_a_design = {"data-design": True}
    return bool(cell.find(attrs=of_a_design) or cell.find_parent(attrs=of_a_design))


def test_the_dollars_of_the_chapters_carry_what_they_are_of() -> None:
    """Each chapter that prices a design has some; the chips and paths are ones that exist."""
    carried = {address: dollars_of(BOOK / address) for address in PAGES}
    assert len([page for page, found in carried.items() if found]) >= 8
    known = {*platforms(), "none"}
    for found in carried.values():
        for (name, _, _), said in found.items():
            assert name in known
            assert all(set(str(one.get("data-path", "")).split()) <= known for one in said)


#: What is no running text: a figure's, a table's, the claims' and their quotes, a guess's question.
OF_A_FIGURE = ["table", "figure", "pre", "code", "q", "st-predict", "st-widget"]
#: Pages of claims, of what is shown on a wall, of what others wrote, and of prices of a unit.
NOT_OF_PROSE = ("claims", "teaching/slides", "teaching/room", "reference/", "embed/", *OF_PRICES)


def test_each_dollar_of_a_sentence_says_what_it_is_of() -> None:
    """Those that move too, and those over a drawing: of a design, or of none, such as an hour."""
    told = [
        (address, text)
        for address in PAGES
        if not any(one in address for one in NOT_OF_PROSE)
        for article in parsed(BOOK / address).select("article")
        for text in article.find_all(string=re.compile(r"\$\d"))
        if text.find_parent(class_="st-found")
        or (not text.find_parent(OF_A_FIGURE) and not text.find_parent(class_="hero"))
    ]
    assert len(told) >= 60
    bare = [(at, str(one)) for at, one in told if not one.find_parent(attrs={"data-design": True})]
    assert bare == [], bare


def test_the_run_that_chapter_three_draws_is_the_one_that_it_tells() -> None:
    """The first word over the drawing is the first dot in it."""
    figure = parsed(BOOK / "embed" / "3-response-streaming-whole-and-streamed.html")
    [data] = [str(one["href"]) for one in figure.select("a[href^='data:text/csv']")]
    [first, *_] = re.findall(r"^streamed,([\d.]+),", unquote(data), re.MULTILINE)
    assert f"The first word comes after {show(float(first), 'ms')}" in figure.get_text()
