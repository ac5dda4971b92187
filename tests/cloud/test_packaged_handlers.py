"""Handlers whose package brings a library: Powertools, and Mangum with an ASGI application.

They come from the package index at each run.
"""

from __future__ import annotations

import json
import shutil
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from installing import PYTHON, installed, with_pip
from refusals import open_to_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from serverless_tax.cloud import LocalCloud

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # for the installations

POWERTOOLS = """
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function)
app, logger, tracer = LambdaFunctionUrlResolver(), Logger(service="told"), Tracer(disabled=True)
metrics = Metrics(namespace="Told", service="told")
store, config, ran = DynamoDBPersistenceLayer(table_name="once"), IdempotencyConfig(), []
@idempotent_function(data_keyword_argument="order", persistence_store=store, config=config)
def pay(order):
    ran.append(order)
    return {"runs": len(ran)}
@app.post("/pay/<order>")
def paid(order):
    metrics.add_metric(name="Paid", unit=MetricUnit.Count, value=1)
    logger.info("paid", order=order)
    return pay(order=order)
@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event, context):
    config.register_lambda_context(context)
    return app.resolve(event, context)
"""
MANGUM = """
from mangum import Mangum
async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = (await receive())["body"]
    headers = [(b"x-path", scope["path"].encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": b"heard " + body})
handler = Mangum(app, lifespan="off")
"""


@pytest.fixture
def served(cloud: LocalCloud, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Return a function: the open address of a function with packages of its own."""
    client = boto3.client("lambda", **cloud.boto3_kwargs)

    def serve(name: str, code: str, *packages: str) -> str:
        tools = with_pip(tmp_path, "pip")
        to = ("--quiet", "--target", tmp_path / "package", *packages)
        installed(tools / "pip", "install", *to, folder=tmp_path)
        (tmp_path / "package" / "app.py").write_text(code)
        shutil.make_archive(str(tmp_path / "package"), "zip", tmp_path / "package")
        client.create_function(
            FunctionName=name,
            Runtime=PYTHON,
            Role="arn:aws:iam::000000000000:role/test",
            Handler="app.handler",
            Code={"ZipFile": (tmp_path / "package.zip").read_bytes()},
            MemorySize=512,
            Timeout=30,
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name)
        made = client.create_function_url_config(FunctionName=name, AuthType="NONE")
        open_to_all(client, FunctionName=name)
        return cloud.local_url(made["FunctionUrl"])

    yield serve
    for one in client.list_functions()["Functions"]:
        if one["FunctionName"] in {"powertools", "mangum"}:
            client.delete_function(FunctionName=one["FunctionName"])


def test_powertools_serve(cloud: LocalCloud, served: Any) -> None:
    """A route at a function URL; its log in JSON, its metric, and work that is done once."""
    tables, metrics, logs = (
        boto3.client(name, **cloud.boto3_kwargs) for name in ("dynamodb", "cloudwatch", "logs")
    )
    tables.create_table(
        TableName="once",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    url = served("powertools", POWERTOOLS, "aws-lambda-powertools[tracer]>=3,<4") + "pay/7"
    for _ in range(2):
        with urllib.request.urlopen(url, b"{}", timeout=60) as said:  # noqa: S310 - our own server
            assert json.load(said) == {"runs": 1}
    assert len(tables.scan(TableName="once")["Items"]) == 1
    named = metrics.list_metrics(Namespace="Told")["Metrics"]
    assert [one["MetricName"] for one in named] == ["Paid"]
    found = logs.filter_log_events(logGroupName="/aws/lambda/powertools", filterPattern="paid")
    [line, *_] = [one["message"] for one in found["events"] if '"level"' in one["message"]]
    assert json.loads(line)["order"] == "7"
    tables.delete_table(TableName="once")


def test_an_asgi_application_answers_by_mangum(served: Any) -> None:
    """Its status, its header and its body."""
    url = served("mangum", MANGUM, "mangum>=0.19,<1")
    with urllib.request.urlopen(f"{url}a/b", b"this", timeout=60) as said:  # noqa: S310 - our own
        assert (said.status, said.headers["x-path"], said.read()) == (201, "/a/b", b"heard this")
