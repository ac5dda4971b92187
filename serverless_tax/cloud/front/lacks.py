"""What this cloud would take and not do, in one table: each is refused in a sentence.

ministack keeps these settings, and nothing acts by them. The gate holds every request to the table,
a stack the resources of its template, and a state machine its tasks of ``aws-sdk``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs

from serverless_tax.cloud.front.aws_errors import MAY, AwsError
from serverless_tax.cloud.front.tags import CODES

_DOMAINS, _CACHES, _LINKS = "domains of your own", "caches of a stage", "VPC links"
_LOGS, _TRACES = "execution logs of an API", "traces"
_ACCESS, _CANARIES, _CHECKS = "access logs", "canaries", "other checks of a certificate"
_KEYS, _CERTIFICATES, _DEAD = "keys of your own", "certificates of clients", "dead-letter queues"
_STAGE = {
    "accessLogSettings": _ACCESS, "canarySettings": _CANARIES, "cacheClusterEnabled": _CACHES,
    "tracingEnabled": _TRACES, "clientCertificateId": _CERTIFICATES,
    "methodSettings.cachingEnabled": _CACHES, "methodSettings.loggingLevel": _LOGS,
    "methodSettings.dataTraceEnabled": _LOGS,
    "methodSettings.metricsEnabled": "metrics of a method",
}  # fmt: skip
LACKS: Mapping[str, Mapping[str, str | Mapping[str, str]]] = {
    "apigateway": {
        "CreateDomainName UpdateDomainName CreateBasePathMapping": _DOMAINS,
        "CreateDomainNameAccessAssociation": _DOMAINS,
        "CreateVpcLink": _LINKS,
        "GenerateClientCertificate CreateClientCertificate": _CERTIFICATES,
        "ImportApiKeys": "import of keys",
        "*RestApi": {
            "policy": "resource policies of an API", "cloneFrom": "copies of an API",
            "*x-amazon-apigateway-policy": "resource policies of an API",
            "*x-amazon-apigateway-request-validator*": "imports of request validators",
            "*x-amazon-apigateway-gateway-responses": "imports of gateway responses",
            "disableExecuteApiEndpoint": "other address of an API",
            "endpointConfiguration.types=PRIVATE": "private APIs", "securityPolicy": "TLS policies",
        },
        "*Stage": _STAGE,
        "CreateDeployment UpdateDeployment": {
            **_STAGE, "deploymentCanarySettings": _CANARIES,
            **{f"stageDescription.{name}": what for name, what in _STAGE.items()},
        },
        "PutIntegration UpdateIntegration": {
            "connectionId": _LINKS, "tlsConfig": _CHECKS, "cacheKeyParameters": _CACHES,
            "responseTransferMode=STREAM": "streamed answers of a REST API",
        },
    },
    "apigatewayv2": {
        "CreateDomainName UpdateDomainName CreateApiMapping": _DOMAINS,
        "CreateVpcLink": _LINKS,
        "CreateIntegrationResponse": "responses of an integration",
        "*Api": {"disableExecuteApiEndpoint": "other address of an API"},
        "*Stage": {
            "accessLogSettings": _ACCESS, "clientCertificateId": _CERTIFICATES,
            "*outeSetting*.detailedMetricsEnabled": "metrics of a route",
            "*outeSetting*.dataTraceEnabled": _LOGS, "*outeSetting*.loggingLevel": _LOGS,
        },
        "*Integration": {
            "responseParameters": "mapping of answers", "connectionId": _LINKS,
            "integrationSubtype": "integrations with other services", "tlsConfig": _CHECKS,
            "requestTemplates": "mapping templates of a socket",
            "templateSelectionExpression": "mapping templates of a socket",
            "contentHandlingStrategy": "conversion of bodies",
            "passthroughBehavior": "choice of what is passed through",
        },
        "*Route": {
            "requestModels": "models of messages", "modelSelectionExpression": "models of messages",
        },
    },
    "cloudformation": {
        "CreateStack UpdateStack CreateChangeSet": {
            "enableTerminationProtection": "termination protection",
            "notificationARNs": "notifications of a stack",
            "rollbackConfiguration.*": "alarms that roll a stack back",
        },
        "UpdateTerminationProtection": {"enableTerminationProtection": "termination protection"},
    },
    "dynamodb": {
        "UpdateContributorInsights": "insights about contributors",
        "CreateTable UpdateTable": {"globalTableSourceArn": "global tables"},
    },
    "events": {
        "*ctivateEventSource *PartnerEvent*": "events of partners",
        "CreateEndpoint": "global endpoints",
        "*EventBus": {"deadLetterConfig": _DEAD, "logConfig.level": "logs of a bus"},
        "PutTargets CreateRule": {"targets.deadLetterConfig": f"{_DEAD} of rules"},
    },
    "iam": {
        "GenerateCredentialReport GenerateServiceLastAccessedDetails": "reports about rights",
    },
    "logs": {
        "PutDestination PutDeliverySource PutDeliveryDestination CreateDelivery":
            "deliveries of logs to other places",
        "CreateLogGroup": {
            "kmsKeyId": _KEYS, "deletionProtectionEnabled": "protection from deletion",
            "logGroupClass=[!S]*": "other classes of a log group",
        },
    },
    "monitoring": {
        "PutCompositeAlarm": {"actionsSuppressor": "suppression of an alarm"},
    },
    "pipes": {
        "CreatePipe UpdatePipe": {
            "sourceParameters.filterCriteria": "filters of a pipe", "kmsKeyIdentifier": _KEYS,
            "sourceParameters.dynamoDBStreamParameters.deadLetterConfig": _DEAD,
            "targetParameters.*": "parameters of a pipe's target",
            "logConfiguration": "logs of a pipe",
        },
    },
    "s3": {
        "CreateSession": "directory buckets",
        "*BucketMetadata*": "metadata tables",
        "PutBucketAbac": "rights by tags",
        "PutBucketAccelerateConfiguration": "acceleration of a bucket",
        "PutBucketAnalyticsConfiguration PutBucketInventoryConfiguration": "reports on a bucket",
        "PutBucketMetricsConfiguration": "metrics of a bucket",
        "PutBucketIntelligentTieringConfiguration RestoreObject": "storage classes",
        "PutBucketLogging": _ACCESS,
        "PutBucketRequestPayment": "requesters who pay",
        "PutBucketWebsite": "websites",
        "PutObjectAnnotation": "annotations of an object",
        "RenameObject": "new names of an object",
        "SelectObjectContent": "queries of an object",
        "UpdateObjectEncryption": _KEYS,
        "CreateBucket": {
            "loggingConfiguration": _ACCESS, "websiteConfiguration": "websites",
            "accelerateConfiguration.accelerationStatus=Enabled": "acceleration of a bucket",
            "analyticsConfiguration": "reports on a bucket",
            "inventoryConfiguration": "reports on a bucket",
            "intelligentTieringConfiguration": "storage classes",
            "metricsConfiguration": "metrics of a bucket",
        },
    },
    "scheduler": {
        "*Schedule": {
            "kmsKeyArn": _KEYS, "target.deadLetterConfig": f"{_DEAD} of schedules",
            "flexibleTimeWindow.maximumWindowInMinutes": "flexible windows of a schedule",
        },
    },
    "sns": {
        "CreatePlatformApplication CreatePlatformEndpoint": "messages to mobile devices",
        "CreateTopic SetTopicAttributes": {
            "archivePolicy": "archives of a topic", "tracingConfig=Active": _TRACES,
            "dataProtectionPolicy": "protection of data", "deliveryPolicy": "policies of delivery",
            "*FeedbackRoleArn": "logs of deliveries",
            "deliveryStatusLogging": "logs of deliveries",
        },
        "Subscribe SetSubscriptionAttributes CreateSubscription": {
            "deliveryPolicy": "policies of delivery", "replayPolicy": "archives of a topic",
            "redrivePolicy": f"{_DEAD} of subscriptions",
        },
    },
    "states": {
        "*StateMachine": {
            "loggingConfiguration.level": "logs of a state machine",
            "encryptionConfiguration.kmsKeyId": _KEYS, "tracingConfiguration.enabled": _TRACES,
        },
        "Describe* StartSyncExecution": {"includedData=METADATA_ONLY": "answers without data"},
    },
    "sts": {
        "AssumeRole GetSessionToken": {
            "serialNumber": "devices for a second factor", "tokenCode": "codes of a second factor",
        },
    },
}  # fmt: skip
"""By service: operations that are not here, or what of an operation is not, by its place in it.

Names are those of AWS's model, as patterns, and a value may follow them; a plural's s does not
count. What a template alone can say stands under the operation that makes the resource.
"""
_OFF = (None, "", False, "false", "OFF")
"""Values that ask for nothing."""
_BY_PATH = ("apigateway", "apigatewayv2", "s3", "scheduler", "pipes")
"""The services whose operations are known by method and path."""
_NAMES = {"monitoring": "cloudwatch", "states": "stepfunctions"}
"""What botocore calls a service, where its signatures have another name."""
_OF_TYPES = {
    "ApiGateway": "apigateway", "ApiGatewayV2": "apigatewayv2", "Events": "events",
    "Scheduler": "scheduler", "SNS": "sns", "S3": "s3", "DynamoDB": "dynamodb", "Logs": "logs",
    "StepFunctions": "states", "Pipes": "pipes", "CloudWatch": "monitoring",
}  # fmt: skip
_OF_TASKS = {
    "sfn": "states", "cloudwatchlogs": "logs", "eventbridge": "events", "cloudwatch": "monitoring",
    **{
        name: name
        for name in (
            *("athena", "dynamodb", "ecr", "glue", "iam", "kinesis", "kms", "lambda", "s3"),
            *("secretsmanager", "sns", "sqs", "ssm", "sts"),
        )
    },
}  # fmt: skip
"""Services of this cloud that ministack's tasks reach, as Step Functions calls them."""
_OF_A_METHOD = re.compile(r"/.*/(caching|logging|metrics)/(\w+)")
_SETTING = {
    ("caching", "enabled"): "cachingEnabled", ("logging", "loglevel"): "loggingLevel",
    ("logging", "dataTrace"): "dataTraceEnabled", ("metrics", "enabled"): "metricsEnabled",
}  # fmt: skip
_KEY, _NUMBER = re.compile(r"Attributes\.entry\.\d+\.key"), re.compile(r"\.(member|entry)\.\d+")
_CBOR = re.compile(r"/service/\w+/operation/(\w+)")


def lacking() -> list[str]:
    """The table in a line for each service."""
    lines = []
    for service, every in LACKS.items():
        said = (one.values() if isinstance(one, Mapping) else [one] for one in every.values())
        called = _model(_NAMES.get(service, service)).service_id
        lines.append(f"{called}: {', '.join(sorted({one for each in said for one in each}))}.")
    return lines


def lack_error(
    scope: Mapping[str, Any], service: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request asks for what this cloud does not have; None for any other request.

    Args:
        scope: of ASGI.
        service: that the request's signature names.
        headers: names in lower case.
        body: the whole of it.
    """
    if service == "apigateway" and scope["path"].startswith("/v2/"):
        service = "apigatewayv2"
    if service not in LACKS or scope["method"] in {"HEAD", "DELETE"}:
        return None
    return lack_of(service, *_asked(scope, service, headers, body))


def lack_of(service: str, operation: str, asked: Mapping[str, Any]) -> AwsError | None:
    """Return why an operation with these members is refused; None if it is not."""
    for patterns, lacks in LACKS.get(service, {}).items():
        if not any(fnmatchcase(operation, one) for one in patterns.split()):
            continue
        if isinstance(lacks, str):
            code = "NotImplemented" if service == "s3" else "UnknownOperationException"
            return _refusal(service, code, lacks, operation)
        for wanted, what in lacks.items():
            path, _, value = wanted.partition("=")
            for place, given in _members(asked):
                if fnmatchcase(_plain(place), _plain(path)) and fnmatchcase(
                    str(given), value or "*"
                ):
                    code = CODES.get(service.removesuffix("v2"), "ValidationException")
                    return _refusal(service, code, what, place)
    return None


def task_lack(called: str, given: Any) -> AwsError | None:
    """Return why a task of ``aws-sdk`` is refused; None if it is not.

    Args:
        called: what follows ``aws-sdk:`` in its resource, a service and an action.
        given: its parameters.
    """
    name, _, action = called.partition(":")
    service = _OF_TASKS.get(name.lower())
    if service is None:
        return _refusal("states", "ValidationException", f"service {name!r} for tasks", called)
    asked = given if isinstance(given, Mapping) else {}
    return lack_of(service, action[:1].upper() + action[1:].partition(".")[0], asked)


def resource_lack(kind: str, props: Mapping[str, Any]) -> AwsError | None:
    """Return why a template's resource is refused; None if it is not."""
    group, _, name = kind.removeprefix("AWS::").partition("::")
    service = _OF_TYPES.get(group, "")
    if name == "Method":
        return lack_of(service, "PutIntegration", props.get("Integration") or {})
    return lack_of(service, f"Create{name}", props)


def _refusal(service: str, code: str, what: str, where: str) -> AwsError:
    text = f"This local cloud has no {what} ({where}). {MAY}"
    status = 501 if code == "NotImplemented" else 400
    return AwsError(code, code, text, service.removesuffix("v2"), status)


def _members(asked: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that asks for something, under its place and those around it."""
    if isinstance(asked, list):
        for one in asked:
            yield from _members(one, before)
    elif isinstance(asked, Mapping):
        for name, value in asked.items():
            yield from _members(value, f"{before}.{name}" if before else name)
    elif asked not in _OFF:
        places = before.split(".")
        for number in range(len(places), 0, -1):
            yield ".".join(places[:number]), asked


def _plain(place: str) -> str:
    """A place as it is compared: templates have capitals, and other plurals."""
    return ".".join(one[:1].lower() + one[1:].removesuffix("s") for one in place.split("."))


def _asked(
    scope: Mapping[str, Any], service: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, Mapping[str, Any]]:
    """The operation that a request is, and its members."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2], _json(body)
    if by_path := _CBOR.fullmatch(scope["path"]):
        return by_path[1], {}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = {name: given[0] for name, given in parse_qs(body.decode("latin-1")).items()}
        members: dict[str, Any] = {_NUMBER.sub("", name): one for name, one in form.items()}
        members[form.get("AttributeName", "")] = form.get("AttributeValue")
        for name in filter(_KEY.match, form):
            members[form[name]] = form.get(name.removesuffix("key") + "value")
        return form.get("Action", ""), members
    flags = {*parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    for method, path, needed, operation in _operations(service):
        if method == scope["method"] and needed <= flags and path.fullmatch(scope["path"]):
            return operation, {} if service == "s3" else _patched(_json(body))
    return "", {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _patched(asked: dict[str, Any]) -> dict[str, Any]:
    """The members of a request; those of a patch are named by its paths."""
    for one in asked.get("patchOperations") or ():
        path, value = str(one.get("path")), one.get("value")
        of_a_method = _OF_A_METHOD.fullmatch(path)
        if of_a_method:
            setting = _SETTING.get((of_a_method[1], of_a_method[2]), of_a_method[2])
            asked.setdefault("methodSettings", {})[setting] = value
        elif one.get("op") in {"add", "replace"}:
            name, _, below = path.strip("/").partition("/")
            asked[name] = {below: value} if below else value
    return asked


def _model(service: str) -> Any:
    from botocore.loaders import Loader  # noqa: PLC0415 - a page lists what lacks without it
    from botocore.model import ServiceModel  # noqa: PLC0415

    return ServiceModel(Loader().load_service_model(service, "service-2"))


@functools.cache
def _operations(service: str) -> list[tuple[str, re.Pattern[str], set[str], str]]:
    """Of the table's operations each one's method, path and query; the longest queries first."""
    if service not in _BY_PATH:
        return []
    model = _model(service)
    patterns = " ".join(LACKS[service]).split()
    known = []
    for name in model.operation_names:
        if any(fnmatchcase(name, one) for one in patterns):
            http = model.operation_model(name).http
            uri, _, query = http["requestUri"].partition("?")
            path = re.sub(r"\\{\w+\\\+\\}", ".+", re.escape(uri))
            path = re.sub(r"\\{\w+\\}", "[^/]+", path)
            flags = {*parse_qs(query, keep_blank_values=True)}
            known.append((http["method"], re.compile(f"{path}/?"), flags, name))
    return sorted(known, key=lambda one: -len(one[2]))
