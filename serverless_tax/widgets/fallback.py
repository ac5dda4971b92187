"""What a page shows of a widget where scripts do not run: a still picture and its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from serverless_tax.ground.colours import CPU, IDLE
from serverless_tax.ground.show import show
from serverless_tax.widgets.captions import caption, market_words, rung_words
from serverless_tax.widgets.figures_sockets import batching
from serverless_tax.widgets.scenario import FIELDS, compute

_WIDTH = 600
_STRIP_HEIGHT = 40
_PLOT_HEIGHT = 200
_BAR_HEIGHT = 14
_PLUMBER_AXIS_S = 7200
_MEMORY_AXIS_MB = 2048
_TOKENS = (1, 10, 100)
_HATCH = (
    '<pattern id="st-hatch" width="8" height="8" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect class="st-still-waiting" width="4" height="8"/></pattern>'
)


def still_figure(kind: str, quantities: Mapping[str, float]) -> str:
    """Return the still of a widget as HTML, drawn to the scale of the widget's untouched state."""
    numbers, picture = _STILLS[kind](quantities)
    told = "".join(
        f'<div class="st-number"><strong class="st-big">{escape(show(quantities[name], unit))}'
        f'</strong><span class="st-what">{escape(what)}</span></div>'
        for name, unit, what in numbers
    )
    sentence = escape(caption(kind, quantities))
    return (
        f'<figure class="st st-{kind} st-still"><div class="st-numbers">{told}</div>'
        f"{picture}<figcaption>{sentence}</figcaption></figure>"
    )


def _svg(height: float, *rectangles: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" aria-hidden="true"><defs>{_HATCH}</defs>'
        + "".join(rectangles)
        + "</svg>"
    )


def _rectangle(concept: str, x: float, y: float, width: float, height: float) -> str:
    fill = {"waiting": "url(#st-hatch)", "cpu": CPU, "idle": IDLE, "": "none"}[concept]
    return (
        f'<rect class="st-outlined" fill="{fill}" x="{x:.2f}" y="{y:.2f}"'
        f' width="{max(width, 1):.2f}" height="{max(height, 1):.2f}"/>'
    )


_Numbers = tuple[tuple[str, str, str], ...]


def _plumber(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    work, wait = (q[f"plumber_{k}_s"] / _PLUMBER_AXIS_S * _WIDTH for k in ("work", "wait"))
    numbers = (
        ("plumber_work_usd", "usd", "for the work"),
        ("plumber_wait_usd", "usd", "for the waiting"),
        ("plumber_multiple", "x", "the price of the work alone"),
        ("waits_at_once", "number", "requests waiting at any moment, in a month"),
    )
    strip = (
        _rectangle("cpu", 0, 0, work, _STRIP_HEIGHT),
        _rectangle("waiting", work, 0, wait, _STRIP_HEIGHT),
    )
    return numbers, _svg(_STRIP_HEIGHT, *strip)


def _rectangle_of_the_bill(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    height = min(1, q["memory_mb"] / _MEMORY_AXIS_MB) * _PLOT_HEIGHT
    top = _PLOT_HEIGHT - height
    numbers = (
        ("month_usd", "usd", "a month"),
        ("request_usd", "usd", "a request"),
        ("cpu_share", "percent", "of the area used by the CPU"),
    )
    return numbers, _svg(
        _PLOT_HEIGHT,
        _rectangle("waiting", 0, top, _WIDTH, height),
        _rectangle("cpu", 0, top, _WIDTH * min(1, q["cpu_share"]), height),
    )


def _meter(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    scale = _WIDTH / q["wall_ms"]
    numbers = (
        ("tax_multiple", "x", "billed for each millisecond of work"),
        ("month_usd", "usd", "a month"),
        ("tax_share", "percent", "of that for waiting"),
    )
    pieces = [_rectangle("waiting", 0, 0, _WIDTH, _STRIP_HEIGHT)]
    start = 0.0
    for name in ("receive", "retrieve", "prompt", "call"):
        length = q[f"{name}_wall_ms"] * scale
        if name != "retrieve" and length:
            pieces.append(_rectangle("cpu", start, 0, length, _STRIP_HEIGHT))
        start += length
    return numbers, _svg(_STRIP_HEIGHT, *pieces)


def _race(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    scale = _WIDTH / q["wall_ms"]
    numbers = (
        ("wall_ms", "ms", "until the first word, sent whole"),
        ("first_word_ms", "ms", "until the first word, streamed"),
        ("million_usd", "usd", "for a million answers, either way"),
    )
    first = q["first_word_ms"] * scale
    return numbers, _svg(
        2 * _STRIP_HEIGHT + 10,
        _rectangle("waiting", 0, 0, _WIDTH, _STRIP_HEIGHT),
        _rectangle("waiting", 0, _STRIP_HEIGHT + 10, _WIDTH, _STRIP_HEIGHT),
        f'<path class="st-outlined" d="M{first:.2f} {_STRIP_HEIGHT + 4} v{_STRIP_HEIGHT + 6}"/>',
    )


def _session(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    count = int(q["session_messages"])
    length = q["answering_share"] / count * _WIDTH
    starts = [(k + 0.15) / count * _WIDTH for k in range(count)]
    below = _STRIP_HEIGHT + 10
    numbers = (
        ("http_usd", "usd", "a month over HTTP"),
        ("socket_usd", "usd", "over a WebSocket, the function waits"),
        ("handed_usd", "usd", "over a WebSocket, a shared process waits"),
    )
    return numbers, _svg(
        _STRIP_HEIGHT + below,
        *(_rectangle("waiting", x, 0, length, _STRIP_HEIGHT) for x in starts),
        _rectangle("idle", 0, below + _STRIP_HEIGHT - 8, _WIDTH, 8),
        *(_rectangle("waiting", x, below, length, _STRIP_HEIGHT - 8) for x in starts),
    )


def _batching(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    numbers = (
        ("batch_door_usd", "usd", "for messages and minutes, a month"),
        ("batch_delay_ms", "ms", "the first token of a message waits"),
        ("batch_peak_calls_a_second", "count", "calls a second at the peak"),
    )
    scenario = {field.name: q[field.name] for field in FIELDS}
    rows = []
    for tokens in _TOKENS:
        there = compute({**scenario, "tokens_per_message": tokens}, batching)
        name = f"{show(tokens, 'count')} {'token' if tokens == 1 else 'tokens'} to a message"
        rows.append((name, there["batch_door_usd"], {"": there["batch_door_usd"]}))
    return numbers, _bars(rows)


def _market(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    numbers = (
        ("market_aws_lambda_usd", "usd", "AWS Lambda, a month"),
        ("waits_at_once", "number", "waiting at any moment"),
    )
    rows = [(q[f"market_{each['slug']}_usd"], each) for each in market_words()]
    rows.sort(key=lambda row: row[0])
    listed = ((each["name"], usd, _split(q, f"market_{each['slug']}")) for usd, each in rows)
    return numbers, _bars(listed)


def _split(q: Mapping[str, float], name: str) -> dict[str, float]:
    """Return the dollars of each concept."""
    parts = {"cpu": "work", "waiting": "waiting", "idle": "idle"}
    return {concept: q[f"{name}_{part}_usd"] for concept, part in parts.items()}


def _ladder(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    numbers = (
        ("rung_as_it_is_usd", "usd", "a month, as it is"),
        ("rung_memory_usd", "usd", "with the memory it needs"),
    )
    rungs = [(each["name"], f"rung_{each['slug']}") for each in rung_words()]
    rows = [(name, q[f"{rung}_usd"], _split(q, rung)) for name, rung in rungs]
    return numbers, _bars(rows)


def _bars(rows: Iterable[tuple[str, float, Mapping[str, float]]]) -> str:
    """Draw a list in which each line has its words, its dollars and a bar of its parts."""
    rows = list(rows)
    most = max(usd for _, usd, _ in rows)
    lines = []
    for name, usd, parts in rows:
        pieces, from_x = [], 0.0
        for concept, part in parts.items():
            width = part / most * _WIDTH
            pieces += [_rectangle(concept, from_x, 0, width, _BAR_HEIGHT)] if width > 0 else []
            from_x += width
        picture = _svg(_BAR_HEIGHT, *pieces)
        lines.append(
            f"<li>{escape(name)}: <strong>{escape(show(usd, 'usd'))}</strong>{picture}</li>"
        )
    return f'<ol class="st-bars">{"".join(lines)}</ol>'


def _decide(q: Mapping[str, float]) -> tuple[_Numbers, str]:
    numbers = (
        ("rung_as_it_is_usd", "usd", "a month now"),
        ("decided_usd", "usd", "a month then"),
        ("decided_year_usd", "usd", "in the first year, the work paid"),
    )
    then = q["decided_usd"]
    now = ("Now", q["rung_as_it_is_usd"], _split(q, "rung_as_it_is"))
    return numbers, _bars([now, ("Then", then, {"": then})])


def _paste(_: Mapping[str, float]) -> tuple[_Numbers, str]:
    return (), (
        "<p>Reading a log here takes JavaScript. On the command line it is"
        " <code>serverless-tax audit FILE</code>.</p>"
    )


_STILLS = {
    "plumber": _plumber,
    "rectangle": _rectangle_of_the_bill,
    "meter": _meter,
    "race": _race,
    "session": _session,
    "batching": _batching,
    "market": _market,
    "ladder": _ladder,
    "decide": _decide,
    "paste": _paste,
}
