"""The named requests of the book are what the book says they are."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, Workload, bill, tax_multiple
from serverless_tax.platforms.aws_lambda import cpu_wall_ms
from serverless_tax.request.presets import (
    PRESETS,
    RAG_STEPS,
    STATED_PEAK_MB,
    lab_run,
    measured_client,
)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_timeline_of_the_same_steps(name: str) -> None:
    """A page can show any of them on the same strip, and knows what to say about it."""
    about, _ = PRESETS[name]
    assert about.endswith(".")
    steps = [(step.name, step.kind) for step in Workload.preset(name).steps]
    assert steps == list(RAG_STEPS)


@pytest.mark.parametrize(
    ("name", "wall_ms", "billed_ms", "cpu_ms", "memory_mb"),
    [
        ("article", 4855.5, 4856, 5.5, 1024),
        ("article-printed", 4855, 4855, 5.5, 1024),
        ("opening", 20_005, 20_005, 5, 1024),
        ("thinking", 30_055.5, 30_056, 5.5, 1024),
        ("gpt-4-2023", 20_888.8333, 20_889, 5.5, 1024),
        ("transcode", 4800, 4800, 4800, 1769),
    ],
)
def test_the_lengths_of_a_preset(
    name: str, wall_ms: float, billed_ms: int, cpu_ms: float, memory_mb: int
) -> None:
    """The steps add up to the wall clock, and the multiple is billed over CPU."""
    w = Workload.preset(name)
    assert w.requests_per_month == 10_000_000
    assert w.memory_mb == memory_mb
    assert sum(step.ms for step in w.steps) == pytest.approx(wall_ms)
    assert w.cpu_ms == cpu_ms
    assert tax_multiple(w) == pytest.approx(billed_ms / cpu_ms)


def test_the_tokens_of_the_presets() -> None:
    """500 in the article's answer; 20 s at 100 tokens a second are 2,000 in its opening."""
    assert Workload.preset("article").output_tokens == 500
    opening = Workload.preset("opening")
    assert opening.output_tokens / (opening.streaming_ms / 1000) == 100
    gpt_4 = Workload.preset("gpt-4-2023")
    assert gpt_4.output_tokens / (gpt_4.streaming_ms / 1000) == pytest.approx(24)


def test_the_control_wastes_nothing() -> None:
    """A transcode keeps its CPU busy: a multiple of 1 and not a cent of waiting."""
    control = Workload.preset("transcode")
    assert tax_multiple(control) == 1
    assert bill("aws-lambda", control, on=DAY).waiting == 0


@pytest.mark.parametrize("client", ["openai", "http", "socket"])
def test_a_measured_client_adds_up(client: str) -> None:
    """The fixed CPU and that of 500 tokens are the CPU measured, and so is the multiple."""
    figures = measured_client(client)
    cpu_ms = figures["fixed_cpu_ms"] + 500 * figures["cpu_ms_per_output_token"]
    assert cpu_ms == pytest.approx(figures["cpu_ms"], rel=0.05)
    assert figures["multiple"] == pytest.approx(figures["billed_ms"] / figures["cpu_ms"], rel=0.01)


def test_the_measured_preset_is_the_lab_s_run() -> None:
    """The preset bills what the lab's function was billed, at the memory it ran with."""
    w, figures = Workload.preset("measured"), measured_client("openai")
    assert w.memory_mb == lab_run()["memory_mb"]
    assert tax_multiple(w) == pytest.approx(figures["multiple"], rel=0.02)


def test_a_preset_may_be_changed() -> None:
    """What is given replaces, what is not stays."""
    small = Workload.preset("article", memory_mb="128 MB")
    assert (small.memory_mb, small.cpu_ms) == (128, 5.5)


@pytest.mark.parametrize(
    "name", ["article", "article-printed", "opening", "thinking", "gpt-4-2023"]
)
def test_what_the_article_timed_by_the_clock_is_cpu_time(name: str) -> None:
    """In 1,024 MB its steps are within the first quota, so that none of them was stopped."""
    w = Workload.preset(name)
    assert w.replace(cpu_ms=w.cpu_ms, measured_at_mb=1024).cpu_ms == w.cpu_ms
    for step in w.steps:
        if step.kind == "cpu":
            assert cpu_wall_ms(step.ms, 1024) == step.ms


def test_an_unknown_preset_names_the_nearest() -> None:
    """A slip of the finger gets a suggestion, anything else the list."""
    with pytest.raises(InvalidQuantity, match=r"no preset 'artcle'; did you mean 'article'\?$"):
        Workload.preset("artcle")
    with pytest.raises(InvalidQuantity, match=r"no preset 'x'; there are article, .*transcode\.$"):
        Workload.preset("x")


def test_every_preset_states_the_memory_it_needs_at_most() -> None:
    """Video takes 600 MB; the rest is a client of a model, which takes 100."""
    peaks = dict.fromkeys(PRESETS, 100.0) | {"transcode": 600.0}
    assert peaks == STATED_PEAK_MB
