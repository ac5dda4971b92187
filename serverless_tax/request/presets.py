"""The named requests of the book."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.request.workload import AS_MEASURED, NAMED, Kind, Step, Workload

#: The five steps of a retrieval-augmented request, in order: name and kind.
RAG_STEPS: tuple[tuple[str, Kind], ...] = (
    ("receive", "cpu"),
    ("retrieve", "wait"),
    ("prompt", "cpu"),
    ("call", "cpu"),
    ("generate", "streaming"),
)

#: The article timed its steps by the clock, in the function that it bills. Each is shorter than the
#: CPU that 1,024 MB has in a period, so it ran at full speed: the clock's time is CPU time.
_MONTH = {"requests_per_month": 10_000_000, "memory_mb": 1024}
#: It names no CPU for passing a token on. Where CPU is billed, what the first lab measured is.
_ARTICLE = {
    "output_tokens": 500,
    "input_tokens": 2000,
    "cpu_ms_per_output_token": 0,
    "metered_cpu_ms_per_token": AS_MEASURED,
    **_MONTH,
}


def _rag(lengths_ms: tuple[float, ...], **quantities: Any) -> Workload:
    steps = [Step(kind, ms, name) for (name, kind), ms in zip(RAG_STEPS, lengths_ms, strict=True)]
    return Workload.from_steps(steps, **quantities)


@cache
def lab_run() -> dict[str, Any]:
    """Return the recorded run of the first lab: ``date``, ``machine``, ``memory_mb``, ``clients``.

    ``busy_machine_clients`` is the same lab while other programs kept the processor busy, and
    ``slower_machine_clients`` the latest run, on a machine that took longer for the same work.
    It is the part of the record in ``labs/results`` that the package needs wherever it is
    installed; a test holds the two together.
    """
    text = files("serverless_tax.ground").joinpath("measured.json").read_text("utf-8")
    run: dict[str, Any] = json.loads(text)
    return run


def measured_client(name: str = "openai") -> dict[str, float]:
    """Return what one warm request cost the first lab's function, with the client of that name.

    The keys are ``fixed_cpu_ms``, ``cpu_ms_per_output_token``, ``billed_ms``, ``cpu_ms`` and
    ``multiple``, medians of warm invocations on a whole CPU core. The clients are ``openai``
    (the usual SDK), ``http`` (a plain HTTP client) and ``socket`` (bytes, unparsed).
    """
    client: dict[str, float] = lab_run()["clients"][name]
    return client


def _measured() -> Workload:
    client = measured_client()
    return _rag(
        (client["fixed_cpu_ms"], 50, 0, 0, 4800),
        **_ARTICLE
        | {
            "memory_mb": FULL_VCPU_MB,
            "cpu_ms_per_output_token": client["cpu_ms_per_output_token"],
        },
    )


#: Each preset: what it is, and how it is made.
PRESETS: dict[str, tuple[str, Callable[[], Workload]]] = {
    "article": (
        "The article's request for a retrieved and generated answer, step by step.",
        lambda: _rag((2, 50, 3, 0.5, 4800), **_ARTICLE),
    ),
    "article-printed": (
        "The same request with the 4,855 ms that the article prints for its 4,855.5.",
        lambda: _rag((2, 50, 3, 0.5, 4799.5), **_ARTICLE),
    ),
    "opening": (
        "The article's opening: 5 ms of work, 20 s of a model at 100 tokens a second.",
        lambda: _rag((5, 0, 0, 0, 20_000), **_ARTICLE | {"output_tokens": 2000}),
    ),
    "thinking": (
        "The article's request to a model that thinks: 30 s until the last token.",
        lambda: _rag((2, 50, 3, 0.5, 30_000), **_ARTICLE),
    ),
    "gpt-4-2023": (
        "The article's request at 24 tokens a second, a typical reading for GPT-4 in early 2024.",
        lambda: _rag((2, 50, 3, 0.5, 500 / 24 * 1000), **_ARTICLE),
    ),
    "measured": (
        "The article's request as the first lab measured it, at the memory of one whole vCPU.",
        _measured,
    ),
    "transcode": (
        "The control: 4.8 s of pure computing at the memory of one whole vCPU.",
        lambda: _rag((4800, 0, 0, 0, 0), requests_per_month=10_000_000, memory_mb=FULL_VCPU_MB),
    ),
}

#: Peak memory of each preset's function in MB, stated by us: a handler in Python with a model's SDK
#: loaded, or one that holds a video's frames. Advice needs one. Bills of what was observed do not
#: take it: there a preset stays as it was set.
STATED_PEAK_MB = {name: 600.0 if name == "transcode" else 100.0 for name in PRESETS}

NAMED.update({name: make for name, (_, make) in PRESETS.items()})
