"""Requests that a vendor's API refuses, in its own shape and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ApiError(Exception):
    """Why a request is refused.

    Attributes:
        status: HTTP status.
        message: in the vendor's words.
        code: OpenAI's `code`; Anthropic has none.
        param: the parameter, by its path.
        headers: further headers of the answer.
    """

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


# The `type` of an error, as each API names it.
_OPENAI = {401: "invalid_request_error", 429: "requests", 500: "server_error"}
_ANTHROPIC = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
    529: "overloaded_error",
}  # fmt: skip


_LIMITED = (
    "This request would exceed your organization's rate limit of 60 requests per minute. For "
    "details, refer to: https://docs.claude.com/en/api/rate-limits."
)


def openai_body(error: ApiError) -> dict[str, Any]:
    """https://platform.openai.com/docs/guides/error-codes."""
    kind = _OPENAI.get(error.status, "invalid_request_error")
    said = {"message": error.message, "type": kind, "param": error.param, "code": error.code}
    return {"error": said}


def anthropic_body(error: ApiError, request_id: str) -> dict[str, Any]:
    """https://docs.claude.com/en/api/errors."""
    kind = _ANTHROPIC.get(error.status, "api_error")
    limited = error.status == 429  # noqa: PLR2004 - HTTP's
    said = {"type": kind, "message": _LIMITED if limited else error.message}
    return {"type": "error", "error": said, "request_id": request_id}
