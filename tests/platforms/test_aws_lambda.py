"""The Lambda rule: what is billed for a request, and how much of it the CPU works."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY, lengths_ms, workloads

from serverless_tax import InvalidQuantity, Workload, bill, platforms
from serverless_tax.platforms.aws_lambda import usage
from serverless_tax.platforms.meters.timeline import whole_ms


def one(**quantities: Any) -> dict[str, Any]:
    """Return the usage of a single request, at 1,024 MB unless said otherwise."""
    return usage(Workload(**({"requests_per_month": 1, "memory_mb": 1024} | quantities)))


@pytest.mark.parametrize(
    ("length", "billed"),
    [
        (0, 0),
        (0.1, 1),
        (1, 1),
        (1.0000001, 1),  # a stray bit of a sum, not a started millisecond
        (1.0000004, 1),
        (1.0000006, 2),
        (1.001, 2),  # REPORT lines print hundredths, clocks rather more
        (1.999, 2),
        (4854.01, 4855),
        (4855, 4855),
        (4855.01, 4856),
        (900_000, 900_000),
    ],
)
def test_a_started_millisecond_is_billed(length: float, billed: float) -> None:
    """Duration is rounded up to the millisecond, once it is rounded to a millionth of one."""
    assert whole_ms(length) == billed
    assert one(wait_ms=length)["billed_ms"] == billed


@given(st.integers(0, 900_000), st.integers(1, 9))
def test_parts_that_mean_whole_milliseconds_bill_as_such(whole: int, tenths: int) -> None:
    """A sum of tenths that floats get a bit wrong is still a whole number of milliseconds."""
    in_parts = one(cpu_ms=whole + tenths / 10, wait_ms=1 - tenths / 10, memory_mb=1769)
    assert in_parts["billed_ms"] == whole + 1


@pytest.mark.parametrize(
    ("duration", "init", "billed"),
    [
        (1655.10, 322.04, 1978),  # the ceilings of both would come to 1,979
        (900_000.00, 544.93, 900_545),
        (600_000.00, 476.75, 600_477),
        (100.5, 0.5, 101),
        (100.5, 0.51, 102),
    ],
)
def test_init_is_billed_in_one_ceiling_with_duration(
    duration: float, init: float, billed: int
) -> None:
    """A cold start bills the ceiling of the sum, as the REPORT lines of AWS do."""
    cold = one(wait_ms=duration, init_ms=init, cold_start_share=1)
    assert cold["billed_ms"] == billed
    gb_seconds = cold["duration_x86_gb_seconds"] + cold["init_x86_gb_seconds"]
    assert gb_seconds == pytest.approx(billed / 1000, rel=1e-12)


def test_only_cold_starts_pay_for_init() -> None:
    """At one cold start in a hundred, INIT of 500 ms adds 5 ms to the mean request."""
    month = usage(
        Workload(
            requests_per_month=100,
            memory_mb=1024,
            wait_ms=1000,
            init_ms=500,
            cold_start_share=0.01,
        )
    )
    assert month["billed_ms"] == pytest.approx(100 * 1000 + 500)
    assert month["init_x86_gb_seconds"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("memory_mb", "milliseconds"),
    [(1769, 10_000), (1770, 10_000), (10_240, 10_000), (884.5, 19_981), (176.9, 99_981)],
)
def test_cpu_work_stretches_below_a_whole_vcpu(memory_mb: float, milliseconds: float) -> None:
    """10 s of CPU: 20 s on half a vCPU and 100 on a tenth, less a period for the last quota.

    It is used up as the burst ends, so that nobody waits for the next: 999 periods of 20 ms on half
    of one, and a millisecond for the CPU since it was last counted.
    """
    used = one(cpu_ms=10_000, memory_mb=memory_mb)
    assert used["billed_ms"] == milliseconds
    assert used["busy_ms"] == pytest.approx(used["billed_ms"], abs=1)


def test_what_took_so_long_takes_so_long() -> None:
    """Timed by the clock in some memory, work takes there what it took; with more, less."""
    half = {"cpu_ms": 100, "measured_at_mb": 884.5}
    assert one(**half, memory_mb=884.5)["billed_ms"] == 100
    assert 45 < one(**half, memory_mb=1769)["billed_ms"] < 60
    assert one(**half, memory_mb=3538) == one(**half, memory_mb=1769) | {
        name: 2 * quantity
        for name, quantity in one(**half, memory_mb=1769).items()
        if name.endswith("gb_seconds") and "storage" not in name
    }


@pytest.mark.parametrize("memory_mb", [128, 1024, 1769, 10_240])
def test_waiting_takes_as_long_at_any_memory(memory_mb: float) -> None:
    """More CPU does not make a model answer sooner, nor an INIT with its CPU boost."""
    used = one(
        wait_ms=2000,
        streaming_ms=3000,
        cpu_ms_per_output_token=0,
        init_ms=400,
        cold_start_share=1,
        memory_mb=memory_mb,
    )
    assert used["billed_ms"] == 5400


@given(workloads(output_tokens=0.0))
def test_the_memory_of_the_measurement_changes_no_length(w: Workload) -> None:
    """At the memory where it was measured a request takes what was measured."""
    same = w.replace(
        requests_per_month=1, cpu_ms=w.cpu_ms, measured_at_mb=w.memory_mb, cold_start_share=0
    )
    length = w.cpu_ms + w.streaming_ms + w.wait_ms
    assert np.ceil(length - 1e-6) <= usage(same)["billed_ms"] <= np.ceil(length)


@pytest.mark.parametrize(
    ("tokens", "each_ms", "streamed_ms", "busy"),
    [(500, 0, 4800, 0), (500, 0.29, 4800, 145), (500, 9.6, 4800, 4800), (500, 10, 5000, 5000)],
)
def test_a_stream_lasts_as_long_as_its_slower_side(
    tokens: int, each_ms: float, streamed_ms: float, busy: float
) -> None:
    """Passing tokens on hides in the wait for them, until it takes longer than the wait."""
    used = one(
        streaming_ms=4800, output_tokens=tokens, cpu_ms_per_output_token=each_ms, memory_mb=1769
    )
    assert used["billed_ms"] == streamed_ms
    assert used["busy_ms"] == pytest.approx(busy)


@pytest.mark.parametrize(("streaming_ms", "busy_ms"), [(4800, 145), (2100, 145)])
def test_tokens_with_time_between_them_run_at_full_speed(
    streaming_ms: float, busy_ms: float
) -> None:
    """Each of 0.29 ms is within the 1.4 that 128 MB have in a period: none is stopped."""
    used = one(
        streaming_ms=streaming_ms, output_tokens=500, cpu_ms_per_output_token=0.29, memory_mb=128
    )
    assert used["busy_ms"] == pytest.approx(busy_ms)
    assert used["billed_ms"] == streaming_ms


def test_tokens_faster_than_the_cpu_are_one_long_burst() -> None:
    """145 ms of them within a second need 2,004 ms of 128 MB's share, less a last remainder."""
    used = one(streaming_ms=1000, output_tokens=500, cpu_ms_per_output_token=0.29, memory_mb=128)
    assert used["busy_ms"] == pytest.approx(used["billed_ms"], abs=1)
    assert used["billed_ms"] == pytest.approx(145 * 1769 / 128, abs=22)


@pytest.mark.parametrize(("storage_mb", "gb_seconds"), [(512, 0), (513, 2 / 1024), (1536, 2.0)])
def test_storage_is_metered_above_512_mb(storage_mb: float, gb_seconds: float) -> None:
    """The first 512 MB are included; the rest is metered for the time billed."""
    used = one(wait_ms=2000, ephemeral_storage_mb=storage_mb)
    assert used["ephemeral_storage_gb_seconds"] == pytest.approx(gb_seconds)


def test_each_architecture_has_its_own_meter() -> None:
    """The same request lands on the x86 or on the Arm lines, never on both."""
    cold = {"wait_ms": 1000, "init_ms": 500, "cold_start_share": 1}
    for architecture, its, other in (("x86_64", "x86", "arm"), ("arm64", "arm", "x86")):
        used = one(**cold, architecture=architecture)
        assert used[f"duration_{its}_gb_seconds"] == pytest.approx(1)
        assert used[f"init_{its}_gb_seconds"] == pytest.approx(0.5)
        assert used[f"duration_{other}_gb_seconds"] == 0
        assert used[f"init_{other}_gb_seconds"] == 0


@given(workloads())
def test_the_cpu_never_works_longer_than_is_billed(w: Workload) -> None:
    """Nothing is negative or not a number, and busy time is part of billed time."""
    used = usage(w)
    assert all(np.isfinite(quantity) and quantity >= 0 for quantity in used.values())
    slack = 1e-6 * w.requests_per_month  # the millionth that rounding takes off
    assert used["busy_ms"] <= used["billed_ms"] * (1 + 1e-12) + slack


@given(lengths_ms(), lengths_ms())
def test_a_longer_wait_never_bills_less(shorter: float, longer: float) -> None:
    """Billed time only grows with the wait."""
    shorter, longer = sorted((shorter, longer))
    assert one(wait_ms=shorter)["billed_ms"] <= one(wait_ms=longer)["billed_ms"]


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [("memory_mb", 128, 10_240), ("ephemeral_storage_mb", 512, 10_240)],
)
def test_what_cannot_be_configured_is_refused(field: str, least: int, most: int) -> None:
    """Both ends are on offer, a megabyte beyond either is not, and the message says so."""
    w = Workload(requests_per_month=1, memory_mb=1024, wait_ms=1)
    offer = platforms()["aws-lambda"]
    for size in (least, most, [least, most]):
        offer.check(w.replace(**{field: size}))
    for size in (least - 1, most + 1, [least, most + 1]):
        with pytest.raises(InvalidQuantity, match=rf"^{field} is .*AWS Lambda offers {least}"):
            bill("aws-lambda", w.replace(**{field: size}))


@pytest.mark.parametrize(
    ("architecture", "usd"), [("x86_64", 0.0000166667), ("arm64", 0.0000133334)]
)
def test_what_is_free_is_taken_off_the_duration_and_then_off_init(
    architecture: str, usd: float
) -> None:
    """399,000 GB-seconds of duration and 2,000 of INIT: 400,000 are free, 1,000 of INIT are not.

    The requests are within their free million. One millisecond on all of them would be 399 more.
    """
    w = Workload(
        requests_per_month=399_000,
        memory_mb=1024,
        wait_ms=1000,
        init_ms=2000,
        cold_start_share=1000 / 399_000,
        architecture=architecture,
    )
    assert bill("aws-lambda", w, on=DAY, free_tier=True).total == pytest.approx(1000 * usd)
    assert bill("aws-lambda", w, on=DAY).total_with_free_tier == pytest.approx(1000 * usd)
