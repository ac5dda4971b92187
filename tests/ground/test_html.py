"""HTML that the package makes: text is escaped wherever it stands, and markup stands as it is."""

from __future__ import annotations

import pytest

from serverless_tax.ground.html import WORDS, Markup, Table, items, joined, lines, link, marked, tag

HOSTILE = "<img src=x onerror='a()'> & \"b\""
SAFE = "&lt;img src=x onerror=&#x27;a()&#x27;&gt; &amp; &quot;b&quot;"


def test_text_is_escaped_wherever_it_stands() -> None:
    """In an element, an attribute, a link, a list, a caption, a heading, a cell, a foot, a note."""
    table = Table.of(
        HOSTILE, [HOSTILE], [[HOSTILE]], HOSTILE, foot=[HOSTILE], below=[HOSTILE], kind=HOSTILE
    )
    for made, times in (
        (tag("p", HOSTILE, title=HOSTILE), 2),
        (link(HOSTILE, HOSTILE), 2),
        (items([HOSTILE], kind=HOSTILE), 2),
        (lines(HOSTILE, HOSTILE), 2),
        (joined("a", "b", by=HOSTILE), 1),
        (marked(f"{HOSTILE} **{HOSTILE}** `{HOSTILE}` *{HOSTILE}*"), 4),
        (table, 7),
    ):
        assert made.html.count(SAFE) == times
        assert "<img" not in made.html


def test_what_is_html_already_stands_as_it_is() -> None:
    """Once, however deep it is nested."""
    inner = tag("em", "a < b")
    table = Table.of("c", ["h"], [[joined(inner, "!")]], below=[lines(inner, "x")])
    assert table.html.count("<em>a &lt; b</em>") == 2
    assert "&lt;em" not in table.html
    assert table._repr_html_() == table.html


def test_a_table_has_a_head_for_each_column_and_row() -> None:
    """A screen reader says with each cell what it belongs to."""
    table = Table.of("c", ["h", f"{WORDS}said"], [["a", "b"]], "here", foot=["Total", "1"])
    assert table.html == (
        '<div class="st-bill" id="here"><table><caption>c</caption><thead><tr>'
        '<th scope="col">h</th><th scope="col" class="st-words">said</th></tr></thead><tbody><tr>'
        '<th scope="row">a</th><td class="st-words">b</td></tr></tbody><tfoot><tr>'
        '<th scope="row">Total</th><td class="st-words">1</td></tr></tfoot></table></div>'
    )


def test_a_table_that_stacks_says_with_each_cell_its_column() -> None:
    """On a phone the head stands out of sight, and the style writes it before the cell."""
    table = Table.of("c", ["h", f"{WORDS}said"], [["a", "b"]], foot=["Total", "1"], stacks=True)
    assert table.html.startswith('<div class="st-bill st-stacks">')
    assert table.html.count('data-head="said"') == 2
    assert "data-head" not in Table.of("c", ["h", "said"], [["a", "b"]]).html


@pytest.mark.parametrize("row", [["a"], ["a", "b", "c"]])
def test_a_row_with_a_cell_too_few_or_too_many_is_refused(row: list[str]) -> None:
    """A table whose cells stand under the wrong heads would be believed."""
    with pytest.raises(ValueError, match="zip"):
        Table.of("c", ["h", "i"], [row])


def test_an_attribute_may_stand_alone_or_be_left_out() -> None:
    """True and False are for attributes without a value; nothing to say is not said."""
    assert tag("input", hidden=True, disabled=False, id="").html == "<input hidden>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("``a * b`` and `c * d`", "<code>a * b</code> and <code>c * d</code>"),
        ("2 * 3 = 6", "2 * 3 = 6"),
        ("**a** *b*", "<strong>a</strong> <em>b</em>"),
        ("", ""),
    ],
)
def test_marks_become_elements(text: str, html: str) -> None:
    """A star that stands alone, or within code, is a star."""
    assert marked(text) == Markup(html)
