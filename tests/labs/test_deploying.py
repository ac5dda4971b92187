"""The labs' one-line deploy, by what boto3 then finds: made once, brought up to date, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from serverless_tax.cloud import open_target
from serverless_tax.cloud.lab import deploying
from serverless_tax.cloud.lab.target import Target

ROOT = Path(__file__).parents[2]
HANDLER = "def handler(event, context):\n    return {version}\n"


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """A local cloud, from the labs' folder."""
    monkeypatch.chdir(ROOT / "labs")
    opened = open_target(ttft_ms=1, tokens_per_s=1000, output_tokens=5, worst_case_usd=0.01)
    yield opened
    opened.close()


def test_deploy_creates_then_updates_and_clean_up_leaves_nothing(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice each, as a cell that is run twice; then the target is closed, and says so."""
    lambda_ = boto3.client("lambda", **target.boto3_kwargs)
    iam = boto3.client("iam", **target.boto3_kwargs)
    answers = []
    for version, memory_mb in ((1, 128), (2, 256)):
        (tmp_path / "mine.py").write_text(HANDLER.format(version=version))
        made = deploying.deploy(
            target, "mine.handler", folder=tmp_path, memory_mb=memory_mb, streams=True
        )
        answers.append(json.load(lambda_.invoke(FunctionName=made.name)["Payload"]))
        api = deploying.create_api(target, "hook")
        deploying.add_route(target, api, made, "POST /done")
    assert answers == [1, 2]
    assert capsys.readouterr().out.splitlines() == [
        "created: mine, 128 MB, with a URL that streams",
        "updated: mine, 256 MB, with a URL that streams",
    ]

    found = lambda_.get_function(FunctionName=made.name)
    assert found["Configuration"]["MemorySize"] == 256
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 5
    assert found["Tags"] == target.tags
    assert lambda_.get_function_url_config(FunctionName=made.name)["AuthType"] == "AWS_IAM"
    role = made.role_arn.rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="mine")["PolicyDocument"]
    allowed = [one["Action"] for one in policy["Statement"]]
    assert allowed == [["logs:CreateLogStream", "logs:PutLogEvents"]]
    gateway = boto3.client("apigatewayv2", **target.boto3_kwargs)
    assert (
        len(gateway.get_apis()["Items"]) == len(gateway.get_routes(ApiId=api.api_id)["Items"]) == 1
    )

    assert {label.split()[0] for label in target.survivors()} == {"API", "function", "log", "role"}
    for _ in range(2):
        assert deploying.clean_up(target) == []
    with pytest.raises(deploying.LabError, match="closed: run the lab again from its set-up"):
        deploying.deploy(target, "mine.handler", folder=tmp_path)


@pytest.mark.parametrize(("protocol", "route"), [("HTTP", "POST /done"), ("WEBSOCKET", "ask")])
def test_an_api_that_an_interrupt_left_half_made_is_completed(
    target: Target, tmp_path: Path, protocol: str, route: str
) -> None:
    """Without its stage, or with the permission and not yet the route that needs it."""
    (tmp_path / "mine.py").write_text(HANDLER.format(version=1))
    made = deploying.deploy(target, "mine.handler", folder=tmp_path)
    gateway = boto3.client("apigatewayv2", **target.boto3_kwargs)
    for _ in range(2):
        api = deploying.create_api(target, "hook", protocol)
        deploying.add_route(target, api, made, route)
        [stage] = gateway.get_stages(ApiId=api.api_id)["Items"]
        [found] = gateway.get_routes(ApiId=api.api_id)["Items"]
        assert found["RouteKey"] == route
        gateway.delete_route(ApiId=api.api_id, RouteId=found["RouteId"])
        gateway.delete_stage(ApiId=api.api_id, StageName=stage["StageName"])


def test_a_handler_that_is_not_there_is_named(target: Target, tmp_path: Path) -> None:
    """The cell that writes it was not run; nothing is made."""
    with pytest.raises(deploying.LabError, match=r"There is no .*mine\.py: run the cell"):
        deploying.deploy(target, "mine.handler", folder=tmp_path)
    assert target.survivors() == []
