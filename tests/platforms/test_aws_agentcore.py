"""The rules of both agent runtimes: memory for a session, CPU while it works."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY

from serverless_tax import Bill, InvalidQuantity, Workload, bill, tax_multiple

V1, V2 = "aws-agentcore-v1", "aws-agentcore"
GB_HOUR = {V1: 0.00945, V2: 0.0169}
VCPU_HOUR = {V1: 0.0895, V2: 0.1276}
BOTH = pytest.mark.parametrize("version", [V1, V2])


def month(version: str, **quantities: Any) -> Bill:
    """Return the bill of 3,600 sessions at 1 GB, measured on a whole vCPU and stopped at once."""
    plain = {
        "requests_per_month": 3600,
        "memory_mb": 1024,
        "measured_at_mb": 1769,
        "session_idle_ms": 0,
    }
    return bill(version, Workload(**(plain | quantities)), on=DAY)


def memory(version: str, **quantities: Any) -> float:
    """Return the GB-seconds that a session bills."""
    priced = month(version, **quantities)
    return sum(item.quantity for item in priced.items if item.unit == "GB-hour")


@BOTH
def test_a_wait_bills_memory_and_no_cpu(version: str) -> None:
    """10 s of waiting at 1 GB, 3,600 times: 10 GB-hours and nothing else, all of it waiting."""
    waiting = month(version, wait_ms="10s")
    assert [item.unit for item in waiting.items] == ["GB-hour"]
    assert waiting.total == waiting.waiting == pytest.approx(10 * GB_HOUR[version])


@BOTH
def test_work_bills_both(version: str) -> None:
    """10 s of CPU are 10 vCPU-hours and 10 GB-hours, all of it work."""
    working = month(version, cpu_ms="10s")
    assert working.total == working.work
    assert working.total == pytest.approx(10 * (VCPU_HOUR[version] + GB_HOUR[version]))


@BOTH
def test_the_cpu_of_a_token_is_billed(version: str) -> None:
    """500 tokens of 0.1907 ms, 3,600 times, are 0.09535 vCPU-hours: the lab's, if left out."""
    streams = {"streaming_ms": 5000, "output_tokens": 500, "cpu_ms_per_output_token": 0.1907}
    none = month(version, **streams | {"cpu_ms_per_output_token": 0})
    assert [item.unit for item in none.items] == ["GB-hour"]
    passed_on = month(version, **streams)
    [cpu] = [item for item in passed_on.items if item.unit == "vCPU-hour"]
    assert cpu.quantity == pytest.approx(0.1907 * 500 / 1000)
    article = Workload.preset("article", session_idle_ms=0)
    left_out, said = (
        bill(version, w, on=DAY).total
        for w in (article, article.replace(cpu_ms_per_output_token=0))
    )
    assert left_out - said == pytest.approx(1e7 * 0.09535 / 3600 * VCPU_HOUR[version])


@BOTH
def test_starting_is_work_and_time_that_is_billed(version: str) -> None:
    """3 s of waiting, 1 s of CPU and 2 s of INIT: 6 s are billed, and 3 of them are busy."""
    w = Workload(
        requests_per_month=3600,
        memory_mb=1024,
        measured_at_mb=1769,
        wait_ms="3s",
        cpu_ms="1s",
        init_ms="2s",
    )
    assert tax_multiple(w, version) == pytest.approx(6 / 3)


@BOTH
@pytest.mark.parametrize(
    ("wait_ms", "seconds"), [(1, 1), (999, 1), (1000, 1), (1001, 2), (2000, 2), (0.1 * 3 * 1e4, 3)]
)
def test_a_session_is_whole_seconds(version: str, wait_ms: float, seconds: int) -> None:
    """At least one, and not one more for a stray bit."""
    assert memory(version, wait_ms=wait_ms) == pytest.approx(seconds)


@BOTH
@pytest.mark.parametrize(
    ("configured", "seen", "billed"),
    [(1024, 0, 1024), (1024, 512, 512), (1024, 64, 128), (128, 0, 128), (1024, 2048, 2048)],
)
def test_the_memory_in_use_is_billed(
    version: str, configured: float, seen: float, billed: float
) -> None:
    """The peak where it is known, else all that is configured, and at least 128 MB."""
    used = memory(version, wait_ms="8s", memory_mb=configured, peak_memory_mb=seen)
    assert used == pytest.approx(8 * billed / 1024)


@pytest.mark.parametrize(
    ("version", "idle_s", "gb_s"),
    [
        (V1, 120, 130),
        (V1, 900, 910),
        (V2, 120, 130),
        (V2, 121, 130.125),
        (V2, 900, 130 + 780 / 8),
    ],
)
def test_the_idle_tail(version: str, idle_s: float, gb_s: float) -> None:
    """The first version keeps the memory to the end, the second for 120 s and then 128 MB."""
    tail = {"wait_ms": "10s", "session_idle_ms": idle_s * 1000}
    assert memory(version, **tail) == pytest.approx(gb_s)
    priced = month(version, **tail)
    assert priced.idle == pytest.approx((gb_s - 10) * GB_HOUR[version])
    assert priced.waiting == pytest.approx(10 * GB_HOUR[version])


@BOTH
def test_requests_share_a_session(version: str) -> None:
    """Ten requests of 2 s in a session have one tail of a minute between them: 80 s, not 620."""
    shared = {"wait_ms": "2s", "session_idle_ms": 60_000}
    assert memory(version, **shared, requests_per_session=10) == pytest.approx(8)
    assert memory(version, **shared) == pytest.approx(62)


@BOTH
def test_the_start_of_a_session_is_billed(version: str) -> None:
    """2 s to start and 8 s of waiting: 10 GB-hours and 2 vCPU-hours, shared by its requests."""
    started = month(version, init_ms=2000, wait_ms="8s")
    assert started.total == pytest.approx(2 * VCPU_HOUR[version] + 10 * GB_HOUR[version])
    halved = month(version, init_ms=2000, wait_ms="8s", requests_per_session=2)
    assert halved.total == pytest.approx(1 * VCPU_HOUR[version] + 9 * GB_HOUR[version])


@BOTH
def test_cpu_takes_as_long_as_on_a_whole_vcpu(version: str) -> None:
    """A session has two, whatever its memory: 1.28 s of CPU are 1.28 vCPU-seconds."""
    small = month(version, cpu_ms=1280, memory_mb=128)
    assert small.items[0].quantity == pytest.approx(1.28)


@BOTH
@pytest.mark.parametrize("memory_mb", [127, 8193])
def test_a_session_has_8_gb_at_most(version: str, memory_mb: float) -> None:
    """And 128 MB at least."""
    with pytest.raises(InvalidQuantity, match=r"memory_mb is .*offers 128 to 8,192 MB"):
        month(version, memory_mb=memory_mb)


@BOTH
def test_an_answer_streams_for_an_hour_at_most(version: str) -> None:
    """Of 3,600 s it says nothing, of a second more that it cannot be served."""
    assert month(version, wait_ms="3600s").obstacles == ()
    (obstacle,) = month(version, wait_ms="3601s").obstacles
    assert "ends a streamed answer after 3,600 s" in obstacle


@given(
    wait_ms=st.floats(0, 600_000, allow_subnormal=False),
    idle_ms=st.floats(0, 900_000, allow_subnormal=False),
    peak_mb=st.integers(1, 8192),
)
def test_the_second_version_never_bills_more_memory(
    wait_ms: float, idle_ms: float, peak_mb: int
) -> None:
    """What it gives back it does not bill, and never less than the least for the whole session."""
    given_ms = {"wait_ms": wait_ms, "session_idle_ms": idle_ms, "peak_memory_mb": peak_mb}
    first, second = memory(V1, **given_ms), memory(V2, **given_ms)
    seconds = max(1, np.ceil((wait_ms + idle_ms) / 1000 - 1e-6))
    assert seconds / 8 - 1e-6 <= second <= first + 1e-9


@BOTH
def test_starting_a_session_is_work(version: str) -> None:
    """A second of start and one of waiting: half of the memory's price is work, none is idle."""
    kept = next(i for i in month(version, init_ms=1000, wait_ms=1000).items if "GB" in i.unit)
    assert kept.work == pytest.approx(kept.cost / 2)
    assert kept.waiting == pytest.approx(kept.cost / 2)
