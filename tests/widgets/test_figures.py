"""What the newer widgets show is what the package's public functions say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import at_most, one_in

from serverless_tax import (
    Answers,
    Facts,
    InvalidQuantity,
    Workload,
    advise,
    batching,
    bill,
    decide,
    ladder,
)
from serverless_tax.prices import price_sheet
from serverless_tax.questions.decide import climbed_for, decided
from serverless_tax.questions.facts import Possibility, calls_told
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.sentence import SAYS
from serverless_tax.questions.web_functions import web_functions
from serverless_tax.request.presets import PRESETS
from serverless_tax.widgets.market.figures import MARKET, slug
from serverless_tax.widgets.page_request import month_of, page_day, page_request
from serverless_tax.widgets.scenario import compute, page_prices, scenario, workload
from serverless_tax.widgets.session import DESIGNS
from serverless_tax.widgets.widget import widgets

REQUESTS = st.floats(1e4, 1e9)
#: Each of these examples prices a dozen designs twice.
FEW = at_most(20)
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
        for part in ("work", "fees", "waiting", "idle"):
            whole = max(month.total, 1e-9)
            assert figures[f"{bar}_{part}_usd"] == pytest.approx(
                getattr(month, part), rel=1e-6, abs=1e-9 * whole
            )


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("requests", [1e5, 1e7, 1e9])
def test_the_ladder_is_the_package_s(name: str, requests: float) -> None:
    """Every rung costs and saves what ``ladder`` says; one that is none there changes nothing."""
    values = scenario(name) | {"requests_per_month": requests}
    figures = compute(values)
    rungs = {rung.id: rung for rung in ladder(own_sharing(values), **ON)}
    for rung_id in RUNGS:
        shown = f"rung_{slug(rung_id)}"
        assert figures[f"{shown}_applies"] == (rung_id in rungs), rung_id
        if rung_id in rungs:
            rung = rungs[rung_id]
            start = rungs["as-it-is"].total_usd
            assert figures[f"{shown}_usd"] == pytest.approx(rung.total_usd, rel=1e-9), rung_id
            assert figures[f"{shown}_step_usd"] == pytest.approx(rung.step_usd, abs=1e-9 * start)
        else:
            assert figures[f"{shown}_usd"] == figures["rung_arm_usd"]
            assert figures[f"{shown}_step_usd"] == 0
    assert figures["least_memory_mb"] == rungs["memory"].workload.memory_mb


def test_a_starved_cpu_keeps_its_memory_on_the_ladder() -> None:
    """Half a second of work in two must not go to 128 MB: the least size that serves is found."""
    values = scenario() | {"receive_ms": 500.0, "generate_ms": 1500.0}
    figures = compute(values)
    memory = next(r for r in ladder(own_sharing(values), **ON) if r.id == "memory")

    assert figures["least_memory_mb"] == memory.workload.memory_mb
    assert figures["least_memory_mb"] > 400


@pytest.mark.parametrize(
    ("tokens", "memory_mb", "name"),
    one_in(3, itertools.product((1, 7, 10, 500, 900), (128.0, 1024.0), PRESETS)),
)
def test_the_frontier_is_the_package_s(tokens: float, memory_mb: float, name: str) -> None:
    """Cost, delay and calls a second of a message of so many tokens are ``batching``'s."""
    values = scenario(name) | {"tokens_per_message": float(tokens), "memory_mb": memory_mb}
    if not values["output_tokens"]:
        values["output_tokens"] = 300.0  # tokens that come at once, at the end
    figures = compute(values)
    [row] = batching(workload(values), [tokens], **ON)

    assert figures["batch_usd"] == pytest.approx(row.total_usd, rel=1e-9)
    assert figures["batch_door_usd"] == pytest.approx(row.front_door_usd, rel=1e-9)
    assert figures["batch_delay_ms"] == row.added_delay_ms
    assert figures["batch_messages"] == row.messages
    assert figures["batch_peak_calls_a_second"] == row.calls_per_second_peak


def door_of(figures: dict[str, float]) -> float:
    """Return what the gateway takes."""
    return figures["socket_messages_usd"] + figures["socket_minutes_usd"]


def test_the_session_is_made_of_bills() -> None:
    """Both lanes are bills of the package; twenty minutes and five messages are the default."""
    values = scenario()
    figures = compute(values)
    w = workload(values).replace(connection_ms=20 * 60_000 / 5)
    door = bill("aws-lambda+aws-websocket", w, **ON).total - bill("aws-lambda", w, **ON).total
    minute_usd = price_sheet("aws-websocket").on(page_day())["websocket_minutes"].tiers[0][1]
    handing: Any = {"streaming_ms": 0, "wait_ms": 0, "output_tokens": 0}

    assert figures["http_usd"] == pytest.approx(bill("aws-lambda-streaming", w, **ON).total)
    assert figures["socket_usd"] == pytest.approx(bill("aws-lambda+aws-websocket", w, **ON).total)
    assert door_of(figures) == pytest.approx(door)
    function = bill("aws-lambda", w.replace(**handing), **ON).total
    process = bill("aws-fargate", w.replace(architecture="arm64"), **ON).total
    assert figures["handed_usd"] == pytest.approx(door + function + process)
    assert figures["connection_usd"] == pytest.approx(20 * minute_usd)
    for design in DESIGNS:
        parts = sum(figures[name] for _, name, _ in design["lines"])
        assert parts == pytest.approx(figures[design["total"]]), design["title"]


def test_a_session_s_answers_take_as_long_as_their_function() -> None:
    """By hand, the article's request, whose answers follow on each other: 40 in a minute.

    At 1,769 MB it takes 5.5 + 50 + 4,800 ms. At 128 MB a period's quota of CPU is 1.44715 ms.
    The last of the 5.5 ms is counted from 3.5 to 5.5: two quotas until 4.34144, then three, so
    2.57928 in the mean. That is 5.5 - 4.5 + 20 * 2.57928 = 52.5856 ms, 47.0856 more.
    """
    values = scenario() | {"session_s": 60.0, "session_messages": 40.0, "requests_per_month": 1e7}
    whole, slow = (compute(values | {"memory_mb": mb}) for mb in (1769.0, 128.0))
    minute_usd = price_sheet("aws-websocket").on(page_day())["websocket_minutes"].tiers[0][1]
    more_usd = 47.0856 / 60_000 * 1e7 * minute_usd
    assert door_of(slow) - door_of(whole) == pytest.approx(more_usd, rel=1e-5)

    seldom = values | {"session_s": 3600.0, "session_messages": 10.0}
    shares = [compute(seldom | {"memory_mb": mb})["answering_share"] for mb in (1769.0, 128.0)]
    assert shares == pytest.approx([48.555 / 3600, 49.025856 / 3600], rel=1e-8)


def test_the_first_word_comes_after_the_lookup() -> None:
    """After the work, the lookup and half a second; and with the last word at the latest."""
    figures = compute(scenario())
    assert figures["first_word_ms"] == pytest.approx(5.5 + 50 + 500)
    late = compute(scenario() | {"first_token_ms": 100_000.0})
    assert late["first_word_ms"] == late["wall_ms"]


QUESTIONS = ("reads_along", "sees_answer", "own_process", "other_vendor")
ANSWERS = [
    dict(zip(QUESTIONS, given_answers, strict=True))
    for given_answers in itertools.product((False, True), repeat=len(QUESTIONS))
]


def on_the_page(javascript: Any, values: dict[str, float]) -> dict[str, float]:
    """Return the figures as the page's script computes them."""
    words: dict[str, float | str] = javascript("worded", values, list(compute(values)))
    return {name: float(value) for name, value in words.items()}


def answers_in(values: dict[str, float]) -> dict[str, Any]:
    """Return the answers among the values of a page, where yes is 1."""
    return {
        f.name: values[f.name] if f.name in ("calls", "longest_ms") else bool(values[f.name])
        for f in fields(Answers)
    }


def check_sentence(javascript: Any, values: dict[str, float], answers: dict[str, bool]) -> None:
    """Assert that the page says the package's sentence, a range where a peak or call is unknown."""
    said = answers_in(values) | answers
    more: Any = {"hour_usd": values["hour_usd"], "effective_rate": values["effective_rate"]}
    more["longest_ms"] = values["longest_ms"] or None
    more["one_wait"] = True  # as a page's link has it
    words = widgets()["decide"].words()
    on_page = javascript("advised", words["ADVICE"], words["CHANGES"], values | answers)
    try:
        facts = Facts.stated(own_sharing(values), Answers(**said), **more)
    except InvalidQuantity as error:
        facts, refused = None, str(error)
    if facts is None:  # a peak above the memory is refused in the same words
        assert on_page["sentence"] == (refused if "peak" in refused else SAYS["contradict"])
        return
    advice = advise(facts, **ON)
    assert on_page["sentence"] == advice.sentence
    if advice.is_point and advice.most.as_said.steps:
        assert on_page["sum"] == advice.most.as_said.sum


def check_decision(
    values: dict[str, float], answers: dict[str, bool], figures: dict[str, Any]
) -> None:
    """Assert that the page recommends what ``decide`` does, and at the same dollars.

    What streams is on the page the wait for all calls, where there are more than it tells apart.
    """
    hour_usd, rate = values["hour_usd"], values["effective_rate"]
    given_answers = Answers(**answers_in(values) | answers)
    w = own_sharing(values)
    if given_answers.calls > calls_told(w):
        case = Possibility({}, w, given_answers, of_all=True, hour_usd=hour_usd, rate=rate)
        found = decided(w, given_answers, hour_usd, climbed_for(w, case.overlaps, rate, **ON))
    else:
        found = decide(w, given_answers, hour_usd=hour_usd, effective_rate=rate, **ON)
    steps = {rung.id for rung in (*found.tuning, *([found.change] if found.change else []))}
    shown = {name for name in RUNGS if figures.get(f"decided_{slug(name)}_open")}
    assert shown == steps
    close: Any = {"rel": 1e-9, "abs": 1e-8 * found.start_usd}
    assert figures["decided_usd"] == pytest.approx(found.total_usd, **close)
    assert figures["decided_year_usd"] == pytest.approx(found.first_year_usd, **close)
    left_open = {name for name in RUNGS if figures[f"rung_{slug(name)}_open"]}
    assert left_open == {rung.id for rung in found.considered}
    for rung in found.considered:
        if rung.step_usd <= 0:
            continue
        # Its hours, less those of the tuning where it replaces the function.
        earns = rung.step_usd * 12 - rung.payback_months * rung.step_usd
        assert figures[f"change_{slug(rung.id)}_year_usd"] == pytest.approx(earns, **close)


def every_question() -> Iterator[Any]:
    """Yield each preset with each set of answers: one of each now, all in `make test-all`."""
    for k, (name, answers) in enumerate(itertools.product(PRESETS, ANSWERS)):
        now = (k + k // len(ANSWERS)) % len(ANSWERS) == 0
        yield pytest.param(name, answers, marks=() if now else pytest.mark.slow)


@pytest.mark.parametrize(("name", "answers"), list(every_question()))
def test_every_preset_is_decided_alike(
    javascript: Any, name: str, answers: dict[str, bool]
) -> None:
    """For every answer, in Python and as the browser has it; no request is left out."""
    values = scenario(name) | {key: float(value) for key, value in answers.items()}
    check_decision(values, answers, compute(values))
    shown = on_the_page(javascript, values)
    check_decision(values, answers, shown)
    check_sentence(javascript, values, answers)


@FEW
@given(
    changes=st.fixed_dictionaries(
        {
            "requests_per_month": REQUESTS,
            "memory_mb": st.integers(128, 10_240).map(float),
            "peak_memory_mb": st.one_of(st.just(0.0), st.integers(1, 10_240).map(float)),
            "calls": st.integers(1, 100).map(float),
            "longest_ms": st.one_of(st.just(0.0), st.floats(1, 900_000)),
            "in_order": st.sampled_from([0.0, 1.0]),
            "out_of_memory": st.sampled_from([0.0, 1.0]),
            "times_out": st.sampled_from([0.0, 1.0]),
            "effective_rate": st.floats(0.01, 1),
            "receive_ms": st.one_of(st.just(0.0), st.floats(0, 20_000)),
            "retrieve_ms": st.one_of(st.just(0.0), st.floats(0, 20_000)),
            "generate_ms": st.one_of(st.just(0.0), st.floats(0, 120_000)),
            "output_tokens": st.integers(0, 100_000).map(float),
            "cpu_ms_per_output_token": st.one_of(st.just(0.0), st.floats(0, 10)),
            "cold_start_share": st.floats(0, 1),
            "init_ms": st.floats(0, 20_000),
            "arm": st.sampled_from([0.0, 1.0]),
            "hour_usd": st.floats(0, 500),
        }
    ),
    name=st.sampled_from(sorted(PRESETS)),
    answers=st.sampled_from(ANSWERS),
)
def test_the_decision_is_the_package_s(
    javascript: Any, changes: dict[str, float], name: str, answers: dict[str, bool]
) -> None:
    """Whatever a reader sets, from whatever preset, with whatever answers."""
    values = scenario(name) | changes | {key: float(value) for key, value in answers.items()}
    check_decision(values, answers, compute(values))
    shown = on_the_page(javascript, values)
    check_decision(values, answers, shown)
    check_sentence(javascript, values, answers)


def test_a_request_that_only_computes_is_left_alone() -> None:
    """No wait, so no gateway takes it over: Arm alone pays, and nothing else is recommended."""
    values = scenario("transcode") | {"sees_answer": 0.0}
    figures = compute(values)
    taken = [name for name in RUNGS if figures.get(f"decided_{slug(name)}_open")]
    # 48 M s × 1,769 / 1,024 GB, at Arm's price, and 10 M requests.
    assert taken == ["arm"]
    prices = price_sheet("aws-lambda").on(page_day())
    second_usd = 1769 / 1024 * prices["duration_arm_gb_seconds"].tiers[0][1]
    fees_usd = 1e7 * prices["requests"].tiers[0][1]
    assert figures["decided_usd"] == pytest.approx(fees_usd + 1e7 * 4.8 * second_usd)


def test_a_figure_that_reads_what_nobody_sets_says_what_there_is() -> None:
    """Not that some widget cannot be imported, as an attribute that is missing would."""
    with pytest.raises(LookupError, match=r"reads 'wait_ms'.*call_ms.*page_request"):
        compute(scenario(), lambda s, _: {"hours": s.wait_ms / 3.6e6})


def test_what_cannot_serve_is_recommended_nowhere(javascript: Any) -> None:
    """A minute of work is 829 s at 128 MB, and the answer takes two minutes more."""
    answers = dict.fromkeys(ANSWERS[0], False)
    steps = dict.fromkeys(("receive_ms", "prompt_ms", "call_ms"), 20_000.0)
    sizes = {"memory_mb": 128.0, "generate_ms": 120_000.0}
    values = scenario() | steps | sizes | dict.fromkeys(answers, 0.0)
    figures = compute(values)
    assert figures["rung_as_it_is_serves"] == figures["rung_no_proxy_serves"] * 0 == 0
    check_decision(values, answers, figures)
    check_decision(values, answers, on_the_page(javascript, values))


@pytest.mark.parametrize(
    ("memory_mb", "peak_memory_mb", "out_of_memory", "is_full"),
    [
        (128.0, 8534.0, 1.0, True),
        (128.0, 8533.0, 1.0, False),
        (9000.0, 9000.0, 0.0, True),
        (10_240.0, 0.0, 1.0, True),
        (9000.0, 8600.0, 0.0, False),
    ],
)
def test_a_peak_that_no_size_holds_is_said(
    javascript: Any, *, memory_mb: float, peak_memory_mb: float, out_of_memory: float, is_full: bool
) -> None:
    """A fifth above the peak has to fit into 10,240 MB where there is too little memory."""
    values = scenario() | dict.fromkeys(ANSWERS[0], 0.0)
    values |= {"memory_mb": memory_mb, "peak_memory_mb": peak_memory_mb}
    values |= {"out_of_memory": out_of_memory}
    words = widgets()["decide"].words()
    said = javascript("advised", words["ADVICE"], words["CHANGES"], values | ANSWERS[0])
    assert (SAYS["full"] in said["sentence"]) is is_full
    check_sentence(javascript, values, ANSWERS[0])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_costs_on_a_page_what_its_bill_says(name: str) -> None:
    """On every design that a widget prices, at list prices; nothing is left out on purpose."""
    request = page_request(SimpleNamespace(**scenario(name)))
    priced = dict.fromkeys(one for each in widgets().values() for one in each.designs)
    on_page = {one: month_of(one, request, page_prices()).total for one in priced}
    billed = {one: bill(one, Workload.preset(name), **ON).total for one in priced}
    assert len(on_page) > 10
    assert on_page == pytest.approx(billed, rel=1e-9)


@pytest.mark.parametrize("name", PRESETS)
def test_a_session_differs_from_a_preset_s_bill_by_its_minutes_alone(name: str) -> None:
    """On purpose: its client stays for the whole conversation, not only while it is answered."""
    figures, w = compute(scenario(name)), Workload.preset(name)
    plain = bill("aws-lambda+aws-websocket", w, **ON)
    minutes = sum(i.cost for i in plain.items if i.dimension == "websocket_minutes")
    more = figures["socket_minutes_usd"] - minutes
    assert figures["socket_usd"] - plain.total == pytest.approx(more)
    assert more > 0
    assert figures["http_usd"] == pytest.approx(bill("aws-lambda-streaming", w, **ON).total)
    [row] = batching(w, [w.tokens_per_message], **ON) if w.output_tokens else [None]
    assert row is None or figures["batch_usd"] == pytest.approx(row.total_usd)


@FEW
@given(
    st.sampled_from(sorted(PRESETS)),
    st.fixed_dictionaries(
        {
            "requests_per_month": REQUESTS,
            "memory_mb": st.integers(128, 10_240).map(float),
            "generate_ms": st.floats(0, 600_000) | st.floats(800_000, 1_000_000),
            "cpu_ms_per_output_token": st.floats(0, 2),
            "metered_cpu_ms_per_token": st.floats(0, 2),
            "peak_memory_mb": st.sampled_from([0.0, 100.0, 2048.0, 2049.0, 9000.0]),
            "init_ms": st.floats(0, 5000),
            "cold_start_share": st.floats(0, 1),
        }
    ),
)
def test_web_functions_are_the_package_s(name: str, drawn: dict[str, float]) -> None:
    """What an hour of CPU may cost at most is ``web_functions``'s; 0 where they cannot serve."""
    values = scenario(name) | drawn
    found = web_functions(own_sharing(values), **ON)
    most_usd = 0 if found.obstacles else found.vcpu_hour_usd
    assert compute(values)["web_vcpu_hour_usd"] == pytest.approx(most_usd, abs=1e-9)
