"""The colours of the book, the same everywhere: each in light and in dark.

Work, waiting and idle are Wong's palette, safe for all eyes, and mean that and nothing else. They
need nothing, so that pages, figures, the audit and the labs' meter can all take them.
"""

from __future__ import annotations

#: Each colour by its name in style sheets (``--st-paper``), in light and in dark.
COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#FBF7EF", "#161412"),
    "ink": ("#1B1815", "#EFE9DF"),
    "rule": ("#D9D2C4", "#3B362F"),
    "cpu": ("#009E73", "#2CC295"),
    "waiting": ("#E69F00", "#F0B23A"),
    "idle": ("#999999", "#8A8A8A"),
    "fees": ("#0072B2", "#56B4E9"),
}
#: The CPU at work, waiting, what is paid for while no request is there, and what is billed by the
#: piece: messages, requests, tokens.
CPU, WAITING, IDLE, FEES = (COLOURS[name][0] for name in ("cpu", "waiting", "idle", "fees"))


def style_of_the_colours() -> str:
    """Return the colours as custom properties of a style sheet, which follow the page's scheme."""
    rules = "".join(f"--st-{k}:light-dark({a},{b});" for k, (a, b) in COLOURS.items())
    return f":root{{{rules}}}\n"


def named_in_a_style(text: str) -> str:
    """Return an SVG in which each light colour is the page's, and itself where there is no page."""
    for name, (light, _) in COLOURS.items():
        for written in (light, light.lower()):
            text = text.replace(written, f"var(--st-{name},{light.lower()})")
    return text
