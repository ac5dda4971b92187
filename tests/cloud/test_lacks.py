"""What this cloud would take and not do: every entry of the table, by the real client."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from refusals import refusal
from shapes import client_of, filled

from serverless_tax.cloud.front.lacks import lack_of, resource_lack
from serverless_tax.cloud.front.lacks_table import LACKS

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud


def nested(place: str) -> Any:
    """What has a value at a place of the table."""
    path, _, value = place.partition("=")
    asked: Any = value.replace("[!S]*", "DELIVERY") or "x"
    for name in reversed(path.replace("*", "some").split(".")):
        asked = {name: asked}
    return asked


@pytest.mark.parametrize("service", LACKS)
def test_all_of_the_table_is_refused(cloud: LocalCloud, service: str) -> None:
    """By boto3; what no operation has, a template's resource may say."""
    client = client_of(cloud, service)
    model = client.meta.service_model
    for patterns, lacks in LACKS[service].items():
        called = [
            name
            for name in model.operation_names
            if any(fnmatchcase(name, one) for one in patterns.split())
            and not name.startswith(("Get", "List", "Delete", "DescribeA"))
        ]
        for place, what in ({"": lacks} if isinstance(lacks, str) else lacks).items():
            start = f"This local cloud has no {what} ("
            path = place.split(".") if place and "=" not in place else []
            for operation in called:
                shape = model.operation_model(operation).input_shape
                asked = filled(shape, path) if shape else {}
                if asked is not None and (path or not place):
                    said = refusal(getattr(client, xform_name(operation)), **asked)[2]
                    assert said.startswith(start), (operation, asked)
            if place:
                operation = patterns.split()[-1].replace("*", "Create")
                lack = lack_of(service, operation, nested(place))
                assert lack is not None, (patterns, place)
                assert lack.message.startswith(start)


@pytest.mark.parametrize(
    ("call", "asked", "what"),
    [
        ("apigateway update_stage", {"path": "/canarySettings/percentTraffic", "value": "10"},
         "canaries (canarySettings)"),
        ("apigateway update_stage", {"path": "/*/*/caching/enabled", "value": "true"},
         "caches of a stage (methodSettings.cachingEnabled)"),
        ("apigateway update_stage", {"path": "/~1a~1b/GET/logging/loglevel", "value": "INFO"},
         "execution logs of an API (methodSettings.loggingLevel)"),
        ("apigateway update_rest_api", {"path": "/policy", "value": "{}"},
         "resource policies of an API (policy)"),
    ],
)  # fmt: skip
def test_a_patch_is_refused_too(
    cloud: LocalCloud, call: str, asked: dict[str, str], what: str
) -> None:
    """It names its setting by a path; one that turns a setting off is none."""
    service, action = call.split()
    do = getattr(client_of(cloud, service), action)
    where = {"restApiId": "none"} | ({"stageName": "none"} if "stage" in action else {})
    said = refusal(do, **where, patchOperations=[{"op": "replace", **asked}])
    assert said[2] == f"This local cloud has no {what}. AWS would accept this request."
    off = {**asked, "op": "replace", "value": ""}
    assert "This local cloud" not in refusal(do, **where, patchOperations=[off])[2]


def test_a_document_is_refused_for_what_it_brings(cloud: LocalCloud) -> None:
    """An imported one as one in a template."""
    told: dict[str, Any] = {"openapi": "3.0.1", "info": {"title": "a"}, "paths": {}}
    told["x-amazon-apigateway-policy"] = {"Version": "2012-10-17"}
    said = refusal(client_of(cloud, "apigateway").import_rest_api, body=json.dumps(told))
    assert "no resource policies of an API" in said[2]
    lack = resource_lack("AWS::ApiGateway::RestApi", {"Body": told})
    assert lack is not None
    assert "no resource policies of an API" in lack.message


def test_attributes_of_a_topic_are_refused(cloud: LocalCloud) -> None:
    """They come as pairs of a form, or one by itself."""
    sns = client_of(cloud, "sns")
    said = refusal(sns.create_topic, Name="a", Attributes={"TracingConfig": "Active"})
    assert said == (
        "InvalidParameter", 400,
        "This local cloud has no traces (TracingConfig). AWS would accept this request.",
    )  # fmt: skip
    one = {"AttributeName": "LambdaFailureFeedbackRoleArn", "AttributeValue": "arn:a"}
    assert "no logs of deliveries" in refusal(sns.set_topic_attributes, TopicArn="a", **one)[2]


def test_settings_that_are_off_are_taken(cloud: LocalCloud) -> None:
    """As clients send them that name every setting."""
    rest = client_of(cloud, "apigateway")
    api = rest.create_rest_api(name="off", disableExecuteApiEndpoint=False)["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    of_it = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    rest.put_method(**of_it, authorizationType="NONE")
    rest.put_integration(**of_it, type="MOCK")
    rest.create_deployment(restApiId=api, stageName="a", cacheClusterEnabled=False)
    settings = (
        ("metrics/enabled", "false"),
        ("logging/loglevel", "OFF"),
        ("caching/enabled", "false"),
    )
    patches = [{"op": "replace", "path": f"/*/*/{path}", "value": off} for path, off in settings]
    rest.update_stage(restApiId=api, stageName="a", patchOperations=patches)
    rest.delete_rest_api(restApiId=api)
    s3 = client_of(cloud, "s3")
    s3.create_bucket(Bucket="off-and-on")
    s3.put_object(Bucket="off-and-on", Key="a", Body=b"a", Tagging="a=b")
    s3.put_object_tagging(Bucket="off-and-on", Key="a", Tagging={"TagSet": []})
    s3.delete_object(Bucket="off-and-on", Key="a")
    s3.delete_bucket(Bucket="off-and-on")
