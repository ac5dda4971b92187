"""Items of YAML as the command line of AWS writes them: keys with scalars, or with such again."""

from __future__ import annotations

import json
import re
from typing import Any

ITEM = re.compile(r"^(\s*)((?:- )+)([@\w.'\"-]+):(?!\S) ?(.*)$")
_KEY = re.compile(r"^(\s+)([@\w.'\"-]+):(?!\S) ?(.*)$")
SCALAR = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null")


def is_within(line: str, first: str) -> bool:
    """Whether a line goes on with an item that began on another."""
    dash = first.index("-")
    return not line.strip() or len(line) - len(line.lstrip()) > dash


def yaml_item(lines: list[str]) -> dict[str, Any]:
    """Return an item of YAML: objects, and scalars that are plain, quoted, folded or a block."""
    item = ITEM.match(lines[0])
    if item is None:
        return {}
    indent = len(item.group(1)) + len(item.group(2))
    return _yaml_object(item.group(3), item.group(4), lines[1:], indent)


def _yaml_object(key: str, first: str, lines: list[str], indent: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    pieces = [first]
    for line in lines:
        found = _KEY.match(line)
        if found and len(found.group(1)) == indent:
            values[_new_key(key, values)] = _yaml_value(pieces)
            key, pieces = found.group(2), [found.group(3)]
        else:
            pieces.append(line)
    values[_new_key(key, values)] = _yaml_value(pieces)
    return values


def _new_key(key: str, values: dict[str, Any]) -> str:
    """Return a key without its quotes; of one that stands there already, one of its own."""
    key = key.strip("'\"")
    return f"{key} {len(values)}" if key in values else key


def _yaml_value(pieces: list[str]) -> Any:
    """Return what stands behind a key."""
    inner = _KEY.match(pieces[1]) if len(pieces) > 1 and not pieces[0].strip() else None
    if inner:
        return _yaml_object(inner.group(2), inner.group(3), pieces[2:], len(inner.group(1)))
    text = _yaml_scalar(pieces)
    is_figure = len(pieces) == 1 and SCALAR.fullmatch(text) and text == pieces[0].strip()
    try:
        return json.loads(text) if is_figure else text
    except ValueError:
        return text


def _yaml_scalar(pieces: list[str]) -> str:
    first = pieces[0].strip()
    if first[:1] in ("|", ">"):
        return "\n".join(piece.strip() for piece in pieces[1:])
    text = first
    for piece in pieces[1:]:
        more = piece.strip()
        text = text[:-1] + more.removeprefix("\\") if text.endswith("\\") else f"{text} {more}"
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(re.sub(r"\\(?![\"\\/bfnrtu])", "", text), strict=False))
        except ValueError:
            return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text
