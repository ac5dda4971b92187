"""The calls that a workshop makes: plain boto3, each accepted, with the answer it is made for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import boto3
from refusals import refusal

from serverless_tax.cloud.roles import OF_LAMBDA

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
NAME = "workshop"
OF: dict[str, str] = {"FunctionName": NAME}
GROUP = {"logGroupName": f"/aws/lambda/{NAME}"}


def test_a_workshops_calls_are_accepted(cloud: LocalCloud, settings: Any) -> None:
    """From the role to the clean-up, in the order of a workshop; nothing is left at its end."""
    lambda_, iam, logs, sts, api = (
        boto3.client(service, **cloud.boto3_kwargs)
        for service in ("lambda", "iam", "logs", "sts", "apigatewayv2")
    )
    account = sts.get_caller_identity()["Account"]
    role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=OF_LAMBDA)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=NAME, PolicyArn=BASIC)
    assert iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert iam.get_role(RoleName=NAME)["Role"]["Arn"] == role

    arn = lambda_.create_function(**settings(**OF, Role=role))["FunctionArn"]
    assert arn == f"arn:aws:lambda:us-east-1:{account}:function:{NAME}"
    change_and_invoke(lambda_, settings()["Code"]["ZipFile"])
    publish(lambda_)
    configure(lambda_, arn)
    open_an_api(cloud, lambda_, api, arn)
    read_the_log(logs)

    lambda_.delete_function(**OF)
    logs.delete_log_group(**GROUP)
    iam.detach_role_policy(RoleName=NAME, PolicyArn=BASIC)
    iam.delete_role(RoleName=NAME)
    assert NAME not in {one["FunctionName"] for one in lambda_.list_functions()["Functions"]}


def change_and_invoke(lambda_: Any, package: bytes) -> None:
    """Read and update a function, and invoke it in three ways."""
    lambda_.get_waiter("function_active_v2").wait(**OF)
    assert lambda_.get_function(**OF)["Configuration"]["Timeout"] == 3
    assert lambda_.get_function_configuration(**OF)["MemorySize"] == 128
    assert NAME in {one["FunctionName"] for one in lambda_.list_functions()["Functions"]}
    variables = {"Variables": {"MODE": "quick"}}
    lambda_.update_function_configuration(**OF, MemorySize=512, Environment=variables)
    lambda_.get_waiter("function_updated_v2").wait(**OF)
    lambda_.update_function_code(**OF, ZipFile=package)
    lambda_.get_waiter("function_updated_v2").wait(**OF)
    assert json.load(lambda_.invoke(**OF, Payload=b'{"n": 1}')["Payload"]) == {"n": 1}
    assert lambda_.invoke(**OF, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
    assert lambda_.invoke(**OF, InvocationType="DryRun", Payload=b"{}")["StatusCode"] == 204


def publish(lambda_: Any) -> None:
    """Make a version and an alias of it, and invoke that."""
    version = lambda_.publish_version(**OF)["Version"]
    assert len(lambda_.list_versions_by_function(**OF)["Versions"]) == 2
    lambda_.create_alias(**OF, Name="live", FunctionVersion=version)
    lambda_.update_alias(**OF, Name="live", Description="for all")
    assert lambda_.get_alias(**OF, Name="live")["FunctionVersion"] == version
    assert len(lambda_.list_aliases(**OF)["Aliases"]) == 1
    assert lambda_.invoke(**OF, Qualifier="live", Payload=b"1")["ExecutedVersion"] == version
    lambda_.delete_alias(**OF, Name="live")


def configure(lambda_: Any, arn: str) -> None:
    """Set, read and remove tags, concurrency, retries and a function URL."""
    lambda_.tag_resource(Resource=arn, Tags={"team": "blue"})
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"team": "blue"}
    lambda_.untag_resource(Resource=arn, TagKeys=["team"])
    lambda_.put_function_concurrency(**OF, ReservedConcurrentExecutions=5)
    assert lambda_.get_function_concurrency(**OF)["ReservedConcurrentExecutions"] == 5
    lambda_.delete_function_concurrency(**OF)
    lambda_.put_function_event_invoke_config(**OF, MaximumRetryAttempts=0)
    assert lambda_.get_function_event_invoke_config(**OF)["MaximumRetryAttempts"] == 0
    lambda_.delete_function_event_invoke_config(**OF)
    lambda_.create_function_url_config(**OF, AuthType="AWS_IAM")
    lambda_.update_function_url_config(**OF, InvokeMode="RESPONSE_STREAM")
    assert lambda_.get_function_url_config(**OF)["InvokeMode"] == "RESPONSE_STREAM"
    lambda_.delete_function_url_config(**OF)
    assert lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 1000


def open_an_api(cloud: LocalCloud, lambda_: Any, api: Any, arn: str) -> None:
    """Make and deploy an HTTP API, let it invoke the function, and post to it."""
    made = api.create_api(Name=NAME, ProtocolType="HTTP")
    of_api = {"ApiId": made["ApiId"]}
    integration = api.create_integration(
        **of_api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=arn,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    api.create_route(**of_api, RouteKey="POST /ask", Target=f"integrations/{integration}")
    api.create_stage(**of_api, StageName="prod")
    deployment = api.create_deployment(**of_api, StageName="prod")["DeploymentId"]
    assert api.get_deployment(**of_api, DeploymentId=deployment)["DeploymentStatus"] == "DEPLOYED"
    lambda_.add_permission(
        **OF,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    assert "apigateway" in lambda_.get_policy(**OF)["Policy"]

    where = cloud.local_url(f"{made['ApiEndpoint']}/prod/ask")
    with urlopen(Request(where, data=b'{"n": 2}'), timeout=10) as answer:  # noqa: S310 - our own
        assert json.load(answer)["rawPath"].endswith("/ask")

    assert made["ApiId"] in {one["ApiId"] for one in api.get_apis()["Items"]}
    lambda_.remove_permission(**OF, StatementId="api")
    code, _, text = refusal(lambda_.remove_permission, **OF, StatementId="api")
    assert (code, text) == (
        "ResourceNotFoundException", "Statement api is not found in resource policy."
    )  # fmt: skip
    listed = lambda_.list_provisioned_concurrency_configs(**OF)
    assert listed["ProvisionedConcurrencyConfigs"] == []
    api.delete_api(**of_api)


def read_the_log(logs: Any) -> None:
    """Find the group, keep it for a day, and read and filter what is in it."""
    assert logs.describe_log_groups(logGroupNamePrefix=GROUP["logGroupName"])["logGroups"]
    logs.put_retention_policy(**GROUP, retentionInDays=1)
    streams = logs.describe_log_streams(**GROUP)["logStreams"]
    assert logs.get_log_events(**GROUP, logStreamName=streams[0]["logStreamName"])["events"]
    assert logs.filter_log_events(**GROUP, filterPattern="REPORT")["events"]
