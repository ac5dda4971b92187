"""Traces: read from a file, drawn from the shipped quantiles, and priced request by request."""

from __future__ import annotations

import gzip
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serverless_tax import bill
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.traffic import load_trace, realistic_arrivals, realistic_month
from serverless_tax.traffic.quantiles import computed, table

DAY = date(2026, 11, 1)
AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:17:03.9799600,374,44
2023-11-16 18:15:46.6805900,4808,10
2023-11-16 18:16:46.6805900,110,27
"""


def written(folder: Path, text: str, name: str = "trace.csv") -> Path:
    """Write a file."""
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_an_azure_trace_is_read_and_sorted(tmp_path: Path) -> None:
    """Times with seven decimals, rows out of order, and the same in a compressed file."""
    trace = load_trace(written(tmp_path, AZURE))
    assert trace.arrivals_s == pytest.approx([0, 60, 77.29937], abs=1e-5)
    assert trace.input_tokens.tolist() == [4808, 110, 374]
    assert trace.output_tokens.tolist() == [10, 27, 44]
    packed = tmp_path / "trace.csv.gz"
    packed.write_bytes(gzip.compress(AZURE.encode()))
    assert load_trace(packed).arrivals_s == pytest.approx(trace.arrivals_s)


def test_any_three_columns_will_do(tmp_path: Path) -> None:
    """Named, in any order, with the time as seconds: BurstGPT's, for one."""
    text = "Model,Response tokens,Request tokens,Timestamp\nChatGPT,18,472,5\nGPT-4,200,30,45\n"
    trace = load_trace(
        written(tmp_path, text),
        timestamp="Timestamp",
        input_tokens="Request tokens",
        output_tokens="Response tokens",
    )
    assert trace.arrivals_s.tolist() == [0, 40]
    assert trace.output_tokens.tolist() == [18, 200]
    assert trace.requests_per_month == pytest.approx(730 * 3600 / 40)


@pytest.mark.parametrize(("limit", "read"), [(1, 1), (2, 2), (3, 3), (9, 3), (None, 3)])
def test_a_limit_is_the_number_of_rows_read(tmp_path: Path, limit: int | None, read: int) -> None:
    """Of three requests, as many as are asked for."""
    assert len(load_trace(written(tmp_path, AZURE), limit=limit).output_tokens) == read


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no column 'TIMESTAMP'; it has nothing. Name the three columns"),
        ("a,b\n1,2\n", "has no column 'TIMESTAMP'; it has a, b"),
        ("TIMESTAMP,ContextTokens,GeneratedTokens\n", "has a header and no requests"),
        (AZURE + "yesterday,1,2\n", "line 5: TIMESTAMP is 'yesterday'; expected a date and time"),
        (AZURE + "nan,1,2\n", "line 5: TIMESTAMP is 'nan'; expected a finite"),
        (AZURE + "2023-11-16 18:18:00,-1,2\n", "line 5: ContextTokens is '-1'; expected a number"),
        (AZURE + "2023-11-16 18:18:00,1,many\n", "line 5: GeneratedTokens is 'many'"),
        (AZURE + "2023-11-16 18:18:00,1\n", "line 5, has 2 values; expected 3"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    """It names the file, the line, the column and the value."""
    file = written(tmp_path, text)
    with pytest.raises(InvalidQuantity, match=complaint) as refused:
        load_trace(file)
    assert str(file) in str(refused.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    with pytest.raises(InvalidQuantity, match="cannot be read: No such file"):
        load_trace(tmp_path / "nothing.csv")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(AZURE.encode() * 99)[:90])
    with pytest.raises(InvalidQuantity, match=r"cut.csv.gz cannot be read: Compressed file ended"):
        load_trace(tmp_path / "cut.csv.gz")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidQuantity, match="cannot be read"):
        load_trace(tmp_path / "bytes.csv")


def trace_of_three(tmp_path: Path) -> Any:
    """Return the trace of three requests as a month, every quantity given."""
    return load_trace(written(tmp_path, AZURE)).to_workload(
        tokens_per_second=50,
        first_token_ms=400,
        requests_per_month=3_000_000,
        memory_mb=1769,
        cpu_ms=3,
        cpu_ms_per_output_token=0.2,
    )


TOKENS = (10, 27, 44)


def test_lambda_bills_a_trace_as_a_plain_loop_does(tmp_path: Path) -> None:
    """GB-seconds of each request, rounded up to a millisecond on its own."""
    billed_ms = 0
    for tokens in TOKENS:
        billed_ms += math.ceil(3 + 400 + tokens / 50 * 1000)
    usd = 1_000_000 * (billed_ms / 1000 * 1769 / 1024 * 0.0000166667 + 3 * 0.0000002)
    assert bill("aws-lambda", trace_of_three(tmp_path), on=DAY).total == pytest.approx(usd)


def test_workers_bill_a_trace_as_a_plain_loop_does(tmp_path: Path) -> None:
    """CPU of each, the five dollars, and no time."""
    cpu_ms = 0.0
    for tokens in TOKENS:
        cpu_ms += 3 + tokens * 0.2
    usd = 5 + max(cpu_ms * 1e6 - 30e6, 0) * 0.02 / 1e6
    assert bill("cloudflare-workers", trace_of_three(tmp_path), on=DAY).total == pytest.approx(usd)


def test_cloud_run_bills_a_trace_as_a_plain_loop_does(tmp_path: Path) -> None:
    """One request to an instance of 1 vCPU and 2 GiB: tenths of a second of each, rounded up."""
    w = trace_of_three(tmp_path).replace(requests_per_instance=1)
    tenths = 0
    for tokens in TOKENS:
        tenths += math.ceil((3 + 400 + tokens / 50 * 1000) / 100)
    usd = 1e6 * (tenths / 10 * (0.000024 + 2 * 0.0000025) + 3 * 0.0000004)
    assert bill("google-cloud-run", w, on=DAY).total == pytest.approx(usd)


@pytest.mark.parametrize("name", ["conversation", "code"])
def test_a_drawn_month_is_like_the_trace(name: str) -> None:
    """Its means are within a percent or two of what was recorded, and each draw is the same."""
    facts, month = table()["traces"][name], realistic_month(name)
    assert np.mean(month.input_tokens) == pytest.approx(facts["mean_input_tokens"], rel=0.01)
    assert np.mean(month.output_tokens) == pytest.approx(facts["mean_output_tokens"], rel=0.03)
    assert np.mean(month.streaming_ms) == pytest.approx(np.mean(month.output_tokens) / 80 * 1000)
    again = realistic_month(name)
    assert np.array_equal(month.output_tokens, again.output_tokens)
    assert not np.array_equal(month.output_tokens, realistic_month(name, seed=1).output_tokens)


def test_answers_of_a_conversation_have_two_humps() -> None:
    """Many around a hundred tokens, many around four hundred, and few between."""
    tokens = realistic_month("conversation").output_tokens
    short, between, long = (
        np.mean((tokens >= low) & (tokens < low + 100)) for low in (50, 200, 370)
    )
    assert between < short / 2
    assert between < long / 2


@pytest.mark.parametrize(("name", "least", "most"), [("conversation", 0.9, 1.3), ("code", 5, 20)])
def test_bursts_are_as_they_were(name: str, least: float, most: float) -> None:
    """Chats come about as by chance; code in bursts with long silences between them."""
    gaps = np.diff(realistic_arrivals(name, count=100_000))
    assert least < np.std(gaps) / np.mean(gaps) < most
    assert np.mean(gaps) == pytest.approx(table()["traces"][name]["mean_gap_s"], rel=0.1)


@pytest.mark.parametrize(
    ("keywords", "complaint"),
    [
        ({"name": "conversations"}, "There is no traffic 'conversations'; did you mean"),
        ({"tokens_per_second": math.inf}, "tokens_per_second is inf; expected more than 0"),
        ({"sample_size": 0}, "sample_size is 0; expected at least one"),
        ({"tokens_per_second": 0}, "tokens_per_second is 0; expected more than 0"),
    ],
)
def test_a_month_that_cannot_be_drawn(keywords: dict[str, Any], complaint: str) -> None:
    """One sentence."""
    with pytest.raises(InvalidQuantity, match=complaint):
        realistic_month(**keywords)


@pytest.mark.parametrize("name", ["conversation", "code"])
def test_some_minutes_are_busier_than_others_as_they_were(name: str) -> None:
    """The busiest of as many minutes is about as busy as the busiest that was recorded."""
    facts = table()["traces"][name]
    when = realistic_arrivals(name, count=4 * facts["requests"])
    counts = np.bincount((when // 60).astype(int))[:-1]
    assert np.max(counts) / np.mean(counts) == pytest.approx(facts["peak_to_mean"], rel=0.15)


def test_no_arrivals_cannot_be_drawn() -> None:
    """One sentence."""
    with pytest.raises(InvalidQuantity, match="count is 0; expected at least one request"):
        realistic_arrivals(count=0)


def test_the_table_is_made_from_traces_and_says_of_which(tmp_path: Path) -> None:
    """The tool that wrote it makes the same kind of table of any two files."""
    file = str(written(tmp_path, AZURE))
    made = computed({"conversation": file, "code": file})
    shipped = table()
    assert made.keys() == shipped.keys()
    assert made["traces"]["code"].keys() == shipped["traces"]["code"].keys()
    assert made["traces"]["code"]["output_tokens"][0] == 10
    assert "CC BY 4.0" in shipped["citation"]
    assert len(shipped["levels"]) == len(shipped["traces"]["code"]["gap_s"])
