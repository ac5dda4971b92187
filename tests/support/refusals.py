"""What a call of Lambda's API says when it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

ECHO = "def handler(event, context): return event"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


def refusal(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Code, status and text of a call that must fail."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    status = raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return error["Code"], status, error["Message"]


def let(client: Any, function: str, service: str = "apigateway", **condition: str) -> None:
    """Let a service call a function."""
    client.add_permission(
        FunctionName=function,
        StatementId=service,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        **condition,
    )


def open_to_all(client: Any, **function: str) -> None:
    """Let everybody call a function at its address, which takes two statements."""
    url = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
    code = {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}
    for name, condition in (("url", url), ("code", code)):
        own = f"{name}-{function.get('Qualifier', '')}"
        client.add_permission(**function, StatementId=own, Principal="*", **condition)
