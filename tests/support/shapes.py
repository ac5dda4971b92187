"""Requests made from AWS's own model of a service, and a client that sends what it is told."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from serverless_tax.cloud.front.constraints import in_python

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

CLIENTS = {"monitoring": "cloudwatch", "states": "stepfunctions"}
"""Services that boto3 calls otherwise than their signatures."""
SIMPLE: dict[str, Any] = {
    "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "timestamp": 1,
    "blob": b"{}",
}  # fmt: skip
FITTING = (
    *("x" * 36, "us-east-1", "123456", "us-east-1_x"),
    *("arn:aws:iam::000000000000:role/clock", "arn:aws:kms:us-east-1:000000000000:key/x"),
    "arn:aws:sqs:us-east-1:000000000000:x",
)
"""Texts of which one fits a pattern."""
NAMED = {
    "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:x",
    "FlexibleTimeWindowMode": "OFF", "ScheduleExpression": "rate(1 minute)",
    "TargetArn": "arn:aws:lambda:us-east-1:000000000000:function:x",
}  # fmt: skip
"""Values of a shape that AWS holds to more than its pattern."""


@cache
def client_of(cloud: LocalCloud, service: str) -> Any:
    """A client that sends what it is told."""
    config = Config(
        parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1}
    )
    return boto3.client(CLIENTS.get(service, service), config=config, **cloud.boto3_kwargs)


def filled(shape: Any, path: list[str], depth: int = 0) -> Any:  # noqa: PLR0911 - a case each
    """A value of a shape: with what it must have, and along a path; None if that leads nowhere."""
    kind = shape.type_name
    if kind == "list":
        one = filled(shape.member, path, depth + 1)
        return None if one is None else [one]
    if kind == "map":
        one = filled(shape.value, path[1:], depth + 1)
        return None if one is None else {"some": one}
    if kind != "structure":
        if path:
            return None
        if shape.name in NAMED:
            return NAMED[shape.name]
        pattern = in_python(shape.metadata.get("pattern") or ".*")
        fits = [one for one in FITTING if kind == "string" and re.fullmatch(pattern, one)]
        values = [one for one in shape.metadata.get("enum", ()) if one not in {"OFF", "NO"}]
        least = shape.metadata.get("min", 1)
        return SIMPLE.get(kind, (values or [one.ljust(least, "x") for one in fits] or [""])[0])
    members, led = shape.members, bool(path)
    wanted = [name for name in members if path and fnmatchcase(lowered(name), path[0])][:1]
    if led and not wanted:
        return None
    if not led and depth and not shape.required_members and depth < 6:
        wanted = [*members][:1]
    made = {name: filled(members[name], [], depth + 1) for name in shape.required_members}
    for name in wanted:
        made[name] = filled(members[name], path[1:], depth + 1)
        if made[name] is None:
            return None
    return made


def lowered(name: str) -> str:
    """A member's name as the table has it."""
    return name[:1].lower() + name[1:]
