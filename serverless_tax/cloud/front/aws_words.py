"""What ministack refuses as AWS does, but in other words: the same refusals in AWS's.

The texts stand in answers of AWS's that LocalStack has recorded (snapshots in tests/aws/services,
March 2026); those of an HTTP API's parts and of a policy's statements are moto's. Lambda's are in
:mod:`serverless_tax.cloud.front.lambda_words`: they depend on the call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NamedTuple


class _Words(NamedTuple):
    """What ministack says, and what AWS does.

    The second may name groups of the first, its ``kind`` as ``small``, ``account``, and of the
    path the API as ``api`` and the last part as ``last``.
    """

    theirs: str
    aws: str


_API = "Invalid API identifier specified {account}:{api}"
_WORDS: Mapping[str, Sequence[_Words]] = {
    "apigateway": (
        _Words(r"Invalid API identifier specified|API (?P<name>\S+) not found", _API),
        _Words("Invalid Model identifier specified", "Invalid model name specified: {last}"),
        _Words("Model name is required", "Model name must be non-empty"),
        _Words("Invalid Usage Plan identifier specified", "Invalid Usage Plan ID specified"),
        _Words("Invalid Stage identifier specified|Stage '.*' not found",
               "Invalid stage identifier specified"),
        _Words(r"(?P<kind>Route|Integration|Deployment|Authorizer) (?P<name>\S+) not found",
               "Invalid {kind} identifier specified {name}"),
    ),
    "dynamodb": (
        _Words("1 validation error detected: (?P<what>(The parameter cannot be converted to a "
               "numeric value|Attempting to store more than 38 significant digits).*)", "{what}"),
    ),
    "events": (
        _Words("Event bus (?P<name>.+) not found", "Event bus {name} does not exist."),
        _Words(r"Rule (?P<name>\S+) does not exist\.",
               "Rule {name} does not exist on EventBus default."),
        _Words("Cannot delete the default event bus", "Cannot delete event bus default."),
        _Words("(?P<what>(Event bus|Archive|Replay) .+ already exists)", "{what}."),
    ),
    "iam": (
        _Words(r"(?P<kind>Role|User|Group) (?P<name>\S+) not found\.",
               "The {small} with name {name} cannot be found."),
        _Words(r"Instance profile (?P<name>\S+) not found\.",
               "Instance Profile {name} cannot be found."),
        _Words(r"Statement \d+ has invalid Effect: .*", "Syntax errors in policy."),
        _Words(r"Statement \d+ must contain a Resource or NotResource element",
               "Policy statement must contain resources."),
        _Words(r"Statement \d+ must contain an Action or NotAction element",
               "Policy statement must contain actions."),
        _Words(r"Policy (?P<name>arn:\S+) not found\.", "Policy {name} was not found."),
    ),
    "logs": (
        _Words("(?P<what>The specified log (group|stream) already exists): .*", "{what}"),
        _Words("(?P<what>The specified (log group|log stream|subscription filter|metric filter|"
               "destination) does not exist): .*", "{what}."),
        _Words("logGroupNamePrefix and logGroupNamePattern are mutually exclusive.",
               "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."),
    ),
    "s3": (
        _Words("One or more of the specified parts could not be found.",
               "One or more of the specified parts could not be found.  The part may not have been "
               "uploaded, or the specified entity tag may not match the part's entity tag."),
        _Words("The specified multipart upload does not exist.",
               "The specified upload does not exist. The upload ID may be invalid, or the upload "
               "may have been aborted or completed."),
    ),
    "scheduler": (
        _Words(r"(?P<what>Schedule \S+ does not exist) in group .*", "{what}."),
    ),
    "sns": (
        _Words("(?P<what>(Topic|Subscription|PlatformApplication|Endpoint) does not exist): .*",
               "{what}"),
        _Words(r"(?P<what>Invalid parameter: Message too long)\. .*", "{what}"),
        _Words("Batch entry ids must be distinct",
               "Two or more batch entries in the request have the same Id."),
        _Words("(?P<what>The batch request contains more entries than permissible)", "{what}."),
    ),
    "sqs": (
        _Words(r"(?P<what>The queue should either have ContentBasedDeduplication enabled or "
               r"MessageDeduplicationId provided explicitly)\.", "{what}"),
    ),
    "states": (
        _Words("State machine (?P<name>arn:.+) not found",
               "State Machine Does Not Exist: '{name}'"),
        _Words("(?P<kind>Execution|Activity) (?P<name>arn:.+) not found",
               "{kind} Does Not Exist: '{name}'"),
    ),
}  # fmt: skip
_SAID = re.compile(r"(<Message>)([^<]*)(</Message>)")
_OF_AN_API = re.compile(r"/(?:restapis|v2/apis)/([^/]+)")


def in_aws_words(service: str, path: str, body: bytes) -> bytes:
    """Return the body of a refusal, in AWS's words where they are known.

    Args:
        service: that the request's signature names.
        path: of the request.
        body: ministack's, in JSON or XML.
    """
    if service not in _WORDS:
        return body
    text = body.decode("utf-8", errors="replace")
    if not text.startswith("{"):
        return _SAID.sub(lambda one: one[1] + _told(service, path, one[2]) + one[3], text).encode()
    said = json.loads(text)
    for name in ("message", "Message"):
        if isinstance(said.get(name), str):
            said[name] = _told(service, path, said[name])
    return json.dumps(said).encode()


def _told(service: str, path: str, text: str) -> str:
    for one in _WORDS[service]:
        if found := re.fullmatch(one.theirs, text, re.DOTALL):
            account = vars(import_module("ministack.core.responses"))["get_account_id"]()
            api = _OF_AN_API.match(path)
            named = found.groupdict()
            own = {"api": api[1] if api else "", "last": path.rstrip("/").rpartition("/")[2]}
            small = str(named.get("kind")).lower()
            return one.aws.format(**named, **own, account=account, small=small)
    return text
