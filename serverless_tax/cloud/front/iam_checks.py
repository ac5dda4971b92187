"""Roles, users and their policies as IAM takes them; ministack takes any name and any policy.

It also gives keys of a role that is not there.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.constraints import broken_value, detected

IAM, STS = "ministack.services.iam", "ministack.services.sts"
Handle = Callable[[Mapping[str, Any]], Any]
_LEAST_S, _USUAL_S, _MOST_S = 900, 3_600, 43_200
_NAME = r"[\w+=,.@-]+"
_OF_AWS, _OF_SERVICES = "arn:aws:iam::aws:policy", "/aws-service-role/"
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_ROLE = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]+:.+")
_MOST_KEYS = 2
_VERSIONS = ("2008-10-17", "2012-10-17")


def install() -> None:
    """Put the checks before the actions that ministack's table names."""
    handlers = vars(import_module(IAM))["_IAM_HANDLERS"]
    for action, check in (
        ("CreateRole", named),
        ("CreateUser", named),
        ("CreateRole", bounded),
        ("CreateUser", bounded),
        ("PutRolePermissionsBoundary", bounded),
        ("PutUserPermissionsBoundary", bounded),
        ("AttachRolePolicy", attached),
        ("AttachUserPolicy", attached),
        ("AttachGroupPolicy", attached),
        ("CreateAccessKey", few),
        ("GetPolicy", _known),
        ("GetPolicyVersion", _known),
        ("ListPolicyVersions", _known),
        ("ListPolicies", _own),
        ("SimulateCustomPolicy", simulated),
        ("SimulatePrincipalPolicy", simulated),
    ):
        handlers[action] = check(handlers[action])
    evaluator = vars(import_module("ministack.core.iam_evaluator"))
    evaluator["validate_policy_document"] = sound(evaluator["validate_policy_document"])
    tokens = vars(import_module(STS))
    tokens["_assumed_role_arn"] = assumed(tokens["_assumed_role_arn"])
    tokens["_session_policies"] = lasting(tokens["_session_policies"])


def _known(original: Handle) -> Handle:
    """A policy's document and dates, which are here of few of AWS's own."""

    def get(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        arn = str(names["_p"](params, "PolicyArn"))
        if arn not in _of_aws() or names["_policy_exists"](arn):
            return original(params)
        text = f"This local cloud does not know what AWS's own policy {arn} says (PolicyArn). {MAY}"
        return names["_error"](400, "InvalidInput", text, ns="iam")

    return get


def _own(original: Handle) -> Handle:
    """ListPolicies, of the account's own: those of AWS's are not all here."""

    def listed(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        if names["_p"](params, "Scope") == "Local":
            return original(params)
        text = f"This local cloud lists policies of your own (Scope=Local), and not AWS's. {MAY}"
        return names["_error"](400, "InvalidInput", text, ns="iam")

    return listed


def sound(original: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """What is wrong with a policy; an action has a service before it."""

    def wrong(doc: Any) -> str | None:
        found = original(doc)
        if found:
            return found
        policy = json.loads(doc) if isinstance(doc, str) else doc
        if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
            return "Syntax errors in policy."
        said = policy["Statement"]
        for one in said if isinstance(said, list) else [said]:
            given = one.get("Action", one.get("NotAction"))
            for action in given if isinstance(given, list) else [given]:
                if action != "*" and ":" not in str(action):
                    return (
                        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                    )
        return None

    return wrong


def few(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """CreateAccessKey: two are all that a user may have.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    def create(params: Any) -> Any:
        names = vars(import_module(IAM))
        user = names["_p"](params, "UserName") or "default"
        had = [one for one in names["_access_keys"].values() if one.get("UserName") == user]
        if len(had) < _MOST_KEYS:
            return original(params)
        text = f"Cannot exceed quota for AccessKeysPerUser: {_MOST_KEYS}"
        return names["_error"](409, "LimitExceeded", text, ns="iam")

    return create


def assumed(original: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """The name of an assumed role, which has to be there; nobody is told whether it is."""

    def name(role_arn: str, session_name: str) -> Any:
        if not _ROLE.fullmatch(role_arn):
            text = f"{role_arn} is invalid"
            return None, vars(import_module(STS))["_error"](400, "ValidationError", text, ns="sts")
        names, found = vars(import_module(STS)), original(role_arn, session_name)
        roles = vars(import_module(IAM))["_roles"]
        if found[1] is not None or role_arn.rpartition("/")[2] in roles:
            return found
        who = f"arn:aws:iam::{names['get_account_id']()}:root"
        text = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        return None, names["_error"](403, "AccessDenied", text, ns="sts")

    return name


def lasting(original: Callable[..., Any]) -> Callable[..., Any]:
    """What a session of AssumeRole may do, and how long: from 15 minutes to 12 hours.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """

    def policies(params: Mapping[str, Any], account_id: str | None = None, **more: Any) -> Any:
        names = vars(import_module(STS))
        given = str(names["_p"](params, "DurationSeconds") or "")
        role = vars(import_module(IAM))["_roles"].get(
            str(names["_p"](params, "RoleArn")).rpartition("/")[2]
        )
        longest = int((role or {}).get("MaxSessionDuration") or _USUAL_S)
        if account_id is not None and given.isdigit() and longest < int(given) <= _MOST_S:
            text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            return None, names["_error"](400, "ValidationError", text, ns="sts")
        if account_id is None or not given.isdigit() or _LEAST_S <= int(given) <= _MOST_S:
            return original(params, account_id, **more)
        which, bound = ("less", _MOST_S) if int(given) > _MOST_S else ("greater", _LEAST_S)
        limit = f"Member must have value {which} than or equal to {bound}"
        text = detected([broken_value(given, "durationSeconds", limit)])
        return None, names["_error"](400, "ValidationError", text, ns="sts")

    return policies


def named(original: Handle) -> Handle:
    """CreateRole and CreateUser, with a name that IAM takes."""

    def create(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        for member in ("RoleName", "UserName"):
            name = str(names["_p"](params, member))
            if name and not re.fullmatch(_NAME, name, re.ASCII):
                limit = f"Member must satisfy regular expression pattern: {_NAME}"
                called = member[0].lower() + member[1:]
                text = detected([broken_value(name, called, limit)])
                return names["_error"](400, "ValidationError", text, ns="iam")
        return original(params)

    return create


def attached(original: Handle) -> Handle:
    """A policy put to a role, a user or a group: one that is there, and no service's own."""

    def attach(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        wrong = attachment_error(str(names["_p"](params, "PolicyArn")))
        return names["_error"](*wrong, ns="iam") if wrong else original(params)

    return attach


def bounded(original: Handle) -> Handle:
    """A boundary of a role or a user, which is a policy that is there."""

    def bound(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        arn = str(names["_p"](params, "PermissionsBoundary"))
        if not arn or _is_there(arn):
            return original(params)
        text = f"Scope ARN: {arn} does not exist or is not attachable."
        return names["_error"](404, "NoSuchEntity", text, ns="iam")

    return bound


def attachment_error(arn: str) -> tuple[int, str, str] | None:
    """Return why a policy is not attached, as status, code and text; None if it is."""
    if arn.startswith(_OF_AWS + _OF_SERVICES):
        text = "Cannot attach a Service Role Policy to a Customer Role."
        return 400, "PolicyNotAttachable", text
    if _is_there(arn):
        return None
    if not arn.startswith("arn:"):
        return 400, "ValidationError", "Invalid ARN:  Could not be parsed!"
    return 404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable."


def _is_there(arn: str) -> bool:
    return arn in vars(import_module(IAM))["_policies"] or arn in _of_aws()


@functools.cache
def _of_aws() -> frozenset[str]:
    """AWS's own policies by the list beside this file, whose lines of one path follow it."""
    found, path = [], ""
    for line in Path(__file__).with_name("aws_policies.txt").read_text().splitlines()[1:]:
        if line.startswith("/"):
            path = line
        else:
            found += [f"{_OF_AWS}{path}{name}" for name in line.split()]
    return frozenset(found)


def simulated(original: Handle) -> Handle:
    """SimulateCustomPolicy and SimulatePrincipalPolicy; what they cannot read is no denial.

    The code is AWS's, and the sentences are ours.
    """

    def simulate(params: Mapping[str, Any]) -> Any:
        names = vars(import_module(IAM))
        check = vars(import_module("ministack.core.iam_evaluator"))["validate_policy_document"]
        for member in params:
            given, wrong = str(names["_p"](params, member)), ""
            if member.startswith(("PolicyInputList.", "PermissionsBoundaryPolicyInputList.")):
                wrong = check(given) or ""
            elif member.startswith("ActionNames.") and not _ACTION.fullmatch(given):
                wrong = f"An action is a service and a name, such as s3:GetObject, unlike {given}"
            if wrong:
                return names["_error"](400, "InvalidInput", wrong, ns="iam")
        return original(params)

    return simulate


def trust_error(original: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """Why a trust policy is refused: also where it is no JSON, which ministack keeps as it is."""

    def error(doc: Any) -> str | None:
        try:
            policy = json.loads(doc) if isinstance(doc, str) else doc
        except ValueError:
            policy = None
        return original(doc) if isinstance(policy, dict) else "This policy contains invalid Json"

    return error
