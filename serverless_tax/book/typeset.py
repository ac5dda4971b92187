"""Set what is read of a page: a number beside its unit, an apostrophe as printers set it.

Sphinx sets the apostrophes of a page's own text. What a cell makes, a figure's title or a row of a
table, has those of its code; so both are set here, once, in the finished page. A drawing's texts,
what is read aloud of it and what a word means are set too, in signs alone: no element can stand
there.
"""

from __future__ import annotations

import re

#: Where text is code, or is not shown as a page's text.
_AS_IT_IS = ("code", "pre", "template", "textarea", "kbd", "samp")
_SIGNATURE = '<dt class="sig '
_TAG = re.compile(r"(<!--.*?-->|<script\b.*?</script>|<style\b.*?</style>|<[^>]+>)", re.DOTALL)
_NAME = re.compile(r"</?([\w-]+)")
_NUMBER_AND_UNIT = re.compile(
    r"[\d,.]*\d (?:ms|s|min|KB|MB|GB|TB|%|hours?|days?|months?|years?)(?![\w-])"
)
_IN_AN_ATTRIBUTE = re.compile(r'(?<=\s)((?:aria-label|alt|data-means)=")([^"]*)')
_APOSTROPHE = re.compile(
    r"(?:(?<=\w)|^)(?:'|&#x27;|&#39;)(?=\w)|(?<=s)(?:'|&#x27;|&#39;)(?=[\s.,;:)])"
)


def typeset(html: str) -> str:
    r"""Return a page's HTML with no line end between number and unit, and curved apostrophes.

    >>> typeset("<p>The article's 5.5 ms: <code>'5.5 ms'</code>")
    '<p>The article’s <span class="st-whole">5.5 ms</span>: <code>\'5.5 ms\'</code>'
    """
    as_it_is = drawn = 0
    signature = False
    pieces: list[str] = []
    for piece in _TAG.split(html):
        name = _NAME.match(piece)
        if piece.startswith(
            "<st-predict"
        ):  # its words are attributes, which the page's script sets
            pieces.append(_APOSTROPHE.sub("’", piece))
        elif name:
            step = 0 if piece.endswith("/>") else -1 if piece.startswith("</") else 1
            as_it_is += step * (name[1].lower() in _AS_IT_IS)
            drawn += step * (name[1].lower() == "svg")
            signature = piece.startswith(_SIGNATURE) or (signature and piece != "</dt>")
            pieces.append(_IN_AN_ATTRIBUTE.sub(lambda said: said[1] + _in_signs(said[2]), piece))
        elif piece.startswith("<") or as_it_is or signature:
            pieces.append(piece)
        elif drawn:
            pieces.append(_in_signs(piece))
        else:
            curved = _APOSTROPHE.sub("’", piece)
            pieces.append(_NUMBER_AND_UNIT.sub(r'<span class="st-whole">\g<0></span>', curved))
    return "".join(pieces)


def _in_signs(text: str) -> str:
    """Set a text that no element can stand in."""
    curved = _APOSTROPHE.sub("’", text)
    return _NUMBER_AND_UNIT.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), curved)
