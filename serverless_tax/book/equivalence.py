"""What AWS documents, whether the local cloud does it, and the test that checks it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from serverless_tax.ground.html import Markup, joined, link, tag

DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/"


Answer = Literal["the same", "otherwise", "refused"]


class Behaviour(NamedTuple):
    """One row of the page.

    Attributes:
        what: the behaviour, in a few words.
        aws: what AWS documents.
        page: where, below `DOCS` unless it is a whole address.
        answer: the local cloud's.
        ours: what that means here.
        test: the test's file and name, below ``tests/cloud``.
    """

    what: str
    aws: str
    page: str
    answer: Answer
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
        "the same",
        "A process and a Runtime API each.",
        "test_environments.py::test_overlapping_invocations_each_get_an_environment",
    ),
    Behaviour(
        "Reuse",
        "An environment is kept for some time and serves later requests.",
        "lambda-runtime-environment.html",
        "the same",
        "Kept for four to six minutes, as others measured on AWS, which names no figure.",
        "test_environments.py::test_an_idle_environment_is_reused",
    ),
    Behaviour(
        "Temporary files",
        "Each environment has a /tmp of its own, and finds it again at its next request.",
        "lambda-runtime-environment.html",
        "otherwise",
        "The same where the machine allows mount namespaces, without a limit of size; nothing of "
        "another function is seen. In a container that forbids them, /tmp is shared, TMPDIR names "
        "a folder of the environment's own, and functions can read each other's.",
        "test_environments.py::test_each_environment_has_a_tmp_of_its_own_and_keeps_it",
    ),
    Behaviour(
        "The code's folder",
        "A function can read its code and not change it; the folder is /var/task.",
        "lambda-runtime-environment.html",
        "otherwise",
        "It is read-only too, under another name, which LAMBDA_TASK_ROOT has. Where mounts are "
        "forbidden, each environment has a copy of its own.",
        "test_processes.py::test_no_function_writes_into_its_code",
    ),
    Behaviour(
        "Freeze",
        "Frozen when the runtime and the extensions are done; unfinished work goes on at the next "
        "request that finds it.",
        "lambda-runtime-environment.html",
        "the same",
        "Every process of it is stopped by SIGSTOP until its next request, those too that it has "
        "detached.",
        "test_processes.py::test_a_detached_child_is_frozen_and_killed_with_its_environment",
    ),
    Behaviour(
        "Processes",
        "An environment is isolated: a function sees its own processes.",
        "lambda-runtime-environment.html",
        "otherwise",
        "The same where the machine allows PID namespaces: the function is process 2. Elsewhere it "
        "sees this machine's. Both end with their environment, however the server ends. Memory "
        "shared by name (/dev/shm) fails too, with another error number.",
        "test_processes.py::test_a_detached_child_is_stopped_and_killed_in_both_ways",
    ),
    Behaviour(
        "Billed duration",
        "Duration and INIT together, rounded up to a millisecond; INIT is billed since 1 August "
        "2025.",
        "https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/",
        "the same",
        "The same sum and the same rounding. How busy another function is changes nothing.",
        "test_invoke.py::test_a_cold_start_is_billed_with_its_init",
    ),
    Behaviour(
        "Timeout",
        "Billed to the timeout, INIT on top; the report says Status: timeout.",
        "configuration-timeout.html",
        "the same",
        "Down to the words of the log.",
        "test_invoke.py::test_a_timeout_is_billed_to_the_timeout_with_init_on_top",
    ),
    Behaviour(
        "Crash",
        "Runtime.ExitError; the sandbox stays, the runtime starts anew in it, on the next "
        "request's clock and with no Init Duration.",
        "lambda-runtime-environment.html",
        "the same",
        "The /tmp and the log stream are kept.",
        "test_limits.py::test_init_after_a_failure_is_inside_the_duration",
    ),
    Behaviour(
        "INIT's limit",
        "Ten seconds on demand; then INIT is tried again inside the invocation.",
        "lambda-runtime-environment.html",
        "otherwise",
        "The same limit, and INIT_REPORT lines; the second try counts for timeout and deadline. "
        "Time in which INIT was ready and had no CPU does not count. No more than four INITs at "
        "once on two cores: the others queue, unbilled, where AWS has room.",
        "test_init.py::test_an_init_that_sleeps_past_its_limit_is_tried_again_in_the_invocation",
    ),
    Behaviour(
        "Memory limit",
        "A function past its memory is killed.",
        "configuration-memory.html",
        "otherwise",
        "Counted are the peak of the largest process and the private memory of the others, ten "
        "times a second and after each invocation: a short peak may be seen late.",
        "test_processes.py::test_idle_forks_share_their_parents_memory",
    ),
    Behaviour(
        "CPU follows memory",
        "1,769 MB is one vCPU; less memory is a share of one, by periods of 20 ms.",
        "configuration-memory.html",
        "otherwise",
        "Off, unless asked for. Then the process is stopped and continued to hold its share; not "
        "in INIT. Above 1,769 MB nothing is added.",
        "test_limits.py::test_cpu_follows_memory_where_it_is_asked_for",
    ),
    Behaviour(
        "Reserved concurrency",
        "A request past it is turned away: 429, TooManyRequestsException.",
        "configuration-concurrency.html",
        "the same",
        "With AWS's reason. The account's quota is 1,000.",
        "test_limits.py::test_reserved_concurrency_turns_the_next_one_away",
    ),
    Behaviour(
        "Asynchronous invocation",
        "A failed one is tried twice more, after one minute and then two.",
        "invocation-async-error-handling.html",
        "otherwise",
        "Tried twice more, after shorter waits.",
        "test_limits.py::test_a_failed_asynchronous_invocation_is_tried_twice_more",
    ),
    Behaviour(
        "Destinations",
        "A record of a success or a failure goes to a queue, a topic, a function, a bus or a "
        "bucket.",
        "invocation-async-retain-records.html",
        "the same",
        "The same record. A bucket is refused.",
        "test_asynchronous.py::test_a_destination_gets_the_record",
    ),
    Behaviour(
        "Dead-letter queues",
        "The event itself, with the request's id and the error in attributes.",
        "invocation-async-retain-records.html",
        "the same",
        "For queues and topics.",
        "test_asynchronous.py::test_a_dead_letter_is_the_event_itself",
    ),
    Behaviour(
        "Payloads",
        "6 MB in and 6 MB out, 1 MB for an asynchronous event; 413 at an address whose request "
        "makes a larger event, or has more than 10 MB.",
        "gettingstarted-limits.html",
        "the same",
        "With AWS's errors.",
        "test_http_events.py::test_a_body_of_seven_megabytes_is_too_large",
    ),
    Behaviour(
        "A second runtime",
        "The Runtime API gives the next event once the last one is answered.",
        "runtimes-api.html",
        "the same",
        "A fork of the runtime that asks before gets 403.",
        "test_processes.py::test_a_second_runtime_gets_no_event_before_the_answer",
    ),
    Behaviour(
        "Context and variables",
        "The handler's context object; a fixed set of variables; the function's own.",
        "configuration-envvars.html",
        "the same",
        "AWS's own runtime client makes the context. Nothing of your shell reaches a function.",
        "test_invoke.py::test_the_context_and_the_variables_are_lambdas",
    ),
    Behaviour(
        "Packages",
        "A Python function sees its own package, its layers, the runtime client and boto3.",
        "python-package.html",
        "otherwise",
        "The same without layers. boto3 is the version installed here. A package made by a lab's "
        "`target.package(files, requirements)` also sees the notebook's packages.",
        "test_processes.py::test_a_function_sees_its_own_packages_and_aws_own",
    ),
    Behaviour(
        "Logs",
        "INIT_START, START, END and REPORT lines, one stream an environment, the last 4 KB in "
        "LogResult; or JSON.",
        "monitoring-cloudwatchlogs-logformat.html",
        "otherwise",
        "The same fields in the same order, tabs included; lines arrive while the function runs. "
        "The runtime's version is named local; of JSON's events there are platform.initStart, "
        "start and report.",
        "test_logs.py::test_lines_arrive_while_the_function_runs",
    ),
    Behaviour(
        "A request's id",
        "The answer's header, the log's lines and the context name one request.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
        "the same",
        "Also of asynchronous calls, at each try.",
        "test_logs.py::test_the_answer_and_the_log_name_one_request",
    ),
    Behaviour(
        "Metrics",
        "CloudWatch has invocations, errors, throttles, durations and more, a minute later.",
        "monitoring-metrics-types.html",
        "otherwise",
        "Those four, at once; Duration is that of the REPORT lines.",
        "test_logs.py::test_durations_metric_is_the_reports",
    ),
    Behaviour(
        "Metrics from a log",
        "Metric filters count lines or take a field's value; lines in the embedded metric format "
        "are metrics.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html",
        "otherwise",
        "The same, at once, for filters of terms and for the embedded format. A filter whose value "
        "or dimensions are a line's fields is refused.",
        "test_logs.py::test_lines_become_metrics",
    ),
    Behaviour(
        "Reading a log",
        "FilterLogEvents gives pages of 10,000 events or 1 MB; its patterns are terms, or read the "
        "fields of JSON and of columns.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
        "otherwise",
        "The same pages, and patterns of terms: plain, quoted, with ? or -. A pattern of fields or "
        "a regular expression is refused.",
        "test_logs.py::test_events_come_by_pages",
    ),
    Behaviour(
        "Logs Insights",
        "A query language with filters, statistics and more.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html",
        "refused",
        "It runs fields, filter with = or like /pattern/, sort and limit. Any other query is a "
        "MalformedQueryException that names the stage; the audit's are among these.",
        "test_logs.py::test_insights_refuses_what_it_would_leave_out",
    ),
    Behaviour(
        "Streaming",
        "Bytes leave as the handler writes them, up to 200 MB: the first 6 MB unbounded, then 2 "
        "MB a second.",
        "configuration-response-streaming.html",
        "the same",
        "By InvokeWithResponseStream and by function URL. In Python by a runtime client of our "
        "own, which has not been run on AWS.",
        "test_streaming.py::test_past_six_megabytes_the_handler_is_held_back",
    ),
    Behaviour(
        "A client that hangs up",
        "The function goes on, and is billed to its end.",
        "configuration-response-streaming.html",
        "the same",
        "It is billed to its end.",
        "test_streaming.py::test_a_client_that_hangs_up_does_not_end_the_handler",
    ),
    Behaviour(
        "Streaming in Node",
        "awslambda.streamifyResponse and HttpResponseStream.from.",
        "response-streaming-tutorial.html",
        "the same",
        "The same handler file, where Node is installed.",
        "test_node.py::test_streamify_response_streams",
    ),
    Behaviour(
        "Node handlers",
        "Promises, and callbacks up to Node 22, whose answer waits for an empty event loop; the "
        "log's lines begin with time, request and level.",
        "nodejs-handler.html",
        "the same",
        "By a runtime client of our own: AWS's needs a build.",
        "test_node.py::test_a_callback_handler_answers_once_the_event_loop_is_empty",
    ),
    Behaviour(
        "AWS's SDK in Node",
        "The Node runtimes bring the AWS SDK for JavaScript.",
        "lambda-nodejs.html",
        "refused",
        "A package brings its own; the import's error says so.",
        "test_node.py::test_a_function_without_awss_sdk_is_told_so",
    ),
    Behaviour(
        "WebSocket handshakes",
        "$connect refuses with its status; a stage that does not exist is Forbidden; a message "
        "without a route too, in a message to its client.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-"
        "subprotocol.html",
        "the same",
        "Header names reach $connect as they were sent. The words beside a refusing status are "
        "ours.",
        "test_sockets.py::test_a_refused_handshake_says_why",
    ),
    Behaviour(
        "WebSocket routes",
        "A message invokes the route's function; the function sends by signed @connections calls.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-"
        "api.html",
        "otherwise",
        "The same, but a connection's next message waits until the last one's function has "
        "ended. The event's domain is this machine's: https:// + domain + stage reaches the "
        "connections, where the machine has openssl.",
        "test_sockets.py::test_many_messages_arrive_in_order_and_none_is_lost",
    ),
    Behaviour(
        "WebSocket connections",
        "128 KB a message, 32 KB a frame; $connect chooses a subprotocol; a closed one is a "
        "GoneException; ten minutes idle, two hours in all.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-"
        "service-websocket-limits-table.html",
        "otherwise",
        "The same, but frames may be as long as messages, and no time limit ends a connection. "
        "$disconnect has the client's own code and reason.",
        "test_sockets.py::test_a_message_has_128_kb_at_most",
    ),
    Behaviour(
        "HTTP APIs in one call",
        "A target makes the integration, the route and the stage, which the gateway manages.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html",
        "the same",
        "For functions and addresses. Integrations with other services and through VPC links are "
        "refused; so are ImportApi and PutRestApi (ImportRestApi runs).",
        "test_clients.py::test_an_http_api_is_made_in_one_call",
    ),
    Behaviour(
        "How long an API waits",
        "30 seconds at an HTTP API, 29 at a REST API and a socket, or the integration's own time: "
        "503, 504 and a message. The function goes on, and is billed.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
        "the same",
        "With these answers.",
        "test_api_limits.py::test_an_http_api_waits_no_longer_than_its_integration",
    ),
    Behaviour(
        "A stage's throttle",
        "Rate and burst of a stage or a route; past them 429.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
        "otherwise",
        "At HTTP and REST APIs, where they are set, and in usage plans; not the account's, nor "
        "those of sockets. Access logs are refused.",
        "test_api_limits.py::test_a_stage_takes_as_many_as_its_throttle_says",
    ),
    Behaviour(
        "Who may call an API",
        "Authorizers of JWT and of functions; AWS_IAM takes signatures.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
        "the same",
        "A signature is checked, and what it may do is not. At a socket AWS_IAM is refused.",
        "test_api_limits.py::test_a_word_is_no_signature",
    ),
    Behaviour(
        "Events of addresses",
        "Payload formats 1.0 and 2.0, cookies in a member of their own; a failed handler is 500 at "
        "an HTTP API and 502 elsewhere, without its traceback.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-"
        "integrations-lambda.html",
        "the same",
        "At function URLs, HTTP and REST APIs.",
        "test_http_events.py::test_a_failure_tells_its_client_nothing_else",
    ),
    Behaviour(
        "An open function URL",
        "It needs two statements of the function's policy for everybody, InvokeFunctionUrl and, "
        "since October 2025, InvokeFunction; else 403.",
        "urls-auth.html",
        "the same",
        "With AWS's words. SAM and CDK make both statements.",
        "test_streaming.py::test_an_open_url_needs_two_statements",
    ),
    Behaviour(
        "A function URL in a browser",
        "An open one is an address like any other; CORS admits other sites' pages.",
        "urls-configuration.html",
        "otherwise",
        "Its path has a token of this start. It opens when typed, and its page may ask for more; "
        "other sites' pages are refused, whatever CORS says.",
        "test_clients.py::test_a_function_url_opens_in_a_browser",
    ),
    Behaviour(
        "Presigned links",
        "An address with a signature opens one object until it is over.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html",
        "the same",
        "Signature Version 4, and S3's older kind; S3's own errors, in XML.",
        "test_clients.py::test_a_presigned_link_opens_one_object",
    ),
    Behaviour(
        "Temporary keys",
        "AssumeRole gives keys with a token, for the role's rights.",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
        "otherwise",
        "They are good until they end, with their token. The role's rights are not enforced.",
        "test_clients.py::test_an_assumed_roles_keys_are_good_with_their_token",
    ),
    Behaviour(
        "Runtimes",
        "A function runs in the version of Python or Node that it names.",
        "lambda-runtimes.html",
        "otherwise",
        "It runs in the one that is installed here. Where that is another, the log says so at "
        "each cold start.",
        "test_invoke.py::test_another_python_is_said_in_the_log",
    ),
    Behaviour(
        "Bad requests",
        "Unknown and retired runtimes, sizes out of range, reserved variables, too many of them, "
        "roles that are not Lambda's, queues that are not there, an event that is not JSON.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        "the same",
        "Each value is held to AWS's own model of its API. Refused with the same codes and, where "
        "AWS's are published, the same texts; in a template's stack too.",
        "test_lambda_checks.py::test_create_refuses_what_aws_refuses",
    ),
    Behaviour(
        "A workshop's calls",
        "Role, function, version, alias, tags, concurrency, retries, URL, API, permission, log.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html",
        "the same",
        "54 operations of boto3, from the role to the clean-up, each with its answer.",
        "test_workshop_calls.py::test_a_workshops_calls_are_accepted",
    ),
    Behaviour(
        "Where events go",
        "EventBridge, Pipes, SNS, S3 and CloudWatch Logs refuse targets that are none, and S3 and "
        "CloudWatch Logs functions whose policy does not let them.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and"
        "-destinations.html",
        "otherwise",
        "The same. What this cloud would not send is refused: rules to other services than "
        "functions, queues, topics, buses and machines, pipes from queues, e-mail, schedules in "
        "another time than UTC. EventBridge and SNS reach a function whatever its policy says.",
        "test_deliveries.py::test_what_would_not_arrive_is_refused",
    ),
    Behaviour(
        "Tags of AWS's own",
        "A tag's key may not begin with aws:.",
        "https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
        "the same",
        "Whatever the service; where AWS's words are not known, those of API Gateway.",
        "test_tags_and_schedules.py::test_a_tag_of_awss_own_is_refused",
    ),
    Behaviour(
        "Schedules",
        "rate(1 minute) and rate(5 minutes) for a rule; EventBridge Scheduler takes either number, "
        "and moments.",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
        "the same",
        "Any other expression is refused in AWS's words.",
        "test_tags_and_schedules.py::test_a_schedule_is_one",
    ),
    Behaviour(
        "State machines",
        "A definition is checked when it is made, by the API and in a stack.",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html",
        "otherwise",
        "Its states, where they lead, and its role; what a state says beyond that is not looked "
        "at.",
        "test_stacks.py::test_a_machine_of_a_template_is_looked_at",
    ),
    Behaviour(
        "What only AWS can do",
        "Layers, images, VPCs, SnapStart, provisioned concurrency, tenants, code signing, keys of "
        "your own, a larger /tmp, other languages, another architecture, weighted aliases, "
        "pollers with provisioned capacity.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        "refused",
        "In a text that names this cloud and says that AWS would accept the request. An operation "
        "or a service that is not here is an UnknownOperationException: Bedrock's models too.",
        "test_lambda_checks.py::test_what_only_aws_can_do_is_refused",
    ),
    Behaviour(
        "Durable functions",
        "Steps, waits, callbacks and invocations of others; suspended, one bills nothing, and it "
        "resumes on the version that it started on. For Python from 3.13 and Node from 22; without "
        "destinations.",
        "durable-functions.html",
        "otherwise",
        "The same, on AWS's own SDK: a step has 256 KB at most, what another function gives 1 MB. "
        "An invocation that crashes is tried five times in 15 seconds, "
        "on AWS for minutes. Keys of one's own, tenants, dead-letter queues and settings of an "
        "asynchronous invocation are refused. On the bill the names of what is used beside "
        "invocations are ours: AWS's are not published.",
        "test_durable.py::test_a_wait_is_two_invocations_and_nothing_between",
    ),
    Behaviour(
        "SAM templates",
        "CloudFormation turns a template of SAM into resources, HTTP APIs with their routes among "
        "them.",
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/what-is-"
        "sam.html",
        "otherwise",
        "By AWS's own translator, where aws-sam-translator is installed; elsewhere the stack fails "
        "and says so.",
        "test_stacks.py::test_a_template_of_sam_becomes_an_api_that_answers",
    ),
    Behaviour(
        "Credentials",
        "Every call is signed.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html",
        "otherwise",
        "Signatures are checked against the keys of this start, before a body is read; headers "
        "that nobody signed are dropped. Policies are kept, and not enforced.",
        "test_gate.py::test_another_runs_key_gets_the_services_own_error",
    ),
    Behaviour(
        "The bill",
        "A day later, as a Cost and Usage Report or by FOCUS, for every service.",
        "https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html",
        "otherwise",
        "At the session's end, for Lambda and its durable executions, at list prices without the "
        "free allowance: `cloud up --bill`. REPORT lines and both tables agree to the last digit. "
        "A server that is killed is billed for what had ended; what ran is named.",
        "test_bill.py::test_the_audit_reconciles_with_a_sessions_bill",
    ),
)

NOT_EMULATED = (
    "Policies, but a function's own as said above: a role that is too narrow works here alone.",
    "API Gateway's throttles of an account and of sockets, and its limits on connections.",
    "X-Ray: a request has a trace id, and no trace is kept, as the log of a traced function says.",
    "Isolation: a function runs as you and sees your files. Run only code you trust.",
    "Detection of functions that call each other in a circle.",
    "AWS's rate of scaling (1,000 environments every ten seconds), and other regions.",
    "The network: all is on one machine, so calls are faster than on AWS and cores are shared.",
)
"""What this cloud leaves out and cannot refuse, so that a lab must not conclude it."""


def equivalence_list() -> Markup:
    """Return every behaviour as a list, which fits a phone where four columns would not."""
    entries = (
        joined(
            tag("dt", tag("strong", row.what)),
            tag("dd", f"AWS: {row.aws} ", link(row.address, "Source"), "."),
            tag("dd", "Here ", tag("strong", row.answer), f". {row.ours}"),
            tag("dd", tag("code", row.test), style="overflow-wrap:anywhere"),
        )
        for row in BEHAVIOURS
    )
    return tag("dl", *entries, class_="st-plain")
