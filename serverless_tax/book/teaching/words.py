"""Sentences of the kit's data, as HTML."""

from __future__ import annotations

import re
from html import escape


def words(text: str) -> str:
    """Return a sentence with ``*emphasis*`` and `` `code` `` as HTML, everything else escaped.

    >>> words("Say *<no>* to `x`.")
    'Say <em>&lt;no&gt;</em> to <code>x</code>.'
    """
    emphasised = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", escape(text, quote=False))
    return re.sub("`([^`]+)`", r"<code>\1</code>", emphasised)
