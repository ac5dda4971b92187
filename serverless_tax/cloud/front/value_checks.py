"""Values that AWS refuses in words of each service's own, and ministack takes.

The texts about queues, machines' names, parameters and metrics are AWS's, as moto's and
LocalStack's recorded answers have them. Those about an alarm's period and datapoints are ours.
"""

from __future__ import annotations

import base64
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.constraints import detected
from serverless_tax.cloud.front.queues import policy_error
from serverless_tax.cloud.front.sign_in import sign_in_error
from serverless_tax.cloud.front.tables import (
    OF_ITEMS,
    expression_error,
    stream_error,
    together_error,
)
from serverless_tax.cloud.front.topics import OF_TOPICS

Asked = Mapping[str, Any]
Refusal = tuple[str, str]
"""A code and a text."""
_NOT_IN_A_NAME = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
_DAY_S, _WEEK_S, _HOUR_S = 86_400, 604_800, 3_600
_MOST_VALUE = 4_096
_SHORT_PERIODS = (10, 20, 30)
_MISSING = ("breaching", "notBreaching", "ignore", "missing")
_MOST_PLAIN = 4096  # https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html


def value_error(service: str, action: str, asked: Asked) -> Refusal | None:
    """Return why a call is refused; None if it is not.

    Raises:
        TypeError: if a member has the wrong type.
        ValueError: as before.
    """
    check = _CHECKS.get((service, action))
    error = check(asked) if check else None
    return error or (_named_arn(asked) if service == "states" else None)


def _sent(asked: Asked) -> Refusal | None:
    code = "InvalidParameterValue"
    delay = asked.get("DelaySeconds")
    if delay is not None and not 0 <= int(delay) <= 900:  # noqa: PLR2004 - it stands in the text
        return code, (
            f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be "
            ">= 0 and <= 900."
        )
    return None


def _received(asked: Asked) -> Refusal | None:
    code, wait = "InvalidParameterValue", asked.get("WaitTimeSeconds")
    if wait is not None and not 0 <= int(wait) <= 20:  # noqa: PLR2004 - as above
        return code, (
            f"Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= "
            "20, if provided."
        )
    return _hidden(asked)


def _listed(code: str) -> Callable[[Asked], Refusal | None]:
    """Return the check of a list's token; ministack's are numbers."""

    def listed(asked: Asked) -> Refusal | None:
        token = str(asked.get("NextToken") or "0")
        return None if token.isdecimal() else (code, f"No list gave this NextToken: {token}")

    return listed


def _hidden(asked: Asked) -> Refusal | None:
    timeout = asked.get("VisibilityTimeout")
    if timeout is None or 0 <= int(timeout) <= 43_200:  # noqa: PLR2004 - as above
        return None
    return "InvalidParameterValue", (
        f"Value {timeout} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 "
        "and 43200, if provided."
    )


def _named(asked: Asked) -> Refusal | None:
    name = asked.get("name")
    if name is None or not _NOT_IN_A_NAME.search(str(name)):
        return None
    return "InvalidName", f"Invalid Name: '{name}'"


def _named_arn(asked: Asked) -> Refusal | None:
    """A member of Step Functions that is no ARN of the kind that its name says."""
    for name, kinds in _ARNS.items():
        arn = asked.get(name)
        if arn is None:
            continue
        parts = str(arn).split(":")
        if len(parts) < _ARN_PARTS or parts[0] != "arn" or parts[2] != "states":
            return "InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'"
        if parts[5] not in kinds:
            text = f"Invalid Arn: 'Resource type not valid in this context: {parts[5]}'"
            return "InvalidArn", text
    return None


_ARN_PARTS = 7
_ARNS = {
    "stateMachineArn": ("stateMachine",), "stateMachineAliasArn": ("stateMachine",),
    "stateMachineVersionArn": ("stateMachine",), "activityArn": ("activity",),
    "executionArn": ("execution",), "mapRunArn": ("mapRun",),
}  # fmt: skip
"""Members of Step Functions' calls, and the types of resource that each may name."""


def _parameter(asked: Asked) -> Refusal | None:
    value, pattern = str(asked.get("Value") or ""), asked.get("AllowedPattern")
    kind = asked.get("DataType")
    if kind not in {None, "text"}:
        return "ValidationException", (
            f"The following data type is not supported: {kind} (Data type names are all lowercase.)"
        )
    if len(value) > _MOST_VALUE and asked.get("Tier", "Standard") == "Standard":
        return "ValidationException", (
            "Standard tier parameters support a maximum parameter value of 4096 characters. To "
            "create a larger parameter value, upgrade the parameter to use the advanced-parameter "
            "tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/"
            "userguide/parameter-store-advanced-parameters.html"
        )
    if not pattern:
        return None
    try:
        fits = re.search(pattern, value)
    except re.error:
        return "InvalidAllowedPatternException", f"The regular expression is not valid: {pattern}"
    if fits:
        return None
    text = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
    return "ParameterPatternMismatchException", text


def _under(asked: Asked) -> Refusal | None:
    if str(asked.get("Path") or "/").startswith("/"):
        return None
    return "ValidationException", (
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin "
        'with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). '
        "It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ "
        "(underscore). Special characters are not allowed. All sub-paths, if specified, must use "
        'the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'
    )


def _secret(asked: Asked) -> Refusal | None:
    if not _OF_A_SECRET.fullmatch(str(asked.get("Name") or "a")):
        return "ValidationException", (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
            "following: -/_+=.@!"
        )
    had = vars(import_module("ministack.services.secretsmanager"))["_secrets"]
    if (had.get(str(asked.get("Name"))) or {}).get("DeletedDate"):
        return "InvalidRequestException", (
            "You can't create this secret because a secret with this name is already scheduled for "
            "deletion."
        )
    if asked.get("SecretString") and asked.get("SecretBinary"):
        text = "A secret has either a SecretString or a SecretBinary."
        return "InvalidParameterException", text
    return None


_OF_A_SECRET = re.compile(r"[A-Za-z0-9/_+=.@!-]+")


def _secret_policy(asked: Asked) -> Refusal | None:
    if not policy_error(asked.get("ResourcePolicy")):
        return None
    text = "This resource policy contains invalid Json."
    return "MalformedPolicyDocumentException", text


def _queried(asked: Asked) -> Refusal | None:
    code = "ValidationError"
    for number, one in enumerate(asked.get("MetricDataQueries") or [], 1):
        where, own = f"MetricDataQueries.member.{number}", str(one.get("Id") or "")
        stat = (one.get("MetricStat") or {}).get("Stat")
        if not _ID.fullmatch(own):
            return code, (
                f"The value {own} for parameter {where}.Id is not matching the expected pattern "
                f"{_ID.pattern}."
            )
        if ("MetricStat" in one) == bool(one.get("Expression")):
            text = "must have exactly one of MetricStat and Expression."
            return code, f"The parameter {where} {text}"
        if stat is not None and not _STAT.fullmatch(str(stat)):
            text = f"The value {stat} for parameter {where}.MetricStat.Stat is not supported."
            return code, text
    return _order(asked)


_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_STAT = re.compile(
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM|p\d+(\.\d+)?|(tm|wm|tc|ts)\d+(\.\d+)?|"
    r"(TM|WM|PR|TC|TS)\(.*\)"
)


def _order(asked: Asked) -> Refusal | None:
    begin, end = (_moment(asked.get(name)) for name in ("StartTime", "EndTime"))
    if begin is None or end is None or begin < end:
        return None
    text = "The parameter StartTime must be less than the parameter EndTime."
    return "InvalidParameterValue", text


def _measured(asked: Asked) -> Refusal | None:
    namespace, now_s = str(asked.get("Namespace") or ""), time.time()
    code = "InvalidParameterValue"
    if namespace.startswith("AWS/"):
        return code, f"The value {namespace} for parameter Namespace is invalid."
    for number, one in enumerate(asked.get("MetricData") or [], 1):
        where, value = f"MetricData.member.{number}", one.get("Value")
        both = [name for name in ("Values", "StatisticValues") if one.get(name)]
        if value is not None and both:
            return "InvalidParameterCombination", (
                f"The parameters {where}.Value and {where}.{both[0]} are mutually exclusive and "
                "you have specified both."
            )
        if value is None and not both:
            return "MissingParameter", (
                f"At least one of the parameters {where}.StatisticValues, {where}.Values or "
                f"{where}.Value must be specified."
            )
        if value is not None and not math.isfinite(float(value)):
            return code, f"The value {value} for parameter {where}.Value is invalid."
        at_s = _moment(one.get("Timestamp"))
        when = "within the past two weeks"
        if at_s is not None and at_s > now_s + 2 * _HOUR_S:
            when = "no more than two hours in the future"
        elif at_s is None or at_s >= now_s - 2 * _WEEK_S:
            continue
        return code, f"The parameter {where}.Timestamp must specify a time {when}."
    return None


def _statistics(asked: Asked) -> Refusal | None:
    period, code = int(asked.get("Period") or 0), "InvalidParameterValue"
    if not asked.get("Statistics") and not asked.get("ExtendedStatistics"):
        return "InvalidParameterCombination", (
            "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        )
    if not _is_period(period, (1, 5, *_SHORT_PERIODS)):
        return code, f"The parameter Period must be a multiple of 60, and is {period}."
    begin, end = (_moment(asked.get(name)) for name in ("StartTime", "EndTime"))
    points = 0 if begin is None or end is None else math.ceil((end - begin) / period)
    if points > _MOST_POINTS:
        return "InvalidParameterCombination", (
            f"You have requested up to {points} datapoints, which exceeds the limit of "
            f"{_MOST_POINTS}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range."
        )
    return _order(asked)


_MOST_POINTS = 1_440


def _moment(given: Any) -> float | None:
    """Seconds since 1970, of a number or of a moment as a form has it; None of anything else."""
    try:
        return float(given)
    except (TypeError, ValueError):
        pass
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except ValueError:
        return None


def _is_period(seconds: int, short: tuple[int, ...]) -> bool:
    return seconds in short or (seconds > 0 and seconds % 60 == 0)


def _alarm(asked: Asked) -> Refusal | None:
    code, period = "ValidationError", int(asked.get("Period") or 60)
    times = int(asked.get("EvaluationPeriods") or 1)
    if not _is_period(period, _SHORT_PERIODS):
        return code, f"Period must be 10, 20, 30 or a multiple of 60, and is {period}."
    most_s = _WEEK_S if period >= _HOUR_S else _DAY_S
    if period * times > most_s:
        return code, (
            "Metrics cannot be checked across more than a "
            f"{'week' if most_s == _WEEK_S else 'day'} (EvaluationPeriods * Period must be <= "
            f"{most_s})."
        )
    if int(asked.get("DatapointsToAlarm") or 1) > times:
        return code, "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    missing, percentile = asked.get("TreatMissingData"), str(asked.get("ExtendedStatistic") or "")
    if missing not in {None, *_MISSING}:
        return code, f"TreatMissingData is one of {', '.join(_MISSING)}, and not {missing}."
    found = re.fullmatch(r"p(\d+(\.\d+)?)", percentile)
    if found and float(found[1]) > 100:  # noqa: PLR2004 - per cent
        return code, f"The value {percentile} for parameter ExtendedStatistic is invalid."
    actions = [one for name in ("AlarmActions", "OKActions") for one in asked.get(name) or []]
    wrong = [one for one in actions if not str(one).startswith("arn:")]
    return (code, f"Invalid arn syntax: {wrong[0]}") if wrong else None


def _streams(asked: Asked) -> Refusal | None:
    if asked.get("logGroupName") and asked.get("logGroupIdentifier"):
        text = "LogGroup name and LogGroup ARN are mutually exclusive parameters."
        return "ValidationException", text
    if asked.get("orderBy") != "LastEventTime" or not asked.get("logStreamNamePrefix"):
        return None
    text = "Cannot order by LastEventTime with a logStreamNamePrefix."
    return "InvalidParameterException", text


def _lines(asked: Asked) -> Refusal | None:
    moments = [int(one["timestamp"]) for one in asked.get("logEvents") or []]
    if moments == sorted(moments):
        return None
    text = "Log events in a single PutLogEvents request must be in chronological order."
    return "InvalidParameterException", text


def _pattern(asked: Asked) -> Refusal | None:
    """A pattern that is no object, which AWS tells with its place; ministack has other faults.

    The place is that behind what was read: the first letter of a list or text, all of a number.
    """
    pattern = str(asked.get("EventPattern") or "")
    try:
        given = json.loads(pattern)
    except ValueError:
        return None
    if isinstance(given, dict):
        return None
    read = len(pattern.rstrip()) if given is None or isinstance(given, int | float) else 1
    return "InvalidEventPatternException", (
        "Event pattern is not valid. Reason: Filter is not an object\n at [Source: "
        f'(String)"{pattern}"; line: 1, column: {read + 1}]'
    )


def _tested(asked: Asked) -> Refusal | None:
    try:
        event = json.loads(str(asked.get("Event")))
    except ValueError:
        event = None
    if isinstance(event, dict) and event.keys() >= _OF_AN_EVENT:
        return _pattern(asked)
    return "ValidationException", "Parameter Event is not valid."


_OF_AN_EVENT = {"id", "account", "source", "time", "region", "detail-type"}
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html"""


def _rule(asked: Asked) -> Refusal | None:
    if wrong := _pattern(asked):
        return wrong
    bus = str(asked.get("EventBusName") or "default").rpartition("/")[2]
    if not asked.get("ScheduleExpression") or bus == "default":
        return None
    text = "ScheduleExpression is supported only on the default event bus."
    return "ValidationException", text


def _linked(asked: Asked) -> Refusal | None:
    name = str(asked.get("AWSServiceName"))
    if name.endswith(".amazonaws.com"):
        return None
    return "InvalidInput", f"A service's own role is of a service such as a.amazonaws.com: {name}"


def _provider(asked: Asked) -> Refusal | None:
    url = str(asked.get("Url"))
    if url.startswith("https://"):
        return None
    return "InvalidInput", f"The address of a provider begins with https://, unlike {url}"


def _encrypted(asked: Asked) -> Refusal | None:
    if len(base64.b64decode(str(asked.get("Plaintext") or ""))) <= _MOST_PLAIN:
        return None
    limit = f"Member must have length less than or equal to {_MOST_PLAIN}"
    broken = f"Value at 'plaintext' failed to satisfy constraint: {limit}"
    return "ValidationException", detected([broken])


def _key_alias(asked: Asked) -> Refusal | None:
    if not str(asked.get("AliasName")).startswith("alias/aws/"):
        return None
    return "NotAuthorizedException", "Aliases that begin with alias/aws/ are AWS's own."


def _succeeded(asked: Asked) -> Refusal | None:
    try:
        json.loads(str(asked.get("output")))
    except (ValueError, RecursionError):
        return "InvalidOutput", "Invalid Output: 'The output is no JSON'"
    return None


_CHECKS: Mapping[tuple[str, str], Callable[[Asked], Refusal | None]] = {
    ("sqs", "SendMessage"): _sent,
    ("sqs", "ReceiveMessage"): _received,
    ("sqs", "ListQueues"): _listed("InvalidParameterValue"),
    ("cognito-idp", "ListUserPools"): _listed("InvalidParameterException"),
    ("sqs", "ChangeMessageVisibility"): _hidden,
    **OF_TOPICS,
    ("states", "CreateStateMachine"): _named,
    ("states", "StartExecution"): _named,
    ("states", "CreateActivity"): _named,
    ("states", "SendTaskSuccess"): _succeeded,
    **{("dynamodb", action): expression_error for action in OF_ITEMS},
    ("dynamodb", "CreateTable"): stream_error,
    ("dynamodb", "UpdateTable"): stream_error,
    ("dynamodb", "TransactWriteItems"): together_error,
    ("ssm", "PutParameter"): _parameter,
    ("ssm", "GetParametersByPath"): _under,
    ("secretsmanager", "CreateSecret"): _secret,
    ("secretsmanager", "PutResourcePolicy"): _secret_policy,
    ("monitoring", "GetMetricData"): _queried,
    ("monitoring", "PutMetricData"): _measured,
    ("monitoring", "GetMetricStatistics"): _statistics,
    ("monitoring", "PutMetricAlarm"): _alarm,
    ("logs", "DescribeLogStreams"): _streams,
    ("logs", "PutLogEvents"): _lines,
    ("events", "PutRule"): _rule,
    ("events", "TestEventPattern"): _tested,
    ("iam", "CreateServiceLinkedRole"): _linked,
    ("iam", "CreateOpenIDConnectProvider"): _provider,
    ("kms", "Encrypt"): _encrypted,
    ("kms", "CreateAlias"): _key_alias,
    ("cognito-idp", "AdminInitiateAuth"): sign_in_error,
}
