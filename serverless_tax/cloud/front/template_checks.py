"""Templates that CloudFormation refuses as it reads them, and ministack makes stacks of.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError

_OF_ALL = ("CreateStack", "UpdateStack", "CreateChangeSet")
_NAMES = {
    "AWS::IAM::Group": "GroupName", "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName", "AWS::IAM::AccessKey": "", "AWS::IAM::Policy": "",
    "AWS::IAM::UserToGroupAddition": "",
}  # fmt: skip
"""Types that give rights, and the property by which each has a name of its own."""
_IAM, _NAMED = "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"
_OF_A_PARAMETER = re.compile(r"Parameters\.member\.\d+\.ParameterKey")
_PUT_IN = re.compile(r"\$\{([^!}][^}]*)\}")


def template_error(action: str, form: Mapping[str, str]) -> AwsError | None:
    """Return why a template is refused; None if it is not, or if it comes from elsewhere.

    Args:
        action: of CloudFormation.
        form: the call's members, as they came.
    """
    body = form.get("TemplateBody")
    if action not in _OF_ALL or not body:
        return None
    read = vars(import_module("ministack.services.cloudformation.engine"))["_parse_template"]
    try:
        template = read(body)
    except Exception:  # noqa: BLE001 - ministack says what is wrong with it
        return None
    resources = template.get("Resources")
    if not resources or not isinstance(resources, Mapping):
        return _refusal("Template format error: At least one Resources member must be defined.")
    wrong = _names_error(template, form)
    if wrong or template.get("Transform") or action == _OF_ALL[2]:
        return wrong
    return _rights_error(resources, form)


def _names_error(template: Mapping[str, Any], form: Mapping[str, str]) -> AwsError | None:
    """Refuse parameters that a template does not have, and names in it that are of nothing."""
    known = {*(template.get("Parameters") or {})}
    given = {one for name, one in form.items() if _OF_A_PARAMETER.fullmatch(name)}
    if unknown := sorted(given - known):
        return _refusal(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    if template.get("Transform"):
        return None  # what it makes of the template is known later
    resources = template["Resources"]
    left = sorted({name for name in _asked(resources) if name not in {*resources, *known}})
    if not left:
        return None
    return _refusal(
        f"Template format error: Unresolved resource dependencies [{', '.join(left)}] in the "
        "Resources block of the template"
    )


def _rights_error(resources: Mapping[str, Any], form: Mapping[str, str]) -> AwsError | None:
    given = {one for name, one in form.items() if name.startswith("Capabilities.")}
    kinds = [one for one in resources.values() if one.get("Type") in _NAMES]
    has_name = any(_NAMES[one["Type"]] in (one.get("Properties") or {}) for one in kinds)
    needed = _NAMED if has_name else _IAM
    if not kinds or needed in given or _NAMED in given:
        return None
    code = "InsufficientCapabilitiesException"
    return AwsError(code, code, f"Requires capabilities : [{needed}]", "cloudformation", 400)


def _asked(value: Any) -> Iterator[str]:
    """The names that a part of a template asks for; not those of AWS's own."""
    if isinstance(value, list):
        for one in value:
            yield from _asked(one)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name == "Ref":
                yield from _own(one)
            elif name == "Fn::GetAtt":
                yield from _own(one[0] if isinstance(one, list) else str(one).partition(".")[0])
            elif name == "Fn::Sub":
                text, given = (one[0], one[1]) if isinstance(one, list) else (one, {})
                for found in _PUT_IN.findall(str(text)):
                    if found.strip() not in given:
                        yield from _own(found.strip().partition(".")[0])
                yield from _asked(given)
            else:
                yield from _asked(one)


def _own(name: Any) -> Iterator[str]:
    if isinstance(name, str) and not name.startswith("AWS::"):
        yield name


def _refusal(text: str) -> AwsError:
    return AwsError("ValidationError", "ValidationError", text, "cloudformation", 400)
