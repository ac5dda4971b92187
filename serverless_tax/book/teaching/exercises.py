"""The labs' exercises: each figure computed, and what each misconception would have made of it.

A function a lab and exercise. It takes what the lab has measured and the learner's answers, prints
that they are right, or raises :class:`NotYet` with the hint that fits the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.bill.totals import Pricer
from serverless_tax.book.teaching.agent_exercises import (
    operations_of_an_agent,  # noqa: F401 - asked for with the others
    wait_worth_suspending,  # noqa: F401 - asked for with the others
)
from serverless_tax.book.teaching.checking import (
    FREE_TIER,
    expect_made,  # noqa: F401 - asked for with the others
    first_number,
    judge,
)
from serverless_tax.book.teaching.log_exercises import stated_cpu, what_the_audit_says  # noqa: F401 - asked for with the others
from serverless_tax.book.teaching.message_exercises import largest_batch, lost_at_the_provider  # noqa: F401 - asked for with the others
from serverless_tax.ground.lambda_facts import FULL_VCPU_MB
from serverless_tax.request.workload import Workload

#: A lab's month: requests.
_TEN_MILLION, _HUNDRED_MILLION = 10e6, 100e6
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
            FREE_TIER: month(mb).total_with_free_tier,
            _GB: _with_duration(month(mb), 1.024),
            "The model's time is in it twice: it is `streaming_ms`, and `wait_ms` is the look-up"
            " alone.": month(mb, wait_ms=4850).total,
            "The fee for the requests is in it twice.": month(mb).total + month(mb).items[0].cost,
            "The CPU is missing: `cpu_ms`, and the rest for each token.": month(
                mb, cpu_ms=0, cpu_ms_per_output_token=0
            ).total,
            "That is the fee for the requests alone.": month(mb).items[0].cost,
            "The CPU works while the stream comes: its time is no more of it.": month(
                mb,
                cpu_ms=row["fixed_cpu_ms"] + row["output_tokens"] * row["cpu_ms_per_output_token"],
                cpu_ms_per_output_token=0,
            ).total,
        }

    no_wait = {mb: month(mb, wait_ms=0, streaming_ms=0).total for mb in (FULL_VCPU_MB, 1024)}
    worked = "That is what its work alone would cost. The wait is billed too."
    request = "The fee for the requests is missing."
    judge(
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
    judge(
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
            "That is the other month times 1,024/1,769. The fee gets no smaller with the memory,"
            " and the CPU works longer.": large.total * 1024 / FULL_VCPU_MB,
            **beside(1024),
        },
        too_low="Is it ten million of them, the wait and the streaming in each, and the fee?",
        too_high="Does the wait get longer with less memory? Only the CPU does.",
    )
    judge(
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
    judge(
        environments,
        what="the number of environments",
        right=2,
        unit="count",
        whole=True,
        looks_like={
            shared: 1,
            awaits: 0,
        },
        too_high="Each request needs one, and there are two requests.",
    )
    judge(
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
        too_high="Each request waits once, and there are two requests.",
    )


def nobody_listening(after_usd: Any) -> None:
    """Lab 2: one reader in five hangs up after two of 4.85 seconds."""
    month = bill("aws-lambda-streaming", Workload.preset("article"))
    total = month.total
    judge(
        after_usd,
        what="what the seconds after the hang-up cost in a month, in USD",
        right=total * 0.2 * 2.85 / 4.85,
        unit="usd",
        within=0.005,
        looks_like={
            "Somebody listened for the first two seconds: only the rest is asked for.": total * 0.2,
            "Those are the two seconds before the hang-up.": total * 0.2 * 2 / 4.85,
            "One reader in five leaves, not all of them.": total * 2.85 / 4.85,
            "The function does not end when its reader leaves.": 0.0,
            "That is the whole month. One reader in five leaves, after two seconds.": total,
            "Those are the readers who stay.": total * 0.8,
            "That is what is heard. Asked for is the rest.": total * (1 - 0.2 * 2.85 / 4.85),
            "A request has 4.85 seconds, not five.": total * 0.2 * 2.85 / 5,
            "A request has 4.85 seconds: after two of them 2.85 are left.": total * 0.2 * 3 / 5,
            "The look-up's 50 ms belong to the request too: 4.85 seconds.": (
                total * 0.2 * 2.85 / 4.8
            ),
            "That is 2.85 times as much. Which share of its 4.85 seconds is that?": (
                total * 0.2 * 2.85
            ),
            FREE_TIER: month.total_with_free_tier * 0.2 * 2.85 / 4.85,
        },
        too_low="A fifth of the readers leave, and 2.85 of 4.85 seconds come after that.",
        too_high="Only a fifth of the readers leave, and the first two seconds were heard.",
    )


def charged_by_the_byte(gb_usd: float, limit_tokens: Any, by_the_byte_usd: Any) -> None:
    """Lab 2: events of 300 bytes a token; how many are free, and what 500 tokens cost."""
    mb = 1024**2
    judge(
        limit_tokens,
        what="how many tokens an answer may have before a byte is charged",
        right=6 * mb / 300,
        unit="count",
        looks_like={
            "A MB is 1,024 times 1,024 bytes here.": 6e6 / 300,
            "A MB is 1,024 KB, and each has 1,024 bytes.": 6 * 1024 * 1000 / 300,
            "That is where an answer may not be longer. Bytes are charged from the first limit"
            " on.": 200 * mb / 300,
            "These events have about 300 bytes a token: the JSON around it counts.": 6 * mb / 4,
            "That is in bytes. About 300 of them are a token.": 6 * mb,
            "That is in bits.": 48 * mb / 300,
            "That is 6 KB.": 6 * 1024 / 300,
            "6 MB are so many MB. Take the bytes of both.": 6 / 300,
        },
        too_low="Divide the bytes of 6 MB by those of one token's event.",
        too_high="Divide the bytes of 6 MB, the free ones, by those of one token's event.",
    )
    bytes_usd = 500 * 300 / 1024**3 * _TEN_MILLION * gb_usd
    judge(
        by_the_byte_usd,
        what="what ten million answers cost by the byte, in USD",
        right=0.0,
        unit="usd",
        looks_like={
            "That is the price of every byte. The first 6 MB of each answer are free.": bytes_usd,
            "The free 6 MB are each answer's, not the month's.": bytes_usd - 6 / 1024 * gb_usd,
            "That is one answer, and it stays below 6 MB.": bytes_usd / _TEN_MILLION,
            "That is in GB, and the first 6 MB of each answer are free.": bytes_usd / gb_usd,
        },
        too_high="Compare one answer's bytes, 500 tokens of 300, with the 6 MB that are free.",
    )


@cache
def _lowest_capacity(
    memory_mb: float = 128,
    architecture: str = "arm64",
    *,
    path: str | tuple[str, ...] = "whole",
    bare: bool = False,
    chip: str = "arm64",
    **fargate: Any,
) -> int:
    """Return from how many streams a vCPU on Fargate is cheaper; two bills for each one tried."""
    article = Workload.preset("article", requests_per_month=_HUNDRED_MILLION)
    size = article.replace(memory_mb=memory_mb, architecture=architecture)
    limit = bill("aws-lambda", size, path=() if bare else path).total

    def shared(streams: int) -> float:
        w = article.replace(streams_per_vcpu=streams, architecture=chip, **fargate)
        return bill("aws-fargate", w, path=path).total

    return first_number(1000, lambda streams: shared(streams) < limit)


def tie_of_capacity(capacity: float, tie: Any) -> None:
    """Lab 4: from how many streams a vCPU on Fargate is cheaper, at a hundred million requests."""
    lowest = _lowest_capacity
    right = lowest()
    judge(
        tie,
        what="the lowest capacity of a vCPU, in streams, at which Fargate is cheaper",
        right=right,
        unit="count",
        whole=True,
        looks_like={
            "At that one Fargate still costs more.": right - 1,
            "That is against the function before its tuning, of 1,024 MB.": lowest(1024, "x86_64"),
            "That is what you measured. Asked for is where the two bills meet.": capacity,
            "Lambda's month lacks its logs and transfer: take the whole path of both.": lowest(
                bare=True
            ),
            _BARE: lowest(path=()),
            "That is Fargate at x86's price. Here both run on Arm.": lowest(chip="x86_64"),
            "That is Lambda at x86's price. Here both run on Arm.": lowest(architecture="x86_64"),
            "That is with a peak of six times the mean, and here it is three.": lowest(
                peak_to_mean=6
            ),
            "The bill plans for seven tenths of it by itself. Asked for is the whole.": int(
                0.7 * right
            ),
            "The bill plans for seven tenths of it by itself: divide by nothing.": round(
                right / 0.7
            ),
            "That is without a peak: the tasks are planned for three times the mean.": lowest(
                peak_to_mean=1
            ),
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
    judge(
        fargate_usd,
        what="Fargate's month with a peak of six times the mean, in USD",
        right=at_noon_usd,
        unit="usd",
        within=0.01,
        looks_like={
            "Fargate pays for its tasks all day: a higher peak needs more.": shared(3).total,
            "The tasks double. The balancer and the transfer do not.": 2 * shared(3).total,
            "That is Lambda's.": tuned.total,
            FREE_TIER: shared(6).total_with_free_tier,
            _X86: shared(6, architecture="x86_64").total,
            _BARE: shared(6, path=()).total,
            "That is ten million requests.": shared(6, requests_per_month=_TEN_MILLION).total,
            "It is six times the mean, not six times the peak of before.": shared(18).total,
        },
        too_low="Its tasks are sized for the peak, and paid for all day.",
        too_high="The tasks grow with the peak, and the balancer and the transfer do not.",
    )
    judge(
        lambda_usd,
        what="the tuned function's month with that peak, in USD",
        right=tuned.total,
        unit="usd",
        within=0.01,
        looks_like={
            "Lambda bills waits, not room: when they happen is all the same.": 2 * tuned.total,
            "That is Fargate's.": at_noon_usd,
            FREE_TIER: tuned.total_with_free_tier,
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
    judge(
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
            "That is a saving, and not the month.": 0.09 * each,
            "That is the share of the keys. Of what is it the share?": 1 / 1.1,
            "That is a saving, and not of 10 %: ten keys in the place of eleven.": 0.1 * each,
        },
        too_low="One user in ten asks once more: ten keys serve eleven questions.",
        too_high="One user in ten asks once more: ten keys serve eleven questions.",
    )


def cpu_of_an_answer(on_cpu: Workload, limit_ms: Any) -> None:
    """Lab 5: how much CPU an answer may take on a Worker before a Lambda of 128 MB is as cheap."""

    def limit(usd: float, *, used_up: bool = False) -> int:
        pricer = Pricer(used_up=used_up)

        def reached(ms: int) -> bool:
            w = on_cpu.replace(cpu_ms=ms)
            return float(pricer.totals("cloudflare-workers", w).total) >= usd

        return first_number(30_000, reached)

    def against(**changes: Any) -> int:
        return limit(bill("aws-lambda", on_cpu.replace(**changes)).total)

    waits = bill("aws-lambda", on_cpu)
    right = limit(waits.total)
    judge(
        limit_ms,
        what="the milliseconds of CPU at which the two months cost the same",
        right=right,
        unit="ms",
        looks_like={
            "That is what this worker takes. Asked for is where the two bills meet.": on_cpu.cpu_ms,
            "That is against a Lambda of 1,024 MB.": against(memory_mb=1024),
            "That is against a Lambda of 1,769 MB.": against(memory_mb=FULL_VCPU_MB),
            "That is against a Lambda on Arm, and this one is on x86.": against(
                architecture="arm64"
            ),
            "That is against the work alone. The Lambda is billed for its wait.": limit(
                waits.work + waits.items[0].cost
            ),
            "The fee for the requests belongs to Lambda's month too.": limit(
                waits.total - waits.items[0].cost
            ),
            "That is against the wait alone. Work and fee belong to Lambda's month too.": limit(
                waits.waiting
            ),
            "The Worker's month begins with the price of its plan.": limit(
                waits.total + bill("cloudflare-workers", on_cpu.replace(cpu_ms=0)).total
            ),
            "What the plan includes is not charged: the requests, and some of the CPU.": limit(
                waits.total, used_up=True
            ),
            "That is the length of the answer. The Worker's meter stands still for nearly all of"
            " it.": on_cpu.wait_ms,
            "That is how many times as much CPU. Asked for are the milliseconds.": (
                right / on_cpu.cpu_ms
            ),
            "That is the difference to this worker, or a step too wide. Asked for is the whole, to"
            " the millisecond.": right - on_cpu.cpu_ms,
            "That is all answers' of the month. Asked for is one answer's.": (
                right * on_cpu.requests_per_month
            ),
            "That is Lambda's month in USD. Asked for are milliseconds.": waits.total,
            FREE_TIER: limit(waits.total_with_free_tier),
            _GB: limit(_with_duration(waits, 1.024)),
        },
        too_low="There the Worker is still cheaper: raise its CPU until the bills are equal.",
        too_high="There the Worker costs more already: lower its CPU until the bills are equal.",
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


def _with_duration(month: Bill, times: float) -> float:
    """Return a month's total with its duration so many times as large."""
    return sum(one.cost * (times if "Duration" in one.label else 1) for one in month.items)
