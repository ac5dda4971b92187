"""The commands about all vendors and real traffic, as a user types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from serverless_tax.cli.app import run as run_line


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command line; return its exit code and what it wrote."""
    code = run_line(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_compare_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Every vendor, each region named, each note under the name of whom it is about."""
    code, out, _ = run(capsys, "compare", "--all", "--preset", "article")
    assert code == 0
    assert "global, us-east-1, eastus2, us-central1, iad1" in out
    assert "vercel-functions" not in out
    assert "azure-functions-consumption: Azure bills the memory it observes" in out


def test_compare_all_or_some(capsys: pytest.CaptureFixture[str]) -> None:
    """Not both."""
    code, _, err = run(capsys, "compare", "aws-lambda", "--all", "--preset", "article")
    assert code == 2
    assert "--all compares every platform; leave it out to compare aws-lambda." in err


def test_an_hour_of_waiting_is_priced_at_rates_of_your_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """6 cents at AWS's price, and a sixth less with a discount of 17 %."""
    mine = tmp_path / "mine.toml"
    discount = '"aws-lambda.duration_x86_gb_seconds" = { discount = 0.17 }'
    mine.write_text(f'name = "Savings Plan"\n[rates]\n{discount}\n')
    hour = ("waiting-rate", "aws-lambda", "--preset", "article", "--on", "2026-11-01")
    assert "$0.0600 on aws-lambda" in run(capsys, *hour)[1]
    assert "$0.0498 on aws-lambda" in run(capsys, *hour, "--prices", str(mine))[1]


@pytest.mark.parametrize("words", [("eras",), ("traffic", "--traffic", "conversation")])
def test_of_vendors_too_a_region_names_what_it_has_no_prices_of(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """AWS is not left out without a word, of a region that is misspelt or has no prices here."""
    preset = ("--preset", "article") if words == ("eras",) else ()
    code, _, err = run(capsys, *words, *preset, "--region", "ap-southeast-9")
    assert code == 0
    assert "Left out, with no prices here for ap-southeast-9: aws-agentcore" in err
    assert "Left out" not in run(capsys, *words, *preset)[2]


def test_a_region_names_what_it_has_no_prices_of(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command that ranks says what is not in its ranking, and none falls back on another."""
    sydney = ("--preset", "article", "--region", "ap-southeast-2")
    for command in ("compare", "waiting-rate", "ladder", "decide"):
        code, out, _ = run(capsys, command, *sydney)
        (left_out,) = [line for line in out.splitlines() if line.startswith("Left out, with no")]
        assert (code, "aws-fargate" in left_out) == (0, True)
        assert "aws-fargate" not in out.replace(left_out, "")
    assert "Left out" not in run(capsys, "compare", "--preset", "article")[1]
    code, _, err = run(capsys, "price", "aws-fargate", "--path", "needed", *sydney)
    assert code == 2
    assert "aws-alb has no prices for the region 'ap-southeast-2', only for 'us-east-1'" in err


@pytest.mark.usefixtures("prices_of_the_day")
def test_a_ladder_has_a_rung_without_a_price_and_says_what_hangs_on_the_client(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Web Functions are the last, with the price at which they pay; Workers go from $8 to $57."""
    _, out, _ = run(capsys, "ladder", "--preset", "article")
    assert "A Node server on Lambda Web Functions (no price seen)" in out
    assert "Move to CPU only in use leaves $7.96 to $57.37 by the client" in out
    _, plain, _ = run(capsys, "ladder", "--preset", "article", "--json")
    *rungs, last = json.loads(plain)
    assert {frozenset(rung) for rung in rungs} == {frozenset(last)}
    assert (last["id"], last["total_usd"]) == ("web-functions", None)
    assert last["finding"].startswith("Lambda Web Functions, for Node, are documented")
    assert last["without_a_price"]["vcpu_hour_usd"] > 0
    ranged = {rung["id"]: rung["by_client_usd"] for rung in rungs if rung["by_client_usd"]}
    assert sorted(ranged) == ["active-cpu", "active-memory"]
    assert ranged["active-cpu"] == pytest.approx([7.96, 57.37], abs=0.01)


@pytest.mark.usefixtures("prices_of_the_day")
def test_rankings_have_their_ranges_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Both have the range and the places of Workers, and null where no measurement decides."""
    month = ("cloudflare-workers", "aws-rest-api-proxy", "--preset", "article", "--json")
    ranged = {"least_usd": 7.961, "most_usd": 57.366, "best_place": 1, "worst_place": 2}
    for command in ("compare", "whole-bill"):
        rows = {row["platform"]: row for row in json.loads(run(capsys, command, *month)[1])}
        assert rows["cloudflare-workers"]["by_client"] == pytest.approx(ranged)
        assert rows["aws-rest-api-proxy"]["by_client"] is None


@pytest.mark.usefixtures("prices_of_the_day")
def test_a_ranking_says_what_the_same_minimum_of_instances_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Fargate keeps two, so Cloud Run is priced with two as well; where it is said, it is said."""
    month = ["compare", "aws-fargate", "google-cloud-run", "--preset", "article"]
    _, out, _ = run(capsys, *month)
    said = "With 2 kept wherever a minimum can be set google-cloud-run is $99.92 (place 1)."
    assert said in out.replace("\n", " ")
    rows = json.loads(run(capsys, *month, "--json")[1])
    by_id = {row["platform"]: row["same_minimum"] for row in rows}
    assert (by_id["aws-fargate"], by_id["google-cloud-run"]["place"]) == (None, 1)
    with_two = run(capsys, *month, "--minimum-instances", "2")[1]
    assert "kept wherever" not in with_two
    assert "$99.92" in with_two


@pytest.mark.usefixtures("prices_of_the_day")
def test_one_figure_is_no_range(capsys: pytest.CaptureFixture[str]) -> None:
    """One day, one platform, one model: its figure is said once."""
    article = ("--preset", "article")
    for words, said in (
        (("history", "aws-lambda", "2022-03-03"), "aws-lambda: $811.33 at 2022-03-03's prices."),
        (("history", "aws-lambda", "--on", "2024-02-29"), "aws-lambda: $811.33 at 2024-02-29's"),
        (
            ("eras", "--on", "2022-07-01"),
            "The cheapest of all vendors: 2022-07-01 $5.00 a month, with",
        ),
        (
            ("waiting-rate", "aws-lambda"),
            "On average an hour of waiting costs $0.0600 on aws-lambda.",
        ),
        (
            ("whole-bill", "aws-lambda", "--models", "gpt-4"),
            "Waiting and idle are 0.0897 % (gpt-4 on",
        ),
    ):
        first = run(capsys, *words, *article)[1].splitlines()[0]
        assert first.startswith(said)
        figures = re.findall(r"\$[\d.]+|[\d.]+ %", first)
        assert len(figures) == 1


def test_eras(capsys: pytest.CaptureFixture[str]) -> None:
    """A column for each day, Lambda's constant below; days of one's own."""
    days = ("2022-07-01", "2024-07-01", "2026-11-01")
    _, out, _ = run(capsys, "eras", *days, "--preset", "article")
    assert all(day in out.splitlines()[2] for day in days)
    (of_lambda,) = (row for row in out.splitlines() if row.startswith("AWS Lambda"))
    assert of_lambda.count("$811.33") == 3
    _, out, _ = run(capsys, "eras", "--preset", "article")
    assert all(day in out.splitlines()[2] for day in days[:2])
    _, plain, _ = run(capsys, "eras", "2025-01-01", "--preset", "article", "--json")
    assert json.loads(plain)[0]["day"] == "2025-01-01"
    says = "With 0 ms of CPU for a token on each of those days: Cloudflare $5.00,"
    assert says in out.replace("\n", " ")
    assert '"cheapest_usd_by_cpu_ms_per_token"' in plain


@pytest.mark.parametrize("days", [("2199-01-01",), ("9999-12-31", "2024-02-29", "9999-12-31")])
def test_eras_says_once_of_a_day_to_come_that_it_is(
    days: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """As a bill of that day does; a leap day is a day."""
    code, _, err = run(capsys, "eras", *days, "--preset", "article")
    assert code == 0
    assert err.count(f"{days[0]} is to come: these are the prices that are known today.") == 1


def test_cpu_budget(capsys: pytest.CaptureFixture[str]) -> None:
    """Two sentences."""
    code, out, _ = run(capsys, "cpu-budget", "cloudflare-containers", "--preset", "article")
    assert code == 0
    assert "cloudflare-containers is cheaper than AWS Lambda at 128 MB as long as a token" in out


def test_whole_bill_says_what_hangs_on_the_client(capsys: pytest.CaptureFixture[str]) -> None:
    """Vercel is cheaper than Cloud Run with one client measured, and dearer with another."""
    ids = ("google-cloud-run", "vercel-fluid")
    _, out, _ = run(capsys, "whole-bill", *ids, "--models", "gpt-5-nano", "--preset", "article")
    assert "by the client and the machine that were measured: its place is 1 to 2." in out


def test_whole_bill(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each model, of the request asked for or of real traffic."""
    models = ("--models", "gpt-4", "--models", "gpt-5-nano")
    _, out, _ = run(
        capsys, "whole-bill", "aws-lambda", *models, "--traffic", "code", "--requests", "1e6"
    )
    assert [line.split(",")[0] for line in out.splitlines()[3:]] == ["gpt-4", "gpt-5-nano"]
    code, _, err = run(capsys, "whole-bill", "--traffic", "code", "--preset", "article")
    assert code == 2
    assert "leave --preset and --scenario out" in err


def test_traffic(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Drawn, with its citation; or read, with what was read."""
    code, out, _ = run(capsys, "traffic", "--requests", "1e6", "--memory", "512")
    assert code == 0
    assert "24 tokens/s  80 tokens/s  200 tokens/s" in out
    assert "CC BY 4.0" in out
    file = tmp_path / "mine.csv"
    file.write_text("t,r,w\n0,10,100\n5,10,300\n", "utf-8")
    columns = ("--timestamp", "t", "--read", "r", "--written", "w")
    _, out, _ = run(capsys, "traffic", str(file), *columns)
    assert "2 requests in 5 s, 200.0 tokens written on average" in out
    code, _, err = run(capsys, "traffic", str(file))
    assert code == 2
    assert "has no column 'TIMESTAMP'; it has t, r, w" in err
    _, plain, _ = run(capsys, "traffic", str(file), *columns, "--json")
    assert {"24", "80", "200"} == json.loads(plain)[0]["usd_by_tokens_per_second"].keys()


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--init", "8s"), "init_ms changes nothing here: no request meets a cold start here"),
        (("--init", "1e20ms"), "init_ms changes nothing here: no request meets a cold start here"),
        (("--metered-cpu-per-token", "0"), "metered_cpu_ms_per_token changes nothing here: no "),
        (("--metered-cpu-per-token", "9"), "metered_cpu_ms_per_token changes nothing here: CPU"),
    ],
)
def test_what_moves_neither_platform_is_said_with_a_reason(
    option: tuple[str, str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """However large the number is, and also where it says what was so anyway."""
    words = ("break-even", "aws-lambda", "aws-fargate", "--preset", "article", *option)
    code, _, err = run(capsys, *words, "--json")
    assert code == 0
    assert err.startswith(says)


def test_a_platform_that_does_not_offer_the_size_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Beside a ranking of all, and of days: on the standard error stream where that is JSON."""
    words = ("--preset", "article", "--instance-vcpu", "0.5")
    says = "Left out: --instance-vcpu is 0.5; Vercel Fluid compute offers 1 to 2."
    code, out, _ = run(capsys, "compare", "--all", *words, "--on", "2026-11-01")
    assert code == 0
    assert says in " ".join(out.split())
    for command in (("compare", "--all", "--json", "--on", "2026-11-01"), ("eras",)):
        code, _, err = run(capsys, *command, *words)
        assert code == 0
        assert says in " ".join(err.split())
    assert (
        "Left out"
        not in run(capsys, "compare", "--all", "--preset", "article", "--on", "2026-11-01")[1]
    )
