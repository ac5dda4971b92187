"""The meter on whatever a handler may be, in the runtime client that AWS uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from serverless_tax import metered as metered_module
from serverless_tax.metered import parse_metered

METER = Path(metered_module.__file__).read_text("utf-8")
HANDLERS = """
import asyncio, functools

def answer(event, context):
    before = time.process_time()
    while time.process_time() < before + 0.02: pass
    return event

class Object:
    __slots__ = ()
    def __call__(self, event, context): return answer(event, context)
    @metered
    def method(self, event, context): return answer(event, context)
    @classmethod
    @metered
    def of_class(cls, event, context): return answer(event, context)
    @metered
    @staticmethod
    def static(event, context): return answer(event, context)

call, method = metered(Object()), Object().method
of_class, static = Object.of_class, Object.static
partial = metered(functools.partial(lambda more, event, context: answer(event, context), 1))
single = metered(functools.singledispatch(answer))
any_names = metered(lambda *args, **named: answer(*args))
twice = metered(metered(answer))
inner = metered(answer)
outer = metered(lambda event, context: inner(event, context))
generator = metered(lambda event, context: (answer(event, context) for _ in "1"))

@metered
def runs(event, context):
    async def work(): return answer(event, context)
    return asyncio.run(work())
@metered
def fails(event, context): raise ValueError(answer(event, context))
@metered
def ends(event, context): raise SystemExit(answer(event, context)["x"])
@metered
async def asynchronous(event, context): return answer(event, context)
@metered
async def async_values(event, context): yield answer(event, context)
"""
#: What each answers, and how many lines it logs; what AWS cannot answer with has its own error.
FOUND: dict[str, tuple[str | None, int]] = {
    **dict.fromkeys(("call", "method", "of_class", "static", "partial", "single"), (None, 1)),
    **dict.fromkeys(("any_names", "runs", "twice", "outer"), (None, 1)),
    "fails": ("ValueError", 1),
    "ends": ("Runtime.ExitError", 1),
    **dict.fromkeys(("asynchronous", "async_values"), ("Runtime.MarshalError", 0)),
    "generator": ("Runtime.MarshalError", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND)
def test_a_handler_of_any_kind_answers_as_without_the_meter(name: str, deploy: Any) -> None:
    """What it answers and how it fails is its own; what ran is measured, and says its request."""
    error, lines = FOUND[name]
    answer = deploy(METER + HANDLERS, Handler=f"app.{name}").invoke(x=1)
    assert (answer.payload if error is None else answer.payload["errorType"]) == (error or {"x": 1})
    said = [one for line in answer.log.splitlines() if (one := parse_metered(line))]
    assert [one.request_id for one in said] == [answer.report.request_id] * lines
    assert all(one.cold for one in said)
    if name != "generator":  # of which nothing ran
        assert all(20 <= one.cpu_ms <= one.wall_ms + 20 for one in said)
