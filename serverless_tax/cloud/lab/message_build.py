"""The handler that learners of lab 3 write, tried: what it sends over a WebSocket, and when."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.lab.attempts import (
    EARLY,
    JOINED,
    NO_REPORT,
    TRIES,
    Attempt,
    apart_ms,
    asked_so_far,
    came_apart,
    connect,
    expect,
    expect_asked,
    expect_one_question,
    last_cpu_ms,
    logged_error,
    refuse,
    reports_so_far,
    shown,
    tried,
    warm_cpu_ms,
)
from serverless_tax.cloud.lab.deploying import (
    STAGE,
    Api,
    Deployed,
    LabError,
    add_route,
    create_api,
    deploy,
)
from serverless_tax.cloud.lab.mine import deploy_mine
from serverless_tax.cloud.model.answers import WORDS
from serverless_tax.ground.report import Report

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

#: Tokens of an answer, and of one of its messages.
SENT, A_MESSAGE = 25, 10
#: Milliseconds of CPU for a message past which a handler is compared with one that makes one
#: client, over so many tokens; who makes one for each message takes two to four times as much.
CLIENT_CPU_MS, MANY, DEARER = 8, 100, 1.8
#: Seconds in which the next message has come, and in which a function has ended.
SOON_S, ENDS_S = 10, 40
#: What is said of a handler that sends on and on, and of one that looks for a part in vain.
_WITHOUT_END = (
    "It sends and does not end. From a list, `islice` takes the same ten each time: give it what"
    " `pieces` returns."
)
_CHANGED = (
    "It sent {0}, which is no piece of the model's: each begins with the space before its word."
    " Send them as they come."
)
_OF_A_MESSAGE = {
    "^KeyError": "It takes a part from a dict that has no such part. What is asked stands in"
    ' `json.loads(event["body"])`: "id" and "max_tokens".'
}


@tried
def sends(target: Target) -> None:
    """Lab 3: answer over a WebSocket, ten tokens a message, and return afterwards.

    Raises:
        LabError: with a hint, if the handler does something else.
    """
    api = create_api(target, "mine-3", "WEBSOCKET")
    options: dict[str, Any] = {
        "variables": {"CALLBACK_URL": target.callback_url(api.api_id, STAGE), "QUEUE_URL": ""},
        "may": {f"arn:aws:execute-api:*:*:{api.api_id}/*": ["execute-api:ManageConnections"]},
    }
    made = deploy_mine(target, 3, **options)
    add_route(target, api, made, "ask")
    wait_ms, before = target.answer_ms(SENT), asked_so_far(target)
    runs = [_heard(target, api, made)]
    while len(runs) < TRIES:  # who returns early takes as long only where a neighbour is busy
        heard, report = runs[-1]
        if sum(heard) >= SENT - A_MESSAGE or report.duration_ms < EARLY * wait_ms:
            break
        runs.append(_heard(target, api, made))
    heard, report = min(runs, key=lambda run: run[1].duration_ms)
    expect(
        heard or report.duration_ms < EARLY * wait_ms,
        "It sent nothing. What it returns goes to nobody: each message is a `send`.",
    )
    expect(
        heard and (sum(heard) >= SENT - A_MESSAGE or report.duration_ms >= EARLY * wait_ms),
        f"It returned with {sum(heard)} of {SENT} tokens sent, billed {report.billed_ms:,} ms. A"
        " thread is frozen with its environment: send, then return.",
    )
    expect(len(heard) > 1, "The whole answer came in one message, at its end: send ten at a time.")
    expect(
        max(heard) > 1,
        f"{len(heard)} messages of one token each: each is a signed call and has its price. Send"
        " ten at a time.",
    )
    expect(
        sum(heard) <= SENT,
        f"{sum(heard)} tokens were sent for an answer of {SENT}: each of them once.",
    )
    expect(
        sum(heard) == SENT,
        f"{SENT - sum(heard)} of {SENT} tokens never came: what does not fill a message has to be"
        " sent too.",
    )
    expect(
        heard == [A_MESSAGE, A_MESSAGE, SENT - 2 * A_MESSAGE],
        f"The messages held {heard} tokens. Ten each are asked for, and the rest in the last.",
    )
    expect_asked(target, before, SENT)
    expect_one_question(target, before, len(runs))
    if target.cloud and last_cpu_ms(target, made) > CLIENT_CPU_MS * len(heard):
        beside = ["sockets.py", "client_stream.py", "client_http.py"]
        usual = deploy(target, "wait.handler", "usual-3", beside=beside, **options)
        add_route(target, api, usual, "usual")
        asked = {"id": "mine", "max_tokens": MANY, "tokens_per_message": A_MESSAGE}
        theirs = warm_cpu_ms(target, api, made, {**asked, "action": "ask"})
        ours = warm_cpu_ms(target, api, usual, {**asked, "action": "usual"})
        expect(
            theirs < DEARER * ours,
            f"It took {theirs:,.0f} ms of CPU for {MANY // A_MESSAGE} messages, which take"
            f" {ours:,.0f} with one client: a client was made for each message. Make it once,"
            " outside of the handler.",
        )
    if target.pace:
        _expect_apart(target, api, min(MANY, target.pace.output_tokens))
    print(f"Right: {SENT} tokens in {len(heard)} messages. {Attempt(None, report, '')}")


def _expect_apart(target: Target, api: Api, tokens: int) -> None:
    """Refuse messages that all come once the model has written the last token of them."""
    writes_ms = target.answer_ms(tokens) - target.answer_ms(A_MESSAGE)
    for _ in range(TRIES):  # a neighbour may delay the first
        moments_ms, heard, was_whole = list[float](), 0, False
        earlier = asked_so_far(target).whole
        with connect(target, api.endpoint) as socket:
            socket.send(json.dumps({"action": "ask", "id": "mine", "max_tokens": tokens}))
            while heard < tokens:
                try:
                    heard += len(json.loads(socket.recv(timeout=SOON_S))["tokens"])
                except TimeoutError:
                    says = f"It sent {heard} tokens, not the {tokens} that the message asks for."
                    raise LabError(f"Not yet. {says}") from None
                if not moments_ms:
                    was_whole = asked_so_far(target).whole - earlier >= tokens
                moments_ms.append(1000 * time.perf_counter())
        # Where sending takes long, what was collected comes apart too.
        if came_apart(moments_ms, writes_ms) and not was_whole:
            return
    raise LabError(
        f"Not yet. Its messages came within {apart_ms(moments_ms):,.0f} ms, and the model writes"
        f" for {writes_ms:,.0f}: the tokens were collected first. Send each ten as soon as they are"
        " there."
    )


def _heard(target: Target, api: Api, made: Deployed) -> tuple[list[int], Report]:
    """How many tokens each message of an answer brought, and the REPORT line."""
    since_ms, heard, ended = int(1000 * time.time()), list[int](), list[Report]()
    with connect(target, api.endpoint) as socket:
        socket.send(json.dumps({"action": "ask", "id": "mine", "max_tokens": SENT}))
        while True:
            try:  # it was sent before the REPORT line
                message = json.loads(socket.recv(timeout=1 if sum(heard) < SENT else 0.2))
            except TimeoutError:
                if ended:
                    return heard, ended[-1]
                ended = reports_so_far(target, made, since_ms)
                expect(ended or time.time() < since_ms / 1000 + ENDS_S, NO_REPORT)
                continue
            given = message if isinstance(message, dict) else {}
            if given.get("message") == "Internal server error":
                refuse(logged_error(target, made, since_ms), slips=_OF_A_MESSAGE)
            sent = given.get("tokens")
            are_texts = isinstance(sent, list) and all(isinstance(one, str) for one in sent)
            expect(
                given.get("to") == "mine" and are_texts,
                f'It sent {shown(message)}. What is asked for is a dict with "to", the id'
                ' that was asked with, and "tokens", a list of texts.',
            )
            expect(not any(len(f"{one}".split()) > 1 for one in given["tokens"]), JOINED)
            changed = [one for one in given["tokens"] if target.pace and one[1:] not in WORDS]
            expect(not changed, _CHANGED.format(changed[:1]))
            heard.append(len(given["tokens"]))
            expect(sum(heard) <= MANY, _WITHOUT_END)
