"""Expressions of schedules as EventBridge takes them; ministack takes more of them.

A rate of one has its unit in the singular, any other in the plural. EventBridge Scheduler takes
both, and moments: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.constraints import broken_value, detected
from serverless_tax.cloud.front.lambda_state import may_assume

Reply = tuple[Any, ...]
SCHEDULER, RULES = "ministack.services.scheduler", "ministack.services.eventbridge"
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


def scheduled(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """CreateSchedule and UpdateSchedule: refused, as LocalStack has it from AWS."""

    def schedule(name: str, body: Mapping[str, Any]) -> Reply:
        text, names = schedule_error(body), vars(import_module(SCHEDULER))
        reply: Reply = (
            names["_error"](400, "ValidationException", text) if text else original(name, body)
        )
        return reply

    return schedule


def schedule_error(body: Mapping[str, Any]) -> str:
    """Why a schedule is refused; empty if it is not."""
    given = str(body.get("ScheduleExpression") or "")
    if body.get("ScheduleExpressionTimezone", "UTC") != "UTC":
        return f"This local cloud's schedules are in UTC (ScheduleExpressionTimezone). {MAY}"
    if given and not _is_schedule(given):
        return f"Invalid Schedule Expression {given}."
    mode = (body.get("FlexibleTimeWindow") or {"Mode": "OFF"}).get("Mode")
    if mode not in {"OFF", "FLEXIBLE"}:
        limit = "Member must satisfy enum value set: [OFF, FLEXIBLE]"
        return detected([broken_value(str(mode), "flexibleTimeWindow.mode", limit)])
    target = body.get("Target") or {}
    service = [*str(target.get("Arn")).split(":"), "", "", ""][2]
    if target.get("Arn") and service not in CALLED:
        return (
            "This local cloud's schedules call functions, queues, topics, buses and state machines,"
            f" and not {service or 'this'} (Target.Arn). {MAY}"
        )
    if target.get("RoleArn") and not may_assume(str(target["RoleArn"]), "scheduler.amazonaws.com"):
        return (
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        )
    return ""


def _is_schedule(given: str) -> bool:
    if given.startswith("cron("):
        return vars(import_module(RULES))["_parse_cron_fields"](given) is not None
    return bool(_LOOSE_RATE.fullmatch(given) or _MOMENT.fullmatch(given))
