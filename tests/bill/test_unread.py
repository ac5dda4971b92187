"""Every setting means something on every platform: a bill moves, or a sentence says why not."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import fewer
from workloads import DAY, designs, fitted, of_delivery, of_hosting

from serverless_tax import InvalidQuantity, Workload, bill
from serverless_tax.bill.month import BLOCK
from serverless_tax.bill.unread import WHY_NOT, reads
from serverless_tax.ground.settings import Settings
from serverless_tax.platforms import platforms

#: Many requests that only wait, and few that work, some of them after a cold start.
MONTHS = (
    Workload(requests_per_month=30e6, memory_mb=1024, wait_ms=5000, output_tokens=500),
    Workload(
        requests_per_month=1000,
        memory_mb=1024,
        cpu_ms=2000,
        wait_ms=60_000,
        cold_start_share=0.1,
        init_ms=900,
        provisioned_share=0.5,
        requests_per_instance=300,
    ),
)
#: Far from each default, so that what reads it has to move.
FAR: dict[str, Any] = {
    "init_ms": 8000.0,
    "cold_start_share": 0.5,
    "ephemeral_storage_mb": 10_240.0,
    "metered_cpu_ms_per_token": 9.0,
    "architecture": "arm64",
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
    "suspensions": 7.0,
    "suspended_ms": 1e7,
}


#: What stands in place of each.
DEFAULTS = {f.name: f.default for f in fields(Settings)} | {
    "architecture": "x86_64",
    "ephemeral_storage_mb": 512.0,
    "init_ms": 0.0,
    "cold_start_share": 0.0,
}
DRAWN = {**of_delivery(), **of_hosting()}
NAMES = [p.id for p in platforms().values() if p.serves]


def in_silence(name: str, w: Workload, setting: str) -> bool:
    """Whether a bill is the same without a setting and does not say so, or says so and is not."""
    if getattr(w, setting) == DEFAULTS.get(setting):
        return False
    with_it = bill(name, w, on=DAY)
    without = bill(name, w.replace(**{setting: DEFAULTS.get(setting)}), on=DAY)
    amounts = [[(i.cost, i.work, i.waiting) for i in one.items] for one in (with_it, without)]
    moved = amounts[0] != amounts[1] or without.obstacles != with_it.obstacles
    about = [
        note
        for note in with_it.notes
        if note.startswith((f"{setting} changes nothing", f"{setting} is "))
    ]
    wrong = moved and any("changes nothing" in note for note in about)
    return wrong or not (moved or about)


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_moves_a_bill_or_a_sentence_says_why_not(name: str) -> None:
    """Each of them alone: refused in a sentence, or not in silence."""
    for setting, far in FAR.items():
        try:
            w = fitted(MONTHS[1].replace(**{setting: far}), designs()[name])
            silent = in_silence(name, w, setting)
        except InvalidQuantity:
            continue
        assert not silent, setting


@fewer(4)
@given(
    st.sampled_from(MONTHS),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(sorted({*DRAWN} & {*DEFAULTS})), max_size=3, unique=True),
    st.data(),
)
def test_settings_drawn_together_move_a_bill_or_a_sentence_says_why_not(
    month: Workload, name: str, settings: list[str], data: st.DataObject
) -> None:
    """Left at its default, each gives another bill; or the bill said that it moves nothing."""
    drawn = {setting: data.draw(DRAWN[setting]) for setting in settings}
    w = fitted(month.replace(**drawn), designs()[name])
    for setting in settings:
        assert not in_silence(name, w, setting), setting


def test_a_large_sample_is_judged_by_some_of_its_requests() -> None:
    """With as many as are priced at a time: what moves those moves all."""
    w = MONTHS[0].replace(wait_ms=np.full(BLOCK + 1, 900.0), peak_to_mean=9, response_bytes=9e5)
    notes = bill("google-cloud-run", w, on=DAY).notes
    assert any(note.startswith("response_bytes changes nothing") for note in notes)


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
    notes = bill("aws-lambda", w, on=DAY).notes
    [said] = [one for one in notes if one.startswith("cold_start_share")]
    assert said.startswith("cold_start_share is 0.5 and init_ms 0, so a cold start costs nothing")


def test_what_is_kept_ready_is_not_denied() -> None:
    """Provisioned environments are idle on the bill, and have a setting of their own."""
    month = bill("aws-lambda-provisioned", MONTHS[0].replace(minimum_instances=2), on=DAY)
    assert month.idle > 0
    [note] = [one for one in month.notes if one.startswith("minimum_instances changes nothing")]
    assert note.endswith("it has no such minimum; Lambda's is provisioned_concurrency.")


def test_every_quantity_that_a_platform_may_leave_unread_has_its_reason() -> None:
    """And nothing has one that every platform reads."""
    assert {*FAR} | {"memory_mb"} == {*WHY_NOT}
    for name in WHY_NOT:
        assert any(name not in reads(target) for target in designs().values()), name
