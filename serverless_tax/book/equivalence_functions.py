"""What AWS documents of functions, their environments, logs and answers, and what is done here."""

from __future__ import annotations

from serverless_tax.book.behaviour import Behaviour

OF_FUNCTIONS = (
    Behaviour(
        "One request an environment",
        "An environment serves one request at a time; overlapping ones get more of them.",
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
        "Kept for four to six minutes, as others measured; AWS names no figure.",
        "test_environments.py::test_an_idle_environment_is_reused",
    ),
    Behaviour(
        "Temporary files",
        "Each environment has a /tmp of its own, keeps it, and can write nowhere else.",
        "lambda-runtime-environment.html",
        "otherwise",
        "The same where the machine allows mount namespaces, without a limit of size. In a "
        "container that forbids them, /tmp is shared, TMPDIR names a folder of the "
        "environment's own, and functions read each other's and write wherever you can.",
        "test_environments.py::test_each_environment_has_a_tmp_of_its_own_and_keeps_it",
    ),
    Behaviour(
        "The code's folder",
        "A function can read its code, in /var/task, and not change it.",
        "lambda-runtime-environment.html",
        "otherwise",
        "Read-only too, in the folder that LAMBDA_TASK_ROOT names. Where mounts are forbidden, "
        "each environment has a copy.",
        "test_processes.py::test_no_function_writes_into_its_code",
    ),
    Behaviour(
        "Freeze",
        "Frozen when the runtime and the extensions are done; unfinished work goes on at the "
        "next request.",
        "lambda-runtime-environment.html",
        "the same",
        "Every process of it, detached ones too, is stopped by SIGSTOP until the next request.",
        "test_processes.py::test_a_detached_child_is_frozen_and_killed_with_its_environment",
    ),
    Behaviour(
        "Processes",
        "A function sees its own processes alone.",
        "lambda-runtime-environment.html",
        "otherwise",
        "The same where the machine allows PID namespaces: the function is process 2. Elsewhere "
        "it sees this machine's. Both end with their environment, however the server ends. "
        "There is no /dev/shm.",
        "test_processes.py::test_a_detached_child_is_stopped_and_killed_in_both_ways",
    ),
    Behaviour(
        "Open files and threads",
        "1,024 of either.",
        "gettingstarted-limits.html",
        "otherwise",
        "As many files; threads and processes are not counted.",
        "test_processes.py::test_a_function_opens_as_many_files_as_on_aws",
    ),
    Behaviour(
        "Billed duration",
        "Duration and INIT together, rounded up to a millisecond; INIT is billed since 1 August "
        "2025.",
        "https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/",
        "the same",
        "How busy another function is changes nothing.",
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
        "Runtime.ExitError; the sandbox stays, and the runtime starts anew in it on the next "
        "request's clock, without Init Duration.",
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
        "Time in which INIT was ready and had no CPU does not count. At most four INITs at once "
        "on two cores: the others queue, unbilled, where AWS has room.",
        "test_init.py::test_an_init_that_sleeps_past_its_limit_is_tried_again_in_the_invocation",
    ),
    Behaviour(
        "Memory limit",
        "A function past its memory is killed.",
        "configuration-memory.html",
        "otherwise",
        "The largest process's peak and the others' private memory count, ten times a second, "
        "after INIT and after each invocation, so a short peak may be seen late.",
        "test_processes.py::test_idle_forks_share_their_parents_memory",
    ),
    Behaviour(
        "CPU follows memory",
        "1,769 MB is one vCPU; less memory is a share of one, by periods of 20 ms.",
        "configuration-memory.html",
        "otherwise",
        "Off, unless asked for; then the process is stopped and continued to hold its share, "
        "but not in INIT. Above 1,769 MB nothing is added.",
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
        "Batches of a queue",
        "A function may report which messages failed; a report that names none of them fails "
        "the batch. A failed message comes again.",
        "services-sqs-errorhandling.html",
        "the same",
        "Filters take messages away first; a queue's dead-letter queue takes what fails too often. "
        "A batch is gathered for its window, to a second; a window of a stream is refused.",
        "test_asynchronous.py::test_a_report_that_cannot_be_read_loses_no_message",
    ),
    Behaviour(
        "Destinations",
        "A record of a success or a failure goes to a queue, topic, function, bus or bucket.",
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
        "6 MB in and out, 1 MB for an asynchronous event; at an address 413 for a larger event "
        "or more than 10 MB. A larger answer gets 413 from the Runtime API.",
        "gettingstarted-limits.html",
        "the same",
        "With AWS's errors. Of 413 Python's runtime client ends: the next call starts it anew.",
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
        "otherwise",
        "By AWS's own runtime client. AWS_ENDPOINT_URL leads clients here; LAMBDA_RUNTIME_DIR, "
        "LD_LIBRARY_PATH and X-Ray's are not set. Nothing of your shell reaches a function.",
        "test_invoke.py::test_the_context_and_the_variables_are_lambdas",
    ),
    Behaviour(
        "Packages",
        "A Python function sees its own package, its layers, the runtime client and boto3.",
        "python-package.html",
        "otherwise",
        "The same without layers. boto3 is the version installed here. A package of a lab's "
        "`target.package(files, requirements)` also sees the notebook's packages.",
        "test_processes.py::test_a_function_sees_its_own_packages_and_aws_own",
    ),
    Behaviour(
        "Logs",
        "INIT_START, START, END and REPORT lines, one stream an environment, the last 4 KB in "
        "LogResult; or JSON.",
        "monitoring-cloudwatchlogs-logformat.html",
        "otherwise",
        "The same fields in the same order, tabs included; lines arrive while the function "
        "runs. A logger's text of several lines is as many events, on AWS one. The runtime's "
        "version is named local; of JSON's events there are platform.initStart, start and report.",
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
        "Metric filters count lines or take a field's value; the embedded metric format makes "
        "metrics.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html",
        "otherwise",
        "The same, at once, for filters of terms and for the embedded format. A filter whose "
        "value or dimensions are a line's fields is refused.",
        "test_logs.py::test_lines_become_metrics",
    ),
    Behaviour(
        "Reading a log",
        "FilterLogEvents gives pages of 10,000 events or 1 MB; patterns are terms, or read "
        "fields of JSON and of columns.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
        "otherwise",
        "The same pages, and patterns of terms: plain, quoted, with ? or -. Patterns of fields "
        "and regular expressions are refused.",
        "test_logs.py::test_events_come_by_pages",
    ),
    Behaviour(
        "Logs Insights",
        "A query language with filters, statistics and more.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html",
        "refused",
        "It runs fields, filter with = or like /pattern/, sort and limit; the audit's queries "
        "are among these. Any other is a MalformedQueryException that names the stage.",
        "test_logs.py::test_insights_refuses_what_it_would_leave_out",
    ),
    Behaviour(
        "Streaming",
        "Bytes leave as the handler writes them, up to 200 MB: the first 6 MB unbounded, then 2 "
        "MB a second.",
        "configuration-response-streaming.html",
        "the same",
        "By InvokeWithResponseStream and by function URL; the session's bill has the bytes past 6 "
        "MB. In Python by a runtime client of our own, not run on AWS.",
        "test_streaming.py::test_past_six_megabytes_the_handler_is_held_back",
    ),
    Behaviour(
        "A client that hangs up",
        "The function goes on, and is billed to its end.",
        "configuration-response-streaming.html",
        "the same",
        "To its end too.",
        "test_streaming.py::test_a_client_that_hangs_up_does_not_end_the_handler",
    ),
    Behaviour(
        "Streaming in Node",
        "awslambda.streamifyResponse and HttpResponseStream.from.",
        "response-streaming-tutorial.html",
        "the same",
        "Where Node is installed.",
        "test_node.py::test_streamify_response_streams",
    ),
    Behaviour(
        "Node handlers",
        "Promises, and callbacks up to Node 22, whose answer waits for an empty event loop; log "
        "lines begin with time, request and level.",
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
)
