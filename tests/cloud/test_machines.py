"""Step Functions: what is refused, and which error of a function a state may catch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from refusals import ARN, refusal

from serverless_tax.cloud.roles import trusted_by

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


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


def leading(state: dict[str, Any], start: str = "A") -> str:
    """A machine of one state."""
    return json.dumps({"StartAt": start, "States": {"A": state}})


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{bad", "'INVALID_JSON_DESCRIPTION: "),
        ("{}", "'SCHEMA_VALIDATION_FAILED: The field States is required at /'"),
        (leading({"Type": "Pass", "Next": "B"}),
         "'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next'"),
        (leading({"Type": "Pass", "End": True}, "B"),
         "'MISSING_TRANSITION_TARGET: Missing 'StartAt' target: B at /StartAt'"),
        (leading({"Type": "Pass"}), "'SCHEMA_VALIDATION_FAILED: The field Next or End is required"),
        (leading({"Type": "Parallel", "End": True, "Branches": [{**PASS, "StartAt": "B"}]}),
         "'MISSING_TRANSITION_TARGET: Missing 'StartAt' target: B at /States/A/Branches[0]"),
    ],
)  # fmt: skip
def test_a_broken_definition_is_refused(
    states: Any, role: str, definition: str, words: str
) -> None:
    """With the place in it; of a new machine and of a changed one."""
    arn = states.create_state_machine(name="good", definition=json.dumps(PASS), roleArn=role)
    changes = {"stateMachineArn": arn["stateMachineArn"], "definition": definition}
    created = {"name": "broken", "definition": definition, "roleArn": role}
    for call, asked in (
        (states.create_state_machine, created), (states.update_state_machine, changes)
    ):  # fmt: skip
        code, status, text = refusal(call, **asked)
        assert (code, status) == ("InvalidDefinition", 400)
        assert text.startswith(f"Invalid State Machine Definition: {words}")


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


def test_a_handlers_error_is_caught_by_its_name(states: Any, role: str, deploy: Any) -> None:
    """Retried once, then caught, with what the function said as the cause."""
    function = deploy("def handler(event, context): raise ValueError('no')")
    retry = {"ErrorEquals": ["ValueError"], "MaxAttempts": 1, "IntervalSeconds": 1}
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
