"""Values that AWS refuses, one of each kind, by the real client; and their neighbours, taken."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import ARN, ECHO, let, refusal
from shapes import client_of

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
NOW, DAY_LONG = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
ALARM: dict[str, Any] = {
    "AlarmName": "a", "MetricName": "m", "Namespace": "n", "Period": 60, "EvaluationPeriods": 1,
    "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum",
}  # fmt: skip
ASKED: dict[str, Any] = {
    "Namespace": "n", "MetricName": "m", "StartTime": DAY, "Period": 60, "Statistics": ["Sum"],
    "EndTime": DAY + dt.timedelta(hours=1),
}  # fmt: skip
TOPIC = "arn:aws:sns:us-east-1:000000000000:none"
MACHINE_ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:a"
MACHINE = {"definition": "{}", "roleArn": "arn:aws:iam::000000000000:role/test"}
PARAMETER = {"Name": "p", "Value": "x", "Type": "String"}
LINES = {"logGroupName": "/values", "logStreamName": "s"}
METRIC = {"MetricName": "m", "Value": 1.0}


@pytest.mark.parametrize(
    ("call", "asked", "code", "words"),
    [
        ("sqs send_message", {"MessageBody": "a", "DelaySeconds": 901}, "InvalidParameterValue",
         "DelaySeconds must be >= 0 and <= 900."),
        ("sqs send_message",
         {"MessageBody": "a", "MessageAttributes": {"one": {"StringValue": "1"}}},
         "InvalidParameterValue", "attribute 'one' must contain a non-empty message attribute"),
        ("sqs receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue",
         "Must be >= 0 and <= 20, if provided."),
        ("sqs receive_message", {"VisibilityTimeout": 43_201}, "InvalidParameterValue",
         "Must be between 0 and 43200, if provided."),
        ("sns create_topic", {"Name": "a b"}, "InvalidParameter", "Invalid parameter: Topic Name"),
        ("sns create_topic", {"Name": "a.fifo"}, "InvalidParameter", "parameter: Topic Name"),
        ("sns create_topic", {"Name": "a", "Attributes": {"FifoTopic": "true"}},
         "InvalidParameter", "Fifo Topic names must end with .fifo"),
        ("sns publish", {"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ("sns publish", {"Message": "a", "Subject": "s" * 101}, "InvalidParameter", ": Subject"),
        ("sns publish", {"Message": '{"sqs": "a"}', "MessageStructure": "json"},
         "InvalidParameter", "Message Structure - No default entry in JSON message body"),
        ("stepfunctions create_state_machine", {**MACHINE, "name": "a b"}, "InvalidName",
         "Invalid Name: 'a b'"),
        ("stepfunctions start_execution", {"stateMachineArn": MACHINE_ARN, "name": "a/b"},
         "InvalidName", "Invalid Name: 'a/b'"),
        ("sns publish", {"TopicArn": f"{TOPIC}.fifo", "Message": "a"}, "InvalidParameter",
         "The MessageGroupId parameter is required for FIFO topics"),
        ("stepfunctions send_task_success", {"taskToken": "a", "output": "{"}, "InvalidOutput",
         "Invalid Output: "),
        ("kms create_alias", {"AliasName": "alias/aws/mine", "TargetKeyId": "a"},
         "NotAuthorizedException", "AWS's own"),
        ("ssm put_parameter", {**PARAMETER, "Value": "x" * 4097}, "ValidationException",
         "Standard tier parameters support a maximum parameter value of 4096 characters."),
        ("ssm put_parameter", {**PARAMETER, "AllowedPattern": "^[0-9]+$"},
         "ParameterPatternMismatchException", "cannot be validated against allowedPattern"),
        ("ssm put_parameter", {**PARAMETER, "Type": "Number"}, "ValidationException",
         "enum value set: [String, StringList, SecureString]"),
        ("cloudwatch put_metric_data", {"Namespace": "AWS/n", "MetricData": [METRIC]},
         "InvalidParameterValue", "The value AWS/n for parameter Namespace is invalid."),
        ("cloudwatch put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m"}]},
         "MissingParameter", "At least one of the parameters MetricData.member.1."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [{**METRIC, "Value": float("inf")}]},
         "InvalidParameterValue", "for parameter MetricData.member.1.Value is invalid."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [METRIC, {**METRIC, "Timestamp": DAY - 15 * DAY_LONG}]},
         "InvalidParameterValue",
         "MetricData.member.2.Timestamp must specify a time within the past two weeks."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [{**METRIC, "Timestamp": NOW + DAY_LONG / 8}]},
         "InvalidParameterValue", "must specify a time no more than two hours in the future."),
        ("cloudwatch put_metric_data",
         {"Namespace": "n", "MetricData": [{**METRIC, "Unit": "Apples"}]},
         "ValidationError", "'metricData.1.member.unit' failed to satisfy constraint"),
        ("cloudwatch get_metric_statistics", {**ASKED, "Statistics": None},
         "InvalidParameterCombination", "Statistics and ExtendedStatistics must be specified."),
        ("cloudwatch get_metric_statistics", {**ASKED, "Period": 7}, "InvalidParameterValue",
         "The parameter Period must be a multiple of 60"),
        ("cloudwatch get_metric_statistics", {**ASKED, "EndTime": DAY}, "InvalidParameterValue",
         "The parameter StartTime must be less than the parameter EndTime."),
        ("cloudwatch put_metric_alarm", {**ALARM, "ComparisonOperator": "More"},
         "ValidationError", "Member must satisfy enum value set: ["),
        ("cloudwatch put_metric_alarm", {**ALARM, "Period": 7}, "ValidationError",
         "Period must be 10, 20, 30 or a multiple of 60, and is 7."),
        ("cloudwatch put_metric_alarm", {**ALARM, "EvaluationPeriods": 1441}, "ValidationError",
         "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <="),
        ("cloudwatch put_metric_alarm", {**ALARM, "DatapointsToAlarm": 2}, "ValidationError",
         "DatapointsToAlarm must be less than or equal to EvaluationPeriods."),
        ("cloudwatch put_metric_alarm", {**ALARM, "TreatMissingData": "maybe"}, "ValidationError",
         "TreatMissingData is one of breaching, notBreaching, ignore, missing, and not maybe."),
        ("cloudwatch put_metric_alarm",
         {**ALARM, "Statistic": None, "ExtendedStatistic": "p101"}, "ValidationError",
         "The value p101 for parameter ExtendedStatistic is invalid."),
        ("cloudwatch put_metric_alarm",
         {**ALARM, "OKActions": ["arn:aws:automate:us-east-1:ec2:stop", TOPIC]},
         "ValidationException",
         "This local cloud has no actions of an alarm but messages to topics"),
        ("logs put_subscription_filter",
         {"logGroupName": "a", "filterName": "a", "filterPattern": "",
          "destinationArn": "arn:aws:kinesis:us-east-1:000000000000:stream/a"},
         "InvalidParameterException", "This local cloud has no readers but functions"),
        ("cloudwatch put_metric_alarm", {**ALARM, "AlarmActions": ["tell"]}, "ValidationError",
         "Invalid arn syntax: tell"),
        ("logs describe_log_streams",
         {"logGroupName": "a", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
         "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
        ("logs put_log_events",
         {**LINES, "logEvents": [{"timestamp": n, "message": "a"} for n in (2, 1)]},
         "InvalidParameterException", "must be in chronological order."),
        ("events put_rule",
         {"Name": "a", "EventBusName": "own", "ScheduleExpression": "rate(1 hour)"},
         "ValidationException", "ScheduleExpression is supported only on the default event bus."),
        ("iam create_group", {"GroupName": "a b"}, "ValidationError",
         "The specified value for groupName is invalid. It must contain only alphanumeric"),
        ("iam create_user", {"UserName": "u" * 65}, "ValidationError",
         "Member must have length less than or equal to 64"),
        ("iam create_role", {"RoleName": "a", "AssumeRolePolicyDocument": "{}",
                             "MaxSessionDuration": 100},
         "ValidationError", "Member must have value greater than or equal to 3600"),
        ("iam create_user", {"UserName": "a", "Tags": [{"Key": "k" * 129, "Value": "v"}]},
         "ValidationError", "'tags.1.member.key' failed to satisfy constraint"),
        ("sts get_session_token", {"DurationSeconds": 10}, "ValidationError",
         "Member must have value greater than or equal to 900"),
        ("sts assume_role", {"RoleArn": MACHINE["roleArn"], "RoleSessionName": "a b"},
         "ValidationError", "'roleSessionName' failed to satisfy constraint"),
        ("iam create_role", {"RoleName": "a", "AssumeRolePolicyDocument": "{}",
                             "Description": "for them – and us"},
         "ValidationError", "Value 'for them – and us' at 'description' failed to satisfy"),
        ("iam create_service_linked_role", {"AWSServiceName": "nope"}, "InvalidInput", ": nope"),
        ("iam create_open_id_connect_provider", {"Url": "nope"}, "InvalidInput", "unlike nope"),
        ("iam simulate_custom_policy", {"PolicyInputList": ["{"], "ActionNames": ["s3:GetObject"]},
         "InvalidInput", "not valid JSON"),
        ("iam simulate_principal_policy",
         {"PolicySourceArn": MACHINE["roleArn"], "ActionNames": ["GetObject"]},
         "InvalidInput", "such as s3:GetObject, unlike GetObject"),
        ("kms encrypt", {"KeyId": "a", "Plaintext": b"x" * 4097}, "ValidationException",
         "Value at 'plaintext' failed to satisfy constraint"),
        ("s3 put_object", {"Bucket": "none", "Key": "k" * 1025}, "KeyTooLongError", "too long"),
        ("s3 put_object", {"Bucket": "none", "Key": "k", "Metadata": {"a": "x" * 2048}},
         "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size"),
        ("s3 put_bucket_notification_configuration",
         {"Bucket": "none", "NotificationConfiguration": {"QueueConfigurations": [{
             "QueueArn": MACHINE["roleArn"], "Events": ["s3:ObjectCreated:*"],
             "Filter": {"Key": {"FilterRules": [{"Name": "middle", "Value": "a"}]}}}]}},
         "InvalidArgument", "filter rule name must be either prefix or suffix"),
        ("s3 copy_object", {"Bucket": "none", "Key": "k", "CopySource": "none/k"},
         "InvalidRequest", "to copy an object to itself without changing"),
        ("events create_archive",
         {"ArchiveName": "a", "EventSourceArn": "arn:aws:events:us-east-1:0:event-bus/none"},
         "ValidationException", "'eventSourceArn' failed to satisfy constraint"),
        ("events create_archive",
         {"ArchiveName": "a",
          "EventSourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/none"},
         "ResourceNotFoundException", "Event bus none does not exist."),
        ("apigateway create_usage_plan", {"name": "u", "quota": {"limit": 1, "period": "YEAR"}},
         "BadRequestException", "one of DAY, WEEK, MONTH, and not YEAR."),
        ("secretsmanager create_secret", {"Name": "a", "SecretString": "x" * 65_537},
         "ValidationException", "Value at 'secretString' failed to satisfy constraint"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], code: str, words: str
) -> None:
    """It was taken, and lived on in silence."""
    service, action = call.split()
    given = {name: one for name, one in asked.items() if one is not None}
    if service == "sqs":
        given["QueueUrl"] = f"{cloud.endpoint_url}/000000000000/none"
    if action == "publish":
        given.setdefault("TopicArn", TOPIC)
    said = refusal(getattr(client_of(cloud, service), action), **given)
    assert said[0] == code
    assert words in said[2]
    assert "SecretString" not in said[2]
    assert len(said[2]) < 1000


@pytest.fixture
def queue(cloud: LocalCloud) -> str:
    """The address of a queue."""
    return str(boto3.client("sqs", **cloud.boto3_kwargs).create_queue(QueueName="v")["QueueUrl"])


def test_a_right_value_is_taken(cloud: LocalCloud, queue: str) -> None:
    """At each limit."""

    def of(service: str) -> Any:
        return client_of(cloud, service)

    of("sqs").send_message(QueueUrl=queue, MessageBody="a", DelaySeconds=900)
    of("sqs").receive_message(QueueUrl=queue, VisibilityTimeout=43_200)
    fifo = of("sns").create_topic(Name="v.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    topic = of("sns").create_topic(Name="v" * 256)["TopicArn"]
    said = '{"default": "a"}'
    of("sns").publish(TopicArn=topic, Message=said, MessageStructure="json", Subject="s" * 100)
    of("ssm").put_parameter(**{**PARAMETER, "Value": "7" * 4096, "AllowedPattern": "^7+$"})
    of("cloudwatch").put_metric_data(Namespace="n", MetricData=[{**METRIC, "Unit": "Count"}])
    for at in (NOW - 13 * DAY_LONG, NOW + DAY_LONG / 24):
        of("cloudwatch").put_metric_data(Namespace="n", MetricData=[{**METRIC, "Timestamp": at}])
    of("cloudwatch").get_metric_statistics(**{**ASKED, "Period": 10})
    of("cloudwatch").put_metric_alarm(**{**ALARM, "Period": 3600, "EvaluationPeriods": 168})
    of("iam").create_user(UserName="u" * 64, Tags=[{"Key": "k" * 128, "Value": "é"}])
    of("sts").get_session_token(DurationSeconds=900)
    for one in (fifo, topic):
        of("sns").delete_topic(TopicArn=one)
    of("iam").delete_user(UserName="u" * 64)
    of("ssm").delete_parameter(Name="p")
    of("cloudwatch").delete_alarms(AlarmNames=["a"])


def test_a_rest_api_is_refused_step_by_step(cloud: LocalCloud) -> None:
    """What no request could reach; once it is whole, it is deployed."""
    api = client_of(cloud, "apigateway")
    of_it = {"restApiId": api.create_rest_api(name="steps")["id"]}
    root = {**of_it, "resourceId": api.get_resources(**of_it)["items"][0]["id"]}
    get = {**root, "httpMethod": "GET"}
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/x/invocations"
    wrong = (
        (api.create_deployment, {**of_it, "stageName": "p"}, "doesn't contain any methods"),
        (api.create_resource, {**of_it, "parentId": root["resourceId"], "pathPart": "a/b"},
         "Resource's path part only allow"),
        (api.put_method, {**root, "httpMethod": "FETCH", "authorizationType": "NONE"},
         "Invalid HttpMethod specified. Valid options are GET,PUT,"),
        (api.put_method, {**get, "authorizationType": "MAYBE"}, "MAYBE"),
    )  # fmt: skip
    for call, asked, words in wrong:
        assert words in refusal(call, **asked)[2]
    api.put_method(**get, authorizationType="NONE")
    post = {**get, "integrationHttpMethod": "POST"}
    later = (
        (api.create_deployment, of_it, "No integration defined for method"),
        (api.put_integration, {**post, "type": "AWS_PROXY", "uri": "hello"}, "Invalid ARN"),
        (api.put_integration, {**get, "type": "AWS_PROXY", "uri": uri}, "Enumeration value"),
        (api.put_integration, {**post, "type": "HTTP_PROXY", "uri": "a"}, "Invalid HTTP endpoint"),
        (api.create_stage, {**of_it, "stageName": "p", "deploymentId": "none"}, "Invalid Deploym"),
        (api.create_stage, {**of_it, "stageName": "a b", "deploymentId": "none"}, "Stage name"),
    )
    for call, asked, words in later:
        assert words in refusal(call, **asked)[2]
    api.put_integration(**get, type="AWS_PROXY", uri=uri, integrationHttpMethod="POST")
    made = api.create_deployment(**of_it)["id"]
    assert api.create_stage(**of_it, stageName="p", deploymentId=made)["stageName"] == "p"
    api.delete_rest_api(**of_it)


ROLE = '{"Type": "AWS::IAM::Role", "Properties": {%s"AssumeRolePolicyDocument": {}}}'


@pytest.mark.parametrize(
    ("resources", "code", "words"),
    [
        ("", "ValidationError", "At least one Resources member must be defined."),
        ('"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "None"}}}',
         "ValidationError", "Unresolved resource dependencies [None] in the Resources block"),
        ('"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${B.Arn}"}}}',
         "ValidationError", "Unresolved resource dependencies [B] in the Resources block"),
        (f'"A": {ROLE % ""}', "InsufficientCapabilitiesException",
         "Requires capabilities : [CAPABILITY_IAM]"),
        (f'"A": {ROLE % """"RoleName": "a", """}', "InsufficientCapabilitiesException",
         "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
    ],
)  # fmt: skip
def test_a_template_is_refused_as_it_is_read(
    cloud: LocalCloud, resources: str, code: str, words: str
) -> None:
    """No stack is made, and none has to be deleted."""
    stacks = client_of(cloud, "cloudformation")
    body = f'{{"Resources": {{{resources}}}}}'
    said = refusal(stacks.create_stack, StackName="unread", TemplateBody=body)
    assert said[0] == code
    assert words in said[2]
    assert "unread" not in str(stacks.list_stacks()["StackSummaries"])


def test_a_bucket_lets_everybody_in_only_when_told_to(cloud: LocalCloud) -> None:
    """A new one blocks such a policy, as on AWS."""
    s3 = client_of(cloud, "s3")
    s3.create_bucket(Bucket="for-all")
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": '
        '"s3:GetObject", "Resource": "arn:aws:s3:::for-all/*"}]}'
    )
    for wrong, why in (
        ("x", "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
        ('{"Statement": []}', "Could not parse the policy: Statement is empty!"),
    ):
        said = refusal(s3.put_bucket_policy, Bucket="for-all", Policy=wrong)
        assert said == ("MalformedPolicy", 400, why)
    asked = {"Bucket": "for-all", "Policy": policy}
    said = refusal(s3.put_bucket_policy, **asked)
    assert said[:2] == ("AccessDenied", 403)
    assert "because public policies are prevented by the BlockPublicPolicy setting" in said[2]
    s3.delete_public_access_block(Bucket="for-all")
    s3.put_bucket_policy(**asked)
    s3.delete_bucket_policy(Bucket="for-all")
    s3.delete_bucket(Bucket="for-all")


def test_what_has_a_limit_in_time_or_number_is_held_to_it(
    cloud: LocalCloud, queue: str, deploy: Any
) -> None:
    """A queue is emptied once a minute, a user has two keys, a line is near the present."""
    sqs, iam, logs, events = (client_of(cloud, one) for one in ("sqs", "iam", "logs", "events"))
    reader = deploy(ECHO).name
    sqs.purge_queue(QueueUrl=queue)
    assert "allowed every 60 seconds" in refusal(sqs.purge_queue, QueueUrl=queue)[2]
    iam.create_user(UserName="two")
    keys = [iam.create_access_key(UserName="two")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    said = refusal(iam.create_access_key, UserName="two")
    assert said == ("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")
    for key in keys:
        iam.delete_access_key(UserName="two", AccessKeyId=key)
    iam.delete_user(UserName="two")
    logs.create_log_group(logGroupName="/near")
    logs.create_log_stream(logGroupName="/near", logStreamName="s")
    now_ms, day_ms = int(time.time() * 1000), 86_400_000
    moments = (now_ms - 15 * day_ms, now_ms - 13 * day_ms, now_ms, now_ms + day_ms // 8)
    lines = [{"timestamp": one, "message": str(one)} for one in moments]
    told = logs.put_log_events(logGroupName="/near", logStreamName="s", logEvents=lines)
    assert told["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 1,
        "tooNewLogEventStartIndex": 3,
    }
    kept = logs.get_log_events(logGroupName="/near", logStreamName="s", startFromHead=True)
    assert [one["timestamp"] for one in kept["events"]] == list(moments[1:3])
    asked = {"logGroupName": "/near", "filterPattern": "", "destinationArn": ARN + reader}
    let(boto3.client("lambda", **cloud.boto3_kwargs), reader, "logs")
    for name in ("a", "b", "a"):
        logs.put_subscription_filter(**asked, filterName=name)
    said = refusal(logs.put_subscription_filter, **asked, filterName="c")
    assert said[::2] == ("LimitExceededException", "Resource limit exceeded.")
    logs.delete_log_group(logGroupName="/near")
    events.create_event_bus(Name="quiet")
    said = refusal(events.remove_permission, StatementId="one", EventBusName="quiet")
    assert said[2] == "EventBus does not have a policy."
    events.delete_event_bus(Name="quiet")
    permission = {"Action": "events:PutEvents", "Principal": "111122223333", "StatementId": "one"}
    events.put_permission(**permission)
    said = refusal(events.remove_permission, StatementId="another")
    assert said[2] == "Statement with the provided id does not exist."
    events.remove_permission(StatementId="one")
    events.put_rule(Name="held", ScheduleExpression="rate(1 hour)")
    arn = "arn:aws:sqs:us-east-1:000000000000:v"
    events.put_targets(Rule="held", Targets=[{"Id": "1", "Arn": arn}])
    assert "since it has targets" in refusal(events.delete_rule, Name="held")[2]
    events.remove_targets(Rule="held", Ids=["1"])
    events.delete_rule(Name="held")


def test_a_lifetime_of_items_is_changed_once_an_hour(cloud: LocalCloud) -> None:
    """What is so already is no change; another attribute needs an end of the first."""
    tables = client_of(cloud, "dynamodb")
    key = {"AttributeName": "id", "KeyType": "HASH"}
    tables.create_table(
        TableName="lasting", KeySchema=[key], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip

    def asked(attribute: str, *, on: bool) -> dict[str, Any]:
        told = {"Enabled": on, "AttributeName": attribute}
        return {"TableName": "lasting", "TimeToLiveSpecification": told}

    def said(attribute: str, *, on: bool) -> str:
        code, _, text = refusal(tables.update_time_to_live, **asked(attribute, on=on))
        assert code == "ValidationException"
        return text

    assert said("ends", on=False) == "TimeToLive is already disabled"
    tables.update_time_to_live(**asked("ends", on=True))
    assert said("ends", on=True) == "TimeToLive is already enabled"
    assert said("other", on=True).endswith("AttributeName: current AttributeName is ends")
    assert "multiple times within a fixed interval" in said("ends", on=False)
    tables.delete_table(TableName="lasting")


def test_an_object_has_the_parts_that_it_was_put_in(cloud: LocalCloud) -> None:
    """One, if it was put whole; all others are refused, and by HeadObject's status too."""
    s3 = client_of(cloud, "s3")
    whole = {"Bucket": "parts", "Key": "whole/é"}
    s3.create_bucket(Bucket="parts")
    s3.put_object(**whole, Body=b"abc")
    assert s3.get_object(**whole, PartNumber=1)["Body"].read() == b"abc"
    parted = {"Bucket": "parts", "Key": "parted"}
    begun = s3.create_multipart_upload(**parted)["UploadId"]
    tags = {
        number: s3.upload_part(**parted, UploadId=begun, PartNumber=number, Body=body)["ETag"]
        for number, body in ((1, b"x" * 5 * 2**20), (2, b"last"))
    }
    told = [{"PartNumber": number, "ETag": tag} for number, tag in tags.items()]
    s3.complete_multipart_upload(**parted, UploadId=begun, MultipartUpload={"Parts": told})
    assert s3.get_object(**parted, PartNumber=2)["Body"].read() == b"last"

    past = ("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
    assert refusal(s3.get_object, **whole, PartNumber=2) == past
    assert refusal(s3.get_object, **parted, PartNumber=3) == past
    assert refusal(s3.head_object, **whole, PartNumber=2)[:2] == ("416", 416)
    for asked, text in (
        ({"PartNumber": 10_001}, "Part number must be an integer between 1 and 10000, inclusive"),
        ({"PartNumber": 1, "Range": "bytes=0-0"},
         "Cannot specify both Range header and partNumber query parameter"),
    ):  # fmt: skip
        assert refusal(s3.get_object, **whole, **asked)[2] == text
    assert refusal(s3.get_object, Bucket="parts", Key="none", PartNumber=2)[0] == "NoSuchKey"


def test_percentiles_are_told(cloud: LocalCloud) -> None:
    """Each under its name, beside the statistics."""
    client, name = client_of(cloud, "monitoring"), {"Namespace": "percentiles", "MetricName": "m"}
    values = [{"MetricName": "m", "Value": one} for one in (1.0, 2.0, 3.0)]
    client.put_metric_data(Namespace="percentiles", MetricData=values)
    asked = {**name, "Period": 86_400, "StartTime": NOW - DAY_LONG, "EndTime": NOW + DAY_LONG}
    told = client.get_metric_statistics(**asked, ExtendedStatistics=["p50", "p100"])["Datapoints"]
    assert [one["ExtendedStatistics"] for one in told] == [{"p50": 2.0, "p100": 3.0}]
