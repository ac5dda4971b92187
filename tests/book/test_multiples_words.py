"""What the pages on multiples and on real traffic say in words still holds."""

from __future__ import annotations

import pytest

from serverless_tax import Workload, bill, tax_multiple
from serverless_tax.book.published import BILLABLE, GATEWAY
from serverless_tax.prices import price_sheet
from serverless_tax.request.presets import lab_run
from serverless_tax.traffic import realistic_month
from serverless_tax.traffic.quantiles import table

ARTICLE, MEASURED = Workload.preset("article"), Workload.preset("measured")
MACHINES = ("clients", "busy_machine_clients", "slower_machine_clients")


@pytest.mark.parametrize("machine", MACHINES)
def test_multiples_of_one_request_differ_widely_and_its_dollars_hardly(machine: str) -> None:
    """The article's own against the lab's: a tenth of the multiple, nine tenths of the dollars."""
    read = lab_run()[machine]["openai"]
    as_read = MEASURED.replace(
        cpu_ms=read["fixed_cpu_ms"],
        cpu_ms_per_output_token=read["cpu_ms_per_output_token"],
    )
    assert 10 < tax_multiple(as_read) < tax_multiple(ARTICLE) / 10
    here = bill("aws-lambda", as_read.replace(memory_mb=1024)).waiting
    assert 0.9 < here / bill("aws-lambda", ARTICLE).waiting < 1


def test_a_gateway_s_multiple_is_below_a_wrapper_s_and_above_the_study_s() -> None:
    """In the order in which the page tells it."""
    wrapper = min(lab_run()[machine]["openai"]["multiple"] for machine in MACHINES)
    assert BILLABLE.multiple < GATEWAY.multiple < wrapper


def test_a_completion_of_code_mostly_waits_for_its_first_token() -> None:
    """Half of them and more, at the speed of the page."""
    code = table()["traces"]["code"]["output_tokens"][table()["levels"].index(0.5)]
    first_ms = float(realistic_month("code", sample_size=10).wait_ms)
    assert first_ms > code / 80 * 1000


def test_lambda_s_price_has_not_moved_and_cloudflare_s_did_before_models_thought() -> None:
    """One first price a chip in the sheet; CPU billed on Workers before September 2024."""
    rows = price_sheet("aws-lambda").rows
    for chip in ("x86", "arm"):
        dimension = f"duration_{chip}_gb_seconds"
        assert len({row.tiers[0] for row in rows if row.dimension == dimension}) == 1
    billed = [
        row.effective_from
        for row in price_sheet("cloudflare-workers").rows
        if row.dimension == "cloudflare_workers_cpu_ms" and any(usd for _, usd in row.tiers)
    ]
    assert (min(billed).year, min(billed).month) < (2024, 9)
