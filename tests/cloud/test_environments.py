"""Environments are reused, frozen between invocations, and never shared at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from waiters import OFTEN, until

from serverless_tax.cloud.function.private_tmp import is_possible
from serverless_tax.cloud.function.sandbox import descendants

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

WHO = """
import time, uuid
process = str(uuid.uuid4())
def handler(event, context):
    time.sleep(event["s"])
    return process
"""

TICKING = """
import threading, time
ticks = []
def tick():
    while True:
        ticks.append(time.time())
        time.sleep(0.02)
threading.Thread(target=tick, daemon=True).start()
def handler(event, context):
    before = len(ticks)
    while len(ticks) < before + 3:
        time.sleep(0.01)
    return list(ticks)
"""


def test_a_background_thread_stands_still_between_invocations(deploy: Any) -> None:
    """No tick falls between one answer and the next invocation; the thread goes on with it."""
    function = deploy(TICKING)
    function.invoke()
    frozen_from = time.time()
    time.sleep(0.5)
    frozen_to = time.time()

    ticks = function.invoke().payload

    assert not [tick for tick in ticks if frozen_from < tick < frozen_to]
    assert len([tick for tick in ticks if tick >= frozen_to]) > 2


def test_an_idle_environment_is_reused(deploy: Any) -> None:
    """One after another, invocations meet the same process."""
    function = deploy(WHO)

    assert len({function.invoke(s=0).payload for _ in range(5)}) == 1


def test_overlapping_invocations_each_get_an_environment(deploy: Any) -> None:
    """Six at once are six processes, and six cold starts; none is lost or shared."""
    function = deploy(WHO)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: function.invoke(s=2), range(6)))

    assert len({answer.payload for answer in answers}) == 6
    assert all(answer.report.init_ms is not None for answer in answers)


TMP = """
from pathlib import Path
from time import sleep

def handler(event, context):
    note = Path("/tmp/note")
    before = note.read_text() if note.exists() else ""
    note.write_text(before + event["word"])
    sleep(event.get("sleep_s", 0))
    return before
"""


@pytest.mark.skipif(not is_possible(), reason="this container forbids mount namespaces")
def test_each_environment_has_a_tmp_of_its_own_and_keeps_it(deploy: Any) -> None:
    """What one wrote it finds again; another never does, and the machine's /tmp stays clean."""
    function = deploy(TMP)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda word: function.invoke(word=word, sleep_s=0.5), "ab")

    assert (first.payload, second.payload) == ("", "")
    assert function.invoke(word="c").payload in {"a", "b"}
    assert not Path("/tmp/note").exists()  # noqa: S108 - the machine's own


def test_delete_and_create_of_the_same_code_is_a_new_function(
    cloud: LocalCloud, deploy: Any
) -> None:
    """An environment of a deleted function is killed, not inherited by its namesake."""
    before = set(descendants(cloud.pid))
    first = deploy(WHO, FunctionName="namesake")
    first.invoke(s=0)
    own = set(descendants(cloud.pid)) - before
    assert own
    first.client.delete_function(FunctionName="namesake")
    until(lambda: not own & set(descendants(cloud.pid)))
    assert deploy(WHO, FunctionName="namesake").invoke(s=0).report.init_ms is not None


def test_a_deleted_function_leaves_neither_url_nor_tmp(cloud: LocalCloud, deploy: Any) -> None:
    """A namesake has no URL and finds no file; the environments' folders are gone."""
    first = deploy(TMP, FunctionName="leaves-nothing")
    client = first.client
    client.create_function_url_config(FunctionName=first.name, AuthType="AWS_IAM")
    folders = set(cloud._child.folder.glob("environment-*"))
    first.invoke(word="a")
    [own] = set(cloud._child.folder.glob("environment-*")) - folders

    client.delete_function(FunctionName=first.name)
    until(lambda: not own.exists())
    second = deploy(TMP, FunctionName=first.name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_url_config(FunctionName=second.name)
    if is_possible():
        assert second.invoke(word="b").payload == ""


def test_new_configuration_means_a_new_environment(cloud: LocalCloud, deploy: Any) -> None:
    """A changed variable is seen by the next invocation."""
    code = "import os\ndef handler(event, context): return os.environ.get('ONE')"
    function = deploy(code, Environment={"Variables": {"ONE": "1"}})
    before = function.invoke().payload
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    client.update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"ONE": "2"}}
    )
    updated = client.get_waiter("function_updated_v2")
    updated.wait(FunctionName=function.name, WaiterConfig=OFTEN)

    assert (before, function.invoke().payload) == ("1", "2")


def test_a_function_can_call_the_cloud_itself(deploy: Any) -> None:
    """Inside a function plain boto3 finds the endpoint and the keys, as it finds AWS there."""
    function = deploy(
        """
        import boto3
        def handler(event, context):
            return boto3.client("sts").get_caller_identity()["Account"]
        """,
        timeout=30,
    )

    assert function.invoke().payload == "000000000000"
