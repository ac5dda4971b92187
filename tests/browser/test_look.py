"""The opening at every size, the way to the first control, paper, and colours that are forced."""

from __future__ import annotations

import re
from typing import Any

import pytest
from built_book import Record
from hands import DRAWN, SHIFTS
from playwright.sync_api import Browser, Page, ViewportSize, expect

from serverless_tax.ground.colours import CPU, WAITING

OPENING = "book/index.html"
CHAPTERS = (
    OPENING,
    "book/1-the-gb-second-reckoning.html",
    "book/2-the-53x-problem.html",
    "book/3-response-streaming.html",
    "book/4-websockets.html",
)
PHONES: tuple[ViewportSize, ...] = ({"width": 390, "height": 664}, {"width": 360, "height": 640})
SIZES = ((1366, 620), (390, 664), (360, 640), (1600, 900))
#: How much of the first screen the strip and the counter fill, and whether both end on it.
HERO = """() => {
  const [strip, counter] = ['.hero-strip', '.hero-counter'].map((one) =>
    document.querySelector(one).getBoundingClientRect());
  return {
    share: (Math.min(counter.bottom, innerHeight) - strip.top) / innerHeight,
    ends: counter.bottom <= innerHeight,
    across: strip.left <= 0 && strip.right >= document.documentElement.clientWidth,
    trusted: document.querySelector('.hero-trust').getBoundingClientRect().bottom <= innerHeight,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}"""
LEAST_OF_THE_SCREEN = 0.4
MOST_TABS = 10
MOST_PAINT_MS = 3000
#: How far each grip of a page's figures is from the nearest large number of its figure, in screens.
FAR = """() => [...document.querySelectorAll('st-widget[data-ready]')].flatMap((widget) =>
  [...widget.querySelectorAll('.st-grip')].filter((grip) => grip.checkVisibility()).map((grip) => {
    grip.scrollIntoView({ block: 'center' });
    const middle = (one) => {
      const box = one.getBoundingClientRect();
      return (box.top + box.bottom) / 2;
    };
    const seen = [...widget.querySelectorAll('.st-big')].map(middle)
      .filter((y) => y >= 0 && y <= innerHeight);
    const away = Math.min(...seen.map((y) => Math.abs(y - middle(grip))));
    return [away / innerHeight, `${widget.dataset.kind}: ${grip.ariaLabel}`];
  }))"""
#: The grips of which one covers more than half of another.
COVERED = """() => [...document.querySelectorAll('st-widget[data-ready]')].flatMap((widget) => {
  const grips = [...widget.querySelectorAll('.st-grip')].filter((grip) => grip.checkVisibility());
  const boxes = grips.map((grip) => grip.getBoundingClientRect());
  const near = (a, b) => Math.abs(a.x - b.x) < a.width / 2 && Math.abs(a.y - b.y) < a.height / 2;
  return grips.filter((_, k) => boxes.some((box, j) => j !== k && near(box, boxes[k])))
    .map((grip) => `${widget.dataset.kind}: ${grip.ariaLabel}`);
})"""
#: What of a figure's foot lies over its headline or beyond the window, when the headline comes up.
FOOT = """() => [...document.querySelectorAll('st-widget .st-controls')].flatMap((bar) => {
  const headline = bar.closest('figure').querySelector('figcaption');
  headline.scrollIntoView({ block: 'end' });
  const over = bar.getBoundingClientRect().top < headline.getBoundingClientRect().bottom;
  const cut = [...bar.querySelectorAll('button, select')].filter((one) =>
    one.getBoundingClientRect().right > innerWidth);
  return [...(over ? ['over its headline'] : []), ...cut.map((one) => `cut: ${one.textContent}`)];
})"""
#: The numbers that reach beyond the window, and the marks of an axis that lie on each other.
CROWDED = """() => [...document.querySelectorAll('.st-big, .st-ticks > span')].filter((one) => {
  const next = one.matches('.st-ticks > *') && one.nextElementSibling;
  const right = one.getBoundingClientRect().right;
  return right > innerWidth || (next && right > next.getBoundingClientRect().left);
}).map((one) => one.textContent)"""
#: The words that stand in a page's article before its first figure, as a reader sees them.
WORDS = """() => {
  const walker = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  const figure = document.querySelector('article :is(.hero, st-widget, .st-figure)');
  let words = 0;
  while (walker.nextNode() && !figure.contains(walker.currentNode)) {
    const { data, parentElement: parent } = walker.currentNode;
    const shown = parent.checkVisibility({ opacityProperty: true });
    if (shown) words += data.split(/\\s+/).filter(Boolean).length;
  }
  return words;
}"""
MOST_WORDS = 120
#: What is painted in a grey that could be taken for idle's, and is not idle.
GREYS = """() => {
  const context = document.createElement('canvas').getContext('2d');
  const seen = (colour) => {
    for (const one of [getComputedStyle(document.body).backgroundColor, colour]) {
      context.fillStyle = one;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const grey = (rgb) => Math.max(...rgb) - Math.min(...rgb) < 40 && rgb[0] > 90 && rgb[0] < 210;
  const painted = ':is(st-widget, st-predict, .st-figure, .hero) :is(div, span, p, b, i, button)';
  return [...document.querySelectorAll(painted)]
    .filter((one) => !one.matches('.st-idle, .st-track'))
    .filter((one) => grey(seen(getComputedStyle(one).backgroundColor)))
    .map((one) => one.className);
}"""
ON_A_CONTROL = """() => document.activeElement.matches(
  'st-widget *, st-predict *, st-input *, .hero *')"""


def test_the_opening_shows_strip_and_dollars_at_every_size(still_page: Page, site: str) -> None:
    """At least two fifths of the first screen, from edge to edge; and at twice the size it fits."""
    still_page.goto(f"{site}/{OPENING}")
    for width, height in SIZES:
        still_page.set_viewport_size({"width": width, "height": height})
        found = still_page.evaluate(HERO)
        assert found["share"] >= LEAST_OF_THE_SCREEN, (width, height, found)
        assert found["ends"], (width, height, found)
        assert found["across"], (width, height, found)
        assert found["trusted"], (width, height, found)
        still_page.set_viewport_size({"width": width // 2, "height": height // 2})
        found = still_page.evaluate(HERO)
        assert found["wide"] == 0
        assert found["ends"], (width // 2, height // 2, found)


def test_on_a_phone_a_number_and_its_grip_are_on_one_screen(still_page: Page, site: str) -> None:
    """Whatever is dragged, what it changes stands at most half a screen away."""
    for address in CHAPTERS:
        still_page.set_viewport_size(PHONES[0])
        still_page.goto(f"{site}/{address}")
        expect(still_page.locator("st-widget:not([data-ready])")).to_have_count(0)
        for phone in PHONES:
            still_page.set_viewport_size(phone)
            still_page.evaluate(DRAWN)
            far = still_page.evaluate(FAR)
            assert far
            assert max(far)[0] <= 0.5, (address, phone, max(far))
            assert not still_page.evaluate(FOOT), (address, phone)
        wait = still_page.get_by_role("slider", name="wait for the answer")
        if wait.count():
            wait.press("End")
            expect(wait).to_have_attribute("aria-valuenow", "3600000")
            for phone in PHONES:
                still_page.set_viewport_size(phone)
                still_page.evaluate(DRAWN)
                assert not still_page.evaluate(CROWDED), (address, phone)
    messages = still_page.get_by_role("slider", name="messages in the conversation")
    messages.press("End")
    assert not still_page.evaluate(COVERED)


def test_the_strip_plays_once_in_real_time_over_dollars_that_stand(
    page: Page, site: str, record: Record
) -> None:
    """It can be paused and played again; what a month costs does not move."""
    page.clock.install()
    page.goto(f"{site}/{OPENING}")
    dollars, now = page.locator(".hero-usd"), page.locator(".hero-now")
    button = page.locator(".hero-play")
    expect(button).to_have_text("Pause")
    expect(button).to_have_css("position", "absolute")  # on the drawing: it moves nothing
    page.clock.run_for(2000)
    expect(now).to_contain_text(" s: $0.0000")
    expect(dollars).to_have_text("$811.33")
    button.click()
    paused = now.inner_text()
    page.clock.run_for(1000)
    expect(now).to_have_text(paused)
    expect(button).to_have_text("Play")
    button.click()
    page.clock.run_for(6000)
    expect(now).to_have_text("4.856 s")
    expect(button).to_have_text("Replay")
    assert not record.console_errors


def test_with_reduced_motion_the_end_stands(still_page: Page, site: str) -> None:
    """The whole strip, and nothing to pause; its work and its dollars are one request's."""
    still_page.goto(f"{site}/{OPENING}")
    expect(still_page.locator(".hero-now")).to_have_text("4.856 s")
    expect(still_page.locator(".hero-play")).to_be_hidden()
    work = still_page.locator(".hero-says span").first.inner_text()
    waiting = still_page.locator(".hero-words b").inner_text()
    work_share = float(work.split(" ms")[0]) / 4856
    duration_usd = 811.33 - 2  # without the fee for ten million requests
    assert float(waiting[1:]) / duration_usd == pytest.approx(1 - work_share, abs=1e-5)
    plumber = still_page.locator("st-widget[data-kind=plumber][data-ready] .st-aside")
    expect(plumber).to_contain_text(work.split(" (")[0])


def test_on_a_slow_line_the_opening_is_there_within_three_seconds(
    browser: Browser, site: str
) -> None:
    """Cold, at 1.6 Mbit/s and a quarter of this processor: title, dollars and strip are painted.

    What else this machine does can only add to the time: the first of three tries counts that is
    quick enough.
    """
    tries: list[float] = []
    while len(tries) < 3 and not min(tries, default=MOST_PAINT_MS) < MOST_PAINT_MS:
        context = browser.new_context(viewport={"width": 390, "height": 664})
        page = context.new_page()
        client = context.new_cdp_session(page)
        bytes_a_second = 1.6e6 / 8
        line = {"offline": False, "latency": 150, "uploadThroughput": bytes_a_second}
        client.send(
            "Network.emulateNetworkConditions", {**line, "downloadThroughput": bytes_a_second}
        )
        client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(f"{site}/{OPENING}", wait_until="commit")
        page.wait_for_selector(".hero-trust", state="visible")
        paint_ms = page.evaluate(
            """() => new Promise((done) => new PerformanceObserver((list) =>
              done(list.getEntriesByName('first-contentful-paint')[0]?.startTime)
            ).observe({ type: 'paint', buffered: true }))"""
        )
        tries.append(float(paint_ms))
        for one in ("h1", ".hero-usd", ".hero-strip"):
            assert page.locator(one).is_visible()
        context.close()
    assert min(tries) < MOST_PAINT_MS


def test_the_first_control_is_a_few_tabs_away_and_nothing_jumps(
    still_page: Page, site: str
) -> None:
    """From the top of the opening and of each chapter, by keyboard; its first figure comes soon."""
    still_page.add_init_script(SHIFTS)
    for address in CHAPTERS:
        still_page.goto(f"{site}/{address}")
        expect(still_page.locator("st-widget:not([data-ready])")).to_have_count(0)
        assert still_page.evaluate(WORDS) <= MOST_WORDS, address
        assert not still_page.evaluate(GREYS), address
        for _ in range(MOST_TABS):
            still_page.keyboard.press("Tab")
            if still_page.evaluate(ON_A_CONTROL):
                break
        else:
            pytest.fail(f"{address}: no control within {MOST_TABS} tabs")
        assert sum(shift[0] for shift in still_page.evaluate("window.shifts")) <= 0.002, address


@pytest.mark.parametrize("name", ["5-the-async-native-future", "6-your-own-bill", "decide"])
def test_a_link_leads_past_the_text_to_what_moves(still_page: Page, site: str, name: str) -> None:
    """Four keys from the top of the longest page; what is reached has its finding as its name."""
    still_page.goto(f"{site}/book/{name}.html")
    expect(still_page.locator("st-widget:not([data-ready])")).to_have_count(0)
    for key in ("Tab", "Tab", "Enter", "Tab"):
        still_page.keyboard.press(key)
    assert still_page.evaluate(ON_A_CONTROL)
    figure = still_page.locator("#moves figure")
    caption = figure.locator("figcaption")
    expect(caption).to_be_visible()  # covered until the page sees that its guess is passed
    expect(figure).to_have_accessible_name(caption.inner_text())


def test_a_guess_is_marked_on_its_line_and_the_bar_ends_where_it_should(
    still_page: Page, site: str
) -> None:
    """The dashed mark stays, and the true bar is as long as the answer is on that scale."""
    still_page.goto(f"{site}/{OPENING}")
    guess = still_page.locator("st-predict[data-ready]")
    guess.get_by_role("slider").press("Home")
    guess.get_by_role("button", name="That is my guess").click()
    rail, bar, mark = (
        guess.locator(f".st-guess-{one}").bounding_box() for one in ("rail", "bar", "mark")
    )
    assert rail
    assert bar
    assert mark
    assert mark["x"] == pytest.approx(rail["x"], abs=2)
    assert bar["width"] / rail["width"] == pytest.approx(0.648, abs=0.01)  # ln 31 / ln 200


@pytest.mark.parametrize("room", [False, True])
def test_scrolling_past_answers_a_reader_and_not_a_room(
    still_page: Page, site: str, *, room: bool
) -> None:
    """`?class` in the address holds an answer back until it is asked for."""
    still_page.goto(f"{site}/{OPENING}{'?class' if room else ''}")
    widget = still_page.locator("st-widget[data-kind=plumber][data-ready]")
    expect(widget).to_have_attribute("data-covered", "")
    still_page.locator("footer").scroll_into_view_if_needed()
    expect(still_page.locator(".st-answer")).to_have_text("" if room else "31x")


def test_paper_shows_every_number_and_forced_colours_every_bar(still_page: Page, site: str) -> None:
    """Nothing waits for a click on paper, and a bar keeps its colour where a system has its own."""
    kept = [str([*bytes.fromhex(colour[1:])])[1:-1] for colour in (CPU, WAITING)]
    painted = """(e, part) => ['backgroundImage', 'backgroundColor'].map((one) =>
      getComputedStyle(e, part)[one]).join('')"""
    for address in CHAPTERS[:3]:
        still_page.goto(f"{site}/{address}")
        number: Any = still_page.locator("st-widget[data-covered] .st-big").first
        expect(number).to_be_hidden()
        still_page.emulate_media(media="print")
        expect(number).to_be_visible()
        guess = still_page.locator("st-predict").first
        expect(guess.get_by_role("button").first).to_be_hidden()
        assert "The answer: " in guess.evaluate("e => getComputedStyle(e, '::after').content")
        still_page.emulate_media(media="screen", forced_colors="active")
        for bar in still_page.locator(".hero-work, .hero-wait, .st-top, .st-bottom").all():
            assert any(colour in bar.evaluate(painted) for colour in kept)
        for key in still_page.locator(".st-key > .st-word-cpu, .st-word-cpu > .st-what").all():
            assert key.evaluate(f"e => ({painted})(e, '::before')").endswith(f"rgb({kept[0]})")
        still_page.emulate_media(forced_colors="none")


def test_the_contents_open_and_close_by_keyboard(still_page: Page, site: str) -> None:
    """Escape closes them, and the focus is where it was; the page in view is marked."""
    still_page.goto(f"{site}/{CHAPTERS[2]}")
    contents = still_page.locator("#contents")
    summary = contents.locator("summary.top-link")
    summary.press("Enter")
    expect(contents.locator("[aria-current=page]")).to_have_text("The 53x problem")
    still_page.keyboard.press("Escape")
    expect(contents.locator("nav")).to_be_hidden()
    expect(summary).to_be_focused()


@pytest.mark.parametrize("folder", ["", "book-in-a-folder/"])
def test_what_is_not_there_looks_like_the_book_at_any_depth(
    page: Page, site: str, folder: str
) -> None:
    """Its style and its links are found from any address, where the book has one folder or two."""
    served = re.compile(rf"{site}/{folder}(?=_static/|book/)")
    if folder:
        page.route(re.compile(rf"{site}/(_static|book)/"), lambda route: route.fulfill(status=404))
    page.route(served, lambda route: route.continue_(url=served.sub(f"{site}/", route.request.url)))
    page.goto(f"{site}/{folder}a/b/c.html")
    expect(page.locator("body")).to_have_css("background-color", "rgb(251, 247, 239)")
    page.get_by_role("link", name="the opening").click()
    expect(page).to_have_url(f"{site}/{folder}book/index.html")


def test_light_and_dark_are_kept(still_page: Page, site: str) -> None:
    """The button goes round: as the system is, dark, light; the next page has it from the start."""
    still_page.emulate_media(color_scheme="light", reduced_motion="reduce")
    still_page.goto(f"{site}/{CHAPTERS[1]}")
    root = still_page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    still_page.locator("#mode").click()
    expect(root).to_have_attribute("data-theme", "dark")
    still_page.goto(f"{site}/{CHAPTERS[2]}")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(still_page.locator("body")).to_have_css("background-color", "rgb(22, 20, 18)")


def test_the_search_finds_a_page(still_page: Page, site: str) -> None:
    """With its own page, in the browser alone."""
    still_page.goto(f"{site}/search.html?q=plumber")
    found = still_page.locator("#search-results a[href*='book/index.html']")
    expect(found.first).to_be_visible()


def test_a_wrong_address_can_be_searched_from(still_page: Page, site: str) -> None:
    """At any depth, with the book's own search."""
    still_page.goto(f"{site}/a/b/c.html")
    still_page.get_by_role("searchbox").fill("plumber")
    still_page.get_by_role("button", name="Search").click()
    found = still_page.locator("#search-results a[href*='book/index.html']")
    expect(found.first).to_be_visible()


def test_the_frozen_callback_plays_stops_and_is_gone_through(page: Page, site: str) -> None:
    """Unasked, once seen; Pause holds it, a number shows its picture, and paper shows all four."""
    page.clock.install(time=0)
    page.goto(f"{site}/book/4-websockets.html")
    page.clock.pause_at(3_600)  # seconds: from here on time passes only as told
    scene, shown = page.locator(".st-frames"), page.locator(".st-frames > .st-now .st-state")
    scene.evaluate("one => one.scrollIntoView({block: 'center'})")
    pause = page.get_by_role("button", name="Pause", exact=True)
    expect(pause).to_be_visible()
    expect(shown).to_have_text("function: running")
    page.clock.run_for(1_900)
    expect(shown).to_have_text("function: returned")
    pause.click()
    page.clock.run_for(60_000)
    expect(shown).to_have_text("function: returned")
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(1_600)
    expect(shown).to_have_text("function: frozen")
    page.clock.run_for(6_000)
    expect(shown).to_have_text("function: running")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    moment = page.get_by_role("slider", name="moment of the scene")
    moment.fill("2500")  # ms: in the middle of the second picture
    expect(shown).to_have_text("function: returned")
    expect(moment).to_have_attribute("aria-valuetext", "2. The handler returns")
    page.get_by_role("button", name="3. Everything is ice").press("Enter")
    expect(scene.locator("li:visible")).to_have_count(1)
    expect(shown).to_have_text("function: frozen")
    page.emulate_media(media="print")
    expect(scene.locator("li:visible")).to_have_count(4)


def test_with_reduced_motion_the_frozen_callback_waits_to_be_asked(
    still_page: Page, site: str
) -> None:
    """It stands at its end, and its numbers change it."""
    still_page.goto(f"{site}/book/4-websockets.html")
    shown = still_page.locator(".st-frames > .st-now .st-state")
    shown.scroll_into_view_if_needed()
    expect(still_page.locator(".st-scene-bar button")).to_have_text(["1", "2", "3", "4"])
    expect(still_page.locator(".st-frames > .st-now")).to_contain_text("in the wrong bubble")
    still_page.get_by_role("button", name="2. The handler returns").click()
    expect(shown).to_have_text("function: returned")
