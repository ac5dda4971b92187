"""A local cloud for the tests of this folder, and functions made from a few lines of code."""

from __future__ import annotations

import base64
import io
import json
import sys
import textwrap
import uuid
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from refusals import ECHO
from waiters import OFTEN

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.roles import OF_LAMBDA, trusted_by
from serverless_tax.ground.report import Report, parse_reports

if TYPE_CHECKING:
    from collections.abc import Iterator


#: The runtime of this Python, so that a function runs in what it asks for.
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def zipped(code: str) -> bytes:
    """A deployment package with one file, app.py."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", textwrap.dedent(code))
    return archive.getvalue()


@dataclass
class Answer:
    """What an invocation gave back."""

    payload: Any
    error: str | None
    log: str
    report: Report


@dataclass
class Function:
    """A deployed function and the client to invoke it with."""

    client: Any
    name: str

    def invoke(self, **event: object) -> Answer:
        """Invoke and wait, with the log's tail."""
        response = self.client.invoke(
            FunctionName=self.name, Payload=json.dumps(event), LogType="Tail"
        )
        log = base64.b64decode(response["LogResult"]).decode()
        [report] = parse_reports(log)
        return Answer(json.load(response["Payload"]), response.get("FunctionError"), log, report)


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """One cloud for all tests."""
    with LocalCloud() as running:
        iam = boto3.client("iam", **running.boto3_kwargs)
        iam.create_role(RoleName="test", AssumeRolePolicyDocument=OF_LAMBDA)
        of_schedules = trusted_by("scheduler.amazonaws.com")
        iam.create_role(RoleName="clock", AssumeRolePolicyDocument=of_schedules)
        yield running


@pytest.fixture
def settings() -> Any:
    """Return a function: what CreateFunction takes, some of it changed, or left out by None."""
    usual = {
        "FunctionName": "refused",
        "Runtime": PYTHON,
        "Role": "arn:aws:iam::000000000000:role/test",
        "Handler": "app.handler",
        "Code": {"ZipFile": zipped("def handler(event, context): return event")},
    }

    def made(**changed: Any) -> dict[str, Any]:
        return {name: value for name, value in (usual | changed).items() if value is not None}

    return made


@pytest.fixture
def deploy(cloud: LocalCloud) -> Iterator[Any]:
    """Make a function from code; it is deleted after the test."""
    yield from deployer(cloud)


@pytest.fixture(scope="module")
def deploy_once(cloud: LocalCloud) -> Iterator[Any]:
    """Make a function for all tests of a file."""
    yield from deployer(cloud)


def deployer(cloud: LocalCloud) -> Iterator[Any]:
    """Yield a function that deploys; then delete what it has made."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)
    made: set[str] = set()

    def make(code: str, *, timeout: int = 30, **settings: Any) -> Function:
        name = settings.pop("FunctionName", f"f-{uuid.uuid4().hex[:8]}")
        client.create_function(
            FunctionName=name,
            Runtime=settings.pop("Runtime", PYTHON),
            Role="arn:aws:iam::000000000000:role/test",
            Handler=settings.pop("Handler", "app.handler"),
            Code={"ZipFile": zipped(code)},
            Timeout=timeout,
            **settings,
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=OFTEN)
        made.add(name)
        return Function(client, name)

    yield make
    for name in made:
        client.delete_function(FunctionName=name)


@pytest.fixture(scope="session")
def lambda_(cloud: LocalCloud) -> Any:
    """A client that sends what boto3 itself would already refuse."""
    return boto3.client("lambda", config=Config(parameter_validation=False), **cloud.boto3_kwargs)


@pytest.fixture(scope="module")
def echo(deploy_once: Any) -> str:
    """The name of a function that is there."""
    return str(deploy_once(ECHO).name)
