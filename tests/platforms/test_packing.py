"""How many instances are busy and up as the router packs or takes turns: held to simulations."""

from __future__ import annotations

import numpy as np
import pytest

from serverless_tax.platforms.meters.packing import busy_instances, in_turn, up_instances

#: Rooms that the load would fill, and the instances busy in a simulation: alike, and exponential.
SIMULATED = {
    1: [(0.1, 0.1, 0.1), (1, 1, 1), (10, 10, 10)],
    2: [
        (0.1, 0.1832, 0.1835),
        (0.316, 0.514, 0.5167),
        (0.631, 0.9334, 0.9463),
        (1.0, 1.386, 1.421),
        (1.58, 2.065, 2.14),
        (2.51, 3.094, 3.244),
        (5.01, 5.757, 6.094),
        (10.0, 10.93, 11.59),
    ],
    3: [
        (0.1, 0.2599, 0.2602),
        (0.316, 0.6499, 0.6522),
        (0.631, 1.083, 1.102),
        (1.0, 1.541, 1.594),
        (1.58, 2.226, 2.328),
        (2.51, 3.26, 3.445),
        (5.01, 5.936, 6.327),
        (10.0, 11.13, 11.85),
    ],
    4: [
        (0.1, 0.3298, 0.3301),
        (0.316, 0.7459, 0.7485),
        (0.631, 1.155, 1.181),
        (1.0, 1.604, 1.666),
        (1.58, 2.281, 2.397),
        (2.51, 3.317, 3.508),
        (5.01, 6.004, 6.388),
        (10.0, 11.2, 11.91),
    ],
    6: [
        (0.1, 0.4509, 0.4512),
        (0.316, 0.8639, 0.8645),
        (0.631, 1.195, 1.226),
        (1.0, 1.646, 1.718),
        (1.58, 2.314, 2.434),
        (2.51, 3.344, 3.526),
        (5.01, 6.011, 6.374),
        (10.0, 11.2, 11.84),
    ],
    10: [
        (0.1, 0.6325, 0.6333),
        (0.464, 1.026, 1.031),
        (0.8, 1.396, 1.474),
        (0.9, 1.539, 1.627),
        (1, 1.671, 1.761),
        (1.2, 1.891, 1.973),
        (2, 2.764, 2.907),
        (3.5, 4.366, 4.598),
        (5, 5.941, 6.265),
        (10, 11.11, 11.67),
    ],
    16: [
        (0.1, 0.7988, 0.7996),
        (0.464, 1.01, 1.013),
        (0.8, 1.369, 1.454),
        (0.9, 1.543, 1.649),
        (1, 1.697, 1.803),
        (1.2, 1.91, 1.978),
        (2, 2.755, 2.896),
        (3.5, 4.327, 4.524),
        (5, 5.895, 6.147),
        (10, 11.05, 11.53),
    ],
    80: [
        (0.1, 0.9997, 0.9997),
        (0.464, 1, 1),
        (0.8, 1.111, 1.165),
        (0.9, 1.432, 1.602),
        (1, 1.764, 1.912),
        (1.2, 1.989, 1.999),
        (2, 2.78, 2.948),
        (3.5, 4.055, 4.116),
        (5, 5.803, 5.967),
        (10, 10.83, 10.99),
    ],
    100: [
        (0.1, 1, 1),
        (0.464, 1, 1),
        (0.8, 1.076, 1.116),
        (0.9, 1.397, 1.569),
        (1, 1.766, 1.92),
        (1.2, 1.995, 2),
        (2, 2.789, 2.957),
        (3.5, 4.027, 4.061),
        (5, 5.804, 5.97),
        (10, 10.81, 11),
    ],
    1000: [
        (0.1, 1, 1),
        (0.464, 1, 1),
        (0.8, 1, 1),
        (0.9, 1.003, 1.011),
        (1, 1.806, 1.979),
        (1.2, 2, 2),
        (2, 2.81, 2.988),
        (3.5, 4, 4),
        (5, 5.806, 5.975),
        (10, 10.81, 10.99),
    ],
}


@pytest.mark.parametrize("each", SIMULATED)
@pytest.mark.parametrize("alike", [True, False])
def test_a_router_that_packs_keeps_as_many_busy_as_it_does_in_a_simulation(
    each: int, *, alike: bool
) -> None:
    """Within 3 %, from a tenth to ten times the room, for lengths alike and for exponential ones.

    The figures are of a simulation of its own, of some million requests each.
    """
    for rooms, of_alike, of_mixed in SIMULATED[each]:
        expected = of_alike if alike else of_mixed
        found = busy_instances(rooms * each, each, 0.0 if alike else 1.0)
        assert found == pytest.approx(expected, rel=0.03), rooms


def test_lengths_half_as_mixed_keep_as_many_busy_as_in_a_simulation() -> None:
    """Within 3 % at room for two, of lengths whose deviation is half of their mean."""
    for rooms, expected in ((0.3, 0.4932), (1, 1.4085), (5, 6.011), (10, 11.463)):
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
