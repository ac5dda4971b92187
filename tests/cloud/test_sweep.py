"""`serverless-tax cloud sweep`: what a lab that was killed has left is found and deleted."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from serverless_tax.cli.app import run
from serverless_tax.cloud.child import PREFIX, left_folders
from serverless_tax.cloud.lab.survey import RUN_TAG, find
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.simulated.cloud import SimulatedCloud

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

# Makes things one after the other as a lab does, and is killed, for good, after so many of them:
# once after each.
LAB = """
import io, json, os, signal, sys, zipfile
import boto3
where, first_prefix, first_run_id = json.loads(sys.argv[1])
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as package:
    package.writestr("app.py", "def handler(event, context): return 1")
iam, logs, lambda_, api, sqs, table = (
    boto3.client(name, **where)
    for name in ("iam", "logs", "lambda", "apigatewayv2", "sqs", "dynamodb"))
made = [
    lambda: iam.create_role(RoleName=prefix, AssumeRolePolicyDocument="{}"),
    lambda: iam.put_role_policy(RoleName=prefix, PolicyName="logs", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]})),
    lambda: logs.create_log_group(logGroupName=f"/aws/lambda/{prefix}-f"),
    lambda: lambda_.create_function(
        FunctionName=f"{prefix}-f", Runtime="python3.13", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/test", Code={"ZipFile": archive.getvalue()}),
    lambda: lambda_.create_function(
        FunctionName=f"tagged-{run_id}", Runtime="python3.13", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/test", Code={"ZipFile": archive.getvalue()},
        Tags={"serverless-tax-run": run_id}),
    lambda: api.create_api(Name=f"{prefix}-sockets", ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action"),
    lambda: sqs.create_queue(QueueName=f"{prefix}-q"),
    lambda: table.create_table(
        TableName=f"{prefix}-t", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}]),
]
for steps in range(1, len(made) + 1):
    prefix, run_id = f"{first_prefix}{steps}", f"{first_run_id}{steps}"
    if os.fork() == 0:
        for make in made[:steps]:
            make()
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == -signal.SIGKILL
"""


STEPS = range(1, 9)


@pytest.fixture
def here(cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    """The cloud that the AWS settings of this process point at; no other test's folder is seen."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", cloud.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.secret_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", cloud.region)
    return cloud


@pytest.fixture(scope="module")
def killed(cloud: LocalCloud) -> tuple[str, str]:
    """Labs that were killed after one step, two steps and so on; how their names and ids begin."""
    run_id = uuid.uuid4().hex[:6]
    prefix = f"serverless-tax-ada-{run_id}-"
    settings = json.dumps([cloud.boto3_kwargs, prefix, run_id])
    subprocess.run([sys.executable, "-c", LAB, settings], check=True)
    return prefix, run_id


def test_labs_killed_at_any_step_are_swept_to_nothing(
    here: LocalCloud, killed: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Listed first and exit 1; then deleted and exit 0; what has other names is not touched."""
    prefix, run_id = killed
    names = [one.name.rpartition("/")[2] for one in find(here.boto3_kwargs, prefix)]
    left = {steps: sum(name.startswith(f"{prefix}{steps}") for name in names) for steps in STEPS}
    assert left == {steps: len({1, 3, 4, 6, 7, 8} & {*range(1, steps + 1)}) for steps in STEPS}

    assert run(["cloud", "sweep", "--prefix", prefix]) == 1
    listed = capsys.readouterr().out
    assert all(f"role {prefix}{steps}" in listed for steps in STEPS)
    assert run(["cloud", "sweep", "--prefix", prefix, "--yes"]) == 0
    assert "Nothing is left." in capsys.readouterr().out

    for steps in STEPS[4:]:
        of_it = (here.boto3_kwargs, f"{prefix}{steps}", f"{run_id}{steps}")
        [one] = find(*of_it)  # by its tag alone
        assert one.name == f"tagged-{run_id}{steps}"
        one.delete()
    assert find(*of_it) == []


def test_everything_with_such_a_name_is_swept(
    here: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also what no lab makes: a bucket with an object, a topic, a rule with a target, an API."""
    name = f"serverless-tax-bob-{uuid.uuid4().hex[:6]}"
    s3, sns, events, rest, logs = (
        boto3.client(service, **here.boto3_kwargs)
        for service in ("s3", "sns", "events", "apigateway", "logs")
    )
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    topic = sns.create_topic(Name=name)["TopicArn"]
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": topic}])
    rest.create_rest_api(name=name)
    logs.create_log_group(logGroupName=f"{name}/own")

    assert run(["cloud", "sweep", "--prefix", name]) == 1
    listed = capsys.readouterr().out.split("\n")
    kinds = {line.partition(f" {name}")[0] for line in listed if name in line}
    assert kinds == {"bucket", "topic", "rule", "API", "log group"}
    assert run(["cloud", "sweep", "--prefix", name, "--yes"]) == 0


@pytest.mark.usefixtures("here")
def test_a_killed_clouds_folder_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A folder whose lock nobody holds; one that is in use is not touched."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, used = (tmp_path / f"{PREFIX}{name}" for name in ("left", "used"))
    for folder in (left, used):
        folder.mkdir()
        (folder / "lock").touch()
        os.utime(folder, (0, 0))  # long ago
    with (used / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert left_folders() == [left]
        assert run(["cloud", "sweep", "--prefix", "serverless-tax-none", "--yes"]) == 0
        assert f"folder {left}" in capsys.readouterr().out
        assert [*tmp_path.iterdir()] == [used]


def test_a_simulated_clouds_folder_is_no_killed_clouds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no server and no lock, and may be in use for as long as a notebook is open."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pace = Pace(ttft_ms=500, tokens_per_s=100, output_tokens=101)
    cloud = SimulatedCloud(pace, lambda _cloud, _spec: {})
    [own] = tmp_path.iterdir()
    os.utime(own, (0, 0))  # long ago
    assert left_folders() == []
    cloud.close()


def test_a_class_shares_an_account(
    here: LocalCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A named learner sweeps what is theirs; the teacher, by the class's prefix, the rest of it."""
    iam = boto3.client("iam", **here.boto3_kwargs)
    names = [f"serverless-tax-{who}-5f-lab1" for who in ("c9ann", "c9anna", "other")]
    for name in names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")

    def left() -> list[str]:
        return [one.name for one in find(here.boto3_kwargs) if one.name in names]

    monkeypatch.setenv("SERVERLESS_TAX_LEARNER", "C9-Ann")
    assert run(["cloud", "sweep", "--yes"]) == 0
    assert "for serverless-tax-c9ann-*" in capsys.readouterr().err
    assert left() == names[1:]
    assert run(["cloud", "sweep", "--prefix", "serverless-tax-c9", "--yes"]) == 0
    assert left() == names[2:]
    iam.delete_role(RoleName=names[2])


def test_it_refuses_a_prefix_that_is_not_the_labs(capsys: pytest.CaptureFixture[str]) -> None:
    """So that a slip cannot delete an account's own things."""
    assert run(["cloud", "sweep", "--prefix", "prod"]) == 2
    assert "--prefix is 'prod'; expected one that begins with" in capsys.readouterr().err


def test_without_keys_it_looks_for_folders_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback where no account is configured; what a killed cloud has left is found."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run(["cloud", "sweep"]) == 0
    said = capsys.readouterr()
    assert "Your settings have no AWS keys, so only folders here are looked for." in said.err
    assert said.out == "No folder is left here.\n"

    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    os.utime(left, (0, 0))
    assert run(["cloud", "sweep"]) == 1
    assert str(left) in capsys.readouterr().out
    assert run(["cloud", "sweep", "--yes"]) == 0
    assert not left.exists()


def test_the_tag_is_the_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a lab tags is what the survey looks for, and the learner may name themselves."""
    from serverless_tax.cloud.lab.target import Target  # noqa: PLC0415 - reads the variable when made

    monkeypatch.setenv("SERVERLESS_TAX_LEARNER", "Ada L. 1815")
    target: Any = Target("local", {}, {})
    assert target.tags == {"serverless-tax-learner": "adal1815", RUN_TAG: target.run_id}
    assert target.prefix == f"serverless-tax-adal1815-{target.run_id}"
