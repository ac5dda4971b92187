"""What Lambda's API says of what is there and what is not: sources, versions, names, words."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import ARN, ECHO, refusal
from waiters import OFTEN

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FunctionName": "none"}, "InvalidParameterValue.*Function does not exist"),
        ({"EventSourceArn": None}, "InvalidParameterValue.*Unrecognized event source."),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:none"},
         "InvalidParameterValue.*Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQ"),
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/none",
          "StartingPosition": "LATEST"}, "InvalidParameterValue.*Stream not found: arn:aws:kine"),
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/none"},
         "InvalidParameterValue.*1 validation error detected: Value null at 'startingPosition' fa"),
        ({"StartingPosition": "LATEST"},
         "InvalidParameterValue.*StartingPosition parameter is not valid for SQS event sources."),
        ({"DestinationConfig": {"OnFailure": {"Destination": f"{ARN}q"}}},
         "InvalidParameterValue.*DestinationConfig parameter is not valid for SQS event sources."),
        ({"BatchSize": 11},
         "InvalidParameterValue.*Maximum batch window in seconds must be greater than 0 if max"),
        ({"BatchSize": 10_001}, "Validation.*1 validation error detected: Value '10001' at 'batch"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "oops"}]}},
         "InvalidParameterValue.*Invalid filter pattern definition."),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1}},
         "InvalidParameterValue.*This local cloud polls queues and streams without Provisioned"),
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/none",
          "StartingPosition": "LATEST", "MaximumBatchingWindowInSeconds": 5},
         "InvalidParameterValue.*This local cloud polls streams without MaximumBatchingWindowIn"),
        ({"EventSourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/a/stream/b",
          "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1},
         "InvalidParameterValue.*Unsupported starting position for arn type: arn:aws:dynamodb"),
        ({}, "ResourceConflict.*An event source mapping with SQS arn ("),
    ],
)  # fmt: skip
def test_an_event_source_is_checked(
    cloud: LocalCloud, lambda_: Any, echo: str, changed: dict[str, Any], said: str
) -> None:
    """The source and the function are there, the settings go together, and no mapping is twice."""
    queue = boto3.client("sqs", **cloud.boto3_kwargs).create_queue(QueueName="source")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue.rpartition('/')[2]}"
    usual = {"FunctionName": echo, "EventSourceArn": arn}
    made = lambda_.create_event_source_mapping(**usual)
    asked = {name: value for name, value in {**usual, **changed}.items() if value is not None}

    code, _, text = refusal(lambda_.create_event_source_mapping, **asked)

    expected, begins = said.split(".*")
    assert code == f"{expected}Exception"
    assert text.startswith(begins)
    lambda_.delete_event_source_mapping(UUID=made["UUID"])


def test_a_queue_hides_a_message_as_long_as_a_function_may_run(
    cloud: LocalCloud, lambda_: Any, deploy: Any
) -> None:
    """Else a second environment would get it."""
    queues, name = boto3.client("sqs", **cloud.boto3_kwargs), deploy(ECHO, timeout=6).name
    arn = "arn:aws:sqs:us-east-1:000000000000:brief"
    url = queues.create_queue(QueueName="brief", Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
    asked = {"FunctionName": name, "EventSourceArn": arn}
    code, _, text = refusal(lambda_.create_event_source_mapping, **asked)
    assert (code, text) == (
        "InvalidParameterValueException",
        "Queue visibility timeout: 5 seconds is less than Function timeout: 6 seconds",
    )
    queues.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "6"})
    mapping = lambda_.create_event_source_mapping(**asked)
    lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    queues.delete_queue(QueueUrl=url)


def test_a_table_triggers_a_function(cloud: LocalCloud, lambda_: Any, deploy: Any) -> None:
    """By its stream's ARN, which ends in a time; of another time there is no stream."""
    tables = boto3.client("dynamodb", **cloud.boto3_kwargs)
    made = tables.create_table(
        TableName="source",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    arn = made["TableDescription"]["LatestStreamArn"]
    asked = {"FunctionName": deploy(ECHO).name, "StartingPosition": "LATEST"}
    other = f"{arn.rpartition('/')[0]}/2020-01-01T00:00:00.000"
    for wrong in (other, "arn:aws:dynamodb:us-east-1:000000000000:table"):
        code, _, text = refusal(lambda_.create_event_source_mapping, EventSourceArn=wrong, **asked)
        assert (code, text) == ("InvalidParameterValueException", f"Stream not found: {wrong}")
    mapping = lambda_.create_event_source_mapping(EventSourceArn=arn, **asked)
    assert mapping["EventSourceArn"] == arn
    lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    tables.delete_table(TableName="source")


@pytest.mark.parametrize(
    ("call", "asked", "text"),
    [
        ("get_function_url_config", {}, "The resource you requested does not exist."),
        ("get_policy", {}, "The resource you requested does not exist."),
        ("get_alias", {"Name": "a"}, "Cannot find alias arn: ARN:a"),
        ("get_function", {"Qualifier": "9"}, "Function not found: ARN:9"),
        ("get_function_event_invoke_config", {},
         "The function ARN:$LATEST doesn't have an EventInvokeConfig"),
        ("get_event_source_mapping", {"UUID": "0" * 36, "FunctionName": None},
         "The resource you requested does not exist."),
        ("create_function_url_config", {"AuthType": "NONE", "FunctionName": "none"},
         "Function does not exist"),
        ("put_function_event_invoke_config", {"MaximumRetryAttempts": 1, "FunctionName": "none"},
         "The function doesn't exist."),
        ("put_function_concurrency", {"ReservedConcurrentExecutions": 1, "FunctionName": "none"},
         f"Function not found: {ARN}none:$LATEST"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_as_aws_says_it(
    lambda_: Any, deploy: Any, call: str, asked: dict[str, Any], text: str
) -> None:
    """The texts are those that LocalStack recorded of AWS."""
    name = deploy(ECHO).name
    given = {"FunctionName": name, **asked}
    arguments = {key: value for key, value in given.items() if value is not None}

    code, status, got = refusal(getattr(lambda_, call), **arguments)

    assert (code, status) == ("ResourceNotFoundException", 404)
    assert got == text.replace("ARN", ARN + name)


def test_a_list_goes_on_behind_what_was_deleted(lambda_: Any, settings: Any) -> None:
    """A marker is one that a list gave, also where its function is gone by then."""
    made = [f"page-{number}" for number in range(3)]
    for name in made:
        lambda_.create_function(**settings(FunctionName=name))
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = lambda_.list_functions(MaxItems=1, **marker)
        name = page["Functions"][0]["FunctionName"]
        assert name not in seen
        seen.append(name)
        if name in made:
            lambda_.delete_function(FunctionName=name)
        if "NextMarker" not in page:
            break
        marker = {"Marker": page["NextMarker"]}
    assert {*made} <= {*seen}

    wrong = "InvalidParameterValueException", 400
    assert refusal(lambda_.list_functions, Marker="zzz") == (*wrong, "Invalid Marker")
    code, _, text = refusal(lambda_.list_functions, FunctionVersion="ALL")
    assert (code, text) == (
        wrong[0],
        "This local cloud's lists have no filter FunctionVersion. AWS would accept this request.",
    )


def test_a_dry_run_changes_nothing(deploy: Any, settings: Any) -> None:
    """It is checked like an update, and the old code answers afterwards."""
    function = deploy("def handler(event, context): return 'old'")
    call, of_it = function.client, {"FunctionName": function.name, "DryRun": True}
    told = call.update_function_code(**of_it, **settings()["Code"])
    assert told["FunctionName"] == function.name
    assert function.invoke().payload == "old"
    _, _, text = refusal(call.update_function_code, **of_it, ZipFile=b"no archive")
    assert text.startswith("Could not unzip uploaded file.")


def test_what_comes_with_a_package_is_published_once(
    lambda_: Any, deploy: Any, settings: Any
) -> None:
    """With the function, with its code, and then not again; the answers' ARNs are AWS's."""
    function = deploy("def handler(event, context): return context.invoked_function_arn",
                      Publish=True)  # fmt: skip
    of_it, arn = {"FunctionName": function.name}, f"{ARN}{function.name}"
    assert lambda_.publish_version(**of_it)["FunctionArn"] == f"{arn}:1"
    said = json.load(lambda_.invoke(**of_it, Qualifier="1")["Payload"])
    assert said == f"{arn}:1"
    told = lambda_.update_function_code(**of_it, **settings()["Code"], Publish=True)
    assert (told["FunctionArn"], told["Version"]) == (f"{arn}:2", "2")
    lambda_.get_waiter("function_updated_v2").wait(**of_it, WaiterConfig=OFTEN)
    assert lambda_.publish_version(**of_it)["Version"] == "2"


@pytest.mark.parametrize("name", ["111111111111:function:f", f"{ARN}f".replace("0" * 12, "1" * 12)])
@pytest.mark.parametrize("call", ["get_function", "invoke", "delete_function", "list_aliases"])
def test_another_accounts_function_is_nobodys_here(lambda_: Any, call: str, name: str) -> None:
    """It is not looked for among the own ones, and its ARN stands in the text once."""
    code, status, text = refusal(getattr(lambda_, call), FunctionName=name)
    action = {"invoke": "InvokeFunction"}.get(call, call.title().replace("_", ""))
    assert (code, status) == ("AccessDeniedException", 403)
    assert text == (
        "User: arn:aws:iam::000000000000:root is not authorized to perform: "
        f"lambda:{action} on resource: arn:aws:lambda:us-east-1:111111111111:function:f because no "
        f"resource-based policy allows the lambda:{action} action"
    )


def test_a_name_may_be_an_arn(lambda_: Any, settings: Any, echo: str) -> None:
    """The whole one or a part of it; not of another region, and not with two versions."""
    made = lambda_.create_function(**settings(FunctionName=f"{ARN}by-arn"))
    assert (made["FunctionName"], made["FunctionArn"]) == ("by-arn", f"{ARN}by-arn")
    assert (
        json.load(
            lambda_.invoke(FunctionName="000000000000:function:by-arn", Payload=b"1")["Payload"]
        )
        == 1
    )
    lambda_.delete_function(FunctionName="by-arn")
    for call, asked, text in (
        (lambda_.create_function, settings(FunctionName=f"{ARN}f:1"), "A function is made under"),
        (
            lambda_.get_function,
            {"FunctionName": f"{ARN}f".replace("us-east-1", "eu-west-1")},
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
        (
            lambda_.get_function,
            {"FunctionName": f"{echo}:1", "Qualifier": "2"},
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
    ):
        assert refusal(call, **asked)[2].startswith(text)


def test_a_version_that_an_alias_leads_to_stays(deploy: Any) -> None:
    """AWS's own words; tags are of the function alone."""
    function = deploy(ECHO)
    call, of_it = function.client, {"FunctionName": function.name}
    one = call.publish_version(**of_it)["Version"]
    call.create_alias(**of_it, Name="live", FunctionVersion=one)
    code, status, text = refusal(call.delete_function, **of_it, Qualifier=one)
    assert (code, status) == ("ResourceConflictException", 409)
    assert text == "Unable to delete version because the following aliases reference it: [live]"
    tagged = {"Resource": f"{ARN}{function.name}:{one}", "Tags": {"a": "b"}}
    assert refusal(call.tag_resource, **tagged)[2].startswith("Tags on function aliases")


def test_active_tracing_is_said_in_the_log(deploy: Any) -> None:
    """The function runs, and its log says that no trace is kept."""
    log = deploy(ECHO, TracingConfig={"Mode": "Active"}).invoke().log
    assert "This local cloud keeps no traces" in log


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ({"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]},
          "Action": "sts:AssumeRole"}, "another's"),
        ({"Effect": "Deny", "Principal": {"Service": "lambda.amazonaws.com"},
          "Action": "sts:AssumeRole"}, "another's"),
        ({"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "x"]},
          "Action": ["sts:AssumeRole", "sts:TagSession"]}, "Lambda's"),
    ],
)  # fmt: skip
def test_a_role_must_let_lambda_assume_it(
    cloud: LocalCloud, lambda_: Any, settings: Any, statement: dict[str, Any], whose: str
) -> None:
    """By its trust policy, when a function is made and when it is changed."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    if whose == "Lambda's":
        lambda_.create_function(**settings(FunctionName="trusted", Role=role))
        lambda_.delete_function(FunctionName="trusted")
    else:
        code, _, text = refusal(lambda_.create_function, **settings(Role=role))
        assert code == "InvalidParameterValueException"
        assert text == "The role defined for the function cannot be assumed by Lambda."
    iam.delete_role(RoleName="trusting")


def test_a_packages_address_opens(deploy: Any) -> None:
    """GetFunction's link, without a key, gives the package; another's signature does not."""
    function = deploy(ECHO)
    link = function.client.get_function(FunctionName=function.name)["Code"]["Location"]
    with urllib.request.urlopen(link, timeout=10) as answer:  # noqa: S310 - our own server
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["app.py"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace(function.name, "other"), timeout=10)  # noqa: S310 - as above


@pytest.mark.parametrize(
    ("service", "call", "asked"),
    [
        ("xray", "get_trace_summaries", {"StartTime": 0, "EndTime": 1}),
        ("bedrock-runtime", "converse", {"modelId": "any"}),
        ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1, "ImageId": "ami-1"}),
        ("rds", "create_db_instance",
         {"DBInstanceIdentifier": "a", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"}),
        ("firehose", "create_delivery_stream", {"DeliveryStreamName": "a"}),
        ("amp", "list_workspaces", {}),
        ("elasticache", "describe_cache_clusters", {}),
        ("redshift", "describe_clusters", {}),
        ("cloudfront", "list_distributions", {}),
    ],
)  # fmt: skip
def test_a_service_that_is_not_here_is_refused(
    cloud: LocalCloud, service: str, call: str, asked: dict[str, Any]
) -> None:
    """By its name, and not with an answer that is made up."""
    client = boto3.client(service, **cloud.boto3_kwargs)
    code, status, text = refusal(getattr(client, call), **asked)
    assert (code, status) == ("UnknownOperationException", 404)
    assert text.startswith("This local cloud does not have the service ")


def test_a_function_is_pending_for_a_moment(lambda_: Any, settings: Any) -> None:
    """As on AWS it is not there at once; and nobody waits half a second for it."""

    def took_s() -> float:
        began = time.monotonic()
        made = lambda_.create_function(**settings(FunctionName="soon"))
        lambda_.get_waiter("function_active_v2").wait(FunctionName="soon", WaiterConfig=OFTEN)
        ended = time.monotonic()
        lambda_.delete_function(FunctionName="soon")
        assert made["State"] == "Pending"
        return ended - began

    assert any(took_s() < 0.4 for _ in range(20))  # a busy machine may stop in any of them


def test_a_package_that_leads_out_of_its_folder_is_refused(lambda_: Any, settings: Any) -> None:
    """When it is given, and not by a call of the function that it would be."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("../app.py", "")
    code, _, text = refusal(
        lambda_.create_function, **settings(Code={"ZipFile": archive.getvalue()})
    )
    assert code == "InvalidParameterValueException"
    assert text.startswith("Could not unzip uploaded file.")


def test_a_trust_policy_is_json(cloud: LocalCloud) -> None:
    """Anything else is a MalformedPolicyDocument."""
    iam = boto3.client("iam", **cloud.boto3_kwargs)
    code, *_ = refusal(iam.create_role, RoleName="x", AssumeRolePolicyDocument="not json")
    assert code == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    "name", ["urlshortener", "account-settings", "event-invoke-config", "code-signing-config-x"]
)
def test_a_name_may_be_a_word_of_the_api(lambda_: Any, deploy: Any, name: str) -> None:
    """A function's, an alias's and a statement's; each is found by its name."""
    function = deploy(ECHO, FunctionName=name)
    assert function.invoke(a=1).payload == {"a": 1}
    own = {"FunctionName": name}
    assert lambda_.get_function_configuration(**own)["FunctionName"] == name
    lambda_.publish_version(**own)
    lambda_.create_alias(**own, Name="urls", FunctionVersion="1")
    assert lambda_.get_alias(**own, Name="urls")["FunctionVersion"] == "1"
    lambda_.add_permission(
        **own, StatementId="url", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    lambda_.remove_permission(**own, StatementId="url")
    made = lambda_.create_function_url_config(**own, AuthType="NONE")
    assert lambda_.get_function_url_config(**own)["FunctionUrl"] == made["FunctionUrl"]
