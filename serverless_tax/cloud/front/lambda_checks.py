"""Requests that Lambda's API refuses, and requests that this cloud cannot serve.

ministack accepts nearly any configuration, and the function would then run with another one. What
AWS's model of its API says of a single value is in :mod:`serverless_tax.cloud.front.constraints`;
here is what its service says beyond that. The texts are AWS's own. Most of them stand in
LocalStack's snapshots of AWS's answers (tests/aws/services/lambda_, November 2025 to March 2026),
the others in public issues. Where AWS would accept a request and this cloud cannot serve it, the
text names this cloud.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from serverless_tax.cloud.front.aws_errors import MAY, AwsError
from serverless_tax.cloud.front.constraints import (
    broken_constraints,
    broken_value,
    detected,
    takes_json,
)
from serverless_tax.cloud.front.operations import ApiRequest, operation_of
from serverless_tax.cloud.front.patterns import pattern_fault
from serverless_tax.cloud.front.unread import unread_error
from serverless_tax.cloud.function.event import unreadable
from serverless_tax.cloud.function.startup import this_architecture

_FUNCTIONS = re.compile(r"/\d{4}-\d{2}-\d{2}/functions(?:/[^/]+(?P<rest>/.*)?)?/?")
_OTHERS = re.compile(r"/\d{4}-\d{2}-\d{2}/(layers|code-signing-configs)(/.*)?")
_INVOKE = frozenset(["/invocations", "/response-streaming-invocations"])

RUNTIMES = (
    *("nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x"),
    *("nodejs22.x", "java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4"),
    *("ruby3.2", "python3.8", "python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8"),
    *("java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2"),
    *("ruby4.0", "nodejs26.x", "python3.15", "java8.al2023", "java11.al2023", "java17.al2023"),
)
"""Runtimes for new functions, in the order of AWS's own message (January 2026); the last line's are
newer, and stand in botocore's model."""
RETIRED_RUNTIMES = (
    *("nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x"),
    *("nodejs12.x", "nodejs14.x", "java8", "python2.7", "python3.6", "python3.7"),
    *("dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x"),
    *("ruby2.5", "ruby2.7", "provided"),
)
"""Runtimes that AWS has withdrawn: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

RESERVED_VARIABLES = frozenset(
    [
        *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
        *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    ]
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
MOST_VARIABLES_BYTES = 4096
"""The limit for all variables together, as compact JSON."""

MOST_CONTEXT_BYTES = 3583
"""Of the context of a client, in base64; the text past it is that of AWS's validator elsewhere.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
MOST_MEMORY_MB, MOST_NAME, TMP_MB, MOST_TAGS = 10_240, 64, 512, 50
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
DURABLE_RUNTIMES = frozenset(
    [
        *("nodejs22.x", "nodejs24.x", "python3.13", "python3.14"),
        *("java17", "java21", "java25", "dotnet8", "dotnet10"),
    ]
)
"""https://docs.aws.amazon.com/lambda/latest/dg/durable-supported-runtimes.html"""
#: Settings that this cloud does not have: each with the member that turns it on, and its name.
_NOT_HERE = (
    ("Layers", "", "layers"),
    ("FileSystemConfigs", "", "file systems"),
    ("VpcConfig", "SubnetIds", "VPCs"),
    ("DurableConfig", "KMSKeyArn", "keys for durable executions"),
    ("CapacityProviderConfig", "", "managed instances"),
    ("ProvisionedConcurrencyConfig", "", "provisioned concurrency"),
    ("TenancyConfig", "", "tenants"),
    ("CodeSigningConfigArn", "", "code signing"),
    ("KMSKeyArn", "", "keys of your own for variables"),
    ("SourceKMSKeyArn", "", "keys of your own for code"),
    ("PublishTo", "", "managed instances"),
)
#: Of an event source mapping: ministack keeps most of them, and no poller acts by them.
_NOT_POLLED = (
    *("ProvisionedPollerConfig", "KMSKeyArn", "MetricsConfig", "LoggingConfig"),
    *("TumblingWindowInSeconds", "ParallelizationFactor", "BisectBatchOnFunctionError"),
    *("MaximumRetryAttempts", "AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig"),
    *("SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig", "Queues", "Topics"),
)
_OF_STREAMS = (
    *("StartingPosition", "StartingPositionTimestamp", "MaximumRecordAgeInSeconds"),
    "DestinationConfig",
)
_USUALLY = {"ParallelizationFactor": 1, "MaximumRetryAttempts": -1}
_NO_PATTERN = "Invalid filter pattern definition."
_MOST_FILTERS = 5  # unless the account's quota is raised
_MOST_WITHOUT_WINDOW, _WINDOW = 10, "MaximumBatchingWindowInSeconds"


def is_invoke(path: str) -> bool:
    """Whether a path is that of Invoke or InvokeWithResponseStream."""
    match = _FUNCTIONS.fullmatch(path)
    return match is not None and match["rest"] in _INVOKE


def lambda_error(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request to Lambda's API is refused; None for any other request.

    Args:
        method: HTTP's.
        path: as it came, without its query.
        query: what follows it.
        headers: names in lower case.
        body: the whole of it.
    """
    asked, request = None, ApiRequest("lambda", method, path, query, headers)
    if takes_json(request):
        try:
            asked = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            return _content(f"Could not parse request body into json: {error}")
    try:
        broken = broken_constraints(request, asked)
        if broken:
            return violated(broken)
        return _setting_error(method, path, headers, body, asked) or _unread_error(request, asked)
    except (TypeError, AttributeError):  # text for a number, a list for a structure
        return _refusal("SerializationException", "A member of the request has the wrong type.")


def _unread_error(request: ApiRequest, asked: Any) -> AwsError | None:
    found = operation_of(request.service, request.method, request.path, request.query)
    left = unread_error("lambda", found[0].name, asked or {}) if found else ""
    return parameter(left) if left else None


def _setting_error(
    method: str, path: str, headers: Mapping[str, str], body: bytes, asked: Any
) -> AwsError | None:
    """Check a request that breaks no constraint of AWS's model."""
    if method not in {"POST", "PUT"}:
        return None
    if other := _OTHERS.fullmatch(path):
        return NO_LAYERS if other[1] == "layers" else _only_on_aws(_NO_SIGNING)
    if path.startswith("/2015-03-31/event-source-mappings"):
        return polling_error(asked, creating=method == "POST")
    match = _FUNCTIONS.fullmatch(path)
    rest = "none" if match is None else (match["rest"] or "").rstrip("/")
    if rest in _INVOKE:
        return _invoke_error(headers) or _unreadable_event(body) or _unreadable_context(headers)
    if rest.startswith("/aliases"):
        return alias_error(asked)
    check = _CHECKS.get(rest)
    return check(asked) if check else None


def _invoke_error(headers: Mapping[str, str]) -> AwsError | None:
    if headers.get("x-amz-tenant-id"):
        return _only_on_aws("This local cloud has no tenants (TenantId).")
    return None


def _recursion_error(asked: Mapping[str, Any]) -> AwsError | None:
    if asked["RecursiveLoop"] == "Allow":
        return None
    return _only_on_aws("This local cloud does not look for recursive loops (RecursiveLoop).")


def polling_error(asked: Mapping[str, Any], *, creating: bool) -> AwsError | None:
    """Check an event source mapping: what AWS refuses, and what this cloud's poller leaves out."""
    for name in _NOT_POLLED:
        if asked.get(name) and asked[name] != _USUALLY.get(name):
            return _only_on_aws(f"This local cloud polls queues and streams without {name}.")
    source = str(asked.get("EventSourceArn") or "")
    is_queue = source.startswith("arn:aws:sqs:")
    if creating and not source:
        return parameter("Unrecognized event source.")
    position = asked.get("StartingPosition")
    for name in (one for one in _OF_STREAMS if is_queue and asked.get(one)):
        return parameter(f"{name} parameter is not valid for SQS event sources.")
    needed = "" if is_queue or not creating or position else "startingPosition"
    if position == "AT_TIMESTAMP" and not asked.get("StartingPositionTimestamp"):
        needed = "startingPositionTimestamp"
    if needed:
        null = f"Value null at '{needed}' failed to satisfy constraint"
        return parameter(detected([f"{null}: Member must not be null."]))
    error = (
        _batch_error(asked, ordered=source.endswith(".fifo"))
        if is_queue
        else _stream_error(asked, source)
    )
    return error or _filters_error((asked.get("FilterCriteria") or {}).get("Filters") or [])


def _stream_error(asked: Mapping[str, Any], source: str) -> AwsError | None:
    """Check where a stream is read from, and how its batches are gathered."""
    if asked.get("StartingPosition") == "AT_TIMESTAMP" and source.startswith("arn:aws:dynamodb:"):
        return parameter(f"Unsupported starting position for arn type: {source}")
    if source and asked.get(_WINDOW):
        return _only_on_aws(f"This local cloud polls streams without {_WINDOW}.")
    return None


def _filters_error(filters: list[Any]) -> AwsError | None:
    if len(filters) > _MOST_FILTERS:
        return parameter(f"An event source mapping has up to {_MOST_FILTERS} filters.")
    return None if all(map(_is_pattern, filters)) else parameter(_NO_PATTERN)


def _batch_error(asked: Mapping[str, Any], *, ordered: bool) -> AwsError | None:
    """Check a queue's batches; the sentence about an ordered one is ours."""
    window_s, size = asked.get(_WINDOW), asked.get("BatchSize") or 0
    if ordered and (window_s or size > _MOST_WITHOUT_WINDOW):
        return parameter(
            f"A FIFO queue has batches of up to 10, and no batching window ({_WINDOW})."
        )
    if window_s or size <= _MOST_WITHOUT_WINDOW:
        return None
    return parameter(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
        "greater than 10"
    )


def _is_pattern(one: Mapping[str, Any]) -> bool:
    try:
        return not pattern_fault(json.loads(one["Pattern"]))
    except (KeyError, ValueError):
        return False


def _unreadable_event(body: bytes) -> AwsError | None:
    says = unreadable(body)
    return _content(says) if says else None


def _unreadable_context(headers: Mapping[str, str]) -> AwsError | None:
    given = headers.get("x-amz-client-context")
    if given is None:
        return None
    if len(given) > MOST_CONTEXT_BYTES:
        limit = f"Member must have length less than or equal to {MOST_CONTEXT_BYTES}"
        return violated([broken_value(given, "clientContext", limit)])
    try:
        is_good = isinstance(json.loads(base64.b64decode(given, validate=True).decode()), dict)
    except (binascii.Error, ValueError, RecursionError):
        is_good = False
    if is_good:
        return None
    return _content("Client context must be a valid Base64-encoded JSON object.")


def configuration_error(asked: Mapping[str, Any], *, creating: bool) -> AwsError | None:
    """Check the settings of CreateFunction and UpdateFunctionConfiguration."""
    name = str(asked.get("FunctionName") or "")
    if creating and len(name.rpartition(":")[2]) > MOST_NAME:
        limit = f"Member must have length less than or equal to {MOST_NAME}"
        return parameter(detected([broken_value(name, "functionName", limit)]))
    if (asked.get("MemorySize") or 0) > MOST_MEMORY_MB:
        text = (
            "'MemorySize' value failed to satisfy constraint: "
            f"Member must have value less than or equal to {MOST_MEMORY_MB}"
        )
        return _refusal("ValidationException", text)
    is_zip = creating and asked.get("PackageType") != "Image"
    if is_zip and not (asked.get("Runtime") and asked.get("Handler")):
        return parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )
    if is_zip and not asked.get("Code"):
        return parameter("Please provide a source for function code.")
    return (
        _variables_error((asked.get("Environment") or {}).get("Variables") or {})
        or _runtime_error(asked.get("Runtime"))
        or (durable_error(asked) if creating and asked.get("DurableConfig") is not None else None)
        or _impossible(asked, creating=creating)
        or _not_here({**asked, **{name: (asked.get("Code") or {}).get(name) for name in _OF_CODE}})
    )


def durable_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Check the settings of a function that is durable, in AWS's sentences.

    Both stand in issues of aws/aws-lambda-dotnet: 2453 and 2418.
    """
    if asked.get("DurableConfig", {"ExecutionTimeout": 1}).get("ExecutionTimeout") is None:
        return parameter(
            "You cannot create a function with a durable configuration without an executionTimeout"
        )
    if asked.get("Runtime", "python3.13") not in DURABLE_RUNTIMES:
        return parameter(
            "You cannot use a managed runtime that does not support a durable configuration"
        )
    return None


def _variables_error(variables: Mapping[str, str]) -> AwsError | None:
    unable = (
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided"
    )
    reserved = [name for name in variables if name in RESERVED_VARIABLES]
    if reserved:
        return parameter(
            f"{unable} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MOST_VARIABLES_BYTES:
        return parameter(f"{unable} exceeded the 4KB limit. String measured: {measured}")
    return None


def _runtime_error(runtime: str | None) -> AwsError | None:
    if runtime is None:
        return None
    if runtime in RETIRED_RUNTIMES:
        return parameter(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating "
            "AWS Lambda functions. We recommend you use a supported runtime while creating or "
            "updating functions."
        )
    if runtime not in RUNTIMES:
        return parameter(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
            f"value set: [{', '.join(RUNTIMES)}] or be a valid ARN"
        )
    if not runtime.startswith(("python", "nodejs")):
        return _only_on_aws(f"This local cloud runs Python and Node functions, and not {runtime}.")
    if runtime.startswith("nodejs") and shutil.which("node") is None:
        return _only_on_aws(f"{runtime} needs Node, and this machine has no `node` command.")
    return None


def _impossible(asked: Mapping[str, Any], *, creating: bool) -> AwsError | None:
    """Refuse settings that do not go together.

    The first text stands in issues of Terraform's, the second in aws/aws-cdk 28045, the third in
    LocalStack's snapshots. The last one is ours: AWS's is not known.
    """
    network = asked.get("VpcConfig") or {}
    if bool(network.get("SubnetIds")) != bool(network.get("SecurityGroupIds")):
        return parameter("SubnetIds and SecurityIds must coexist or be both empty list.")
    logging = asked.get("LoggingConfig") or {}
    levels = logging.get("ApplicationLogLevel") or logging.get("SystemLogLevel")
    if levels and logging.get("LogFormat", "Text" if creating else "") == "Text":
        return parameter(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your '
            'request or change the LogFormat to "Json" and try again.'
        )
    if len(asked.get("Tags") or {}) > MOST_TAGS:
        return parameter("Number of tags exceeds resource tag limit.")
    if asked.get("ImageConfig") and asked.get("PackageType") != "Image":
        return parameter("A function of a .zip package has no ImageConfig.")
    return None


def _not_here(asked: Mapping[str, Any]) -> AwsError | None:
    code = asked.get("Code") or {}
    if asked.get("PackageType") == "Image" or "ImageUri" in code:
        return _only_on_aws("This local cloud runs .zip packages, and no container images.")
    for name, part, called in _NOT_HERE:
        given = asked.get(name)
        if given and (not part or given.get(part)):
            return _only_on_aws(f"This local cloud has no {called} ({name}).")
    if asked.get("DurableConfig") and (asked.get("DeadLetterConfig") or {}).get("TargetArn"):
        return _only_on_aws("This local cloud sends no durable execution to a dead-letter queue.")
    if (asked.get("SnapStart") or {}).get("ApplyOn", "None") != "None":
        return _only_on_aws("This local cloud has no SnapStart.")
    if (asked.get("EphemeralStorage") or {}).get("Size", TMP_MB) != TMP_MB:
        return _only_on_aws("This local cloud bills no larger /tmp (EphemeralStorage).")
    return _other_machine(asked)


def _other_machine(asked: Mapping[str, Any]) -> AwsError | None:
    """Refuse another architecture than this machine's."""
    wanted = next(iter(asked.get("Architectures") or []), None)
    if wanted is None or wanted == this_architecture():
        return None
    return _only_on_aws(f"This local cloud runs on {this_architecture()}, and not on {wanted}.")


def _code_error(asked: Mapping[str, Any]) -> AwsError | None:
    if "ImageUri" in asked:
        return parameter(
            "Please don't provide ImageUri when updating a function with packageType Zip."
        )
    if not any(asked.get(name) for name in ("ZipFile", "S3Bucket")):
        return parameter("Please provide a source for function code.")
    return _not_here(asked)


def alias_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Check the settings of CreateAlias and UpdateAlias."""
    weights = (asked.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if len(weights) > 1:
        return parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if not weights:
        return None
    return _only_on_aws(
        "This local cloud sends every request of an alias to one version (RoutingConfig)."
    )


def _asynchronous_error(asked: Mapping[str, Any]) -> AwsError | None:
    if not {*asked} - {"FunctionName", "Qualifier"}:
        return parameter("You must specify at least one of error handling or destination setting.")
    wanted = (asked.get("DestinationConfig") or {}).values()
    if any(str((one or {}).get("Destination")).startswith("arn:aws:s3:") for one in wanted):
        return _only_on_aws("This local cloud sends no records to buckets (DestinationConfig).")
    return None


def url_error(asked: Mapping[str, Any]) -> AwsError | None:
    """Check the settings of a function URL; the sentence is ours, the values are AWS's.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-url-cors.html
    """
    for method in (asked.get("Cors") or {}).get("AllowMethods") or []:
        if method not in _OF_CORS:
            known = ", ".join(_OF_CORS)
            return parameter(f"A method of Cors.AllowMethods is one of {known}, unlike {method}.")
    return None


def violated(broken: list[str]) -> AwsError:
    """The answer of AWS's own validator."""
    return _refusal("ValidationException", detected(broken))


def _only_on_aws(text: str) -> AwsError:
    return parameter(f"{text} {MAY}")


def parameter(text: str) -> AwsError:
    """The commonest refusal."""
    return _refusal("InvalidParameterValueException", text)


def _content(text: str) -> AwsError:
    return _refusal("InvalidRequestContentException", text)


def _refusal(code: str, text: str) -> AwsError:
    return AwsError(code, code, text, "lambda", 400)


NO_PROVISIONED = _only_on_aws("This local cloud has no provisioned concurrency.")
NO_LAYERS = _only_on_aws("This local cloud has no layers.")
_NO_SIGNING = "This local cloud has no code signing."
_OF_CODE = ("SourceKMSKeyArn",)
_OF_CORS = ("GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*")
_CHECKS: Mapping[str, Callable[[Any], AwsError | None]] = {
    "": lambda asked: configuration_error(asked, creating=True),
    "/configuration": lambda asked: configuration_error(asked, creating=False),
    "/code": _code_error,
    "/url": url_error,
    "/event-invoke-config": _asynchronous_error,
    "/recursion-config": _recursion_error,
    "/code-signing-config": lambda _: _only_on_aws(_NO_SIGNING),
}
"""The check of a request by its path after the function's name."""
