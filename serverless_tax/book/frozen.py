"""The frozen callback, a scene of four pictures: what a reader sees while the function is ice."""

from __future__ import annotations

from serverless_tax.ground.html import Markup, Piece, tag
from serverless_tax.ground.show import show

#: For so long the lab watched after the handler had returned.
WATCHED_MS = 4_000

_FIRST, _SECOND = "Why is my bill so high?", "Hello?"
_ANSWER = ("Because", "your", "function", "waits")
_MIXED = ("Hello!", *_ANSWER[:2], "How", *_ANSWER[2:], "can", "I", "help?")


def frozen_callback(early: int, tokens: int) -> Markup:
    """Draw a callback that outlives its handler: ``early`` of ``tokens`` came after the return."""
    count, watched = show(tokens, "count"), show(WATCHED_MS / 1000, "s")
    pictures = (
        _picture(
            "1. The tokens start",
            _bubbles((_FIRST, True), ("", False)),
            _machine("running", "the callback waits for the model"),
            ms=1_800,
        ),
        _picture(
            "2. The handler returns",
            _bubbles((_FIRST, True), ("", False)),
            _machine("returned", "“200 OK”, and the tokens fall"),
            kind="st-falling",
            ms=1_600,
        ),
        _picture(
            "3. Everything is ice",
            _bubbles((_FIRST, True), ("", False)),
            _machine("frozen", f"{show(early, 'count')} of {count} tokens in {watched}"),
            kind="st-ice",
            ms=WATCHED_MS,
        ),
        _picture(
            "4. A second message thaws it",
            _bubbles((_FIRST, True), (_SECOND, True), (_mixed(), False)),
            _machine("running", f"all {count} tokens, in the wrong bubble", tokens=()),
            ms=2_000,
        ),
    )
    found = (
        f"After the handler returned, {show(early, 'count')} of {count} tokens arrived. All of"
        " them came with the next answer."
    )
    return tag(
        "figure",
        tag("p", found, class_="st-found"),
        tag("ol", *pictures, class_="st-frames"),
        tag(
            "figcaption",
            "Source: our lab’s recorded run, on a local cloud, not on AWS."
            " The words are an example.",
        ),
        class_="st-figure",
        aria_label=found,
    )


def _picture(title: str, chat: Markup, machine: Markup, *, ms: int, kind: str = "") -> Markup:
    """Return a picture that stands for ``ms`` while the scene plays."""
    name = tag("p", title, class_="st-frame-name")
    return tag("li", name, chat, machine, class_=kind, data_ms=str(ms))


def _bubbles(*said: tuple[Piece, bool]) -> Markup:
    """Return a chat: what each bubble says, and whether the reader says it."""
    each = (tag("p", what, class_=f"st-bubble{' st-asks' * asks}") for what, asks in said)
    return tag("div", *each, class_="st-chat")


def _machine(state: str, says: str, tokens: tuple[str, ...] = _ANSWER) -> Markup:
    return tag(
        "div",
        tag("p", f"function: {state}", class_="st-state"),
        tag("p", says),
        tag("p", *(tag("i", one) for one in tokens), class_="st-tokens", aria_hidden="true"),
        class_="st-machine",
    )


def _mixed() -> Markup:
    """Return the second answer with the words of the first among its own."""
    words = [tag("b", one) if one in _ANSWER else one for one in _MIXED]
    pieces: list[Piece] = []
    for word in words:
        pieces += [word, " "]
    return tag("span", *pieces)
