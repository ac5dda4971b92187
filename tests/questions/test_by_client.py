"""Rankings whose order hangs on the client: its range is said, and only where it is the lab's."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import Workload, bill, compare
from serverless_tax.cli.app import run
from serverless_tax.questions.by_client import by_client

ARTICLE = Workload.preset("article")


def test_workers_are_five_to_fifty_seven_dollars_by_client() -> None:
    """Bytes unparsed on a quiet machine, and the usual SDK on the slowest: the ends of the range.

    By hand: $5 a month, and $0.02 for each million of CPU-ms beyond the thirty that are included.
    """
    ranked = compare(ARTICLE, everything=True, on=DAY)
    [workers] = [
        one
        for one in by_client(ARTICLE, ranked, on=DAY)
        if one.platform.startswith("cloudflare-workers")
    ]
    for usd, token_ms in ((workers.least_usd, 0.02461), (workers.most_usd, 0.51866)):
        cpu_ms = 10e6 * (ARTICLE.cpu_ms + ARTICLE.output_tokens * token_ms)
        assert usd == pytest.approx(5 + (cpu_ms - 30e6) * 0.02 / 1e6, rel=0.05)
    assert workers.best_place < workers.worst_place


@pytest.mark.parametrize("token_ms", [0, 0.1, 0.1907])
def test_what_the_reader_measured_has_no_range(token_ms: float) -> None:
    """Also if it is what the lab did; nor has a platform whose bill no token's CPU moves."""
    own = ARTICLE.replace(metered_cpu_ms_per_token=token_ms)
    assert by_client(own, compare(own, everything=True, on=DAY), on=DAY) == []
    assert by_client(ARTICLE, [bill("aws-lambda", ARTICLE, on=DAY)], on=DAY) == []


def test_the_command_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the ranking, in a sentence with both ends; and the ladder names the rung not priced."""
    assert run(["compare", "--all", "--preset", "article", "--on", str(DAY)]) == 0
    assert "cloudflare-workers is $" in capsys.readouterr().out
    assert run(["ladder", "--preset", "article", "--on", str(DAY)]) == 0
    assert "Web Functions, for Node, are documented, but we saw no price" in capsys.readouterr().out
    assert run(["ladder", "--preset", "article", "--on", "2023-01-01"]) == 0
    assert "Web Functions" not in capsys.readouterr().out
