"""The places where this package reaches into ministack: the replaced names, and its settings.

ministack is the cloud around the functions (IAM, logs, the Lambda API). This package runs the
functions, because ministack neither freezes an environment nor bills a stream. Its version is
pinned. When a new version moves a name, `check` names it before anything is replaced.
"""

from __future__ import annotations

import asyncio
import hmac
import inspect
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.durable.api import route
from serverless_tax.cloud.front import (
    absent,
    api_limits,
    apis,
    batches,
    deliveries,
    http_api_body,
    http_events,
    iam_checks,
    intrinsics,
    log_metrics,
    log_pages,
    machines,
    patterns,
    rest_apis,
    rest_checks,
    s3_checks,
    schedules,
    sockets,
    stacks,
    tables,
)
from serverless_tax.cloud.front.asynchronous import RATE_EXCEEDED, asynchronous
from serverless_tax.cloud.front.deliveries import BUCKETS, PIPES, TOPICS
from serverless_tax.cloud.front.dispatch import dispatcher, only_throttles
from serverless_tax.cloud.front.durable import (
    DurableFunctions,
    durable_stays,
    function_arn,
    no_destinations,
)
from serverless_tax.cloud.front.iam_checks import IAM, trust_error
from serverless_tax.cloud.front.intrinsics import MACHINES
from serverless_tax.cloud.front.lambda_state import known, soon_active
from serverless_tax.cloud.front.log_pages import LOGS
from serverless_tax.cloud.front.patterns import RULES
from serverless_tax.cloud.front.rest_apis import REST
from serverless_tax.cloud.front.schedules import SCHEDULER
from serverless_tax.cloud.front.service_names import is_aws_service
from serverless_tax.cloud.front.signature import signed_link
from serverless_tax.cloud.front.sockets import GATEWAY, LAMBDA, RouteFunction
from serverless_tax.cloud.front.streaming import function_url, response_stream
from serverless_tax.cloud.function.spec import is_empty, points_outside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_tax.cloud.front.signature import Secrets
    from serverless_tax.cloud.function.host import Host

_OF_REST = (
    "integration", "api_id", "stage_name", "stage", "resource", "request_path", "method", "headers",
    "body", "query_params", "path_params", "owner_account_id", "owner_region",
    "binary_media_types", "authorizer_context", "caller_identity",
)  # fmt: skip
_OF_AN_AUTHORIZER = ("authorizer", "event", "account_id", "region")
SEAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "_execute_function_dispatch": (LAMBDA, ("func", "config", "event", "request_id", "started")),
    "get_or_create_worker": (
        "ministack.core.lambda_runtime",
        ("func_name", "config", "code_zip", "qualifier"),
    ),
    "_invoke_with_response_stream": (
        LAMBDA,
        ("name", "event", "headers", "path_qualifier", "query_params"),
    ),
    "handle_function_url_request": (
        LAMBDA,
        ("url_id", "method", "path", "headers", "body", "query_params", "resolved", "source_ip"),
    ),
    "_is_aws_service_name": ("ministack.core.router", ("scope_name",)),
    "_api_endpoint_scheme": (GATEWAY, ("protocol",)),
    "_apigw_error": (GATEWAY, ("code", "message", "status")),
    "_v1_error": (REST, ("code", "message", "status")),
    "_create_api": (GATEWAY, ("data",)),
    "_create_integration": (GATEWAY, ("api_id", "data")),
    "_create_route": (GATEWAY, ("api_id", "data")),
    "_update_route": (GATEWAY, ("api_id", "route_id", "data")),
    "_delete_integration": (GATEWAY, ("api_id", "int_id")),
    "_invoke_lambda_proxy": (
        GATEWAY,
        (
            "integration", "api_id", "stage", "path", "method", "headers", "body", "query_params",
            "route_key", "path_params", "authorizer_claims", "authorizer_scopes",
            "authorizer_lambda_context", "authorizer_iam", "owner_account_id", "owner_region",
            "raw_query_string",
        ),
    ),
    "_invoke_lambda_proxy_v1": (REST, _OF_REST),
    "_invoke_lambda_custom_v1": (REST, _OF_REST),
    "_invoke_authorizer_lambda": (REST, _OF_AN_AUTHORIZER),
    "_invoke_request_authorizer_lambda": (GATEWAY, _OF_AN_AUTHORIZER),
    "_iam_caller_identity": (REST, ("headers", "query_params")),
    "_iam_caller_identity_v2": (GATEWAY, ("headers", "query_params")),
    "_create_stage": (GATEWAY, ("api_id", "data")),
    "_update_stage": (GATEWAY, ("api_id", "stage_name", "data")),
    "_create_authorizer": (GATEWAY, ("api_id", "data")),
    "_update_integration": (GATEWAY, ("api_id", "int_id", "data")),
    "_update_api": (GATEWAY, ("api_id", "data")),
    "_build_function_url_event": (
        LAMBDA,
        (
            "url_id", "account_id", "region", "method", "path", "headers", "body", "query_params",
            "source_ip", "anonymous", "trace_root",
        ),
    ),
    "_run_sqs_batch": (
        LAMBDA, ("esm", "func_rec", "event", "batch", "queue_url", "queue_name")
    ),
    "_execute_function_with_config_scope": (LAMBDA, ("func", "event")),
    "lambda_execute_result_to_api_proxy_response": (LAMBDA, ("exec_result",)),
    "_lambda_proxy_response": (REST, ("result",)),
    "handle_websocket": (GATEWAY, ("scope", "receive", "send", "api_id", "path_override")),
    "handle_connections_api": (
        GATEWAY, ("method", "api_id", "stage", "connection_id", "body", "headers")
    ),
    "_match_ws_route": (GATEWAY, ("api_id", "route_key")),
    "_invoke_ws_lambda": (
        GATEWAY,
        (
            "api_id", "account_id", "region", "route", "stage", "connection_id", "event_type",
            "message_id", "body_text", "source_ip", "headers", "query_params", "kwargs",
        ),
    ),
    "_ws_connect_fields": (GATEWAY, ("headers", "query_params")),
    "_filter_log_events": (LOGS, ("data",)),
    "_compile_filter_pattern": (LOGS, ("raw",)),
    "_import_rest_api": (REST, ("spec", "base_data")),
    "_import_path_item": (
        REST, ("api_id", "path", "path_item", "scheme_map", "default_security")
    ),
    "_update_rest_api": (REST, ("api_id", "data")),
    "_put_integration": (REST, ("api_id", "resource_id", "http_method", "data")),
    "_put_integration_response": (
        REST, ("api_id", "resource_id", "http_method", "status_code", "data")
    ),
    "_create_rest_api": (REST, ("data",)),
    "_put_rule": (RULES, ("data",)),
    "_put_targets": (RULES, ("data",)),
    "_invoke_target": (RULES, ("target", "event", "rule", "view")),
    "_put_events": (RULES, ("data", "allow_aws_source")),
    "_create_pipe": (PIPES, ("name", "body")),
    "_subscribe": (TOPICS, ("params",)),
    "_publish": (TOPICS, ("params",)),
    "_matches_filter_policy": (TOPICS, ("sub", "message_attributes", "message")),
    "_match_esm_filter": (LAMBDA, ("record", "pattern")),
    "_get_metric_data": (log_metrics.METRICS, ("params", "cbor_data", "is_cbor", "is_json")),
    "_deliver_to_lambda": (
        TOPICS,
        (
            "endpoint", "envelope", "topic_arn", "sub_arn", "msg_id", "raw_message",
            "message_attributes",
        ),
    ),
    "_validate_notification_configs": (
        BUCKETS, ("configs", "bucket_region", "bucket_name", "skip_destination_validation")
    ),
    "_put_subscription_filter": (LOGS, ("data",)),
    "_put_log_events": (LOGS, ("data",)),
    "_put_metric_filter": (LOGS, ("data",)),
    "_validate_schedule_expression": (RULES, ("expr",)),
    "_parse_cron_fields": (RULES, ("expr",)),
    "_create_schedule": (SCHEDULER, ("name", "body")),
    "_update_schedule": (SCHEDULER, ("name", "body")),
    "_create_state_machine": (MACHINES, ("data",)),
    "_update_state_machine": (MACHINES, ("data",)),
    "_validate_state_machine_definition": (MACHINES, ("data",)),
    "_start_execution": (MACHINES, ("data",)),
    "_list_executions": (MACHINES, ("data",)),
    "_enable_rule": (RULES, ("data",)),
    "_delete_rule": (RULES, ("data",)),
    "_remove_permission": (RULES, ("data",)),
    "_update_ttl": (tables.TABLES, ("data",)),
    "_create_archive": (RULES, ("data",)),
    "_disable_rule": (RULES, ("data",)),
    "_list_targets_by_rule": (RULES, ("data",)),
    "_remove_targets": (RULES, ("data",)),
    "_stop_query": (LOGS, ("data",)),
    "_unsubscribe": (TOPICS, ("params",)),
    "_put_metric_alarm": (log_metrics.METRICS, ("params", "cbor_data", "is_cbor", "is_json")),
    "_put_dashboard": (log_metrics.METRICS, ("params", "cbor_data", "is_cbor", "is_json")),
    "_start_sync_execution": (MACHINES, ("data",)),
    "_describe_execution": (MACHINES, ("data",)),
    "_nested_start_execution_request": (MACHINES, ("input_data",)),
    "_nested_execution_failure": (MACHINES, ("payload",)),
    "_apply_output_path": (MACHINES, ("state_def", "data", "ctx")),
    "_apply_jsonata_output": (
        MACHINES, ("state_def", "raw_input", "ctx", "result", "error_output", "default")
    ),
    "_execute_wait": (MACHINES, ("state_def", "raw_input", "ctx")),
    "_invoke_resource": (MACHINES, ("resource", "input_data")),
    "_call_lambda": (MACHINES, ("func_ref", "event")),
    "_exec_intrinsic": (MACHINES, ("node", "data", "ctx")),
    "_resolve_path": (MACHINES, ("path", "data")),
    "_apply_parameters": (MACHINES, ("state_def", "data", "ctx")),
    "_evaluate_rule": (MACHINES, ("rule", "data", "ctx")),
    "_error_matches": (MACHINES, ("error_equals", "error")),
    "_presigned_code_url": (LAMBDA, ("func_name",)),
    "_reject_unreadable_zip": (LAMBDA, ("zip_data",)),
    "_throttle_response": (LAMBDA, ("reason_code", "msg", "retry_after")),
    "_trust_policy_not_principal_error": (IAM, ("doc",)),
    "_schedule_state_transition": (LAMBDA, ("func_name", "delay")),
    "_delete_function": (LAMBDA, ("name", "query_params", "path_qualifier")),
    "invoke_async_with_retry": (LAMBDA, ("func", "event")),
    "_execute_function": (LAMBDA, ("func", "event")),
    "_update_config": (LAMBDA, ("name", "data")),
    "handle_request": (LAMBDA, ("method", "path", "headers", "body", "query_params")),
    "_put_event_invoke_config": (LAMBDA, ("func_name", "qualifier", "data")),
    "_invoke": (LAMBDA, ("name", "event", "headers", "path_qualifier", "query_params")),
    "try_route": (
        "ministack.services.lambda_durable",
        ("method", "path", "body", "query_params", "function_arn_lookup"),
    ),
    "_emit_lambda_metrics": (LAMBDA, ("function_name", "duration_ms", "error", "throttle")),
}  # fmt: skip
"""The replaced names, each with its module and its parameters."""


class MinistackMovedError(RuntimeError):
    """The installed ministack does not fit this adapter."""


def configure(folder: Path, port: int) -> None:
    """Set the variables that ministack reads on import; call it before `load`."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "TMPDIR": str(folder),
            "S3_DATA_DIR": str(folder / "s3"),
            # No other listeners and no kept state. Without a Docker socket ministack cannot remove
            # the containers of another ministack on this machine.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "0",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "LOG_LEVEL": "WARNING",
            # AWS's default quota.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
        }
    )


def load() -> Any:
    """Import ministack and return its ASGI application."""
    return import_module("ministack.app").app


def check() -> None:
    """Compare ministack with the names in `SEAMS`.

    Raises:
        MinistackMovedError: with the moved name and a way out.
    """
    for name, (module, parameters) in SEAMS.items():
        found = getattr(import_module(module), name, None)
        actual = tuple(inspect.signature(found).parameters) if callable(found) else None
        if actual != parameters:
            raise MinistackMovedError(
                f"{module}.{name} should take {parameters} but "
                f"{'is gone' if actual is None else f'takes {actual}'} in the installed ministack. "
                "Install the version pinned in pyproject.toml, or adapt ministack_seams.py."
            )


def install(
    host: Host, folder: Path, loop: asyncio.AbstractEventLoop, keys: tuple[str, str]
) -> None:
    """Send every invocation, from any service, to the host.

    Args:
        host: runs the functions.
        folder: for unpacked deployment packages.
        loop: the host's loop; ministack calls from threads of its own.
        keys: of this start; they sign the links to packages.
    """
    check()
    durable = DurableFunctions(folder, loop, _original("_execute_function"))
    invoke = durable.invocation(_original("_invoke"))
    streamed = import_module("ministack.core.responses").StreamingResponse
    replacements: dict[str, Callable[..., Any]] = {
        "_execute_function_dispatch": dispatcher(host, folder, loop),
        "get_or_create_worker": RouteFunction,
        "_is_aws_service_name": is_aws_service,
        "_api_endpoint_scheme": _scheme,
        "_match_ws_route": sockets.match_route,
        "_match_esm_filter": patterns.polled,
        "_exec_intrinsic": intrinsics.executed,
        "_compile_filter_pattern": log_pages.matcher,
        "_presigned_code_url": _package_link(_original("_presigned_code_url"), keys),
        "invoke_async_with_retry": asynchronous(loop),
        "_emit_lambda_metrics": only_throttles,
        "_execute_function": batches.judged(durable.execution),
        "_invoke": invoke,
        "try_route": route(durable.engine, function_arn),
        "_invoke_with_response_stream": response_stream(invoke, streamed),
        "handle_function_url_request": function_url(
            _original("handle_function_url_request"), streamed
        ),
    }
    around: dict[str, Callable[..., Callable[..., Any]]] = {
        "_apigw_error": apis.error,
        "_v1_error": apis.error,
        "_create_api": apis.created,
        "_create_integration": apis.integrated,
        "_create_route": apis.routed,
        "_update_route": apis.routed,
        "_delete_integration": apis.detached,
        "_update_api": apis.updated,
        "_update_integration": apis.integrated,
        "_iam_caller_identity": api_limits.caller,
        "_iam_caller_identity_v2": api_limits.caller,
        "_create_stage": apis.staged,
        "_update_stage": apis.staged,
        "_create_authorizer": apis.authorized,
        "_invoke_lambda_proxy": lambda own: api_limits.http_api(http_events.proxied(own)),
        "_invoke_lambda_proxy_v1": api_limits.rest_api,
        "_invoke_lambda_custom_v1": lambda _: api_limits.rest_api(rest_apis.custom),
        "_invoke_authorizer_lambda": api_limits.authorizer,
        "_invoke_request_authorizer_lambda": api_limits.authorizer,
        "_build_function_url_event": http_events.url_event,
        "_run_sqs_batch": batches.batched,
        "_execute_function_with_config_scope": http_events.in_scope,
        "lambda_execute_result_to_api_proxy_response": http_events.proxy_answer,
        "_lambda_proxy_response": http_events.rest_answer,
        "handle_websocket": sockets.connections,
        "handle_connections_api": sockets.connection_calls,
        "_invoke_ws_lambda": lambda own: api_limits.socket(
            sockets.routed(api_limits.permitted(own))
        ),
        "_ws_connect_fields": sockets.connect_fields,
        "_filter_log_events": log_pages.filtered,
        "_import_rest_api": rest_apis.brought,
        "_import_path_item": rest_apis.imported,
        "_update_rest_api": rest_apis.updated,
        "_put_integration": rest_apis.integrated,
        "_put_integration_response": rest_apis.answered,
        "_create_rest_api": rest_apis.created,
        "_put_rule": deliveries.ruled,
        "_put_targets": deliveries.targeted,
        "_put_events": deliveries.sent,
        "_invoke_target": deliveries.invoked,
        "_deliver_to_lambda": deliveries.published,
        "_create_pipe": deliveries.piped,
        "_subscribe": deliveries.subscribed,
        "_publish": deliveries.texted,
        "_matches_filter_policy": patterns.subscribed,
        "_get_metric_data": log_metrics.asked,
        "_validate_notification_configs": deliveries.notified,
        "_put_subscription_filter": deliveries.logged,
        "_put_log_events": log_metrics.put,
        "_put_metric_filter": log_metrics.filtered,
        "_validate_schedule_expression": schedules.is_valid,
        "_parse_cron_fields": schedules.read,
        "_create_schedule": schedules.scheduled,
        "_update_schedule": schedules.scheduled,
        "_create_state_machine": machines.made,
        "_update_state_machine": machines.made,
        "_validate_state_machine_definition": machines.validated,
        "_start_execution": machines.started,
        "_list_executions": absent.listed,
        "_enable_rule": absent.of_rule,
        "_delete_rule": absent.untargeted,
        "_remove_permission": absent.permitted,
        "_update_ttl": tables.lasting,
        "_create_archive": absent.archived,
        "_disable_rule": absent.of_rule,
        "_list_targets_by_rule": absent.of_rule,
        "_remove_targets": absent.of_rule,
        "_stop_query": absent.stopped,
        "_unsubscribe": absent.ended,
        "_put_metric_alarm": absent.alarmed,
        "_put_dashboard": absent.drawn,
        "_start_sync_execution": machines.waited_for,
        "_describe_execution": machines.told,
        "_nested_start_execution_request": machines.nested,
        "_nested_execution_failure": machines.nested_failure,
        "_apply_output_path": machines.with_output,
        "_apply_jsonata_output": machines.evaluated,
        "_execute_wait": machines.waited,
        "_invoke_resource": machines.bounded,
        "_call_lambda": machines.with_error_names,
        "_resolve_path": machines.found,
        "_apply_parameters": machines.with_parameters,
        "_evaluate_rule": machines.chosen,
        "_error_matches": machines.matched,
        "_reject_unreadable_zip": _unreadable,
        "_throttle_response": _throttled,
        "_trust_policy_not_principal_error": trust_error,
        "_schedule_state_transition": soon_active,
        "_delete_function": _deletion,
        "handle_request": known,
        "_put_event_invoke_config": no_destinations,
        "_update_config": durable_stays,
    }
    replacements |= {name: wrapped(_original(name)) for name, wrapped in around.items()}
    http_api_body.install()
    rest_checks.install()
    s3_checks.install()
    stacks.install()
    iam_checks.install()
    deliveries.install()
    for name, (module, _) in SEAMS.items():
        setattr(import_module(module), name, replacements[name])


def _original(name: str) -> Callable[..., Any]:
    """A name of ministack's as it comes."""
    found: Callable[..., Any] = vars(import_module(SEAMS[name][0]))[name]
    return found


def _scheme(protocol: str) -> str:
    """The scheme of an API's endpoint on AWS; `LocalCloud.local_url` makes it local."""
    return "wss" if protocol == "WEBSOCKET" else "https"


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


def secrets_of(access_key: str, secret_key: str) -> Secrets:
    """Return the function that knows the keys of this start, and those that the cloud has made.

    ministack makes the others: of AssumeRole and its kin, and of IAM users. It also knows keys that
    everybody knows, such as ``test``; those are no keys here.
    """

    def secret(key: str, token: str) -> str | None:
        if hmac.compare_digest(key.encode(), access_key.encode()):
            return None if token else secret_key
        known = import_module("ministack.core.iam_evaluator")
        if known.is_root_access_key(key):
            return None
        found = known.resolve_credential(key, session_token=token)
        return None if hasattr(found, "code") else str(found.secret_access_key)

    return secret
