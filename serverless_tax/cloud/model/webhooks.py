"""Short-lived keys, and the events that announce an answer of the background.

They follow https://platform.openai.com/docs/guides/webhooks, with one difference: OpenAI takes a
webhook's address in its dashboard, this provider takes it in the request's metadata, as
``webhook_url``. It posts to this machine only. The keys are those that OpenAI makes for clients of
its Realtime API.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

POST_LIMIT_S = 60
MOST_KEY_SECONDS = 7200


class ClientKeys:
    """Keys that expire, for clients that must not hold the real one."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return a new key that is valid for ``expires_after.seconds`` seconds.

        Raises:
            ValueError: for a time below one second or above two hours.
        """
        seconds = int((asked.get("expires_after") or {}).get("seconds", 600))
        if not 1 <= seconds <= MOST_KEY_SECONDS:
            raise ValueError(f"expires_after.seconds is {seconds}; expected 1 to 7,200.")
        value = f"ek_local_{secrets.token_urlsafe(24)}"
        self._until[value] = time.time() + seconds
        return {"value": value, "expires_at": int(self._until[value])}

    def is_good(self, key: str) -> bool:
        """Whether the key was made here and is still valid."""
        return self._until.get(key, 0.0) > time.time()


def announce(secret: str, webhook_url: str, response_id: str, kind: str) -> None:
    """Post an event, signed as in https://www.standardwebhooks.com.

    Args:
        secret: ``whsec_`` and base64.
        webhook_url: an address of this machine.
        response_id: of the answer that is done.
        kind: such as ``response.completed``.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    event_id, now = f"evt_{secrets.token_hex(16)}", int(time.time())
    event = {
        "id": event_id,
        "object": "event",
        "created_at": now,
        "type": kind,
        "data": {"id": response_id},
    }
    body = json.dumps(event)
    signed = hmac.digest(key, f"{event_id}.{now}.{body}".encode(), hashlib.sha256)
    where = urlsplit(webhook_url)
    connection = http.client.HTTPConnection(where.netloc, timeout=POST_LIMIT_S)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    try:
        connection.request("POST", where.path or "/", body, headers)
        connection.getresponse().read()
    except OSError:
        return  # the receiver is gone; a client can still fetch the answer
    finally:
        connection.close()


def new_secret() -> str:
    """Return a new secret for webhooks, in the form of OpenAI's."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def require_loopback(url: str) -> None:
    """Refuse a webhook on another machine.

    Raises:
        ValueError: naming the address.
    """
    parts = urlsplit(url)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    if parts.scheme != "http" or not local:
        raise ValueError(
            f"webhook_url is {url!r}; expected an address on this machine, http://127.0.0.1:PORT."
        )
