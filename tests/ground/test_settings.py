"""How a workload is delivered and hosted: defaults, bounds, and a say where it is billed."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from workloads import DAY, designs, fitted, random_arrays

from serverless_tax import InvalidQuantity, Workload, bill
from serverless_tax.ground import settings as module
from serverless_tax.ground.settings import OF_THE_MONTH, Settings
from serverless_tax.ground.trace import Program, Scope
from serverless_tax.request.workload import QUANTITIES

NAMES = tuple(field.name for field in fields(Settings))
#: Just inside and just outside each bound that a setting has beside "finite and at least 0".
EDGES = [
    ("tokens_per_message", 0.5, 0, "more than 0"),
    ("peak_to_mean", 1, 0.99, "at least 1"),
    ("busy_hours_a_day", 24, 24.01, "at most 24"),
    ("busy_hours_a_day", 0.01, 0, "more than 0"),
    ("target_utilisation", 1, 1.01, "at most 1"),
    ("target_utilisation", 0.01, 0, "more than 0"),
    ("streams_per_vcpu", 0.5, 0, "more than 0"),
    ("instance_vcpu", 0.25, 0, "more than 0"),
    ("instance_memory_mb", 1, 0.5, "at least 1"),
    ("hours_per_month", 744, 744.01, "from 1 to 744"),
    ("hours_per_month", 1, 0.99, "from 1 to 744"),
    ("provisioned_hours", 744, 744.01, "at most 744"),
    ("instance_hours", 1e12, 1e30, "at most 1e12"),
    ("minimum_instances", 1e9, 1e30, "at most 1e9"),
    ("provisioned_concurrency", 1e9, 1e30, "at most 1e9"),
    ("provisioned_share", 1, 1.01, "from 0 to 1"),
    ("suspended_share", 1, 1.01, "from 0 to 1"),
    ("requests_per_session", 1, 0.5, "at least 1"),
    ("cold_start_share", 1, 1.01, "from 0 to 1"),
]


def workload(**changes: Any) -> Workload:
    """Return a small workload with the values given."""
    return Workload(**({"requests_per_month": 1000, "memory_mb": 1024} | changes))


def test_settings_are_quantities() -> None:
    """They are checked, drawn and read like every other, and come last."""
    assert QUANTITIES[-len(NAMES) :] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_default_within_its_bounds(name: str) -> None:
    """One number, so that a workload without any setting is one month."""
    assert type(getattr(workload(), name)) is float


@pytest.mark.parametrize(("name", "inside", "outside", "expected"), EDGES)
def test_a_setting_keeps_to_its_bounds(
    name: str, inside: float, outside: float, expected: str
) -> None:
    """The edge itself is fine; beyond it one sentence names setting, value and bound."""
    assert getattr(workload(**{name: inside}), name) == inside
    for bad in (outside, [inside, outside]):
        with pytest.raises(InvalidQuantity) as caught:
            workload(**{name: bad})
        message = str(caught.value)
        assert message.startswith(f"{name} is {outside:g}; expected ")
        assert expected in message
        assert message.endswith(".")


def test_every_bound_has_its_edges_tested() -> None:
    """A bound that is added is added above."""
    assert {name for name, *_ in EDGES} == set(module._BOUNDS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("session_idle_ms", "15 min", 900_000),
        ("connection_ms", "2h", 7_200_000),
        ("restore_ms", "0.5s", 500),
        ("instance_memory_mb", "2 GB", 2048),
        ("peak_memory_mb", "512MB", 512),
        ("log_bytes", "1,024", 1024),
        ("provisioned_concurrency", "1e3", 1000),
    ],
)
def test_settings_are_read_in_their_own_unit(name: str, text: str, value: float) -> None:
    """Times as times, sizes as sizes, counts as counts."""
    assert getattr(workload(**{name: text}), name) == value


@pytest.mark.parametrize("name", ["log_bytes", "response_bytes", "peak_to_mean"])
def test_a_setting_that_is_a_count_takes_no_unit(name: str) -> None:
    """A kilobyte is 1,000 or 1,024 bytes depending on whom you ask, so none is guessed."""
    with pytest.raises(InvalidQuantity, match=rf"^{name} is '5kb', which is not a plain number"):
        workload(**{name: "5kb"})


def test_a_workload_shows_only_the_settings_that_were_set() -> None:
    """Thirty defaults would hide the five figures that matter."""
    shown = repr(workload(peak_to_mean=5))
    assert "peak_to_mean=5.0" in shown
    assert "log_bytes" not in shown
    again = eval(shown, {"Workload": Workload})  # noqa: S307 - our own text, just written
    assert again == workload(peak_to_mean=5)


def test_settings_are_part_of_a_workload_s_value() -> None:
    """Two months that are hosted differently are not the same month."""
    assert workload(minimum_instances=3) != workload()
    assert workload(peak_to_mean=3) == workload()
    assert len({workload(minimum_instances=3), workload(), workload(peak_to_mean=3)}) == 2


def test_a_setting_may_differ_from_request_to_request() -> None:
    """What a request sends is its own."""
    assert workload(response_bytes=[10, 20, 30]).sample_size == 3
    with pytest.raises(InvalidQuantity, match=r"have 2, 3 elements"):
        workload(response_bytes=[1, 2, 3], wait_ms=[1, 2])


@pytest.mark.parametrize("name", OF_THE_MONTH)
def test_a_month_is_hosted_in_one_way(name: str) -> None:
    """Two numbers of it are no sample; an array of one is the number."""
    value = getattr(workload(), name)
    with pytest.raises(InvalidQuantity, match=rf"^{name} is an array; give the month's number"):
        bill("aws-ec2", workload(**{name: [value, value]}), on=DAY)
    one = bill("aws-ec2", workload(**{name: [value]}), on=DAY)
    assert one == bill("aws-ec2", workload(), on=DAY)


@pytest.mark.parametrize("name", designs())
def test_a_sample_is_priced_or_refused(name: str) -> None:
    """Whatever differs from request to request, there is a bill or a sentence that says why not."""
    w = fitted(workload(wait_ms=1000), designs()[name])
    expected = pytest.approx(bill(name, w, on=DAY).total)
    for field in QUANTITIES:
        sample = w.replace(**{field: [getattr(w, field)] * 2})
        try:
            assert bill(name, sample, on=DAY).total == expected, field
        except InvalidQuantity as refused:
            assert str(refused).startswith(f"{field} is an array; give the month's")  # noqa: PT017


def test_every_setting_is_explained() -> None:
    """A comment with its meaning stands above it, or above the group it is in."""
    lines = Path(module.__file__).read_text("utf-8").splitlines()
    [cls] = [n for n in ast.parse("\n".join(lines)).body if isinstance(n, ast.ClassDef)]
    for node in cls.body:
        if isinstance(node, ast.AnnAssign):
            above = lines[node.lineno - 2].strip()
            assert above.startswith("#:") or ": Quantity" in above, above


def test_every_setting_is_read_by_some_platform() -> None:
    """One that changes no bill has no business here."""
    read: set[str] = set()

    class Noting(Scope):
        def __getattr__(self, name: str) -> Any:
            read.add(name)
            return super().__getattr__(name)

    for target in designs().values():
        w = Noting("w")
        Program().add("f", lambda _, w=w, target=target: target.month(target.usage(w), w), "w")
        for part in (target.platform, *target.parts):
            read |= part.offers.keys()
    assert set(NAMES) <= read, set(NAMES) - read


def test_no_default_gives_an_obstacle_or_a_surprise() -> None:
    """The article's month is priced everywhere with every default, in finite dollars."""
    for name, target in designs().items():
        used = target.month(target.usage(workload(wait_ms=4850)), workload(wait_ms=4850))
        assert all(np.isfinite(float(v)) for v in used.values()), name
        assert target.prices(used, DAY, "us-east-1") is not None


def test_random_months_cover_every_setting() -> None:
    """The tests of all rules draw each of them."""
    assert {*NAMES} <= random_arrays(1).keys()
