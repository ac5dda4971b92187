"""Lambda: functions as they are made, and every invocation on its way to the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.durable.api import route
from serverless_tax.cloud.front import batches, http_events, patterns
from serverless_tax.cloud.front.asynchronous import RATE_EXCEEDED, asynchronous
from serverless_tax.cloud.front.dispatch import dispatcher, only_throttles
from serverless_tax.cloud.front.durable import (
    DurableFunctions,
    durable_stays,
    function_arn,
    no_destinations,
)
from serverless_tax.cloud.front.lambda_state import known, soon_active
from serverless_tax.cloud.front.seams.seam import Call, Seam, instead
from serverless_tax.cloud.front.service_names import is_aws_service
from serverless_tax.cloud.front.signature import signed_link
from serverless_tax.cloud.front.sockets import LAMBDA, RouteFunction
from serverless_tax.cloud.front.streaming import function_url, response_stream
from serverless_tax.cloud.function.spec import is_empty, points_outside

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from serverless_tax.cloud.function.host import Host


def _package_link(original: Callable[[str], str], keys: tuple[str, str]) -> Callable[[str], str]:
    """The address of a package, which GetFunction gives: it opens, as on AWS, for ten minutes."""
    return lambda name: signed_link(original(name).partition("?")[0], *keys)


def _unreadable(original: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a package also for names that lead out of its folder, as it would not unpack."""

    def refused(zip_data: bytes | None) -> Any:
        answer = original(zip_data)
        if answer is not None or not zip_data:
            return answer
        names = vars(import_module(LAMBDA))
        if is_empty(zip_data):
            text = "Uploaded file must be a non-empty zip"
            return names["error_response_json"]("InvalidParameterValueException", text, 400)
        return original(b"") if points_outside(zip_data) else None

    return refused


def _throttled(original: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal past a limit, in AWS's words."""

    def said(reason_code: str, msg: str, retry_after: int = 1) -> Any:  # noqa: ARG001 - ministack's
        return original(reason_code, RATE_EXCEEDED, retry_after)

    return said


def _deletion(original: Callable[..., Any]) -> Callable[..., Any]:
    """DeleteFunction also removes the function's URLs; ministack alone would keep them."""

    def delete(
        name: str, query_params: dict[str, Any], path_qualifier: str | None = None
    ) -> tuple[Any, ...]:
        reply: tuple[Any, ...] = original(name, query_params, path_qualifier)
        names = vars(import_module(LAMBDA))
        if name not in names["_functions"]:  # a version alone leaves the function there
            urls = names["_function_urls"]
            for key in [key for key in urls if key == name or key.startswith(f"{name}:")]:
                del urls[key]
        return reply

    return delete


OF_FUNCTIONS: Mapping[str, Seam] = {
    "_execute_function_dispatch": Seam(
        LAMBDA, ("func", "config", "event", "request_id", "started")
    ),
    "get_or_create_worker": Seam(
        "ministack.core.lambda_runtime",
        ("func_name", "config", "code_zip", "qualifier"),
        instead(RouteFunction),
    ),
    "_is_aws_service_name": Seam("ministack.core.router", ("scope_name",), instead(is_aws_service)),
    "_schedule_state_transition": Seam(LAMBDA, ("func_name", "delay"), soon_active),
    "_invoke_with_response_stream": Seam(
        LAMBDA, ("name", "event", "headers", "path_qualifier", "query_params")
    ),
    "handle_function_url_request": Seam(
        LAMBDA,
        ("url_id", "method", "path", "headers", "body", "query_params", "resolved", "source_ip"),
    ),
    "_build_function_url_event": Seam(
        LAMBDA,
        (
            "url_id",
            "account_id",
            "region",
            "method",
            "path",
            "headers",
            "body",
            "query_params",
            "source_ip",
            "anonymous",
            "trace_root",
        ),
        http_events.url_event,
    ),
    "_run_sqs_batch": Seam(
        LAMBDA, ("esm", "func_rec", "event", "batch", "queue_url", "queue_name"), batches.batched
    ),
    "_sqs_esm_concurrency": Seam(LAMBDA, ("esm", "func_rec", "config", "queue"), batches.windowed),
    "_receive_messages_for_esm": Seam(
        "ministack.services.sqs", ("queue_url", "max_number"), batches.filled
    ),
    "_execute_function_with_config_scope": Seam(LAMBDA, ("func", "event"), http_events.in_scope),
    "lambda_execute_result_to_api_proxy_response": Seam(
        LAMBDA, ("exec_result",), http_events.proxy_answer
    ),
    "_match_esm_filter": Seam(LAMBDA, ("record", "pattern"), instead(patterns.polled)),
    "_presigned_code_url": Seam(LAMBDA, ("func_name",)),
    "_reject_unreadable_zip": Seam(LAMBDA, ("zip_data",), _unreadable),
    "_throttle_response": Seam(LAMBDA, ("reason_code", "msg", "retry_after"), _throttled),
    "_delete_function": Seam(LAMBDA, ("name", "query_params", "path_qualifier"), _deletion),
    "invoke_async_with_retry": Seam(LAMBDA, ("func", "event")),
    "_execute_function": Seam(LAMBDA, ("func", "event")),
    "_update_config": Seam(LAMBDA, ("name", "data"), durable_stays),
    "handle_request": Seam(LAMBDA, ("method", "path", "headers", "body", "query_params"), known),
    "_put_event_invoke_config": Seam(LAMBDA, ("func_name", "qualifier", "data"), no_destinations),
    "_invoke": Seam(LAMBDA, ("name", "event", "headers", "path_qualifier", "query_params")),
    "try_route": Seam(
        "ministack.services.lambda_durable",
        ("method", "path", "body", "query_params", "function_arn_lookup"),
    ),
    "_emit_lambda_metrics": Seam(
        LAMBDA, ("function_name", "duration_ms", "error", "throttle"), instead(only_throttles)
    ),
}


def hosted(
    own: Callable[[str], Call],
    host: Host,
    folder: Path,
    loop: asyncio.AbstractEventLoop,
    keys: tuple[str, str],
) -> dict[str, Call]:
    """Return what sends every invocation, from any service, to the host.

    Args:
        own: gives a name of ministack's as it comes.
        host: runs the functions.
        folder: for unpacked deployment packages.
        loop: the host's loop; ministack calls from threads of its own.
        keys: of this start; they sign the links to packages.
    """
    durable = DurableFunctions(folder, loop, own("_execute_function"))
    invoke = durable.invocation(own("_invoke"))
    streamed = import_module("ministack.core.responses").StreamingResponse
    return {
        "_execute_function_dispatch": dispatcher(host, folder, loop),
        "_presigned_code_url": _package_link(own("_presigned_code_url"), keys),
        "invoke_async_with_retry": asynchronous(loop),
        "_execute_function": batches.judged(durable.execution),
        "_invoke": invoke,
        "try_route": route(durable.engine, function_arn),
        "_invoke_with_response_stream": response_stream(invoke, streamed),
        "handle_function_url_request": function_url(own("handle_function_url_request"), streamed),
    }
