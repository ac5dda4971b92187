"""What AWS says of Lambda is typed once."""

from __future__ import annotations

import ast
from pathlib import Path

import serverless_tax
from serverless_tax.cloud.function.host import INIT_LIMIT_S
from serverless_tax.ground import lambda_facts
from serverless_tax.platforms import aws_lambda, aws_lambda_streaming

PACKAGE = Path(serverless_tax.__file__).parent


def test_the_memory_of_a_vcpu_stands_in_one_file() -> None:
    """The rules, the audit and the local cloud take 1,769 MB from there."""
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value == 1769
    }
    assert found == {"ground/lambda_facts.py"}


def test_rules_and_the_local_cloud_have_the_same_limits() -> None:
    """6 MB whole and 200 MB streamed, 1 MB for an event; 10 s of INIT; 900 s."""
    door, streamed = aws_lambda.PLATFORM, aws_lambda_streaming.PLATFORM
    assert {limit.most for limit in door.limits} == {lambda_facts.PAYLOAD_BYTES}
    assert [limit.most for limit in streamed.limits] == [6 * 1024**2, 200 * 1024**2]
    assert lambda_facts.EVENT_BYTES == 1024**2
    assert INIT_LIMIT_S == 10
    assert door.limit_ms == lambda_facts.TIMEOUT_MS == 900_000
