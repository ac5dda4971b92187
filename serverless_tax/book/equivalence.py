"""What AWS documents about Lambda, what the local cloud does, and the test that checks it."""

from __future__ import annotations

from typing import NamedTuple

from serverless_tax.ground.html import Markup, joined, link, tag

DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/"


class Behaviour(NamedTuple):
    """One row of the page.

    Attributes:
        what: the behaviour, in a few words.
        aws: what AWS documents.
        page: where, below `DOCS` unless it is a whole address.
        ours: what the local cloud does.
        test: the test's file and name, below ``tests/cloud``.
    """

    what: str
    aws: str
    page: str
    ours: str
    test: str

    @property
    def address(self) -> str:
        """The source's whole address."""
        return self.page if self.page.startswith("https://") else DOCS + self.page


BEHAVIOURS = (
    Behaviour(
        "One request an environment",
        "An environment serves one request at a time; requests that overlap get more of them.",
        "lambda-concurrency.html",
        "The same. A process and a Runtime API each.",
        "test_environments.py::test_overlapping_invocations_each_get_an_environment",
    ),
    Behaviour(
        "Reuse",
        "An environment is kept for some time and serves later requests.",
        "lambda-runtime-environment.html",
        "Kept for four to six minutes, as others measured on AWS, which names no figure.",
        "test_environments.py::test_an_idle_environment_is_reused",
    ),
    Behaviour(
        "Temporary files",
        "Each environment has a /tmp of its own, and finds it again at its next request.",
        "lambda-runtime-environment.html",
        "The same, where the machine allows mount namespaces. In a container that forbids them, "
        "/tmp is shared and TMPDIR names a folder of the environment's own. Its size has no limit.",
        "test_environments.py::test_each_environment_has_a_tmp_of_its_own_and_keeps_it",
    ),
    Behaviour(
        "Freeze",
        "Frozen when the runtime and the extensions are done; unfinished work goes on at the next "
        "request that finds it.",
        "lambda-runtime-environment.html",
        "Every process of it is stopped by SIGSTOP until its next request.",
        "test_environments.py::test_a_background_thread_stands_still_between_invocations",
    ),
    Behaviour(
        "Billed duration",
        "Duration and INIT together, rounded up to a millisecond; INIT is billed since "
        "1 August 2025.",
        "https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/",
        "The same sum and the same rounding.",
        "test_invoke.py::test_a_cold_start_is_billed_with_its_init",
    ),
    Behaviour(
        "Timeout",
        "Billed to the timeout, INIT on top; the report says Status: timeout.",
        "configuration-timeout.html",
        "The same.",
        "test_invoke.py::test_a_timeout_is_billed_to_the_timeout_with_init_on_top",
    ),
    Behaviour(
        "Crash",
        "Runtime.ExitError; the sandbox stays, the runtime starts anew in it, on the next "
        "request's clock and with no Init Duration.",
        "lambda-runtime-environment.html",
        "The same, /tmp and log stream kept.",
        "test_limits.py::test_init_after_a_failure_is_inside_the_duration",
    ),
    Behaviour(
        "INIT's limit",
        "Ten seconds on demand; then INIT is tried again inside the invocation.",
        "lambda-runtime-environment.html",
        "The same; INIT_REPORT lines too. No more than four INITs at once on two cores: the "
        "others queue, unbilled, where AWS has room. A machine with more work than cores gives "
        "INIT longer.",
        "test_invoke.py::test_a_broken_import_is_tried_twice_and_reported",
    ),
    Behaviour(
        "Memory limit",
        "A function past its memory is killed.",
        "configuration-memory.html",
        "Looked at ten times a second, and after each invocation: a short peak may be seen late.",
        "test_limits.py::test_a_function_past_its_memory_is_killed",
    ),
    Behaviour(
        "CPU follows memory",
        "1,769 MB is one vCPU; less memory is a share of one, by periods of 20 ms.",
        "configuration-memory.html",
        "Off, unless asked for. Then the process is stopped and continued to hold its share; not "
        "in INIT. Above 1,769 MB nothing is added.",
        "test_limits.py::test_cpu_follows_memory_where_it_is_asked_for",
    ),
    Behaviour(
        "Reserved concurrency",
        "A request past it is turned away: 429, TooManyRequestsException.",
        "configuration-concurrency.html",
        "The same, with AWS's reason. The account's quota is 1,000.",
        "test_limits.py::test_reserved_concurrency_turns_the_next_one_away",
    ),
    Behaviour(
        "Asynchronous invocation",
        "A failed one is tried twice more, after one minute and then two.",
        "invocation-async-error-handling.html",
        "Tried twice more, after shorter waits.",
        "test_limits.py::test_a_failed_asynchronous_invocation_is_tried_twice_more",
    ),
    Behaviour(
        "Payloads",
        "6 MB in and 6 MB out, 1 MB for an asynchronous event.",
        "gettingstarted-limits.html",
        "The same, with AWS's errors.",
        "test_limits.py::test_an_event_past_the_limit_is_refused",
    ),
    Behaviour(
        "Context and variables",
        "The handler's context object; a fixed set of variables; the function's own.",
        "configuration-envvars.html",
        "AWS's own runtime client makes the context. Nothing of your shell reaches a function.",
        "test_invoke.py::test_the_context_and_the_variables_are_lambdas",
    ),
    Behaviour(
        "Logs",
        "START, END and REPORT lines, one stream an environment, the last 4 KB in LogResult; or "
        "JSON.",
        "monitoring-cloudwatchlogs-logformat.html",
        "The same fields in the same order, tabs included; platform.start and platform.report in "
        "JSON.",
        "test_limits.py::test_json_logs_have_the_report_as_an_event",
    ),
    Behaviour(
        "Streaming",
        "Bytes leave as the handler writes them, up to 200 MB: the first 6 MB unbounded, then 2 "
        "MB a second.",
        "configuration-response-streaming.html",
        "The same, by InvokeWithResponseStream and by function URL. In Python by a runtime client "
        "of our own, which has not been run on AWS.",
        "test_streaming.py::test_past_six_megabytes_the_handler_is_held_back",
    ),
    Behaviour(
        "A client that hangs up",
        "The function goes on, and is billed to its end.",
        "configuration-response-streaming.html",
        "The same.",
        "test_streaming.py::test_a_client_that_hangs_up_does_not_end_the_handler",
    ),
    Behaviour(
        "Streaming in Node",
        "awslambda.streamifyResponse and HttpResponseStream.from.",
        "response-streaming-tutorial.html",
        "The same handler file, where Node is installed.",
        "test_node.py::test_streamify_response_streams",
    ),
    Behaviour(
        "WebSocket routes",
        "A message invokes the route's function; the function sends by signed @connections calls.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html",
        "The same, but what a handler returns goes to the socket without a route response, and a "
        "connection's next message waits until the last one's function has ended.",
        "test_sockets.py::test_a_thousand_messages_arrive_in_order_and_none_is_lost",
    ),
    Behaviour(
        "Runtimes",
        "A function runs in the version of Python or Node that it names.",
        "lambda-runtimes.html",
        "It runs in the one that is installed here. Where that is another, the log says so at "
        "each cold start.",
        "test_invoke.py::test_another_python_is_said_in_the_log",
    ),
    Behaviour(
        "Refused requests",
        "Unknown and retired runtimes, sizes out of range, reserved variables, too many of them, "
        "an event that is not JSON.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        "The same codes and texts. Layers, images, other languages than Python and Node, another "
        "architecture and weighted aliases are refused too, in a text that names this cloud.",
        "test_lambda_checks.py::test_create_refuses_what_aws_refuses",
    ),
    Behaviour(
        "Credentials",
        "Every call is signed.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html",
        "Signatures are checked against the one key of this start. Policies are kept, and not "
        "enforced.",
        "test_gate.py::test_another_runs_key_gets_the_services_own_error",
    ),
)

NOT_EMULATED = (
    "IAM policies: a role that is too narrow works here and fails on AWS.",
    "The 29 and 30 second limits of API Gateway, its throttles, and its limits on connections.",
    "SnapStart, provisioned concurrency, durable functions, layers, container images, VPCs.",
    "Isolation: a function runs as you, and can read your files. Run only code you trust.",
    "AWS's rate of scaling (1,000 environments every ten seconds), and other regions.",
    "The network: all is on one machine, so calls are faster than on AWS and cores are shared.",
)
"""What this cloud leaves out, so that a lab must not conclude it."""


def equivalence_list() -> Markup:
    """Return every behaviour as a list, which fits a phone where four columns would not."""
    entries = (
        joined(
            tag("dt", tag("strong", row.what)),
            tag("dd", f"AWS: {row.aws} ", link(row.address, "Source"), "."),
            tag("dd", f"Here: {row.ours}"),
            tag("dd", tag("code", row.test), style="overflow-wrap:anywhere"),
        )
        for row in BEHAVIOURS
    )
    return tag("dl", *entries, class_="st-plain")
