"""What the labs measured a moment ago, against their recorded runs.

`make test` has just run every notebook with LAB_RECORD set, and then runs this file. Times of
waiting are held closely; CPU is the machine's, and only its order is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from serverless_tax.cloud.lab.replay import load_recording

ROOT = Path(__file__).parents[2]
FRESH, RECORDED = ROOT / "_build/lab-runs", ROOT / "labs/results"
CLOSE, ORDER = 1.3, 10.0  # factors by which a wait, and CPU, may differ


def waiting_function(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 1: bills by client and by size, and the CPU of each client."""
    clients, sizes = figures["figures"], figures["sizes"]
    return {
        **{f"{name} billed": (row["billed_ms"], CLOSE) for name, row in clients.items()},
        **{f"{name} CPU": (row["cpu_ms"], ORDER) for name, row in clients.items()},
        **{f"{row['memory_mb']} MB": (row["warm"].billed_ms, CLOSE) for row in sizes},
    }


def streaming(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 2: first token and bill, whole and streamed, and the bill after a hang-up."""
    whole, streamed = figures["whole"][1], figures["streamed"][1]
    return {
        "whole, first token": (whole["first_ms"], CLOSE),
        "streamed, first token": (streamed["first_ms"], CLOSE),
        "whole, billed": (whole["report"].billed_ms, CLOSE),
        "streamed, billed": (streamed["report"].billed_ms, CLOSE),
        "hung up, billed": (figures["hung_up_report"].billed_ms, CLOSE),
        "past six megabytes, billed": (figures["large_run"]["report"].billed_ms, CLOSE),
    }


def websockets(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 3: the bill of each design, its messages, and the CPU of a signed call."""
    designs = figures["designs"]
    return {
        **{f"{name}, messages": (one["messages"], 1.0) for name, one in designs.items()},
        "wait, billed": (designs["wait"]["report"].billed_ms, CLOSE),
        "batch, billed": (designs["batch"]["report"].billed_ms, CLOSE),
        "CPU of a call": (figures["calls"]["cpu_ms_a_call"], ORDER),
    }


def sharing(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 4: three waits in one invocation, and how many streams a process holds."""
    return {
        **{f"{how}, billed": (one["report"].billed_ms, CLOSE)
           for how, one in figures["bills"].items()},
        "the gap of a few streams": (figures["levels"][0]["p95_gap_ms"], 2.0),
        "levels reached": (len(figures["levels"]), 5.0),
    }  # fmt: skip


def not_paying(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 5: the proxy's bill, and the time from a question to its suspended answer."""
    return {
        "proxy, billed": (figures["proxy"]["report"].billed_ms, CLOSE),
        "without a proxy, last token": (figures["direct"]["stream"]["last_ms"], CLOSE),
        "ended and woken": (figures["suspended"]["wall_ms"], CLOSE),
        "CPU of a worker's answer": (figures["worker"]["cpu_ms"], ORDER),
    }


def your_own_function(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 6: what twenty calls were billed, before and after, where the meter knows it."""
    return {
        "before, billed": (figures["billed_before_ms"], CLOSE),
        "after, billed": (figures["billed_after_ms"], CLOSE),
        "REPORT lines": (
            sum(event["message"].startswith("REPORT") for event in figures["before"]),
            1.0,
        ),
    }


def suspended_wait(figures: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lab 7: the wait that is billed, the two that are not, and how often each was awake."""
    agent, workflow = figures["agent"], figures["workflow"]
    return {
        "waiting, billed": (figures["waiting"].billed_ms, CLOSE),
        "the agent's time": (agent["wall_ms"], CLOSE),
        "the agent, billed": (sum(one.billed_ms for one in agent["reports"]), ORDER),
        "the agent's invocations": (len(agent["reports"]), 1.0),
        "the state machine's time": (workflow["wall_ms"], CLOSE),
    }


LABS = {
    "1-what-a-waiting-function-costs": waiting_function,
    "2-streaming": streaming,
    "3-websockets": websockets,
    "4-sharing-the-wait": sharing,
    "5-not-paying-for-the-wait": not_paying,
    "6-your-own-function": your_own_function,
    "7-the-suspended-wait": suspended_wait,
}


@pytest.mark.parametrize("name", LABS)
def test_a_fresh_run_is_within_bounds_of_the_recorded_one(name: str) -> None:
    """Each figure differs by no more than its factor, up or down."""
    path = f"{name}.json"
    fresh, recorded = (LABS[name](load_recording(each / path)) for each in (FRESH, RECORDED))
    assert fresh.keys() == recorded.keys()
    for what, (value, factor) in fresh.items():
        before = recorded[what][0]
        assert before / factor <= value <= before * factor, (
            f"{what}: {value:,.1f} now, {before:,.1f} in labs/results/{path}; if the lab has "
            "changed, record it again with LAB_RECORD=1"
        )


def test_no_lab_is_left_out() -> None:
    """A new lab needs its figures here."""
    assert sorted(LABS) == sorted(path.stem for path in (ROOT / "labs").glob("*.ipynb"))
