"""A scenario in an address: read on load and on change, written by `copy link` only."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from serverless_tax.ground.show import show
from serverless_tax.widgets.scenario import compute, scenario

RECTANGLE = "book/1-the-gb-second-reckoning.html"
METER = "book/2-the-53x-problem.html"
MONTH = "st-value[name=month_usd]"
#: What the chapter's address holds at 128 MB, and not the CPU that its own request has.
AT_128_MB = "#st?v=2&memory=128MB"
LADDER = "book/5-the-async-native-future.html"


def month_of(**changes: float) -> str:
    """Return the month's bill of the article's request with these changes, as it is shown."""
    return show(compute(scenario() | changes)["month_usd"], "usd")


def test_an_address_sets_the_scenario(still_page: Page, site: str) -> None:
    """On load, and again when the reader follows another; unknown keys are ignored."""
    still_page.goto(f"{site}/{RECTANGLE}#st?memory=512MB&wait=2.5s&colour=red")
    month = still_page.locator(MONTH).first
    expect(month).to_have_text(month_of(memory_mb=512, generate_ms=2500))
    expect(still_page.locator(".st-note p")).to_have_count(1)
    still_page.evaluate("location.hash = '#st?preset=thinking'")
    expect(month).to_have_text(show(compute(scenario("thinking"))["month_usd"], "usd"))


def test_a_wrong_value_is_clamped_with_a_note(still_page: Page, site: str) -> None:
    """The page says what it shows instead, and the way back."""
    still_page.goto(f"{site}/{RECTANGLE}#st?memory=64")
    note = still_page.locator(".st-note")
    expect(note).to_contain_text("only 128 MB to 10,240 MB is possible")
    expect(note).to_contain_text("this page shows 128 MB")
    expect(still_page.locator(MONTH).first).to_have_text(month_of(memory_mb=128))
    note.get_by_role("button").click()
    expect(still_page.locator(MONTH).first).to_have_text(month_of())
    expect(note).to_have_count(0)


def test_moving_something_leaves_the_address_alone(still_page: Page, site: str) -> None:
    """Headings own the plain fragment; only `copy link` writes."""
    still_page.goto(f"{site}/{RECTANGLE}#the-bill-is-an-area")
    still_page.get_by_role("slider", name="memory", exact=True).first.press("Home")
    expect(still_page.locator(MONTH).first).to_have_text(month_of(memory_mb=128))
    assert still_page.url.endswith("#the-bill-is-an-area")
    expect(still_page.locator(".st-note")).to_have_count(0)


def test_a_copied_link_restores_the_scenario(still_page: Page, site: str, browser: Browser) -> None:
    """What the clipboard holds opens the same figures for somebody else."""
    still_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    still_page.goto(f"{site}/{RECTANGLE}")
    widget = still_page.locator("st-widget[data-ready]")
    widget.get_by_role("slider", name="memory", exact=True).press("Shift+ArrowUp")
    widget.get_by_role("slider", name="wait for the answer", exact=True).press("ArrowUp")
    widget.get_by_role("button", name="Copy link").click()
    expect(widget.get_by_text("Copied.")).to_be_visible()
    link = still_page.evaluate("navigator.clipboard.readText()")
    assert link == still_page.url
    other = browser.new_page()
    other.goto(link)
    expect(other.locator(MONTH).first).to_have_text(month_of(memory_mb=1280, generate_ms=4900))
    other.close()


def test_a_link_copied_under_another_preset_opens_that(still_page: Page, site: str) -> None:
    """What differs is written against the preset chosen, so that it comes back exactly."""
    still_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    still_page.goto(f"{site}/{METER}")
    widget = still_page.locator("st-widget[data-ready]")
    widget.get_by_label("A request to start from").select_option("thinking")
    widget.get_by_role("slider", name="look up the passages", exact=True).press("Home")
    widget.get_by_role("button", name="Copy link").click()
    expect(widget.get_by_text("Copied.")).to_be_visible()
    link = still_page.evaluate("navigator.clipboard.readText()")
    assert link == f"{site}/{METER}#st?v=2&preset=thinking&retrieve=0ms"
    still_page.goto("about:blank")
    still_page.goto(link)
    values = scenario("thinking") | {"retrieve_ms": 0.0}
    expect(still_page.locator(MONTH).first).to_have_text(show(compute(values)["month_usd"], "usd"))


def test_a_link_of_a_newer_book_says_so(still_page: Page, site: str) -> None:
    """In the note; what this page knows of it is shown."""
    still_page.goto(f"{site}/{RECTANGLE}#st?v=3&memory=512MB")
    note = still_page.locator(".st-note")
    expect(note).to_contain_text("This link is of version “3”, which this page does not know")
    expect(still_page.locator(MONTH).first).to_have_text(month_of(memory_mb=512))


def test_without_a_clipboard_the_link_is_shown(still_page: Page, site: str) -> None:
    """Selected, ready to be copied by hand."""
    still_page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    )
    still_page.goto(f"{site}/{RECTANGLE}")
    widget = still_page.locator("st-widget[data-ready]")
    widget.get_by_role("slider", name="memory", exact=True).press("Home")
    widget.get_by_role("button", name="Copy link").click()
    link = widget.get_by_label("Link to this scenario")
    expect(link).to_have_value(f"{site}/{RECTANGLE}{AT_128_MB}")
    expect(link).to_be_focused()


def test_a_link_to_a_section_takes_the_facts_along(still_page: Page, site: str) -> None:
    """To the section, and through a page without figures on to the next one."""
    still_page.goto(f"{site}/{RECTANGLE}")
    still_page.get_by_role("slider", name="memory", exact=True).first.press("Home")
    still_page.locator("article a[href='glossary.html#term-gb-second']").first.click()
    still_page.wait_for_url("**/glossary.html#st?*")
    assert still_page.url.endswith(f"{AT_128_MB}&at=term-gb-second")
    expect(still_page.locator("#term-gb-second")).to_be_in_viewport()
    still_page.locator("#contents summary").click()
    still_page.locator("#contents a[href*='2-the-53x-problem.html#st?']").first.click()
    still_page.wait_for_url("**/2-the-53x-problem.html#st?*memory=128MB*")
    expect(still_page.locator(MONTH).first).to_have_text(month_of(memory_mb=128))


def test_where_nothing_was_moved_nothing_is_carried(still_page: Page, site: str) -> None:
    """Neither in the link that is copied, nor to the next chapter."""
    still_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    still_page.goto(f"{site}/{RECTANGLE}")
    widget = still_page.locator("st-widget[data-ready]")
    widget.get_by_role("slider", name="memory", exact=True).press("Home")
    widget.get_by_role("button", name="Reset").click()
    widget.get_by_role("button", name="Copy link").click()
    expect(widget.get_by_text("Copied.")).to_be_visible()
    link = still_page.evaluate("navigator.clipboard.readText()")
    assert link == still_page.url == f"{site}/{RECTANGLE}"
    still_page.locator("#contents summary").first.click()
    still_page.locator(f"#contents a[href*='{LADDER.rpartition('/')[2]}']").first.click()
    still_page.wait_for_url(f"**/{LADDER}")


def test_another_page_shows_its_own_request_with_what_was_moved(
    still_page: Page, site: str
) -> None:
    """The first chapter's request passes tokens on at the lab's CPU, and the fifth's for none."""
    still_page.goto(f"{site}/{RECTANGLE}")
    still_page.get_by_role("slider", name="memory", exact=True).first.press("Home")
    still_page.locator("#contents summary").first.click()
    still_page.locator(f"#contents a[href*='{LADDER.rpartition('/')[2]}']").first.click()
    still_page.wait_for_url(f"**/{LADDER}{AT_128_MB}")
    suspended = compute(scenario() | {"memory_mb": 128.0})["rung_suspended_usd"]
    rung = still_page.locator(".st-bar", has_text="Suspend").locator("strong")
    expect(rung).to_have_text(show(suspended, "usd"))
