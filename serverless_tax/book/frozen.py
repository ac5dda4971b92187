"""The frozen callback in four pictures: what a reader sees while the function is ice."""

from __future__ import annotations

from serverless_tax.ground.html import Markup, Piece, tag
from serverless_tax.ground.show import show

_FIRST, _SECOND = "Why is my bill so high?", "Hello?"
_ANSWER = ("Because", "your", "function", "waits")
_MIXED = ("Hello!", *_ANSWER[:2], "How", *_ANSWER[2:], "can", "I", "help?")


def frozen_callback(early: int, tokens: int) -> Markup:
    """Draw a callback that outlives its handler: ``early`` of ``tokens`` came after the return."""
    count = show(tokens, "count")
    pictures = (
        _picture(
            "1. The tokens start",
            _bubbles((_FIRST, True), ("", False)),
            _machine("running", "the callback waits for the model"),
        ),
        _picture(
            "2. The handler returns",
            _bubbles((_FIRST, True), ("", False)),
            _machine("returned", "“200 OK”, and the tokens fall"),
            kind="st-falling",
        ),
        _picture(
            "3. Everything is ice",
            _bubbles((_FIRST, True), ("", False)),
            _machine("frozen", f"{show(early, 'count')} of {count} tokens in four seconds"),
            kind="st-ice",
        ),
        _picture(
            "4. A second message thaws it",
            _bubbles((_FIRST, True), (_SECOND, True), (_mixed(), False)),
            _machine("running", f"all {count} tokens, in the wrong bubble"),
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


def _picture(title: str, chat: Markup, machine: Markup, kind: str = "") -> Markup:
    return tag("li", tag("p", title, class_="st-frame-name"), chat, machine, class_=kind)


def _bubbles(*said: tuple[Piece, bool]) -> Markup:
    """Return a chat: what each bubble says, and whether the reader says it."""
    each = (tag("p", what, class_=f"st-bubble{' st-asks' * asks}") for what, asks in said)
    return tag("div", *each, class_="st-chat")


def _machine(state: str, says: str) -> Markup:
    tokens = (tag("i", one) for one in _ANSWER)
    return tag(
        "div",
        tag("p", f"function: {state}", class_="st-state"),
        tag("p", *tokens, class_="st-tokens", aria_hidden="true"),
        tag("p", says),
        class_="st-machine",
    )


def _mixed() -> Markup:
    """Return the second answer with the words of the first among its own."""
    words = [tag("b", one) if one in _ANSWER else one for one in _MIXED]
    pieces: list[Piece] = []
    for word in words:
        pieces += [word, " "]
    return tag("span", *pieces)
