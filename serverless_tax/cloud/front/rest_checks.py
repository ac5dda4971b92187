"""What AWS refuses of a REST API's resources, methods, deployments and stages, and ministack takes.

The texts are AWS's, as LocalStack has recorded them (tests/aws/services/apigateway, March 2026), or
as many have met them; those about an authorizer, a stage's name and a quota's period are ours.
https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.rest_apis import REST

_PART = re.compile(r"[a-zA-Z0-9._:$,-]+|\{[a-zA-Z0-9._:-]+\+?\}")
_STAGE = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_AUTHORIZED = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
_KINDS = ("TOKEN", "REQUEST", "COGNITO_USER_POOLS")
_PERIODS = ("DAY", "WEEK", "MONTH")
Given = Mapping[str, Any]


def install() -> None:
    """Put each check before the function of ministack's that it is for."""
    names = vars(import_module(REST))
    for name, check in _CHECKS.items():
        names[name] = _checked(names[name], check)


def _checked(original: Callable[..., Any], check: Callable[..., str]) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        wrong = check(*given)
        if not wrong:
            return original(*given)
        code, status = next(
            (one for begins, one in _CODES.items() if wrong.startswith(begins)),
            ("BadRequestException", 400),
        )
        return vars(import_module(REST))["_v1_error"](code, wrong, status)

    return call


_NO_DEPLOYMENT = "Invalid Deployment identifier specified"
_NO_RESOURCE = "Invalid Resource identifier specified"
_NO_METHOD = "Invalid Method identifier specified"
_NO_INTEGRATION = "Invalid Integration identifier specified"
_ABSENT, _CONFLICT = ("NotFoundException", 404), ("ConflictException", 409)
_CODES = {
    **dict.fromkeys(
        (_NO_DEPLOYMENT, _NO_RESOURCE, _NO_METHOD, _NO_INTEGRATION, "Invalid API Stage {"), _ABSENT
    ),
    **dict.fromkeys(("Another resource", "Model name already", "Stage already"), _CONFLICT),
}
"""By how it begins, the code and the status of a text that is no bad request."""


def _resource(api: str, parent: str, data: Given) -> str:
    part = str(data.get("pathPart") or "")
    if not _PART.fullmatch(part):
        return (
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
            "curly braces at the beginning and the end."
        )
    every = vars(import_module(REST))["_resources"].get(api) or {}
    above = str((every.get(parent) or {}).get("pathPart"))
    if above.endswith("+}"):
        return f"Cannot create a child of a resource with a greedy path variable: {above}"
    beside = (str(one["pathPart"]) for one in every.values() if one.get("parentId") == parent)
    variable = next((one for one in beside if one.startswith("{") and one != part), "")
    if not variable or not part.startswith("{"):
        return ""
    return (
        f"A sibling ({variable}) of this resource already has a variable path part -- only one is "
        "allowed"
    )


def _moved(api: str, resource: str, data: Given) -> str:
    """UpdateResource: to a parent that is there, and beside none of its name."""
    every = vars(import_module(REST))["_resources"].get(api) or {}
    here = every.get(resource)
    if here is None:
        return ""
    told = {**here, **_patched(data)}
    above: Any = told["parentId"]
    changed = [name for name in ("parentId", "pathPart") if told[name] != here[name]]
    if changed and not here.get("parentId"):
        return f"Root resource cannot update its {changed[0]}."
    if changed and above not in every:
        return _NO_RESOURCE
    while above in every:
        if above == resource:
            return "Resources cannot be cyclical."
        above = every[above].get("parentId")
    place = (told["parentId"], told["pathPart"])
    others = (one for own, one in every.items() if own != resource)
    if any((one.get("parentId"), one.get("pathPart")) == place for one in others):
        return f"Another resource with the same parent already has this name: {place[1]}"
    return ""


def _patched(data: Given) -> dict[str, Any]:
    """What patches replace, by its path."""
    patches = data.get("patchOperations") or []
    return {str(one.get("path")).strip("/"): one.get("value") for one in patches}


def _place(api: str, resource: str, http_method: str) -> tuple[Any, Any]:
    """A resource and its method; None for what is not there."""
    here = (vars(import_module(REST))["_resources"].get(api) or {}).get(resource)
    return here, ((here or {}).get("resourceMethods") or {}).get(http_method)


def _gone(api: str, resource: str, http_method: str) -> str:
    """DeleteMethod, of one that is there."""
    here, method = _place(api, resource, http_method)
    return _NO_METHOD if here and not method else ""


def _apart(api: str, resource: str, http_method: str) -> str:
    """DeleteIntegration, of one that is there."""
    here, method = _place(api, resource, http_method)
    if here and not (method or {}).get("methodIntegration"):
        return _NO_INTEGRATION
    return ""


def _changed(api: str, resource: str, http_method: str, data: Given) -> str:
    """UpdateMethod, to what PutMethod would take."""
    method = _place(api, resource, http_method)[1]
    return _method(api, resource, http_method, {**method, **_patched(data)}) if method else ""


def _method(api: str, resource: str, http_method: str, data: Given) -> str:
    names = vars(import_module(REST))
    here = (names["_resources"].get(api) or {}).get(resource) or {}
    if not here:
        return _NO_RESOURCE
    if str(http_method).upper() not in _METHODS:
        return f"Invalid HttpMethod specified. Valid options are {','.join(_METHODS)}"
    if wrong := _request_error(data, names["_models"].get(api) or {}):
        return wrong
    validator = data.get("requestValidatorId")
    if validator and validator not in (names["_request_validators"].get(api) or {}):
        return "Invalid Request Validator identifier specified"
    return _authorization_error(data, names["_authorizers_v1"].get(api) or {})


def _authorization_error(data: Given, known: Given) -> str:
    kind = data.get("authorizationType", "NONE")
    if kind in _AUTHORIZED[2:] and data.get("authorizerId") not in known:
        return (
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer."
        )
    if kind in _AUTHORIZED:
        return ""
    return f"An authorizationType is one of {', '.join(_AUTHORIZED)}, and not {kind}."


def _request_error(data: Given, models: Given) -> str:
    """Why what a method says of its requests is refused."""
    parameters = [str(one).rpartition(".")[2] for one in data.get("requestParameters") or {}]
    if len(set(parameters)) < len(parameters):
        return "Parameter names must be unique across querystring, header and path"
    for model in (data.get("requestModels") or {}).values():
        if model not in {"Empty", "Error", *models}:
            return f"Invalid model identifier specified: {model}"
    return ""


def authorizer_error(_api: str, data: Given) -> str:
    """Return why an authorizer is refused; empty if it is not."""
    kind = data.get("type")
    if kind not in _KINDS:
        return f"A type of an authorizer is one of {', '.join(_KINDS)}, and not {kind}."
    needed = "providerARNs" if kind == "COGNITO_USER_POOLS" else "authorizerUri"
    if not data.get(needed):
        return f"An authorizer of type {kind} needs {needed}."
    is_kept = data.get("authorizerResultTtlInSeconds", 1) != 0
    if not data.get("identitySource") and (kind != "REQUEST" or is_kept):
        return f"An authorizer of type {kind} needs identitySource."
    return ""


def _model(api: str, data: Given) -> str:
    names = vars(import_module(REST))
    if api in names["_rest_apis"] and data.get("name") in (names["_models"].get(api) or {}):
        return "Model name already exists for this REST API"
    return _schema_error(data.get("schema")) if data.get("name") else ""


def _remodelled(_api: str, _model_name: str, data: Given) -> str:
    told = _patched(data)
    return _schema_error(told["schema"]) if "schema" in told else ""


def _schema_error(schema: Any) -> str:
    if not schema:
        return "Model schema must have at least 1 property or array items defined"
    try:
        is_schema = isinstance(json.loads(str(schema)), dict)
    except ValueError:
        is_schema = False
    return "" if is_schema else "Invalid model schema specified: it is no object of JSON"


def _validator(api: str, _data: Given) -> str:
    is_there = api in vars(import_module(REST))["_rest_apis"]
    return "" if is_there else "Invalid REST API identifier specified"


def _revalidated(_api: str, _validator_id: str, data: Given) -> str:
    is_blank = _patched(data).get("name", "a") in {None, ""}
    return "Request Validator name cannot be blank" if is_blank else ""


def _undeployed(api: str, deployment: str) -> str:
    stages = (vars(import_module(REST))["_stages_v1"].get(api) or {}).values()
    if all(one.get("deploymentId") != deployment for one in stages):
        return ""
    return "Active stages pointing to this deployment must be moved or deleted"


def _key(data: Given) -> str:
    if len(str(data.get("name") or "")) > _MOST_NAME:
        return f"Invalid API Key name, can be at most {_MOST_NAME} characters."
    if len(str(data.get("value") or "")) > _MOST_VALUE:
        return f"API Key value exceeds maximum size of {_MOST_VALUE} characters"
    return ""


_MOST_NAME, _MOST_VALUE = 1024, 128


def _replanned(plan: str, data: Given) -> str:
    stages = vars(import_module(REST))["_stages_v1"]
    for one in data.get("patchOperations") or []:
        if one.get("path") != "/apiStages" or one.get("op") == "remove":
            continue
        api, _, stage = str(one.get("value") or "").partition(":")
        if not stage:
            return "Invalid API Stage specified"
        if stage not in (stages.get(api) or {}):
            where = f"{{api: {api}, stage: {stage}}}"
            return f"Invalid API Stage {where} specified for usageplan {plan}"
    return ""


def _deployment(api: str, _data: Given) -> str:
    names = vars(import_module(REST))
    if api not in names["_rest_apis"]:
        return ""
    every = (names["_resources"].get(api) or {}).values()
    methods = [
        one for resource in every for one in (resource.get("resourceMethods") or {}).values()
    ]
    if not methods:
        return "The REST API doesn't contain any methods"
    if not all(one.get("methodIntegration") for one in methods):
        return "No integration defined for method"
    return ""


def _stage(api: str, data: Given) -> str:
    names = vars(import_module(REST))
    if api not in names["_rest_apis"]:
        return ""
    if not _STAGE.fullmatch(str(data.get("stageName") or "")):
        return "Stage name only allows a-z, A-Z, 0-9, hyphen and underscore."
    if data.get("stageName") in (names["_stages_v1"].get(api) or {}):
        return "Stage already exists"
    if data.get("deploymentId") in (names["_deployments_v1"].get(api) or {}):
        return ""
    return _NO_DEPLOYMENT


def _plan(data: Given) -> str:
    quota = data.get("quota") or {}
    if not quota or quota.get("period") in _PERIODS:
        return ""
    return f"The period of a quota is one of {', '.join(_PERIODS)}, and not {quota.get('period')}."


_CHECKS: Mapping[str, Callable[..., str]] = {
    "_create_resource": _resource,
    "_put_method": _method,
    "_create_deployment": _deployment,
    "_create_authorizer": authorizer_error,
    "_create_model": _model,
    "_create_stage": _stage,
    "_create_usage_plan": _plan,
    "_update_usage_plan": _replanned,
    "_create_request_validator": _validator,
    "_update_request_validator": _revalidated,
    "_update_model": _remodelled,
    "_create_api_key": _key,
    "_update_resource": _moved,
    "_update_method": _changed,
    "_delete_method": _gone,
    "_delete_integration": _apart,
    "_delete_deployment": _undeployed,
}
