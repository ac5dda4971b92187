"""What the newer widgets show is what the package's public functions say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serverless_tax import Answers, Workload, batching, bill, decide, ladder
from serverless_tax.prices import price_sheet
from serverless_tax.request.presets import PRESETS
from serverless_tax.widgets.figures_market import MARKET, slug
from serverless_tax.widgets.request import page_day
from serverless_tax.widgets.scenario import compute, scenario, workload

REQUESTS = st.floats(1e4, 1e9)
#: Each of these examples prices a dozen designs twice.
FEW = settings(max_examples=20)
ON = {"on": page_day()}


def own_sharing(values: dict[str, float]) -> Workload:
    """Return the scenario's workload with each vendor's own number of requests to an instance."""
    return workload(values).replace(requests_per_instance=0)


@FEW
@given(
    requests=REQUESTS,
    memory_mb=st.integers(128, 10_240),
    wait_ms=st.floats(0, 120_000),
    cpu_ms=st.floats(0, 2),
    streams=st.floats(1, 2000),
)
def test_the_market_is_the_bills(
    requests: float, memory_mb: int, wait_ms: float, cpu_ms: float, streams: float
) -> None:
    """Each bar is that design's bill, with the path it needs, and splits as the bill does."""
    values = scenario() | {
        "requests_per_month": requests,
        "memory_mb": float(memory_mb),
        "generate_ms": wait_ms,
        "cpu_ms_per_output_token": cpu_ms,
        "streams_per_vcpu": streams,
    }
    figures, w = compute(values), own_sharing(values)
    for name in MARKET:
        month = bill(name, w, path="needed", **ON)
        bar = f"market_{slug(name)}"
        assert figures[f"{bar}_usd"] == pytest.approx(month.total, rel=1e-9)
        for part in ("work", "waiting", "idle"):
            whole = max(month.total, 1e-9)
            assert figures[f"{bar}_{part}_usd"] == pytest.approx(
                getattr(month, part), rel=1e-6, abs=1e-9 * whole
            )


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "transcode"])
@pytest.mark.parametrize("requests", [1e5, 1e7, 1e9])
def test_the_ladder_is_the_package_s(name: str, requests: float) -> None:
    """Every rung costs what ``ladder`` says, to the thousandth to which it searches a size."""
    values = scenario(name) | {"requests_per_month": requests}
    figures = compute(values)
    for rung in ladder(own_sharing(values), **ON):
        shown = figures[f"rung_{rung.id.replace('-', '_')}_usd"]
        assert shown == pytest.approx(rung.total_usd, rel=2e-3), rung.id


def test_a_starved_cpu_keeps_its_memory_on_the_ladder() -> None:
    """Half a second of work in two must not go to 128 MB: the least size that serves is found."""
    values = scenario() | {"receive_ms": 500.0, "generate_ms": 1500.0}
    figures = compute(values)
    memory = next(r for r in ladder(own_sharing(values), **ON) if r.id == "memory")

    assert figures["least_memory_mb"] == pytest.approx(memory.workload.memory_mb, rel=0.01)
    assert figures["least_memory_mb"] > 400


@pytest.mark.parametrize("tokens", [1, 7, 10, 500, 900])
def test_the_frontier_is_the_package_s(tokens: float) -> None:
    """Cost, delay and calls a second of a message of so many tokens are ``batching``'s."""
    values = scenario() | {"tokens_per_message": float(tokens)}
    figures = compute(values)
    [row] = batching(workload(values), [tokens], **ON)

    assert figures["batch_usd"] == pytest.approx(row.total_usd)
    assert figures["batch_door_usd"] == pytest.approx(row.front_door_usd)
    assert figures["batch_delay_ms"] == pytest.approx(row.added_delay_ms)
    assert figures["batch_messages"] == row.messages
    assert figures["batch_peak_calls_a_second"] == pytest.approx(row.calls_per_second_peak)


def test_the_session_is_made_of_bills() -> None:
    """Both lanes are bills of the package; twenty minutes and five messages are the default."""
    values = scenario()
    figures = compute(values)
    w = workload(values).replace(connection_ms=20 * 60_000 / 5)
    door = bill("aws-websocket", w, **ON).total
    minute_usd = price_sheet("aws-websocket").on(page_day())["websocket_minutes"].tiers[0][1]
    handing: Any = {"streaming_ms": 0, "wait_ms": 0, "output_tokens": 0}

    assert figures["http_usd"] == pytest.approx(bill("aws-lambda-streaming", w, **ON).total)
    assert figures["socket_usd"] == pytest.approx(bill("aws-lambda+aws-websocket", w, **ON).total)
    assert figures["socket_door_usd"] == pytest.approx(door)
    function = bill("aws-lambda", w.replace(**handing), **ON).total
    process = bill("aws-fargate", w.replace(architecture="arm64"), **ON).total
    assert figures["handed_usd"] == pytest.approx(door + function + process)
    assert figures["connection_usd"] == pytest.approx(20 * minute_usd)


def test_the_race_has_one_bill() -> None:
    """The first word comes after the work, the lookup and half a second; the bill is the same."""
    figures = compute(scenario())
    million = workload(scenario()).replace(requests_per_month=1e6)

    assert figures["first_word_ms"] == pytest.approx(5.5 + 50 + 500)
    assert figures["million_usd"] == pytest.approx(bill("aws-lambda", million, **ON).total)
    late = compute(scenario() | {"first_token_ms": 100_000.0})
    assert late["first_word_ms"] == late["wall_ms"]


@FEW
@given(
    requests=REQUESTS,
    wait_ms=st.floats(1000, 100_000),
    hour_usd=st.floats(0, 500),
    given_answers=st.tuples(*[st.booleans()] * 4),
)
def test_the_decision_is_the_package_s(
    requests: float, wait_ms: float, hour_usd: float, given_answers: tuple[bool, ...]
) -> None:
    """The page recommends what ``decide`` does, for any answers, with the same year."""
    names = ("reads_along", "sees_answer", "own_process", "other_vendor")
    answers = dict(zip(names, given_answers, strict=True))
    values = scenario() | {
        "requests_per_month": requests,
        "generate_ms": wait_ms,
        "hour_usd": hour_usd,
        **{name: float(answer) for name, answer in answers.items()},
    }
    figures = compute(values)
    found = decide(own_sharing(values), Answers(**answers), hour_usd=hour_usd, **ON)
    steps = {r.id for r in (*found.tuning, *([found.change] if found.change else []))}
    shown = {
        name.removeprefix("decided_").removesuffix("_open").replace("_", "-")
        for name, value in figures.items()
        if name.startswith("decided_") and name.endswith("_open") and value
    }

    # At a break-even a rounding may tip it: then both years are worth the same.
    assert figures["decided_year_usd"] == pytest.approx(found.first_year_usd, rel=5e-3, abs=5)
    if shown == steps:
        assert figures["decided_usd"] == pytest.approx(found.total_usd, rel=2e-3)
