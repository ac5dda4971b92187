"""The CPU of a token from which on a platform that bills CPU is dearer than a tuned Lambda."""

from __future__ import annotations

import json
import math
from datetime import date

import pytest

from serverless_tax import InvalidQuantity, Workload, bill, cpu_budget

DAY = date(2026, 11, 1)
ARTICLE = Workload.preset("article")


@pytest.mark.parametrize("active", ["vercel-fluid", "cloudflare-containers", "google-cloud-run"])
def test_at_the_limit_both_cost_the_same(active: str) -> None:
    """Billed there, not computed again: a hair below the one is cheaper, a hair above the other."""
    found = cpu_budget(ARTICLE, active, on=DAY)
    assert 0 < found.ms_per_token < 10
    for factor, cheaper in ((0.999, active), (1.001, "aws-lambda")):
        w = ARTICLE.replace(
            memory_mb=found.memory_mb,
            cpu_ms_per_output_token=found.ms_per_token * factor,
        )
        totals = {
            name: bill(name, w, on=DAY, path="needed").total for name in (active, "aws-lambda")
        }
        assert min(totals, key=lambda name: totals[name]) == cheaper


def test_the_limit_is_cpu_time_like_the_clients_it_stands_beside() -> None:
    """Whatever the memory of the function that the request was timed in."""
    limits = [
        cpu_budget(ARTICLE.replace(memory_mb=mb), on=DAY).ms_per_token for mb in (512, 1024, 3008)
    ]
    assert max(limits) == pytest.approx(min(limits), rel=1e-6)


def test_all_clients_measured_stay_below_it_on_vercel() -> None:
    """The sentence counts them, and names the size that Lambda was given."""
    found = cpu_budget(ARTICLE, on=DAY)
    assert found.memory_mb == 128
    assert max(found.measured_ms.values()) < found.ms_per_token
    assert "AWS Lambda at 128 MB" in str(found)
    assert "3 stay below that" in str(found)
    assert json.loads(json.dumps(found.to_dict()))["ms_per_token"] == found.ms_per_token


def test_where_there_is_no_limit_it_is_infinite() -> None:
    """Workers bill so little for CPU that a token may take anything that a core can do."""
    found = cpu_budget(ARTICLE, "cloudflare-workers", on=DAY)
    assert found.ms_per_token == math.inf
    assert json.loads(json.dumps(found.to_dict()))["ms_per_token"] is None
    assert "up to 100 ms a token" in str(found)


def test_where_lambda_is_cheaper_from_the_start_it_is_nothing() -> None:
    """A hundred requests a month do not pay for the plan."""
    found = cpu_budget(ARTICLE.replace(requests_per_month=100), "cloudflare-workers", on=DAY)
    assert found.ms_per_token == 0
    assert "is cheaper than cloudflare-workers whatever" in str(found)


def test_without_tokens_there_is_no_question() -> None:
    """In one sentence."""
    with pytest.raises(InvalidQuantity, match="output_tokens is 0, so no token takes any CPU"):
        cpu_budget(Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000))


def test_an_answer_may_take_a_quarter_longer_unless_said() -> None:
    """Two seconds of work go into less memory where they may take twice as long and more."""
    found = cpu_budget(ARTICLE.replace(cpu_ms=2000), on=DAY)
    assert (
        found.memory_mb == cpu_budget(ARTICLE.replace(cpu_ms=2000), slower=1.25, on=DAY).memory_mb
    )
    assert found.memory_mb > cpu_budget(ARTICLE.replace(cpu_ms=2000), slower=2.25, on=DAY).memory_mb
