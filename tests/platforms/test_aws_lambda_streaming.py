"""Lambda with a streamed response: the bill of a buffered one, and bytes past 6 MB."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, UnknownPrice, Workload, bill
from serverless_tax.platforms.aws_lambda_streaming import usage

MB = 1024 * 1024


def month(platform: str = "aws-lambda-streaming", **quantities: Any) -> Bill:
    """Return the bill of a million requests at 1,024 MB, unless said otherwise."""
    return bill(
        platform, Workload(**({"requests_per_month": 1e6, "memory_mb": 1024} | quantities)), on=DAY
    )


@pytest.mark.parametrize(
    ("size", "streamed"), [(0, 0), (6 * MB, 0), (6 * MB + 1024, 1024), (7 * MB, MB)]
)
def test_bytes_past_six_megabytes_of_each_answer(size: float, streamed: float) -> None:
    """The first 6 MB of each answer are free, whatever the others have."""
    w = Workload(requests_per_month=1, memory_mb=1024, response_bytes=[size, 0])
    assert float(usage(w)["streamed_gb"][0]) == streamed / 1024**3


def test_streaming_an_answer_of_words_costs_what_buffering_it_does() -> None:
    """The article's answers have kilobytes: the tax stays as it is, to the last bit."""
    article = Workload.preset("article")
    streamed = bill("aws-lambda-streaming", article, on=DAY)
    buffered = bill("aws-lambda", article, on=DAY)
    assert streamed.items == buffered.items
    assert streamed.waiting == buffered.waiting


@pytest.mark.parametrize(("streaming_ms", "billed_ms"), [(0, 1000), (500, 1000), (3000, 3000)])
def test_past_six_megabytes_a_stream_has_two_a_second(
    streaming_ms: float, billed_ms: float
) -> None:
    """8 MB take a second for the last two, unless the answer is slower than that by itself."""
    w = Workload(
        requests_per_month=1,
        memory_mb=1024,
        streaming_ms=streaming_ms,
        cpu_ms_per_output_token=0,
        response_bytes=8 * MB,
    )
    assert usage(w)["billed_ms"] == billed_ms


def test_streaming_takes_what_a_buffer_does_not() -> None:
    """10 MB are too much for a buffered answer and 201 MB for a streamed one."""
    assert not month(response_bytes=10 * MB).obstacles
    assert "6 MB" in month("aws-lambda", response_bytes=10 * MB).obstacles[0]
    assert "200 MB" in month(response_bytes=201 * MB).obstacles[0]
    assert "6 MB" in month(request_bytes=7 * MB).obstacles[0]


def test_there_was_no_streaming_before_it_was_announced() -> None:
    """The sheet starts on the day of the announcement."""
    w = Workload(requests_per_month=1e6, memory_mb=1024)
    with pytest.raises(UnknownPrice, match="2023-04-07"):
        bill("aws-lambda-streaming", w, on=DAY.replace(year=2023, month=4, day=6))


def test_an_answer_may_have_two_hundred_megabytes() -> None:
    """Nothing stands in the way of 200 MB, the most there is."""
    assert not month(response_bytes=200 * MB).obstacles
