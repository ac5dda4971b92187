"""What AWS refuses is refused here in AWS's words, and what only AWS can do is refused in ours."""

from __future__ import annotations

import base64
import json
import platform
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from waiters import OFTEN

from serverless_tax.cloud.front.lambda_checks import RETIRED_RUNTIMES, RUNTIMES

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

ECHO = "def handler(event, context): return event"
UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables "
    "you have provided"
)
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
OTHER = "x86_64" if platform.machine() in {"aarch64", "arm64"} else "arm64"


@pytest.fixture
def lambda_(cloud: LocalCloud) -> Any:
    """A client that sends what boto3 itself would already refuse."""
    return boto3.client("lambda", config=Config(parameter_validation=False), **cloud.boto3_kwargs)


@pytest.fixture(scope="module")
def echo(deploy_once: Any) -> str:
    """The name of a function that is there."""
    return str(deploy_once(ECHO).name)


def refusal(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Code, status and text of a call that must fail."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    status = raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return error["Code"], status, error["Message"]


def violated(text: str) -> str:
    """Return AWS's text for one broken constraint."""
    return f"1 validation error detected: {text}"


@pytest.mark.parametrize(
    ("changed", "code", "text"),
    [
        ({"Runtime": "banana"}, "InvalidParameterValueException",
         ("Value banana at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
         "set: [nodejs20.x, python3.14, provided.al2023, ")),
        ({"Runtime": "python2.7"}, "InvalidParameterValueException",
         ("The runtime parameter of python2.7 is no longer supported for creating or updating AWS "
         "Lambda functions. We recommend you use a supported runtime while creating or updating "
         "functions.")),
        ({"Timeout": 901}, "ValidationException",
         violated("Value '901' at 'timeout' failed to satisfy constraint: Member must have value "
                  "less than or equal to 900")),
        ({"MemorySize": 20_000}, "ValidationException",
         ("'MemorySize' value failed to satisfy constraint: Member must have value less than or "
         "equal to 10240")),
        ({"MemorySize": 64}, "ValidationException",
         violated("Value '64' at 'memorySize' failed to satisfy constraint: Member must have value "
                  "greater than or equal to 128")),
        ({"Role": None}, "ValidationException",
         violated("Value null at 'role' failed to satisfy constraint: Member must not be null")),
        ({"Role": "arn:aws:iam::000000000000:role/none"}, "InvalidParameterValueException",
         "The role defined for the function cannot be assumed by Lambda."),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:none"}},
         "InvalidParameterValueException", "The target of the DeadLetterConfig does not exist: "),
        ({"VpcConfig": {"SecurityGroupIds": ["sg-1"]}}, "InvalidParameterValueException",
         "SubnetIds and SecurityIds must coexist or be both empty list."),
        ({"LoggingConfig": {"LogFormat": "Text", "ApplicationLogLevel": "INFO"}},
         "InvalidParameterValueException",
         'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your '),
        ({"Tags": {f"k{n}": "" for n in range(51)}}, "InvalidParameterValueException",
         "Number of tags exceeds resource tag limit."),
        ({"ImageConfig": {"Command": ["a"]}}, "InvalidParameterValueException",
         "A function of a .zip package has no ImageConfig."),
        ({"Handler": "a b"}, "ValidationException",
         violated(r"Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy "
                  r"regular expression pattern: [^\s]+")),
        ({"Description": "d" * 257}, "ValidationException",
         violated(f"Value '{'d' * 257}' at 'description' failed to satisfy constraint: Member must "
                  "have length less than or equal to 256")),
        ({"TracingConfig": {"Mode": "On"}}, "ValidationException",
         violated("Value 'On' at 'tracingConfig.mode' failed to satisfy constraint: Member must "
                  "satisfy enum value set: [Active, PassThrough]")),
        ({"Architectures": []}, "ValidationException",
         violated("Value '[]' at 'architectures' failed to satisfy constraint: Member must have "
                  "length greater than or equal to 1")),
        ({"Role": "r1"}, "ValidationException",
         violated("Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
                  r"expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/"
                  r"?[a-zA-Z_0-9+=,.@\-_/]+")),
        ({"Architectures": ["X86_64"]}, "ValidationException",
         violated("Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must "
                  "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
                  "Member must not be null]")),
        ({"Architectures": ["x86_64", "arm64"]}, "ValidationException",
         violated("Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member "
                  "must have length less than or equal to 1")),
        ({"Environment": {"Variables": {"AWS_REGION": "x", "MINE": "1"}}},
         "InvalidParameterValueException",
         (f"{UNABLE} contains reserved keys that are currently not supported for modification. "
         "Reserved keys used in this request: AWS_REGION")),
        ({"Environment": {"Variables": {"A-B": "1"}}}, "ValidationException",
         violated("Value at 'environment.variables' failed to satisfy constraint: Map keys must "
                  "satisfy constraint: [Member must satisfy regular expression pattern: "
                  "[a-zA-Z]([a-zA-Z0-9_])+]")),
        ({"FunctionName": "a b"}, "ValidationException",
         violated("Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy "
                  "regular expression pattern: ")),
        ({"FunctionName": "f" * 65}, "InvalidParameterValueException",
         violated(f"Value '{'f' * 65}' at 'functionName' failed to satisfy constraint: Member must "
                  "have length less than or equal to 64")),
        ({"Handler": None}, "InvalidParameterValueException",
         ("Runtime and Handler are mandatory parameters for functions created with deployment "
          "packages.")),
        ({"Code": {}}, "InvalidParameterValueException",
         "Please provide a source for function code."),
        ({"Code": {"S3Bucket": "nowhere", "S3Key": "a"}}, "InvalidParameterValueException",
         ("Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The "
          "specified bucket does not exist")),
        ({"EphemeralStorage": {"Size": 20_000}}, "ValidationException",
         violated("Value '20000' at 'ephemeralStorage.size' failed to satisfy constraint: Member "
                  "must have value less than or equal to 10240")),
        ({"LoggingConfig": {"LogFormat": "XML"}}, "ValidationException",
         violated("Value 'XML' at 'loggingConfig.logFormat' failed to satisfy constraint: Member "
                  "must satisfy enum value set: [JSON, Text]")),
        ({"Timeout": 0, "MemorySize": 1}, "ValidationException",
         ("2 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: "
         "Member must have value greater than or equal to 1; Value '1' at 'memorySize' ")),
    ],
)  # fmt: skip
def test_create_refuses_what_aws_refuses(
    lambda_: Any, settings: Any, changed: dict[str, Any], code: str, text: str
) -> None:
    """Code, status and text are AWS's, and no function is left behind."""
    got_code, status, got = refusal(lambda_.create_function, **settings(**changed))

    assert (got_code, status) == (code, 400)
    assert got.startswith(text)
    assert refusal(lambda_.get_function, FunctionName="refused")[0] == "ResourceNotFoundException"


def test_the_variables_of_a_function_fit_into_4_kb(
    lambda_: Any, settings: Any, deploy: Any
) -> None:
    """4,096 bytes of JSON fit, one more does not: {"AB":"…"} takes nine beside the value."""
    fits, too_much = "x" * (4096 - 9), "x" * (4096 - 8)
    deploy(ECHO, Environment={"Variables": {"AB": fits}})
    arguments = settings(Environment={"Variables": {"AB": too_much}})

    code, _, text = refusal(lambda_.create_function, **arguments)

    assert code == "InvalidParameterValueException"
    assert text == f'{UNABLE} exceeded the 4KB limit. String measured: {{"AB":"{too_much}"}}'


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"Runtime": "java21"}, "This local cloud runs Python and Node functions, and not java21."),
        ({"PackageType": "Image", "Code": {"ImageUri": "000000000000.dkr.ecr.us-east-1.x/a:1"}},
         "This local cloud runs .zip packages, and no container images."),
        ({"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:a:1"]},
         "This local cloud has no layers (Layers)."),
        ({"Architectures": [OTHER]}, "This local cloud runs on "),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
         "This local cloud has no VPCs (VpcConfig)."),
        ({"KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/a"},
         "This local cloud has no keys of your own for variables (KMSKeyArn)."),
        ({"PublishTo": "LATEST_PUBLISHED"}, "This local cloud has no managed instances"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "This local cloud has no SnapStart."),
        ({"EphemeralStorage": {"Size": 600}}, "This local cloud bills no larger /tmp"),
        ({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}},
         "This local cloud has no tenants (TenancyConfig)."),
    ],
)  # fmt: skip
def test_what_only_aws_can_do_is_refused(
    lambda_: Any, settings: Any, changed: dict[str, Any], text: str
) -> None:
    """The text names this cloud, and says that AWS would accept the request."""
    code, status, got = refusal(lambda_.create_function, **settings(**changed))

    assert (code, status) == ("InvalidParameterValueException", 400)
    assert got.startswith(text)
    assert got.endswith(" AWS would accept this request.")


@pytest.mark.parametrize(
    "changed", [{"Timeout": "long"}, {"MemorySize": "much"}, {"Environment": ["A"]}, {"Code": 1}]
)
def test_a_member_of_the_wrong_type_is_refused(
    lambda_: Any, settings: Any, changed: dict[str, Any]
) -> None:
    """One sentence, and never an error of the server's own."""
    body = json.dumps({**settings(Code={"ZipFile": ""}), **changed})

    with mock.patch("botocore.serialize.json.dumps", return_value=body):
        code, status, _ = refusal(lambda_.create_function, **settings())

    assert (code, status) == ("SerializationException", 400)


def test_an_update_is_checked_like_a_new_function(lambda_: Any, deploy: Any) -> None:
    """What it does not name is not missing, and a refused update changes nothing."""
    name = deploy(ECHO, MemorySize=256).name
    update = lambda_.update_function_configuration

    assert refusal(update, FunctionName=name, MemorySize=20_000)[0] == "ValidationException"
    assert refusal(update, FunctionName=name, Runtime="go1.x")[2].startswith(
        "The runtime parameter"
    )
    assert refusal(lambda_.update_function_code, FunctionName=name, ImageUri="a:1")[2] == (
        "Please don't provide ImageUri when updating a function with packageType Zip."
    )
    assert update(FunctionName=name, Description="new")["MemorySize"] == 256


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"banana", ""),
        (b"{'a': 1}", ""),
        (b'{"a": NaN}', ""),
        (b'"\x87"', "Invalid UTF-8 start byte 0x87"),
    ],
)
def test_an_event_that_is_not_json_is_refused(deploy: Any, payload: bytes, reason: str) -> None:
    """It does not run with an empty event; no event at all is an empty one, as on AWS."""
    function = deploy(ECHO)
    begins = "Could not parse request body into json: Could not parse payload into json: "
    for call in (function.client.invoke, function.client.invoke_with_response_stream):
        code, status, text = refusal(call, FunctionName=function.name, Payload=payload)
        assert (code, status) == ("InvalidRequestContentException", 400)
        assert text.startswith(begins + reason)
    assert json.load(function.client.invoke(FunctionName=function.name)["Payload"]) == {}


def test_a_client_context_is_base64_of_an_object(deploy: Any) -> None:
    """AWS's own sentence for text that is not base64, and for JSON that is not an object."""
    function = deploy(ECHO)
    for given in ("string", base64.b64encode(b"[1]").decode()):
        code, _, text = refusal(
            function.client.invoke, FunctionName=function.name, ClientContext=given
        )
        assert code == "InvalidRequestContentException"
        assert text == "Client context must be a valid Base64-encoded JSON object."


@pytest.mark.parametrize(
    ("call", "asked", "said"),
    [
        ("invoke", {"InvocationType": "Now"},
         "Validation.* enum value set: [Event, RequestResponse, DryRun]"),
        ("invoke", {"LogType": "Head"}, "Validation.* enum value set: [None, Tail]"),
        ("invoke", {"TenantId": "blue"}, "InvalidParameterValue.* has no tenants"),
        ("put_function_event_invoke_config", {"MaximumRetryAttempts": 3},
         "Validation.* Value '3' at 'maximumRetryAttempts' failed"),
        ("put_function_event_invoke_config", {"MaximumEventAgeInSeconds": 10},
         "Validation.* Member must have value greater than or equal to 60"),
        ("put_function_concurrency", {"ReservedConcurrentExecutions": 901},
         "InvalidParameterValue.* below its minimum value of [100]"),
        ("create_alias", {"Name": "none", "FunctionVersion": "7"}, "ResourceNotFound.*:7"),
        ("put_runtime_management_config", {"UpdateRuntimeOn": "Auto"},
         "UnknownOperation.* does not have this operation"),
        ("invoke_async", {"InvokeArgs": b"{}"}, "UnknownOperation.* does not have this operation"),
        ("invoke_with_response_stream", {"InvocationType": "Event"},
         "Validation.* enum value set: [RequestResponse, DryRun]"),
        ("invoke", {"Qualifier": "a b"}, r"Validation.* pattern: \$(LATEST(\.PUBLISHED)?)|[a-z"),
        ("put_function_concurrency", {}, "Validation.* Value null at 'reservedConcurrentExecu"),
        ("put_function_event_invoke_config", {},
         "InvalidParameterValue.* You must specify at least one of error handling or destination"),
        ("put_function_event_invoke_config",
         {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:0:none"}}},
         "Validation.* at 'destinationConfig.onFailure.destination' failed"),
        ("put_function_event_invoke_config",
         {"DestinationConfig": {"OnFailure": {"Destination": f"{ARN}none".replace("lambda", "sqs")
                                              .replace("function:", "")}}},
         "InvalidParameterValue.* The destination ARN arn:aws:sqs:us-east-1:000000000000:none is"),
        ("create_alias", {"Name": "2024", "FunctionVersion": "$LATEST"},
         "Validation.* at 'name' failed to satisfy constraint: Member must satisfy regular"),
        ("create_alias", {"Name": "half", "FunctionVersion": "$LATEST",
                          "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}}},
         ("Validation.* Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to "
         "satisfy constraint: Map value must satisfy constraint: [Member must have value less than "
         "or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be "
         "null]")),
        ("create_function_url_config", {"AuthType": "BASIC"},
         "Validation.* Value 'BASIC' at 'authType' failed"),
        ("create_function_url_config", {"AuthType": "AWS_IAM", "Cors": {"MaxAge": 90_000}},
         "Validation.* Value '90000' at 'cors.maxAge' failed"),
        ("add_permission", {"StatementId": "s", "Action": "lambda:InvokeFunction",
                            "Principal": "banana"},
         "InvalidParameterValue.* The provided principal was invalid. Please check"),
        ("publish_version", {"CodeSha256": "nope"},
         "InvalidParameterValue.* CodeSHA256 (nope) is different from current CodeSHA256 in"),
        ("publish_version", {"RevisionId": "nope"},
         "PreconditionFailed.* The Revision Id provided does not match the latest Revision Id."),
        ("update_function_code", {}, "InvalidParameterValue.* Please provide a source for functi"),
        ("delete_function", {"Qualifier": "$LATEST"},
         "InvalidParameterValue.* $LATEST version cannot be deleted without deleting the function"),
        ("put_function_recursion_config", {"RecursiveLoop": "Terminate"},
         "InvalidParameterValue.* does not look for recursive loops"),
        ("put_function_recursion_config", {"RecursiveLoop": "Maybe"},
         "Validation.* enum value set: [Terminate, Allow]"),
        ("put_function_code_signing_config",
         {"CodeSigningConfigArn": f"{ARN[:-9]}code-signing-config:csc-{'0' * 17}"},
         "InvalidParameterValue.* has no code signing"),
        ("list_versions_by_function", {"MaxItems": 0}, "Validation.* Value '0' at 'maxItems'"),
    ],
)  # fmt: skip
def test_what_aws_refuses_of_a_function_is_refused(
    lambda_: Any, echo: str, call: str, asked: dict[str, Any], said: str
) -> None:
    """Out of range, of a version that is not there, more than the account has, or unknown here."""
    code, text = said.split(".*")
    got_code, _, got = refusal(getattr(lambda_, call), FunctionName=echo, **asked)

    assert got_code == f"{code}Exception"
    assert text.strip() in got


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
        ({"BatchSize": 11},
         "InvalidParameterValue.*Maximum batch window in seconds must be greater than 0 if max"),
        ({"BatchSize": 10_001}, "Validation.*1 validation error detected: Value '10001' at 'batch"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "oops"}]}},
         "InvalidParameterValue.*Invalid filter pattern definition."),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1}},
         "InvalidParameterValue.*This local cloud polls queues and streams without Provisioned"),
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


def test_an_update_of_the_asynchronous_settings_keeps_the_others(lambda_: Any, echo: str) -> None:
    """A put replaces all of them; an update changes what it names."""
    lambda_.put_function_event_invoke_config(FunctionName=echo, MaximumRetryAttempts=1)
    told = lambda_.update_function_event_invoke_config(
        FunctionName=echo, MaximumEventAgeInSeconds=90
    )
    assert (told["MaximumRetryAttempts"], told["MaximumEventAgeInSeconds"]) == (1, 90)


def test_no_layer_is_published(lambda_: Any) -> None:
    """No function could have it."""
    asked = {"LayerName": "a", "Content": {"ZipFile": b""}}
    assert refusal(lambda_.publish_layer_version, **asked)[2].startswith("This local cloud has no")


def test_an_alias_leads_to_one_version(deploy: Any) -> None:
    """Weights are refused here; more than one of them on AWS too."""
    function = deploy(ECHO)
    one = function.client.publish_version(FunctionName=function.name)["Version"]
    alias = {"FunctionName": function.name, "Name": "live", "FunctionVersion": one}

    def weighted(**weights: float) -> tuple[str, int, str]:
        routing = {"AdditionalVersionWeights": weights}
        return refusal(function.client.create_alias, **alias, RoutingConfig=routing)

    assert weighted(**{"2": 0.1})[2].startswith("This local cloud sends every request of an alias")
    assert weighted(**{"2": 0.1, "3": 0.1}) == (
        "InvalidParameterValueException",
        400,
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    )
    unweighted = {"AdditionalVersionWeights": {}}  # as Terraform sends it
    assert function.client.create_alias(**alias, RoutingConfig=unweighted)["Name"] == "live"


def test_what_only_aws_can_do_with_a_function_is_refused(deploy: Any) -> None:
    """Provisioned concurrency, and records of asynchronous calls in a bucket."""
    function = deploy(ECHO)
    call, of_it = function.client, {"FunctionName": function.name}
    one = call.publish_version(**of_it)["Version"]
    provisioned = {"Qualifier": one, "ProvisionedConcurrentExecutions": 1}
    _, _, text = refusal(call.put_provisioned_concurrency_config, **of_it, **provisioned)
    assert text.startswith("This local cloud has no provisioned concurrency.")
    bucket = {"OnFailure": {"Destination": "arn:aws:s3:::records"}}
    _, _, text = refusal(call.put_function_event_invoke_config, **of_it, DestinationConfig=bucket)
    assert text.startswith("This local cloud sends no records to buckets")


def test_the_runtimes_are_aws_own() -> None:
    """Every name stands in botocore's model of Lambda, in one of the two lists."""
    model = Loader().load_service_model("lambda", "service-2")
    known = set(model["shapes"]["Runtime"]["enum"])

    assert set(RUNTIMES) | set(RETIRED_RUNTIMES) == known
    assert not set(RUNTIMES) & set(RETIRED_RUNTIMES)
