"""Functions to be told in several ways, with the steps that each way has to name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from serverless_tax.widgets.scenario import scenario

#: What a preset has and none of these functions: one wait, and work before it.
PLAIN = dict.fromkeys(
    ("receive_ms", "retrieve_ms", "prompt_ms", "call_ms", "output_tokens", "generate_ms"), 0.0
) | {"cpu_ms_per_output_token": 0.0, "metered_cpu_ms_per_token": 0.0}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A function: its quantities, the answers, and the steps that all ways have to name."""

    quantities: dict[str, float]
    answers: dict[str, Any]
    steps: list[str]
    #: What a month costs less, where it is worked out by hand.
    saves_usd: float | None = None
    #: Of its log: how long each invocation takes, if that is not what it waits.
    took_ms: float = 0
    lines: int = 400
    fate: dict[str, Any] = field(default_factory=dict)
    #: What its log says, and an option has to.
    logged: tuple[str, ...] = ()
    #: Whether a log of it can be written: not of fifty million lines, where a price is of a month.
    has_log: bool = True

    @property
    def words(self) -> list[str]:
        """Return its quantities and answers as options."""
        q = self.quantities
        said = [
            *("--requests", f"{q['requests_per_month']:.0f}", "--memory", f"{q['memory_mb']:.0f}"),
            *("--cpu", f"{q['cpu_ms']}ms", "--wait", f"{q['wait_ms']}ms"),
            *("--peak-memory", f"{q['peak_memory_mb']:.0f}"),
        ]
        return [*said, *self.facts, *(f"--{name.replace('_', '-')}" for name in self.logged)]

    @property
    def facts(self) -> list[str]:
        """Return what no log has, as options."""
        words = ["--hour-usd", f"{self.answers.get('hour_usd', 100)}"]
        for name, value in self.answers.items():
            option = name.replace("_", "-")
            if name == "longest_ms":
                words += ["--longest-call", f"{value:g}ms"]
            elif isinstance(value, bool):
                words.append(f"--{option}" if value else f"--no-{option}")
            elif name != "hour_usd":
                words += [f"--{option}", f"{value:g}"]
        return words

    def values(self) -> dict[str, float]:
        """Return it as a page has it."""
        q = self.quantities
        page = scenario() | PLAIN | {name: q[name] for name in q if name in scenario()}
        page |= {"receive_ms": q["cpu_ms"], "generate_ms": q["wait_ms"]}
        page |= dict.fromkeys(self.logged, 1.0)
        return page | {name: float(value) for name, value in self.answers.items()}


def told_of(
    requests: float,
    memory_mb: float,
    peak_memory_mb: float,
    *,
    wait_ms: float = 0.0,
    cpu_ms: float = 0.0,
    steps: str = "",
    answers: dict[str, Any] | None = None,
    **more: Any,
) -> Told:
    """Return a function of which the answers are the usual ones, and others as given."""
    quantities = {
        "requests_per_month": requests,
        "memory_mb": memory_mb,
        "peak_memory_mb": peak_memory_mb,
        "wait_ms": wait_ms,
        "cpu_ms": cpu_ms,
    }
    usual = {
        "reads_along": True,
        "sees_answer": True,
        "own_process": False,
        "other_vendor": False,
        "calls": 1,
        "in_order": True,
    }
    return Told(quantities=quantities, answers=usual | (answers or {}), steps=steps.split(), **more)


#: A GB-second in US East.
X86, ARM = 0.0000166667, 0.0000133334
CALLS: dict[str, Any] = {"calls": 12, "reads_along": True}
TOLD = {
    "an ETL that computes": told_of(1e5, 1024, 600, cpu_ms=4800, took_ms=8281, steps="memory"),
    "out of memory": told_of(
        1e6,
        512,
        512,
        wait_ms=2000,
        steps="memory",
        logged=("out_of_memory",),
        fate={"status": "error", "error_type": "Runtime.OutOfMemory"},
    ),
    "an agent in order": told_of(
        1e6, 1024, 300, wait_ms=30_000, steps="memory arm", answers=CALLS | {"in_order": True}
    ),
    "an agent at once": told_of(
        1e6,
        1024,
        300,
        wait_ms=30_000,
        steps="memory overlap",
        answers=CALLS | {"in_order": False, "longest_ms": 2500, "reads_along": False},
    ),
    # Twenty seconds of five calls, of which the longest takes eight: twelve of them are saved. A
    # fifth over 500 MB is 600, and 424 MB less of 8 s would save $55.21 a month: it is done too.
    "a fan-out that is read along": told_of(
        1e6,
        1024,
        500,
        wait_ms=20_000,
        steps="memory overlap",
        saves_usd=1e6 * (20 - 8 * 600 / 1024) * X86,
        answers={"calls": 5, "in_order": False, "longest_ms": 8000},
    ),
    "a chat that streams": told_of(1e7, 1024, 100, wait_ms=4800, steps="memory"),
    "a nightly batch": told_of(
        30, 3008, 900, wait_ms=600_000, answers={"reads_along": False}, lines=30
    ),
    "a front end at Vercel": told_of(
        5e7,
        1024,
        100,
        wait_ms=30_000,
        cpu_ms=5,
        steps="active-cpu",
        answers={"other_vendor": True},
        has_log=False,
    ),
    "resized in mid-month": told_of(1e6, 512, 400, wait_ms=1000),
    "a hobby": told_of(1e4, 512, 90, wait_ms=5000),
    # On a step of the CPU's staircase, where the clock alone leaves an eighth of the work open.
    "waits and works": told_of(
        2e7,
        1536,
        300,
        wait_ms=900,
        cpu_ms=100,
        steps="memory arm",
        took_ms=1001,
        lines=20_000,
    ),
    # Suspended at each of its calls: thirteen steps, twelve waits and a start, at $8 a million.
    "an agent at night": told_of(
        5e6,
        2048,
        1500,
        wait_ms=60_000,
        steps="suspended",
        answers=CALLS | {"in_order": True, "reads_along": False},
    ),
    "a cron report": told_of(
        720,
        3008,
        2100,
        wait_ms=60_000,
        cpu_ms=45_000,
        answers={"reads_along": False},
        took_ms=105_000,
    ),
    "an image pipeline": told_of(
        3e6, 2048, 700, wait_ms=300, cpu_ms=1200, steps="memory", took_ms=1500, lines=30_000
    ),
    "a voice bot": told_of(
        1.5e6,
        2048,
        350,
        wait_ms=180_000,
        cpu_ms=900,
        steps="share",
        answers={"own_process": True, "hour_usd": 150},
        has_log=False,  # the tasks of fewer requests are no fewer
    ),
    "a push relay": told_of(
        2e8, 512, 110, wait_ms=3000, cpu_ms=3, steps="no-proxy", answers={"sees_answer": False}
    ),
    # At 70 % of list 1.5 GB for 1.2 s is $105.70, 240 MB $17.11. Arm saves $39 a year, for $320.
    "a mailer at a discount": told_of(
        5e6,
        1536,
        200,
        wait_ms=1200,
        steps="memory",
        saves_usd=0.7 * 5e6 * 1.2 * (1536 - 240) / 1024 * X86,
        answers={"effective_rate": 0.7, "hour_usd": 80},
    ),
    # Eight fetches fill 16 s, the longest 6 s. A fifth over 400 MB is 480: $200 a year, for $200.
    "a crawler": told_of(
        2e6,
        512,
        400,
        wait_ms=16_000,
        steps="overlap",
        saves_usd=2e6 * 10 * 0.5 * X86,
        answers={"calls": 8, "in_order": False, "longest_ms": 6000, "reads_along": False},
    ),
    # 18 to 20 ms of CPU are six whole quotas of 2.89 ms in 256 MB, a period of 20 ms each: 121 ms.
    # In 144 MB they are 11, and 12 for the last 0.46 of these 2 ms, of 1.63 ms: 225.6 ms.
    "a classifier": told_of(
        6e7,
        256,
        120,
        wait_ms=400,
        cpu_ms=20,
        steps="memory",
        took_ms=521,
        saves_usd=6e7 * (0.521 * 0.25 - 0.6256 * 144 / 1024) * X86,
        lines=20_000,
    ),
    # A start, two steps and a wait at $8 a million each, for $8,813.
    "a queue's worker": told_of(
        4e6,
        3008,
        2500,
        wait_ms=45_000,
        steps="suspended",
        saves_usd=4e6 * (45 * 3008 / 1024 * X86 - 4 * 8e-6),
        answers={"reads_along": False},
    ),
    # $3.50 a million for the gateway. 24 h at $100 leave $7,203 of the year, memory and Arm $4,591.
    "what a gateway streams": told_of(
        1e7,
        256,
        128,
        wait_ms=20_000,
        steps="gateway",
        saves_usd=1e7 * (20 * 0.25 * X86 + 0.2e-6 - 3.5e-6),
        answers={"sees_answer": False},
    ),
    # 53 % of $7.54 a month are $48 a year, for $200 of work.
    "two hours that never pay": told_of(2e5, 768, 300, wait_ms=3000, saves_usd=0),
    # No size is smaller; a fifth of $41.67 is $100 a year, for $400 of work.
    "the least there is": told_of(8e7, 128, 60, wait_ms=250, saves_usd=0, lines=20_000),
    # It ends without an answer, and has 664 MB of 1,024 too many; Arm would save $141 a year.
    "at its time limit": told_of(
        1e6,
        1024,
        300,
        wait_ms=10_000,
        steps="memory",
        saves_usd=1e6 * 10 * 664 / 1024 * X86,
        logged=("times_out",),
        fate={"status": "timeout"},
    ),
    # Twice the memory is $50 more; Arm takes $20 of the $100, $240 a year for $160.
    "short of memory": told_of(
        2e6,
        1024,
        1024,
        wait_ms=1500,
        steps="memory arm",
        saves_usd=2e6 * 1.5 * (X86 - 2 * ARM),
        answers={"hour_usd": 40},
        logged=("out_of_memory",),
        fate={"status": "error", "error_type": "Runtime.OutOfMemory"},
    ),
    # 114 in flight, 342 at the peak, on five tasks: $186 as for the voice bot, for $5,001.
    "a hub of sockets": told_of(
        5e6,
        1024,
        800,
        wait_ms=60_000,
        steps="share",
        saves_usd=5e6 * (60 * X86 + 0.2e-6)
        - (5 * 730 * (0.03238 + 2 * 0.00356) + 730 * 0.0225 + 0.20 + 7 * 730 * 0.005),
        answers={"own_process": True, "hour_usd": 50},
        has_log=False,
    ),
    # Ten minutes in 3,008 MB three thousand times are $88.13; a fifth over 900 is 1,080 MB. Arm
    # takes a fifth of the rest, $76 a year for $400; suspending takes 40 h, for a bill of $1,057.
    "a nightly batch of many shops": told_of(
        3000,
        3008,
        900,
        wait_ms=600_000,
        steps="memory",
        saves_usd=3000 * 600 * (3008 - 1080) / 1024 * X86,
        answers={"reads_along": False},
    ),
    # Eight calls of 3 s in 2,048 MB are $160.00, in 1,440 MB $112.50, on Arm $90.00: $270 a year
    # for 4 h at $50.
    "an agent of a small shop": told_of(
        2e5,
        2048,
        1200,
        wait_ms=24_000,
        steps="memory arm",
        saves_usd=2e5 * 24 * (2 * X86 - 1440 / 1024 * ARM),
        answers={"calls": 8, "hour_usd": 50},
    ),
    # Six calls fill 3 s, the longest 1.2 s: 1.8 s of 512 MB are $75.00, $900 a year for 8 h. 504 MB
    # are less by 2 %, and Arm saves $10.00 of what is left, $120 for $400.
    "a search in six shops": told_of(
        5e6,
        512,
        420,
        wait_ms=3000,
        steps="overlap",
        saves_usd=5e6 * 1.8 * 0.5 * X86,
        answers={"calls": 6, "in_order": False, "longest_ms": 1200, "reads_along": False},
    ),
    # A fifth over 310 is 372 MB: $131.48 of $255 at 85 % of list. Arm is $296 a year, for $480.
    "a chat at a discount": told_of(
        3e6,
        768,
        310,
        wait_ms=8000,
        steps="memory",
        saves_usd=0.85 * 3e6 * 8 * (768 - 372) / 1024 * X86,
        answers={"effective_rate": 0.85, "hour_usd": 120},
    ),
    # On one thread 2 s of work take 2 s from a whole vCPU on, at 1,769 MB. A quota of 1,752 MB is
    # 19.81 ms: 1,999 of 2,000 ms, which count on average, are 100 whole ones, and 100 × 20 + 1 is
    # 2,001 ms. Arm saves $11.45 of what is left, $137 a year for $400.
    "a transcoder on one thread": told_of(
        1e6,
        3008,
        500,
        cpu_ms=2000,
        took_ms=2000,
        steps="memory",
        saves_usd=1e6 * (2 * 3008 - 2.001 * 1752) / 1024 * X86,
        lines=20_000,
    ),
    # Eight cents a month, and as much more for the memory that it lacks: nothing else is asked.
    "a hobby out of memory": told_of(
        5000,
        512,
        512,
        wait_ms=2000,
        steps="memory",
        saves_usd=-5000 * 2 * 0.5 * X86,
        logged=("out_of_memory",),
        fate={"status": "error", "error_type": "Runtime.OutOfMemory"},
    ),
    "of a hundred, the largest": told_of(1e7, 1024, 100, wait_ms=5000, steps="memory"),
}
