"""REST APIs as Chalice and others send them: imported from a document, and changed by patches.

ministack makes an API without the paths of the document that ImportRestApi brings.
https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

REST = "ministack.services.apigateway_v1"
_ANY = "x-amazon-apigateway-any-method"
_SIZE = "/minimumCompressionSize"


def created(original: Callable[..., Any]) -> Callable[..., Any]:
    """CreateRestApi, and ImportRestApi, whose body is a document of OpenAPI or Swagger."""

    def create(data: dict[str, Any]) -> Any:
        names = vars(import_module(REST))
        if not {"swagger", "openapi"} & data.keys():
            if data.get("name"):
                return original(data)
            text = "An API needs a name, or a document of OpenAPI or Swagger."
            return names["_v1_error"]("BadRequestException", text, 400)
        api_id = names["_import_rest_api"](data)
        return names["_v1_response"](names["_rest_api_view"](names["_rest_apis"][api_id]), 201)

    return create


def imported(original: Callable[..., Any]) -> Callable[..., Any]:
    """The import of a document's path, with the method that stands for any; ministack drops it."""

    def path(api_id: str, path: str, path_item: dict[str, Any], *schemes: Any) -> Any:
        vars(import_module(REST))["_OPENAPI_HTTP_METHODS"].add("any")
        named = {"any" if key == _ANY else key: one for key, one in path_item.items()}
        return original(api_id, path, named, *schemes)

    return path


def updated(original: Callable[..., Any]) -> Callable[..., Any]:
    """UpdateRestApi: an empty size from which answers are compressed is none."""

    def update(api_id: str, data: dict[str, Any]) -> Any:
        patches = [
            {**one, "value": one.get("value") or None} if one.get("path") == _SIZE else one
            for one in data.get("patchOperations", [])
        ]
        return original(api_id, {**data, "patchOperations": patches})

    return update
