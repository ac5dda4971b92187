"""Calls about something that is not there, or that lack what they are about: ministack says done.

The texts of EventBridge, SNS and a dashboard are AWS's as others have met them (moto's and
LocalStack's tests, Ballerina's, a linter's); those about the metric of an alarm are AWS's from
hashicorp/terraform-provider-aws #11105 and cloudtools/troposphere #1276. The others are ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import json_refusal
from serverless_tax.cloud.front.intrinsics import MACHINES
from serverless_tax.cloud.front.lacks import lack_of
from serverless_tax.cloud.front.log_metrics import METRICS
from serverless_tax.cloud.front.log_pages import LOGS
from serverless_tax.cloud.front.machines import other_type
from serverless_tax.cloud.front.patterns import RULES

Reply = tuple[Any, ...]
Handle = Callable[[dict[str, Any]], Reply]
_ABSENT = "ResourceNotFoundException"
_OF_AN_ALARM = ("MetricName", "Namespace", "Period", "Threshold")
_KINDS = ("s", "_aliases", "_versions")


def of_rule(original: Handle) -> Handle:
    """A call about a rule of EventBridge, which is there."""

    def call(data: dict[str, Any]) -> Reply:
        name, given = data.get("Rule") or data.get("Name"), data.get("EventBusName") or "default"
        names, bus = vars(import_module(RULES)), given.rpartition("event-bus/")[2]  # or an ARN
        if names["_rule_key"](name, bus) in names["_rules"]:
            return original({**data, "EventBusName": bus})
        return json_refusal(_ABSENT, f"Rule {name} does not exist on EventBus {bus}.")

    return call


def untargeted(original: Handle) -> Handle:
    """DeleteRule, once its targets are gone."""

    def delete(data: dict[str, Any]) -> Reply:
        names, bus = vars(import_module(RULES)), data.get("EventBusName") or "default"
        if not names["_targets"].get(names["_rule_key"](data.get("Name"), bus)):
            return original(data)
        text = "Rule can't be deleted since it has targets."
        return json_refusal("ValidationException", text)

    return delete


def permitted(original: Handle) -> Handle:
    """RemovePermission, of a bus and of a statement that are there."""

    def remove(data: dict[str, Any]) -> Reply:
        names, bus = vars(import_module(RULES)), data.get("EventBusName") or "default"
        if bus not in {"default", *names["_event_buses"]}:
            return json_refusal(_ABSENT, f"Event bus {bus} does not exist.")
        if data.get("RemoveAllPermissions"):
            return original(data)
        had = (names["_event_bus_policies"].get(bus) or {}).get("Statement")
        if not had:
            return json_refusal(_ABSENT, "EventBus does not have a policy.")
        if data.get("StatementId") not in {one.get("Sid") for one in had}:
            return json_refusal(_ABSENT, "Statement with the provided id does not exist.")
        return original(data)

    return remove


def archived(original: Handle) -> Handle:
    """CreateArchive, of a bus that is there."""

    def create(data: dict[str, Any]) -> Reply:
        name = str(data.get("EventSourceArn")).rpartition("/")[2]
        if name in {"default", *vars(import_module(RULES))["_event_buses"]}:
            return original(data)
        return json_refusal(_ABSENT, f"Event bus {name} does not exist.")

    return create


def stopped(original: Handle) -> Handle:
    """StopQuery, for a query that was started."""

    def stop(data: dict[str, Any]) -> Reply:
        own = data.get("queryId")
        if own in vars(import_module(LOGS))["_queries"]:
            return original(data)
        return json_refusal(_ABSENT, f"The specified query does not exist: {own}")

    return stop


def listed(original: Handle) -> Handle:
    """ListExecutions, of a machine that is there, and keeps them: an express one does not."""

    def executions(data: dict[str, Any]) -> Reply:
        arn, names = data.get("stateMachineArn"), vars(import_module(MACHINES))
        if not arn and not data.get("mapRunArn"):
            text = "Either stateMachineArn or mapRunArn must be given."
            return json_refusal("ValidationException", text)
        if arn and not any(arn in names[f"_state_machine{kind}"] for kind in _KINDS):
            text = f"State Machine Does Not Exist: '{arn}'"
            return json_refusal("StateMachineDoesNotExist", text)
        if (names["_state_machines"].get(arn) or {}).get("type") == "EXPRESS":
            return other_type()
        return original(data)

    return executions


def alarmed(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """PutMetricAlarm, about one metric or a list of them."""

    def put(params: Any, asked: Mapping[str, Any], is_cbor: bool, is_json: bool = False) -> Reply:  # noqa: FBT001, FBT002 - ministack's own
        names, given = vars(import_module(METRICS)), asked
        if not (is_cbor or is_json):
            given = {name.partition(".")[0]: names["_p"](params, name) for name in params}
        lack = lack_of("monitoring", "PutMetricAlarm", given)
        wrong = lack.message if lack else _alarm_error(given)
        if not wrong:
            return original(params, asked, is_cbor, is_json)
        reply: Reply = names["_error"](
            "ValidationError", wrong, 400, use_json=is_json, use_cbor=is_cbor
        )
        return reply

    return put


def _alarm_error(asked: Mapping[str, Any]) -> str:
    missing = [name for name in _OF_AN_ALARM if asked.get(name) in {None, ""}]
    if missing:
        return f"{missing[0]} must not be null"
    if bool(asked.get("Statistic")) == bool(asked.get("ExtendedStatistic")):
        return "Exactly one of Statistic and ExtendedStatistic must be specified"
    return ""


def drawn(original: Callable[..., Reply]) -> Callable[..., Reply]:
    """PutDashboard, with a body that is an object of JSON."""

    def put(params: Any, asked: Mapping[str, Any], is_cbor: bool, is_json: bool = False) -> Reply:  # noqa: FBT001, FBT002 - ministack's own
        names = vars(import_module(METRICS))
        body = (asked if is_cbor or is_json else params).get("DashboardBody")
        body = body[0] if isinstance(body, list) else body
        try:
            is_object = isinstance(json.loads(str(body)), dict)
        except ValueError:
            is_object = False
        if is_object:
            return original(params, asked, is_cbor, is_json)
        text = "The field DashboardBody must be a valid JSON object"
        reply: Reply = names["_error"](
            "InvalidParameterInput", text, 400, use_json=is_json, use_cbor=is_cbor
        )
        return reply

    return put
