"""The labs' exercises: each figure computed, and what each misconception would have made of it.

A function a lab and exercise. It takes what the lab has measured and the learner's answers, prints
that they are right, or raises :class:`NotYet` with the hint that fits the answer.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.book.teaching.checking import NotYet, Sought, expect_made, number  # noqa: F401 - asked for with the others
from serverless_tax.book.teaching.log_exercises import stated_cpu, what_the_audit_says  # noqa: F401 - asked for with the others
from serverless_tax.ground.lambda_facts import FULL_VCPU_MB
from serverless_tax.ground.show import show
from serverless_tax.questions.batching import batching
from serverless_tax.request.workload import Workload

#: A lab's month: requests.
_TEN_MILLION, _HUNDRED_MILLION = 10e6, 100e6
_DELAY_MS = 200  # how late a message's first token may be
_FREE = "The free tier is off it. Other functions of an account use it up: leave it out."
_X86 = "That is at x86's price. Here it runs on Arm."
_BARE = "That is without logs and transfer: take the whole path."
_GB = "A GB is 1,024 MB here, not 1,000."


def month_at_two_sizes(
    row: Mapping[str, float], usd_at_1769: Any, usd_at_1024: Any, waiting_share_at_1024: Any
) -> None:
    """Lab 1: ten million of the measured requests at two sizes, and how much of it is waiting."""

    def month(memory_mb: float, **changes: Any) -> Bill:
        return bill("aws-lambda", _measured(row, memory_mb).replace(**changes))

    large, small = month(FULL_VCPU_MB), month(1024)

    def beside(mb: float) -> dict[str, float]:
        return {
            "That is the part that waits. The work and the fee belong to the month too.": month(
                mb
            ).waiting,
            "That is at Arm's price; the lab runs on x86.": month(mb, architecture="arm64").total,
            _FREE: month(mb).total_with_free_tier,
            _GB: _with_duration(month(mb), 1.024),
        }

    no_wait = {mb: month(mb, wait_ms=0, streaming_ms=0).total for mb in (FULL_VCPU_MB, 1024)}
    worked = "That is what its work alone would cost. The wait is billed too."
    request = "The fee for the requests is missing."
    _right(
        usd_at_1769,
        what="a month at 1,769 MB, in USD",
        right=large.total,
        unit="usd",
        within=0.001,
        looks_like={
            "That is the smaller function's month.": small.total,
            worked: no_wait[FULL_VCPU_MB],
            request: large.total - large.items[0].cost,
            "The memory is in it twice.": _with_duration(large, FULL_VCPU_MB / 1024),
            **beside(FULL_VCPU_MB),
        },
        too_low="Is it ten million of them, the wait and the streaming in each, and the fee?",
        too_high="Is it 1,769/1,024 GB, and seconds rather than milliseconds?",
    )
    _right(
        usd_at_1024,
        what="a month at 1,024 MB, in USD",
        right=small.total,
        unit="usd",
        within=0.001,
        looks_like={
            "The two sizes do not cost the same: only work gets slower with less memory. The wait"
            " is the model's.": large.total,
            worked: no_wait[1024],
            request: small.total - small.items[0].cost,
            "Only the CPU stretches with less memory, not the whole request.": _with_duration(
                small, FULL_VCPU_MB / 1024
            ),
            **beside(1024),
        },
        too_low="Is it ten million of them, the wait and the streaming in each, and the fee?",
        too_high="Does the wait get longer with less memory? Only the CPU does.",
    )
    _right(
        waiting_share_at_1024,
        what="the share of the month at 1,024 MB that is waiting, from 0 to 1",
        right=small.waiting / small.total,
        unit="percent",
        looks_like={
            "That is the share of its work.": small.work / small.total,
            "That is the larger function's share.": large.waiting / large.total,
            "That is the share in which the model is silent or streams. The CPU works in a part"
            " of it, token by token.": 4850 / (4850 + row["fixed_cpu_ms"]),
            "That is in USD. Divide it by the month.": small.waiting,
        },
        too_low="The CPU works for a small part of the request: the rest waits.",
        too_high="The CPU works for each token too: that part is no waiting.",
    )


def two_at_once(environments: Any, waits_billed: Any) -> None:
    """Lab 1: two users ask at the same moment."""
    shared = "An environment serves one request at a time. Nothing in it can be shared."
    awaits = "`await` does not stop the meter: what is awaited is billed."
    _right(
        environments,
        what="the number of environments",
        right=2,
        unit="count",
        whole=True,
        looks_like={
            shared: 1,
            awaits: 0,
            "Each request needs one, and there are two requests.": 4,
        },
    )
    _right(
        waits_billed,
        what="how many of the two waits are billed",
        right=2,
        unit="count",
        whole=True,
        looks_like={
            "It is one and the same second, and is billed once for each environment.": 1,
            awaits: 0,
            "The cold start comes on top. It is not a wait.": 3,
        },
    )


def nobody_listening(after_usd: Any) -> None:
    """Lab 2: one reader in five hangs up after two of 4.85 seconds."""
    month = bill("aws-lambda-streaming", Workload.preset("article"))
    total = month.total
    _right(
        after_usd,
        what="what the seconds after the hang-up cost in a month, in USD",
        right=total * 0.2 * 2.85 / 4.85,
        unit="usd",
        looks_like={
            "Somebody listened for the first two seconds: only the rest is asked for.": total * 0.2,
            "Those are the two seconds before the hang-up.": total * 0.2 * 2 / 4.85,
            "One reader in five leaves, not all of them.": total * 2.85 / 4.85,
            "The function does not end when its reader leaves.": 0.0,
            "That is the whole month. One reader in five leaves, after two seconds.": total,
            "Those are the readers who stay.": total * 0.8,
            "That is what is heard. Asked for is the rest.": total * (1 - 0.2 * 2.85 / 4.85),
            "A request has 4.85 seconds, not five.": total * 0.2 * 2.85 / 5,
            _FREE: month.total_with_free_tier * 0.2 * 2.85 / 4.85,
        },
        too_low="A fifth of the readers leave, and 2.85 of 4.85 seconds come after that.",
        too_high="Only a fifth of the readers leave, and the first two seconds were heard.",
    )


def charged_by_the_byte(gb_usd: float, limit_tokens: Any, by_the_byte_usd: Any) -> None:
    """Lab 2: events of 300 bytes a token; how many are free, and what 500 tokens cost."""
    mb = 1024**2
    _right(
        limit_tokens,
        what="how many tokens an answer may have before a byte is charged",
        right=6 * mb / 300,
        unit="count",
        looks_like={
            "A MB is 1,024 times 1,024 bytes here.": 6e6 / 300,
            "That is where an answer may not be longer. Bytes are charged from the first limit"
            " on.": 200 * mb / 300,
            "These events have about 300 bytes a token: the JSON around it counts.": 6 * mb / 4,
            "That is in bytes. About 300 of them are a token.": 6 * mb,
            "That is in bits.": 48 * mb / 300,
            "That is 6 KB.": 6 * 1024 / 300,
        },
        too_low="Divide the bytes of 6 MB by those of one token's event.",
        too_high="Divide the bytes of 6 MB, the free ones, by those of one token's event.",
    )
    bytes_usd = 500 * 300 / 1024**3 * _TEN_MILLION * gb_usd
    _right(
        by_the_byte_usd,
        what="what ten million answers cost by the byte, in USD",
        right=0.0,
        unit="usd",
        looks_like={
            "That is the price of every byte. The first 6 MB of each answer are free.": bytes_usd,
            "The free 6 MB are each answer's, not the month's.": bytes_usd - 6 / 1024 * gb_usd,
            "That is one answer, and it stays below 6 MB.": bytes_usd / _TEN_MILLION,
        },
        too_high="Compare one answer's bytes, 500 tokens of 300, with the 6 MB that are free.",
    )


def largest_batch(tokens_per_message: Any, messages_usd: Any) -> None:
    """Lab 3: the largest batch whose first token waits no more than 200 ms for its last."""
    article = Workload.preset("article")
    rows = batching(article, range(1, 41))
    best = max(
        (r for r in rows if r.added_delay_ms <= _DELAY_MS), key=lambda r: r.tokens_per_message
    )
    most = best.tokens_per_message
    _right(
        tokens_per_message,
        what="the number of tokens in a message",
        right=most,
        unit="count",
        whole=True,
        looks_like={
            "The first token waits for those after it, not for itself: one more fits.": most - 1,
            "Its first token waits longer than 200 ms.": most + 1,
            "That would be one token each 200 ms. They come faster: see `batching`.": 1,
            "That is how many come in 200 ms at a hundred a second, and the article's model is a"
            " little faster.": 20,
            "That is all of an answer in one message.": article.output_tokens,
        },
        too_low="More fit: the first token waits for the others for less than 200 ms.",
        too_high="Its first token waits longer than 200 ms: see `added_delay_ms` of `batching`.",
    )
    _right(
        messages_usd,
        what="what the messages and minutes of ten million answers cost, in USD",
        right=best.front_door_usd,
        unit="usd",
        looks_like={
            "That is one token in each message.": rows[0].front_door_usd,
            "That is a batch of one token less.": rows[int(most) - 2].front_door_usd,
            "That is with the function's own seconds. Only the messages and minutes are asked"
            " for.": best.front_door_usd + bill("aws-lambda", article).total,
            **{
                f"That is with {n} tokens in a message.": rows[n - 1].front_door_usd
                for n in range(2, int(most) - 1)
            },
        },
        too_low="The messages and the connection's minutes both cost: `front_door_usd` has them.",
        too_high="Is it the batch that you named? Larger ones need fewer messages.",
    )


def lost_at_the_provider(usd_per_million_output_tokens: Any, lost_usd: Any) -> None:
    """Lab 3: a thousand answers of 500 tokens that nobody reads, at a price of the learner's."""
    price_usd = number(usd_per_million_output_tokens, "your model's price of a million tokens")
    if not 0 < price_usd < math.inf:
        msg = f"A million tokens for {show(price_usd, 'usd')}: put in your model's price."
        raise NotYet(msg)
    right = 1_000 * 500 / 1e6 * price_usd
    _right(
        lost_usd,
        what="what the provider charges for them, in USD",
        right=right,
        unit="usd",
        looks_like={
            "Lambda's bill shows next to nothing. The provider wrote the tokens and charges"
            " them.": 0.0,
            "Each answer has 500 tokens.": right / 500,
            "The price is for a million tokens.": right * 1e6,
            "There are a thousand answers.": right / 1000,
            "That is the price of a million tokens, and a thousand answers have half of that.": (
                price_usd
            ),
            "That is ten million answers. A thousand are asked for.": right * 1e4,
        },
        too_low="A thousand answers of 500 tokens, each charged in full.",
        too_high="A thousand answers of 500 tokens are half a million of them.",
    )


def tie_of_capacity(capacity: float, tie: Any) -> None:
    """Lab 4: from how many streams a vCPU on Fargate is cheaper, at a hundred million requests."""

    def lowest(requests: float, memory_mb: float = 128, architecture: str = "arm64") -> int:
        article = Workload.preset("article", requests_per_month=requests)
        size = article.replace(memory_mb=memory_mb, architecture=architecture)
        limit = bill("aws-lambda", size, path="whole").total

        def shared(streams: int) -> float:
            w = article.replace(streams_per_vcpu=streams, architecture="arm64")
            return bill("aws-fargate", w, path="whole").total

        return _first(1000, lambda streams: shared(streams) < limit)

    right = lowest(_HUNDRED_MILLION)
    _right(
        tie,
        what="the lowest capacity of a vCPU, in streams, at which Fargate is cheaper",
        right=right,
        unit="count",
        whole=True,
        looks_like={
            "At that one Fargate still costs more.": right - 1,
            "That is against the function before its tuning, of 1,024 MB.": lowest(
                _HUNDRED_MILLION, 1024, "x86_64"
            ),
            "That is what you measured. Asked for is where the two bills meet.": capacity,
            "That is at ten million requests.": lowest(_TEN_MILLION),
        },
        too_low="At that one Fargate still costs more: a vCPU has to hold more streams.",
        too_high="There Fargate is cheaper already. Asked for is the lowest such number.",
    )


def traffic_at_noon(capacity: float, fargate_usd: Any, lambda_usd: Any) -> None:
    """Lab 4: both bills at six times the mean, at a hundred million requests."""
    article = Workload.preset(
        "article",
        requests_per_month=_HUNDRED_MILLION,
        streams_per_vcpu=capacity,
        architecture="arm64",
    )

    def shared(peak: float, path: str | tuple[str, ...] = "whole", **changes: Any) -> Bill:
        return bill("aws-fargate", article.replace(peak_to_mean=peak, **changes), path=path)

    at_noon_usd = shared(6).total
    tuned = bill("aws-lambda", article.replace(memory_mb=128), path="whole")
    _right(
        fargate_usd,
        what="Fargate's month with a peak of six times the mean, in USD",
        right=at_noon_usd,
        unit="usd",
        within=0.01,
        looks_like={
            "Fargate pays for its tasks all day: a higher peak needs more.": shared(3).total,
            "The tasks double. The balancer and the transfer do not.": 2 * shared(3).total,
            "That is Lambda's.": tuned.total,
            _FREE: shared(6).total_with_free_tier,
            _X86: shared(6, architecture="x86_64").total,
            _BARE: shared(6, path=()).total,
            "That is ten million requests.": shared(6, requests_per_month=_TEN_MILLION).total,
        },
        too_low="Its tasks are sized for the peak, and paid for all day.",
        too_high="The tasks grow with the peak, and the balancer and the transfer do not.",
    )
    _right(
        lambda_usd,
        what="the tuned function's month with that peak, in USD",
        right=tuned.total,
        unit="usd",
        within=0.01,
        looks_like={
            "Lambda bills waits, not room: when they happen is all the same.": 2 * tuned.total,
            "That is Fargate's.": at_noon_usd,
            _FREE: tuned.total_with_free_tier,
            "That is the function before its tuning, of 1,024 MB.": bill(
                "aws-lambda", article.replace(memory_mb=1024), path="whole"
            ).total,
            _X86: bill(
                "aws-lambda", article.replace(memory_mb=128, architecture="x86_64"), path="whole"
            ).total,
            _BARE: bill("aws-lambda", article.replace(memory_mb=128)).total,
        },
        too_low="A hundred million requests at 128 MB, logs and transfer with them.",
        too_high="Lambda bills the waits and no room: a peak changes nothing.",
    )


def one_key_for_two(months: Mapping[str, float], fewer_usd: Any) -> None:
    """Lab 5: one user in ten asks a second question with the same key."""
    each = months["key, no proxy"]
    _right(
        fewer_usd,
        what="what ten million answers cost then, in USD",
        right=each / 1.1,
        unit="usd",
        within=0.002,
        looks_like={
            "Ten users ask eleven questions with ten keys: that is 10/11 of the keys, not"
            " 9/10.": 0.9 * each,
            "Only one user in ten asks again.": each / 2,
            "The second question needs no key of its own.": each,
            "More questions, and not more keys: it falls.": 1.1 * each,
            "That is what the saving is.": each - each / 1.1,
            "That is a saving, and not of 10 %: ten keys in the place of eleven.": 0.1 * each,
        },
        too_low="One user in ten asks once more: ten keys serve eleven questions.",
        too_high="One user in ten asks once more: ten keys serve eleven questions.",
    )


def cpu_of_an_answer(on_cpu: Workload, limit_ms: Any) -> None:
    """Lab 5: how much CPU an answer may take on a Worker before a Lambda of 128 MB is as cheap."""

    def limit(usd: float) -> int:
        return _first(
            30_000,
            lambda ms: bill("cloudflare-workers", on_cpu.replace(cpu_ms=ms)).total >= usd,
        )

    waits = bill("aws-lambda", on_cpu)
    right = limit(waits.total)
    _right(
        limit_ms,
        what="the milliseconds of CPU at which the two months cost the same",
        right=right,
        unit="ms",
        looks_like={
            "That is what this worker takes. Asked for is where the two bills meet.": on_cpu.cpu_ms,
            "That is against a Lambda of 1,024 MB.": limit(
                bill("aws-lambda", on_cpu.replace(memory_mb=1024)).total
            ),
            "That is against the work alone. The Lambda is billed for its wait.": limit(
                waits.work + waits.items[0].cost
            ),
            "That is the length of the answer. The Worker's meter stands still for nearly all of"
            " it.": on_cpu.wait_ms,
            "That is how many times as much CPU. Asked for are the milliseconds.": (
                right / on_cpu.cpu_ms
            ),
            "That is the difference to this worker. Asked for is the whole.": right - on_cpu.cpu_ms,
            _FREE: limit(waits.total_with_free_tier),
        },
        too_low="There the Worker is still cheaper: raise its CPU until the bills are equal.",
        too_high="There the Worker costs more already: lower its CPU until the bills are equal.",
    )


def operations_of_an_agent(agent: Workload, operations_usd: Any) -> None:
    """Lab 7: what the operations of a month of agents cost."""
    lines = {item.dimension: item.cost for item in bill("aws-lambda-durable", agent).items}
    right = lines["durable_operations"]
    each = right / (1 + agent.durable_steps + agent.durable_waits)
    _right(
        operations_usd,
        what="what the operations cost, in USD",
        right=right,
        unit="usd",
        looks_like={
            "Starting an execution is an operation too.": right - each,
            "Each of the waits is an operation as well.": right - agent.durable_waits * each,
            "That is the compute.": sum(
                usd for name, usd in lines.items() if name.endswith("gb_seconds")
            ),
            "That is the whole month. Asked for are the operations.": sum(lines.values()),
            "That is one operation of each agent: there are several.": each,
            "That is all but the operations.": sum(lines.values()) - right,
            "That is the price of one operation.": each / agent.requests_per_month,
            "That is one agent's. A month has a million.": right / agent.requests_per_month,
        },
        too_low="Count the start, each step and each wait.",
        too_high="Count the start, each step and each wait, and nothing twice.",
    )


def wait_worth_suspending(agent: Workload, awake: Workload, limit_ms: Any) -> None:
    """Lab 7: from which wait on a suspended agent is cheaper than one that stays awake."""

    def limit(usd: float) -> int:
        return _first(900_000, lambda ms: bill("aws-lambda", awake.replace(wait_ms=ms)).total > usd)

    month = bill("aws-lambda-durable", agent)
    operations_usd = {item.dimension: item.cost for item in month.items}["durable_operations"]
    _right(
        limit_ms,
        what="the milliseconds of wait from which it is cheaper to suspend",
        right=limit(month.total),
        unit="ms",
        looks_like={
            "The operations cost too, not the time awake alone.": limit(
                month.total - operations_usd
            ),
            "That is for the operations alone. Each invocation is billed as well.": limit(
                operations_usd
            ),
            "That is the time awake of the suspended agent.": agent.cpu_ms,
            "That is the time awake of the other agent.": awake.cpu_ms,
            "That is how much longer the suspended one is awake. The operations come on top.": (
                agent.cpu_ms - awake.cpu_ms
            ),
        },
        too_low="There staying awake is still cheaper: the operations and each start cost too.",
        too_high="There it has been cheaper to suspend for some time. Asked for is the first.",
    )


def _measured(row: Mapping[str, float], memory_mb: float) -> Workload:
    """Return ten million of lab one's measured requests."""
    return Workload(
        requests_per_month=_TEN_MILLION,
        memory_mb=memory_mb,
        cpu_ms=row["fixed_cpu_ms"],
        wait_ms=50,
        streaming_ms=4800,
        output_tokens=row["output_tokens"],
        cpu_ms_per_output_token=row["cpu_ms_per_output_token"],
    )


def _first(top: int, reached: Callable[[int], bool]) -> int:
    """Return the first whole number up to ``top`` at which something is reached, and stays so."""
    return 1 + bisect.bisect_left(range(1, top), 1, key=reached)


def _with_duration(month: Bill, times: float) -> float:
    """Return a month's total with its duration so many times as large."""
    return sum(one.cost * (times if "Duration" in one.label else 1) for one in month.items)


def _right(answer: Any, **sought: Any) -> None:
    print(Sought(**sought).check(answer))
