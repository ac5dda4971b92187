"""What is read on a phone: a number and its unit stand on one line, and apostrophes are curved."""

from __future__ import annotations

import pytest
from built_book import pages_of_the_book
from playwright.sync_api import Page

from serverless_tax.book.typeset import typeset

WIDE_PX, HIGH_PX = 390, 664
#: The opening, the chapters, the decision and the ledger; and one page of each shelf.
READ = [
    *(page for page in pages_of_the_book() if page.startswith(("book/index", "book/decide"))),
    *(page for page in pages_of_the_book() if page.startswith("book/") and page[5].isdigit()),
    *("book/claims.html", "book/market.html", "book/method.html", "book/summary.html"),
    *("labs/1-what-a-waiting-function-costs.html", "book/teaching/arguments.html"),
]
#: Texts in which a line ends between a number and its unit, or with a straight apostrophe.
ODD = r"""() => {
  const odd = [];
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data, parentElement: parent } = walk.currentNode;
    if (parent.closest('script, style, pre, code, textarea')) continue;
    if (/\w'\w/.test(data)) odd.push(data.trim());
    if (parent.closest('svg')) continue;
    for (const found of data.matchAll(/\d[ \u00a0](?:ms|s|min|MB|GB|%)(?!\w)/g)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, found.index);
      range.setEnd(walk.currentNode, found.index + found[0].length);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
      const lines = new Set(boxes.map((box) => Math.round(box.top)));
      if (lines.size > 1) odd.push(data.slice(Math.max(0, found.index - 30), found.index + 9));
    }
  }
  for (const one of document.querySelectorAll('article :is([aria-label], [alt], [data-means])')) {
    const said = one.ariaLabel ?? one.alt ?? one.dataset.means;
    if (/\w'\w/.test(said)) odd.push(said);
  }
  return odd;
}"""


@pytest.mark.parametrize("address", READ)
def test_no_number_is_parted_from_its_unit(still_page: Page, site: str, address: str) -> None:
    """In sentences, captions, tables and what a widget says."""
    still_page.set_viewport_size({"width": WIDE_PX, "height": HIGH_PX})
    still_page.goto(f"{site}/{address}")
    for widget in still_page.locator("article st-widget").all():
        widget.scroll_into_view_if_needed()
    assert still_page.evaluate(ODD) == []


def test_code_is_left_as_it_is_written() -> None:
    """A command, a script and the address of a link keep their signs."""
    kept = [
        "<pre>waits 5 ms, it's</pre>",
        "<script>if (a<b) say('it's 5 ms')</script>",
        '<a href="#it\'s">there</a>',
        "<dt class=\"sig sig-object py\"><em>region: str = <span>'us-east-1'</span></em></dt>",
        "<p>x86, 5 msx, GB-second, 64 GB-seconds</p>",
    ]
    assert [typeset(one) for one in kept] == kept
    whole = '<span class="st-whole">1,024 MB</span>'
    assert typeset("<td>AWS&#x27;s 1,024 MB</td>") == f"<td>AWS’s {whole}</td>"


def test_a_drawing_is_set_in_signs_alone() -> None:
    """Its texts and its name hold no element, so a blank that breaks no line stands in them."""
    drawn = """<svg aria-label="Vercel's 5.5 ms"><text>Vercel's 5.5 ms</text></svg><p>5.5 ms</p>"""
    said = "Vercel’s 5.5\N{NO-BREAK SPACE}ms"
    whole = '<span class="st-whole">5.5 ms</span>'
    assert typeset(drawn) == f'<svg aria-label="{said}"><text>{said}</text></svg><p>{whole}</p>'
