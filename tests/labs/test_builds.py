"""The handlers that learners write: what is right in any style passes, what is wrong gets its hint.

All run in the local cloud. The solutions are the labs' own; the stubs too.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from handler_parts import LABS, ROOT, files
from helper_cards import card_error
from odd_handlers import ODD
from sampled import one_in
from tried_handlers import WRONG

from serverless_tax.cloud import open_target
from serverless_tax.cloud.lab import builds, deploying
from serverless_tax.cloud.lab.target import Target

SDK = "aws-durable-execution-sdk-python==2.0.1"

#: A replay runs wrong handlers in this process, and what they forget to await is their fault.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

BUILDS = {
    1: builds.answers,
    2: builds.streams,
    3: builds.sends,
    4: builds.overlaps,
    5: builds.hands_over,
    6: builds.is_metered,
}
#: What a simulated cloud cannot tell: a thread that is frozen or works beside its handler, a
#: client's CPU, a clock of before, a loop of somebody else's, or what it tells after a minute.
LIVE_ONLY = {
    (1, "a thread that nobody waits for"),
    (3, "a callback not awaited"),
    (3, "a module's pool that nobody waits for"),
    (3, "a client per message"),
    (3, "the same ten without end"),
    (4, "a loop in a loop"),
    (6, "the CPU since the start"),
    (2, "a thread and a queue"),
    (4, "OpenAI's own package, made anew"),
}
IN_REPLAY = [key for key in (*WRONG, *ODD) if key[0] != 7 and key not in LIVE_ONLY]
#: Answers that no model gave: a replay runs the handler, and refuses them too.
CONSTANT = [key for key in IN_REPLAY if "constant" in key[1] or key[1] == "counted after the wait"]
SAMPLED = one_in(20, [key for key in IN_REPLAY if key not in CONSTANT])


@pytest.fixture(scope="module")
def simulated() -> Target:
    """The cloud of a replay, for all; the local one may open after it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABS_REPLAY", "1")
        return open_target(ttft_ms=400, tokens_per_s=100, output_tokens=40, worst_case_usd=0.01)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """One local cloud and provider for all; Python's version is what lab 7 needs."""
    opened = open_target(
        ttft_ms=400,
        tokens_per_s=100,
        output_tokens=40,
        worst_case_usd=0.01,
        python_version="3.13",
    )
    yield opened
    opened.close()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Be where the labs' handlers are, and nothing else."""
    (tmp_path / "handlers").symlink_to(ROOT / "labs/handlers")
    monkeypatch.chdir(tmp_path)
    yield
    gc.collect()  # coroutines that a handler never awaited: here their warning is expected


@pytest.fixture
def attempt(target: Target, folder: None) -> Any:
    """Write a learner's file beside the labs' handlers, and have it tried."""
    del folder

    def run(lab: int, source: str) -> None:
        Path(f"my_handler_{lab}.py").write_text(source)
        if lab == 7:
            builds.suspends(target, webhook(target), [SDK])
        else:
            BUILDS[lab](target)

    return run


def webhook(target: Target) -> str:
    """The address of lab 7's waker, deployed where it is not."""
    api = deploying.create_api(target, "waker")
    if not hasattr(webhook, "made"):
        assert target.provider
        of_it = f"arn:aws:lambda:*:*:function:{target.prefix}-*"
        webhook.made = deploying.deploy(  # type: ignore[attr-defined]
            target,
            "waker.handler",
            variables={"WEBHOOK_SECRET": target.provider.webhook_secret},
            may={of_it: ["lambda:SendDurableExecutionCallbackSuccess"]},
        )
        deploying.add_route(target, api, webhook.made, "POST /done")  # type: ignore[attr-defined]
    return target.url(f"{api.endpoint}/done")


@pytest.mark.slow  # `make test` tries a part of them in a replay, and the labs their solutions
@pytest.mark.parametrize(("lab", "name"), WRONG)
def test_a_wrong_handler_gets_its_hint(
    lab: int, name: str, attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, that of this mistake and of the helpers' card; the solution takes it away."""
    source, hint = WRONG[lab, name]
    with pytest.raises(deploying.LabError, match=r"^Not yet") as refused:
        attempt(lab, source)
    assert hint in str(refused.value)
    assert "\n" not in str(refused.value)
    card = card_error(f"handler: {name}", lab)
    if card:
        assert card.is_in(str(refused.value))
        # Then what the card says to do takes it away.
        attempt(lab, files(lab)[1])
        assert "Right: " in capsys.readouterr().out


@pytest.mark.slow
def test_a_durable_function_is_invoked_by_a_version(target: Target, attempt: Any) -> None:
    """As the card of lab seven says: the bare name is refused, and `:1` behind it is not."""
    attempt(7, files(7)[1])
    lambda_ = boto3.client("lambda", **target.boto3_kwargs)
    name, event = f"{target.prefix}-my-handler-7", b'{"question": "?", "webhook_url": ""}'
    card = card_error("a name without a version", 7)
    with pytest.raises(lambda_.exceptions.InvalidParameterValueException) as refused:
        lambda_.invoke(FunctionName=name, Payload=event)
    assert card
    assert card.is_in(str(refused.value))
    begun = lambda_.invoke(FunctionName=f"{name}:1", InvocationType="Event", Payload=event)
    begun["Payload"].read()
    lambda_.stop_durable_execution(DurableExecutionArn=begun["DurableExecutionArn"])


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "name"), ODD)
def test_a_right_handler_passes_in_any_style(
    lab: int, name: str, attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """What counts is what it returned and what it was billed."""
    attempt(lab, ODD[lab, name])
    assert "Right: " in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("lab", "name"), [*SAMPLED, *CONSTANT])
def test_a_replay_says_the_same(
    lab: int, name: str, simulated: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its simulated cloud passes what is right, and gives what is wrong its hint."""
    source, hint = WRONG.get((lab, name)) or (ODD[lab, name], "")
    Path(f"my_handler_{lab}.py").write_text(source)
    if hint:
        with pytest.raises(deploying.LabError, match=r"^Not yet") as refused:
            BUILDS[lab](simulated)
        assert hint in str(refused.value)
    else:
        BUILDS[lab](simulated)
        assert "Right: " in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_replay_shows_no_traceback_of_what_was_not_awaited(
    simulated: Target, caplog: pytest.LogCaptureFixture
) -> None:
    """Its sentence is all that a notebook shows: asyncio would log sixty lines beside it."""
    Path("my_handler_4.py").write_text(WRONG[4, "a gather without its await"][0])
    with pytest.raises(deploying.LabError):
        builds.overlaps(simulated)
    gc.collect()
    assert not caplog.records


@pytest.mark.usefixtures("folder")
def test_a_replay_does_not_know_a_thread_that_works_beside_a_stream(
    simulated: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its threads are done when they start: it says so, and does not call a right one wrong."""
    Path("my_handler_2.py").write_text(ODD[2, "a thread and a queue"])
    builds.streams(simulated)
    assert "Not simulated: " in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("lab", sorted(LABS))
def test_a_stub_fails_with_one_sentence_and_the_solution_passes(
    lab: int, attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the learner starts from, and what the lab's own run deploys."""
    stub, solution = files(lab)
    with pytest.raises(deploying.LabError, match=r"^Not yet\. [^\n]+\.$"):
        attempt(lab, stub)
    attempt(lab, solution)
    assert "Right: " in capsys.readouterr().out


@pytest.mark.parametrize("lab", sorted(LABS))
def test_a_stub_is_short_and_its_lab_knows_three_mistakes(lab: int) -> None:
    """Fifteen lines with one thing to do."""
    stub, _ = files(lab)
    assert len([line for line in stub.splitlines() if line.strip()]) <= 15
    assert len({hint for (of, _), (_, hint) in WRONG.items() if of == lab}) >= 3


@pytest.mark.usefixtures("folder")
def test_tokens_of_another_model_need_be_no_words(
    simulated: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """On AWS nobody knows the model's pace, and its tokens may be parts of words."""
    source, hint = WRONG[2, "pieces without their spaces"]
    Path("my_handler_2.py").write_text(source.replace(".strip()", ".replace(' ', '-')"))
    with pytest.raises(deploying.LabError, match=hint):
        builds.streams(simulated)
    builds.streams(replace(simulated, pace=None))
    assert "Right: " in capsys.readouterr().out
