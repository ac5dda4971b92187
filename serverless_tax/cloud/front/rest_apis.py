"""REST APIs as Chalice and others send them: imported from a document, and changed by patches.

ministack makes an API without the paths of the document that ImportRestApi brings, and keeps
templates that it does not apply.
https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY

Handle = Callable[..., Any]
REST = "ministack.services.apigateway_v1"
_ANY, _INTEGRATION = "x-amazon-apigateway-any-method", "x-amazon-apigateway-integration"
_OF_AN_API = {
    "x-amazon-apigateway-binary-media-types": "binaryMediaTypes",
    "x-amazon-apigateway-minimum-compression-size": "minimumCompressionSize",
    "x-amazon-apigateway-api-key-source": "apiKeySource",
}
_SIZE = "/minimumCompressionSize"
_BINARY = "/binaryMediaTypes/"
_TEMPLATES = ("requestTemplates", "responseTemplates")
_MAPPED = (*_TEMPLATES, "selectionPattern", "responseParameters")
_VELOCITY = re.compile(r"\$[A-Za-z!{]|#(#|\{?(set|if|else|elseif|end|foreach)\b)")
"""What a template computes: https://docs.aws.amazon.com/apigateway/latest/developerguide/
api-gateway-mapping-template-reference.html"""


def created(original: Handle) -> Handle:
    """CreateRestApi, and ImportRestApi, whose body is a document of OpenAPI or Swagger."""

    def create(data: dict[str, Any]) -> Any:
        names = vars(import_module(REST))
        if not {"swagger", "openapi"} & data.keys():
            if data.get("description") == "":
                return _refused("Description cannot be an empty string")
            if data.get("name"):
                return original(data)
            return _refused("An API needs a name, or a document of OpenAPI or Swagger.")
        try:
            api_id = names["_import_rest_api"](data)
        except ValueError as error:
            return _refused(str(error))
        return names["_v1_response"](names["_rest_api_view"](names["_rest_apis"][api_id]), 201)

    return create


def document_error(body: bytes) -> str:
    """Why the document of an import is refused; empty if it is an object of JSON."""
    try:
        is_object = isinstance(json.loads(body or b"{}"), dict)
    except ValueError:
        is_object = False
    if is_object:
        return ""
    if re.search(rb"(?m)^(swagger|openapi)\s*:", body):
        return f"This local cloud reads an API's document in JSON, and not in YAML. {MAY}"
    return "Invalid OpenAPI input."


def brought(original: Handle) -> Handle:
    """The import of a document, by API or in a stack, with what it says of the API itself.

    Its integrations are those that run here; a ValueError tells which is not.
    """

    def bring(spec: dict[str, Any], *base_data: Any) -> Any:
        wrong = (integration_error(one) for one in _integrations(spec))
        if text := next(filter(None, wrong), ""):
            raise ValueError(text)
        api_id = original(spec, *base_data)
        api = vars(import_module(REST))["_rest_apis"][api_id]
        api.update({_OF_AN_API[name]: spec[name] for name in _OF_AN_API if name in spec})
        return api_id

    return bring


def imported(original: Handle) -> Handle:
    """The import of a document's path, with all that it says of its integrations.

    ministack drops the method that stands for any, and of an integration all but its address.
    """

    def path(api_id: str, path: str, path_item: dict[str, Any], *schemes: Any) -> Any:
        names = vars(import_module(REST))
        names["_OPENAPI_HTTP_METHODS"].add("any")
        named = {"any" if key == _ANY else key: one for key, one in path_item.items()}
        made = original(api_id, path, named, *schemes)
        for resource in names["_resources"][api_id].values():
            for method in resource["resourceMethods"] if resource["path"] == path else ():
                told = (named.get(method.lower()) or {}).get(_INTEGRATION)
                if told:
                    _integrate(names, (api_id, resource["id"], method), told)
        return made

    return path


def _integrate(names: Mapping[str, Any], where: tuple[str, ...], told: Mapping[str, Any]) -> None:
    names["_put_integration"](*where, {**told, "type": str(told.get("type")).upper()})
    for pattern, one in (told.get("responses") or {}).items():
        own = {**one, "selectionPattern": "" if pattern == "default" else pattern}
        names["_put_integration_response"](*where, str(one.get("statusCode")), own)


def _integrations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a document says of integrations, and of each what it says of their answers."""
    for item in (document.get("paths") or {}).values():
        for operation in item.values() if isinstance(item, dict) else ():
            told = operation.get(_INTEGRATION) if isinstance(operation, dict) else None
            if told:
                yield {**told, "type": str(told.get("type")).upper()}
                for pattern, one in (told.get("responses") or {}).items():
                    own = {} if pattern == "default" else {"selectionPattern": pattern}
                    yield {**told, **one, **own, "type": str(told.get("type")).upper()}


def integrated(original: Handle) -> Handle:
    """PutIntegration, of a kind that runs here."""

    def put(api_id: str, resource_id: str, http_method: str, data: dict[str, Any]) -> Any:
        text = _address_error(data) or integration_error(data)
        return _refused(text) if text else original(api_id, resource_id, http_method, data)

    return put


def _address_error(data: Mapping[str, Any]) -> str:
    """Why the address of an integration is none, in AWS's words; empty if it is one."""
    kind, uri = str(data.get("type")).partition("_")[0], str(data.get("uri") or "")
    if kind not in {"AWS", "HTTP"}:
        return ""
    if not (data.get("httpMethod") or data.get("integrationHttpMethod")):
        return "Enumeration value for HttpMethod must be non-empty"
    if kind == "HTTP":
        is_one = uri.startswith(("http://", "https://"))
        return "" if is_one else "Invalid HTTP endpoint specified for URI"
    return _arn_error(uri, str(data.get("type")))


def _arn_error(uri: str, kind: str) -> str:
    if not uri.startswith("arn:"):
        return "Invalid ARN specified in the request"
    if not re.match(r"arn:aws:apigateway:[^:]*:[^:]+:(path|action)/", uri):
        return "AWS ARN for integration must contain path or action"
    if kind == "AWS_PROXY" and not re.search(r":(lambda|firehose):", uri):
        return (
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
            "stream invocations."
        )
    return ""


def answered(original: Handle) -> Handle:
    """PutIntegrationResponse, where its templates are applied."""

    def put(api_id: str, resource_id: str, http_method: str, *response: Any) -> Any:
        resource = vars(import_module(REST))["_resources"].get(api_id, {}).get(resource_id) or {}
        method = (resource.get("resourceMethods") or {}).get(http_method) or {}
        text = integration_error({**(method.get("methodIntegration") or {}), **response[-1]})
        return _refused(text) if text else original(api_id, resource_id, http_method, *response)

    return put


def integration_error(data: Mapping[str, Any]) -> str:
    """Why an integration, or an answer of one, is refused; empty if it is not."""
    kind, uri = data.get("type"), str(data.get("uri") or "")
    is_queue = kind == "AWS" and ":sqs:path/" in uri
    if kind == "AWS" and not is_queue and ":lambda:path/" not in uri:
        return (
            "This local cloud integrates functions, queues and addresses with a REST API, and no "
            f"other services (uri). {MAY}"
        )
    mapped = [name for name in _MAPPED if data.get(name)]
    if kind == "AWS" and not is_queue and data.get("requestParameters"):
        mapped.append("requestParameters")
    templates = [str(one) for name in _TEMPLATES for one in (data.get(name) or {}).values()]
    if kind == "MOCK" and any(map(_VELOCITY.search, templates)):
        return f"This local cloud gives a MOCK integration's templates as they stand. {MAY}"
    if not mapped or is_queue or kind == "MOCK":
        return ""
    if "PROXY" in str(kind):  # AWS takes them too, and leaves them alone
        return ""
    return f"This local cloud applies no templates of {kind} integrations ({mapped[0]}). {MAY}"


def _refused(text: str) -> Any:
    return vars(import_module(REST))["_v1_error"]("BadRequestException", text, 400)


async def custom(
    integration: Mapping[str, Any], *request: Any, **named: Any
) -> tuple[int, dict[str, str], bytes]:
    """Call a function by an integration that is no proxy: its event is the body, as it came.

    ministack gives it a proxy's event, and its answer as a text in quotes.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
    names, kind = vars(import_module(REST)), {"Content-Type": "application/json"}
    if integration.get("passthroughBehavior") == "NEVER":
        return 415, kind, b'{"message": "Unsupported Media Type"}'
    try:
        event = json.loads(request[7] or b"{}")
    except ValueError as error:
        text = f"Could not parse request body into json: {error}"
        return 400, kind, json.dumps({"message": text}).encode()
    function = names["_extract_lambda_ref_from_integration_uri"](str(integration.get("uri")))
    where = {name: named.get(f"owner_{name}") for name in ("account_id", "region")}
    result, wrong = await names["_call_lambda_raw"](function, event, **where)
    if wrong or result.get("throttle"):
        return 504, kind, b'{"message": "Internal server error"}'
    answer = str(result.get("body") or "").encode()
    return names["_default_integration_response_status_v1"](integration), kind, answer


def updated(original: Handle) -> Handle:
    """UpdateRestApi: an empty size from which answers are compressed is none.

    A kind of body that is binary comes with its slash written as ``~1``.
    """

    def update(api_id: str, data: dict[str, Any]) -> Any:
        api = vars(import_module(REST))["_rest_apis"].get(api_id) or {}
        patches = []
        for one in data.get("patchOperations", []):
            if one.get("path") == _SIZE:
                patches.append({**one, "value": one.get("value") or None})
            elif str(one.get("path")).startswith(_BINARY):
                api["binaryMediaTypes"] = _kinds(api.get("binaryMediaTypes") or [], one)
            else:
                patches.append(one)
        return original(api_id, {**data, "patchOperations": patches})

    return update


def _kinds(kinds: Sequence[str], patch: Mapping[str, Any]) -> list[str]:
    """The binary kinds of body after one patch."""
    kind = str(patch["path"]).removeprefix(_BINARY).replace("~1", "/")
    added = {"add": [kind], "replace": [str(patch.get("value"))]}
    return [*(one for one in kinds if one != kind), *added.get(str(patch.get("op")), [])]
