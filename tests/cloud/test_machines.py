"""Step Functions: what is refused, and which error of a function a state may catch."""

from __future__ import annotations

import json
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from refusals import ARN, refusal

from serverless_tax.cloud.front.intrinsics import MACHINES
from serverless_tax.cloud.front.machine_retries import pause_s, retried
from serverless_tax.cloud.roles import trusted_by

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

END = {"Type": "Pass", "End": True}
PASS = {"StartAt": "A", "States": {"A": END}}


@pytest.fixture(scope="module")
def states(cloud: LocalCloud) -> Any:
    """A client that also makes the call that waits, which has a host of its own on AWS."""
    plain = Config(inject_host_prefix=False)
    return boto3.client("stepfunctions", config=plain, **cloud.boto3_kwargs)


@pytest.fixture(scope="module")
def role(cloud: LocalCloud) -> str:
    """A role for machines."""
    made = boto3.client("iam", **cloud.boto3_kwargs).create_role(
        RoleName="machines", AssumeRolePolicyDocument=trusted_by("states.amazonaws.com")
    )
    return str(made["Role"]["Arn"])


def leading(state: dict[str, Any], start: str = "A", **others: Any) -> str:
    """A machine that begins with a state."""
    return json.dumps({"StartAt": start, "States": {"A": state, **others}})


TASK = {"Type": "Task", "Resource": f"{ARN}f", "End": True}
GOING = {"Type": "Pass", "Next": "A"}
ALL = {"ErrorEquals": ["States.ALL"]}
SCHEMA, TARGET = "'SCHEMA_VALIDATION_FAILED: ", "'MISSING_TRANSITION_TARGET: "
BRANCH = {"Type": "Parallel", "End": True, "Branches": [{**PASS, "StartAt": "B"}]}


def asking(rule: dict[str, Any]) -> dict[str, Any]:
    """A state that chooses by a rule."""
    return {"Type": "Choice", "Choices": [{**rule, "Next": "E"}]}


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{bad", "'INVALID_JSON_DESCRIPTION: "),
        ("{}", f"{SCHEMA}The field States is required at /'"),
        (leading({"Type": "Pass", "Next": "B"}),
         (f"{TARGET}Missing 'Next' target: B at /States/A/Next, "
         "MISSING_END_STATE: Workflow has no terminal state at null'")),
        (leading(END, "B"), f"{TARGET}Missing 'StartAt' target: B at /StartAt'"),
        (leading({"Type": "Pass"}), f"{SCHEMA}The field Next or End is required"),
        (leading(BRANCH), f"{TARGET}Missing 'StartAt' target: B at /States/A/Branches[0]"),
        (leading(GOING), "'MISSING_END_STATE: Workflow has no terminal state at null'"),
        (leading(END, C=END), f'{TARGET}State "C" is not reachable. at /States/C\''),
        (leading({**END, "Type": "pass"}), f"{SCHEMA}Value should be one of the following: [Task,"),
        (leading({**END, "Seconds": 1}), f"{SCHEMA}Field 'Seconds' is not supported at /States/A'"),
        (leading({"Type": "Task", "End": True}), f"{SCHEMA}The field Resource is required"),
        (leading({**TASK, "Resource": "arn:aws:states:::lambda:invoke.sync"}),
         f"{SCHEMA}The resource provided arn:aws:states:::lambda:invoke.sync is not recognized."),
        (leading({**TASK, "Resource": "arn:aws:states:::dynamodb:getItem.waitForTaskToken"}),
         f"{SCHEMA}The resource provided arn:aws:states:::dynamodb:getItem.waitForTaskToken is"),
        (leading({**TASK, "Resource": "f"}),
         f"{SCHEMA}Value is not a valid resource ARN at /States/A/Resource'"),
        (leading({**TASK, "Retry": [{"MaxAttempts": 1}]}),
         f"{SCHEMA}The field ErrorEquals is required at /States/A/Retry[0]'"),
        (leading({**TASK, "Retry": [ALL, {"ErrorEquals": ["a"]}]}),
         (f"{SCHEMA}States.ALL must appear alone and at end of list at "
         "/States/A/Retry[0]/ErrorEquals[0]'")),
        (leading({**TASK, "Retry": [{**ALL, "MaxAttempts": -1}]}),
         f"{SCHEMA}Minimum value is 0 at /States/A/Retry[0]/MaxAttempts'"),
        (leading({**TASK, "Retry": [{**ALL, "JitterStrategy": "HALF"}]}),
         f"{SCHEMA}Value should be one of the following: [FULL, NONE] at /States/A/Retry[0]/J"),
        (leading({**TASK, "Retry": [{**ALL, "IntervalSeconds": 5, "MaxDelaySeconds": 5}]}),
         f"{SCHEMA}MaxDelaySeconds must be greater than IntervalSeconds at /States/A/Retry[0]"),
        (leading({**TASK, "Parameters": {"a": {"n.$": "foo"}}}),
         f"{SCHEMA}The value for the field 'n.$' must be a valid JSONPath at /States/A/Param"),
        (leading({**END, "ResultPath": "$.a[*]"}),
         f"{SCHEMA}Value is not a Reference Path at /States/A/ResultPath'"),
        (leading({**END, "InputPath": "a"}),
         f"{SCHEMA}The value for the field 'InputPath' must be a valid JSONPath"),
        (leading({**END, "QueryLanguage": "SQL"}),
         (f"{SCHEMA}Value should be one of the following: [JSONPath, JSONata] at "
         "/States/A/QueryLanguage'")),
        (leading({**END, "QueryLanguage": "JSONata", "ResultPath": "$.a"}),
         (f"{SCHEMA}The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only "
         "supported for the 'JSONPath' QueryLanguage at /States/A'")),
        (leading({**TASK, "Arguments": {}}),
         (f"{SCHEMA}The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only "
         "supported for the 'JSONata' QueryLanguage at /States/A'")),
        (leading({**END, "QueryLanguage": "JSONata", "Output": "{% 1 + %}"}),
         "'INVALID_JSONATA_EXPRESSION: "),
        (leading({"Type": "Wait", "Seconds": 1, "Timestamp": "2030-01-01T00:00:00Z", "End": True}),
         f"{SCHEMA}There should only be one of the following fields: [Seconds, SecondsPath,"),
        (leading({"Type": "Wait", "End": True}), f"{SCHEMA}The field Seconds or SecondsPath or"),
        (leading(asking({"StringEquals": "a"}), E=END), f"{SCHEMA}The field Variable is required"),
        (leading(asking({"Variable": "$.a"}), E=END), f"{SCHEMA}The field one comparison is req"),
        (leading({"Type": "Wait", "Timestamp": "soon", "End": True}),
         f"{SCHEMA}Value is not a valid ISO-8601 timestamp at /States/A/Timestamp'"),
        (leading({**END, "Parameters": {"a.$": "States.Format('{}', States.Nope($))"}}),
         f"{SCHEMA}Unknown intrinsic function 'States.Nope' in the field 'a.$'"),
        (leading({"Type": "Map", "End": True}), f"{SCHEMA}The field ItemProcessor or Iterator is"),
    ],
)  # fmt: skip
def test_a_broken_definition_is_refused(
    states: Any, role: str, definition: str, words: str
) -> None:
    """With the place in it; of a new machine, of a changed one, and of a text that is looked at."""
    arn = states.create_state_machine(name="good", definition=json.dumps(PASS), roleArn=role)
    changes = {"stateMachineArn": arn["stateMachineArn"], "definition": definition}
    created = {"name": "broken", "definition": definition, "roleArn": role}
    for call, asked in (
        (states.create_state_machine, created), (states.update_state_machine, changes)
    ):  # fmt: skip
        code, status, text = refusal(call, **asked)
        assert (code, status) == ("InvalidDefinition", 400)
        assert text.startswith(f"Invalid State Machine Definition: {words}")
    said = states.validate_state_machine_definition(definition=definition)
    assert said["result"] == "FAIL"
    assert words.startswith(f"'{said['diagnostics'][0]['code']}: ")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({**TASK, "HeartbeatSeconds": 9}, "do not have HeartbeatSeconds"),
        ({**TASK, "Resource": "arn:aws:states:::bedrock:invokeModel"}, "bedrock:invokeModel"),
        ({**TASK, "Resource": "arn:aws:states:::ecs:runTask.sync"}, "ecs:runTask"),
        ({**TASK, "Resource": "arn:aws:states:::aws-sdk:ec2:runInstances"}, "service 'ec2'"),
        ({**TASK, "Resource": "arn:aws:states:::aws-sdk:s3:putBucketLogging"}, "access logs"),
        ({**TASK, "Resource": "arn:aws:states:::aws-sdk:lambda:createFunction"}, "such tasks"),
        (
            {
                **TASK,
                "Resource": "arn:aws:states:::aws-sdk:sns:createTopic",
                "Parameters": {"Name": "a", "TracingConfig": "Active"},
            },
            "traces",
        ),
        ({**TASK, "Resource": "arn:aws:batch:us-east-1:000000000000:job/a"}, "batch"),
        ({**END, "Assign": {"a": 1}}, "Assign outside of JSONata"),
        (asking({"Variable": "$.a", "TimestampEqualsPath": "$.b"}), "TimestampEqualsPath"),
        ({"Type": "Map", "End": True, "ItemProcessor": PASS, "ItemBatcher": {}}, "ItemBatcher"),
    ],
)
def test_what_a_machine_would_leave_out_is_refused(
    states: Any, role: str, state: dict[str, Any], words: str
) -> None:
    """In a text that names this cloud."""
    asked = {"name": "less", "definition": leading(state, E=END), "roleArn": role}
    if "Choices" not in state:
        asked["definition"] = leading(state)
    code, _, text = refusal(states.create_state_machine, **asked)
    assert code == "ValidationException"
    assert words in text
    assert "AWS would accept this request." in text


def test_a_machine_of_every_kind_of_state_is_made(states: Any, role: str) -> None:
    """In both languages."""
    retry = [{"ErrorEquals": ["a"], "MaxAttempts": 0}, {**ALL, "BackoffRate": 2.0}]
    catch = [{**ALL, "Next": "Bad", "ResultPath": "$.error"}]
    told = {"a.$": "$.b[0]", "b.$": "$$.Execution.Id", "c.$": "States.Format('{}', $.d)"}
    both = {"Variable": "$.a", "IsPresent": True}
    plain = {
        "A": {**TASK, "Parameters": told, "Retry": retry, "Catch": catch, "TimeoutSeconds": 5,
              "ResultPath": "$['b c'][0].d", "OutputPath": "$", "InputPath": None},
        "B": {"Type": "Wait", "SecondsPath": "$.s", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"And": [both, {"Not": both}], "Next": "D"}],
              "Default": "F"},
        "D": {"Type": "Map", "ItemProcessor": PASS, "MaxConcurrency": 1, "Next": "E"},
        "E": {"Type": "Parallel", "Branches": [PASS], "Next": "F"},
        "F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
              "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}},
              "Next": "Good"},
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "ErrorPath": "$.error", "Cause": "no"},
    }  # fmt: skip
    del plain["A"]["End"]
    plain["A"]["Next"] = "B"
    newer = {
        "A": {"Type": "Task", "Resource": f"{ARN}f", "Arguments": {"a": "{% $states.input %}"},
              "Assign": {"b": "{% 1 %}"}, "Output": "{% $b %}", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Condition": "{% $b = 1 %}", "Next": "C"}],
              "Default": "C"},
        "C": {"Type": "Map", "Items": "{% [1] %}", "ItemProcessor": PASS, "End": True},
    }  # fmt: skip
    for name, given in (("JSONPath", plain), ("JSONata", newer)):
        whole = json.dumps({"QueryLanguage": name, "StartAt": "A", "States": given})
        said = states.validate_state_machine_definition(definition=whole)
        assert (said["result"], said["diagnostics"]) == ("OK", [])
        made = states.create_state_machine(name=name, definition=whole, roleArn=role)
        states.delete_state_machine(stateMachineArn=made["stateMachineArn"])


@pytest.mark.parametrize("name", ["none", "test"])
def test_a_machine_needs_a_role_that_it_may_assume(states: Any, name: str) -> None:
    """Lambda's is no machine's."""
    asked = {"name": "roleless", "definition": json.dumps(PASS)}
    arn = f"arn:aws:iam::000000000000:role/{name}"
    code, _, text = refusal(states.create_state_machine, **asked, roleArn=arn)
    assert (code, text.partition(",")[0]) == (
        "AccessDeniedException",
        "Neither the global service principal states.amazonaws.com",
    )


def test_an_input_is_json(states: Any, role: str) -> None:
    """Also of the call that waits."""
    made = states.create_state_machine(
        name="express", definition=json.dumps(PASS), roleArn=role, type="EXPRESS"
    )
    asked = {"stateMachineArn": made["stateMachineArn"], "input": "{bad"}
    for call in (states.start_execution, states.start_sync_execution):
        assert refusal(call, **asked)[0] == "InvalidExecutionInput"


def test_nothing_is_told_of_an_express_execution(states: Any, role: str) -> None:
    """Its ARN is of a kind that the calls about executions do not take."""
    made = states.create_state_machine(
        name="quick", definition=json.dumps(PASS), roleArn=role, type="EXPRESS"
    )
    asked = {"stateMachineArn": made["stateMachineArn"]}
    for arn in (
        states.start_execution(**asked)["executionArn"],
        states.start_sync_execution(**asked)["executionArn"],
    ):
        assert arn.startswith("arn:aws:states:us-east-1:000000000000:express:quick:")
        for call in (
            states.describe_execution, states.get_execution_history, states.stop_execution,
        ):  # fmt: skip
            assert refusal(call, executionArn=arn) == (
                "InvalidArn",
                400,
                "Invalid Arn: 'Resource type not valid in this context: express'",
            )
    assert refusal(states.list_executions, **asked)[0] == "StateMachineTypeNotSupported"


def test_an_express_execution_knows_its_own_arn(states: Any, role: str) -> None:
    """That which its caller is told; its name may be used again."""
    told = {"Type": "Pass", "Parameters": {"own.$": "$$.Execution.Id"}, "End": True}
    definition = json.dumps({"StartAt": "Told", "States": {"Told": told}})
    made = states.create_state_machine(
        name="knows", definition=definition, roleArn=role, type="EXPRESS"
    )
    asked = {"stateMachineArn": made["stateMachineArn"], "name": "again"}
    ran = [states.start_sync_execution(**asked) for _ in range(2)]
    arns = [one["executionArn"] for one in ran]
    assert [json.loads(one["output"])["own"] for one in ran] == arns
    assert len({*arns, states.start_execution(**asked)["executionArn"]}) == 3


@pytest.mark.parametrize(
    ("retrier", "before", "seconds"),
    [
        ({}, 0, 1.0), ({}, 2, 4.0), ({"IntervalSeconds": 90}, 0, 90.0),
        ({"IntervalSeconds": 50, "BackoffRate": 3}, 2, 450.0),
        ({"IntervalSeconds": 50, "MaxDelaySeconds": 120}, 5, 120.0),
    ],
)  # fmt: skip
def test_a_retry_waits_as_long_as_its_machine_says(
    monkeypatch: pytest.MonkeyPatch, retrier: dict[str, Any], before: int, seconds: float
) -> None:
    """Longer than a minute too, up to its own limit; with full jitter for any part of that."""
    slept: list[float] = []
    monkeypatch.setattr(import_module(MACHINES), "_scaled_sleep", slept.append)
    find = retried(lambda *_: (retrier, 0))
    assert find([retrier], "E", {0: before}) == ({**retrier, "IntervalSeconds": 0}, 0)
    assert slept == [seconds]
    jittered = {**retrier, "JitterStrategy": "FULL"}
    waits = [pause_s(jittered, before) for _ in range(50)]
    assert len({*waits}) == 50
    assert all(0 <= one <= seconds for one in waits)


def test_a_handlers_error_is_caught_by_its_name(states: Any, role: str, deploy: Any) -> None:
    """Retried once, then caught, with what the function said as the cause."""
    function = deploy("def handler(event, context): raise ValueError('no')")
    retry = {"ErrorEquals": ["ValueError"], "MaxAttempts": 1, "JitterStrategy": "FULL"}
    catch = {"ErrorEquals": ["ValueError"], "Next": "B"}
    task = {"Type": "Task", "Resource": ARN + function.name, "Retry": [retry], "Catch": [catch]}
    both = {"A": {**task, "End": True}, "B": {"Type": "Pass", "End": True}}
    made = states.create_state_machine(
        name="catching",
        definition=json.dumps({"StartAt": "A", "States": both}),
        roleArn=role,
        type="EXPRESS",
    )
    done = states.start_sync_execution(stateMachineArn=made["stateMachineArn"])
    said = json.loads(done.get("output") or "{}")
    assert (done["status"], said.get("Error")) == ("SUCCEEDED", "ValueError")
    assert json.loads(said["Cause"])["errorMessage"] == "no"
    definition = leading({**TASK, "Resource": f"{ARN}none"})
    states.update_state_machine(stateMachineArn=made["stateMachineArn"], definition=definition)
    done = states.start_sync_execution(stateMachineArn=made["stateMachineArn"])
    assert done["error"] == "Lambda.ResourceNotFoundException"
    absent = f"Function not found: {ARN}none (Service: Lambda, Status Code: 404, Request ID: "
    assert done["cause"].startswith(absent)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({**END, "InputPath": "$.no"}, "States.Runtime"),
        ({**END, "OutputPath": "$.no"}, "States.Runtime"),
        ({**END, "Parameters": {"x.$": "$.no.more"}}, "States.ParameterPathFailure"),
        ({**END, "Parameters": {"x.$": "States.Format('{}', $.a[0])"}},
         "States.ParameterPathFailure"),
        ({"Type": "Parallel", "Branches": [PASS], "ResultSelector": {"x.$": "$[1]"}, "End": True,
          "Catch": [{**ALL, "Next": "E"}]}, "States.Runtime"),
        ({"Type": "Map", "ItemsPath": "$.no", "ItemProcessor": PASS, "End": True},
         "States.Runtime"),
        ({"Type": "Wait", "SecondsPath": "$.no", "End": True}, "States.Runtime"),
        ({"Type": "Wait", "SecondsPath": "$.null", "End": True}, "States.Runtime"),
        ({"Type": "Wait", "SecondsPath": "$.b", "End": True}, "States.Runtime"),
        ({"Type": "Wait", "TimestampPath": "$.a", "End": True}, "States.Runtime"),
        (asking({"Variable": "$.no", "StringEquals": "a"}), "States.Runtime"),
        (asking({"Variable": "$.no", "IsPresent": False}), None),
        (asking({"Not": {"Variable": "$.null", "IsPresent": False}}), None),
        ({**END, "Parameters": {"x.$": "$.null", "y.$": "$.a", "z.$": "$[*]"}}, None),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_fails_its_execution(
    states: Any, role: str, state: dict[str, Any], error: str | None
) -> None:
    """It is no null, which a value may be."""
    used = "Choices" in state or "Catch" in state
    made = states.create_state_machine(
        name="nowhere", definition=leading(state, **({"E": END} if used else {})), roleArn=role,
        type="EXPRESS",
    )["stateMachineArn"]  # fmt: skip
    given = json.dumps({"a": 1, "b": -1, "null": None})
    done = states.start_sync_execution(stateMachineArn=made, input=given)
    states.delete_state_machine(stateMachineArn=made)
    assert (done["status"], done.get("error")) == ("FAILED" if error else "SUCCEEDED", error)
    assert ("output" in done) == (error is None)


def ended(states: Any, machine: str, given: str = "{}") -> dict[str, Any]:
    """An execution of a standard machine, which nobody waits for, when it has ended."""
    execution = states.start_execution(stateMachineArn=machine, input=given)["executionArn"]
    until = time.monotonic() + 60
    while (done := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < until
        time.sleep(0.05)
    return dict(done)


def test_a_machine_waits_for_another(states: Any, role: str) -> None:
    """For a standard one; its failure is the task's, and tells of it."""
    failing = asking({"Variable": "$.a", "NumericEquals": 1})
    inner = leading(failing, E={"Type": "Fail", "Error": "Own", "Cause": "c"})
    made = [
        states.create_state_machine(name=name, definition=definition, roleArn=role)
        for name, definition in (("inner", leading(END)), ("failing", inner))
    ]
    done = []
    for one in made:
        asked = {"StateMachineArn": one["stateMachineArn"], "Input": {"a": 1}}
        task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": asked, "End": True}  # fmt: skip
        outer = states.create_state_machine(
            name=f"waits{len(done)}", definition=leading(task), roleArn=role
        )
        done.append(ended(states, outer["stateMachineArn"]))
    assert json.loads(done[0]["output"])["Output"] == {"a": 1}
    assert (done[1]["status"], done[1]["error"]) == ("FAILED", "States.TaskFailed")
    told = json.loads(done[1]["cause"])
    assert (told["Status"], told["Error"], told["Cause"]) == ("FAILED", "Own", "c")
    assert "output" not in done[1]


def test_a_machine_of_jsonata_ends_with_its_output(states: Any, role: str) -> None:
    """Also one inside of another."""
    last = {"Type": "Succeed", "Output": {"b": "{% $states.input.a + 1 %}"}}
    branch = {"StartAt": "B", "States": {"B": last}}
    both = {"Type": "Parallel", "Branches": [branch], "Next": "E"}
    text = leading(both, E={"Type": "Succeed", "Output": "{% $states.input[0].b * 2 %}"})
    definition = json.dumps({"QueryLanguage": "JSONata", **json.loads(text)})
    made = states.create_state_machine(name="telling", definition=definition, roleArn=role)
    assert ended(states, made["stateMachineArn"], '{"a": 20}')["output"] == "42"


def test_a_machines_type_decides_what_it_may_do(states: Any, role: str) -> None:
    """An express one does not wait for others, and nobody waits for a standard one."""
    asked = {"name": "typed", "roleArn": role, "definition": json.dumps(PASS)}
    code, _, text = refusal(states.create_state_machine, **asked, type="FOO")
    assert code == "ValidationException"
    assert "Member must satisfy enum value set: [STANDARD, EXPRESS]" in text
    made = states.create_state_machine(**asked)["stateMachineArn"]
    called = refusal(states.start_sync_execution, stateMachineArn=made)
    assert called[0] == "StateMachineTypeNotSupported"
    waiting = leading({**TASK, "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"})
    changed = {**asked, "definition": waiting, "type": "EXPRESS"}
    assert refusal(states.create_state_machine, **changed)[0] == "InvalidDefinition"


@pytest.mark.parametrize(
    "setting",
    [
        {"loggingConfiguration": {"level": "ALL"}},
        {"tracingConfiguration": {"enabled": True}},
        {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "a"}},
    ],
)
def test_a_machines_settings_are_refused(states: Any, role: str, setting: dict[str, Any]) -> None:
    """Nothing would come of them here."""
    asked = {"name": "set", "roleArn": role, "definition": json.dumps(PASS)}
    code, _, text = refusal(states.create_state_machine, **asked, **setting)
    assert code == "ValidationException"
    assert text.startswith("This local cloud has no ")
    assert f"({next(iter(setting))}" in text


def test_what_a_machine_passes_on_has_a_limit(states: Any, role: str, deploy: Any) -> None:
    """256 KB, of an input and of a result; only a catcher that names the error takes it."""
    function = deploy("def handler(event, context): return 'a' * event['n']")
    catch = {"ResultPath": "$.error", "Next": "B"}
    task = {"Type": "Task", "Resource": ARN + function.name, "End": True}
    task["Catch"] = [{**catch, "ErrorEquals": ["States.ALL"]}]
    after = {"Type": "Pass", "Result": "caught", "End": True}
    for error_equals, wanted in (
        ("States.ALL", "FAILED"),
        ("States.DataLimitExceeded", "SUCCEEDED"),
    ):
        task["Catch"] = [{**catch, "ErrorEquals": [error_equals]}]
        definition = json.dumps({"StartAt": "A", "States": {"A": task, "B": after}})
        made = states.create_state_machine(
            name=f"large-{wanted}", definition=definition, roleArn=role, type="EXPRESS"
        )["stateMachineArn"]
        large = states.start_sync_execution(stateMachineArn=made, input='{"n": 262144}')
        assert large["status"] == wanted
        assert wanted == "SUCCEEDED" or large["error"] == "States.DataLimitExceeded"
        small = states.start_sync_execution(stateMachineArn=made, input='{"n": 262142}')
        assert len(small["output"]) == 262_144
        asked = {"stateMachineArn": made, "input": json.dumps("a" * 262_143)}
        assert "less than or equal to 262144" in refusal(states.start_sync_execution, **asked)[2]
        states.delete_state_machine(stateMachineArn=made)


TWICE = {"a.$": "$.x", "b.$": "$.x"}
BOTH = "{% {'a': $states.input.x, 'b': $states.input.x} %}"


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Parameters": TWICE},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": BOTH},
        {"Type": "Parallel", "Branches": [PASS, PASS]},
        {"Type": "Map", "ItemsPath": "$.both", "ItemSelector": TWICE, "ItemProcessor": PASS},
    ],
    ids=["Pass", "JSONata", "Parallel", "Map"],
)
def test_what_no_function_made_has_the_limit_too(
    states: Any, role: str, state: dict[str, Any]
) -> None:
    """Twice a half and a little is too much; twice less than a half is not."""
    definition = json.dumps({"StartAt": "A", "States": {"A": {**state, "End": True}}})
    made = states.create_state_machine(
        name="grows", definition=definition, roleArn=role, type="EXPRESS"
    )["stateMachineArn"]
    for size, status in ((60_000, "SUCCEEDED"), (131_080, "FAILED")):
        asked = json.dumps({"x": "a" * size, "both": [1]})
        done = states.start_sync_execution(stateMachineArn=made, input=asked)
        assert done["status"] == status
    assert done["error"] == "States.DataLimitExceeded"
    assert done["cause"].startswith("The state/task 'A' returned a result with a size exceeding")
    states.delete_state_machine(stateMachineArn=made)
