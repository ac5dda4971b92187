"""Intrinsic functions in a machine's parameters: their values, and what they fail at."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from shapes import client_of

from serverless_tax.cloud.roles import trusted_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_tax.cloud import LocalCloud

GIVEN = {"text": "x", "n": 5, "object": {"p": 1}, "list": [1, 2, 3, 3, True]}
VALUES = {
    "Format('Hi {} {} {} \\{\\}', $.text, true, $.object)": 'Hi x true {"p": 1} {}',
    "StringToJson('[1]')": [1],
    "JsonToString($.object)": '{"p":1}',
    "JsonMerge($.object, StringToJson('{\"q\":2}'), false)": {"p": 1, "q": 2},
    "ArrayPartition($.list, 3)": [[1, 2, 3], [3, True]],
    "ArrayContains($.list, 2)": True,
    "ArrayUnique($.list)": [1, 2, 3, True],
    "ArrayRange(9, 1, -2)": [9, 7, 5, 3, 1],
    "ArrayGetItem($.list, 1)": 2,
    "ArrayLength($.list)": 5,
    "Base64Encode($.text)": "eA==",
    "Base64Decode('eA')": "x",
    "Hash($.text, 'MD5')": "9dd4e461268c8034f5c8564e155c67a6",
    "StringSplit('a,b;;c', ',;')": ["a", "b", "c"],
    "MathAdd($.n, -1)": 4,
    "MathRandom(7, 8)": 7,
    "Array(MathAdd($.n, 1), $.text)": [6, "x"],
}
FAILURES = {
    "Format('{} {}', $.text)": "2 places in the template, and 1 values.",
    "StringToJson($.text)": "Expecting value",
    "JsonMerge($.object, $.object, true)": "it merges the first level alone.",
    "ArrayRange(1, 2000, 1)": "an array has up to 1,000 items here.",
    "ArrayGetItem($.list, -1)": "the array has 5 items, and no index -1.",
    "ArrayPartition($.list, 0)": "the size of a part is more than 0.",
    "ArrayLength($.text)": '"x" is no array.',
    "Hash($.text, 'MD9')": "one of MD5, SHA-1, SHA-256, SHA-384, SHA-512.",
    "MathAdd($.text, 1)": '"x" is no number.',
    "MathAdd(1)": "it does not take 1 arguments.",
    "MathRandom(1, 1)": "which is excluded, is more than the start.",
}


@pytest.fixture(scope="module")
def evaluated(cloud: LocalCloud) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Return a function: how an execution of one state ends."""
    states, iam = (client_of(cloud, name) for name in ("stepfunctions", "iam"))
    trust = trusted_by("states.amazonaws.com")
    role = iam.create_role(RoleName="counting", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def run(state: dict[str, Any]) -> dict[str, Any]:
        every = {"A": state, "B": {"Type": "Pass", "End": True}}
        own = {"A": state} if "Catch" not in state else every
        made = states.create_state_machine(
            name=f"counting-{uuid.uuid4().hex[:8]}",
            definition=json.dumps({"StartAt": "A", "States": own}),
            roleArn=role,
            type="EXPRESS",
        )["stateMachineArn"]
        done = states.start_sync_execution(stateMachineArn=made, input=json.dumps(GIVEN))
        states.delete_state_machine(stateMachineArn=made)
        return dict(done)

    yield run
    iam.delete_role(RoleName="counting")


def called(expression: str) -> str:
    """An expression with the name that each function has in a machine."""
    names = (name.partition("(")[0] for name in [*VALUES, "StringToJson("])
    for name in {*names}:
        expression = expression.replace(f"{name}(", f"States.{name}(")
    return expression


def test_each_function_has_its_value(
    evaluated: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """All at once; a random number with a seed is the same each time."""
    asked = {f"{at}.$": called(one) for at, one in enumerate(VALUES)}
    seeded = {f"{name}.$": "States.MathRandom(1, 1000000, 7)" for name in ("once", "twice")}
    done = evaluated({"Type": "Pass", "Parameters": {**asked, **seeded}, "End": True})
    got = json.loads(done["output"])
    assert got.pop("once") == got.pop("twice")
    assert json.dumps([*got.values()]) == json.dumps([*VALUES.values()])


@pytest.mark.parametrize("expression", FAILURES)
def test_what_a_function_cannot_do_fails_by_name(
    evaluated: Callable[[dict[str, Any]], dict[str, Any]], expression: str
) -> None:
    """It gave a value, or Python's words under another name."""
    given = {"x.$": called(expression)}
    done = evaluated({"Type": "Pass", "Parameters": given, "End": True})
    assert (done["status"], done["error"]) == ("FAILED", "States.IntrinsicFailure")
    assert FAILURES[expression] in done["cause"]


@pytest.mark.parametrize(
    ("given", "error"),
    [("$.no", "States.ParameterPathFailure"), ("States.MathAdd(1)", "States.IntrinsicFailure")],
)
def test_a_task_catches_what_its_parameters_fail_at(
    evaluated: Callable[[dict[str, Any]], dict[str, Any]], given: str, error: str
) -> None:
    """By its name, as what the call itself would fail at."""
    catch = [{"ErrorEquals": [error], "Next": "B"}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    done = evaluated({**task, "Parameters": {"MessageBody.$": given}, "Catch": catch})
    assert done["status"] == "SUCCEEDED"
    assert json.loads(done["output"])["Error"] == error
