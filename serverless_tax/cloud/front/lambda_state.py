"""Requests to Lambda's API whose answer depends on what is there, and those that this cloud lacks.

ministack makes a function with a role, a package or a queue that does not exist, an alias of a
version that does not, and reserves more than the account has. It knows no
UpdateFunctionEventInvokeConfig and no dry run, and answers an operation that it does not know as if
a function were missing. The texts are AWS's, from public issues and LocalStack's snapshots.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from serverless_tax.cloud.durable.api import Reply, error_reply
from serverless_tax.cloud.durable.engine import DurableError
from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.constraints import takes_json
from serverless_tax.cloud.front.lambda_checks import MOST_TAGS, parameter
from serverless_tax.cloud.front.lambda_lists import Handle, paged
from serverless_tax.cloud.front.lambda_updates import update_error
from serverless_tax.cloud.front.lambda_words import OTHER_REVISION, in_aws_words
from serverless_tax.cloud.front.operations import ApiRequest, operation_of
from serverless_tax.cloud.front.permissions import condition_error
from serverless_tax.cloud.front.sockets import LAMBDA

_FUNCTION = re.compile(r"/\d{4}-\d{2}-\d{2}/functions(?:/(?P<name>[^/]+)(?P<rest>/.*)?)?/?")
_OWN = re.compile(r"(/functions/[^/]+/(?:policy|aliases|versions)/)[^/]+")
_OF_ONE = ("/urls", "/code-signing-config")
_WHOSE = re.compile(r"/functions/(?:arn:aws:lambda:([^:]*):)?(\d{12}):function:([^/]+)")
_NAMED = re.compile(r"(/functions/)[^/]+(/|$)")
_SOURCES = re.compile(r"/\d{4}-\d{2}-\d{2}/event-source-mappings/?")
_TAGS = re.compile(r"/\d{4}-\d{2}-\d{2}/tags/(?P<arn>[^/]+)/?")
_PARTIAL = re.compile(r"(/\d{4}-\d{2}-\d{2}/functions/)(?:\d{12}:)?function:(?=[^/:])")
_UNKNOWN = re.compile(rb'"Function not found: /[^"]*"')
_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::.+|[a-z0-9.-]+\.amazonaws\.com(\.cn)?"
)
_FIFO = ".fifo"
_LAMBDA = "lambda.amazonaws.com"
_ACCOUNT, _LEAST_UNRESERVED = 1000, 100
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

#: How long a function is Pending here, or its change InProgress: what asks twice sees both states.
ACTIVE_AFTER_S = 0.05

Names = Mapping[str, Any]
Func = Mapping[str, Any]
Asked = Mapping[str, Any]
"""ministack's names, one of its functions, and what a request says of it."""


def soon_active(original: Callable[[str, float], None]) -> Callable[[str, float], None]:
    """Let a function that was made or changed be ready soon; ministack takes half a second."""
    return lambda name, _: original(name, ACTIVE_AFTER_S)


def known(original: Handle) -> Handle:
    """Return the function that answers Lambda's API; it passes on what it has no word about."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
    ) -> Reply:
        refused = _foreign_error(method, unquote(path))
        path = _PARTIAL.sub(r"\1", unquote(path))
        changes = method in {"POST", "PUT"} and takes_json(
            ApiRequest("lambda", method, path, "", {})
        )
        asked = json.loads(body or b"{}") if changes else {}
        refused = refused or _refused(method, path, asked, query_params)
        refused = refused or update_error(method, path, asked, query_params)
        if refused is not None:
            return error_reply(DurableError(refused.json_code, refused.message, refused.status))
        if path.endswith("/provisioned-concurrency") and query_params.get("List"):
            return (
                200,
                {"Content-Type": "application/json"},
                b'{"ProvisionedConcurrencyConfigs": []}',
            )
        if method == "POST" and path.endswith("/event-invoke-config"):
            had = await original("GET", path, headers, b"", query_params)
            if had[0] == 200:  # noqa: PLR2004 - HTTP's
                method, body = "PUT", json.dumps({**json.loads(had[2]), **asked}).encode()
            else:
                method = "GET"
        if method == "PUT" and path.endswith("/code") and asked.get("DryRun"):
            method, path, body = "GET", f"{path.removesuffix('code')}configuration", b""
        if method == "POST" and path.rstrip("/").endswith("/functions"):
            body = _with_plain_name(asked)
        reply = await paged(original)(method, _Routed(path), headers, body, query_params)
        if reply[0] == 404 and _UNKNOWN.search(bytes(reply[2])):  # noqa: PLR2004 - HTTP's
            text = f"This local cloud does not have this operation ({method} {path}). AWS may."
            return error_reply(DurableError("UnknownOperationException", text, 404))
        qualifier = vars(import_module(LAMBDA))["_qp_first"](query_params, "Qualifier")
        told = in_aws_words(reply, method, path, qualifier)
        return _published(told, path, asked)

    return handle


class _Routed(str):
    """A path in which only its route is found, and no name that a learner has given.

    ministack looks for words such as ``/url`` anywhere in it, and so took a function that is called
    urlshortener for an address.
    """

    __slots__ = ()

    def __contains__(self, word: object) -> bool:
        return str(word) in _NAMED.sub(r"\1-\2", _OWN.sub(r"\1-", str(self)))


def _published(reply: Reply, path: str, asked: Asked) -> Reply:
    """The same answer, after a version that came with a package is as any other.

    ministack leaves it the function's own ARN, and would publish the same code a second time.
    """
    is_new = path.rstrip("/").endswith("/functions")
    if reply[0] not in {200, 201} or not (is_new or path.endswith("/code")):
        return reply
    if not asked.get("Publish"):
        return reply
    names, said = vars(import_module(LAMBDA)), json.loads(reply[2])
    func, number = names["_functions"][said["FunctionName"]], said["Version"]
    arn = f"{names['_func_arn'](said['FunctionName'])}:{number}"
    func["versions"][number]["function_revision"] = func["config"]["RevisionId"]
    func["versions"][number]["config"]["FunctionArn"] = arn
    # A new function's answer has the plain ARN on AWS too.
    return reply if is_new else (*reply[:2], json.dumps({**said, "FunctionArn": arn}).encode())


def _refused(method: str, path: str, asked: Asked, query: Mapping[str, Any]) -> AwsError | None:
    """Check what a request needs to be there."""
    names = vars(import_module(LAMBDA))
    changes = method in {"POST", "PUT"}
    if _SOURCES.fullmatch(path):
        return source_error(asked) if changes else None
    if match := _TAGS.fullmatch(path):
        return _tags_error(names, match["arn"], asked)
    match = _FUNCTION.fullmatch(path)
    if match is None:
        return None
    if match["name"] is None:
        return _creation_error(names, asked) if changes else None
    called, rest = match["name"], match["rest"] or ""
    qualifier = names["_qp_first"](query, "Qualifier")
    if method == "DELETE" and not rest:
        return _deletion_error(names, called, qualifier)
    error = _name_error(names, called, qualifier)
    if error is None and (query.get("List") or rest in _OF_ONE):
        error = _absent_error(names, called)
    return error or (_setting_error(names, called, rest, asked) if changes else None)


def _foreign_error(method: str, path: str) -> AwsError | None:
    """Refuse a function of another account, whose name or ARN names it: nobody here may use it."""
    match, names = _WHOSE.search(path), vars(import_module(LAMBDA))
    own = names["get_account_id"]()
    if match is None or match[2] == own:
        return None
    operation = operation_of("lambda", method, path, "")
    called = operation[0].name.partition("With")[0] if operation else ""
    action = f"lambda:{'InvokeFunction' if called == 'Invoke' else called}"
    arn = f"arn:aws:lambda:{match[1] or names['get_region']()}:{match[2]}:function:{match[3]}"
    text = (
        f"User: arn:aws:iam::{own}:root is not authorized to perform: {action} on resource: {arn} "
        f"because no resource-based policy allows the {action} action"
    )
    return AwsError("AccessDeniedException", "", text, "lambda", 403)


def _name_error(names: Mapping[str, Any], name: str, qualifier: str) -> AwsError | None:
    """Refuse the name of a function elsewhere, and one with two qualifiers."""
    region, here = (name.split(":")[3] if name.startswith("arn:") else ""), names["get_region"]()
    if region and region != here:
        text = f"Functions from '{region}' are not reachable in this region ('{here}')"
        return AwsError("ResourceNotFoundException", "", text, "lambda", 404)
    own = names["_resolve_request_scoped_name_and_qualifier"](name)[1]
    if own and qualifier and own != qualifier:
        return parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return None


def _absent_error(names: Names, called: str) -> AwsError | None:
    """Refuse a function that is not there, of which ministack would list nothing."""
    name = names["_resolve_request_scoped_name"](called)
    if name in names["_functions"]:
        return None
    text = f"Function not found: {names['_func_arn'](name)}"
    return AwsError("ResourceNotFoundException", "", text, "lambda", 404)


def _deletion_error(names: Names, called: str, qualifier: str) -> AwsError | None:
    """Refuse to delete $LATEST alone, and a version that an alias leads to."""
    name, own = names["_resolve_request_scoped_name_and_qualifier"](called)
    version = qualifier or own
    if version == "$LATEST":
        return parameter("$LATEST version cannot be deleted without deleting the function.")
    aliases = (names["_functions"].get(name) or {}).get("aliases") or {}
    held = ", ".join(alias for alias, one in aliases.items() if one["FunctionVersion"] == version)
    if not held:
        return _name_error(names, called, qualifier)
    text = f"Unable to delete version because the following aliases reference it: [{held}]"
    return AwsError("ResourceConflictException", "", text, "lambda", 409)


def _creation_error(names: Mapping[str, Any], asked: Mapping[str, Any]) -> AwsError | None:
    name = str(asked.get("FunctionName"))
    if error := _name_error(names, name, ""):
        return error
    if names["_resolve_request_scoped_name_and_qualifier"](name)[1]:
        return parameter("A function is made under a name without a version (FunctionName).")
    return needed_error(asked) or package_error(asked.get("Code") or {})


def needed_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Refuse a role that is not there or not Lambda's, and a dead-letter target that is not there.

    AWS's text about the latter is not known.
    """
    role = asked.get("Role")
    if role and not may_assume(str(role), _LAMBDA):
        return parameter("The role defined for the function cannot be assumed by Lambda.")
    target = str((asked.get("DeadLetterConfig") or {}).get("TargetArn") or "")
    if target and not _is_there(target):
        return parameter(f"The target of the DeadLetterConfig does not exist: {target}")
    return parameter(_ordered(target)) if target.endswith(_FIFO) else None


def _ordered(arn: str) -> str:
    """The refusal of such a target, which AWS has in words that are not known.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    return f"A queue or topic that keeps an order takes no events of failed invocations: {arn}"


def may_assume(arn: str, *services: str) -> bool:
    """Whether a role's trust policy lets a service assume it; conditions are not looked at."""
    role = _of("iam", "_roles").get(arn.rpartition("/")[2]) or {}
    if role and role.get("Arn") != arn:  # another account's, or on another path
        return False
    try:
        said = json.loads(unquote(role["AssumeRolePolicyDocument"]))["Statement"]
    except (KeyError, ValueError, TypeError):
        return False
    return any(
        one.get("Effect") == "Allow"
        and {"*", *services} & {*_services(one.get("Principal"))}
        and {"sts:AssumeRole", "sts:*", "*"} & {*_listed(one.get("Action"))}
        for one in _listed(said)
    )


def _services(principal: Any) -> list[Any]:
    if principal == "*":
        return ["*"]
    return _listed(principal.get("Service")) if isinstance(principal, dict) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def source_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Refuse a source of events that is not there, and a second mapping of one."""
    names, arn = vars(import_module(LAMBDA)), str(asked.get("EventSourceArn") or "")
    name = names["_resolve_request_scoped_name"](str(asked.get("FunctionName") or ""))
    if name and name not in names["_functions"]:
        return parameter("Function does not exist")
    if not _is_there(arn):
        if not arn.startswith("arn:aws:sqs:"):
            return parameter(f"Stream not found: {arn}")
        return parameter(
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does "
            "not exist."
        )
    if error := _visibility_error(names, name, arn):
        return error
    for one in names["_esms"].values():
        if (one["EventSourceArn"], one["FunctionName"]) == (arn, name):
            said = f'(" {arn} ") and function (" {name} ")'
            how = f"The event source arn {said} provided mapping already exists."
            if arn.startswith("arn:aws:sqs:"):
                how = f"An event source mapping with SQS arn {said} already exists."
            text = f"{how} Please update or delete the existing mapping with UUID {one['UUID']}"
            return AwsError("ResourceConflictException", "", text, "lambda", 409)
    return None


def _visibility_error(names: Names, name: str, arn: str) -> AwsError | None:
    """Refuse a queue that would show a message again while the function is still at it."""
    if not arn.startswith("arn:aws:sqs:"):
        return None
    queue = _of("sqs", "_queues")[_queue_url(arn)]
    visible_s = int(queue["attributes"].get("VisibilityTimeout", 30))
    timeout_s = int(names["_functions"][name]["config"]["Timeout"])
    if visible_s >= timeout_s:
        return None
    return parameter(
        f"Queue visibility timeout: {visible_s} seconds is less than Function timeout: "
        f"{timeout_s} seconds"
    )


def _queue_url(arn: str) -> str:
    url = vars(import_module("ministack.services.sqs"))["_queue_url_for_account"]
    return str(url(arn.split(":")[4], arn.rpartition(":")[2]))


def _is_there(arn: str) -> bool:
    """Whether a queue, a topic or a stream exists; anything else is not looked for."""
    service, name = arn.split(":")[2], arn.rpartition(":")[2]
    if service == "sqs":
        return _queue_url(arn) in _of("sqs", "_queues")
    if service == "sns":
        return arn in _of("sns", "_topics")
    if service == "kinesis":
        return name.removeprefix("stream/") in _of("kinesis", "_streams")
    if service == "dynamodb":
        table = _of("dynamodb", "_tables").get("".join(arn.split("/")[1:2])) or {}
        return arn == table.get("LatestStreamArn")
    return True


def _of(service: str, store: str) -> Any:
    return vars(import_module(f"ministack.services.{service}"))[store]


def _tags_error(names: Mapping[str, Any], arn: str, asked: Mapping[str, Any]) -> AwsError | None:
    name, qualifier = names["_resolve_request_scoped_name_and_qualifier"](arn)
    if ":function:" in arn and qualifier:
        return parameter(
            "Tags on function aliases and versions are not supported. Please specify a function "
            "ARN."
        )
    func = names["_functions"].get(name) or {}
    if len({**func.get("tags", {}), **(asked.get("Tags") or {})}) > MOST_TAGS:
        return parameter("Number of tags exceeds resource tag limit.")
    return None


def _setting_error(
    names: Mapping[str, Any], called: str, rest: str, asked: Mapping[str, Any]
) -> AwsError | None:
    name = names["_resolve_request_scoped_name"](called)
    check = _CHECKS.get(f"/{rest.split('/')[1]}" if rest else "")
    func = names["_functions"].get(name)
    return check(names, func, name, asked) if check and func else None


def _code_error(names: Names, _func: Func, _name: str, asked: Asked) -> AwsError | None:
    return package_error(asked) or _unreadable(names, asked)


def _role_error(_names: Names, _func: Func, _name: str, asked: Asked) -> AwsError | None:
    return needed_error(asked)


def _alias_error(names: Names, func: Func, name: str, asked: Asked) -> AwsError | None:
    wanted = asked.get("FunctionVersion")
    if not wanted or wanted == "$LATEST" or wanted in func["versions"]:
        return None
    text = f"Function not found: {names['_func_arn'](name)}:{wanted}"
    return AwsError("ResourceNotFoundException", "", text, "lambda", 404)


def _policy_error(_names: Names, _func: Func, _name: str, asked: Asked) -> AwsError | None:
    return permission_error(asked)


def permission_error(asked: Asked) -> AwsError | None:
    """Refuse a statement for somebody who is not there, and one with another action's condition."""
    principal = str(asked.get("Principal"))
    kind, _, own = principal.rpartition(":")[2].partition("/")
    users = {"role": "_roles", "user": "_users"}.get(kind)
    is_nobody = users is not None and own.rpartition("/")[2] not in _of("iam", users)
    if is_nobody or not _PRINCIPAL.fullmatch(principal):
        return parameter(
            "The provided principal was invalid. Please check the principal and try again."
        )
    wrong = condition_error(asked)
    return parameter(wrong) if wrong else None


def _unreadable(names: Names, asked: Asked) -> AwsError | None:
    """Refuse a package that is no archive also where nothing is to be changed."""
    package = base64.b64decode(asked.get("ZipFile") or "")
    if not asked.get("DryRun") or not package:
        return None
    refused = names["_reject_unreadable_zip"](package)
    return parameter(json.loads(refused[2])["message"]) if refused else None


def _version_error(_names: Names, func: Func, _name: str, asked: Asked) -> AwsError | None:
    config = func["config"]
    digest, now = asked.get("CodeSha256"), config["CodeSha256"]
    if digest and digest != now:
        return parameter(
            f"CodeSHA256 ({digest}) is different from current CodeSHA256 in $LATEST ({now}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    if asked.get("RevisionId") not in {None, config.get("RevisionId")}:
        return AwsError("PreconditionFailedException", "", OTHER_REVISION, "lambda", 412)
    return None


def concurrency_error(names: Names, _func: Func, own: str, asked: Asked) -> AwsError | None:
    """Refuse to reserve so much that the account has too little left."""
    every = names["_functions"].items()
    others = sum(int(one.get("concurrency") or 0) for name, one in every if name != own)
    wanted = int(asked.get("ReservedConcurrentExecutions") or 0)
    if wanted + others <= _ACCOUNT - _LEAST_UNRESERVED:
        return None
    return parameter(
        "Specified ReservedConcurrentExecutions for function decreases account's "
        f"UnreservedConcurrentExecution below its minimum value of [{_LEAST_UNRESERVED}]."
    )


def destination_error(names: Names, func: Func, own: str, asked: Asked) -> AwsError | None:
    """Refuse a destination that is not there, or is the function itself."""
    if func["config"].get("DurableConfig"):
        return None  # it has none at all
    for one in (asked.get("DestinationConfig") or {}).values():
        arn = str((one or {}).get("Destination") or "")
        service, name = [*arn.split(":"), "", ""][2], names["_resolve_request_scoped_name"](arn)
        is_function = service == "lambda"
        if arn and service not in {"lambda", "sqs", "sns", "events"}:
            return parameter(_no_destination(asked["DestinationConfig"]))
        if is_function and name == own:
            return parameter("You can't specify the function as a destination for itself.")
        if arn and not (name in names["_functions"] if is_function else _is_there(arn)):
            return parameter(f"The destination ARN {arn} is invalid.")
        if arn.endswith(_FIFO):
            return parameter(_ordered(arn))
    return None


def _no_destination(config: Mapping[str, Any]) -> str:
    """The text for a destination of another service; LocalStack has it from AWS."""
    told = []
    for name in ("OnSuccess", "OnFailure"):
        arn = (config.get(name) or {}).get("Destination")
        of_it = f"{name}(destination={arn})" if arn else "null"
        told.append(f"{name[0].lower()}{name[1:]}={of_it}")
    return f"The provided destination config DestinationConfig({', '.join(told)}) is invalid."


def _with_plain_name(asked: Asked) -> bytes:
    """The same request for a new function; AWS takes its whole ARN as its name too."""
    resolve = vars(import_module(LAMBDA))["_resolve_request_scoped_name"]
    return json.dumps({**asked, "FunctionName": resolve(str(asked.get("FunctionName")))}).encode()


def package_error(code: Mapping[str, Any]) -> AwsError | None:
    """Refuse a deployment package that is not where a request says."""
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key:
        return None
    fetch = vars(import_module(LAMBDA))["_fetch_code_from_s3"]
    if fetch(bucket, key, version_id=code.get("S3ObjectVersion")) is not None:
        return None
    buckets = vars(import_module("ministack.services.s3"))["_buckets"]
    why = "NoSuchKey", "The specified key does not exist."
    if bucket not in buckets:
        why = "NoSuchBucket", "The specified bucket does not exist"
    return parameter(
        f"Error occurred while GetObject. S3 Error Code: {why[0]}. S3 Error Message: {why[1]}"
    )


_CHECKS = {
    "/code": _code_error,
    "/configuration": _role_error,
    "/aliases": _alias_error,
    "/versions": _version_error,
    "/policy": _policy_error,
    "/concurrency": concurrency_error,
    "/event-invoke-config": destination_error,
}
"""The check of a request by the first part of its path after the function's name."""
