"""An event of the platform that is no JSON any more: its figures, each by its name.

It was printed by a program, flattened into columns, written as XML or YAML, or stands behind the
numbers of its lines; its figures keep their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from serverless_tax.audit.read.tidy import MOST_LINES, START, ends_within
from serverless_tax.ground.report import FIELDS, Report, parse_report

_BY_NAME = {one.json_name.lower(): one for one in FIELDS if one.json_name}
NAME = "platform.report"
_ANCHOR = next(key for key, field in _BY_NAME.items() if field.name == "billed_ms")
#: A figure by its name, with or without capitals; between them stands what is of one value only.
FIGURE = re.compile(
    "(?<![a-zA-Z])((?:(?:[bB]illed|[iI]nit|[rR]estore)_?){0,2}[dD]uration_?[mM]s"
    "|(?:[mM]emory_?[sS]ize|[mM]ax_?[mM]emory_?[uU]sed)_?[mM][bB])(?![A-Za-z])"
    "(?:(?![mM][sbB])[^0-9,;}&]){1,48}(?<![-.0-9])([0-9]{1,12}(?:[.][0-9]{1,6})?)(?![0-9])"
)
REQUEST = re.compile(r"[rR]equest_?[iI]d\W{1,16}(?:S\W{1,8})?([0-9a-f-]{36})")
_WHOLE = re.compile("[.]0+$")
#: What a line has that is of an event, and one that has a whole record; between two of the first
#: there are fewer others.
_OF_EVENT = re.compile(
    r"platform[.]|\btime\b|request_?[iI]d|[dD]uration_?[mM]s|[mM]emory_?(?:[sS]ize|[uU]sed)"
)
_STANDS_ALONE = re.compile(rf"{START.pattern}|platform[.]report.*illed_?[dD]uration")
_SIZE = re.compile(r"[0-9] MB\b")
_GAP_LINES, _DIGITS = 6, tuple("0123456789.")


def reports_in(text: str) -> Iterator[tuple[str, Report]]:
    """Yield the records whose figures stand in a text by their names, and what says their time.

    Figures stand behind the name of their event, or before it where keys are sorted. None is of an
    event that begins in the text and does not end there: its last figure may be cut.

    >>> text = "platform.report durationMs=1 billedDurationMs=2 memorySizeMB=128 maxMemoryUsedMB=9"
    >>> [one.billed_ms for _, one in reports_in(f"{text}; {text}")]
    [2, 2]
    """
    pieces = text.split(NAME)
    if _is_open(pieces[0]) and _is_open(text):
        return
    is_before = _ANCHOR in _figures(pieces[0])
    for k in range(max(len(pieces) - 1, 1)):
        piece = pieces[k if is_before else -1 if len(pieces) == 1 else k + 1]
        request, figures = REQUEST.search(piece), _figures(piece)
        words = [f"REPORT RequestId: {request[1] if request else 'unknown'}"]
        words += [
            f"{_BY_NAME[key].label}: {one} {_BY_NAME[key].unit}" for key, one in figures.items()
        ]
        if (report := parse_report(" ".join(words))) is not None:
            yield pieces[k], report


def _figures(text: str) -> dict[str, str]:
    """Return the first figure of each name."""
    found = {
        name.replace("_", "").lower(): _WHOLE.sub("", value)
        for name, value in reversed(FIGURE.findall(text))
    }
    return {key: found[key] for key in _BY_NAME if key in found}


def _is_open(text: str) -> bool:
    return text.count("{") > text.count("}")


def with_whole_events(lines: Sequence[str]) -> Iterator[str]:
    r"""Yield lines, those over which an event of the platform is spread as one.

    >>> [*with_whole_events(["up", "type: platform.report", "durationMs: 1", "billedDurationMs: 1",
    ...                      "memorySizeMB: 128", "maxMemoryUsedMB: 9", "down", "END"])][::2]
    ['up', 'END']
    """
    at = 0
    while at < len(lines):
        end = place = at
        while place < len(lines) and place - end < _GAP_LINES:
            if _STANDS_ALONE.search(lines[place]):
                break
            if _OF_EVENT.search(lines[place]):
                end = place + 1
            elif end == at:
                break
            place += 1
        event = lines[at : min(end + 1, place)]  # the last figure may stand behind its name
        text = " ".join(event)
        events = text.count(NAME) if end - at > 1 and not _is_cut(event) else 0
        before = lines[max(at - MOST_LINES, 0) : at + 1]
        # What goes on with a record is read with that.
        if events and not any(map(_is_of_record, before)) and len([*reports_in(text)]) >= events:
            yield text
        else:
            event = lines[at : max(end, at + 1)]
            yield from event
        at += len(event)


def _is_of_record(line: str) -> bool:
    """Whether a line begins a record, or ends one, and is not all of it."""
    return ends_within(line) or bool(_SIZE.search(line) and not START.search(line))


def _is_cut(lines: Sequence[str]) -> bool:
    """Whether a line break may cut a figure, as it does where a terminal ends."""
    width = max(map(len, lines))
    return any(
        len(line) == width and line[-1:] in _DIGITS and behind[:1] in _DIGITS
        for line, behind in pairwise(lines)
    )
