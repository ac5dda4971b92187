"""The agent that learners of lab 7 write, tried: whether it sleeps while the model writes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.lab.attempts import (
    EARLY,
    LONG,
    TRIES,
    asked_so_far,
    at_most,
    expect,
    expect_asked,
    expect_one_question,
    expect_parts,
    expect_the_question,
    find_error,
    refuse,
    reports,
    shown,
    tried,
)
from serverless_tax.cloud.lab.deploying import Deployed, LabError
from serverless_tax.cloud.lab.mine import deploy_mine

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

#: What is said of a slip that this lab alone invites.
_SLIPS = {
    "is not callable": "It calls what is no function. A step takes one:"
    " `lambda _: ask(event, ticket)`.",
    "takes 0 positional arguments": "It gives an argument to a function that takes none. A step's"
    " takes one: `lambda _: ask(event, ticket)`.",
    "'dict' object has no attribute": "A step gets one function, `lambda _: ask(event, ticket)`. A"
    " dict's parts are taken with brackets.",
    "string indices must be integers": "`result()` brings a text:"
    " `json.loads(model.result())` makes a dict of it.",
    "KeyError: 'question'": "It looks for the question in a dict that has none: `ask` takes the"
    " event first, and then the ticket.",
    r"ask\(\) missing": "A step calls its function with a context of its own, and with nothing"
    " else: `lambda _: ask(event, ticket)`.",
    "NonDeterministicExecution": "When it is woken it does something else than before: what is"
    " random, or reads a clock, belongs into a step.",
    "type Callback is not JSON": "Hand over the ticket's `callback_id`, not the ticket itself.",
}
#: Tokens of its first answer: whoever returns a number of his own has not asked for it.
_FEW = 16
#: Seconds after which an agent that nobody wakes is given up, and one for whom somebody works.
_ASLEEP_S, _AT_WORK_S = 8, 60


@tried
def suspends(target: Target, hook_url: str, requirements: Sequence[str]) -> None:
    """Lab 7: an agent that asks the model in a step, and sleeps until the answer is there.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    of_it = f"arn:aws:lambda:*:*:function:{target.prefix}-*"
    does = ("CheckpointDurableExecution", "GetDurableExecutionState")
    made = deploy_mine(
        target,
        7,
        requirements=requirements,
        durable=True,
        may={of_it: [f"lambda:{one}" for one in does]},
    )
    _, short, _ = _executed(target, made, hook_url, max_tokens=_FEW)  # the cold starts
    before = asked_so_far(target)
    kinds, result, billed_ms = _executed(target, made, hook_url)
    times, wait_ms = 1, target.answer_ms()
    while max(billed_ms) >= at_most(EARLY * wait_ms) and times <= TRIES:  # by a neighbour, maybe
        kinds, result, billed_ms = _executed(target, made, hook_url)
        times += 1
    expect(
        "CallbackStarted" in kinds and "CallbackSucceeded" in kinds,
        f"It ended with {shown(result)}, before the model had answered: a callback is a"
        " ticket, and `result()` waits for who presents it.",
    )
    expect_parts(result, {"tokens": int})
    expect(
        "StepSucceeded" in kinds,
        "It asked outside of a step, so it asked again when it was woken, and paid twice. Ask in"
        " `context.step`.",
    )
    expect_asked(target, before, times * result["tokens"])
    expect_one_question(target, before, times)
    expect(
        max(billed_ms) < at_most(EARLY * wait_ms),
        f"It was billed {max(billed_ms):,} ms in one piece: it was awake while the model wrote."
        " Only `result()` suspends it.",
    )
    wrote = (asked_so_far(target).tokens - before.tokens) // times
    for given, written in ((result, wrote), (short, _FEW)):
        expect(
            target.pace is None or given["tokens"] == written,
            f"It returned {given['tokens']} tokens, and the model wrote {written}: return the"
            " number that `result()` brings.",
        )
    expect_the_question(target, before, LONG, times)
    sums = f"{sum(billed_ms):,} ms in {len(billed_ms)} pieces, for a wait of {wait_ms:,.0f}"
    print(f"Right: {result['tokens']} tokens, billed {sums}.")


def _executed(
    target: Target, made: Deployed, hook_url: str, **asked: int
) -> tuple[list[str], Any, list[int]]:
    """Attempt a durable function's newest version: what happened, its result, its billed pieces."""
    lambda_, since_ms = target.client("lambda"), int(1000 * time.time())
    pages = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=made.name)
    numbers = [one["Version"] for page in pages for one in page["Versions"]]
    newest = max(int(one) for one in numbers if one.isdigit())
    event = {"question": LONG, "webhook_url": hook_url, **asked}
    begun = lambda_.invoke(
        FunctionName=f"{made.name}:{newest}", InvocationType="Event", Payload=json.dumps(event)
    )
    begun["Payload"].read()  # it is empty; unread, its connection would stay open
    arn = begun["DurableExecutionArn"]
    began, wait_s = time.monotonic(), (target.answer_ms() or 60_000) / 1000
    worked = began + wait_s
    while (told := lambda_.get_durable_execution(DurableExecutionArn=arn))["Status"] == "RUNNING":
        now = time.monotonic()
        if _is_at_work(target):  # where the machine is busy, a cold start takes as long
            worked = max(worked, now)
        if now > min(worked + _ASLEEP_S, began + wait_s + _AT_WORK_S):
            _refuse_sleeper(target, made, arn, since_ms)
        time.sleep(0.05)
    if told["Status"] != "SUCCEEDED":
        error = told.get("Error", {})
        told = {"errorType": error.get("ErrorType"), "errorMessage": error.get("ErrorMessage")}
        refuse(told, slips=_SLIPS)
    billed_ms = [one.billed_ms for one in reports(target, made, since_ms)]
    return _history(target, arn), json.loads(told.get("Result") or "null"), billed_ms


def _is_at_work(target: Target) -> bool:
    """Whether a function runs now, the one that wakes or the one that is woken."""
    if target.cloud is None or target.simulated:
        return False
    ended = {one.request_id for one in target.cloud.readings()}
    return any(one.request_id not in ended for one in target.cloud.begun())


def _history(target: Target, arn: str) -> list[str]:
    lambda_ = target.client("lambda")
    history = lambda_.get_durable_execution_history(DurableExecutionArn=arn, MaxItems=1000)
    return [one["EventType"] for one in history["Events"]]


def _refuse_sleeper(target: Target, made: Deployed, arn: str, since_ms: int) -> None:
    """Refuse an execution that does not end: why it fails again and again, or what it waits for."""
    error, kinds = find_error(target, made, since_ms), _history(target, arn)
    target.client("lambda").stop_durable_execution(DurableExecutionArn=arn)
    if error:
        refuse(error, slips=_SLIPS)
    expect(
        "CallbackStarted" in kinds,
        "It waits for no ticket, and does not end: is `@durable_execution` above the handler?",
    )
    expect("StepStarted" in kinds, "It sleeps before it has asked. Ask first, then `result()`.")
    expect(
        kinds.count("CallbackStarted") == 1,
        "It made two tickets, and sleeps for the one that it did not hand over.",
    )
    raise LabError(
        "Not yet. It sleeps, and nobody wakes it: the answer came without its ticket. Hand"
        ' {"callback": model.callback_id} over with the question.'
    )
