"""What the pages about all vendors say in words, where no computed figure stands, still holds."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import (
    Workload,
    bill,
    break_even,
    compare,
    cpu_budget,
    eras,
    ladder,
    platforms,
    whole_bill,
)
from serverless_tax.request.presets import lab_run
from serverless_tax.traffic import instances, realistic_arrivals, realistic_month, simulate

ARTICLE = Workload.preset("article")
RANKED = {month.platform: month for month in reversed(compare(ARTICLE, everything=True))}


def test_the_cheapest_that_runs_code_is_cloudflare_s_workers() -> None:
    """All of it for requests and CPU, and most of it for CPU."""
    least = min((m for n, m in RANKED.items() if platforms()[n].runs_code), key=lambda m: m.total)
    assert least.platform == "cloudflare-workers"
    assert least.waiting == least.idle == 0
    of_cpu = sum(item.cost for item in least.items if item.dimension == "cloudflare_workers_cpu_ms")
    assert of_cpu > least.total / 2


@pytest.mark.parametrize("name", ["vercel-fluid", "cloudflare-containers"])
def test_memory_that_is_billed_while_cpu_is_not_is_not_free_waiting(name: str) -> None:
    """It is on the bill as waiting."""
    assert RANKED[name].waiting > 1


def test_a_pending_call_keeps_an_object_billed() -> None:
    """Even one that hibernates: most of its bill is waiting, unlike a Worker's."""
    month = RANKED["cloudflare-durable-objects-hibernating"]
    assert month.waiting > month.total / 2


def test_the_right_memory_moves_the_line_of_cloud_run_up() -> None:
    """As the two curves show."""
    tuned = next(rung.workload for rung in ladder(ARTICLE) if rung.id == "memory")
    before, after = (
        break_even("aws-lambda", "google-cloud-run", w).crossings[0] for w in (ARTICLE, tuned)
    )
    assert before.cheaper_below == after.cheaper_below == "aws-lambda"
    assert after.at > before.at


def test_no_move_saves_as_much_as_the_right_memory() -> None:
    """The finding of the page."""
    rungs = {rung.id: rung for rung in ladder(ARTICLE)}
    later = [rungs[name].step_usd for name in ("suspended", "active-memory", "active-cpu")]
    assert rungs["memory"].step_usd > 5 * max(later)


def test_clients_of_the_lab_stay_below_the_limit() -> None:
    """No mark in the table is a cross; twice the usual SDK's CPU would be past both limits."""
    for name, past in (
        ("vercel-fluid", set()),
        ("cloudflare-containers", set()),
        ("cloudflare-workers", set()),
    ):
        found = cpu_budget(ARTICLE, name)
        assert {c for c, ms in found.measured_ms.items() if ms > found.ms_per_token} == past


def test_cloudflare_and_vercel_stopped_billing_the_wait_and_lambda_did_not() -> None:
    """Each era says so."""
    before, between, today = eras(ARTICLE)
    assert before.of("cloudflare-workers").waiting > 10  # type: ignore[union-attr]
    assert between.of("cloudflare-workers").waiting == 0  # type: ignore[union-attr]
    bundled = before.of("cloudflare-workers-bundled")
    assert bundled is not None
    assert bundled.waiting == 0
    assert bundled.total < between.of("cloudflare-workers").total  # type: ignore[union-attr]
    assert not bundled.obstacles
    token_ms = lab_run()["clients"]["openai"]["cpu_ms_per_output_token"]
    with_sdk = ARTICLE.replace(cpu_ms_per_output_token=token_ms)
    assert bill("cloudflare-workers-bundled", with_sdk, on=before.day).obstacles
    assert today.of("vercel-fluid").total < between.of("vercel-functions").total / 10  # type: ignore[union-attr]


def test_more_room_than_several_times_the_load_brings_nothing() -> None:
    """The article's load: from four times its requests in flight on, one instance is enough."""
    load = 18.5
    assert instances(load, 80).high == pytest.approx(1, abs=1e-3)
    assert instances(load, 80).billed == pytest.approx(instances(load, 800).billed, rel=0.06)
    totals = [
        bill("google-cloud-run", ARTICLE.replace(requests_per_instance=n)).total
        for n in (20, 80, 400)
    ]
    assert totals[0] > totals[1] * 1.3
    assert totals[1] < totals[2] * 1.06


def test_a_step_starts_where_the_load_nears_a_full_instance() -> None:
    """Eighty to an instance: one at half of it, more at 64, two at a tenth beyond it."""
    found = [instances(load, 80).billed for load in (40, 64, 88)]
    assert found == pytest.approx([1, 1.112, 1.94], rel=0.03)


def test_the_place_of_workers_hangs_on_the_client() -> None:
    """From 6 to 57 USD by what passes a token on, and by the machine it was measured on."""
    run = lab_run()
    totals = [
        bill(
            "cloudflare-workers",
            ARTICLE.replace(metered_cpu_ms_per_token=client["cpu_ms_per_output_token"]),
            on=DAY,
        ).total
        for clients in ("clients", "busy_machine_clients", "slower_machine_clients")
        for client in run[clients].values()
    ]
    assert min(totals) < 8
    assert max(totals) == pytest.approx(57, rel=0.02)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("conversation", 0.85, 1.15), ("code", 0.2, 0.8)]
)
def test_bursts_share_better_than_a_bill_counts(name: str, least: float, most: float) -> None:
    """Code much better, conversation about as counted, ten to an instance."""
    when = realistic_arrivals(name, count=20_000)
    tokens = realistic_month(name).output_tokens[: len(when)]
    run = simulate(when, 0.5 + tokens / 80, requests_per_instance=10)
    counted = instances(run.request_s / run.span_s, 10).billed
    assert least < run.mean_instances / counted < most


def test_the_share_of_waiting_grew_as_tokens_got_cheap() -> None:
    """From a thousandth of everything to a quarter of it, on Lambda."""
    month = realistic_month(requests_per_month=10e6)
    shares = [row.waiting_share for row in whole_bill(month, platform_ids=["aws-lambda"])]
    assert shares == sorted(shares)
    assert shares[0] < 0.002
    assert shares[-1] > 0.2
