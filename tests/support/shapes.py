"""Requests made from AWS's own model of a service, and a client that sends what it is told."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

CLIENTS = {"monitoring": "cloudwatch", "states": "stepfunctions"}
"""Services that boto3 calls otherwise than their signatures."""
SIMPLE: dict[str, Any] = {
    "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "timestamp": 1,
    "blob": b"{}",
}  # fmt: skip


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
        values = [one for one in shape.metadata.get("enum", ()) if one not in {"OFF", "NO"}]
        return SIMPLE.get(kind, (values or ["x" * max(36, shape.metadata.get("min", 1))])[0])
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
