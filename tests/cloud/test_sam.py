"""A template of SAM, as `sam deploy` sends it: a change set, executed."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_tax.cloud import LocalCloud

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps([event["routeKey"], event["version"]])}
      Events:
        Asked:
          Type: HttpApi
          Properties: {Path: /PATH, Method: get}
        Told:
          Type: HttpApi
          Properties: {Path: '/told/{name}', Method: any}
Outputs:
  Url:
    Value: !Sub https://${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com
"""


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


def test_a_template_of_sam_becomes_an_api_that_answers(cloud: LocalCloud) -> None:
    """Both routes lead to the function; a changed template moves one of them."""
    client = boto3.client("cloudformation", **cloud.boto3_kwargs)

    def get(url: str, path: str) -> Any:
        asked = cloud.local_url(url) + path
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    url = deploy(client, "CREATE", TEMPLATE.replace("PATH", "ask"))
    assert get(url, "ask") == ["GET /ask", "2.0"]
    assert get(url, "told/me") == ["ANY /told/{name}", "2.0"]
    url = deploy(client, "UPDATE", TEMPLATE.replace("PATH", "question"))
    assert get(url, "question") == ["GET /question", "2.0"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(url, "ask")
    client.delete_stack(StackName="sam")
