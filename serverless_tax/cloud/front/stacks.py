"""Resources of a CloudFormation template, held to the checks of their services' own APIs.

ministack makes them without that API: SAM, CDK and plain templates would get what this cloud cannot
serve, and a durable function would be an ordinary one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError, not_here
from serverless_tax.cloud.front.constraints import of_template
from serverless_tax.cloud.front.lacks import resource_lack, told_first
from serverless_tax.cloud.front.sockets import LAMBDA
from serverless_tax.cloud.front.stack_checks import CHECKS, OPERATIONS
from serverless_tax.cloud.front.tags import stack_tag_error

Props = Mapping[str, Any]


def install() -> None:
    """Let a stack fail, with AWS's sentence, where its service would refuse the resource."""
    handlers = vars(import_module("ministack.services.cloudformation.provisioners"))
    kinds = handlers["_RESOURCE_HANDLERS"]
    function = kinds["AWS::Lambda::Function"]
    function["create"] = _durable(function["create"])
    for kind in kinds:
        for action in {"create", "update"} & kinds[kind].keys():
            kinds[kind][action] = _checked(kinds[kind][action], kind)


def _checked(original: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """The same, after a check of the last properties that it is given, as the API has them."""
    check, group = CHECKS.get(kind, _nothing), kind.split("::")[1]
    here = {"CDK", *(one.split("::")[1] for one in _properties())}

    def made(*arguments: Any, **named: Any) -> Any:
        given = [one for one in arguments if isinstance(one, Mapping)][-1]
        if unknown := sorted(given.keys() - _properties().get(kind, given.keys())):
            told = ", ".join(f"#: extraneous key [{name}] is not permitted" for name in unknown)
            # An update that has no logical id gives the physical one.
            raise ValueError(
                f"Properties validation failed for resource {arguments[0]} with message:\n[{told}]"
            )
        props = of_template(OPERATIONS[kind], given) if kind in OPERATIONS else given
        error = None if group in here else not_here(group)
        error = error or stack_tag_error(props)
        error = error or told_first(check(props), resource_lack(kind, props))
        if error is not None:
            msg = f"Resource handler returned message: {error.message} ({kind}, {error.json_code})"
            raise ValueError(msg)
        return original(*(props if one is given else one for one in arguments), **named)

    return made


@functools.cache
def _properties() -> Mapping[str, frozenset[str]]:
    """The properties that a type may have, by the list beside this file."""
    known: dict[str, frozenset[str]] = {}
    text = Path(__file__).with_name("template_properties.txt").read_text()
    for one in text.replace("\n  ", " ").splitlines()[1:]:
        kind, *names = one.split()
        known[f"AWS::{kind}"] = frozenset(names)
    return known


def _nothing(_: Props) -> AwsError | None:
    """What no check says."""
    return None


def _durable(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with the function's DurableConfig, which ministack leaves out."""

    def create(logical_id: str, props: Props, stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        if props.get("DurableConfig"):
            config = vars(import_module(LAMBDA))["_functions"][made[0]]["config"]
            config["DurableConfig"] = props["DurableConfig"]
        return made

    return create
