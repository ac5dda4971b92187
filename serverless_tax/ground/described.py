"""What each field of a dataclass is, from the ``#:`` comment that stands above it in the source.

The comment is the only place where it is written: a help text and a page read it from there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

_FIELD = re.compile(r"^    (\w+): ")
_COMMENT = re.compile(r"^    #: ?(.*)")


@cache
def described(kind: type) -> Mapping[str, str]:
    """Return the comment of each field that has one, in order.

    Fields that follow each other without a comment share the one above them.

    >>> from serverless_tax.ground.settings import Settings
    >>> described(Settings)["request_bytes"]
    'Bytes of a request, as it arrives.'
    """
    texts: dict[str, str] = {}
    comment: list[str] = []
    done = False
    for line in inspect.getsource(kind).splitlines():
        if said := _COMMENT.match(line):
            comment = [*([] if done else comment), said[1]]
            done = False
        elif field := _FIELD.match(line):
            if comment:
                texts[field[1]] = " ".join(comment)
            done = True
        else:
            comment, done = [], False
    return MappingProxyType(texts)
