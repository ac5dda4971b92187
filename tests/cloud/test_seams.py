"""The places where we reach into ministack: there, reached, and clear when they move."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

import boto3
import pytest

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.front.ministack_seams import SEAMS, MinistackMovedError, check
from serverless_tax.cloud.front.seams.functions import hosted


def test_the_installed_ministack_fits() -> None:
    """All names are where the adapter expects them, with the parameters it relies on."""
    check()


@pytest.mark.parametrize("name", SEAMS)
def test_a_name_that_is_gone_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which name, in which module, and what to do."""
    monkeypatch.delattr(import_module(SEAMS[name][0]), name)

    with pytest.raises(MinistackMovedError, match=rf"{name} should take .* is gone .* pinned"):
        check()


@pytest.mark.parametrize("name", SEAMS)
def test_a_name_that_takes_something_else_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed signature is a moved seam too."""
    monkeypatch.setattr(import_module(SEAMS[name][0]), name, lambda other: other)

    with pytest.raises(MinistackMovedError, match=rf"{name} should take .* takes \('other',\)"):
        check()


def test_invocations_reach_our_host(cloud: LocalCloud, deploy: Any) -> None:
    """The dispatcher is ours: the invocation is among our host's readings."""
    answer = deploy("def handler(event, context): return 1").invoke()

    assert answer.report.request_id in {reading.request_id for reading in cloud.readings()}


def test_asynchronous_invocations_reach_our_host_too(cloud: LocalCloud, deploy: Any) -> None:
    """Ministack queues and retries them; running them is ours."""
    function = deploy("def handler(event, context): return 1")
    function.client.invoke(FunctionName=function.name, InvocationType="Event", Payload=b"{}")
    waiter = boto3.client("logs", **cloud.boto3_kwargs)
    group = f"/aws/lambda/{function.name}"
    found: list[str] = []
    for _ in range(200):
        groups = waiter.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if groups:
            events = waiter.filter_log_events(logGroupName=group)["events"]
            found = [event["message"] for event in events if event["message"].startswith("REPORT")]
        if found:
            break
    assert len(found) == 1


def test_a_streamed_invocation_reaches_our_host(cloud: LocalCloud, deploy: Any) -> None:
    """InvokeWithResponseStream of a function that does not stream is our host's work too."""
    function = deploy("def handler(event, context): return 1")
    before = len(cloud.readings())
    answer = function.client.invoke_with_response_stream(FunctionName=function.name)
    assert [event for event in answer["EventStream"] if "InvokeComplete" in event]
    assert len(cloud.readings()) == before + 1


def test_all_names_are_replaced_at_once() -> None:
    """What has nothing around it is made with the host, and none is forgotten."""
    made = set(re.findall(r'"(\w+)": ', inspect.getsource(hosted)))

    assert made == {name for name, seam in SEAMS.items() if seam.around is None}
