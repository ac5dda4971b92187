"""Templates as deployment tools send them, SAM's among them: a change set, executed."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sam_template import sam_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_tax.cloud import LocalCloud


def until(look: Callable[[], Any], begins: str) -> Any:
    """Look until the status begins so."""
    for _ in range(400):
        found = look()
        status = str(found.get("StackStatus") or found["Status"])
        if not status.endswith(("PENDING", "IN_PROGRESS", "CLEANUP_IN_PROGRESS")):
            assert status.startswith(begins), found
            return found
        time.sleep(0.05)
    pytest.fail("no end after 20 s")


def deploy(client: Any, kind: str, template: str) -> str:
    """Send a change set and execute it; return the API's address."""
    stack = {"StackName": "sam"}
    change = {**stack, "ChangeSetName": f"sam-{kind.lower()}"}
    client.create_change_set(
        **change,
        ChangeSetType=kind,
        TemplateBody=template,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    until(lambda: client.describe_change_set(**change), "CREATE_COMPLETE")
    client.execute_change_set(**change)
    done = until(lambda: client.describe_stacks(**stack)["Stacks"][0], f"{kind}_COMPLETE")
    return str(done["Outputs"][0]["OutputValue"])


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> Any:
    """A client of CloudFormation."""
    return boto3.client("cloudformation", **cloud.boto3_kwargs)


PLAIN = """
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: arn:aws:iam::000000000000:role/test
      Timeout: '9'
      Code:
        ZipFile: 'def handler(event, context): return 1'
      MORE
  Version:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: !Ref Function}
  Alias:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref Function
      FunctionVersion: !GetAtt Version.Version
      Name: live
      WEIGHTS
Outputs:
  Name: {Value: !Ref Function}
"""


WEIGHTED = "RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: 2, FunctionWeight: 0.1}]}"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("python3.13", "banana", "Value banana at 'runtime'"),
        ("'9'", "'901'", "Value '901' at 'timeout'"),
        ("MORE", "Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:a:1']", "has no layers"),
        ("WEIGHTS", WEIGHTED, "every request of an alias to one version"),
    ],
)
def test_a_stack_fails_where_lambdas_api_would_refuse(
    client: Any, old: str, new: str, why: str
) -> None:
    """With the same sentence in its events; a template is no way around the checks."""
    template = PLAIN.replace(old, new).replace("MORE", "").replace("WEIGHTS", "")
    client.create_stack(StackName="refused", TemplateBody=template)
    until(lambda: client.describe_stacks(StackName="refused")["Stacks"][0], "ROLLBACK")
    said = client.describe_stack_events(StackName="refused")["StackEvents"]
    assert any(why in one.get("ResourceStatusReason", "") for one in said)
    client.delete_stack(StackName="refused")


MACHINE = """
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/test
      Definition: {StartAt: A, States: {A: {Type: Pass, NEXT}}}
"""


@pytest.mark.parametrize(
    ("then", "why"),
    [("Next: B", "MISSING_TRANSITION_TARGET"), ("End: true", "states.amazonaws.com, nor the")],
)
def test_a_machine_of_a_template_is_looked_at(client: Any, then: str, why: str) -> None:
    """As CreateStateMachine looks at it, and at its role."""
    client.create_stack(StackName="machine", TemplateBody=MACHINE.replace("NEXT", then))
    until(lambda: client.describe_stacks(StackName="machine")["Stacks"][0], "ROLLBACK")
    said = client.describe_stack_events(StackName="machine")["StackEvents"]
    assert any(why in one.get("ResourceStatusReason", "") for one in said)
    client.delete_stack(StackName="machine")


TZ = {"ScheduleExpression": "rate(1 minute)", "ScheduleExpressionTimezone": "Europe/Berlin"}
PIPE = {"RoleArn": "r", "Source": "arn:aws:sqs:us-east-1:000000000000:q", "Target": "t"}
NOBODY = {"FunctionName": "nobody", "Action": "lambda:InvokeFunction", "Principal": "*"}


@pytest.mark.parametrize(
    ("kind", "properties", "why"),
    [
        ("Lambda::Function", {"MemmorySize": 128}, "extraneous key [MemmorySize] is"),
        ("Lambda::Permission", NOBODY, "The function doesn't exist."),
        ("Lambda::Url", {"TargetFunctionArn": "f", "AuthType": "BASIC"}, "Value 'BASIC' at"),
        ("Lambda::Url",
         {"TargetFunctionArn": "f", "AuthType": "NONE", "Cors": {"AllowMethods": ["FETCH"]}},
         "unlike FETCH"),
        ("IAM::User", {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/None"]},
         "policy/None does not exist or is not attachable."),
        ("Lambda::EventInvokeConfig",
         {"FunctionName": "f", "Qualifier": "$LATEST", "MaximumRetryAttempts": "7"}, "Value '7'"),
        ("Events::Rule", {"ScheduleExpression": "rate(1 minutes)"}, "ScheduleExpression is not"),
        ("Scheduler::Schedule", TZ, "schedules are in UTC"),
        ("EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "does not have the service 'EC2'. AWS does."),
        ("RDS::DBInstance", {"Engine": "postgres"}, "does not have the service 'RDS'. AWS does."),
        ("SQS::Queue", {"Tags": [{"Key": "aws:own", "Value": "1"}]}, "aws: prefixed tag key"),
        ("Pipes::Pipe", PIPE, "pipes lead from a DynamoDB stream"),
        ("SNS::Topic", {"Subscription": [{"Protocol": "email", "Endpoint": "a@b.example"}]},
         "no messages by email"),
        ("ApiGatewayV2::Api", {"Name": "a", "ProtocolType": "FTP"}, "Invalid protocol specified"),
        ("ApiGatewayV2::Stage", {"ApiId": "a", "StageName": "a/b"}, "Stage name only allows"),
    ],
)  # fmt: skip
def test_a_resource_is_looked_at_as_its_service_would(
    client: Any, kind: str, properties: dict[str, Any], why: str
) -> None:
    """Of every service that a workshop deploys."""
    resource = {"Type": f"AWS::{kind}", "Properties": properties}
    template = json.dumps({"Resources": {"One": resource}})
    rights = ["CAPABILITY_IAM"]
    client.create_stack(StackName="looked-at", TemplateBody=template, Capabilities=rights)
    until(lambda: client.describe_stacks(StackName="looked-at")["Stacks"][0], "ROLLBACK")
    said = client.describe_stack_events(StackName="looked-at")["StackEvents"]
    assert any(why in one.get("ResourceStatusReason", "") for one in said)
    client.delete_stack(StackName="looked-at")


def test_a_function_is_as_its_template_says(cloud: LocalCloud) -> None:
    """It is durable; numbers and words are what the API has for them."""
    client, lambda_ = (
        boto3.client(name, **cloud.boto3_kwargs) for name in ("cloudformation", "lambda")
    )
    more = "DurableConfig: {ExecutionTimeout: '60'}\n      EphemeralStorage: {Size: '512'}\n"
    more += "      Environment: {Variables: {PORT: 8080, IS_ON: true}}"
    template = PLAIN.replace("MORE", more).replace("WEIGHTS", "")
    client.create_stack(StackName="durable", TemplateBody=template)
    made = until(
        lambda: client.describe_stacks(StackName="durable")["Stacks"][0], "CREATE_COMPLETE"
    )
    name = made["Outputs"][0]["OutputValue"]
    told = lambda_.get_function_configuration(FunctionName=name)
    assert told["DurableConfig"] == {"ExecutionTimeout": 60}
    assert told["Environment"] == {"Variables": {"PORT": "8080", "IS_ON": "true"}}
    with pytest.raises(ClientError, match="unqualified ARN"):
        lambda_.invoke(FunctionName=name)
    client.delete_stack(StackName="durable")


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("samtranslator") is None, reason="aws-sam-translator is not installed"
)
def test_a_template_of_sam_becomes_an_api_that_answers(cloud: LocalCloud) -> None:
    """Both routes lead to the function; a changed template moves one of them."""
    client = boto3.client("cloudformation", **cloud.boto3_kwargs)

    def get(url: str, path: str) -> Any:
        asked = cloud.local_url(url) + path
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    url = deploy(client, "CREATE", sam_template("ask"))
    assert get(url, "ask") == ["GET /ask", "2.0"]
    assert get(url, "told/me") == ["ANY /told/{name}", "2.0"]
    url = deploy(client, "UPDATE", sam_template("question"))
    assert get(url, "question") == ["GET /question", "2.0"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(url, "ask")
    client.delete_stack(StackName="sam")
