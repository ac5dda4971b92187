"""The glossary: one definition a term, for the page and for the words of the chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from serverless_tax.ground.checks import meant
from serverless_tax.ground.html import joined, link, tag
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB

_GB_S = "the memory a function is given, in gigabytes, times the seconds it runs"

#: Each term and what it means, in a sentence or two.
GLOSSARY: dict[str, str] = {
    "active CPU": "CPU time in use. A platform that bills it charges nothing for the CPU of a"
    " request that waits; the memory may be billed all the same.",
    "billed duration": "The wall clock of an invocation, INIT included, rounded up to a whole"
    " millisecond. What Lambda charges for, beside the requests.",
    "cold start": "A request for which no environment is ready. It waits while one is made.",
    "concurrency": "How many requests are in flight at the same moment. On Lambda that is also the"
    " number of environments.",
    "connection-minute": "A minute for which a WebSocket is open, whether anything passes or not.",
    "CPU time": "Time for which a processor works for you. Waiting takes none.",
    "execution environment": "The small machine in which a function runs: one request at a time,"
    " frozen between two of them, and ended after some time without one.",
    "free tier": "What an account gets each month for nothing. This book leaves it out unless it"
    " says so.",
    "function URL": "An address of a function's own. It can stream, and costs nothing beside the"
    " function.",
    "GB-second": f"Lambda's unit of duration: {_GB_S}.",
    "idle": "Capacity that is paid for while no request is in it. Grey in this book.",
    "INIT": "The start of an environment, in which a function's code is loaded. Its init duration"
    " is billed since 2025-08-01.",
    "Little's law": "The mean number in flight is how many arrive in a second, times the seconds"
    " that each stays.",
    "payback": "The months after which a change has saved what its work cost.",
    "peak to mean": "The most requests in flight at a time, divided by their mean.",
    "price sheet": "A file with a vendor's prices: each with its unit, its source and the day it"
    " was seen.",
    "provisioned concurrency": "Environments that are kept ready, and paid for day and night.",
    "REPORT line": "What Lambda logs after each invocation: duration, billed duration, memory and"
    " its peak. It does not name CPU time.",
    "response streaming": "Sending an answer on while it is being made. It shortens the time to"
    " first token, but not the billed duration.",
    "rung": "One change on the ladder: what it saves, what it takes and what it costs you.",
    "tax multiple": "Billed milliseconds divided by CPU milliseconds.",
    "tax share": "The part of a bill that is paid for waiting.",
    "time to first token": "From the question to the first word of the answer, at the reader.",
    "token": "A piece of a word. Models read and write them, and charge for each.",
    "vCPU": "A virtual CPU. A Lambda function has a whole one at"
    f" {show(FULL_VCPU_MB, 'mb')} of memory, and a share of one with less memory.",
    "wall clock": "The time from beginning to end, working or not.",
    "waiting": "Wall clock without CPU time: the request is there, the processor does nothing for"
    " it. Orange in this book.",
    "waiting rate": "What an hour of waiting costs: one hour more, or the mean of those paid for.",
    "WebSocket": "A connection that stays open, on which both sides may send.",
    "work": "What the bill pays for that was used: CPU time, green in this book, and each request,"
    " message or byte, blue.",
}


#: Terms that have one of the book's three colours.
CONCEPTS = {
    "work": "cpu",
    "CPU time": "cpu",
    "active CPU": "cpu",
    "waiting": "waiting",
    "waiting rate": "waiting",
    "idle": "idle",
}


class UnknownTerm(ValueError):
    """The glossary has no such term; the message names the closest one."""


@dataclass(frozen=True)
class Term:
    """A word of a chapter: a link to its definition, which a pointer on it shows."""

    text: str
    term: str
    beside: bool = True

    def _repr_html_(self) -> str:
        word = link(
            f"glossary.html#{_anchor(self.term)}",
            self.text,
            class_="st-term",
            data_means=GLOSSARY[self.term],
            data_concept=CONCEPTS.get(self.term, ""),
        )
        # Beside the text where there is room; whoever hears the page has the link.
        beside = f"{self.term[0].upper()}{self.term[1:]}: {GLOSSARY[self.term]}"
        note = tag("span", class_="st-side st-means", aria_hidden="true", data_says=beside)
        return joined(word, note if self.beside else "").html

    def __repr__(self) -> str:
        return self.text


def term(name: str, text: str = "", *, beside: bool = True) -> Term:
    """Return a term of the glossary for a sentence, as ``text`` if it is written in another form.

    Its meaning stands in the margin too, unless ``beside`` is false.

    >>> term("GB-second", "GB-seconds")
    GB-seconds

    Raises:
        UnknownTerm: if the glossary does not have it.
    """
    if name not in GLOSSARY:
        hint = meant(name, GLOSSARY, "add it to book/glossary.py.")
        msg = f"The glossary has no term {name!r}; {hint}"
        raise UnknownTerm(msg)
    return Term(text or name, name, beside)


@dataclass(frozen=True)
class Glossary:
    """All the terms as a list of a page, each with an anchor of its own."""

    def _repr_html_(self) -> str:
        entries = (
            joined(tag("dt", name, id=_anchor(name)), tag("dd", means))
            for name, means in sorted(GLOSSARY.items(), key=lambda entry: entry[0].lower())
        )
        return tag("dl", *entries, class_="st-plain st-glossary").html


def _anchor(name: str) -> str:
    return "term-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
