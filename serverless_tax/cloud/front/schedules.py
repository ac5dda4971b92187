"""Expressions of schedules as EventBridge takes them; ministack takes more of them.

A rate of one has its unit in the singular, any other in the plural. EventBridge Scheduler takes
both, and moments: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.constraints import broken_value, detected
from serverless_tax.cloud.front.lambda_state import may_assume
from serverless_tax.cloud.front.patterns import RULES

CALLED = ("lambda", "sqs", "sns", "states", "events")
"""The services that a rule or a schedule may call here."""
_RATE = re.compile(r"rate\((?:1 (?:minute|hour|day)|(?!1 )[1-9]\d* (?:minutes|hours|days))\)")
_LOOSE_RATE = re.compile(r"rate\([1-9]\d* (?:minute|hour|day)s?\)")
_MOMENT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")


def is_valid(original: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether a rule may have an expression."""

    def valid(expr: str) -> bool:
        return bool(_RATE.fullmatch(expr)) if expr.startswith("rate") else original(expr)

    return valid


def read(original: Callable[[str], Any]) -> Callable[[str], Any]:
    """The fields of a cron expression; ministack takes an hour of 25, which never comes.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """

    def fields(expr: str) -> Any:
        found = original(expr)
        if found is None:
            return None
        minutes, hours, days, months, weekdays, years, day, weekday = found
        sets = (minutes, hours, days["days"], months, weekdays["days"], years or ())
        is_within = all(_WITHIN[at].issuperset(one) for at, one in enumerate(sets))
        return found if is_within and (day == "?") != (weekday == "?") else None

    return fields


_WITHIN = [
    frozenset(range(first, last + 1))
    for first, last in ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
]


def told(
    target: Mapping[str, Any], event: Mapping[str, Any], schedule: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A target whose input tells of its schedule, where it asks for that.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    given = target.get("Input")
    if not given or event.get("Source") != "aws.scheduler":
        return target
    text, about = str(given), _about(event, schedule)
    for name, value in about.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return {**target, "Input": text}


def _about(event: Mapping[str, Any], schedule: Mapping[str, Any]) -> dict[str, str]:
    expression = str(schedule.get("ScheduleExpression"))
    moment = datetime.fromtimestamp(float(event["Time"]), UTC)
    if expression.startswith("cron("):
        moment = moment.replace(second=0)
    at = expression[3:-1] if expression.startswith("at(") else f"{moment:%Y-%m-%dT%H:%M:%S}"
    return {
        "schedule-arn": str(schedule.get("Arn")), "scheduled-time": f"{at}Z",
        "execution-id": str(event["EventId"]), "attempt-number": "1",
    }  # fmt: skip


def schedule_error(body: Mapping[str, Any]) -> str:
    """Why a schedule is refused; empty if it is not.

    The sentences about a window are AWS's, as cdk-preflight measured them in September 2026.
    """
    given = str(body.get("ScheduleExpression") or "")
    if body.get("ScheduleExpressionTimezone", "UTC") != "UTC":
        return f"This local cloud's schedules are in UTC (ScheduleExpressionTimezone). {MAY}"
    if given and not _is_schedule(given):
        return f"Invalid Schedule Expression {given}."
    if (at := _moment(given)) and at <= datetime.now(UTC):
        return f"The moment of {given} is over."
    window = body.get("FlexibleTimeWindow") or {"Mode": "OFF"}
    mode = window.get("Mode")
    if mode not in {"OFF", "FLEXIBLE"}:
        limit = "Member must satisfy enum value set: [OFF, FLEXIBLE]"
        return detected([broken_value(str(mode), "flexibleTimeWindow.mode", limit)])
    if (mode == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        must = "must" if mode == "FLEXIBLE" else "must not"
        return (
            f"MaximumWindowInMinutes {must} be provided when FlexibleTimeWindowMode is set to"
            f" {mode}."
        )
    return _target_error(body.get("Target") or {})


def _target_error(target: Mapping[str, Any]) -> str:
    service = [*str(target.get("Arn")).split(":"), "", "", ""][2]
    if target.get("Arn") and service not in CALLED:
        return (
            "This local cloud's schedules call functions, queues, topics, buses and state machines,"
            f" and not {service or 'this'} (Target.Arn). {MAY}"
        )
    if target.get("Input") and service in _OF_JSON and not _is_json(str(target["Input"])):
        return f"The Input of a target of {service} must be well-formed JSON."
    if target.get("RoleArn") and not may_assume(str(target["RoleArn"]), "scheduler.amazonaws.com"):
        return (
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        )
    return ""


_OF_JSON = ("lambda", "states", "events")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_schedule(given: str) -> bool:
    if given.startswith("cron("):
        return vars(import_module(RULES))["_parse_cron_fields"](given) is not None
    return bool(_LOOSE_RATE.fullmatch(given) or _moment(given))


def _moment(given: str) -> datetime | None:
    """The moment of an expression; None if it has none, or one that no calendar has."""
    try:
        at = datetime.fromisoformat(given[3:-1]) if _MOMENT.fullmatch(given) else None
    except ValueError:
        return None
    return at and at.replace(tzinfo=UTC)
