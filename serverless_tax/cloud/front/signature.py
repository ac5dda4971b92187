"""Signatures of requests: Signature Version 4 in a header or in a link, and S3's older links.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import (
    HmacV1QueryAuth,
    S3SigV4Auth,
    S3SigV4QueryAuth,
    SigV4Auth,
    SigV4QueryAuth,
)
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from serverless_tax.cloud.front.aws_errors import (
    EXPIRED,
    MISSING,
    TOO_LONG_A_LINK,
    AwsError,
    mismatch,
    unknown_key,
)

MAX_CLOCK_SKEW = timedelta(minutes=15)
MAX_LINK_S = 7 * 24 * 3600
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html"""

SCHEMES = ("AWS4-", "AWS ")
"""How an Authorization header begins that is AWS's own, of Version 4 and of S3's older one."""

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
_LINK_SCOPE = re.compile(r"([^/\s]+)/(\d{8})/([^/\s]+)/([^/\s]+)/aws4_request")
_OF_A_LINK = frozenset(
    [
        *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires"),
        *("x-amz-signedheaders", "x-amz-signature", "x-amz-security-token"),
        *("awsaccesskeyid", "signature", "expires"),
    ]
)
_MUST_BE_SIGNED = frozenset({"host", "x-amz-date"})

#: Gives the secret of an access key, with its session token; None for an unknown pair.
Secrets = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a request says of its own signature.

    Attributes:
        access_key: who signed it.
        token: the session's, of temporary keys.
        signed: names of the signed headers, in lower case.
        given: the signature.
        moment: when it was signed; when it ends, for an older link of S3.
        lasts_s: how long a link is good; None for a header.
    """

    access_key: str
    service: str
    region: str = ""
    token: str = ""
    signed: tuple[str, ...] = ()
    given: str
    moment: str
    lasts_s: int | None = None

    @property
    def is_link(self) -> bool:
        """Whether it stands in the address."""
        return self.lasts_s is not None


def find_signature(headers: Mapping[str, str], query: str) -> Signature | None:
    """Return the signature of a request; None if it has none that can be read.

    Args:
        headers: names in lower case.
        query: of its address, as it came.
    """
    match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if match is not None:
        access_key, day, region, service, signed, given = match.groups()
        stamp = headers.get("x-amz-date", "")
        return Signature(
            access_key=access_key,
            service=service,
            region=region,
            token=headers.get("x-amz-security-token", ""),
            signed=tuple(signed.split(";")),
            given=given,
            moment=stamp if stamp.startswith(day) else "",
        )
    if "authorization" in headers:
        return None
    return _find_link(dict(parse_qsl(query, keep_blank_values=True)))


def _find_link(asked: Mapping[str, str]) -> Signature | None:
    scope = _LINK_SCOPE.fullmatch(asked.get("X-Amz-Credential", ""))
    if scope is not None and asked.get("X-Amz-Expires", "").isdecimal():
        access_key, day, region, service = scope.groups()
        stamp = asked.get("X-Amz-Date", "")
        return Signature(
            access_key=access_key,
            service=service,
            region=region,
            token=asked.get("X-Amz-Security-Token", ""),
            signed=tuple(asked.get("X-Amz-SignedHeaders", "").split(";")),
            given=asked.get("X-Amz-Signature", ""),
            moment=stamp if stamp.startswith(day) else "",
            lasts_s=int(asked["X-Amz-Expires"]),
        )
    if {"AWSAccessKeyId", "Signature", "Expires"} <= asked.keys():
        return Signature(
            access_key=asked["AWSAccessKeyId"],
            service="s3",
            token=asked.get("x-amz-security-token", ""),
            given=asked["Signature"],
            moment=asked["Expires"],
            lasts_s=0,
        )
    return None


def signed_link(url: str, access_key: str, secret_key: str, lasts_s: int = 600) -> str:
    """Return an address with a signature, for whoever has it."""
    request = AWSRequest("GET", url)
    keys = Credentials(access_key, secret_key)
    S3SigV4QueryAuth(keys, "s3", "us-east-1", expires=lasts_s).add_auth(request)
    return str(request.url)


def without_link(query: str) -> str:
    """A link's query without its signature, which has been checked."""
    parts = query.split("&")
    return "&".join(part for part in parts if part.partition("=")[0].lower() not in _OF_A_LINK)


def check_signer(found: Signature | None, secrets: Secrets) -> AwsError | None:
    """Refuse an unsigned, old or unknown request, before its body is read."""
    if found is None:
        return MISSING
    if secrets(found.access_key, found.token) is None:
        return unknown_key(found.service)
    if found.is_link and (found.lasts_s or 0) > MAX_LINK_S:
        return TOO_LONG_A_LINK
    if found.is_link:
        return EXPIRED if _link_is_over(found) else None
    return None if _is_fresh(found.moment) else mismatch(found.service)


def check_signature(
    found: Signature,
    secrets: Secrets,
    scope: MutableMapping[str, Any],
    headers: Mapping[str, str],
    body: bytes,
) -> AwsError | None:
    """Refuse a request whose signature is another request's."""
    secret = secrets(found.access_key, found.token) or ""
    credentials = Credentials(found.access_key, secret, found.token or None)
    signed = {name: headers[name] for name in found.signed if name in headers}
    if found.is_link:
        expected = _of_link(found, credentials, scope, headers, signed)
    elif signed.keys() < _MUST_BE_SIGNED or not _body_is_signed(headers, body):
        return mismatch(found.service)
    else:
        signer = (S3SigV4Auth if found.service == "s3" else SigV4Auth)(
            credentials, found.service, found.region
        )
        expected = _of_version_4(signer, found, scope, signed, body)
    is_good = hmac.compare_digest(expected.encode(), found.given.encode())
    return None if is_good else mismatch(found.service)


def _of_version_4(
    signer: Any,
    found: Signature,
    scope: MutableMapping[str, Any],
    signed: Mapping[str, str],
    body: bytes,
) -> str:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    if found.is_link:
        query = "&".join(
            part for part in query.split("&") if not part.startswith("X-Amz-Signature=")
        )
    url = f"http://{signed.get('host', '')}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=scope["method"], url=url, headers=dict(signed), data=body)
    request.context["timestamp"] = found.moment
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


def _of_link(
    found: Signature,
    credentials: Credentials,
    scope: MutableMapping[str, Any],
    headers: Mapping[str, str],
    signed: Mapping[str, str],
) -> str:
    if found.lasts_s == 0:
        signer = _OlderLink(credentials, found.moment)
        parts = urlsplit(f"http://host{scope['raw_path'].decode('latin-1').partition('?')[0]}")
        kept = HTTPHeaders.from_dict(
            {
                name: value
                for name, value in headers.items()
                if name.startswith("x-amz-") or name in {"content-md5", "content-type"}
            }
        )
        return str(signer.get_signature(scope["method"], parts, kept))
    kind = S3SigV4QueryAuth if found.service == "s3" else SigV4QueryAuth
    signer = kind(credentials, found.service, found.region, expires=found.lasts_s)
    return _of_version_4(signer, found, scope, signed, b"")


class _OlderLink(HmacV1QueryAuth):  # type: ignore[misc]
    """S3's older signature, for a given end; botocore reckons the end from now."""

    def __init__(self, credentials: Credentials, moment: str) -> None:
        super().__init__(credentials)
        self._moment = moment

    def _get_date(self) -> str:
        return self._moment


def _body_is_signed(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signed hash is this body's; a request may leave the hash out."""
    named = headers.get("x-amz-content-sha256")
    return named is None or named == hashlib.sha256(body).hexdigest()


def _signed_at(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _is_fresh(stamp: str) -> bool:
    sent = _signed_at(stamp)
    return sent is not None and abs(datetime.now(UTC) - sent) <= MAX_CLOCK_SKEW


def _link_is_over(found: Signature) -> bool:
    now = datetime.now(UTC)
    if found.lasts_s == 0:  # an older link of S3 names its end
        return not found.moment.isdecimal() or now.timestamp() > int(found.moment)
    sent, lasts_s = _signed_at(found.moment), found.lasts_s or 0
    if sent is None or not 1 <= lasts_s <= MAX_LINK_S:
        return True
    return not sent - MAX_CLOCK_SKEW <= now <= sent + timedelta(seconds=lasts_s)
