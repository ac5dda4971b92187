"""The handlers that learners write, tried: deployed, invoked, judged by answer and REPORT line.

One function a lab. It reads no text of the handler: any style passes that does what is asked. What
does not is told what it did instead, in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.lab.agent_build import (
    suspends,  # noqa: F401 - asked for with the others
)
from serverless_tax.cloud.lab.attempts import (
    EARLY,
    LATE,
    LONG,
    SHOWN,
    TRIES,
    Attempt,
    Stream,
    apart_ms,
    ask_provider,
    asked_so_far,
    at_most,
    came_apart,
    expect,
    expect_asked,
    expect_awaited,
    expect_one_question,
    expect_parts,
    expect_the_question,
    hear,
    invoke,
    is_json,
    quickest,
    shown,
    tried,
    without_prelude,
)
from serverless_tax.cloud.lab.deploying import (
    Deployed,
    LabError,
)
from serverless_tax.cloud.lab.message_build import sends  # noqa: F401 - asked for with the others
from serverless_tax.cloud.lab.mine import deploy_mine
from serverless_tax.metered import Metered, parse_metered

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

#: Tokens that lab 1's and its kin's answers have, and a short one.
TOKENS, FEW = 20, 2
#: The fewest pieces that a stream of so many tokens comes in: two or three at a time are no fault.
IN_PIECES = 5
#: What is said of a question that was asked again, or for one token at a time.
WAITED_AGAIN = (
    f" of {TOKENS} tokens. Who asks twice, or for one token at a time, waits each time as for the"
    " first: ask once."
)
#: Tokens of the answers that lab 4 asks for at once: neither rising nor falling; how many meet.
LENGTHS, _PAIRS = [40, 10, 25], 3
#: No word of the model has so many letters.
_LONG_WORD = 30
#: Seconds for which one step of a coroutine may hold its loop; how asyncio says that one did.
HELD_S, _HELD = 0.3, re.compile(r"Executing <.*> took ([\d.]+) seconds")
#: Milliseconds of CPU that a meter may be off by, beside a half.
SPREAD_MS = 15
#: And by which factor too low, of at most so many: a browser's figure has its other work in it.
FEWER, LIKELY_MS = 50, 20
#: A question that takes CPU to read and to send has so many times as many letters; a meter sees
#: this part of it at least.
LONGER, A_PART = 4_000, 0.2


@tried
def answers(target: Target) -> None:
    """Lab 1: answer a question with as many tokens as asked for, and return text and count.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    made = deploy_mine(target, 1)
    event = {"question": LONG, "max_tokens": TOKENS}
    short = invoke(target, made, {**event, "max_tokens": FEW})  # the cold start
    wait_ms, before = target.answer_ms(TOKENS), asked_so_far(target)
    run = quickest(target, made, event, wait_ms)
    for one in (run, short):
        expect_parts(one.answer, {"answer": str, "output_tokens": int})
    tokens = run.answer["output_tokens"]
    if tokens:
        expect_awaited(run, EARLY * target.answer_ms(min(tokens, TOKENS)), wait_ms)
    expect(
        tokens and run.answer["answer"],
        "It returned before the answer was there. What goes on in a thread is frozen with the"
        " environment: wait for it.",
    )
    expect_one_question(target, before, run.runs, WAITED_AGAIN)
    for given, asked in ((tokens, TOKENS), (short.answer["output_tokens"], FEW)):
        says = f"It answered {given} tokens, not the {asked} that the event asks for."
        expect(given == asked, says)
    most = run.runs * TOKENS
    expect_asked(target, before, TOKENS, most)
    expect_awaited(invoke(target, made, event), EARLY * wait_ms, wait_ms)
    expect_the_question(target, before, LONG, run.runs + 1)
    words = len(run.answer["answer"].split())
    expect(
        target.pace is None or words == TOKENS,
        f"Its answer has {words} words, and the model wrote {TOKENS}: return the model's text, the"
        " whole of it and nothing else.",
    )
    expect_asked(target, before, TOKENS, text=run.answer["answer"])
    print(f"Right: {TOKENS} tokens for one question. {run}")


@tried
def streams(target: Target) -> None:
    """Lab 2: send each piece of an answer on as it comes.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    made = deploy_mine(target, 2, streams=True)

    def stream(tokens: int) -> Stream:
        return hear(target, made, tokens)

    short = stream(FEW).sent  # the cold start
    before = asked_so_far(target)
    runs = [stream(TOKENS)]
    writes_ms = target.answer_ms(TOKENS) - target.answer_ms(1)
    # A neighbour may delay it, or have pieces come together.
    while len(runs) < TRIES and not (
        came_apart(runs[-1].moments_ms, writes_ms) and len(runs[-1].moments_ms) >= IN_PIECES
    ):
        runs.append(stream(TOKENS))
    moments_ms, sent, report, was_whole = max(runs, key=lambda run: apart_ms(run.moments_ms))
    text = without_prelude(sent)
    expect(
        len(moments_ms) > 1 or not is_json(text),
        f"It returned {text[:SHOWN]}, which is posted whole, as JSON, at the end. Only what is"
        " yielded is sent on: make it a generator.",
    )
    expect_one_question(target, before, len(runs), WAITED_AGAIN)
    came = len(text.split())
    expect(came, "No token was sent: yield each piece that `pieces` gives, as it is.")
    any_words = target.pace is None  # a model on AWS, of whose tokens not each is a word
    expect(
        any_words or max(map(len, text.split())) < _LONG_WORD,
        f"It sent {text[:SHOWN]!r}: its words run together. The space before a word belongs to its"
        " piece: yield each as it is.",
    )
    expect(
        any_words or came >= TOKENS,
        f"{came} of {TOKENS} tokens were sent: does it return before the last?",
    )
    expect(
        any_words or came == TOKENS,
        f"{came} words were sent for {TOKENS} tokens: send the answer's pieces, and nothing else.",
    )
    expect(
        came_apart(moments_ms, writes_ms),
        "Every piece came at the end: they were collected first. Yield each as soon as it is"
        " there.",
    )
    # A slow handler's first piece is late too, and no later where the model writes for longer.
    expect(
        not (was_whole and target.pace and stream(target.pace.output_tokens).was_whole),
        "The model's answer was whole before the first piece left: it was collected, and played"
        " back. Yield each piece as soon as it is there.",
    )
    pieces = max(len(run.moments_ms) for run in runs)
    expect(
        any_words or pieces >= IN_PIECES,
        f"{TOKENS} tokens came in {pieces} pieces: its reader waits for each until the last word of"
        " it is there. Yield each piece of the model's as it is.",
    )
    few = len(without_prelude(short).split())
    expect(
        any_words or few == FEW,
        f"It sent {few} tokens, not the {FEW} that the event asks for.",
    )
    expect_asked(target, before, TOKENS, text=text)
    first = f"the first after {moments_ms[0]:,.0f} ms, the last after {moments_ms[-1]:,.0f}"
    print(f"Right: {first}. {Attempt(text, report, '')}")


@tried
def overlaps(target: Target) -> None:
    """Lab 4: three answers in the time of the longest.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    # asyncio then logs each step that kept its loop from the others for a tenth of a second.
    watched = {"PYTHONASYNCIODEBUG": "1"}
    made = deploy_mine(target, 4, variables=watched)
    waits_ms = [target.answer_ms(tokens) for tokens in LENGTHS]
    invoke(target, made, {"lengths": [1, 1, 1]})  # the cold start
    before = asked_so_far(target)
    run = quickest(target, made, {"lengths": LENGTHS}, max(waits_ms))
    expect_parts(run.answer, {"output_tokens": list})
    got = run.answer["output_tokens"]
    expect(
        len(got) == len(LENGTHS) or run.report.billed_ms >= EARLY * max(waits_ms),
        f"It returned {len(got)} of three answers, after {run.report.billed_ms:,} ms: nobody waited"
        " for the others. Await them all.",
    )
    expect(
        all(isinstance(one, int) for one in got),
        f"It returned {shown(got)}. Asked for are the counts of the tokens alone.",
    )
    expect(
        run.report.billed_ms >= EARLY * max(waits_ms),
        f"It was billed {run.report.billed_ms:,} ms: it counted, and asked for no answer.",
    )
    expect(len(got) == len(LENGTHS), f"It returned {len(got)} of three answers.")
    expect(sorted(got) == sorted(LENGTHS), f"It counted {got} tokens; asked for were {LENGTHS}.")
    expect(
        got == LENGTHS,
        f"It returned {got}, in the order in which they came. The caller asked in the order"
        f" {LENGTHS}: `gather` keeps it.",
    )
    each = ": each is paid for. Ask once for each of them."
    expect_one_question(target, before, len(LENGTHS) * run.runs, each)
    # A slow client on a busy machine is late too, and has asked for all during the first answer.
    beside = asked_so_far(target).beside - before.beside
    held = [one for one in map(float, _HELD.findall(run.log)) if one >= HELD_S]
    have_met = beside >= run.runs * _PAIRS and len(held) <= 1
    why = "a call that blocks held the loop. Inside `async`, await `complete_async`."
    if not held:
        why = "one was asked for when another had come. Ask for all, then await."
    expect(
        have_met or run.report.billed_ms < at_most(max(waits_ms) + min(waits_ms) / 2),
        f"It was billed {run.report.billed_ms:,} ms, and the longest takes"
        f" {max(waits_ms):,.0f}: {why}",
    )
    expect_asked(target, before, sum(LENGTHS), run.runs * sum(LENGTHS))
    print(f"Right: three answers, the longest takes {max(waits_ms):,.0f} ms. {run}")


@tried
def hands_over(target: Target, hook_url: str = "http://127.0.0.1:9/done") -> None:
    """Lab 5: have a question answered in the background, and end at once.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    made = deploy_mine(target, 5, variables={"WEBHOOK_SECRET": ""})
    event, wait_ms = {"question": LONG, "webhook_url": hook_url}, target.answer_ms()
    invoke(target, made, event)  # the cold start
    before = asked_so_far(target)
    run = quickest(target, made, event, EARLY * wait_ms / LATE)
    expect_parts(run.answer, {"id": str})
    found = ask_provider(target, f"/responses/{run.answer['id']}")
    expect("id" in found, f"The provider knows no response {run.answer['id']!r}: return its id.")
    expect(
        found["background"],
        f"It was billed {run.report.billed_ms:,} ms: the provider answered while it waited. Ask for"
        " the answer in the background.",
    )
    tries, is_late = run.runs, run.report.billed_ms >= at_most(EARLY * wait_ms)
    if is_late:  # a slow client on a busy machine is late too, and has its answer later still
        run, tries = invoke(target, made, event), tries + 1
        found = ask_provider(target, f"/responses/{run.answer['id']}")
        is_late = found["status"] == "completed"
    expect(
        not is_late,
        f"It was billed {run.report.billed_ms:,} ms: it asked in the background, and then waited"
        " for the answer after all. Return the id at once.",
    )
    expect(
        found["metadata"].get("webhook_url") == hook_url,
        "Nobody will be woken: the provider was not told the webhook. It belongs into metadata, as"
        " webhook_url.",
    )
    expect(found["status"] != "cancelled", "It took its question back: the response is cancelled.")
    expect_one_question(target, before, tries)
    asked = asked_so_far(target).times - before.times
    kept = "This id is of a question from before: ask at each invocation."
    expect(target.pace is None or asked >= tries, kept)
    expect_the_question(target, before, LONG, tries)
    print(f"Right: asked, and ended before the answer of {wait_ms:,.0f} ms. {run}")


@tried
def is_metered(target: Target) -> None:
    """Lab 6: a handler whose log tells its CPU time.

    Raises:
        LabError: with a hint, if the log tells something else.
    """
    made = deploy_mine(target, 6)
    event, before = {"question": LONG, "max_tokens": TOKENS}, asked_so_far(target)
    runs = [invoke(target, made, event) for _ in range(2)]
    run, duration_ms = runs[-1], float(runs[-1].report.duration_ms)
    expect(
        isinstance(run.answer, dict) and run.answer.get("output_tokens") == TOKENS,
        f"It returned {run.answer!r}. The meter changes no result: return the {TOKENS} tokens as"
        " before.",
    )
    expect_one_question(target, before, len(runs))
    expect_asked(target, before, 2 * TOKENS, 2 * TOKENS)
    meters = [(one, m) for one in runs for m in map(parse_metered, one.log.splitlines()) if m]
    of_last = [m for one, m in meters if one is run]
    expect(
        of_last,
        "Its log has no CPU time, so an audit says that the waiting is unknown. Put the meter on"
        " it.",
    )
    expect(
        len(of_last) == 1,
        f"Its log has {len(of_last)} of the meter's lines for one invocation, and an audit adds up"
        " one: let a meter of your own, or `@metered`, write it, and not both.",
    )
    expect(
        '"cpu_ms": "' not in run.log,
        "Its `cpu_ms` is a text, and an audit reads numbers alone: log it without quotation marks.",
    )
    meter: Metered = max(of_last, key=lambda one: one.wall_ms)
    expect(
        meter.request_id == run.report.request_id,
        "The meter's line names no request, so an audit cannot set it beside a REPORT line. Put the"
        " meter on the handler, which gets the context.",
    )
    expect(  # of either run: a busy machine lengthens what is around a handler
        any(m.wall_ms > EARLY * float(one.report.duration_ms) for one, m in meters),
        f"The meter ran for {meter.wall_ms:,.1f} of {duration_ms:,.0f} ms: it is on a part of the"
        " work. Put it on the handler.",
    )
    logs = f"It logs {meter.cpu_ms:,.1f} ms of CPU in {duration_ms:,.0f} ms: "
    # Two readings one after the other are as much below nothing as their order costs.
    expect(meter.cpu_ms > -LIKELY_MS / FEWER, f"{logs}take the end less the beginning.")
    expect(
        meter.cpu_ms < LATE * duration_ms,
        f"{logs}no process has so much: is it in micro- or nanoseconds?",
    )
    clock = f"{logs}that is the clock, and the waiting is in it."
    expect(meter.cpu_ms < EARLY * duration_ms, clock)
    if target.cloud:
        true_ms = target.cloud.readings()[-1].cpu_ms
        expect(
            meter.cpu_ms < 2 * true_ms + SPREAD_MS,
            f"It logs {meter.cpu_ms:,.1f} ms of CPU, and the invocation took {true_ms:,.1f}: the"
            " rest is from before it. Take the difference of two readings.",
        )
        expect(
            meter.cpu_ms > min(true_ms, LIKELY_MS) / FEWER,
            f"It logs {meter.cpu_ms:,.4f} ms of CPU, and the invocation took {true_ms:,.1f}: are"
            " they seconds, where `cpu_ms` has milliseconds, or was it read after the work alone?",
        )
    if target.pace:
        _expect_a_reading(target, made, event)
    print(f"Right: {meter.cpu_ms:,.1f} ms of CPU. {run}")


def _expect_a_reading(target: Target, made: Deployed, event: Mapping[str, Any]) -> None:
    """Refuse a CPU time that is no longer for a question that takes longer to read and to send."""
    long, before = {**event, "question": LONG * LONGER}, asked_so_far(target)
    for n in range(1, TRIES + 1):
        (less_ms, truly_less_ms), (more_ms, truly_more_ms) = (
            _metered_ms(target, made, one) for one in (event, long)
        )
        expect_the_question(target, before, LONG * LONGER, n)
        if more_ms - less_ms > A_PART * (truly_more_ms - truly_less_ms):
            return
    raise LabError(
        f"Not yet. It logs {less_ms:,.1f} ms of CPU for a question, and {more_ms:,.1f} for one of"
        f" {len(long['question']):,} letters, which took {truly_more_ms - truly_less_ms:,.1f} ms"
        " more: the figure is no reading. Read the CPU's clock before the work and after it."
    )


def _metered_ms(target: Target, made: Deployed, event: Mapping[str, Any]) -> tuple[float, float]:
    """The CPU time that a call has logged, and the one that it took."""
    log = invoke(target, made, event).log
    logged = [one.cpu_ms for one in map(parse_metered, log.splitlines()) if one]
    expect(logged, "It logs a CPU time, and does not at each call: put the meter on the handler.")
    assert target.cloud  # noqa: S101 - its caller has looked
    return max(logged), target.cloud.readings()[-1].cpu_ms
