"""One invocation on the local cloud, to check this machine: ``python -m`` this module."""

from __future__ import annotations

import io
import json
import zipfile

from serverless_tax.cloud.local import LocalCloud
from serverless_tax.cloud.roles import OF_LAMBDA

_CODE = "def handler(event, context):\n    return event\n"
_QUESTION = {"is it there": "yes"}


def main() -> None:
    """Start a cloud, deploy a function, invoke it once, and stop the cloud.

    Raises:
        RuntimeError: if the function does not answer with its own event.
    """
    import boto3  # noqa: PLC0415 - boto3 may be missing where this module is imported

    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("trial.py", _CODE)
    with LocalCloud() as cloud:
        lambda_, iam = (boto3.client(name, **cloud.boto3_kwargs) for name in ("lambda", "iam"))
        role = iam.create_role(RoleName="serverless-tax-trial", AssumeRolePolicyDocument=OF_LAMBDA)
        lambda_.create_function(
            FunctionName="serverless-tax-trial",
            Runtime="python3.12",
            Role=role["Role"]["Arn"],
            Handler="trial.handler",
            Code={"ZipFile": package.getvalue()},
        )
        answer = lambda_.invoke(FunctionName="serverless-tax-trial", Payload=json.dumps(_QUESTION))
        said = answer["Payload"].read().decode()
    if json.loads(said) != _QUESTION:
        msg = f"The trial function answered {said}; expected {json.dumps(_QUESTION)}."
        raise RuntimeError(msg)


if __name__ == "__main__":
    main()
