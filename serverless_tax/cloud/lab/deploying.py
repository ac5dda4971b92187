"""What a lab deploys, in plain boto3: a function, its role, its log, its address, an API before it.

Each may be called again: what is there is brought up to date. The calls are AWS's own, so that what
stands here can be typed anywhere; the client's endpoint alone says which cloud it is.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import serverless_tax.metered
from serverless_tax.cloud.lab.survey import find
from serverless_tax.cloud.roles import trusted_by
from serverless_tax.ground.lambda_facts import FULL_VCPU_MB

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

HANDLERS = Path("handlers")
#: The runtime client that streams, and the script that starts it in the place of AWS's own.
STREAMING = ("stream_runtime.py", "stream_wrapper.sh")
#: Seconds for which a new role or a deleted queue may be unknown, or known still, on AWS.
SETTLES_S = 60
_DAYS, _DURABLE = 1, {"ExecutionTimeout": 3600, "RetentionPeriodInDays": 1}


class LabError(RuntimeError):
    """A lab cannot go on; its text is one sentence that says what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone."""
        return [str(self)]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function as it was deployed.

    Attributes:
        name: its name in the cloud.
        arn: its Amazon Resource Name.
        role_arn: its role's.
        url: its function URL as AWS names it; empty without one.
    """

    name: str
    arn: str
    role_arn: str
    url: str = ""

    @property
    def log_group(self) -> str:
        """Where it logs."""
        return f"/aws/lambda/{self.name}"


def deploy(
    target: Target,
    handler: str,
    name: str = "",
    *,
    beside: Sequence[str] = (),
    folder: Path = HANDLERS,
    requirements: Sequence[str] = (),
    memory_mb: int = FULL_VCPU_MB,
    timeout_s: int = 30,
    at_once: int = 5,
    variables: Mapping[str, str] | None = None,
    may: Mapping[str, Sequence[str]] | None = None,
    streams: bool = False,
    durable: bool = False,
) -> Deployed:
    """Create a function or bring it up to date, wait until it can be invoked, and say so.

    Args:
        target: where.
        handler: `file.function`, the file in `folder`.
        name: what to call it; the file's name if empty. The run's prefix comes before it.
        beside: what else the package holds from the labs' `handlers`; `metered.py` is always there.
        folder: where the handler's file lies.
        requirements: packages from PyPI.
        memory_mb: its memory.
        timeout_s: after how many seconds it is stopped.
        at_once: the most that run at the same time, a cap on a runaway.
        variables: of its environment, beside the model provider's.
        may: what the role may do beside writing its log: actions by resource.
        streams: whether it has a URL that streams what it yields, for signed calls only.
        durable: whether its executions may suspend; version 1 is then published.

    Raises:
        LabError: if the target is closed, or a file is missing.
    """
    module = handler.partition(".")[0]
    name = f"{target.prefix}-{name or module}"
    iam, logs, lambda_ = (_client(target, service) for service in ("iam", "logs", "lambda"))
    files = [folder / f"{module}.py", *(HANDLERS / one for one in beside)]
    files += [HANDLERS / one for one in STREAMING if streams]
    for path in files:
        if not path.is_file():
            raise LabError(f"There is no {path}: run the cell that writes it, in the labs' folder.")
    package = target.package([*files, Path(serverless_tax.metered.__file__)], requirements)
    wrapper = {"AWS_LAMBDA_EXEC_WRAPPER": f"/var/task/{STREAMING[1]}"} if streams else {}
    group, tags = f"/aws/lambda/{name}", dict(target.tags)

    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group, tags=tags)
    logs.put_retention_policy(logGroupName=group, retentionInDays=_DAYS)
    role_arn = _role(iam, target, name, may or {})
    settings = {
        "FunctionName": name,
        "Runtime": f"python{target.python_version}",
        "Handler": handler,
        "Role": role_arn,
        "MemorySize": memory_mb,
        "Timeout": timeout_s,
        "Environment": {
            "Variables": {**target.function_environment, **wrapper, **(variables or {})}
        },
    }
    # The local cloud is ready at once; AWS is asked each second.
    often = {"Delay": 0.05, "MaxAttempts": 1200} if target.cloud else {"Delay": 1}
    arn = _arn(lambda_, name)
    done = "updated" if arn else "created"
    if arn:
        lambda_.update_function_configuration(**settings)
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=often)
        lambda_.update_function_code(FunctionName=name, ZipFile=package, Publish=durable)
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=often)
    else:
        sleeps = {"DurableConfig": _DURABLE} if durable else {}
        code = {"ZipFile": package}
        arn = _create(lambda_, **settings, **sleeps, Code=code, Tags=tags, Publish=durable)
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=often)
    # A new account has too few to reserve any: then its own quota is the cap.
    with contextlib.suppress(lambda_.exceptions.InvalidParameterValueException):
        lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=at_once)
    url = _url(lambda_, name) if streams else ""
    short = name.removeprefix(f"{target.prefix}-")
    print(f"{done}: {short}, {memory_mb:,} MB" + (", with a URL that streams" if url else ""))
    return Deployed(name, arn, role_arn, url)


def _client(target: Target, service: str) -> Any:
    if target.cloud and target.cloud.closed:
        raise LabError("The local cloud is closed: run the lab again from its set-up.")
    return target.client(service)


def _role(iam: Any, target: Target, function: str, may: Mapping[str, Sequence[str]]) -> str:
    """Return the run's role: it may write to the logs of this run, and what a function adds."""
    name = f"{target.prefix}-role"
    logs = f"arn:aws:logs:*:*:log-group:/aws/lambda/{target.prefix}-*"
    allowed = {logs: ["logs:CreateLogStream", "logs:PutLogEvents"], **may}
    policy = [
        {"Effect": "Allow", "Action": [*does], "Resource": resource}
        for resource, does in allowed.items()
    ]
    try:
        arn: str = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=trusted_by("lambda.amazonaws.com", "states.amazonaws.com"),
            Tags=[{"Key": key, "Value": value} for key, value in target.tags.items()],
        )["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        arn = iam.get_role(RoleName=name)["Role"]["Arn"]
    iam.put_role_policy(
        RoleName=name,
        PolicyName=function.removeprefix(f"{target.prefix}-"),
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": policy}),
    )
    return arn


def _arn(lambda_: Any, name: str) -> str:
    try:
        return str(lambda_.get_function_configuration(FunctionName=name)["FunctionArn"])
    except lambda_.exceptions.ResourceNotFoundException:
        return ""


def _create(lambda_: Any, **settings: Any) -> str:
    """Create a function; on AWS a new role takes some seconds to be known."""
    until = time.monotonic() + SETTLES_S
    while True:
        try:
            arn: str = lambda_.create_function(**settings)["FunctionArn"]
        except lambda_.exceptions.InvalidParameterValueException as error:
            if "role" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(3)
        else:
            return arn.rpartition(":")[0] if settings["Publish"] else arn


def _url(lambda_: Any, name: str) -> str:
    try:
        made = lambda_.create_function_url_config(
            FunctionName=name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM"
        )
    except lambda_.exceptions.ResourceConflictException:
        made = lambda_.get_function_url_config(FunctionName=name)
    return str(made["FunctionUrl"])


@dataclass(frozen=True, slots=True)
class Api:
    """An API Gateway of this run.

    Attributes:
        api_id: its id.
        endpoint: its address as AWS names it, with the stage.
        protocol: `HTTP` or `WEBSOCKET`.
    """

    api_id: str
    endpoint: str
    protocol: str


STAGE = "lab"


def create_api(target: Target, name: str, protocol: str = "HTTP") -> Api:
    """Return the run's API of that name, created if need be; of protocol `HTTP` or `WEBSOCKET`.

    Raises:
        LabError: if the target is closed.
    """
    gateway, name = _client(target, "apigatewayv2"), f"{target.prefix}-{name}"
    pages = gateway.get_paginator("get_apis").paginate()
    made = next((one for page in pages for one in page["Items"] if one["Name"] == name), None)
    if made is None:
        chosen = (
            {"RouteSelectionExpression": "$request.body.action"} if protocol == "WEBSOCKET" else {}
        )
        made = gateway.create_api(Name=name, ProtocolType=protocol, Tags=target.tags, **chosen)
    with contextlib.suppress(gateway.exceptions.ConflictException):
        gateway.create_stage(ApiId=made["ApiId"], StageName=STAGE, AutoDeploy=True)
    return Api(made["ApiId"], f"{made['ApiEndpoint']}/{STAGE}", protocol)


def add_route(target: Target, api: Api, function: Deployed, route: str = "$default") -> None:
    """Let a route of the API invoke a function; nothing happens where it does so already."""
    gateway, lambda_ = _client(target, "apigatewayv2"), _client(target, "lambda")
    if any(one["RouteKey"] == route for one in gateway.get_routes(ApiId=api.api_id)["Items"]):
        return
    region, account = function.arn.split(":")[3:5]
    with contextlib.suppress(lambda_.exceptions.ResourceConflictException):  # by an interrupted run
        lambda_.add_permission(
            FunctionName=function.name,
            StatementId=f"api-{api.api_id}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{region}:{account}:{api.api_id}/*",
        )
    if api.protocol == "WEBSOCKET":  # it names Lambda's own path
        path = f"path/2015-03-31/functions/{function.arn}/invocations"
        to = {"IntegrationUri": f"arn:aws:apigateway:{region}:lambda:{path}"}
    else:
        to = {"IntegrationUri": function.arn, "PayloadFormatVersion": "2.0"}
    made = gateway.create_integration(ApiId=api.api_id, IntegrationType="AWS_PROXY", **to)
    gateway.create_route(
        ApiId=api.api_id, RouteKey=route, Target=f"integrations/{made['IntegrationId']}"
    )


def clean_up(target: Target) -> list[str]:
    """Delete what this run made, look for what is left, close the target, and say so.

    Returns:
        What is left: nothing.

    Raises:
        LabError: if something is.
    """
    if target.simulated or (target.cloud and target.cloud.closed):
        target.close()
        print("nothing is left")
        return []
    until = time.monotonic() + (SETTLES_S if target.name == "aws" else 0)
    for found in find(target.boto3_kwargs, target.prefix, target.run_id):
        found.delete()
    while (survivors := target.survivors()) and time.monotonic() < until:
        time.sleep(2)  # SQS takes up to a minute to forget
    target.close()
    if survivors:
        raise LabError(f"Still there, delete by hand: {', '.join(survivors)}.")
    print("nothing is left")
    return survivors
