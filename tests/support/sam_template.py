"""A stack of SAM's for the tests of the local cloud: a function, two routes to it, its address."""

from __future__ import annotations

from textwrap import indent

HANDLER = """\
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps([event["routeKey"], event["version"]])}
"""
INLINE = "InlineCode: |\n" + indent(HANDLER, "  ")


def sam_template(path: str, code: str = INLINE) -> str:
    """Return the template with the first route at that path, and the code as it says."""
    return f"""
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
{indent(code, " " * 6)}
      Events:
        Asked:
          Type: HttpApi
          Properties: {{Path: /{path}, Method: get}}
        Told:
          Type: HttpApi
          Properties: {{Path: '/told/{{name}}', Method: any}}
Outputs:
  Url:
    Value: !Sub https://${{ServerlessHttpApi}}.execute-api.${{AWS::Region}}.amazonaws.com
"""
