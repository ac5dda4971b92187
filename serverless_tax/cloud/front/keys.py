"""Keys that are not there, and labels of parameters, in the words of KMS and Parameter Store.

The texts are AWS's, as LocalStack's provider of KMS and moto's tests of both have them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import json_refusal

KEYS, PARAMETERS = "ministack.services.kms", "ministack.services.ssm"
Reply = tuple[Any, ...]
_MISSING = re.compile(r"(?:Key|Alias) (.*) not found", re.DOTALL)
_ID = re.compile(r"(?:mrk-)?[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ARN = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)/.+")
_LABEL = re.compile(r"(?!aws|ssm|\d)[A-Za-z0-9_.-]{1,100}", re.IGNORECASE)
_MOST_LABELS = 10


def error(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """An error of KMS's; of a key that is not there, by what names it."""

    def say(code: str, message: str, status: int = 400, *more: Any, **named: Any) -> Reply:
        found = _MISSING.fullmatch(message) if code == "NotFoundException" else None
        text = _missing(found[1]) if found else message
        return original(code, text, status, *more, **named)

    return say


def _missing(key: str) -> str:
    names = vars(import_module(KEYS))
    place = f"arn:aws:kms:{names['get_region']()}:{names['get_account_id']()}"
    if key.startswith("alias/"):
        return f"Alias {place}:{key} is not found."
    if _ID.fullmatch(key):
        return f"Key '{place}:key/{key}' does not exist"
    found = _ARN.fullmatch(key)
    if found is None:
        return f"Invalid {'arn' if key.startswith('arn:') else 'keyId'} '{key}'"
    return f"Alias {key} is not found." if found[1] == "alias" else f"Key '{key}' does not exist"


def missing_error(key: str) -> str:
    """Return why a key of an object is refused: it is not there; empty if it is."""
    is_there = key.endswith(_OF_S3) or vars(import_module(KEYS))["_resolve_key"](key)
    return "" if is_there else _missing(key)


_OF_S3 = "alias/aws/s3"  # which AWS makes itself


def labelled(original: Callable[[dict[str, Any]], Reply]) -> Callable[[dict[str, Any]], Reply]:
    """LabelParameterVersion: ten labels a version; what is none is told, and not put.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
    """

    def label(data: dict[str, Any]) -> Reply:
        given = data.get("Labels") or []
        invalid = [one for one in given if not _LABEL.fullmatch(one)]
        good = [one for one in given if one not in invalid]
        has = _labels_of(data)
        if len({*has, *good}) > _MOST_LABELS:
            text = (
                f"A parameter version can have maximum {_MOST_LABELS} labels.Move one or more "
                "labels to another version and try again."
            )
            return json_refusal("ParameterVersionLabelLimitExceeded", text)
        status, headers, body = original({**data, "Labels": good})
        if status == 200 and invalid:  # noqa: PLR2004 - HTTP's
            body = json.dumps({**json.loads(body), "InvalidLabels": invalid}).encode()
        return status, headers, body

    return label


def _labels_of(data: Mapping[str, Any]) -> list[str]:
    """The labels that the named version has."""
    names, name = vars(import_module(PARAMETERS)), data.get("Name")
    version = data.get("ParameterVersion") or (names["_parameters"].get(name) or {}).get("Version")
    every = names["_parameter_history"].get(name) or ()
    return next((one.get("Labels") or [] for one in every if one["Version"] == version), [])
