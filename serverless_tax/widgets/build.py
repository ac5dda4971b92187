"""The script of a page, of what stands on that page; Jupyter's modules and the style sheet.

A page's script is a classic one, because a page opened from disk may not load modules. It holds
the widgets found in the page's HTML, the figures that they and the numbers in the page's sentences
show, the prices of those, and of the shared parts in ``page/`` what is used. Jupyter's module
holds the same for one widget.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from serverless_tax.ground.colours import style_of_the_colours
from serverless_tax.ground.trace import to_javascript
from serverless_tax.widgets.gain import normalised_gain
from serverless_tax.widgets.model import constants, figures_javascript, figures_shown, written
from serverless_tax.widgets.scenario import (
    FIELDS,
    LINK_VERSION,
    SUFFIXES,
    UNKNOWABLE,
    ZERO_IS_UNKNOWN,
    scenarios,
)
from serverless_tax.widgets.widget import Widget, widgets

#: A line of comment, or one after a statement.
_COMMENT = re.compile(r"^\s*//.*\n|(?<=[;,{(]) // .*$", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)
#: The end of a line after which the script goes on in any case.
_LINE_END = re.compile(r"(?<=[;,{(])\n")
#: Signs and braces without the blanks around them, none of which stands in a sentence.
_SPARED = (
    *("=", "=>", "===", "!==", "&&", "||", "??", "??=", "+=", "-=", ">=", "<="),
    *("*", "/", "?", ":", "<", ">"),
)
#: A line whose text is in single quotes and once in backquotes at most, or in backquotes that hold
#: no others, and no rule of text, which takes two slashes: outside of them no blank is one of a
#: sentence.
_QUOTED_PLAINLY = re.compile(
    r"^(?=(?:[^`\n]*(?:`[^`\n]*`)?|(?:[^`\n]*`(?:[^`$\n]|\$\{[^`{}\n]*\})*`)*)[^`\n]*$)"
    r"[^\"/\n]*/?[^\"/\n]*$",
    re.MULTILINE,
)
#: A text, which is kept, or a blank behind a comma, a colon, a bracket or a word, which is not.
_BLANK = re.compile(
    r"('(?:[^'\\]|\\.)*'|`[^`]*`)|(?<=[,;]) |(?<=[\w']:) |(?:(?<=\bif)|(?<=\bfor)|(?<=\bwhile)) "
    r"(?=\()"
    r"|(?<=\)) (?=[\w\[(])|(?<=\bconst) (?=[\[{])| (?=[+-] [\w(`])|(?<=[\w)\]`] [+-]) "
    r"|(?<=\breturn) (?=[\[({!'`])|(?<=[\]}]) (?=(?:else|of|catch)\b)|(?:(?<=\btry)|(?<=catch)) "
    r"(?=\{)"
)
#: A plain value that is named, and another behind it, which can share its word.
_NAMED_TWICE = re.compile(r"(?<![^;{}\n])(const \w+=[^;{}'\"`/\n]*);const ?(?=[\w\[{])")
#: One parameter of a function, whose parentheses it can spare.
_ALONE = re.compile(r"(?<![\w$])\((\w+)\)=>")
_BRACES = re.compile(r"(?<=\{) | (?=\})")
_DEFINED = re.compile(r"^(?:async )?(?:function\*? |const |let |class )(\w+)", re.MULTILINE)
#: A name that is no property of something; three dots before it spread a list.
_NAMED = re.compile(r"(?<![\w$])(?<!(?<!\.)\.)[A-Za-z_]\w*")
#: The shared style sheets, later rules over earlier ones.
_STYLES = ("widgets.css", "rows.css", "page.css")
_FIELD_NAMES = frozenset(field.name for field in FIELDS)


@dataclass(frozen=True)
class OnPage:
    """What a page has for a script to bring to life."""

    kinds: tuple[str, ...]
    figures: frozenset[str]
    elements: frozenset[str]
    has_tables: bool
    has_guesses: bool
    has_questions: bool
    has_gains: bool


def found_in(html: str) -> OnPage:
    """Return what stands in the HTML of a page."""
    tags = re.findall(r"<(st-(?:widget|value|input|predict))\b([^>]*)", html)
    named = re.findall(r'<st-value\b[^>]*?\bname="(\w+)"', html)
    named += re.findall(r'\bdata-figure="(\w+)"', html)
    return OnPage(
        kinds=tuple(dict.fromkeys(re.findall(r'<st-widget\b[^>]*?\bdata-kind="(\w+)"', html))),
        figures=frozenset(named) - _FIELD_NAMES,
        elements=frozenset(tag for tag, _ in tags),
        has_tables=bool(re.search(r"""class=["'][^"']*\bst-bill\b""", html)),
        has_guesses="st-room-guesses" in html,
        has_questions='class="st-inventory"' in html,
        has_gains="st-gains" in html,
    )


def page_script(html: str) -> str:
    """Return the script of a page, nothing of which other scripts see; empty if it needs none."""
    found = found_in(html)
    calls = [
        *(["makeTablesReachable();"] if found.has_tables else []),
        *(["startRooms();"] if found.has_guesses else []),
        *(["startInventories();"] if found.has_questions else []),
        *(["startGains();"] if found.has_gains else []),
        *([_elements(found.elements)] if found.elements else []),
    ]
    if not calls:
        return ""
    start = f"function startPage(){{{''.join(calls)}}}\nwhenRead(startPage);\n"
    text = composed(start, [widgets()[kind] for kind in found.kinds], found.figures)
    return f"(()=>{{'use strict';\n{text}}})();\n"


_CLASSES = {
    "st-widget": "WidgetElement",
    "st-value": "ValueElement",
    "st-input": "InputElement",
    "st-predict": "PredictElement",
}


def _elements(tags: Iterable[str]) -> str:
    pairs = ",".join(f"'{tag}':{name}" for tag, name in _CLASSES.items() if tag in tags)
    return f"bringToLife({{{pairs}}});"


@cache
def module_script(kind: str) -> str:
    """Return the module that anywidget loads in Jupyter for one kind of widget."""
    return composed("export default { render };\n", [widgets()[kind]], frozenset())


def composed(start: str, shown: list[Widget], figures: frozenset[str]) -> str:
    """Join ``start``, the widgets shown, the figures they need, and the parts that those use."""
    rooms = [_Part(_smaller(widget.before() + widget.script)) for widget in shown]
    wanted = figures | {name for widget in shown for name in figures_shown(widget)}
    traced = figures_javascript(wanted, [widget.kind for widget in shown])
    parts = {**_shared(), "SOURCES": _Part(_named_once(traced), uses_parts=False)}
    parts["PRICES"] = parts["SOURCES"]
    used = list(dict.fromkeys(_parts_of([*rooms, _Part(start)], parts, set())))
    blocks = [_block(widget, room.text) for widget, room in zip(shown, rooms, strict=True)]
    return "".join((*(one.text for one in used), *blocks, start))


def _named_once(traced: str) -> str:
    """Call by a short name what arithmetic calls some hundred times."""
    names = ("ceil", "max", "min")
    for name in names:
        traced = traced.replace(f"Math.{name}(", f"{name}(")
    return f"const {{{','.join(names)}}}=Math;\n{traced}"


@dataclass(frozen=True)
class _Part:
    """A piece of a script; what it names of the shared parts has to stand before it."""

    text: str
    uses_parts: bool = True

    @property
    def names(self) -> list[str]:
        """The names that it uses or defines."""
        return _NAMED.findall(self.text) if self.uses_parts else []


def _parts_of(
    pieces: Iterable[_Part], shared: Mapping[str, _Part], seen: set[_Part]
) -> Iterator[_Part]:
    """Yield the shared parts that some pieces use, each after those that it uses itself."""
    for piece in pieces:
        named = [shared[name] for name in piece.names if name in shared]
        for one in dict.fromkeys(named):
            if one not in seen:
                seen.add(one)
                yield from _parts_of([one], shared, seen)
                yield one


@cache
def _shared() -> Mapping[str, _Part]:
    """Return the shared parts, each by every name that it defines."""
    values = {
        "SUFFIXES": SUFFIXES,
        "LINK_VERSION": LINK_VERSION,
        "UNKNOWABLE": UNKNOWABLE,
        "ZERO_IS_UNKNOWN": ZERO_IS_UNKNOWN,
    }
    parts = {
        name: _Part(constants({name: value}), uses_parts=False) for name, value in values.items()
    }
    parts["normalisedGain"] = _Part(to_javascript("normalisedGain", normalised_gain, "s"))
    parts |= {name: _Part(text, uses_parts=False) for name, text in _unpacked().items()}
    for file in files(__package__).joinpath("page").iterdir():
        if file.name.endswith(".js"):
            text = file.read_text("utf-8")
            parts |= dict.fromkeys(_DEFINED.findall(text), _Part(_smaller(text)))
    return parts


def _unpacked() -> dict[str, str]:
    """Return the fields and the scenarios, each name and each value that is shared written once."""
    first, *_ = every = scenarios()
    kept = {
        name: {k: v for k, v in one.items() if name == first or every[first][k] != v}
        for name, one in every.items()
    }
    merged = f"Object.entries(every).map(([name,own])=>[name,{{...every.{first},...own}}])"
    return {
        "FIELDS": constants({"FIELDS": [asdict(field) for field in FIELDS]}),
        "SCENARIOS": (
            f"const SCENARIOS=((every)=>Object.fromEntries({merged}))({written(kept)});\n"
        ),
    }


def _block(widget: Widget, script: str) -> str:
    """Return a widget's script in a block of its own, so that no two of them meet in a name."""
    known = f"make:{widget.kind},caption:{json.dumps(widget.caption, ensure_ascii=False)}"
    words = constants(widget.words())
    return f"{{\n{words}{script}WIDGETS.{widget.kind}={{{known}}};\n}}\n"


def _smaller(script: str) -> str:
    """Return a script without its comments, its indentation, and ends and blanks it can spare."""
    bare = _COMMENT.sub("", script)
    bare = _QUOTED_PLAINLY.sub(lambda line: _BLANK.sub(lambda one: one[1] or "", line[0]), bare)
    shorter = _LINE_END.sub("", _INDENT.sub("", bare)).replace(") {", "){")
    for sign in _SPARED:
        shorter = shorter.replace(f" {sign} ", sign)
    shorter = _ALONE.sub(r"\1=>", shorter)
    found = 1
    while found:
        shorter, found = _NAMED_TWICE.subn(r"\1,", shorter)
    # The last semicolon of a block can go: behind a loop without a body it could not be read then.
    return _BRACES.sub("", shorter).replace(";}", "}")


@cache
def style_sheet(*kinds: str) -> str:
    """Return the style sheet of those widgets, or of all, for page and Jupyter alike."""
    page = files(__package__).joinpath("page")
    texts = [page.joinpath(name).read_text("utf-8") for name in _STYLES]
    texts += [widgets()[kind].style for kind in kinds or widgets()]
    rules = re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.DOTALL)
    return style_of_the_colours() + _INDENT.sub("", rules)


def hashed(stem: str, ending: str, text: str) -> str:
    """Return a file's name with a mark of its text: a browser never shows an old one for it."""
    return f"{stem}-{sha256(text.encode()).hexdigest()[:10]}.{ending}"
