"""Requests held to AWS's models of all services around functions, by the real client.

Values that the models or API Gateway's limits do not have, and members that no code here reads.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from refusals import ARN, refusal
from shapes import client_of

from serverless_tax.cloud.front.constraints import broken_action, in_python
from serverless_tax.cloud.front.gate import HERE
from serverless_tax.cloud.front.operations import model_of
from serverless_tax.cloud.front.unread import unread_error

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

CLOCK = "arn:aws:iam::000000000000:role/clock"
SCHEDULE: dict[str, Any] = {
    "Name": "s", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": f"{ARN}none", "RoleArn": CLOCK},
}  # fmt: skip
AUTHORIZER: dict[str, Any] = {
    "name": "a", "type": "TOKEN",
    "authorizerUri": f"arn:aws:apigateway:us-east-1:lambda:path/{ARN}",
    "identitySource": "method.request.header.Authorization",
}  # fmt: skip
TABLE: dict[str, Any] = {
    "TableName": "modelled", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}  # fmt: skip
QUERY = {"Id": "a", "MetricStat": {"Metric": {}, "Period": 60, "Stat": "Sum"}}
ENUM = "Member must satisfy enum value set: "


@pytest.fixture(scope="module")
def rest(cloud: LocalCloud) -> Any:
    """A client and a REST API of its own."""
    client = client_of(cloud, "apigateway")
    made = client.create_rest_api(name="modelled")
    yield client, {"restApiId": made["id"]}, {"resourceId": made["rootResourceId"]}
    client.delete_rest_api(restApiId=made["id"])


@pytest.mark.parametrize(
    ("call", "asked", "code", "words"),
    [
        ("scheduler create_schedule", {**SCHEDULE, "Name": "a b"}, "ValidationException",
         "Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular"),
        ("scheduler create_schedule", {**SCHEDULE, "State": "ON"}, "ValidationException",
         f"Value 'ON' at 'state' failed to satisfy constraint: {ENUM}[ENABLED, DISABLED]"),
        ("scheduler create_schedule",
         {**SCHEDULE, "Target": {**SCHEDULE["Target"], "RetryPolicy": {"MaximumRetryAttempts": 1}}},
         "ValidationException",
         "This local cloud does not read Target.RetryPolicy of CreateSchedule. AWS would accept"),
        ("scheduler create_schedule",
         {**SCHEDULE, "Target": {**SCHEDULE["Target"], "Input": "{"}}, "ValidationException",
         "The Input of a target of lambda must be well-formed JSON."),
        ("pipes create_pipe", {"Name": "p", "Source": "a", "Target": ARN, "RoleArn": CLOCK,
                               "DesiredState": "ON"}, "ValidationException", f"{ENUM}[RUNNING"),
        ("dynamodb create_table", {**TABLE, "TableClass": "COLD"}, "ValidationException",
         f"Value 'COLD' at 'tableClass' failed to satisfy constraint: {ENUM}[STANDARD, STANDARD_"),
        ("dynamodb create_table", {**TABLE, "ResourcePolicy": "{}"}, "ValidationException",
         "does not read ResourcePolicy of CreateTable"),
        ("dynamodb create_table", {**TABLE, "StreamSpecification": {"StreamEnabled": True}},
         "ValidationException", "A StreamViewType is needed for a stream"),
        ("dynamodb scan", {"TableName": "none", "Select": "SOME"}, "ValidationException",
         f"{ENUM}[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"),
        ("dynamodb get_item", {"TableName": "none", "Key": {}, "ProjectionExpression": ""},
         "ValidationException", "Invalid ProjectionExpression: The expression can not be empty;"),
        ("dynamodb transact_write_items", {"TransactItems": [{"Put": {
            "TableName": "none", "Item": {}}, "Delete": {"TableName": "none", "Key": {}}}]},
         "ValidationException", "can only contain one of Check, Put, Update or Delete"),
        ("dynamodb update_table", {"TableName": "none", "ReplicaUpdates": [
            {"Create": {"RegionName": "eu-west-1"}}]}, "ValidationException", "no global tables"),
        ("sts assume_role", {"RoleArn": CLOCK, "RoleSessionName": "me", "SourceIdentity": "me"},
         "ValidationError", "does not read SourceIdentity of AssumeRole"),
        ("sts assume_role", {"RoleArn": CLOCK, "RoleSessionName": "me", "DurationSeconds": 7_200},
         "ValidationError", "exceeds the MaxSessionDuration set for this role."),
        ("iam get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/AWSLambda_FullAccess"},
         "InvalidInput", "does not know what AWS's own policy"),
        ("iam list_policies", {}, "InvalidInput", "lists policies of your own (Scope=Local)"),
        ("iam create_policy", {"PolicyName": "p", "PolicyDocument": json.dumps(
            {"Version": "2012-10-17",
             "Statement": [{"Effect": "Allow", "Action": "read", "Resource": "*"}]})},
         "MalformedPolicyDocument", "Actions/Conditions must be prefaced by a vendor"),
        ("cloudwatch put_metric_data", {"Namespace": "n", "MetricData": [
            {"MetricName": "m", "Value": 1.0, "StorageResolution": 1}]}, "ValidationError",
         "does not read MetricData.StorageResolution of PutMetricData"),
        ("cloudwatch get_metric_data", {"StartTime": 1, "EndTime": 2, "MetricDataQueries": [
            {**QUERY, "Id": "A"}]}, "ValidationError", "not matching the expected pattern"),
        ("cloudwatch get_metric_data", {"StartTime": 2, "EndTime": 1, "MetricDataQueries": [QUERY]},
         "InvalidParameterValue", "StartTime must be less than the parameter EndTime."),
        ("events put_targets", {"Rule": "none", "Targets": [
            {"Id": "1", "Arn": ARN, "RetryPolicy": {"MaximumRetryAttempts": 1}}]},
         "ValidationException", "does not read Targets.RetryPolicy of PutTargets"),
        ("sqs list_queues", {"NextToken": "zzz", "MaxResults": 1}, "InvalidParameterValue",
         "No list gave this NextToken: zzz"),
        ("cognito-idp list_user_pools", {"NextToken": "zzz", "MaxResults": 1},
         "InvalidParameterException", "No list gave this NextToken: zzz"),
        ("events put_rule", {"Name": "a", "EventPattern": '["a"]'}, "InvalidEventPatternException",
         'not an object\n at [Source: (String)"["a"]"; line: 1, column: 2]'),
        ("events test_event_pattern", {"EventPattern": '{"source": ["a"]}', "Event": "plain"},
         "ValidationException", "Parameter Event is not valid."),
        ("events test_event_pattern", {"EventPattern": '{"source": ["a"]}', "Event": "{}"},
         "ValidationException", "Parameter Event is not valid."),
        ("scheduler create_schedule", {**SCHEDULE, "ScheduleExpression": "at(2020-01-01T00:00:00)"},
         "ValidationException", "The moment of at(2020-01-01T00:00:00) is over."),
        ("scheduler create_schedule", {**SCHEDULE, "ScheduleExpression": "at(2090-02-30T00:00:00)"},
         "ValidationException", "Invalid Schedule Expression at(2090-02-30T00:00:00)."),
        ("scheduler create_schedule", {**SCHEDULE, "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
         "ValidationException", "must be provided when FlexibleTimeWindowMode is set to FLEXIBLE."),
        ("scheduler create_schedule",
         {**SCHEDULE, "FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
         "ValidationException",
         "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF."),
        ("scheduler create_schedule",
         {**SCHEDULE, "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}},
         "ValidationException", "Member must have value less than or equal to 1440"),
        ("scheduler create_schedule",
         {**SCHEDULE, "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}},
         "ValidationException", "This local cloud has no flexible windows of a schedule"),
        ("events put_rule", {"Name": "a", "EventPattern": "42"}, "InvalidEventPatternException",
         'not an object\n at [Source: (String)"42"; line: 1, column: 3]'),
        ("apigateway import_rest_api", {"body": b"not: a: doc"}, "BadRequestException",
         "Invalid OpenAPI input."),
        ("apigateway import_rest_api", {"body": b"[1]"}, "BadRequestException",
         "Invalid OpenAPI input."),
        ("apigateway import_rest_api", {"body": b"info: {}\nopenapi: 3.0.1\n"},
         "BadRequestException", "in JSON, and not in YAML."),
        ("ssm put_parameter", {"Name": "p", "Value": "v", "Type": "String", "DataType": "date"},
         "ValidationException", "The following data type is not supported: date (Data type names"),
        ("ssm get_parameters_by_path", {"Path": "a"}, "ValidationException",
         'The parameter name must begin with a forward slash "/".'),
        ("secretsmanager create_secret", {"Name": "a b", "SecretString": "x"},
         "ValidationException", "Invalid name. Must be a valid name containing alphanumeric"),
        ("secretsmanager create_secret",
         {"Name": "a", "SecretString": "x", "AddReplicaRegions": [{"Region": "eu-west-1"}]},
         "ValidationException", "no copies of a secret"),
        ("secretsmanager put_resource_policy", {"SecretId": "a", "ResourcePolicy": "{"},
         "MalformedPolicyDocumentException", "This resource policy contains invalid Json."),
        ("s3 list_objects_v2", {"Bucket": "none", "MaxKeys": -1}, "InvalidArgument",
         "Argument maxKeys must be an integer between 0 and 2147483647"),
        ("s3 put_bucket_cors", {"Bucket": "none", "CORSConfiguration": {"CORSRules": [
            {"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]}}, "InvalidRequest",
         "Found unsupported HTTP method in CORS config. Unsupported method is PATCH"),
        ("s3 create_bucket", {"Bucket": "none", "CreateBucketConfiguration": {
            "LocationConstraint": "moon"}}, "InvalidLocationConstraint", "is not valid"),
        ("cognito-idp create_user_pool",
         {"PoolName": "a", "LambdaConfig": {"PostConfirmation": f"{ARN}a"}},
         "InvalidParameterException", "does not read LambdaConfig.PostConfirmation of CreateUser"),
        ("apigatewayv2 create_api", {"Name": "a", "ProtocolType": "HTTP",
                                     "CorsConfiguration": {"AllowMethods": ["FETCH"]}},
         "BadRequestException", "Method FETCH is not supported"),
        ("apigatewayv2 create_api", {"Name": "a", "ProtocolType": "HTTP",
                                     "CorsConfiguration": {"MaxAge": 90_000}},
         "BadRequestException", "Value '90000' at 'corsConfiguration.maxAge' failed"),
        ("cloudformation create_stack",
         {"StackName": "s", "Parameters": [{"ParameterKey": "Colour", "ParameterValue": "1"}],
          "TemplateBody": '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'}, "ValidationError",
         "Parameters: [Colour] do not exist in the template"),
        ("apigateway create_rest_api", {"name": "a", "apiKeySource": "BODY"},
         "BadRequestException", f"{ENUM}[HEADER, AUTHORIZER]"),
    ],
)  # fmt: skip
def test_a_request_is_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], code: str, words: str
) -> None:
    """By the code that the service has for it."""
    service, action = call.split()
    said = refusal(getattr(client_of(cloud, service), action), **asked)
    assert said[0] == code
    assert words in said[2]


@pytest.mark.parametrize(
    ("call", "asked", "words"),
    [
        ("create_authorizer", {**AUTHORIZER, "authorizerResultTtlInSeconds": 3601},
         "Authorizer result TTL must be between 0 and 3600 seconds"),
        ("create_authorizer", {**AUTHORIZER, "type": "BASIC"}, "one of TOKEN, REQUEST, COGNITO"),
        ("create_authorizer", {**AUTHORIZER, "authorizerUri": ""}, "TOKEN needs authorizerUri."),
        ("update_rest_api", {"patchOperations": [{"op": "replace", "path": "/tag", "value": "b"}]},
         "Invalid patch path /tag"),
        ("update_rest_api", {"patchOperations": [{"op": "set", "path": "/name", "value": "b"}]},
         f"{ENUM}[add, remove, replace, move, copy, test]"),
        ("create_model", {"name": "m", "contentType": "application/json", "schema": "{"},
         "Invalid model schema specified"),
        ("put_integration", {"type": "MOCK", "timeoutInMillis": 49},
         "Timeout should be between 50 ms and 29000 ms"),
        ("put_integration", {"type": "HTTPS"}, f"{ENUM}[HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY]"),
        ("put_method", {"authorizationType": "CUSTOM", "authorizerId": "none"},
         "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO"),
    ],
)  # fmt: skip
def test_a_rest_api_is_not_given_it(
    rest: Any, call: str, asked: dict[str, Any], words: str
) -> None:
    """Nor is it changed to it."""
    client, api, root = rest
    of_a_method = {**root, "httpMethod": "GET"} if call.startswith("put") else {}
    code, status, text = refusal(getattr(client, call), **api, **of_a_method, **asked)
    assert (code, status) == ("BadRequestException", 400)
    assert words in text


def test_a_method_is_made_once(rest: Any) -> None:
    """And an authorizer's time is changed within the same bounds."""
    client, api, root = rest
    asked = {**api, **root, "httpMethod": "POST", "authorizationType": "NONE"}
    client.put_method(**asked)
    said = refusal(client.put_method, **asked)
    assert said == ("ConflictException", 409, "Method already exists for this resource")
    made = client.create_authorizer(**api, **AUTHORIZER)
    path = {"op": "replace", "path": "/authorizerResultTtlInSeconds"}
    of_it = {**api, "authorizerId": made["id"]}
    said = refusal(client.update_authorizer, **of_it, patchOperations=[{**path, "value": "3601"}])
    assert "between 0 and 3600" in said[2]
    told = client.update_authorizer(**of_it, patchOperations=[{**path, "value": "3600"}])
    assert int(told["authorizerResultTtlInSeconds"]) == 3600


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("ApiGateway::Authorizer",
         {"RestApiId": "none", "Name": "a", "Type": "REQUEST", "AuthorizerUri": "a",
          "AuthorizerResultTtlInSeconds": 3601}, "between 0 and 3600 seconds"),
        ("ApiGatewayV2::Api", {"Name": "a", "ProtocolType": "HTTP", "CorsConfiguration": {
            "MaxAge": 90_000}}, "MaxAge must be between"),
        ("S3::Bucket", {"NotificationConfiguration": {"QueueConfigurations": [{
            "Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:us-east-1:000000000000:none",
            "Filter": {"S3Key": {"Rules": [{"Name": "size", "Value": "1"}]}}}]}},
         "filter rule name must be either prefix or suffix"),
        ("DynamoDB::GlobalTable", {**TABLE, "Replicas": [
            {"Region": "us-east-1"}, {"Region": "eu-west-1"}]}, "no global tables"),
        ("Scheduler::Schedule",
         {**SCHEDULE, "Target": {**SCHEDULE["Target"], "RetryPolicy": {"MaximumRetryAttempts": 1}}},
         "does not read Target.RetryPolicy of CreateSchedule"),
        ("Events::Rule", {"ScheduleExpression": "rate(1 hour)", "Targets": [
            {"Id": "1", "Arn": f"{ARN}f", "RetryPolicy": {"MaximumRetryAttempts": 1}}]},
         "does not read Targets.RetryPolicy of PutTargets"),
        ("SQS::Queue", {"QueueNam": "a"},
         "resource Made with message:\n[#: extraneous key [QueueNam] is not permitted]"),
        ("SNS::Topic", {"QueueName": "a"}, "extraneous key [QueueName] is not permitted"),
        ("SSM::Parameter", {"Type": "String", "Value": "v", "Policies": "[]"},
         "no policies of a parameter"),
    ],
)  # fmt: skip
def test_a_template_does_not_make_it(
    cloud: LocalCloud, kind: str, properties: dict[str, Any], words: str
) -> None:
    """The same checks, where no request passes the gate."""
    stacks = client_of(cloud, "cloudformation")
    name = kind.replace("::", "")
    template = {"Resources": {"Made": {"Type": f"AWS::{kind}", "Properties": properties}}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    assert any(words in one.get("ResourceStatusReason", "") for one in events)


@pytest.mark.parametrize(
    ("service", "operation", "asked", "place"),
    [
        ("sns", "Subscribe", {"TopicArn": "a", "ReturnSubscriptionArn": True}, ""),
        ("scheduler", "CreateSchedule", {**SCHEDULE, "ClientToken": "a"}, ""),
        ("scheduler", "CreateSchedule", {"Name": "a", "Target": {"SqsParameters": {"a": "b"}}},
         "Target.SqsParameters"),
        ("monitoring", "PutMetricData", {"MetricData": [{"StorageResolution": 60}]}, ""),
        ("logs", "PutLogEvents", {"logGroupName": "a", "sequenceToken": "1"}, ""),
        ("lambda", "CreateFunction", {"Runtime": "a", "Handler": "b", "Timeout": 3}, ""),
        ("dynamodb", "UpdateTable", {"TableName": "a", "MultiRegionConsistency": "STRONG"},
         "MultiRegionConsistency"),
    ],
)  # fmt: skip
def test_what_nothing_reads_is_named(
    service: str, operation: str, asked: dict[str, Any], place: str
) -> None:
    """What asks for nothing, or for what is so in any case, is none of it."""
    said = unread_error(service, operation, asked)
    start = f"This local cloud does not read {place} of {operation}."
    assert said.startswith(start) if place else not said


@pytest.mark.parametrize(
    ("service", "operation", "asked", "broken"),
    [
        ("cognito-idp", "AdminCreateUser", {"UserPoolId": "us-east-1_a", "Username": "a@b.c+d-é"},
         0),
        ("cognito-idp", "AdminCreateUser", {"UserPoolId": "us-east-1_a", "Username": "a b"}, 1),
        ("cognito-idp", "CreateGroup", {"UserPoolId": "us-east-1_a", "GroupName": "é\u0301 €"}, 1),
        ("states", "StartExecution", {"stateMachineArn": "a", "traceHeader": "Root=1-2"}, 0),
        ("states", "StartExecution", {"stateMachineArn": "a", "traceHeader": "é"}, 1),
        ("dynamodb", "UpdateTableReplicaAutoScaling", {
            "TableName": "abc", "ProvisionedWriteCapacityAutoScalingUpdate": {
                "AutoScalingRoleArn": "a\U0001f600"}}, 0),
        ("logs", "DescribeResourcePolicies", {"resourceArn": "a", "policyScope": "RESOURCE"}, 0),
    ],
)  # fmt: skip
def test_a_pattern_of_javas_is_read_as_java_does(
    service: str, operation: str, asked: dict[str, Any], broken: int
) -> None:
    """Marks, symbols and punctuation have classes there that Python lacks."""
    assert len(broken_action(service, operation, asked)) == broken


@pytest.mark.parametrize("service", sorted(HERE - {"execute-api"}))
def test_every_pattern_of_a_model_is_read(service: str) -> None:
    """One that Python cannot read would end the server's answer."""
    shapes = (model_of(service).shape_for(name) for name in model_of(service).shape_names)
    for one in shapes:
        re.compile(in_python(one.metadata.get("pattern", "")))
