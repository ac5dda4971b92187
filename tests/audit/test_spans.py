"""Waiting by spans: the union of the calls of an invocation, and what it is said not to cover."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import spans_of as of
from audit_logs import ID, line
from sampled import one_in

from serverless_tax.cli.app import run


def audited(capsys: pytest.CaptureFixture[str], *words: Any) -> Any:
    """The JSON of an audit that has to succeed."""
    assert run(["audit", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def waited(found: Any) -> tuple[str, float]:
    """How the waiting of the only function is known, and the least share of its billed time."""
    (one,) = found["functions"]
    return one["waiting"]["how"], one["waiting"]["share"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """One invocation of 1,000 ms, by a clock that is an hour away from that of the spans."""
    path = tmp_path / "rag.log"
    path.write_text(f"2026-11-01T09:00:00.000Z {line('1000.00')}\n")
    return path


def server(**more: Any) -> dict[str, Any]:
    """The span of the invocation itself."""
    return of.span(1, "server", 0, 1000, None, **({"faas__invocation_id": ID} | more))


#: 100 to 400 ms and 300 to 600 ms: half a second is waited.
CALLS = [of.span(2, "client", 100, 400, 1), of.span(3, "client", 300, 600, 1)]
SHAPES = {
    "camel case, hex": lambda spans: json.dumps(of.request(spans)),
    "underscores, base64": lambda spans: json.dumps(of.with_underscores(of.request(spans))),
    "pretty": lambda spans: json.dumps(of.request(spans), indent=2),
    "a request a line, calls first": lambda spans: "\n".join(
        json.dumps(of.request([one])) for one in reversed(spans)
    ),
    "aws/spans, a span a line": lambda spans: "\n".join(json.dumps(of.flat(s)) for s in spans),
    "aws/spans, of filter-log-events": lambda spans: json.dumps(
        {"events": [{"message": json.dumps(of.flat(s)), "timestamp": 1} for s in spans]}
    ),
    "the same twice": lambda spans: "\n".join([json.dumps(of.request(spans))] * 2),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_overlapping_calls_are_waited_for_once(
    shape: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the spans are written as."""
    path = log.with_name("traces.json")
    path.write_text(SHAPES[shape]([server(), *CALLS]))
    found = audited(capsys, log, "--spans", path)
    assert waited(found) == ("spans", pytest.approx(0.5))
    (one,) = found["functions"]
    assert one["name"] == "rag"  # which only the spans say
    assert one["waiting"]["most_share"] == pytest.approx(1.0)
    assert one["waiting_usd"] == pytest.approx(0.5 * 1000 / 1e3 * 0.0000166667, rel=1e-6)


@pytest.mark.parametrize(
    "shape", one_in(3, sorted(SHAPES.keys() - {"aws/spans, of filter-log-events"}))
)
def test_spans_among_the_logs_are_known_by_themselves(
    shape: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder of both."""
    log.with_name("a.json").write_text(SHAPES[shape]([server(), *CALLS]))
    assert waited(audited(capsys, log.parent)) == ("spans", pytest.approx(0.5))


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([server(), of.span(2, "client", 900, 1400, 1)], 0.1),  # it outlives the invocation
        ([server(), of.span(2, "client", -300, 200, 1)], 0.2),  # or began before it
        ([server(), of.span(2, "own", 0, 1000, 1), of.span(3, "client", 0, 300, 2)], 0.3),
        ([server(), of.span(2, "client", 0, 900, 1), of.span(3, "client", 100, 800, 2)], 0.7),
        ([server(), of.span(2, "client", 0, 800, 1), of.span(3, "own", 600, 1000, 1)], 0.6),
        ([server(), of.span(2, "client", 0, 800, 1), of.span(3, "own", 10, 60, 2)], 0.8),
        ([server(), of.span(2, "producer", 0, 250, 1)], 0.25),
        ([server(), of.span(2, "client", 0, 400, 99)], 0.4),  # its parent was not kept
        # A function that this one calls: its calls are its own.
        (
            [
                server(),
                of.span(2, "client", 0, 400, 1),
                of.span(3, "server", 50, 350, 2, faas__invocation_id="another"),
                of.span(4, "client", 350, 900, 3),
            ],
            0.4,
        ),
        # Messages of a queue, each with a span of its own.
        (
            [
                of.span(1, "consumer", 0, 1000, faas__execution=ID),
                of.span(2, "own", 0, 500, 1),
                of.span(3, "client", 0, 450, 2),
            ],
            0.45,
        ),
    ],
)
def test_the_union_is_clipped_and_nested_calls_are_told(
    spans: list[Any], share: float, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The innermost call says the wait most closely; work beside a call is none."""
    log.with_name("traces.json").write_text(json.dumps(of.request(spans)))
    assert waited(audited(capsys, log.parent)) == ("spans", pytest.approx(share))


def test_what_spans_do_not_cover_is_said(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the report, with how many invocations have any."""
    log.write_text(f"{line('1000.00')}\n{line('1000.00', request_id='0' + ID[1:])}\n")
    spans = [server(), *CALLS]
    log.with_name("traces.json").write_text(json.dumps(of.request(spans)))
    assert run(["audit", str(log.parent)]) == 0
    said = capsys.readouterr().out
    assert "50 % of the time of 1 of 2 invocations; the rest is unknown" in said
    assert "50 % to 100 %" in said
    assert "unknown function (rag.log)" in said  # one of two may be of another
    assert "CPU inside of a call" in said


def test_an_invocation_without_a_record_is_said(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its spans count for nobody."""
    spans = [server(faas__invocation_id="gone"), *CALLS]
    log.with_name("traces.json").write_text(json.dumps(of.request(spans)))
    found = audited(capsys, log.parent)
    assert found["functions"][0]["waiting"]["how"] == "unknown"
    assert "1 invocation has spans and no record" in " ".join(found["totals"]["notes"])


@pytest.mark.parametrize("where", ["behind", "in the event"])
def test_a_trace_s_id_joins_where_no_span_has_the_request_s(
    where: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stands on a line behind the record, or in Lambda's event."""
    record = f"{line('1000.00')}\nXRAY TraceId: {of.XRAY_TRACE}\tSegmentId: 1\tSampled: true\n"
    if where == "in the event":
        tracing = {"type": "X-Amzn-Trace-Id", "value": f"Root={of.XRAY_TRACE};Sampled=1"}
        metrics = {"durationMs": 1000.0, "billedDurationMs": 1000, "memorySizeMB": 1024}
        metrics["maxMemoryUsedMB"] = 90
        said = {"requestId": ID, "metrics": metrics, "tracing": tracing, "status": "success"}
        record = json.dumps(
            {"time": "2026-11-01T10:00:00.000Z", "type": "platform.report", "record": said}
        )
    log.write_text(record)
    only_calls = [of.span(2, "client", 0, 300, 1), of.span(3, "client", 500, 700, 1)]
    log.with_name("traces.json").write_text(json.dumps(of.request(only_calls)))
    assert waited(audited(capsys, log.parent)) == ("spans", pytest.approx(0.5))


X_RAY = {
    "batch-get-traces": lambda made: json.dumps(of.batch_get_traces(made), indent=4),
    "documents": lambda made: "\n".join(json.dumps(one) for one in made),
    "a list": json.dumps,
}


@pytest.mark.parametrize("shape", X_RAY)
def test_segments_of_x_ray_say_the_same(
    shape: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call has a request's id too: that of whoever answered it."""
    made = of.segments(ID, [(100, 400), (300, 600), (990, 1200)], 1000)
    log.with_name("traces.json").write_text(X_RAY[shape](made))
    assert waited(audited(capsys, log.parent)) == ("spans", pytest.approx(0.51))


TOKENS = [
    ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"),
    ("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens"),
]


@pytest.mark.parametrize(
    ("names", "kind"), one_in(3, [(names, kind) for names in TOKENS for kind in ("client", "own")])
)
def test_models_say_their_tokens(
    names: tuple[str, str], kind: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the names of today and those before; one inside of the process leaves it too."""
    said = {names[0]: 1200, names[1]: 340, "gen_ai.server.time_to_first_token": 0.42}
    call = of.span(2, kind, 0, 800, 1, gen_ai__operation__name="chat", **said)
    log.with_name("traces.json").write_text(json.dumps(of.request([server(), call])))
    found = audited(capsys, log.parent)
    assert waited(found) == ("spans", pytest.approx(0.8))
    models = found["functions"][0]["models"]
    assert (models["input_tokens"], models["output_tokens"]) == (1200, 340)
    assert models["first_token_ms"] == pytest.approx(420)
    assert run(["audit", str(log.parent)]) == 0
    assert "1,200 tokens in and 340 out a call, the first after 420 ms" in capsys.readouterr().out
    del call["attributes"][[one["key"] for one in call["attributes"]].index(names[0])]
    log.with_name("traces.json").write_text(json.dumps(of.request([server(), call])))
    assert run(["audit", str(log.parent)]) == 0
    assert (
        "Models: 1 call in the spans of 1 invocation, 340 tokens out a call, the first"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"resourceSpans": []}', "holds no span"),
        (json.dumps(of.request([server()]))[:-40], "ends within a span"),
        (json.dumps(of.request([server()])) + "\n" + line(), "name it as a log, and with --spans"),
    ],
)
def test_what_is_no_file_of_spans_is_refused(
    text: str, sentence: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence that says what to do."""
    path = log.with_name("traces.json")
    path.write_text(text)
    assert run(["audit", str(log), str(path)]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert not said.out


def test_spans_alone_have_no_bill(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log of the same time is needed too."""
    path = log.with_name("traces.json")
    path.write_text(json.dumps(of.request([server(), *CALLS])))
    assert run(["audit", str(path)]) == 2
    assert "no bill; name the log" in capsys.readouterr().err


def test_a_log_that_holds_spans_is_read_as_both(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a function prints its spans into its own log."""
    log.write_text(json.dumps(of.request([server(), *CALLS])) + "\n" + log.read_text())
    assert waited(audited(capsys, log, "--spans", log)) == ("spans", pytest.approx(0.5))


#: How the functions of an account are instrumented, as one finds them: most by a layer that traces
#: a part of the requests, some by X-Ray alone, a few with a meter, some not at all.
ACCOUNT = {"layer": 28, "layer, no call": 3, "x-ray": 9, "meter": 2, "nothing": 8}


def account(folder: Path) -> dict[str, tuple[str, float]]:
    """Write logs and spans of fifty functions; return how each is instrumented, and its wait."""
    truth, otlp, documents = {}, [], []
    names = [kind for kind, count in ACCOUNT.items() for _ in range(count)]
    for k, kind in enumerate(names):
        name, length_ms = f"service-{k:02d}", 40 + 37 * k
        wait_ms = 0 if kind == "layer, no call" else round(length_ms * (0.35 + k / 100))
        lines = []
        for call in range(30):
            request_id = f"{k:08x}-{call:04x}{ID[13:]}"
            lines.append(line(f"{length_ms}.00", request_id=request_id))
            if kind == "meter":
                said = {"metered": 1, "request_id": request_id, "cpu_ms": 9, "wall_ms": length_ms}
                lines.insert(-1, json.dumps(said | {"function": name, "memory_mb": 1769}))
            trace = f"{k:016x}{call:016x}"
            if call % 3:  # not sampled
                continue
            if kind.startswith("layer"):
                root = of.span(
                    1, "server", 0, length_ms, faas__invocation_id=request_id, trace=trace
                )
                half = [(5, 5 + wait_ms * 0.6), (5 + wait_ms * 0.4, 5 + wait_ms)]
                calls = [of.span(2 + n, "client", *h, 1, trace=trace) for n, h in enumerate(half)]
                otlp.append(of.request([root, *(calls if wait_ms else [])], name))
            elif kind == "x-ray":
                made = of.segments(request_id, [(5, 5 + wait_ms)], length_ms)
                text = json.dumps(made).replace(of.XRAY_TRACE, f"1-{trace[:8]}-{trace[8:]}")
                documents += json.loads(text.replace("function:rag", f"function:{name}"))
        folder.joinpath(f"{name}.log").write_text("\n".join(lines))
        truth[name] = kind, wait_ms / length_ms
    folder.joinpath("otlp.json").write_text("\n".join(map(json.dumps, otlp)))
    folder.joinpath("x-ray.json").write_text(json.dumps(of.batch_get_traces(documents)))
    return truth


def test_of_fifty_functions_those_without_calls_or_spans_are_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eleven are; without the spans it was all but those with a meter."""
    truth = account(tmp_path)
    found = audited(capsys, *tmp_path.glob("*.log"))["functions"]
    assert sum(one["waiting"]["how"] == "unknown" for one in found) == 48
    functions = audited(capsys, tmp_path)["functions"]
    assert sum(one["waiting"]["how"] == "unknown" for one in functions) == 11
    for one in functions:
        kind, share = truth[one["name"].removeprefix("unknown function (").partition(".log")[0]]
        waiting = one["waiting"]
        if kind in ("layer", "x-ray"):
            assert waiting["share"] == pytest.approx(share), one["name"]
            assert "of 10 of 30 invocations" in waiting["says"]
        else:
            assert waiting["how"] == ("measured" if kind == "meter" else "unknown")
            assert ("hold no call" in waiting["says"]) == (kind == "layer, no call")


@pytest.mark.parametrize(
    "said",
    [
        {"llm.request.type": "chat", "gen_ai.usage.prompt_tokens": 12},
        {"openinference.span.kind": "LLM", "llm.token_count.prompt": 12},
    ],
)
def test_models_asked_by_other_names_are_calls(
    said: dict[str, Any], log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """OpenLLMetry and OpenInference have names of their own, and spans inside of the process."""
    call = of.span(2, "own", 0, 800, 1, **said)
    log.with_name("traces.json").write_text(json.dumps(of.request([server(), call])))
    found = audited(capsys, log.parent)
    assert waited(found) == ("spans", pytest.approx(0.8))
    assert found["functions"][0]["models"]["input_tokens"] == 12
