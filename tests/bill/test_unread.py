"""Every setting means something on every platform: a bill moves, or a sentence says why not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY, designs, fewer, fitted, of_delivery, of_hosting

from serverless_tax import InvalidQuantity, Workload, bill
from serverless_tax.bill.unread import WHY_NOT, reads
from serverless_tax.platforms import platforms

#: Months on which one setting or another decides: many that only wait, some that work, and few.
MONTHS = (
    Workload(requests_per_month=30e6, memory_mb=1024, wait_ms=5000, output_tokens=500),
    Workload(requests_per_month=30e6, memory_mb=1024, cpu_ms=2000, wait_ms=1000, init_ms=900),
    Workload(requests_per_month=100, memory_mb=1024, wait_ms=60_000, cold_start_share=1),
    Workload(
        requests_per_month=30e6,
        memory_mb=1024,
        wait_ms=5000,
        init_ms=900,
        cold_start_share=0.1,
        provisioned_share=0.5,
        requests_per_instance=300_000,
    ),
)
#: Far from each default, so that what reads it has to move.
FAR: dict[str, Any] = {
    "init_ms": 8000.0,
    "cold_start_share": 0.5,
    "ephemeral_storage_mb": 10_240.0,
    "metered_cpu_ms_per_token": 9.0,
    "request_bytes": 5e6,
    "response_bytes": 2e7,
    "bytes_per_output_token": 1e5,
    "log_bytes": 1e6,
    "tokens_per_message": 50.0,
    "messages_in": 4000.0,
    "connection_ms": 3.6e6,
    "peak_to_mean": 60.0,
    "busy_hours_a_day": 2.0,
    "hours_per_month": 100.0,
    "minimum_instances": 500.0,
    "target_utilisation": 0.1,
    "streams_per_vcpu": 1.0,
    "instance_vcpu": 2.0,
    "instance_memory_mb": 4096.0,
    "requests_per_instance": 3.0,
    "keep_alive_ms": 3.6e6,
    "instance_hours": 5000.0,
    "peak_memory_mb": 500.0,
    "provisioned_concurrency": 3.0,
    "provisioned_hours": 100.0,
    "provisioned_share": 0.2,
    "snapstart_versions": 9.0,
    "restore_ms": 9000.0,
    "suspended_share": 0.1,
    "durable_steps": 40.0,
    "durable_waits": 40.0,
    "retention_days": 90.0,
    "requests_per_session": 9.0,
    "session_idle_ms": 1e6,
}


def moves(name: str, w: Workload, changes: dict[str, Any]) -> bool:
    """Whether a bill differs, or refuses the change in a sentence, or says that nothing does."""
    target = designs()[name]
    before = bill(name, fitted(w, target), on=DAY)
    try:
        after = bill(name, fitted(w.replace(**changes), target), on=DAY)
    except InvalidQuantity:
        return True
    told = [n for n in after.notes if any(n.startswith(f"{key} changes") for key in changes)]
    return after.items != before.items or bool(told) or bool(after.obstacles)


@pytest.mark.parametrize("name", [p.id for p in platforms().values() if p.serves])
def test_a_setting_moves_a_bill_or_a_sentence_says_why_not(name: str) -> None:
    """Each of them, on the month that it matters for, of four."""
    size = {key: FAR[key] for key in ("instance_vcpu", "instance_memory_mb")}
    for quantity, far in FAR.items():
        changes = size if quantity in size else {quantity: far}
        assert any(moves(name, w, changes) for w in MONTHS), quantity


@pytest.mark.parametrize("name", designs())
def test_nothing_is_said_of_what_nobody_set(name: str) -> None:
    """A plain month leaves every setting at its default."""
    w = fitted(Workload(requests_per_month=1000, memory_mb=1024, wait_ms=10), designs()[name])
    said = bill(name, w, on=DAY).notes
    settings = WHY_NOT.keys() - {"memory_mb", "instance_vcpu", "instance_memory_mb"}
    assert not [note for note in said if note.split(" ", 1)[0] in settings], said


def test_cold_starts_of_no_length_are_asked_about_in_a_sample_too() -> None:
    """Half of the requests never start cold, and the others do half of the time."""
    w = Workload(requests_per_month=1000, memory_mb=1024, wait_ms=10, cold_start_share=[0, 0.5])
    [said] = bill("aws-lambda", w, on=DAY).notes
    assert said.startswith("cold_start_share is 0.5 and init_ms 0, so a cold start costs nothing")


def test_every_quantity_that_a_platform_may_leave_unread_has_its_reason() -> None:
    """And nothing has one that every platform reads."""
    assert {*FAR} | {"memory_mb"} == {*WHY_NOT}
    for name in WHY_NOT:
        assert any(name not in reads(target) for target in designs().values()), name


@fewer(4)
@given(st.fixed_dictionaries({}, optional={**of_delivery(), **of_hosting()}))
def test_nothing_is_said_of_what_is_read(drawn: dict[str, Any]) -> None:
    """A sentence names what the design does not bill by, and only that."""
    w = MONTHS[0].replace(**drawn)
    for name, target in designs().items():
        notes = bill(name, fitted(w, target), on=DAY).notes
        for key in drawn:
            said = any(note.startswith(f"{key} changes nothing") for note in notes)
            assert not (said and key in reads(target)), (name, key)
