"""A recommendation in one sentence, and its sum under it; a page writes the same of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.questions.ladder import HORIZON_MONTHS
from serverless_tax.questions.rungs import RUNGS

#: What does not pay for its work in so many months does not pay.
LONGEST_MONTHS = 60

#: Small numbers of hours as words.
COUNTED = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)

#: How a sentence goes: what to do, what that is worth, what it takes.
SAYS = {
    "less": "{do}: {usd} a month less, {hours}. Then stop.",
    "more": "{do}: it has too little. {usd} a month more, {hours}. Then stop.",
    "faster": (
        "{do}: about the same bill, and an answer after {then} instead of {now}, {hours}."
        " Then stop."
    ),
    "also": "{sentence} For about the same bill, {mb} answer after {then} instead of {now}.",
    "nothing": "Leave it as it is: nothing earns its work within a year.",
    "sooner": (
        "To know whether more memory answers sooner for about the same bill, find out {what}:"
        " {how}."
    ),
    "first": "First find out {what}: {how}. {ends}",
    "partly": "{do} in any case, {hours}. Then find out {what}: {how}. {ends}",
    "ends": "{low} to {high} in the first year, depending on what is unknown.",
    "perhaps": (
        "At most {high} in the first year, and perhaps nothing, depending on what is unknown."
    ),
    "between": "Between the ends below it may be less: {low} in the first year at least.",
    "no_dollars": "The dollars are the same in any case; how soon an answer comes is not.",
    "there": "In {region}: {sentence}",
    "no_end": "Without it no dollars can be told.",
    "surely": (
        "{do} in any case: {low} to {high} in the first year, {hours}. To know how much, find out"
        " {what}: {how}."
    ),
    "needed": "{do}: it has too little.",
    "or_more": " or more",
    "late": (
        "Requests end without an answer: raise its timeout, up to 15 minutes, or shorten the wait."
        f" Memory up to {show(FULL_VCPU_MB, 'mb')} shortens work."
    ),
    "full": "No size has enough memory: let a request hold less, or run it elsewhere.",
    "beside": "Beside that nothing earns its work within a year.",
    "cannot": (
        "Cut it into shorter requests, or run it elsewhere; its dollars are what it would take if"
        " it could."
    ),
    "fits": "With more memory they fit.",
    "contradict": "Its longest call, its calls and its wait contradict each other: mend one first.",
    "above": (
        "Its peak memory is {peak}, and it has {memory}: no request uses more than there is. Mend"
        " one of the two, or say that it runs out of memory."
    ),
    "kept": (
        "provisioned_concurrency is {kept}, and what is kept ready is not advised on. Leave it out"
        " for advice on the function without it; serverless-tax price aws-lambda-provisioned says"
        " what it costs."
    ),
    "requests": "First find out {what}: {how}.",
    "below": "Below {requests} of them nothing earns its work within a year.",
    "from": "From there on this is the first to earn it: {do}.",
    "million": "For a million: {sentence}",
    "sum": (
        "From {start} to {total} a month. The first year: 12 months save {saved}, − {hours} h ×"
        " {hour} = {year}. Paid back: {payback}."
    ),
    "in_hours": "{start} a month now, {total} then; {hours} h of work.",
    "alone": "Kept and tuned, the function would take {usd} a month, after {hours}.",
}

#: What the dollars of a sentence take for granted.
ASSUMES = {
    "prices": "{prices} of {day}, in {region}, {tier}. Each figure is rounded by itself.",
    "rate": "AWS is paid at {rate} of it.",
    "peak": "The peak memory is {peak}, as stated; a fifth is kept over it.",
    "doubted": (
        "It needs more than the peak of {peak}: twice the memory is taken, where that is on offer."
    ),
    "requests": "It stays at {requests} a month.",
    "million": "Dollars are for a million requests, as nobody said how many a month has.",
    "hour": "An hour of work costs {hour}; hours are estimates of ours.",
    "any_rate": "AWS is paid at {low} to {high} of it: nobody said. Less is not covered.",
    "any_hour": (
        "An hour of work costs {low} to {high}: nobody said. Another price is not covered; hours"
        " are estimates of ours."
    ),
    "memory": "No request ends for want of memory.",
    "thread": "Its work runs on one thread.",
    "calls": "A request waits for 1 to 100 calls: nobody said how many.",
    "slower": "No size is taken at which an answer takes more than {slower} longer.",
    "alike": "Its calls take equally long: list them as steps in a file if they do not.",
    "suspended": (
        "{share} of its waiting is suspended and not paid: the provider calls back. Polling costs"
        " more."
    ),
}


class Faster(NamedTuple):
    """A size at which the same bill buys a shorter answer, and how long it takes now and then."""

    memory_mb: float
    now_ms: float
    then_ms: float


def sentence(
    steps: Sequence[tuple[str, float]],
    *,
    saving_usd: float,
    hours: float,
    raised: bool,
    faster: Faster | None,
    of_dollars: bool = False,
) -> str:
    """Return what to do in a sentence.

    ``steps`` are the ids of changes in order, each with the memory then. Of the end of a range it
    is what earns dollars: a shorter answer alone is told beside that.

    >>> steps = [("memory", 128.0), ("arm", 128.0)]
    >>> sentence(steps, saving_usd=727.2, hours=6, raised=False, faster=None)
    'Set memory to 128 MB, then build for Arm: $727.20 a month less, six hours. Then stop.'
    """
    speeds = _speeds(faster) if faster else {}
    said = SAYS["nothing"]
    if steps:
        kind = "more" if raised and saving_usd < 0 else "less"
        usd, takes = show(abs(saving_usd), "usd"), in_words(hours)
        said = SAYS[kind].format(do=commands(steps), usd=usd, hours=takes)
    elif faster and not of_dollars:
        do = command("memory", faster.memory_mb)
        takes = in_words(RUNGS["memory"].effort_hours)
        return SAYS["faster"].format(do=do, hours=takes, **speeds)
    if not faster or "memory" in dict(steps):
        return said
    return SAYS["also"].format(sentence=said, mb=show(faster.memory_mb, "mb"), **speeds)


def what_is_wrong(
    obstacles: Sequence[str], *, raised: bool, times_out: bool, full: bool
) -> list[str]:
    """Return what is wrong with a function whatever it costs, a sentence or two each."""
    then = SAYS["fits" if raised else "cannot"]
    ends = [SAYS[name] for name, is_so in (("late", times_out), ("full", full)) if is_so]
    return [*(f"{why} {then}" for why in obstacles), *ends]


def in_full(wrong: Sequence[str], told: Sequence[str]) -> list[str]:
    """Return what is wrong with a function, and then what to do for its bill, one by one."""
    first, *others = told
    beside = SAYS["beside"] if wrong and first == SAYS["nothing"] else first
    return [*wrong, beside, *others]


def command(name: str, memory_mb: float) -> str:
    """Return what to do for a change, as a command."""
    return RUNGS[name].do.replace("{least_memory_mb:mb}", show(memory_mb, "mb"))


def commands(steps: Sequence[tuple[str, float]]) -> str:
    """Return what to do for several changes, the ids of each with the memory then."""
    first, *others = (command(name, memory_mb) for name, memory_mb in steps)
    return ", then ".join([first, *(each[0].lower() + each[1:] for each in others)])


def in_words(hours: float) -> str:
    """Return hours as a person says them."""
    known = hours < len(COUNTED) and hours == int(hours)
    number = COUNTED[int(hours)] if known else show(hours, "count")
    return f"{number} hour{'' if hours == 1 else 's'}"


def _speeds(faster: Faster) -> dict[str, str]:
    return {"now": show(faster.now_ms / 1000, "s"), "then": show(faster.then_ms / 1000, "s")}


def summed(
    *,
    start_usd: float,
    total_usd: float,
    hours: float,
    hour_usd: float,
    first_year_usd: float,
    payback_months: float,
) -> str:
    """Return the arithmetic under a sentence: the month now and then, the year, the payback.

    What never pays is done for another reason than money, and has hours and no payback; so has
    work that costs nothing.
    """
    pays = hour_usd > 0 and payback_months <= LONGEST_MONTHS
    return SAYS["sum" if pays else "in_hours"].format(
        start=show(start_usd, "usd"),
        total=show(total_usd, "usd"),
        saved=show((start_usd - total_usd) * HORIZON_MONTHS, "usd"),
        hours=show(hours, "count"),
        hour=show(hour_usd, "usd"),
        year=show(first_year_usd, "usd"),
        payback=paid_back(payback_months),
    )


def alone(usd: float, hours: float) -> str:
    """Return what the function costs that stays where it is, beside what replaces it.

    >>> alone(2510.2, 6)
    'Kept and tuned, the function would take $2,510.20 a month, after six hours.'
    """
    return SAYS["alone"].format(usd=show(usd, "usd"), hours=in_words(hours))


def paid_back(months: float, *, needed: bool = False, faster: bool = False) -> str:
    """Return how long a change takes to earn its work, in words that people use.

    What is ``needed``, or makes an answer ``faster``, is not for money.

    >>> paid_back(0.25), paid_back(6), paid_back(61), paid_back(61, needed=True)
    ('8 days', '6 months', 'not within five years', 'needed: it has too little')
    """
    if needed or faster:
        return "needed: it has too little" if needed else "for a shorter answer"
    if months > LONGEST_MONTHS:  # endless where nothing is saved
        return "not within five years"
    return show(months, "months")
