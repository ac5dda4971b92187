"""The intrinsic functions of JSONPath, as Step Functions has them.

ministack's take what AWS's fail at, leave arguments out and fail in Python's words:
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

MACHINES = "ministack.services.stepfunctions"
_MOST_TEXT, _MOST_ITEMS = 10_000, 1_000
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384"}
_HASHES["SHA-512"] = "sha512"
_PLACE = re.compile(r"\\(.)|\{\}")


class _WrongError(Exception):
    """What is wrong with the arguments of a function."""


def executed(node: tuple[str, str, Any], data: Any, ctx: Any) -> Any:
    """Return the value of a call that is parsed; its arguments may be calls.

    Raises:
        _ExecutionError: ministack's, as States.IntrinsicFailure.
    """
    names = vars(import_module(MACHINES))
    _, name, given = node
    arguments = [names["_eval_intrinsic_arg"](one, data, ctx) for one in given]
    function, counts = FUNCTIONS[name.removeprefix("States.")]  # no machine has another
    wrong = f"it does not take {len(arguments)} arguments."
    if not counts or len(arguments) in counts:
        try:
            return function(*arguments)
        except _WrongError as error:
            wrong = str(error)
    cause = f"The function '{name}' had the following error: {wrong}"
    raise names["_ExecutionError"]("States.IntrinsicFailure", cause)


def _need(is_right: bool, wrong: str) -> None:  # noqa: FBT001 - a question and its answer
    if not is_right:
        raise _WrongError(wrong)


def _text(value: Any) -> str:
    _need(isinstance(value, str), f"{json.dumps(value)} is no string.")
    return str(value)


def _short(value: Any) -> str:
    text = _text(value)
    _need(len(text) <= _MOST_TEXT, f"a string has up to {_MOST_TEXT:,} characters here.")
    return text


def _list(value: Any) -> list[Any]:
    _need(isinstance(value, list), f"{json.dumps(value)} is no array.")
    return list(value)


def _whole(value: Any) -> int:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    _need(is_number, f"{json.dumps(value)} is no number.")
    return int(value + 0.5) if isinstance(value, float) else int(value)


def _format(template: Any, *values: Any) -> str:
    rest = [one if isinstance(one, str) else json.dumps(one) for one in values]
    text = _text(template)
    places = sum(found[0] == "{}" for found in _PLACE.finditer(text))
    _need(places == len(rest), f"{places} places in the template, and {len(rest)} values.")
    return _PLACE.sub(lambda found: found[1] or rest.pop(0), text)


def _read(text: Any) -> Any:
    try:
        return json.loads(_text(text))
    except ValueError as error:
        raise _WrongError(str(error)) from None


def _merge(first: Any, second: Any, is_deep: Any) -> dict[str, Any]:
    _need(isinstance(first, dict) and isinstance(second, dict), "it merges two objects.")
    _need(is_deep is False, "the third argument is false: it merges the first level alone.")
    return {**first, **second}


def _decode(text: Any) -> str:
    short = _short(text)
    try:
        return base64.b64decode(short + "=" * (-len(short) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _WrongError(str(error)) from None


def _hash(value: Any, algorithm: Any) -> str:
    _need(algorithm in _HASHES, f"an algorithm is one of {', '.join(_HASHES)}.")
    return hashlib.new(_HASHES[algorithm], _short(value).encode()).hexdigest()


def _split(text: Any, delimiters: Any) -> list[str]:
    return [one for one in re.split(f"[{re.escape(_text(delimiters))}]", _text(text)) if one]


def _item(array: Any, index: Any) -> Any:
    items, at = _list(array), _whole(index)
    _need(0 <= at < len(items), f"the array has {len(items)} items, and no index {at}.")
    return items[at]


def _partition(array: Any, size: Any) -> list[Any]:
    items, most = _list(array), _whole(size)
    _need(most > 0, "the size of a part is more than 0.")
    return [items[at : at + most] for at in range(0, len(items), most)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    begin, end, by = _whole(first), _whole(last), _whole(step)
    _need(by != 0, "a step is not 0.")
    made = range(begin, end + (1 if by > 0 else -1), by)
    _need(len(made) <= _MOST_ITEMS, f"an array has up to {_MOST_ITEMS:,} items here.")
    return list(made)


def _random(first: Any, end: Any, seed: Any = None) -> int:
    begin, over = _whole(first), _whole(end)
    _need(begin < over, "the end, which is excluded, is more than the start.")
    chance = random.Random(None if seed is None else _whole(seed))  # noqa: S311 - as AWS's
    return chance.randrange(begin, over)


def _unique(array: Any) -> list[Any]:
    kept = {json.dumps(one, sort_keys=True): one for one in reversed(_list(array))}
    return [*kept.values()][::-1]


def _contains(array: Any, value: Any) -> bool:
    return json.dumps(value, sort_keys=True) in {
        json.dumps(one, sort_keys=True) for one in _list(array)
    }


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "Array": (lambda *items: [*items], ()),
    "ArrayContains": (_contains, (2,)),
    "ArrayGetItem": (_item, (2,)),
    "ArrayLength": (lambda array: len(_list(array)), (1,)),
    "ArrayPartition": (_partition, (2,)),
    "ArrayRange": (_range, (3,)),
    "ArrayUnique": (_unique, (1,)),
    "Base64Decode": (_decode, (1,)),
    "Base64Encode": (lambda text: base64.b64encode(_short(text).encode()).decode(), (1,)),
    "Format": (_format, tuple(range(1, 11))),
    "Hash": (_hash, (2,)),
    "JsonMerge": (_merge, (3,)),
    "JsonToString": (lambda value: json.dumps(value, separators=(",", ":")), (1,)),
    "MathAdd": (lambda one, other: _whole(one) + _whole(other), (2,)),
    "MathRandom": (_random, (2, 3)),
    "StringSplit": (_split, (2,)),
    "StringToJson": (_read, (1,)),
    "UUID": (lambda: str(uuid.uuid4()), (0,)),
}
"""Each function, and how many arguments it has; none where there may be any number."""
