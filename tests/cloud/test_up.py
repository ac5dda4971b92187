"""`serverless-tax cloud up`: in the foreground, with the lines that point a client at it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import openai
import pytest
from waiters import OFTEN

from serverless_tax.cli.app import run
from serverless_tax.cloud.roles import OF_LAMBDA

COMMAND = [sys.executable, "-c", "from serverless_tax.cli import main; main()", "cloud"]
HANDLER = """
import time
def handler(event, context):
    time.sleep(event.get("s", 0))
    return event["n"] + 1
"""


def zipped() -> bytes:
    """Return a deployment package with the handler."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", HANDLER)
    return archive.getvalue()


@contextmanager
def running(
    tmp_path: Path, *words: str, lines: int = 5
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start it on any free port and read its lines; whatever happens, it is gone afterwards."""
    with (
        (tmp_path / "remarks").open("w") as remarks,
        subprocess.Popen(
            [*COMMAND, *words],
            stdout=subprocess.PIPE,
            stderr=remarks,
            text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(lines)]
            yield process, dict(re.fullmatch(r"export (\w+)=(\S+)\n", x).groups() for x in said)  # type: ignore[union-attr, misc]
        finally:
            process.kill()


def client(exported: dict[str, str], name: str) -> Any:
    """A client that the lines point at the cloud."""
    return boto3.client(
        name,
        endpoint_url=exported["AWS_ENDPOINT_URL"],
        aws_access_key_id=exported["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=exported["AWS_SECRET_ACCESS_KEY"],
        region_name=exported["AWS_DEFAULT_REGION"],
    )


def hello(exported: dict[str, str]) -> Any:
    """Make a function at the cloud that some lines point to; return the client for it."""
    lambda_, iam = (client(exported, name) for name in ("lambda", "iam"))
    iam.create_role(RoleName="test", AssumeRolePolicyDocument=OF_LAMBDA)
    lambda_.create_function(
        FunctionName="hello",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/test",
        Handler="app.handler",
        Code={"ZipFile": zipped()},
        Timeout=60,
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName="hello", WaiterConfig=OFTEN)
    return lambda_


@pytest.mark.parametrize(
    "how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_its_lines_are_all_a_client_needs(how: signal.Signals, tmp_path: Path) -> None:
    """A function is made and invoked with them; then it stops when asked, and leaves nothing."""
    with running(tmp_path, "up", "--port", "0", "--bill", str(tmp_path / "bill")) as (
        process,
        exported,
    ):
        assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"]
        answer = hello(exported).invoke(FunctionName="hello", Payload=b'{"n": 41}')
        assert json.load(answer["Payload"]) == 42
        process.send_signal(how)
        assert process.wait(20) == 0
        with socket.socket() as probe:
            port = urlsplit(exported["AWS_ENDPOINT_URL"]).port
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bill", "remarks"]
    files = sorted(path.name for path in (tmp_path / "bill").iterdir())
    assert files == ["cur2.parquet", "focus.parquet", "report-lines.log"]
    remarks = (tmp_path / "remarks").read_text()
    assert "The bill of 1 invocation, $0.0000" in remarks
    assert "Stopped: no process" in remarks


def test_a_killed_cloud_is_said_billed_and_leaves_nothing(tmp_path: Path) -> None:
    """The command ends by itself, with 1; what had ended is on its bill, what ran is named."""
    bill = tmp_path / "bill"
    with running(tmp_path, "up", "--port", "0", "--bill", str(bill)) as (process, exported):
        lambda_ = hello(exported)
        ended = lambda_.invoke(FunctionName="hello", Payload=b'{"n": 41}')
        lambda_.invoke(FunctionName="hello", Payload=b'{"n": 1, "s": 50}', InvocationType="Event")
        logs, until = client(exported, "logs"), time.monotonic() + 30
        group = {"logGroupName": "/aws/lambda/hello", "filterPattern": '"START RequestId"'}
        while len(logs.filter_log_events(**group)["events"]) < 2:
            assert time.monotonic() < until, "the second one did not run"
            time.sleep(0.05)
        [server] = [
            int(pid)
            for listed in Path(f"/proc/{process.pid}/task").glob("*/children")
            for pid in listed.read_text().split()
        ]
        os.kill(server, signal.SIGKILL)
        assert process.wait(20) == 1
    remarks = (tmp_path / "remarks").read_text()
    assert "has ended by itself: signal 9." in remarks
    assert "1 invocation had ended, and REPORT lines are kept; 1 was running" in remarks
    assert "(hello)." in remarks
    request_id = ended["ResponseMetadata"]["RequestId"]
    [line] = (bill / "report-lines.log").read_text().splitlines()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bill", "remarks"]
    assert line.startswith(f"REPORT RequestId: {request_id}")


def test_the_provider_starts_alone(tmp_path: Path) -> None:
    """OpenAI's client takes its lines as they are."""
    with running(tmp_path, "provider", "--ttft-ms", "5", "--output-tokens", "3", lines=6) as (
        process,
        exported,
    ):
        with openai.OpenAI(
            base_url=exported["OPENAI_BASE_URL"], api_key=exported["OPENAI_API_KEY"]
        ) as sdk:
            answer = sdk.responses.create(model=exported["MODEL"], input="Why?")
        assert len(answer.output_text.split()) == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_an_impossible_pace_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """By name, and nothing started."""
    assert run(["cloud", "provider", "--tokens-per-s", "0"]) == 2
    assert "tokens_per_s is 0" in capsys.readouterr().err


def test_two_at_once_on_one_port_are_one(tmp_path: Path) -> None:
    """The other says so in a sentence, also when the port was free as it looked."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    both = [
        subprocess.Popen(
            [*COMMAND, "up", "--port", port],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        for _ in range(2)
    ]
    try:
        until = time.monotonic() + 60
        while all(one.poll() is None for one in both) and time.monotonic() < until:
            time.sleep(0.05)
        [loser] = [one for one in both if one.poll() is not None]
        [winner] = [one for one in both if one.poll() is None]
        assert loser.stderr is not None
        assert winner.stdout is not None
        said = f"Port {port} is taken; choose another with --port, or 0 for any that is free."
        told = loser.stderr.read()
        assert (loser.returncode, said in told, "Traceback" in told) == (2, True, False), told
        assert winner.stdout.readline() == f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n"
    finally:
        for one in both:
            one.terminate()
            one.communicate(timeout=20)


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do, and nothing started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["cloud", "up", "--port", str(port)]) == 2
    assert f"Port {port} is taken; choose another with --port" in capsys.readouterr().err


@pytest.mark.parametrize(("place", "text"), [("file", "a file"), ("file/bill", "Not a directory")])
def test_a_bill_that_has_no_place_is_refused_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, text: str
) -> None:
    """Its end is too late: the session would have no bill."""
    (tmp_path / "file").touch()
    assert run(["cloud", "up", "--port", "0", "--bill", str(tmp_path / place)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "--bill is" in said
    assert text in said


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Naming it, and what was expected."""
    assert run(["cloud", "up", "--port", "70000"]) == 2
    assert "--port is 70000; expected a port from 0 to 65,535." in capsys.readouterr().err
