"""How many instances are busy and up as the router packs or takes turns: held to simulations."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.platforms.meters.packing import busy_instances, in_turn, up_instances

#: Rooms that the load would fill, and the instances busy in a simulation: alike, and exponential.
SIMULATED = {
    1: [(0.1, 0.1, 0.1), (1, 1, 1), (10, 10, 10)],
    2: [
        (0.1, 0.1834, 0.1834),
        (0.316, 0.5128, 0.5129),
        (0.631, 0.9267, 0.9301),
        (1, 1.374, 1.385),
        (1.58, 2.041, 2.071),
        (2, 2.51, 2.555),
        (2.51, 3.07, 3.126),
        (5, 5.731, 5.87),
        (6.6, 7.41, 7.611),
        (10, 10.94, 11.23),
    ],
    3: [
        (0.1, 0.2599, 0.2601),
        (0.316, 0.6488, 0.6504),
        (0.631, 1.076, 1.087),
        (1, 1.528, 1.558),
        (1.58, 2.201, 2.268),
        (2, 2.673, 2.765),
        (2.51, 3.235, 3.367),
        (5, 5.904, 6.183),
        (6.6, 7.587, 7.946),
        (10, 11.12, 11.65),
    ],
    4: [
        (0.1, 0.3298, 0.3297),
        (0.316, 0.7447, 0.7454),
        (0.631, 1.149, 1.164),
        (1, 1.595, 1.641),
        (1.58, 2.263, 2.354),
        (2, 2.733, 2.855),
        (2.51, 3.294, 3.456),
        (5, 5.958, 6.276),
        (6.6, 7.637, 8.047),
        (10, 11.17, 11.75),
    ],
    7: [
        (0.1, 0.5035, 0.5038),
        (0.316, 0.8999, 0.9003),
        (0.631, 1.194, 1.226),
        (1, 1.653, 1.728),
        (1.58, 2.305, 2.414),
        (2, 2.771, 2.916),
        (2.51, 3.327, 3.505),
        (5, 5.972, 6.303),
        (6.6, 7.646, 8.068),
        (10, 11.16, 11.75),
    ],
    10: [
        (0.1, 0.632, 0.6322),
        (0.464, 1.027, 1.033),
        (0.8, 1.398, 1.471),
        (0.9, 1.541, 1.627),
        (1, 1.671, 1.76),
        (1.2, 1.892, 1.972),
        (2, 2.766, 2.905),
        (3.5, 4.369, 4.598),
        (5, 5.945, 6.265),
        (10, 11.12, 11.67),
    ],
    16: [
        (0.1, 0.7978, 0.7977),
        (0.464, 1.01, 1.013),
        (0.8, 1.369, 1.456),
        (0.9, 1.544, 1.648),
        (1, 1.697, 1.8),
        (1.2, 1.908, 1.973),
        (2, 2.753, 2.888),
        (3.5, 4.325, 4.515),
        (5, 5.896, 6.15),
        (10, 11.05, 11.48),
    ],
    80: [
        (0.1, 0.9997, 0.9997),
        (0.464, 1, 1),
        (0.8, 1.114, 1.179),
        (0.9, 1.427, 1.598),
        (1, 1.768, 1.913),
        (1.2, 1.99, 1.999),
        (2, 2.783, 2.939),
        (3.5, 4.058, 4.118),
        (5, 5.8, 5.964),
        (10, 10.83, 11.04),
    ],
    100: [
        (0.1, 1, 1),
        (0.464, 1, 1),
        (0.8, 1.075, 1.122),
        (0.9, 1.393, 1.559),
        (1, 1.769, 1.917),
        (1.2, 1.994, 2),
        (2, 2.786, 2.944),
        (3.5, 4.033, 4.063),
        (5, 5.805, 5.964),
        (10, 10.81, 10.98),
    ],
    1000: [
        (0.1, 1, 1),
        (0.8, 1, 1),
        (0.9, 1.008, 1.007),
        (0.95, 1.232, 1.42),
        (1, 1.803, 1.98),
        (1.2, 2, 2),
        (2, 2.812, 2.977),
        (3.5, 4, 4),
        (5, 5.808, 5.991),
        (10, 10.8, 10.97),
    ],
}


@pytest.mark.parametrize("each", SIMULATED)
@pytest.mark.parametrize("alike", [True, False])
def test_a_router_that_packs_keeps_as_many_busy_as_it_does_in_a_simulation(
    each: int, *, alike: bool
) -> None:
    """Within 3 %, from a tenth to ten times the room, for lengths alike and for exponential ones.

    The figures are of the router of ``traffic.simulate``, two million requests and more each: of
    the instances with room that are up the first, and only then a new one.
    """
    for rooms, of_alike, of_mixed in SIMULATED[each]:
        expected = of_alike if alike else of_mixed
        found = busy_instances(rooms * each, each, 0.0 if alike else 1.0)
        assert found == pytest.approx(expected, rel=0.03), rooms


def test_lengths_half_as_mixed_keep_as_many_busy_as_in_a_simulation() -> None:
    """Within 3 % at room for two, of lengths whose deviation is half of their mean."""
    for rooms, expected in ((0.3, 0.4899), (1, 1.3806), (5, 5.816), (10, 11.188)):
        assert busy_instances(rooms * 2, 2, 0.5) == pytest.approx(expected, rel=0.03), rooms


#: Room, rooms that the load would fill, the lengths for which an instance is kept, and how many
#: are up in a simulation of a million requests: alike, and exponential.
SIMULATED_KEPT = [
    (2, 0.5, 10, 1.961, 1.918),
    (2, 1, 10, 2.958, 2.893),
    (2, 5, 60, 10.498, 10.374),
    (10, 0.5, 60, 1.963, 1.935),
    (10, 1, 60, 2.453, 2.398),
    (10, 2, 10, 3.509, 3.479),
    (10, 5, 10, 7.162, 7.112),
    (30, 2, 60, 3.118, 3.084),
    # On the step to a second instance, where it is hardest, with room for 10 and 80.
    (10, 0.3, 60, 1.099, 1.095),
    (10, 0.4, 60, 1.563, 1.534),
    (80, 50 / 80, 60, 1.024, 1.026),
    (80, 55 / 80, 60, 1.279, 1.262),
    (80, 58 / 80, 60, 1.665, 1.611),
]
#: The same of lengths alike alone.
SIMULATED_KEPT_ALIKE = [
    (16, 7 / 16, 60, 1.324),
    (16, 9 / 16, 60, 1.953),
    (80, 62 / 80, 60, 1.981),
    (80, 52 / 80, 180, 1.210),
    (80, 55 / 80, 180, 1.626),
    (80, 58 / 80, 180, 1.960),
    (80, 130 / 80, 180, 2.999),
    (100, 0.70, 60, 1.156),
    (100, 0.74, 60, 1.534),
    (100, 0.78, 60, 1.925),
]


@pytest.mark.parametrize(("each", "rooms", "kept", "of_alike", "of_mixed"), SIMULATED_KEPT)
def test_as_many_are_kept_as_in_a_simulation(
    each: int, rooms: float, kept: float, of_alike: float, of_mixed: float
) -> None:
    """Within 3 % for lengths all alike, 4 % for exponential ones."""
    load = rooms * each
    assert up_instances(load, each, 0, kept) == pytest.approx(of_alike, rel=0.03)
    assert up_instances(load, each, 1, kept) == pytest.approx(of_mixed, rel=0.04)


@pytest.mark.parametrize(("each", "rooms", "kept", "expected"), SIMULATED_KEPT_ALIKE)
def test_a_step_is_where_it_is_in_a_simulation(
    each: int, rooms: float, kept: float, expected: float
) -> None:
    """Within 3 % at its foot, its middle and its top."""
    assert up_instances(rooms * each, each, 0, kept) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("load", "expected"), [(930, 1.185), (950, 1.482), (970, 1.787)])
def test_a_large_room_fills_earlier_where_lengths_vary(load: float, expected: float) -> None:
    """With room for 1,000 and exponential lengths, within 3 %."""
    assert busy_instances(load, 1000, 1.0) == pytest.approx(expected, rel=0.03)


#: Instances that take turns, the load for each, and how many have a request in a simulation: of
#: lengths alike, and exponential.
IN_TURN = [
    (1, 0.5, 0.3935, 0.3935),
    (2, 0.2, 0.3928, 0.3818),
    (2, 1, 1.461, 1.354),
    (2, 2, 1.890, 1.801),
    (4, 0.5, 1.932, 1.764),
    (4, 2, 3.941, 3.688),
    (10, 0.2, 2.009, 1.978),
    (10, 1, 8.771, 7.233),
    (10, 2, 9.992, 9.339),
]


@pytest.mark.parametrize(("count", "each", "of_alike", "of_mixed"), IN_TURN)
def test_instances_that_take_turns_have_requests_as_in_a_simulation(
    count: float, each: float, of_alike: float, of_mixed: float
) -> None:
    """Within 3 %, for two instances as for ten."""
    assert in_turn(count * each, count) == pytest.approx(of_alike, rel=0.03)
    assert in_turn(count * each, count, 1.0) == pytest.approx(of_mixed, rel=0.03)


def test_more_load_never_needs_fewer() -> None:
    """However full the instances, however long they are kept, however lengths vary."""
    for each in (1, 1.3, 2, 7, 10, 16, 80, 1000):
        load = np.geomspace(0.01 * each, 40 * each, 3000)
        for mixed in (0.0, 0.6, 1.0):
            for kept in (0.0, 2.0, 60.0):
                up = up_instances(load, each, mixed, kept)
                assert np.all(np.diff(up) >= -1e-12 * up[1:]), (each, mixed, kept)


#: Room for few, the load, for how long they are kept, and how many are up in a simulation.
FEW_KEPT = [
    *((1, 0.1, 60, 1.4397), (1, 1, 60, 4.6633), (1, 5, 10, 10.421)),
    *((2, 0.2, 180, 1.4299), (2, 0.6, 10, 1.4502)),
]


@pytest.mark.parametrize(("each", "load", "kept", "expected"), FEW_KEPT)
def test_where_few_share_what_is_kept_a_bill_says_how_far_off_it_is(
    each: int, load: float, kept: float, expected: float
) -> None:
    """A fifth for one, an eighth for two to six, 6 % for more; nothing where they were counted."""
    off = 0.21 if each == 1 else 0.125
    assert up_instances(load, each, 0, kept) == pytest.approx(expected, rel=off)
    w = Workload(
        requests_per_month=load * 2_628_000,
        memory_mb=1024,
        wait_ms=1000,
        keep_alive_ms=kept * 1000,
    )
    for name in ("azure-container-apps", "google-cloud-run-instance"):
        few = ((1, "a fifth"), (2, "an eighth"), (6, "an eighth"))
        for room, said in (*few, (7, "6 %"), (80, "6 %")):
            shared = w.replace(requests_per_instance=room)
            assert _said_off(bill(name, shared, on=DAY).notes) == [said], room
            for known in ({"instance_hours": 100}, {"keep_alive_ms": 0}):
                assert _said_off(bill(name, shared.replace(**known), on=DAY).notes) == [], known
    assert _said_off(bill("google-cloud-run", w, on=DAY).notes) == []


KEEP_A_MINIMUM = [
    *("azure-container-apps", "google-cloud-run-instance"),
    *("google-cloud-run", "azure-functions-flex"),
]


@pytest.mark.parametrize("name", KEEP_A_MINIMUM)
def test_where_requests_share_a_minimum_a_bill_says_how_far_off_it_is(name: str) -> None:
    """By 7 % for two to six to an instance, 5 % for more; with one, or without a minimum, not."""
    w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000, keep_alive_ms=0)
    kept = w.replace(minimum_instances=2)
    for room, said in ((1, []), (2, ["7 %"]), (6, ["7 %"]), (7, ["5 %"]), (80, ["5 %"])):
        shared = kept.replace(requests_per_instance=room)
        assert _said_of_a_minimum(bill(name, shared, on=DAY).notes) == said, room
        for other in ({"minimum_instances": 0}, {"instance_hours": 2000}):
            assert not _said_of_a_minimum(bill(name, shared.replace(**other), on=DAY).notes)


def _said_of_a_minimum(notes: Iterable[str]) -> list[str]:
    """Return how far off the notes say that a bill with a minimum of instances is."""
    return re.findall(r"cost up to (.+?) more or less in a simulation", "\n".join(notes))


def _said_off(notes: Iterable[str]) -> list[str]:
    """Return how far off the notes say that the hours of kept instances are."""
    return re.findall(r"those that are kept are up to (.+?) off a simulation's", "\n".join(notes))


def test_a_load_beyond_all_reason_is_counted_without_a_warning() -> None:
    """Where a sum is lost in rounding, nothing is divided by it."""
    w = Workload.preset("article", cpu_ms_per_output_token=1e22)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bill("google-cloud-run", w, on=DAY).total > 1e14
