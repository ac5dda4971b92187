"""What AWS refuses of a change to a function or a mapping, and ministack makes.

The texts stand in LocalStack's snapshots (tests/aws/services/lambda_, March 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.lambda_checks import NO_PROVISIONED, parameter, polling_error
from serverless_tax.cloud.front.sockets import LAMBDA

Asked = Mapping[str, Any]
_MAPPING = re.compile(r"/\d{4}-\d{2}-\d{2}/event-source-mappings/([^/]+)/?")
_CONCURRENCY = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/([^/]+)/concurrency/?")
_POLICY = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/([^/]+)/policy/?")
_PROVISIONED = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/([^/]+)/provisioned-concurrency/?")
_TAGS = re.compile(r"/\d{4}-\d{2}-\d{2}/tags/[^/]+/?")


def update_error(method: str, path: str, asked: Asked, query: Asked) -> AwsError | None:
    """Return why a change is refused; None if it is not.

    Args:
        method: HTTP's.
        path: of the request, unquoted.
        asked: the body's JSON.
        query: the names and values behind the path.
    """
    names = vars(import_module(LAMBDA))
    if (match := _PROVISIONED.fullmatch(path)) and not query.get("List"):
        name, own = names["_resolve_request_scoped_name_and_qualifier"](match[1])
        version = own or names["_qp_first"](query, "Qualifier")
        return _provisioned_error(names, method, name, version)
    if method == "PUT" and (match := _MAPPING.fullmatch(path)):
        return _mapping_error(names["_esms"].get(match[1]) or {}, asked)
    if method == "PUT" and (match := _CONCURRENCY.fullmatch(path)):
        _, qualifier = names["_resolve_request_scoped_name_and_qualifier"](match[1])
        return parameter(_NO_VERSIONS) if qualifier else None
    if method == "POST" and _TAGS.fullmatch(path) and asked.get("Tags") == {}:
        return parameter("An error occurred and the request cannot be processed.")
    if method == "POST" and (match := _POLICY.fullmatch(path)):
        name = names["_resolve_request_scoped_name"](match[1])
        config = (names["_functions"].get(name) or {}).get("config") or {}
        if asked.get("RevisionId") not in {None, config.get("RevisionId")}:
            return AwsError("PreconditionFailedException", "", _OTHER_POLICY, "lambda", 412)
    return None


_NO_VERSIONS = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support "
    "this operation. Please specify either a function name or an unqualified function ARN."
)
_OTHER_POLICY = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to "
    "retrieve the latest Revision Id"
)


def _provisioned_error(names: Asked, method: str, name: str, version: str) -> AwsError | None:
    """Refuse what a version has not, or cannot have; to delete nothing is no error."""
    if version == "$LATEST":
        return parameter(_UNPUBLISHED if method == "PUT" else _PUBLISHED_ALONE)
    func, arn = names["_functions"].get(name) or {}, f"{names['_func_arn'](name)}:{version}"
    kind, absent = ("versions", "Function not found: ") if version.isdecimal() else (
        "aliases", "Cannot find alias arn: "
    )  # fmt: skip
    if version not in func.get(kind, {}):
        return AwsError("ResourceNotFoundException", "", absent + arn, "lambda", 404)
    if method == "GET":
        code = "ProvisionedConcurrencyConfigNotFoundException"
        text = "No Provisioned Concurrency Config found for this function"
        return AwsError(code, code, text, "lambda", 404)
    return NO_PROVISIONED if method == "PUT" else None


_UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
_PUBLISHED_ALONE = "The function resource provided must be an alias or a published version."


def _mapping_error(before: Asked, asked: Asked) -> AwsError | None:
    """UpdateEventSourceMapping, to what CreateEventSourceMapping would take."""
    arn = str(before.get("EventSourceArn") or "")
    if not arn:
        return None
    if arn.startswith("arn:aws:sqs:") and asked.get("DestinationConfig"):
        text = "Unsupported DestinationConfig parameter for given event source mapping type."
        return parameter(text)
    batches = ("EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds")
    told = {name: before[name] for name in batches if name in before}
    return polling_error({**told, **asked}, creating=False)
