"""Answers in the background, each announced by a webhook when it is done; and short-lived keys.

They follow https://platform.openai.com/docs/guides/background and /docs/guides/webhooks, with one
difference: OpenAI takes a webhook's address in its dashboard, this provider takes it in the
request's metadata, as ``webhook_url``. It posts to this machine only. The keys are those that
OpenAI makes for clients of its Realtime API.
"""

from __future__ import annotations

import asyncio
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


class Background:
    """The background responses, by their ids.

    Args:
        webhook_secret: signs the events; ``whsec_`` and base64.
    """

    def __init__(self, webhook_secret: str) -> None:
        self._key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
        self._responses: dict[str, dict[str, Any]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def submit(
        self, asked: dict[str, Any], text: str, usage: dict[str, int], done: float
    ) -> dict[str, Any]:
        """Accept a request and return its response as queued.

        Args:
            asked: the request.
            text: the later answer.
            usage: its token counts.
            done: moment of its end, on the loop's clock.

        Raises:
            ValueError: for a webhook on another machine.
        """
        metadata = asked.get("metadata") or {}
        webhook_url = metadata.get("webhook_url")
        if webhook_url is not None:
            _require_loopback(str(webhook_url))
        response: dict[str, Any] = {
            "id": f"resp_{secrets.token_hex(24)}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "queued",
            "background": True,
            "model": asked["model"],
            "metadata": metadata,
            "output": [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "usage": None,
        }
        self._responses[response["id"]] = response
        task = asyncio.ensure_future(self._complete(response, text, usage, done, webhook_url))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return dict(response)

    def get(self, response_id: str) -> dict[str, Any] | None:
        """Return a response in its present state; None for an unknown id."""
        return self._responses.get(response_id)

    async def _complete(
        self,
        response: dict[str, Any],
        text: str,
        usage: dict[str, int],
        done: float,
        webhook_url: str | None,
    ) -> None:
        response["status"] = "in_progress"
        await asyncio.sleep(max(0.0, done - asyncio.get_running_loop().time()))
        content = {"type": "output_text", "text": text, "annotations": []}
        message = {
            "id": f"msg_{secrets.token_hex(24)}",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [content],
        }
        response |= {"status": "completed", "output": [message], "usage": usage}
        if webhook_url:
            await asyncio.to_thread(self._announce, str(webhook_url), response["id"])

    def _announce(self, webhook_url: str, response_id: str) -> None:
        """Post the event, signed as in https://www.standardwebhooks.com."""
        event_id, now = f"evt_{secrets.token_hex(16)}", int(time.time())
        event = {
            "id": event_id,
            "object": "event",
            "created_at": now,
            "type": "response.completed",
            "data": {"id": response_id},
        }
        body = json.dumps(event)
        signed = hmac.digest(self._key, f"{event_id}.{now}.{body}".encode(), hashlib.sha256)
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


def _require_loopback(url: str) -> None:
    parts = urlsplit(url)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    if parts.scheme != "http" or not local:
        raise ValueError(
            f"webhook_url is {url!r}; expected an address on this machine, http://127.0.0.1:…."
        )
