"""Which operation of AWS's a request is, by the models that botocore brings of its services."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

_MODELS = {
    "monitoring": "cloudwatch", "states": "stepfunctions", "tagging": "resourcegroupstaggingapi",
}  # fmt: skip


class ApiRequest(NamedTuple):
    """A request to an API whose operations are known by method and path."""

    service: str
    method: str
    path: str
    """Without its query."""
    query: str
    """As it came."""
    headers: Mapping[str, str]
    """Names in lower case."""


Known = tuple[str, re.Pattern[str], frozenset[str], OperationModel]


@functools.cache
def model_of(service: str) -> ServiceModel:
    """Return AWS's model of a service, by the name that signatures have for it.

    Raises:
        UnknownServiceError: botocore's, if there is none of this name.
    """
    return ServiceModel(Loader().load_service_model(_MODELS.get(service, service), "service-2"))


def service_at(service: str, path: str) -> str:
    """Return the model's name for the service that a path is of: API Gateway has two."""
    return "apigatewayv2" if service == "apigateway" and path.startswith("/v2/") else service


def operation_of(
    service: str, method: str, path: str, query: str
) -> tuple[OperationModel, dict[str, str]] | None:
    """Return the operation that a request is, and what its path names; None if it is none.

    Args:
        service: whose operations are known by method and path.
        method: HTTP's.
        path: without its query.
        query: as it came.
    """
    return _found(service, method, path, frozenset(parse_qs(query, keep_blank_values=True)))


@functools.lru_cache(maxsize=512)
def _found(
    service: str, method: str, path: str, flags: frozenset[str]
) -> tuple[OperationModel, dict[str, str]] | None:
    for has_method, pattern, needed, operation in _operations(service):
        if has_method == method and needed <= flags and (match := pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


@functools.cache
def _operations(service: str) -> list[Known]:
    """A service's operations: method, path and what the query needs; most needs first."""
    model = model_of(service)
    known: list[Known] = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri, _, query = operation.http["requestUri"].partition("?")
        path = re.escape(uri.rstrip("/"))
        path = re.sub(r"\\{(\w+)\\\+\\}", lambda one: f"(?P<{one[1]}>.+)", path)
        path = re.sub(r"\\{(\w+)\\}", lambda one: f"(?P<{one[1]}>[^/]+)", path)
        needed = frozenset(parse_qs(query, keep_blank_values=True))
        known.append((operation.http["method"], re.compile(f"{path}/?"), needed, operation))
    return sorted(known, key=lambda one: -len(one[2]))
