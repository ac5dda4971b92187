"""Requests that Lambda's API refuses, and requests that this cloud cannot serve.

ministack accepts nearly any configuration, and the function would then run with another one. The
texts are AWS's own. Most of them stand in LocalStack's snapshots of AWS's answers
(tests/aws/services/lambda_, November 2025 and January 2026), the others in public issues. Where AWS
would accept a request and this cloud cannot serve it, the text names this cloud.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.function.startup import this_architecture

_FUNCTIONS = re.compile(r"/\d{4}-\d{2}-\d{2}/functions(?:/[^/]+(?P<rest>/.*)?)?/?")
_LAYERS = re.compile(r"/\d{4}-\d{2}-\d{2}/layers/")
_INVOKE = frozenset(["/invocations", "/response-streaming-invocations"])

RUNTIMES = (
    *("nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x"),
    *("nodejs22.x", "java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4"),
    *("ruby3.2", "python3.8", "python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8"),
    *("java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2"),
)
"""Runtimes for new functions, in the order of AWS's own message (January 2026)."""
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

LEAST_MEMORY_MB, MOST_MEMORY_MB, MOST_TIMEOUT_S = 128, 10_240, 900
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
MOST_DURABLE = {"ExecutionTimeout": 31_622_400, "RetentionPeriodInDays": 90}
"""Seconds and days: https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html"""
DURABLE_RUNTIMES = frozenset(
    [
        *("nodejs22.x", "nodejs24.x", "python3.13", "python3.14"),
        *("java17", "java21", "java25", "dotnet8", "dotnet10"),
    ]
)
"""https://docs.aws.amazon.com/lambda/latest/dg/durable-supported-runtimes.html"""
_ROLE = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
_ARCHITECTURES = ("x86_64", "arm64")
MOST_NAME, TMP_MB = 64, 512
_NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_VARIABLE = r"[a-zA-Z]([a-zA-Z0-9_])+"
ASYNCHRONOUS = {"MaximumRetryAttempts": (0, 2), "MaximumEventAgeInSeconds": (60, 21_600)}
"""The least and the most: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""
_ENUMS = (
    ("TracingConfig", "Mode", ("Active", "PassThrough")),
    ("LoggingConfig", "LogFormat", ("JSON", "Text")),
    ("LoggingConfig", "SystemLogLevel", ("DEBUG", "INFO", "WARN")),
)
#: Of an invocation: the header, the parameter's name, and what it may be.
_CHOICES = (
    ("x-amz-invocation-type", "invocationType", ("Event", "RequestResponse", "DryRun")),
    ("x-amz-log-type", "logType", ("None", "Tail")),
)

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
)


def is_invoke(path: str) -> bool:
    """Whether a path is that of Invoke or InvokeWithResponseStream."""
    match = _FUNCTIONS.fullmatch(path)
    return match is not None and match["rest"] in _INVOKE


def lambda_error(
    method: str, path: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request to Lambda's API is refused; None for any other request.

    Args:
        method: HTTP's.
        path: as it came.
        headers: names in lower case.
        body: the whole of it.
    """
    match = _FUNCTIONS.fullmatch(path)
    if method == "POST" and _LAYERS.match(path):
        return NO_LAYERS
    if match is None or method not in {"POST", "PUT"}:
        return None
    rest = (match["rest"] or "").rstrip("/")
    if rest in _INVOKE:
        return _invoke_error(headers) or _unreadable_event(body) or _unreadable_context(headers)
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        return _content(f"Could not parse request body into json: {error}")
    try:
        return _setting_error(rest, asked)
    except (TypeError, AttributeError):  # text for a number, a list for a structure
        return _refusal("SerializationException", "A member of the request has the wrong type.")


def _setting_error(rest: str, asked: Any) -> AwsError | None:
    """Check a request's settings; ``rest`` is the path after the function's name."""
    if rest == "/code":
        return _code_error(asked)
    if rest.startswith("/aliases"):
        return alias_error(asked)
    if rest == "/provisioned-concurrency":
        return _only_on_aws("This local cloud has no provisioned concurrency.")
    if rest == "/event-invoke-config":
        return _asynchronous_error(asked)
    if rest in {"", "/configuration"}:
        return configuration_error(asked, creating=not rest)
    return None


def _invoke_error(headers: Mapping[str, str]) -> AwsError | None:
    for header, called, allowed in _CHOICES:
        given = headers.get(header)
        if given is not None and given not in allowed:
            enum = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
            return _violated([_broken(given, called, enum)])
    if headers.get("x-amz-tenant-id"):
        return _only_on_aws("This local cloud has no tenants (TenantId).")
    return None


def _unreadable_event(body: bytes) -> AwsError | None:
    """Refuse an event that is not JSON. A missing event is an empty one."""
    reason = ""
    try:
        json.loads(body.decode() or "{}", parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        reason = f"Invalid UTF-8 start byte 0x{body[error.start]:x}"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    if not reason:
        return None
    return _content(
        f"Could not parse request body into json: Could not parse payload into json: {reason}"
    )


def _refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, which JSON does not have."""
    msg = f"Non-standard token '{name}'"
    raise ValueError(msg)


def _unreadable_context(headers: Mapping[str, str]) -> AwsError | None:
    given = headers.get("x-amz-client-context")
    if given is None:
        return None
    try:
        is_good = isinstance(json.loads(base64.b64decode(given, validate=True).decode()), dict)
    except (binascii.Error, ValueError, RecursionError):
        is_good = False
    if is_good:
        return None
    return _content("Client context must be a valid Base64-encoded JSON object.")


def configuration_error(asked: Mapping[str, Any], *, creating: bool) -> AwsError | None:
    """Check the settings of CreateFunction and UpdateFunctionConfiguration."""
    broken = [*_broken_constraints(asked, creating=creating)]
    if broken:
        return _violated(broken)
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
        or _not_here(asked)
    )


def _broken_constraints(asked: Mapping[str, Any], *, creating: bool) -> Iterator[str]:
    """Yield the sentences of AWS's own validator, one for each broken constraint."""
    role, timeout_s = asked.get("Role"), asked.get("Timeout")
    memory_mb, kinds = asked.get("MemorySize"), asked.get("Architectures")
    if creating and role is None:
        yield "Value null at 'role' failed to satisfy constraint: Member must not be null"
    if role is not None and not re.fullmatch(_ROLE, str(role)):
        yield _broken(role, "role", f"Member must satisfy regular expression pattern: {_ROLE}")
    yield from _broken_name(asked.get("FunctionName"))
    yield from _out_of_range(timeout_s, "timeout", 1, MOST_TIMEOUT_S)
    if memory_mb is not None and memory_mb < LEAST_MEMORY_MB:
        least = f"Member must have value greater than or equal to {LEAST_MEMORY_MB}"
        yield _broken(memory_mb, "memorySize", least)
    size_mb = (asked.get("EphemeralStorage") or {}).get("Size")
    yield from _out_of_range(size_mb, "ephemeralStorage.size", TMP_MB, MOST_MEMORY_MB)
    for name, member, allowed in _ENUMS:
        given = (asked.get(name) or {}).get(member)
        if given is not None and given not in allowed:
            called = f"{name[0].lower()}{name[1:]}.{member[0].lower()}{member[1:]}"
            enum = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
            yield _broken(given, called, enum)
    yield from _broken_durability(asked.get("DurableConfig") or {})
    if asked.get("PackageType") not in {None, "Zip", "Image"}:
        enum = "Member must satisfy enum value set: [Zip, Image]"
        yield _broken(asked["PackageType"], "packageType", enum)
    if kinds is not None:
        yield from _broken_architectures(kinds)


def _broken_name(name: str | None) -> Iterator[str]:
    if name is not None and not re.fullmatch(_NAME, name):
        limit = f"Member must satisfy regular expression pattern: {_NAME}"
        yield _broken(name, "functionName", limit)
    elif name is not None and len(name.rpartition(":")[2]) > MOST_NAME:
        limit = f"Member must have length less than or equal to {MOST_NAME}"
        yield _broken(name, "functionName", limit)


def _broken_durability(asked: Mapping[str, Any]) -> Iterator[str]:
    for name, most in MOST_DURABLE.items():
        called = f"durableConfig.{name[0].lower()}{name[1:]}"
        yield from _out_of_range(asked.get(name), called, 1, most)


def _out_of_range(given: Any, called: str, least: int, most: int) -> Iterator[str]:
    if given is not None and given < least:
        limit = f"Member must have value greater than or equal to {least}"
        yield _broken(given, called, limit)
    if given is not None and given > most:
        limit = f"Member must have value less than or equal to {most}"
        yield _broken(given, called, limit)


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


def _broken_architectures(kinds: list[str]) -> Iterator[str]:
    given = f"[{', '.join(map(str, kinds))}]"
    if len(kinds) > 1:
        yield _broken(given, "architectures", "Member must have length less than or equal to 1")
    elif kinds and kinds[0] not in _ARCHITECTURES:
        enum = f"Member must satisfy enum value set: [{', '.join(_ARCHITECTURES)}]"
        each = f"Member must satisfy constraint: [{enum}, Member must not be null]"
        yield _broken(given, "architectures", each)


def _broken(value: object, name: str, constraint: str) -> str:
    return f"Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"


def _variables_error(variables: Mapping[str, str]) -> AwsError | None:
    unable = (
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided"
    )
    if not all(re.fullmatch(_VARIABLE, name) for name in variables):
        keys = f"[Member must satisfy regular expression pattern: {_VARIABLE}]"
        where = "Value at 'environment.variables' failed to satisfy constraint"
        return _violated([f"{where}: Map keys must satisfy constraint: {keys}"])
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
    broken = [*_broken_architectures(asked.get("Architectures") or [])]
    if broken:
        return _violated(broken)
    return _other_machine(asked)


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
    broken = [
        one
        for name, (least, most) in ASYNCHRONOUS.items()
        for one in _out_of_range(asked.get(name), f"{name[0].lower()}{name[1:]}", least, most)
    ]
    if broken:
        return _violated(broken)
    wanted = (asked.get("DestinationConfig") or {}).values()
    if any(str((one or {}).get("Destination")).startswith("arn:aws:s3:") for one in wanted):
        return _only_on_aws("This local cloud sends no records to buckets (DestinationConfig).")
    return None


def _violated(broken: list[str]) -> AwsError:
    """The answer of AWS's own validator."""
    errors = "error" if len(broken) == 1 else "errors"
    text = f"{len(broken)} validation {errors} detected: {'; '.join(broken)}"
    return _refusal("ValidationException", text)


def _only_on_aws(text: str) -> AwsError:
    return parameter(f"{text} AWS would accept this request.")


def parameter(text: str) -> AwsError:
    """The commonest refusal."""
    return _refusal("InvalidParameterValueException", text)


def _content(text: str) -> AwsError:
    return _refusal("InvalidRequestContentException", text)


def _refusal(code: str, text: str) -> AwsError:
    return AwsError(code, code, text, "lambda", 400)


NO_LAYERS = _only_on_aws("This local cloud has no layers.")
