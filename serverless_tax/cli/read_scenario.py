"""A scenario from outside: a file of quantities, or the address that a widget's link copies."""

from __future__ import annotations

import json
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from serverless_tax.ground.units import InvalidQuantity, parse_mb, parse_ms, parse_number
from serverless_tax.request.workload import SAID, Workload

_MARK = "st?"


def read_scenario(source: str, changes: dict[str, Any]) -> Workload:
    """Return the workload of a file or an address, with ``changes`` made to it.

    A file is TOML or JSON with the quantities of :class:`Workload` by name, and may say
    ``preset``. An address is what "copy link" on a widget gives: what follows ``#st?``.

    Raises:
        InvalidQuantity: if it cannot be read, or names something that does not exist.
    """
    if f"#{_MARK}" in source:
        return _from_address(source).replace(**changes)
    values = _values(Path(source))
    preset = values.pop("preset", None)
    for name in values:
        if name not in SAID:
            close = get_close_matches(name, SAID, n=1)
            hint = f"did you mean {close[0]}?" if close else "see the quantities of Workload."
            msg = f"{source} has {name!r}, which no workload has; {hint}"
            raise InvalidQuantity(msg)
    if preset is not None:
        return Workload.preset(preset, **(values | changes))
    missing = [n for n in ("requests_per_month", "memory_mb") if n not in values | changes]
    if missing:
        msg = f"{source} lacks {' and '.join(missing)}; add it, or a preset to start from."
        raise InvalidQuantity(msg)
    return Workload(**(values | changes))


def _values(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        msg = f"The scenario {path} cannot be read: {error.strerror or error}."
        raise InvalidQuantity(msg) from None
    except ValueError as error:  # of either format, and of bytes that are no text
        kind = "JSON" if path.suffix == ".json" else "TOML"
        msg = f"The scenario {path} is not {kind}: {error}."
        raise InvalidQuantity(msg) from None
    if not isinstance(found, dict):
        msg = f"The scenario {path} holds no names with values."
        raise InvalidQuantity(msg)
    return found


def _from_address(address: str) -> Workload:
    """Return the workload of a widget's address; what it leaves out is as in its preset.

    An address without a version is of the first, and one without a preset is the article's.
    """
    from serverless_tax.widgets.scenario import (  # noqa: PLC0415
        FIELDS,
        LINK_VERSION,
        scenario,
        workload,
    )

    by_key = {field.key: field for field in FIELDS}
    said = parse_qsl(urlsplit(address).fragment.removeprefix(_MARK))
    version, preset = dict(said).get("v", "1"), dict(said).get("preset", "article")
    if version not in map(str, range(1, LINK_VERSION + 1)):
        msg = (
            f"The address is of version {version!r}, and this serverless-tax reads versions up to"
            f" {LINK_VERSION}; update it, or give the quantities as options."
        )
        raise InvalidQuantity(msg)
    values = scenario(preset)
    for key, text in said:
        if key in ("v", "preset"):
            continue
        if key not in by_key:
            close = get_close_matches(key, by_key, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(by_key)}."
            msg = f"The address has {key!r}, which no widget sets{hint}"
            raise InvalidQuantity(msg)
        field = by_key[key]
        value = _read(text, field.unit, f"{key} in the address")
        if not field.low <= value <= field.high:
            expected = f"expected {field.low:,g} to {field.high:,g}"
            msg = f"{key} in the address is {value:,.10g}; {expected}."
            raise InvalidQuantity(msg)
        values[field.name] = value
    return workload(values)


def _read(text: str, unit: str, what: str) -> float:
    if unit in ("ms", "s", "min"):
        ms = parse_ms(text, field=what, bare_unit=unit)
        return ms if unit == "ms" else ms / 1000
    if unit == "mb":
        return parse_mb(text, field=what)
    if unit == "percent" and text.endswith("%"):
        return parse_number(text.removesuffix("%"), field=what) / 100
    return parse_number(text.removeprefix("$"), field=what)
