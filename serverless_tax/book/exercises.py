"""The exercises of the chapters as a page checks them: a start, a hint, and what is wrong.

Each belongs to the ``{exercise}`` of its label. A check reads the names that the reader's code has
left, and computes the right answer from the reader's own numbers: it says of a wrong one which
slip gives it, where one is known, and never the answer itself.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.book.exercise_kinds import wrong_kind
from serverless_tax.ground.lambda_facts import STREAM_FREE_BYTES
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import cpu_wall_ms
from serverless_tax.prices import price_sheet
from serverless_tax.questions.answers import Answers
from serverless_tax.questions.batching import batching
from serverless_tax.questions.compare import tax_multiple
from serverless_tax.questions.decide import decide
from serverless_tax.request.presets import measured_client
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.page_request import page_day

#: How far an answer may be from the right one: nobody has to type every digit.
_NEAR = 0.005
RIGHT = "That is right."

Names = Mapping[str, Any]
#: Yields what is wrong, the first of which is said; nothing if all is right.
Check = Callable[[Names], Iterator[str]]


@dataclass(frozen=True)
class Exercise:
    """One exercise: what its editor begins with, a hint, and its check."""

    start: str
    hint: str
    check: Check


def verdict(label: str, names: Names) -> tuple[bool, str]:
    """Return whether the names answer an exercise, and what to say of them.

    >>> verdict("ex-gb-seconds", {"memory_mb": 1024, "billed_ms": 1000, "invocations": 1e6})
    (False, 'gb_seconds is missing: give the answer that name.')
    """
    try:
        wrong = next(iter(EXERCISES[label].check(names)), None)
    except KeyError as error:
        return False, f"{error.args[0]} is missing: keep the names that the start has."
    except InvalidQuantity as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001 - a reader may give any name any value
        why = f"{type(error).__name__}: {error}"
        says = f"The check cannot count with these values ({why}): give each name its kind."
        return False, wrong_kind(EXERCISES[label].start, names) or says
    return wrong is None, wrong or RIGHT


def _number(names: Names, name: str) -> float | str:
    """Return an answer, or what is wrong with it before anything is compared."""
    if name not in names:
        return f"{name} is missing: give the answer that name."
    value = names[name]
    if value is ...:
        return f"{name} is still open: put your answer in place of the dots."
    wrong = f"{name} is {value!r}, and it has to be a number."
    if isinstance(value, (bool, str)):
        return wrong
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return wrong
    return number if math.isfinite(number) else wrong


def _is(names: Names, name: str, right: float, slips: Mapping[str, float]) -> Iterator[str]:
    """Yield what is wrong with a number: the slip that gives it, else on which side it is."""
    value = _number(names, name)
    if isinstance(value, str):
        yield value
    elif not math.isfinite(right):
        yield f"{name} would be {right}: give the other names finite numbers."
    elif not _near(value, right):
        known = (says for says, gives in slips.items() if _near(value, gives))
        yield next(known, f"{name} is {_side(value, right)}.")


def _near(value: float, right: float) -> bool:
    return bool(abs(value - right) <= max(_NEAR * abs(right), 1e-9))


def _side(value: float, right: float) -> str:
    side = "too high" if value > right else "too low"
    if right and _near(value, -right):
        return "right but for its sign"
    if value > 0 and right > 0:
        return f"{side} by a factor of {show(max(value, right) / min(value, right), 'number')}"
    return side


def _gb_seconds(n: Names) -> Iterator[str]:
    memory_mb, billed_ms, invocations = n["memory_mb"], n["billed_ms"], n["invocations"]
    right = memory_mb / 1024 * billed_ms / 1000 * invocations
    yield from _is(
        n,
        "gb_seconds",
        right,
        {
            "A gigabyte of Lambda's is 1,024 MB, not 1,000.": right * 1.024,
            "Those are GB-milliseconds: a second has 1,000 of them.": right * 1000,
            "Those are MB-seconds: divide by 1,024.": right * 1024,
            "That is one invocation: a month has all of them.": right / invocations,
        },
    )
    work = Workload(requests_per_month=invocations, memory_mb=memory_mb, wait_ms=billed_ms)
    month = bill("aws-lambda", work)
    requests_usd = sum(one.cost for one in month.items if one.label == "Requests")
    yield from _is(
        n,
        "usd_a_month",
        float(month.total),
        {
            "That is the duration alone: each request costs something too.": month.total
            - requests_usd,
            "That is with the free allowance taken off.": float(month.total_with_free_tier),
            "That is at Arm's price; take x86, or say so in the Workload.": float(
                bill("aws-lambda", work.replace(architecture="arm64")).total
            ),
        },
    )


def _more_memory(n: Names) -> Iterator[str]:
    mine = n["request"]
    more_mb = 2 * mine.memory_mb
    now_ms, then_ms = (float(cpu_wall_ms(mine.cpu_ms, mb)) for mb in (mine.memory_mb, more_mb))
    wall_ms = float(now_ms + mine.wait_ms + mine.streaming_ms)
    yield from _is(
        n,
        "sooner_ms",
        now_ms - then_ms,
        {
            "Only CPU steps get shorter: the wait is as long as before.": wall_ms / 2,
            "Work that fits into its share of a period runs at full speed already: compare"
            " cpu_wall_ms at both sizes.": float(mine.cpu_ms) / 2,
        },
    )
    now, then = (
        bill("aws-lambda", mine.replace(memory_mb=mb)).total for mb in (mine.memory_mb, more_mb)
    )
    yield from _is(
        n,
        "usd_a_month",
        float(then),
        {
            "That is the month at the memory it has now.": float(now),
            "Twice the month doubles the request charge too, which memory does not change.": float(
                2 * now
            ),
        },
    )


def _slower_model(n: Names) -> Iterator[str]:
    mine, pace = n["request"], n["tokens_a_second"]
    if not pace > 0:
        yield f"tokens_a_second is {pace!r}; expected more than 0."
        return
    streaming_ms = mine.output_tokens / pace * 1000
    right = mine.replace(streaming_ms=streaming_ms, steps=())
    yield from _is(
        n,
        "usd_a_month",
        float(bill("aws-lambda", right).total),
        {
            "That is the month of the model as it was: put the new length of the stream in.": float(
                bill("aws-lambda", mine).total
            ),
            "streaming_ms is in milliseconds: a second has 1,000.": float(
                bill("aws-lambda", right.replace(streaming_ms=streaming_ms / 1000)).total
            ),
        },
    )
    yield from _is(
        n,
        "multiple",
        float(tax_multiple(right)),
        {
            "That is the multiple of the model as it was.": float(tax_multiple(mine)),
            "Upside down: billed time over CPU time.": 1 / float(tax_multiple(right)),
        },
    )


def _printed(n: Names) -> Iterator[str]:
    cpu_ms, billed_ms = n["cpu_ms"], n["billed_ms"]
    yield from _is(
        n,
        "multiple",
        billed_ms / cpu_ms,
        {
            "Upside down: billed time over CPU time.": cpu_ms / billed_ms,
            "That is the share of waiting, not billed time over CPU time.": 1 - cpu_ms / billed_ms,
        },
    )
    lean = measured_client("socket")
    yield from _is(
        n,
        "with_the_socket",
        lean["billed_ms"] / lean["cpu_ms"],
        {
            "That is the plain HTTP client; the socket computes less.": (
                measured_client("http")["billed_ms"] / measured_client("http")["cpu_ms"]
            ),
        },
    )


def _leavers(n: Names) -> Iterator[str]:
    mine, leaves, after_ms = n["request"], n["leaves"], n["after_ms"]
    items = bill("aws-lambda-streaming", mine).items
    duration = float(sum(one.cost for one in items if one.dimension.startswith("duration")))
    whole_ms = float(mine.cpu_ms + mine.wait_ms + mine.streaming_ms)
    if not 0 <= after_ms <= whole_ms:
        yield f"after_ms is {after_ms!r}, and the answer takes {show(whole_ms, 'ms')} in all."
        return
    if not 0 <= leaves <= 1:
        yield f"leaves is {leaves!r}; expected a share of the readers, from 0 to 1."
        return
    share = (whole_ms - after_ms) / whole_ms
    yield from _is(
        n,
        "usd_after_they_left",
        duration * leaves * share,
        {
            "That is for all readers: only some of them leave.": duration * share,
            "That is for their whole answers: they were there until they left.": duration * leaves,
            "That is the time before they left.": duration * leaves * (1 - share),
        },
    )


def _json_per_token(n: Names) -> Iterator[str]:
    bytes_a_token = n["bytes_a_token"]
    right = STREAM_FREE_BYTES / bytes_a_token
    yield from _is(
        n,
        "tokens",
        right,
        {
            "Lambda's megabyte is of 1,024 × 1,024 bytes: STREAM_FREE_BYTES has it.": 6e6
            / bytes_a_token,
            "Upside down: the free bytes over the bytes of a token.": 1 / right,
        },
    )


def _batch_200ms(n: Names) -> Iterator[str]:
    mine, late_ms = n["request"], n["late_ms"]

    def is_late(tokens: int) -> bool:
        return bool(batching(mine, [tokens])[0].added_delay_ms > late_ms)

    right = bisect_left(range(1, 1001), 1, key=is_late)
    if not right:
        yield f"late_ms is {late_ms!r}: not even one token a message comes so soon."
        return
    slips = {
        "Its last token waits for nobody: one more fits.": right - 1,
        "Its first token would be too late: one less fits.": right + 1,
    }
    yield from _is(n, "tokens_a_message", right, slips)
    one, many = (float(row.front_door_usd) for row in batching(mine, [1, right]))
    yield from _is(n, "usd_a_month", many, {"That is with a message for each token.": one})


def _idle_connections(n: Names) -> Iterator[str]:
    minute = price_sheet("aws-websocket").on(page_day())["websocket_minutes"].tiers[0][1]
    right = n["people"] * n["hours_a_day"] * 60 * n["days"] * minute
    yield from _is(
        n,
        "usd_a_month",
        float(right),
        {
            "That is by the hour: a connection is billed by the minute.": right / 60,
            "That is one day.": right / n["days"],
            "That is one person.": right / n["people"],
        },
    )


def _hundred_thousand(n: Names) -> Iterator[str]:
    mine, hour_usd = n["request"], n["hour_usd"]
    value = _number(n, "worth_from")
    if isinstance(value, str):
        yield value
        return

    def advised(requests: float) -> bool:
        there = mine.replace(requests_per_month=requests)
        return bool(decide(there, Answers(), hour_usd=hour_usd).steps)

    if value <= 0:
        yield f"worth_from is {value:g}; expected a number of requests above 0."
    elif not advised(value * 1.1):
        yield f"Even with {show(value * 1.1, 'count')} requests a month nothing is worth the hours."
    elif advised(value / 1.1):
        yield f"With {show(value / 1.1, 'count')} requests a month something is worth it already."


def _gather(n: Names) -> Iterator[str]:
    waits_ms = n["waits_ms"]
    for name, waited_ms, slip in (
        (
            "one_by_one_usd",
            sum(waits_ms),
            "That is with all of them together: one by one they add up.",
        ),
        (
            "together_usd",
            max(waits_ms),
            "That is one by one: together they take as long as the longest.",
        ),
    ):
        of = {
            ms: float(bill("aws-lambda", n["request"].replace(wait_ms=ms, steps=())).total)
            for ms in (sum(waits_ms), max(waits_ms))
        }
        other = next((usd for ms, usd in of.items() if ms != waited_ms), -1.0)
        yield from _is(n, name, of[waited_ms], {slip: other})


def _max_memory(n: Names) -> Iterator[str]:
    mine = n["request"]
    right_mb = max(128.0, float(np.ceil(mine.peak_memory_mb * 1.2)))
    if not mine.peak_memory_mb:
        yield "request has no peak_memory_mb: take Max Memory Used of its log."
        return
    yield from _is(
        n,
        "memory_mb",
        right_mb,
        {
            "That is the peak itself: one larger request ends it. Add a fifth.": float(
                mine.peak_memory_mb
            ),
            "That is a fifth of the peak: add it to the peak.": float(mine.peak_memory_mb) / 5,
        },
    )
    now, then = (
        float(bill("aws-lambda", mine.replace(memory_mb=mb)).total)
        for mb in (mine.memory_mb, right_mb)
    )
    yield from _is(
        n,
        "saves_usd",
        now - then,
        {
            "That is what is left of the month: the saving is the difference.": then,
            "That is the month as it was.": now,
        },
    )


def _two_sizes(n: Names) -> Iterator[str]:
    small_mb, large_mb = n["small_mb"], n["large_mb"]
    small_ms, large_ms = n["small_ms"], n["large_ms"]
    fits = []
    for cpu_ms in range(1, int(large_ms) + 1):
        a, b = float(cpu_wall_ms(cpu_ms, small_mb)), float(cpu_wall_ms(cpu_ms, large_mb))
        off_ms = 1 + 0.05 * ((a - cpu_ms) ** 2 + (b - cpu_ms) ** 2) ** 0.5
        if abs((small_ms - a) - (large_ms - b)) <= off_ms:
            fits.append(cpu_ms)
    if not fits:
        yield "No CPU time fits both durations: were they measured on one day, on one function?"
        return
    slips = {
        "That is the difference of the durations, as if work took no longer there.": small_ms
        - large_ms
    }
    for name, right in (("least_cpu_ms", fits[0]), ("most_cpu_ms", fits[-1])):
        value = _number(n, name)
        if isinstance(value, str) or abs(value - right) > max(2, 0.02 * right):
            yield from _is(n, name, float(right), slips)
            return


EXERCISES: Mapping[str, Exercise] = {
    "ex-gb-seconds": Exercise(
        "# Your function, or ours.\n"
        "memory_mb, billed_ms, invocations = 512, 2300, 3_000_000\n\n"
        "gb_seconds = ...\n"
        "usd_a_month = ...  # without the free allowance",
        "Gigabytes, times seconds, times invocations. A bill has two lines:"
        ' bill("aws-lambda", Workload(…)).total adds them up.',
        _gb_seconds,
    ),
    "ex-more-memory": Exercise(
        "request = mine  # as set on this page\n\n"
        "sooner_ms = ...  # with twice the memory\n"
        "usd_a_month = ...  # then",
        "cpu_wall_ms(request.cpu_ms, memory_mb) is how long the work takes at a size;"
        " request.replace(memory_mb=…) is the same request at another.",
        _more_memory,
    ),
    "ex-slower-model": Exercise(
        "request = article\n"
        "tokens_a_second = 20  # your model's\n\n"
        "usd_a_month = ...\n"
        "multiple = ...",
        "request.output_tokens at that pace are the new streaming_ms:"
        " request.replace(streaming_ms=…, steps=()). tax_multiple() has the multiple.",
        _slower_model,
    ),
    "ex-printed": Exercise(
        '# Your log\'s, or the lab\'s: "openai", "http" or "socket".\n'
        'client = measured_client("openai")\n'
        'cpu_ms, billed_ms = client["cpu_ms"], client["billed_ms"]\n\n'
        "multiple = ...\n"
        "with_the_socket = ...  # the lab's multiple with the client that parses nothing",
        "The multiple is billed time over CPU time. measured_client() has both of each client.",
        _printed,
    ),
    "ex-leavers": Exercise(
        "request = article\n"
        "leaves, after_ms = 0.20, 2000  # the share of readers, and when\n\n"
        "usd_after_they_left = ...",
        'The duration\'s lines of bill("aws-lambda-streaming", request).items, for that share of'
        " the readers, and for the part of the time that lies after they left.",
        _leavers,
    ),
    "ex-json-per-token": Exercise(
        "bytes_a_token = 300  # what your function sends for each\n\n"
        "tokens = ...  # from so many on an answer pays by the byte",
        "STREAM_FREE_BYTES are free for each answer.",
        _json_per_token,
    ),
    "ex-batch-200ms": Exercise(
        "request = article\n"
        "late_ms = 200  # before your readers notice\n\n"
        "tokens_a_message = ...\n"
        "usd_a_month = ...  # of its messages",
        "batching(request, range(1, 60)) has a row for each size of message, with"
        " added_delay_ms and front_door_usd.",
        _batch_200ms,
    ),
    "ex-idle-connections": Exercise(
        "people, hours_a_day, days = 1_000_000, 8, 30\n\nusd_a_month = ...",
        "minute, above on this page, is the price of a minute of one connection.",
        _idle_connections,
    ),
    "ex-hundred-thousand": Exercise(
        "request = Workload(memory_mb=1024, peak_memory_mb=300, cpu_ms=100, wait_ms=8000,"
        " requests_per_month=1e6)\n"
        "hour_usd = 100\n\n"
        "worth_from = ...  # requests a month, within a tenth",
        "Let decide(request.replace(requests_per_month=…), Answers(), hour_usd=hour_usd).steps tell"
        " you for several; halve what lies between.",
        _hundred_thousand,
    ),
    "ex-gather": Exercise(
        "request = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=0)\n"
        "waits_ms = (1000, 2000, 4000)  # of which none needs another's answer\n\n"
        "one_by_one_usd = ...\n"
        "together_usd = ...",
        'bill("aws-lambda", request.replace(wait_ms=…)).total. What adds up, and what does not?',
        _gather,
    ),
    "ex-max-memory": Exercise(
        "request = Workload(requests_per_month=5e6, memory_mb=1024, cpu_ms=20, wait_ms=3980,"
        " peak_memory_mb=210)\n\n"
        "memory_mb = ...  # that it may have\n"
        "saves_usd = ...  # a month",
        "The peak and a fifth, in whole megabytes. The saving is a bill less a bill.",
        _max_memory,
    ),
    "ex-two-sizes": Exercise(
        "small_mb, small_ms = 512, 2400\n"
        "large_mb, large_ms = 1024, 2200\n\n"
        "least_cpu_ms = ...\n"
        "most_cpu_ms = ...",
        "Try every CPU time: cpu_wall_ms(cpu_ms, memory_mb) at both sizes, and what is left of each"
        " duration is the wait, which is the same. Let it be off by 1 ms and a twentieth.",
        _two_sizes,
    ),
}
