"""Workloads drawn at random, and everything they can be priced on, for the tests of all rules."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from serverless_tax import Workload, platforms
from serverless_tax.bill.design import Design, design
from serverless_tax.ground.settings import OF_THE_MONTH, UNSET
from serverless_tax.platforms import Platform
from serverless_tax.request.workload import QUANTITIES

#: Two days on which the prices of every dimension are known, one with INIT free and one without.
INIT_FREE, INIT_BILLED = date(2025, 7, 31), date(2025, 8, 1)
DAY = date(2026, 11, 1)

#: Quantities that may differ from request to request in a sample, on every platform. Where
#: capacity is kept by its memory, memory is the month's too.
_MEMORY = ("memory_mb", "peak_memory_mb")
_MONTHLY = {"requests_per_month", *_MEMORY, *OF_THE_MONTH}
OF_A_REQUEST = tuple(name for name in QUANTITIES if name not in _MONTHLY)


@cache
def designs() -> dict[str, Design]:
    """Return every platform and part alone, and every platform with the whole path, by id."""
    alone = [design(name) for name in platforms()]
    whole = [design(p.id, "whole") for p in platforms().values() if p.serves]
    return {target.id: target for target in (*alone, *whole)}


def fitted(w: Workload, target: Design) -> Workload:
    """Return the workload at the sizes nearest to its own that every part of a design offers."""
    sizes: dict[str, Any] = {}
    for part in (target.platform, *target.parts):
        for name, (least, most) in part.offers.items():
            sizes[name] = np.clip(sizes.get(name, getattr(w, name)), least, most)
        if part.pairs:
            sizes |= _pair(part, w)
    return w.replace(**sizes)


def _pair(part: Platform, w: Workload) -> dict[str, Any]:
    """Return the sizes of an instance nearest to those asked for that go together on a platform."""
    least, most = part.offers.get("instance_vcpu", (0, np.inf))
    offered = [s for s in SIZES if least <= s[0] <= most and not part.pairs(*s)]
    if np.any(np.asarray(w.requests_per_instance) > 1) and part.id.startswith("google-cloud-run"):
        offered = [s for s in offered if s[0] >= 1]  # less than a whole vCPU is for one request
    asked = np.broadcast_arrays(w.instance_vcpu, w.instance_memory_mb)
    pairs = np.array([_nearest(offered, pair) for pair in zip(*map(np.ravel, asked), strict=True)])
    shape = asked[0].shape
    vcpu, memory_mb = (column.reshape(shape) if shape else column[0] for column in pairs.T)
    return {"instance_vcpu": vcpu, "instance_memory_mb": memory_mb}


def _nearest(offered: list[tuple[float, float]], pair: tuple[float, float]) -> tuple[float, float]:
    return min(offered, key=lambda s: float(np.sum(np.abs(np.log(np.array(s) / np.array(pair))))))


def lengths_ms(most: float = 60_000) -> st.SearchStrategy[float]:
    """Draw lengths: whole milliseconds, tenths as a clock prints them, and any float."""
    return st.one_of(
        st.integers(0, int(most)).map(float),
        st.integers(0, int(most) * 10).map(lambda tenths: tenths / 10),
        st.floats(0, most, allow_subnormal=False),
    )


def whole_numbers(least: int, most: int) -> st.SearchStrategy[float]:
    """Draw whole numbers as floats."""
    return st.integers(least, most).map(float)


def shares(least: float = 0.0) -> st.SearchStrategy[float]:
    """Draw shares up to 1."""
    return st.floats(least, 1, allow_subnormal=False)


def quantities() -> dict[str, st.SearchStrategy[Any]]:
    """Return what each numeric field of a workload may be that says what a request does."""
    memory = whole_numbers(128, 10_240)
    return {
        "requests_per_month": whole_numbers(0, 10**10),
        "memory_mb": memory,
        "cpu_ms": lengths_ms(),
        "wait_ms": lengths_ms(),
        "streaming_ms": lengths_ms(),
        "output_tokens": whole_numbers(0, 5000),
        "cpu_ms_per_output_token": st.floats(0, 5, allow_subnormal=False),
        "metered_cpu_ms_per_token": st.floats(0, 5, allow_subnormal=False),
        "init_ms": lengths_ms(10_000),
        "cold_start_share": shares(),
        "ephemeral_storage_mb": whole_numbers(512, 10_240),
    }


def of_delivery() -> dict[str, st.SearchStrategy[Any]]:
    """Return what the settings may be that say how requests and answers travel."""
    return {
        "input_tokens": whole_numbers(0, 10_000),
        "request_bytes": whole_numbers(0, 6_000_000),
        "response_bytes": whole_numbers(0, 20_000_000),
        "bytes_per_output_token": st.floats(0, 1000, allow_subnormal=False),
        "log_bytes": whole_numbers(0, 100_000),
        "tokens_per_message": whole_numbers(1, 100),
        "messages_in": whole_numbers(0, 10),
        "connection_ms": lengths_ms(7_200_000),
    }


def of_hosting() -> dict[str, st.SearchStrategy[Any]]:
    """Return what the settings may be that say how requests are hosted."""
    return {
        "peak_to_mean": st.floats(1, 20),
        "busy_hours_a_day": st.floats(1, 24),
        "hours_per_month": whole_numbers(672, 744),
        "minimum_instances": st.just(UNSET) | whole_numbers(0, 10),
        "target_utilisation": shares(0.05),
        "streams_per_vcpu": whole_numbers(1, 1000),
        "requests_per_instance": whole_numbers(0, 1000),
        "keep_alive_ms": st.just(UNSET) | lengths_ms(900_000),
        "instance_hours": st.just(UNSET),
        "peak_memory_mb": whole_numbers(0, 10_240),
        "provisioned_concurrency": whole_numbers(0, 1000),
        "provisioned_hours": st.just(UNSET) | st.floats(0, 730, allow_subnormal=False),
        "provisioned_share": shares(),
        "snapstart_versions": whole_numbers(0, 5),
        "restore_ms": lengths_ms(5000),
        "suspended_share": shares(),
        "durable_steps": whole_numbers(0, 20),
        "durable_waits": whole_numbers(0, 20),
        "retention_days": whole_numbers(0, 90),
        "requests_per_session": whole_numbers(1, 100),
        "session_idle_ms": lengths_ms(900_000),
        "suspensions": whole_numbers(0, 5),
        "suspended_ms": lengths_ms(900_000),
    }


#: Sizes of a shared instance that go together, in vCPUs and MB.
SIZES = tuple((vcpu, vcpu * 1024 * gb) for vcpu in (0.25, 0.5, 1.0, 2.0, 4.0) for gb in (2, 4))
_ARCHITECTURES = st.sampled_from(["x86_64", "arm64"])


def workloads(**fixed: Any) -> st.SearchStrategy[Workload]:
    """Draw workloads of either architecture with settings left alone, and the values given."""
    drawn = quantities() | {"architecture": _ARCHITECTURES}
    return st.builds(Workload, **(drawn | {name: st.just(value) for name, value in fixed.items()}))


def hosted_workloads(**fixed: Any) -> st.SearchStrategy[Workload]:
    """Draw workloads with every setting drawn too, except for the values given."""
    drawn = quantities() | of_delivery() | of_hosting() | {"architecture": _ARCHITECTURES}
    drawn |= {name: st.just(value) for name, value in fixed.items()}
    return st.builds(_sized, st.sampled_from(SIZES), **drawn)


def _sized(size: tuple[float, float], **values: Any) -> Workload:
    return Workload(**({"instance_vcpu": size[0], "instance_memory_mb": size[1]} | values))


def random_arrays(n: int, seed: int = 20261101) -> dict[str, Any]:
    """Return ``n`` values of every quantity that a rule reads, and of ``arm``."""
    rng = np.random.default_rng(seed)
    vcpu, memory_mb = np.array(SIZES)[rng.integers(0, len(SIZES), n)].T

    def whole(least: int, most: int) -> Any:
        return rng.integers(least, most + 1, n).astype(float)

    arrays = {
        "requests_per_month": np.floor(10 ** rng.uniform(0, 10, n)),
        "memory_mb": whole(128, 10_240),
        "cpu_ms": rng.uniform(0, 1000, n).round(2),
        "wait_ms": rng.uniform(0, 60_000, n).round(1),
        "streaming_ms": rng.uniform(0, 60_000, n),
        "output_tokens": whole(0, 5000),
        "input_tokens": whole(0, 5000),
        "cpu_ms_per_output_token": rng.uniform(0, 5, n),
        "metered_cpu_ms_per_token": rng.uniform(0, 5, n),
        "init_ms": rng.uniform(0, 5000, n).round(2),
        "cold_start_share": rng.uniform(0, 1, n),
        "ephemeral_storage_mb": whole(512, 10_240),
        "request_bytes": whole(0, 3_000_000),
        "response_bytes": np.floor(10 ** rng.uniform(0, 8, n)),
        "bytes_per_output_token": rng.uniform(0, 300, n).round(1),
        "log_bytes": whole(0, 5000),
        "tokens_per_message": whole(1, 100),
        "messages_in": whole(0, 10),
        "connection_ms": rng.uniform(0, 7_200_000, n),
        "peak_to_mean": rng.uniform(1, 20, n),
        "busy_hours_a_day": rng.uniform(1, 24, n),
        "hours_per_month": whole(672, 744),
        "minimum_instances": np.where(rng.integers(0, 2, n), whole(0, 10), UNSET),
        "target_utilisation": rng.uniform(0.05, 1, n),
        "streams_per_vcpu": whole(1, 1000),
        "instance_vcpu": vcpu,
        "instance_memory_mb": memory_mb,
        "requests_per_instance": whole(0, 100) * rng.integers(0, 2, n),
        "keep_alive_ms": np.where(rng.integers(0, 2, n), rng.uniform(0, 900_000, n), UNSET),
        "instance_hours": np.where(rng.integers(0, 9, n), UNSET, rng.uniform(0, 10_000, n)),
        "peak_memory_mb": whole(0, 10_240),
        "provisioned_concurrency": whole(0, 100) * rng.integers(0, 2, n),
        "provisioned_hours": rng.uniform(0, 730, n),
        "provisioned_share": rng.uniform(0, 1, n),
        "snapstart_versions": whole(0, 5),
        "restore_ms": rng.uniform(0, 5000, n).round(2),
        "suspended_share": rng.uniform(0, 1, n),
        "durable_steps": whole(0, 20),
        "durable_waits": whole(0, 20),
        "retention_days": whole(0, 90),
        "requests_per_session": whole(1, 100),
        "session_idle_ms": rng.uniform(0, 900_000, n),
        "suspensions": whole(0, 5),
        "suspended_ms": rng.uniform(0, 900_000, n),
        "arm": rng.integers(0, 2, n).astype(float),
    }
    assert arrays.keys() == {*QUANTITIES, "arm"}, "draw the new quantity here, and as a strategy"
    return arrays
