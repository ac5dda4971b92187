"""How long a page takes to read, from its words."""

from __future__ import annotations

import re
from pathlib import Path

_BOOK = Path(__file__).parents[2] / "book"
#: Adults read about 238 words a minute (Brysbaert 2019, doi.org/10.1016/j.jml.2019.104047).
_WORDS_A_MINUTE = 238
#: A figure that the reader moves takes a minute of its own: reasoned, not measured.
_MINUTES_A_FIGURE = 1
_NOT_READ = re.compile(
    r"\A---\n.*?\n---\n|^(`{3,})\{?(?:code-cell|literalinclude|exercise|solution)[^\n]*\n.*?^\1$",
    re.DOTALL | re.MULTILINE,
)
_FIGURE = re.compile(r"^[A-Z]\w+\(\)$", re.MULTILINE)


def minutes(page: str) -> int:
    """Return the minutes that a page of the folder ``book`` takes: its words, and its figures.

    Exercises and code are left out.

    >>> minutes("1-the-gb-second-reckoning") > 3
    True
    """
    text = (_BOOK / f"{page}.md").read_text("utf-8")
    words = re.sub(r"\{eval\}`[^`]*`", "figure", _NOT_READ.sub("", text)).split()
    figures = len(_FIGURE.findall(text))
    return max(1, round(len(words) / _WORDS_A_MINUTE + figures * _MINUTES_A_FIGURE))
