"""What a request pays for an instance that it shares, on every platform that has such."""

from __future__ import annotations

import math
from datetime import date
from itertools import product

import numpy as np
import pytest
from sampled import one_in

from serverless_tax import Workload, bill, platforms
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.meters import sharing
from serverless_tax.prices import price_sheet

DAY = date(2026, 11, 1)
SHARED = [p.id for p in platforms().values() if p.shares]
#: Where each request names its object, a hundredth of the requests of a month hardly ever meet.
KEYED = ("cloudflare-durable-objects", "cloudflare-durable-objects-hibernating")
#: A month of hours in which 100 requests are in flight on average.
HOURS = Workload(requests_per_month=73_000, memory_mb=1536, wait_ms=3_600_000)


def gib_hours(name: str, w: Workload) -> float:
    """Return the hours of instances that a month bills, as their memory's line says."""
    dimension, unit = MEMORY[name]
    lines = bill(name, w, on=DAY).items
    return sum(line.quantity for line in lines if line.dimension == dimension) * unit


#: The line that bills an instance's memory, and its unit in hours of the default instance.
MEMORY = {
    "google-cloud-run": ("cloud_run_gib_seconds", 1 / 2 / 3600),
    "google-cloud-run-instance": ("cloud_run_instance_gib_seconds", 1 / 2 / 3600),
    "vercel-fluid": ("vercel_fluid_gb_hours", 1 / 2),
    "azure-functions-flex": ("azure_flex_gb_seconds", 1 / 2 / 3600),
    "azure-container-apps": ("container_apps_gib_seconds", 1 / 2 / 3600),
    "cloudflare-containers": ("cloudflare_containers_gib_seconds", 1 / 3 / 3600),
}


#: Those whose router packs; Containers are chosen at random.
PACKED = sorted(set(MEMORY) - {"cloudflare-containers"})


@pytest.mark.parametrize("name", PACKED)
def test_alone_each_request_pays_for_all_of_its_hour(name: str) -> None:
    """73,000 hours of waiting are 73,000 hours of instances, with nothing kept beyond."""
    alone = HOURS.replace(requests_per_instance=1, keep_alive_ms=0)
    assert gib_hours(name, alone) == pytest.approx(73_000, rel=1e-3)


def test_how_much_lengths_differ() -> None:
    """Of 1 s and of 3 s: 2 s on average, and 1 s from it each. Of one length: not at all."""
    for lengths_ms, varies in (([1000.0, 3000.0], 0.5), ([2000.0, 2000.0], 0.0)):
        w = HOURS.replace(wait_ms=np.array(lengths_ms))
        used = {
            name: float(np.mean(each))
            for name, each in sharing.in_flight(
                w.requests_per_month, np.array(lengths_ms), 0.0
            ).items()
        }
        assert sharing.mixed(used, w) == pytest.approx(varies, abs=1e-4)


@pytest.mark.parametrize("name", PACKED)
def test_ten_to_an_instance_pay_for_a_tenth_and_about_an_instance_more(name: str) -> None:
    """A hundred in flight, ten to each: 11.12 instances, as a simulation of years has it."""
    ten = HOURS.replace(requests_per_instance=10, keep_alive_ms=0)
    assert gib_hours(name, ten) / 730 == pytest.approx(11.12, rel=0.03)


@pytest.mark.parametrize("name", ["google-cloud-run", "vercel-fluid", "azure-functions-flex"])
def test_one_instance_for_all_is_billed_while_anybody_is_there(name: str) -> None:
    """With one request in flight on average, nobody is there for 1/e of the month."""
    w = HOURS.replace(requests_per_month=730, requests_per_instance=500)
    assert gib_hours(name, w) == pytest.approx(730 * (1 - math.exp(-1)), rel=1e-3)


@pytest.mark.parametrize("name", SHARED)
def test_a_bill_says_how_many_share(name: str) -> None:
    """The platform's own number, and the reader's instead of it."""
    default = platforms()[name].shares
    assert default is not None
    plain = " ".join(bill(name, HOURS, on=DAY).notes)
    moved = " ".join(bill(name, HOURS.replace(requests_per_instance=7), on=DAY).notes)
    assert f"{default[0]:g} request" in plain
    assert "7 requests may share an instance" in moved


@pytest.mark.parametrize("name", SHARED)
def test_a_bill_says_that_more_than_the_most_are_not_counted(name: str) -> None:
    """One more than the most costs what the most does, and says so; the most says nothing."""
    platform = platforms()[name]
    assert platform.shares is not None
    most = platform.shares[1]
    at_most, beyond = (
        bill(name, HOURS.replace(requests_per_instance=n), on=DAY) for n in (most, most + 1)
    )
    assert beyond.total == pytest.approx(at_most.total)
    said = f"requests_per_instance is {most + 1:,}; {most:,} is the most on {platform.name}"
    assert [note for note in beyond.notes if note.startswith(said)]
    assert not [note for note in at_most.notes if note.startswith("requests_per_instance is ")]


@pytest.mark.parametrize("name", sorted(set(SHARED) - {*KEYED}))
def test_the_more_share_the_less_it_costs(name: str) -> None:
    """Never more with more of them to an instance, and less from one to ten."""
    totals = [
        bill(name, HOURS.replace(requests_per_instance=n), on=DAY).total for n in (1, 2, 10, 100)
    ]
    assert totals == sorted(totals, reverse=True)
    assert totals[2] < totals[0]


@pytest.mark.parametrize("name", ["google-cloud-run", "vercel-fluid"])
def test_cpu_limits_how_many_can_share(name: str) -> None:
    """Requests that work for half of their time do not fit on one vCPU by the eighty."""
    busy = HOURS.replace(cpu_ms=1_800_000, wait_ms=1_800_000, requests_per_instance=80)
    hours = gib_hours(name, busy)
    assert hours >= 73_000 / 2 / busy.target_utilisation


@pytest.mark.parametrize("name", ["azure-container-apps", "google-cloud-run-instance"])
def test_what_is_kept_between_rare_requests_is_idle(name: str) -> None:
    """Ten requests of a second, hours apart, and a minute after each: ten minutes of idling."""
    month = bill(
        name, HOURS.replace(requests_per_month=10, wait_ms=1000, keep_alive_ms=60_000), on=DAY
    )
    memory, unit = MEMORY[name]
    kept = next(item for item in month.items if item.dimension == memory)
    assert kept.quantity * unit * 3600 == pytest.approx(610, rel=1e-3)
    split = kept.idle / kept.cost if kept.cost else 600 / 610
    assert split == pytest.approx(600 / 610, rel=1e-3)


@pytest.mark.parametrize(
    "name",
    [
        *("azure-container-apps", "google-cloud-run-instance", "cloudflare-containers"),
        *KEYED,
    ],
)
def test_hours_that_were_counted_wait_for_no_longer_than_requests_are_there(name: str) -> None:
    """A thousand requests of a second in 10,000 hours of instances: all but a sixth of an hour."""
    month = bill(
        name, HOURS.replace(requests_per_month=1000, wait_ms=1000, instance_hours=10_000), on=DAY
    )
    by_time = sum(i.cost for i in month.items if not i.by_the_piece)
    assert month.idle == pytest.approx(by_time, rel=1e-3)


def test_a_size_that_is_not_offered_is_refused() -> None:
    """In a sentence with the size and what there is."""
    with pytest.raises(InvalidQuantity, match="instance_vcpu is 64; Google Cloud Run offers"):
        bill("google-cloud-run", HOURS.replace(instance_vcpu=64), on=DAY)


@pytest.mark.parametrize(
    "name", ["google-cloud-run", "google-cloud-run-instance", "azure-container-apps"]
)
def test_a_bill_says_that_starting_an_instance_is_work(name: str) -> None:
    """Cold starts move dollars from waiting to work; without any nothing is said of them."""
    cold = HOURS.replace(init_ms=10_000, cold_start_share=0.5)
    warm_bill, cold_bill = (bill(name, w, on=DAY) for w in (HOURS, cold))
    assert cold_bill.work > warm_bill.work
    says = "cold starts move dollars from waiting to work"
    assert [any(says in note for note in one.notes) for one in (warm_bill, cold_bill)] == [
        False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("name", KEYED)
def test_an_object_has_its_share_of_the_requests(name: str) -> None:
    """A month in which 100 are in flight, to 1 object, to 100, and to one for each request.

    One object is active all month, a hundred for 1 - 1/e of it each; and apart they never meet.
    """

    def active_s(each: float) -> float:
        items = bill(name, HOURS.replace(requests_per_instance=each), on=DAY).items
        return sum(i.quantity for i in items if i.dimension == "cloudflare_do_gb_seconds") / 0.128

    month_s, million_s = 2_628_000, 1e6 / 0.128
    for each, expected_s in ((73_000, month_s), (730, 100 * 0.632 * month_s), (1, 100 * month_s)):
        # Beyond what is included, whole millions are billed.
        assert expected_s * 0.999 <= active_s(each) <= expected_s * 1.005 + million_s


def up_s(starts_s: np.ndarray, length_s: np.ndarray | float, month_s: float) -> float:
    """Return for how long one instance is up that takes these requests, and those of a month ago.

    The starts are in order.
    """
    starts = np.concatenate((starts_s - month_s, starts_s))
    spans = np.concatenate((starts_s - month_s + length_s, starts_s + length_s))
    ends = np.clip(np.maximum.accumulate(spans), 0, month_s)
    before = np.concatenate(([0.0], ends[:-1]))
    return float(np.sum(ends - np.minimum(np.maximum(starts, before), ends)))


#: Of few it is asked of exactly so many.
NAMED_BY = [*product([2, 3, 4, 5], [True]), *product([10, 16, 80, 100, 1000], [True, False])]


@pytest.mark.parametrize(
    ("each", "exactly", "active"), one_in(3, [(*n, a) for a in (0.1, 1, 10) for n in NAMED_BY])
)
def test_objects_that_requests_name_are_active_as_in_a_simulation(
    each: int,
    active: float,
    exactly: bool,  # noqa: FBT001
) -> None:
    """Within 3 %, each with its own requests of a month, and with a tenth to ten at a time.

    Exactly so many name an object, or so many on average.
    """
    random, month_s, objects = np.random.default_rng(5), 2_628_000, 40_000 // each
    own = (
        np.sort(random.uniform(0, month_s, each if exactly else random.poisson(each)))
        for _ in range(objects)
    )
    length_s = min(active / each, 1) * month_s
    simulated_s = sum(up_s(starts, length_s, month_s) for starts in own)
    many = 1e6  # so that the whole millions that are billed round nothing
    w = HOURS.replace(
        requests_per_month=many * each,
        wait_ms=length_s * 1000,
        requests_per_instance=each,
        keep_alive_ms=0,
    )
    items = bill("cloudflare-durable-objects", w, on=DAY).items
    gb_s = sum(i.quantity for i in items if i.dimension == "cloudflare_do_gb_seconds")
    assert gb_s / 0.128 / many == pytest.approx(simulated_s / objects, rel=0.03)


@pytest.mark.parametrize("room", [10, 16, 80, 100, 1000])
@pytest.mark.parametrize("rooms", [0.1, 1, 10])
@pytest.mark.parametrize("keep_alive_s", [0, 60])
def test_containers_chosen_at_random_are_up_as_in_a_simulation(
    room: int, rooms: float, keep_alive_s: float
) -> None:
    """Within 3 %, each of them up for its own share and for a while after it."""
    random, load, wall_s = np.random.default_rng(5), room * rooms, 5.0
    count = int(np.ceil(3 * load / room))
    month_s = 40_000 * wall_s / load
    starts = np.sort(random.uniform(0, month_s, 40_000))
    which = random.integers(0, count, starts.size)
    lengths = random.exponential(wall_s, starts.size) + keep_alive_s
    chosen = (which == k for k in range(count))
    simulated = sum(up_s(starts[own], lengths[own], month_s) for own in chosen) / month_s
    w = HOURS.replace(
        requests_per_month=load * 2_628_000 / wall_s,
        wait_ms=wall_s * 1000,
        requests_per_instance=room,
        keep_alive_ms=keep_alive_s * 1000,
    )
    assert gib_hours("cloudflare-containers", w) / 730 == pytest.approx(simulated, rel=0.03)


#: Requests of 5 s in flight and instances kept; then, of a simulation, those with a request and of
#: them those that are kept. For Container Apps: those that are up, and of them those that are idle.
KEPT: dict[str, list[tuple[float, ...]]] = {
    "google-cloud-run": [
        *((80, 1, 1.765, 1), (80, 2, 1.765, 1.765), (160, 2, 2.779, 2)),
        *((800, 5, 10.82, 4.996), (800, 11, 10.82, 10.79)),
        # With room for one, then for two.
        *((0.7, 1, 0.7, 0.412, 1), (1, 1, 1, 0.5, 1), (2, 2, 2, 1.2, 1), (10, 7, 10, 5.91, 1)),
        *((10, 10, 10, 7.854, 1), (1.4, 1, 1.019, 0.704, 2), (10, 7, 5.751, 5.378, 2)),
    ],
    "azure-functions-flex": [
        *((16, 1, 1.7, 1), (16, 2, 1.7, 1.698), (32, 5, 2.756, 2.756)),
        *((160, 5, 11.093, 4.999), (160, 11, 11.093, 10.701)),
        *((0.7, 1, 0.7, 0.412, 1), (1, 1, 1, 0.5, 1), (2, 2, 2, 1.2, 1), (10, 7, 10, 5.91, 1)),
        *((10, 10, 10, 7.854, 1), (1.4, 1, 1.019, 0.704, 2), (10, 7, 5.751, 5.378, 2)),
    ],
    "azure-container-apps": [
        *((1, 1, 1, 0.367), (1, 2, 2, 1.104), (1, 5, 5, 4.001), (4.64, 1, 1.872, 0.001)),
        *((4.64, 2, 2, 0.065), (4.64, 5, 5, 1.048), (10, 2, 2.451, 0), (10, 5, 5, 0.044)),
        *((10, 11, 11, 1.839), (50, 11, 11, 0), (100, 5, 13.631, 0)),
    ],
}


@pytest.mark.parametrize("name", KEPT)
def test_kept_instances_cost_what_they_do_in_a_simulation(name: str) -> None:
    """Within 3 %, at the platform's own room or the one that is last: the first kept, or in turn.

    The figures are of a simulation of its own, event by event, of a day and more.
    """
    priced = price_sheet(name).on(DAY).values()
    usd: dict[str, float] = {row.dimension: row.tiers[-1][1] for row in priced}

    def second(run: float, kept: float, minimum: float) -> float:
        """Return what a second of so many instances costs, each of 1 vCPU and 2 GiB."""
        if name == "google-cloud-run":
            active, idle = (
                usd[f"cloud_run_{part}vcpu_seconds"] + 2 * usd[f"cloud_run_{part}gib_seconds"]
                for part in ("", "idle_")
            )
            return run * active + (minimum - kept) * idle
        if name == "azure-functions-flex":
            beyond, ready, least = (
                2 * usd[f"azure_flex_{part}gb_seconds"] for part in ("", "ready_", "baseline_")
            )
            return (run - kept) * beyond + kept * ready + minimum * least
        vcpu, idle_vcpu, gib = (
            usd[f"container_apps_{part}_seconds"] for part in ("vcpu", "idle_vcpu", "gib")
        )
        return (run - kept) * vcpu + kept * idle_vcpu + run * 2 * gib

    for load, minimum, run, kept, *each in KEPT[name]:
        w = Workload(
            requests_per_month=load * 2_628_000 / 5,
            memory_mb=1024,
            wait_ms=5000,
            minimum_instances=minimum,
            requests_per_instance=each[0] if each else 0,
        )
        by_time = sum(i.cost for i in bill(name, w, on=DAY).items if not i.by_the_piece)
        expected = 2_628_000 * second(run, kept, minimum)
        assert by_time == pytest.approx(expected, rel=0.03), (load, minimum)


#: Room, requests in flight, instances kept all month, and how many are up in a simulation of four
#: million requests, of lengths alike and of exponential ones, with nothing kept beyond the minimum.
UP_WITH_A_MINIMUM = [
    *((1, 1, 1, 1.5, 1.5), (1, 5, 5, 6.423, 6.423), (2, 1.2, 1, 1.235, 1.247)),
    *((3, 3, 1, 1.616, 1.664), (3, 4.2, 2, 2.333, 2.377), (7, 9.8, 2, 2.224, 2.277)),
    (16, 32, 1, 2.751, 2.887),
]
BY_INSTANCE = ["azure-container-apps", "google-cloud-run-instance"]


@pytest.mark.parametrize("name", BY_INSTANCE)
def test_above_a_minimum_as_many_are_up_as_in_a_simulation(name: str) -> None:
    """Those that find no room on it are up beside it, at times too when the mean needs no more."""
    hours = Workload(memory_mb=1536, keep_alive_ms=0, requests_per_month=1)
    exponential = -1000 * np.log(1 - (np.arange(2000) + 0.5) / 2000)
    for each, load, kept, *simulated in UP_WITH_A_MINIMUM:
        for lengths_ms, up in zip((1000.0, exponential), simulated, strict=True):
            w = hours.replace(
                requests_per_month=load * 2_628_000,
                wait_ms=lengths_ms,
                requests_per_instance=each,
                minimum_instances=kept,
            )
            assert gib_hours(name, w) / 730 == pytest.approx(up, rel=0.055), (each, load, kept)


@pytest.mark.parametrize("name", BY_INSTANCE)
@pytest.mark.parametrize("keep_alive_ms", [0, 60_000])
def test_a_minimum_is_up_at_night_too(name: str, keep_alive_ms: float) -> None:
    """Half a day of traffic costs half of what all day does, and half of the minimum."""
    day = HOURS.replace(keep_alive_ms=keep_alive_ms, minimum_instances=2, requests_per_instance=10)
    half = day.replace(requests_per_month=36_500, busy_hours_a_day=12)
    assert gib_hours(name, day) > 2 * 730 * 1.1
    assert gib_hours(name, half) == pytest.approx((gib_hours(name, day) + 2 * 730) / 2)
