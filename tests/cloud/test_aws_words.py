"""Refusals in AWS's own words, as LocalStack has recorded them on AWS (its snapshots)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from refusals import refusal
from shapes import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

ABSENT, BAD, CONFLICT = "NotFoundException", "BadRequestException", "ConflictException"
NO_API = "Invalid API identifier specified 000000000000:none"
NO_RESOURCE, NO_METHOD = (f"Invalid {kind} identifier specified" for kind in ("Resource", "Method"))
ONE_VALUE = "Invalid patch operation specified. Must be one of: [replace]"
SIZE = "Invalid minimum compression size, must be between 0 and 10485760"
TAKEN = "Another resource with the same parent already has this name: cats"
PROXY = "arn:aws:apigateway:us-east-1:"
SCHEMA = "Model schema must have at least 1 property or array items defined"
MODEL = {"name": "Pet", "contentType": "application/json", "schema": '{"type": "object"}'}


def patch(path: str, value: str = "a", op: str = "replace") -> dict[str, Any]:
    """One patch."""
    return {"patchOperations": [{"op": op, "path": path, "value": value}]}


@pytest.fixture(scope="module")
def made(cloud: LocalCloud) -> Iterator[dict[str, str]]:
    """A REST API with a method, two resources, a model, a validator, a stage, and a plan."""
    api = client_of(cloud, "apigateway")
    ids = {"api": api.create_rest_api(name="words")["id"]}
    of_it = {"restApiId": ids["api"]}
    ids["root"] = api.get_resources(**of_it)["items"][0]["id"]
    for name in ("pets", "cats", "{proxy+}"):
        told = api.create_resource(**of_it, parentId=ids["root"], pathPart=name)
        ids[name.strip("{}+")] = told["id"]
    method = {**of_it, "resourceId": ids["root"], "httpMethod": "ANY"}
    api.put_method(**method, authorizationType="NONE")
    api.put_method(**{**method, "httpMethod": "PUT"}, authorizationType="NONE")
    api.put_integration(**method, type="MOCK")
    api.put_integration(**{**method, "httpMethod": "PUT"}, type="MOCK")
    api.create_model(**of_it, **MODEL)
    ids["validator"] = api.create_request_validator(**of_it, name="v")["id"]
    ids["deployment"] = api.create_deployment(**of_it, stageName="p")["id"]
    ids["plan"] = api.create_usage_plan(name="plan")["id"]
    yield ids
    api.delete_usage_plan(usagePlanId=ids["plan"])
    api.delete_rest_api(**of_it)


OF_REST = [
    ("get_rest_api", "none", {}, ABSENT, NO_API),
    ("get_models", "none", {}, ABSENT, NO_API),
    ("create_deployment", "none", {"stageName": "a"}, ABSENT, NO_API),
    ("create_request_validator", "none", {"name": "v"}, BAD,
     "Invalid REST API identifier specified"),
    ("update_rest_api", "api", patch("/minimumCompressionSize", "much"), BAD, SIZE),
    ("update_rest_api", "api", patch("/minimumCompressionSize", "-1"), BAD, SIZE),
    ("update_rest_api", "api", patch("/minimumCompressionSize", "1", "add"), BAD, ONE_VALUE),
    ("update_rest_api", "api", patch("/binaryMediaTypes", "image/png", "add"), BAD,
     "Invalid patch path /binaryMediaTypes"),
    ("update_resource", "api resourceId=pets", patch("/other"), BAD,
     ("Invalid patch path  '/other' specified for op 'replace'. Must be one of: [/parentId, "
     "/pathPart]")),
    ("update_resource", "api resourceId=pets", patch("/pathPart", op="remove"), BAD,
     ("Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported "
     "operations")),
    ("update_resource", "api resourceId=pets", patch("/pathPart", "cats"), CONFLICT, TAKEN),
    ("update_resource", "api resourceId=pets", patch("/parentId"), ABSENT, NO_RESOURCE),
    ("update_resource", "api resourceId=pets", patch("/parentId", "{pets}"), BAD,
     "Resources cannot be cyclical."),
    ("update_resource", "api resourceId=root", patch("/pathPart"), BAD,
     "Root resource cannot update its pathPart."),
    ("create_resource", "api parentId=root", {"pathPart": "cats"}, CONFLICT, TAKEN),
    ("create_resource", "api parentId=root", {"pathPart": "{name}"}, BAD,
     ("A sibling ({proxy+}) of this resource already has a variable path part -- only one is "
     "allowed")),
    ("create_resource", "api parentId=proxy", {"pathPart": "a"}, BAD,
     "Cannot create a child of a resource with a greedy path variable: {proxy+}"),
    ("put_method", "api resourceId=none httpMethod=GET", {"authorizationType": "NONE"}, ABSENT,
     NO_RESOURCE),
    ("put_method", "api resourceId=root httpMethod=FETCH", {"authorizationType": "NONE"}, BAD,
     "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"),
    ("put_method", "api resourceId=root httpMethod=GET",
     {"authorizationType": "NONE", "requestModels": {"application/json": "Cat"}}, BAD,
     "Invalid model identifier specified: Cat"),
    ("put_method", "api resourceId=root httpMethod=GET",
     {"authorizationType": "NONE", "requestParameters": {
         "method.request.header.a": True, "method.request.querystring.a": True}}, BAD,
     "Parameter names must be unique across querystring, header and path"),
    ("update_method", "api resourceId=root httpMethod=ANY", patch("/httpMethod"), BAD,
     "Invalid patch path /httpMethod"),
    ("update_method", "api resourceId=root httpMethod=ANY", patch("/operationName", "a", "add"),
     BAD, ONE_VALUE),
    ("update_method", "api resourceId=root httpMethod=ANY", patch("/requestValidatorId"), BAD,
     "Invalid Request Validator identifier specified"),
    ("delete_method", "api resourceId=root httpMethod=HEAD", {}, ABSENT, NO_METHOD),
    ("put_integration", "api resourceId=root httpMethod=ANY",
     {"type": "HTTP", "uri": "http://localhost"}, BAD,
     "Enumeration value for HttpMethod must be non-empty"),
    ("put_integration", "api resourceId=root httpMethod=ANY",
     {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": f"{PROXY}s3:path/b/k"}, BAD,
     ("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
     "stream invocations.")),
    ("put_integration", "api resourceId=root httpMethod=ANY",
     {"type": "AWS_PROXY", "integrationHttpMethod": "POST",
      "uri": "arn:aws:lambda:us-east-1:000000000000:function:f"}, BAD,
     "AWS ARN for integration must contain path or action"),
    ("delete_integration", "api resourceId=pets httpMethod=GET", {}, ABSENT,
     "Invalid Integration identifier specified"),
    ("get_model", "api modelName=Cat", {}, ABSENT, "Invalid model name specified: Cat"),
    ("create_model", "api", MODEL, CONFLICT, "Model name already exists for this REST API"),
    ("create_model", "api", {**MODEL, "name": "Cat", "schema": ""}, BAD, SCHEMA),
    ("update_model", "api modelName=Pet", patch("/name"), BAD,
     ("Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, "
     "/schema]")),
    ("update_model", "api modelName=Pet", patch("/schema", ""), BAD, SCHEMA),
    ("update_request_validator", "api requestValidatorId=validator", patch("/name", ""), BAD,
     "Request Validator name cannot be blank"),
    ("delete_deployment", "api deploymentId=deployment", {}, BAD,
     "Active stages pointing to this deployment must be moved or deleted"),
    ("get_stage", "api stageName=q", {}, ABSENT, "Invalid stage identifier specified"),
    ("get_usage_plan", "usagePlanId=none", {}, ABSENT, "Invalid Usage Plan ID specified"),
    ("update_usage_plan", "usagePlanId=plan", patch("/apiStages", "a", "add"), BAD,
     "Invalid API Stage specified"),
    ("update_usage_plan", "usagePlanId=plan", patch("/apiStages", "a:b", "add"), ABSENT,
     "Invalid API Stage {api: a, stage: b} specified for usageplan {plan}"),
    ("create_api_key", "", {"name": "k", "value": "k" * 129}, BAD,
     "API Key value exceeds maximum size of 128 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "of", "asked", "code", "text"), OF_REST)
def test_a_rest_api_refuses_as_on_aws(  # noqa: PLR0917 - a case has five parts
    cloud: LocalCloud, made: dict[str, str], call: str, of: str, asked: Any, code: str, text: str
) -> None:
    """What a patch may name, what is there, and what depends on something else."""
    given = [part.partition("=") for part in of.replace("api", "restApiId=api", 1).split()]
    if of.startswith("none"):
        given = [("restApiId", "=", "none")]
    named = {name: made.get(value, value) for name, _, value in given}
    for one in asked.get("patchOperations", ()):
        one["value"] = made["pets"] if one["value"] == "{pets}" else one["value"]
    said = refusal(getattr(client_of(cloud, "apigateway"), call), **{**named, **asked})
    assert said[::2] == (code, text.replace("{plan}", made["plan"]))


def test_a_patch_brings_values_and_no_texts(cloud: LocalCloud, made: dict[str, str]) -> None:
    """Numbers, truths, a stage of a plan, and names with slashes."""
    api = client_of(cloud, "apigateway")
    key = api.create_api_key(name="k", enabled=True)["id"]
    assert api.update_api_key(apiKey=key, **patch("/enabled", "false"))["enabled"] is False
    plan = {"usagePlanId": made["plan"]}
    stage = f"{made['api']}:p"
    told = api.update_usage_plan(**plan, **patch("/apiStages", stage, "add"))
    assert told["apiStages"] == [{"apiId": made["api"], "stage": "p"}]
    assert api.update_usage_plan(**plan, **patch("/throttle/rateLimit", "2.5"))["throttle"] == {
        "rateLimit": 2.5
    }
    told = api.update_usage_plan(**plan, **patch("/apiStages", stage, "remove"))
    assert told["apiStages"] == []
    method = {"restApiId": made["api"], "resourceId": made["root"], "httpMethod": "PUT"}
    told = api.update_integration(**method, **patch("/timeoutInMillis", "5000"))
    assert told["timeoutInMillis"] == 5000
    api.update_method(**method, **patch("/requestModels/application~1json", "Pet", "add"))
    told = api.update_method(
        **method, **patch("/requestParameters/method.request.header.a", "true", "add")
    )
    assert told["requestModels"] == {"application/json": "Pet"}
    assert told["requestParameters"] == {"method.request.header.a": True}
    stage_of = {"restApiId": made["api"], "stageName": "p"}
    told = api.update_stage(**stage_of, **patch("/variables/limit", "none"))
    assert told["variables"] == {"limit": "none"}
    api.delete_api_key(apiKey=key)


ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
OWN, QUEUE = f"{ARN}words", "arn:aws:sqs:us-east-1:000000000000:words"
TOPIC = "arn:aws:sns:us-east-1:000000000000:words"
GONE, WRONG, PARAMETER = (
    "ResourceNotFoundException", "ValidationException", "InvalidParameterValueException"
)  # fmt: skip
STATEMENT = {
    "StatementId": "a",
    "Action": "lambda:InvokeFunction",
    "Principal": "sns.amazonaws.com",
}
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": "*"}]}'
)
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:none"


@pytest.fixture(scope="module")
def around(cloud: LocalCloud, deploy_once: Any) -> Iterator[dict[str, str]]:
    """A function with an alias and a queue that it polls, a topic, a rule, a group and a bucket."""
    function = deploy_once("def handler(event, context): return 1", FunctionName="words")
    lambda_ = function.client
    lambda_.publish_version(FunctionName="words")
    lambda_.create_alias(FunctionName="words", Name="live", FunctionVersion="1")
    queues, topics, rules, logs, s3 = (
        client_of(cloud, name) for name in ("sqs", "sns", "events", "logs", "s3")
    )
    url = queues.create_queue(QueueName="words")["QueueUrl"]
    mapping = lambda_.create_event_source_mapping(FunctionName="words", EventSourceArn=QUEUE)
    topics.create_topic(Name="words")
    own = topics.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]
    rules.put_rule(Name="words", EventPattern='{"source": ["a"]}')
    logs.create_log_group(logGroupName="words")
    s3.create_bucket(Bucket="words")
    secrets = client_of(cloud, "secretsmanager")
    secrets.create_secret(Name="words", SecretString="a")
    secrets.delete_secret(SecretId="words")
    apis = client_of(cloud, "apigatewayv2")
    own_api = apis.create_api(Name="words", ProtocolType="HTTP")["ApiId"]
    yield {"api": own_api, "queue": url, "mapping": mapping["UUID"], "subscription": own}
    apis.delete_api(ApiId=own_api)
    lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    queues.delete_queue(QueueUrl=url)
    topics.delete_topic(TopicArn=TOPIC)
    rules.delete_rule(Name="words")
    logs.delete_log_group(logGroupName="words")
    s3.delete_bucket(Bucket="words")


def entries(*names: str) -> list[dict[str, str]]:
    """Messages of a batch."""
    return [{"Id": name, "Message": "a"} for name in names]


OF_OTHERS = [
    ("lambda create_alias", {"FunctionName": "words", "Name": "live", "FunctionVersion": "1"},
     "ResourceConflictException", f"Alias already exists: {OWN}:live"),
    ("lambda update_function_event_invoke_config",
     {"FunctionName": "words", "MaximumRetryAttempts": 1}, GONE,
     f"The function {OWN}:$LATEST doesn't have an EventInvokeConfig"),
    ("lambda put_function_concurrency",
     {"FunctionName": f"{OWN}:live", "ReservedConcurrentExecutions": 1}, PARAMETER,
     ("This operation is permitted on Lambda functions only. Aliases and versions do not support "
     "this operation. Please specify either a function name or an unqualified function ARN.")),
    ("lambda update_event_source_mapping", {"UUID": "{mapping}", "BatchSize": 20}, PARAMETER,
     ("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
     "than 10")),
    ("lambda update_event_source_mapping",
     {"UUID": "{mapping}", "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}, PARAMETER,
     "Unsupported DestinationConfig parameter for given event source mapping type."),
    ("lambda tag_resource", {"Resource": OWN, "Tags": {}}, PARAMETER,
     "An error occurred and the request cannot be processed."),
    ("lambda add_permission", {"FunctionName": "words", "RevisionId": "old", **STATEMENT},
     "PreconditionFailedException",
     ("The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to "
     "retrieve the latest Revision Id")),
    ("lambda create_event_source_mapping",
     {"FunctionName": "words", "StartingPosition": "AT_TIMESTAMP",
      "EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/a"}, PARAMETER,
     ("1 validation error detected: Value null at 'startingPositionTimestamp' failed to satisfy "
      "constraint: Member must not be null.")),
    ("apigatewayv2 delete_route", {"ApiId": "{api}", "RouteId": "none"}, ABSENT,
     "Invalid Route identifier specified none"),
    ("apigatewayv2 delete_stage", {"ApiId": "{api}", "StageName": "none"}, ABSENT,
     "Invalid stage identifier specified"),
    ("apigatewayv2 create_integration",
     {"ApiId": "{api}", "IntegrationType": "HTTP_PROXY", "IntegrationUri": "ftp://localhost",
      "PayloadFormatVersion": "1.0"}, BAD, "Invalid HTTP endpoint specified for URI"),
    ("s3 put_object", {"Bucket": "words", "Key": "k", "ServerSideEncryption": "aws:kms",
                       "SSEKMSKeyId": "none"}, "KMS.NotFoundException", "Invalid keyId 'none'"),
    ("iam create_policy", {"PolicyName": "words", "PolicyDocument": POLICY.replace("2012", "2020")},
     "MalformedPolicyDocument", "Syntax errors in policy."),
    ("iam create_policy", {"PolicyName": "words", "PolicyDocument": POLICY.replace("Allow", "Let")},
     "MalformedPolicyDocument", "Syntax errors in policy."),
    ("sqs send_message_batch",
     {"QueueUrl": "{queue}",
      "Entries": [{"Id": str(n), "MessageBody": "a"} for n in range(11)]},
     "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
     "Maximum number of entries per request are 10. You have sent 11."),
    ("sns create_topic", {"Name": "words", "Attributes": {"DisplayName": "Other"}},
     "InvalidParameter",
     "Invalid parameter: Attributes Reason: Topic already exists with different attributes"),
    ("sns get_topic_attributes", {"TopicArn": f"{TOPIC}-none"}, "NotFound", "Topic does not exist"),
    ("sns publish", {"TopicArn": "a:b", "Message": "a"}, "InvalidParameter",
     "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2"),
    ("sns publish", {"TopicArn": TOPIC, "Message": "a" * 262_145}, "InvalidParameter",
     "Invalid parameter: Message too long"),
    ("sns publish_batch", {"TopicArn": TOPIC, "PublishBatchRequestEntries": entries("a.b")},
     "InvalidBatchEntryId",
     "The Id of a batch entry in the batch request contains an impermissible character: a.b"),
    ("sns publish_batch", {"TopicArn": TOPIC, "PublishBatchRequestEntries": entries("a", "a")},
     "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."),
    ("sns subscribe", {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"{QUEUE}.fifo"},
     "InvalidParameter",
     ("Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be "
     "subscribed to standard SNS topics")),
    ("sns subscribe", {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE,
                       "Attributes": {"RawMessageDelivery": "true"}}, "InvalidParameter",
     "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"),
    ("sns subscribe", {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": "{queue}"},
     "InvalidParameter", "Invalid parameter: SQS endpoint ARN"),
    ("sns set_subscription_attributes",
     {"SubscriptionArn": "{subscription}", "AttributeName": "Colour", "AttributeValue": "a"},
     "InvalidParameter", "Invalid parameter: AttributeName"),
    ("sns unsubscribe", {"SubscriptionArn": TOPIC}, "InvalidParameter",
     "Invalid parameter: SubscriptionId"),
    ("events describe_event_bus", {"Name": "none"}, GONE, "Event bus none does not exist."),
    ("events describe_rule", {"Name": "none"}, GONE,
     "Rule none does not exist on EventBus default."),
    ("events delete_event_bus", {"Name": "default"}, WRONG, "Cannot delete event bus default."),
    ("events put_targets", {"Rule": "words", "Targets": [
        {"Id": "1", "Arn": OWN, "InputTransformer": {
            "InputPathsMap": {"a": "$.a"}, "InputTemplate": '"<b>"'}}]}, WRONG,
     "InputTemplate for target 1 contains invalid placeholder b."),
    ("logs create_log_group", {"logGroupName": "words"}, "ResourceAlreadyExistsException",
     "The specified log group already exists"),
    ("logs describe_log_streams", {"logGroupName": "none"}, GONE,
     "The specified log group does not exist."),
    ("logs describe_log_streams", {"logGroupName": "words", "logGroupIdentifier": "words"}, WRONG,
     "LogGroup name and LogGroup ARN are mutually exclusive parameters."),
    ("iam get_role", {"RoleName": "none"}, "NoSuchEntity",
     "The role with name none cannot be found."),
    ("iam attach_role_policy", {"RoleName": "test", "PolicyArn": "arnlike" * 4}, "ValidationError",
     "Invalid ARN:  Could not be parsed!"),
    ("sts assume_role", {"RoleArn": "arn:a:::something/test-role", "RoleSessionName": "one"},
     "ValidationError", "arn:a:::something/test-role is invalid"),
    ("s3 upload_part",
     {"Bucket": "words", "Key": "k", "UploadId": "a", "PartNumber": 0, "Body": b"a"},
     "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"),
    ("s3 put_bucket_tagging",
     {"Bucket": "words", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}] * 2}}, "InvalidTag",
     "Cannot provide multiple Tags with the same key"),
    ("s3 list_objects_v2", {"Bucket": "words", "ContinuationToken": "zz"}, "InvalidArgument",
     "The continuation token provided is incorrect"),
    ("secretsmanager create_secret", {"Name": "words", "SecretString": "a"},
     "InvalidRequestException",
     ("You can't create this secret because a secret with this name is already scheduled for "
     "deletion.")),
    ("cloudwatch put_metric_data",
     {"Namespace": "a", "MetricData": [{"MetricName": "m", "Value": 1, "Values": [1]}]},
     "InvalidParameterCombination",
     ("The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually "
     "exclusive and you have specified both.")),
    ("cloudwatch get_metric_statistics",
     {"Namespace": "a", "MetricName": "m", "StartTime": NOW, "EndTime": NOW + dt.timedelta(days=1),
      "Period": 1, "Statistics": ["Sum"]}, "InvalidParameterCombination",
     ("You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce "
     "the datapoints requested by increasing Period, or decreasing the time range.")),
    ("stepfunctions describe_state_machine", {"stateMachineArn": MACHINE},
     "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{MACHINE}'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "asked", "code", "text"), OF_OTHERS)
def test_other_services_refuse_as_on_aws(  # noqa: PLR0917 - a case has four parts
    cloud: LocalCloud, around: dict[str, str], call: str, asked: Any, code: str, text: str
) -> None:
    """Lambda, queues, topics, rules, logs, roles, objects, metrics and machines."""
    service, _, operation = call.partition(" ")
    given = {
        name: around.get(value.strip("{}"), value) if isinstance(value, str) else value
        for name, value in asked.items()
    }
    assert refusal(getattr(client_of(cloud, service), operation), **given)[::2] == (code, text)


def test_who_puts_an_object_is_told_its_checksum(cloud: LocalCloud, around: Any) -> None:
    """The one that was asked for; a list goes on at the token that it gave."""
    s3, of_it = client_of(cloud, "s3"), {"Bucket": "words"}
    assert around
    for name in ("a", "b"):
        told = s3.put_object(**of_it, Key=name, Body=b"1", ChecksumAlgorithm="SHA256")
        assert told["ChecksumSHA256"] == "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="
    first = s3.list_objects_v2(**of_it, MaxKeys=1)
    more = s3.list_objects_v2(**of_it, ContinuationToken=first["NextContinuationToken"])
    assert [one["Key"] for one in more["Contents"]] == ["b"]
    for name in ("a", "b"):
        s3.delete_object(**of_it, Key=name)


def test_a_call_that_aws_takes_unsigned_is_refused_by_its_name(cloud: LocalCloud) -> None:
    """Cognito's own clients send no signature; nobody could tell whose they are."""
    cognito = client_of(cloud, "cognito-idp")
    code, _, text = refusal(cognito.forgot_password, ClientId="c" * 26, Username="a")
    assert code == "MissingAuthenticationTokenException"
    assert text.startswith("This local cloud takes no call without a signature (ForgotPassword).")
