"""What Step Functions refuses of a machine's definition, and what of one is not done here.

ministack makes a machine of any text, leaves out what it does not know, and calls a comparison that
it does not know false. The texts are AWS's, as people have measured or met them
(floci-io/floci #2735, #2786, #3733; aws/aws-cdk #10530; aws/aws-sam-cli-app-templates #185;
aws/amazon-states-language-service #26; localstack/localstack #12487). Those about a missing field
or a value of another kind are ours, and so are those that name this cloud.
https://states-language.net/spec.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY
from serverless_tax.cloud.front.intrinsics import FUNCTIONS, MACHINES
from serverless_tax.cloud.front.lacks import task_lack

SCHEMA, TARGET = "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET"
NOT_HERE = "NOT_HERE"
"""Of a fault that is none on AWS."""
Fault = tuple[str, str, str]
"""Its code, its text, and the place of it in the definition."""

_STEPS, _ENDS = ("Next", "End"), ("Succeed", "Fail")
_PATHS = ("InputPath", "OutputPath")
_CALLS = ("Parameters", "Arguments", "ResultSelector", "ResultPath", "Retry", "Catch")
_OF_ALL = ("Type", "Comment", "QueryLanguage")
_KEEPS = ("Assign", "Output", *_PATHS)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Task": (
        *_STEPS, *_KEEPS, *_CALLS, "Resource", "Credentials", "TimeoutSeconds",
        "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath",
    ),
    "Pass": (*_STEPS, *_KEEPS, "Result", "Parameters", "ResultPath"),
    "Wait": (*_STEPS, *_KEEPS, "Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    "Choice": (*_KEEPS, "Choices", "Default"),
    "Parallel": (*_STEPS, *_KEEPS, *_CALLS, "Branches"),
    "Map": (
        *_STEPS, *_KEEPS, *_CALLS, "ItemProcessor", "Iterator", "Items", "ItemsPath",
        "ItemSelector", "ItemBatcher", "ItemReader", "ResultWriter", "MaxConcurrency",
        "MaxConcurrencyPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
        "ToleratedFailureCount", "ToleratedFailureCountPath", "Label",
    ),
    "Succeed": ("Output", *_PATHS),
    "Fail": ("Error", "ErrorPath", "Cause", "CausePath"),
}  # fmt: skip
"""The fields of a state, beside those of all, by its type."""
_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Task": (("Resource",),),
    "Wait": (("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),),
    "Choice": (("Choices",),),
    "Parallel": (("Branches",),),
    "Map": (("ItemProcessor", "Iterator"),),
}
"""Of each, one field has to be there."""
_ONE_OF = (
    ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("Next", "End"),
)
_LANGUAGES = ("JSONPath", "JSONata")
_ONLY = {
    "JSONPath": ("Parameters", "ResultSelector", "Result", "Variable"),  # and every ...Path
    "JSONata": ("Arguments", "Output", "Items", "Condition"),
}
_LEAST: Mapping[str, float] = {
    "Seconds": 0, "TimeoutSeconds": 1, "HeartbeatSeconds": 1, "MaxConcurrency": 0,
    "ToleratedFailureCount": 0, "MaxAttempts": 0, "IntervalSeconds": 1, "BackoffRate": 1.0,
    "MaxDelaySeconds": 1,
}  # fmt: skip
_JITTERS = ("FULL", "NONE")
_REFERENCE = re.compile(r"\$(\.[^.\[\]$*?@()\s]+|\[\d+\]|\[(['\"]).+?\2\])*")
_PATH = re.compile(r"\$.*|States\.\w+\(.*\)", re.DOTALL)
_ARN = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+")
_FUNCTION = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:.+")
_BOOLEANS = ("And", "Or", "Not")
_COMPARED = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_TESTS = ("IsPresent", "IsNull", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
_OPERATORS = frozenset(
    [
        *(f"{kind}{how}{end}"
          for kind in ("String", "Numeric", "Timestamp") for how in _COMPARED
          for end in ("", "Path")),
        *("StringMatches", "BooleanEquals", "BooleanEqualsPath", *_TESTS),
    ]
)  # fmt: skip
_UNKNOWN_HERE = frozenset(
    [
        *(f"String{how}Path" for how in _COMPARED[1:]),
        *(f"Timestamp{how}Path" for how in _COMPARED),
    ]
)
"""ministack calls these false, whatever is compared."""
_LEFT_OUT = (
    *("ItemBatcher", "ResultWriter", "Credentials", "TimeoutSecondsPath", "HeartbeatSeconds"),
    *("HeartbeatSecondsPath", "MaxConcurrencyPath", "ToleratedFailurePercentagePath"),
    "ToleratedFailureCountPath",
)
_CALL = re.compile(r"States\.(\w+)\s*\(")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_READ = ("CSV", "JSON", "JSONL")
_WAITS = ".waitForTaskToken"
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "states:startExecution": (".sync", ".sync:2", _WAITS),
    **dict.fromkeys(("lambda:invoke", "sqs:sendMessage", "sns:publish", "events:putEvents"),
                    (_WAITS,)),
    **dict.fromkeys((f"dynamodb:{verb}Item" for verb in ("get", "put", "update", "delete")), ()),
}  # fmt: skip
"""The integrations that run here, and what each may wait for:
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html"""
_SDK = re.compile(r"aws-sdk:\w+:\w+(\.waitForTaskToken)?")
_UNKNOWN = (
    "The resource provided {} is not recognized. The value is not a valid resource ARN, or the "
    "resource is not available in this region."
)


def faults_of(text: Any) -> list[Fault]:
    """What is wrong with a definition; first what AWS refuses."""
    try:
        machine = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        return [("INVALID_JSON_DESCRIPTION", str(error), "")]
    found = [*_machine(machine, "", "JSONPath")]
    if not any(code == SCHEMA for code, _, _ in found):
        found += _jsonata(text)
    if "TimeoutSeconds" in machine:
        found.append(_left_out("TimeoutSeconds of a whole machine", ""))
    return sorted(dict.fromkeys(found), key=lambda one: one[0] == NOT_HERE)


def _jsonata(text: str) -> Iterator[Fault]:
    """An expression of JSONata that cannot be read, as ministack finds it."""
    error = vars(import_module(MACHINES))["_validate_definition_jsonata"](text)
    if error:
        code, _, rest = str(error).partition(": ")
        message, _, place = rest.rpartition(" at ")
        yield code, message.strip() or rest, place


def _machine(machine: Any, at: str, language: str) -> Iterator[Fault]:
    """What is wrong with a machine, or with one inside a state of it."""
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or not states:
        yield _missing("States", at)
        return
    if wrong := _language_fault(machine, at):
        yield wrong
    language = str(machine.get("QueryLanguage", language))
    if machine.get("StartAt") not in states:
        yield TARGET, f"Missing 'StartAt' target: {machine.get('StartAt')}", f"{at}/StartAt"
    for name, state in states.items():
        here = f"{at}/States/{name}"
        if not isinstance(state, dict) or not state.get("Type"):
            yield _missing("Type", here)
        else:
            yield from _state(state, states, here, language)
    yield from _reached(machine.get("StartAt"), states, at)


def _reached(start: Any, states: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """A machine that never ends, and else every state that nothing leads to."""
    known = {name: one for name, one in states.items() if isinstance(one, dict)}
    if not any(one.get("Type") in _ENDS or one.get("End") is True for one in known.values()):
        yield "MISSING_END_STATE", "Workflow has no terminal state", "null"
        return
    found, led = set(), [start]
    while led:
        name = led.pop()
        if name in known and name not in found:
            found.add(name)
            led += [wanted for wanted, _ in _targets(known[name], "")]
    if start in states:
        for name in states:
            if name not in found:
                yield TARGET, f'State "{name}" is not reachable.', f"{at}/States/{name}"


def _targets(state: Mapping[str, Any], at: str) -> Iterator[tuple[Any, str]]:
    """Where a state leads, each with its place."""
    for name in ("Next", "Default"):
        if name in state:
            yield state[name], f"{at}/{name}"
    for part in ("Choices", "Catch"):
        for number, one in enumerate(_listed(state.get(part))):
            wanted = one.get("Next") if isinstance(one, dict) else None
            yield wanted or "", f"{at}/{part}[{number}]/Next"


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _state(
    state: Mapping[str, Any], states: Mapping[str, Any], at: str, outer: str
) -> Iterator[Fault]:
    kind = state["Type"]
    if kind not in _FIELDS:
        yield SCHEMA, f"Value should be one of the following: [{', '.join(_FIELDS)}]", f"{at}/Type"
        return
    if wrong := _language_fault(state, at, outer):
        yield wrong
    language = str(state.get("QueryLanguage", outer))
    for field in state:
        if field not in (*_OF_ALL, *_FIELDS[kind]):
            yield SCHEMA, f"Field '{field}' is not supported", at
    yield from _fields(state, kind, at, language)
    if "Next" in _FIELDS[kind] and "Next" not in state and state.get("End") is not True:
        yield _missing("Next or End", at)
    for wanted, where in _targets(state, at):
        if wanted not in states:
            yield TARGET, f"Missing 'Next' target: {wanted}", where
    yield from _parts(state, kind, at, language)


def _language_fault(holder: Mapping[str, Any], at: str, outer: str = "") -> Fault | None:
    language = holder.get("QueryLanguage", _LANGUAGES[0])
    where = f"{at}/QueryLanguage"
    if language not in _LANGUAGES:
        return SCHEMA, f"Value should be one of the following: [{', '.join(_LANGUAGES)}]", where
    if outer == "JSONata" and holder.get("QueryLanguage") == "JSONPath":
        text = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        return SCHEMA, text, where
    return None


def _fields(holder: Mapping[str, Any], kind: str, at: str, language: str) -> Iterator[Fault]:
    """A state's fields: those that it needs, those that exclude each other, and their values."""
    for names in _NEEDS.get(kind, ()):
        if not any(name in holder for name in names):
            yield _missing(" or ".join(names), at)
    for names in _ONE_OF:
        if sum(name in holder for name in names) > 1:
            text = f"There should only be one of the following fields: [{', '.join(names)}]"
            yield SCHEMA, text, at
    yield from _values(holder, at, language)
    if language == "JSONPath" and "Assign" in holder:
        yield _left_out("Assign outside of JSONata", at)


def _values(holder: Mapping[str, Any], at: str, language: str) -> Iterator[Fault]:
    other = next(one for one in _LANGUAGES if one != language) if language in _LANGUAGES else ""
    for name, value in holder.items():
        is_path = name.endswith("Path") and name != "Path"
        if name in _ONLY.get(other, ()) or (is_path and language == "JSONata"):
            text = (
                f"The QueryLanguage is set to '{language}', but field '{name}' is only supported "
                f"for the '{other}' QueryLanguage"
            )
            yield SCHEMA, text, at
        elif is_path and value is not None:
            yield from _path(name, value, at)
        if name in _LEAST and isinstance(value, int | float) and value < _LEAST[name]:
            yield SCHEMA, f"Minimum value is {_LEAST[name]}", f"{at}/{name}"
        if name in _LEFT_OUT:
            yield _left_out(name, at)
        if name in {"Parameters", "ResultSelector", "ItemSelector"} and language == "JSONPath":
            yield from _template(value, f"{at}/{name}")


def _path(name: str, value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        yield SCHEMA, f"The value for the field '{name}' must be a valid JSONPath", f"{at}/{name}"
    elif unknown := _unknown_intrinsic(value):
        yield SCHEMA, _NO_INTRINSIC.format(unknown, name), f"{at}/{name}"
    elif name == "ResultPath" and not _REFERENCE.fullmatch(value):
        yield SCHEMA, "Value is not a Reference Path", f"{at}/{name}"


def _template(value: Any, at: str) -> Iterator[Fault]:
    """What a payload template takes from the input: its names end with a dollar sign."""
    for name, one in value.items() if isinstance(value, dict) else enumerate(_listed(value)):
        if not str(name).endswith(".$"):
            yield from _template(one, f"{at}/{name}")
        elif not isinstance(one, str) or not _PATH.fullmatch(one):
            yield SCHEMA, f"The value for the field '{name}' must be a valid JSONPath", at
        elif unknown := _unknown_intrinsic(one):
            yield SCHEMA, _NO_INTRINSIC.format(unknown, name), at


_NO_INTRINSIC = "Unknown intrinsic function 'States.{}' in the field '{}'"


def _unknown_intrinsic(value: str) -> str:
    """The first function in an expression that Step Functions does not have."""
    called = _CALL.findall(_QUOTED.sub("", value)) if value.startswith("States.") else ()
    return next((name for name in called if name not in FUNCTIONS), "")


def _parts(state: Mapping[str, Any], kind: str, at: str, language: str) -> Iterator[Fault]:
    """What stands inside of a state: its resource, its errors, its rules, and other machines."""
    if kind == "Task" and "Resource" in state:
        given = state.get("Arguments") or state.get("Parameters")
        yield from _resource(str(state["Resource"]), given, f"{at}/Resource")
    moment = state.get("Timestamp", "")
    is_given = language == "JSONPath" and "Timestamp" in state
    if kind == "Wait" and is_given and not is_moment(moment):
        text = "Value is not a valid ISO-8601 timestamp"
        yield SCHEMA, text, f"{at}/Timestamp"
    for part in ("Retry", "Catch"):
        yield from _errors(_listed(state.get(part)), part, f"{at}/{part}", language)
    if kind == "Choice" and "Choices" in state:
        if not _listed(state["Choices"]):
            yield _missing("Choices with a rule", at)
        for number, rule in enumerate(_listed(state["Choices"])):
            yield from _rule(rule, f"{at}/Choices[{number}]", language, is_outer=True)
    config = (state.get("ItemReader") or {}).get("ReaderConfig") or {}
    if kind == "Map" and config.get("InputType", "JSON") not in _READ:
        yield _left_out(f"ItemReader's InputType {config['InputType']}", at)
    inner = [(part, state[part]) for part in ("ItemProcessor", "Iterator") if part in state]
    branches = enumerate(_listed(state.get("Branches")))
    for part, below in [*inner, *((f"Branches[{number}]", one) for number, one in branches)]:
        yield from _machine(below, f"{at}/{part}", language)


def is_moment(value: Any) -> bool:
    """Whether a value is a moment as a machine writes it."""
    return bool(_MOMENT.fullmatch(str(value)))


def _resource(arn: str, given: Any, at: str) -> Iterator[Fault]:
    """What a task calls: a function, an activity, or a service, and what it waits for."""
    called = arn.partition(":states:::")[2]
    name, dot, ending = called.partition(".")
    if not _ARN.fullmatch(arn):
        yield SCHEMA, "Value is not a valid resource ARN", at
    elif called.startswith("aws-sdk:"):
        lack = task_lack(called.removeprefix("aws-sdk:"), given)
        if not _SDK.fullmatch(called):
            yield SCHEMA, _UNKNOWN.format(arn), at
        elif lack:
            yield NOT_HERE, lack.message, at
    elif name in _ENDINGS:
        if dot and f".{ending}" not in _ENDINGS[name]:
            yield SCHEMA, _UNKNOWN.format(arn), at
    elif called or (":activity:" not in arn and not _FUNCTION.fullmatch(arn)):
        yield _left_out(f"a Task's Resource {arn}", at)


def _errors(given: Sequence[Any], part: str, at: str, language: str) -> Iterator[Fault]:
    """Retriers and catchers: States.ALL stands alone, and in the last of them."""
    for number, (one, following) in enumerate(pairwise([*given, None])):
        here = f"{at}[{number}]"
        if not isinstance(one, dict) or not _listed(one.get("ErrorEquals")):
            yield _missing("ErrorEquals", here)
            continue
        if part == "Catch" and "Next" not in one:
            yield _missing("Next", here)
        names = one["ErrorEquals"]
        if "States.ALL" in names and (len(names) > 1 or following is not None):
            text = "States.ALL must appear alone and at end of list"
            yield SCHEMA, text, f"{here}/ErrorEquals[{names.index('States.ALL')}]"
        if one.get("JitterStrategy", _JITTERS[0]) not in _JITTERS:
            text = f"Value should be one of the following: [{', '.join(_JITTERS)}]"
            yield SCHEMA, text, f"{here}/JitterStrategy"
        most = one.get("MaxDelaySeconds")
        if most is not None and most <= one.get("IntervalSeconds", 1):
            text = "MaxDelaySeconds must be greater than IntervalSeconds"
            yield SCHEMA, text, f"{here}/MaxDelaySeconds"
        yield from _values(one, here, language)


def _rule(rule: Any, at: str, language: str, *, is_outer: bool = False) -> Iterator[Fault]:
    if not isinstance(rule, dict):
        yield _missing("Variable", at)
        return
    yield from _values({name: one for name, one in rule.items() if name not in _OPERATORS}, at,
                       language)  # fmt: skip
    if is_outer and "Next" not in rule:
        yield _missing("Next", at)
    joined = next((name for name in _BOOLEANS if name in rule), "")
    if joined and language == "JSONPath":
        many = [rule[joined]] if joined == "Not" else _listed(rule[joined])
        for number, one in enumerate(many):
            yield from _rule(one, f"{at}/{joined}[{number}]", language)
    else:
        yield from _comparison(rule, at, language)


def _comparison(rule: Mapping[str, Any], at: str, language: str) -> Iterator[Fault]:
    compares = "Condition" if language == "JSONata" else "Variable"
    if compares not in rule:
        yield _missing(compares, at)
    if language == "JSONata":
        return
    compared = [name for name in rule if name in _OPERATORS]
    if len(compared) != 1:
        yield _missing("one comparison", at)
    for name in compared:
        if name in _UNKNOWN_HERE:
            yield _left_out(name, at)


def _missing(field: str, at: str) -> Fault:
    return SCHEMA, f"The field {field} is required", at or "/"


def _left_out(what: str, at: str) -> Fault:
    return NOT_HERE, they_lack(what), at or "/"


def they_lack(what: str) -> str:
    """Say that machines here lack something which AWS's have."""
    return f"This local cloud's state machines do not have {what}. {MAY}"
