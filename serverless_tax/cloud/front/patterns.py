"""Filters of subscriptions and of pollers, read by EventBridge's rules as on AWS.

ministack has matchers of its own for both. They leave out operators, and what no matcher knows
they take: a filter with one lets nothing through, or everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY

RULES = "ministack.services.eventbridge"
_MOST_KEYS = 5
"""https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"""
_OF_BODIES, _SCOPE = "MessageBody", "FilterPolicyScope"
_VALUES = {
    "RawMessageDelivery": (("true", "false"), "Must be true or false."),
    _SCOPE: (
        (_OF_BODIES, "MessageAttributes"), "Please use either MessageBody or MessageAttributes"
    ),
}  # fmt: skip
_KNOWN = frozenset(
    [
        *("DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn"),
        *_VALUES,
    ]
)
"""https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"""


def pattern_fault(pattern: Any) -> str:
    """Why AWS refuses a filter, in the words of EventBridge's rules; empty if it does not."""
    if not isinstance(pattern, dict):
        return "Filter is not an object"
    return str(vars(import_module(RULES))["_event_pattern_error"](_wrapped(pattern)) or "")


def _wrapped(pattern: Any) -> str:
    """A filter as a rule's pattern, in which a part may have any members."""
    return json.dumps({"detail": pattern})


def is_match(pattern: Mapping[str, Any], value: Any) -> bool:
    """Whether a filter lets a value through."""
    names = vars(import_module(RULES))
    view = names["_EventView"]({}, value)
    return bool(names["_matches_pattern_view"](_wrapped(pattern), view))


def polled(record: Any, pattern: Mapping[str, Any]) -> bool:
    """Whether a poller hands a record on."""
    return is_match(pattern, record)


def subscribed(original: Callable[..., bool]) -> Callable[..., bool]:
    """The match of a message; one that is filtered by its attributes has another way to say no."""

    def matches(sub: Mapping[str, Any], attributes: Any, message: str = "") -> bool:
        own = sub.get("attributes") or {}
        if not own.get("FilterPolicy") or own.get(_SCOPE) != _OF_BODIES:
            return original(sub, attributes, message)
        try:
            body = json.loads(message)
        except ValueError:
            return False
        return isinstance(body, dict) and is_match(json.loads(own["FilterPolicy"]), body)

    return matches


def attributes_error(attributes: Mapping[str, Any]) -> str:
    """Why a subscription with these attributes is refused; empty if it is not.

    The sentences are SNS's, as the tests of others have met them.
    """
    for name, value in attributes.items():
        if name not in _KNOWN:
            return f"Unknown attribute: {name}"
        known, hint = _VALUES.get(name, ((value,), ""))
        if value not in known:
            return f"{name}: Invalid value [{value}]. {hint}"
    given = attributes.get("FilterPolicy")
    fault = given and _policy_fault(given, of_bodies=attributes.get(_SCOPE) == _OF_BODIES)
    return f"FilterPolicy: {fault}" if fault else ""


def _policy_fault(given: Any, *, of_bodies: bool) -> str:
    try:
        policy = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        return "failed to parse JSON."
    fault = "" if policy == {} else pattern_fault(policy)  # an empty one takes a filter away
    if not fault and len(policy) > _MOST_KEYS:
        fault = f"Filter policy can not have more than {_MOST_KEYS} keys"
    if fault or of_bodies:
        return fault
    if any(isinstance(one, dict) for one in policy.values()):
        return "Filter policy scope MessageAttributes does not support nested filter policy"
    lack = next(_left_out(policy), "")
    return f"This local cloud filters no attributes by {lack}. {MAY}" if lack else ""


def _left_out(policy: Mapping[str, Any]) -> Iterator[str]:
    """What ministack's matcher of attributes does not know."""
    for rules in policy.values():
        for rule in rules:
            if rule is None:
                yield "null"
            for name, operand in rule.items() if isinstance(rule, dict) else ():
                if isinstance(operand, dict) and (
                    name != "anything-but" or any(isinstance(one, list) for one in operand.values())
                ):
                    yield f"{name} of {json.dumps(operand)}"
