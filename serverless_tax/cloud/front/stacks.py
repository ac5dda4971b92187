"""Functions and aliases of a CloudFormation template, held to the checks of Lambda's own API.

ministack makes them without that API: SAM, CDK and plain templates would get what this cloud cannot
serve, and a durable function would be an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.constraints import broken_members, of_template
from serverless_tax.cloud.front.lambda_checks import (
    NO_LAYERS,
    alias_error,
    configuration_error,
    polling_error,
    violated,
)
from serverless_tax.cloud.front.lambda_state import needed_error, package_error
from serverless_tax.cloud.front.machines import machine_error
from serverless_tax.cloud.front.sockets import LAMBDA

Props = Mapping[str, Any]
_OPERATIONS = {
    "AWS::Lambda::Function": "CreateFunction",
    "AWS::Lambda::EventSourceMapping": "CreateEventSourceMapping",
}


def install() -> None:
    """Let a stack fail, with AWS's sentence, where Lambda's API would refuse the resource."""
    handlers = vars(import_module("ministack.services.cloudformation.provisioners"))
    kinds = handlers["_RESOURCE_HANDLERS"]
    function = kinds["AWS::Lambda::Function"]
    function["create"] = _durable(function["create"])
    for kind, check in (
        ("AWS::Lambda::Function", _function_error),
        ("AWS::Lambda::Alias", _alias_error),
        ("AWS::Lambda::Version", _version_error),
        ("AWS::Lambda::LayerVersion", lambda _: NO_LAYERS),
        ("AWS::StepFunctions::StateMachine", _machine_error),
        ("AWS::Lambda::EventSourceMapping", lambda props: polling_error(props, creating=False)),
    ):
        for action in {"create", "update"} & kinds[kind].keys():
            kinds[kind][action] = _checked(kinds[kind][action], kind, check)


def _checked(
    original: Callable[..., Any], kind: str, check: Callable[[Props], AwsError | None]
) -> Callable[..., Any]:
    """The same, after a check of the last properties that it is given, as the API has them."""

    def made(*arguments: Any, **named: Any) -> Any:
        given = [one for one in arguments if isinstance(one, Mapping)][-1]
        props = of_template(_OPERATIONS[kind], given) if kind in _OPERATIONS else given
        error = check(props)
        if error is not None:
            msg = f"Resource handler returned message: {error.message} ({kind}, {error.json_code})"
            raise ValueError(msg)
        return original(*(props if one is given else one for one in arguments), **named)

    return made


def _function_error(props: Props) -> AwsError | None:
    asked = {"FunctionName": "made", **props}
    # Tags and code have another form in a template.
    broken = broken_members("CreateFunction", {**asked, "Tags": None, "Code": {}})
    if broken:
        return violated(broken)
    return (
        configuration_error(asked, creating=True)
        or needed_error(asked)
        or package_error(asked.get("Code") or {})
    )


def _alias_error(props: Props) -> AwsError | None:
    # CloudFormation has a list where the API has a table.
    weights = (props.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    table = {str(one.get("FunctionVersion")): one.get("FunctionWeight") for one in weights}
    asked = {**props, "RoutingConfig": {"AdditionalVersionWeights": table}}
    return alias_error(asked) or _version_error(props)


def _version_error(props: Props) -> AwsError | None:
    asked = {"ProvisionedConcurrencyConfig": props.get("ProvisionedConcurrencyConfig")}
    return configuration_error(asked, creating=False)


def _machine_error(props: Props) -> AwsError | None:
    provisioners = vars(import_module("ministack.services.cloudformation.provisioners"))
    return machine_error(provisioners["_sfn_definition"](props), str(props.get("RoleArn")))


def _durable(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with the function's DurableConfig, which ministack leaves out."""

    def create(logical_id: str, props: Props, stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        if props.get("DurableConfig"):
            config = vars(import_module(LAMBDA))["_functions"][made[0]]["config"]
            config["DurableConfig"] = props["DurableConfig"]
        return made

    return create
