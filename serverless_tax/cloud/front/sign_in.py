"""Signing in to a user pool by AdminInitiateAuth: what an app client lets in, and ministack does.

The texts are AWS's, as moto's tests have them. A client without flows of its own has none of
passwords: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
API_CreateUserPoolClient.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from importlib import import_module
from typing import Any

_USUAL = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
_ALIKE = {
    "ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH", "REFRESH_TOKEN": "REFRESH_TOKEN_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "CUSTOM_AUTH",
}  # fmt: skip
"""Older names of flows."""
_HASHED = ("ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH", "USER_SRP_AUTH")


def sign_in_error(asked: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return code and text where a client of a user pool does not let anybody in; else None."""
    pool = vars(import_module("ministack.services.cognito"))["_user_pools"].get(
        asked.get("UserPoolId")
    )
    name = str(asked.get("ClientId"))
    client = ((pool or {}).get("_clients") or {}).get(name)
    if client is None:
        return None
    flow = _plain(str(asked.get("AuthFlow")))
    if flow not in {_plain(one) for one in client.get("ExplicitAuthFlows") or _USUAL}:
        return "InvalidParameterException", "Auth flow not enabled for this client"
    given, secret = asked.get("AuthParameters") or {}, client.get("ClientSecret")
    if not secret or flow not in _HASHED:
        return None
    if not given.get("SECRET_HASH"):
        text = f"Client {name} is configured with secret but SECRET_HASH was not received"
        return "NotAuthorizedException", text
    told = f"{given.get('USERNAME')}{name}".encode()
    wanted = base64.b64encode(hmac.digest(str(secret).encode(), told, hashlib.sha256)).decode()
    if hmac.compare_digest(str(given["SECRET_HASH"]).encode(), wanted.encode()):
        return None
    return "NotAuthorizedException", f"Unable to verify secret hash for client {name}"


def _plain(flow: str) -> str:
    """A flow's name without what a client's setting puts before it."""
    name = flow.removeprefix("ALLOW_")
    return _ALIKE.get(name, name)
