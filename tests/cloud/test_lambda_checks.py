"""What AWS refuses is refused here in AWS's words, and what only AWS can do is refused in ours."""

from __future__ import annotations

import base64
import json
import platform
from typing import Any
from unittest import mock

import pytest
from botocore.loaders import Loader
from refusals import ARN, ECHO, refusal

from serverless_tax.cloud.front.lambda_checks import RETIRED_RUNTIMES, RUNTIMES

UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables "
    "you have provided"
)
OTHER = "x86_64" if platform.machine() in {"aarch64", "arm64"} else "arm64"


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
    long = base64.b64encode(json.dumps({"custom": "x" * 2700}).encode()).decode()
    code, _, text = refusal(function.client.invoke, FunctionName=function.name, ClientContext=long)
    assert code == "ValidationException"
    assert text.endswith("Member must have length less than or equal to 3583")


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
        ("put_function_event_invoke_config",
         {"DestinationConfig": {"OnSuccess": {"Destination": f"{ARN}none".replace("lambda", "iam")
                                              }}},
         ("InvalidParameterValue.* The provided destination config DestinationConfig(onSuccess="
          "OnSuccess(destination=arn:aws:iam:us-east-1:000000000000:function:none), onFailure="
          "null) is invalid.")),
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
        ("create_function_url_config", {"AuthType": "NONE", "Cors": {"AllowMethods": ["FETCH"]}},
         "InvalidParameterValue.* one of GET, PUT, HEAD, POST, PATCH, DELETE, *, unlike FETCH."),
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
    unpublished = {**provisioned, "Qualifier": "$LATEST"}
    _, _, text = refusal(call.put_provisioned_concurrency_config, **of_it, **unpublished)
    assert text.endswith("cannot be applied to unpublished function versions.")
    said = refusal(call.get_provisioned_concurrency_config, **of_it, Qualifier=one)
    assert said == (
        "ProvisionedConcurrencyConfigNotFoundException", 404,
        "No Provisioned Concurrency Config found for this function",
    )  # fmt: skip
    _, _, text = refusal(call.get_provisioned_concurrency_config, **of_it, Qualifier="live")
    assert text == f"Cannot find alias arn: {ARN}{function.name}:live"
    bucket = {"OnFailure": {"Destination": "arn:aws:s3:::records"}}
    _, _, text = refusal(call.put_function_event_invoke_config, **of_it, DestinationConfig=bucket)
    assert text.startswith("This local cloud sends no records to buckets")


def test_the_runtimes_are_aws_own() -> None:
    """Every name stands in botocore's model of Lambda, in one of the two lists."""
    model = Loader().load_service_model("lambda", "service-2")
    known = set(model["shapes"]["Runtime"]["enum"])

    assert set(RUNTIMES) | set(RETIRED_RUNTIMES) == known
    assert not set(RUNTIMES) & set(RETIRED_RUNTIMES)
