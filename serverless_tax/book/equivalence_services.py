"""What AWS documents of what is around functions, and what is done here: addresses to the bill."""

from __future__ import annotations

from serverless_tax.book.behaviour import Behaviour

OF_SERVICES = (
    Behaviour(
        "WebSocket handshakes",
        "$connect refuses with its status; a stage that does not exist is Forbidden; so is a "
        "message without a route, in a message to its client.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-"
        "subprotocol.html",
        "the same",
        "Header names reach $connect as sent. The words beside a refusing status are ours.",
        "test_sockets.py::test_a_refused_handshake_says_why",
    ),
    Behaviour(
        "WebSocket routes",
        "A message invokes its route's function, which sends by signed @connections calls.",
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
        "A target makes the integration, the route and the stage.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html",
        "the same",
        "For functions and addresses. ImportApi and PutRestApi are refused (ImportRestApi runs).",
        "test_clients.py::test_an_http_api_is_made_in_one_call",
    ),
    Behaviour(
        "How long an API waits",
        "30 seconds at an HTTP API, 29 at a REST API and a socket, or the integration's own "
        "time: 503, 504 and a message. The function goes on, billed.",
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
        "Where set, at HTTP and REST APIs and in usage plans; not the account's. Those of "
        "sockets are refused.",
        "test_api_limits.py::test_a_stage_takes_as_many_as_its_throttle_says",
    ),
    Behaviour(
        "Who may call an API",
        "Authorizers of JWT and of functions; AWS_IAM takes signatures.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
        "otherwise",
        "A signature is checked, and what it may do is not. At a socket AWS_IAM is refused. A user "
        "pool's tokens pass; calls without a signature, such as SignUp and InitiateAuth, are "
        "refused, and AdminInitiateAuth gives the tokens. No mail and no text message is sent.",
        "test_api_limits.py::test_a_user_pools_tokens_open_a_route",
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
        "For everybody it needs two statements of the function's policy, InvokeFunctionUrl and, "
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
        "Its path has a token of this start. Typed, it opens, and its page may ask for more; "
        "other sites' pages are refused, here and at APIs, whatever CORS says.",
        "test_clients.py::test_a_function_url_opens_in_a_browser",
    ),
    Behaviour(
        "Presigned links",
        "An address with a signature opens one object until it expires.",
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
        "Good until they end, with their token. The role's rights are not enforced.",
        "test_clients.py::test_an_assumed_roles_keys_are_good_with_their_token",
    ),
    Behaviour(
        "Runtimes",
        "A function runs in the version of Python or Node that it names.",
        "lambda-runtimes.html",
        "otherwise",
        "In the one installed here; if that is another, the log says so at each cold start.",
        "test_invoke.py::test_another_python_is_said_in_the_log",
    ),
    Behaviour(
        "Bad requests",
        "Unknown and retired runtimes, sizes out of range, reserved variables, too many of them, "
        "roles that are not Lambda's, queues that are not there, an event that is not JSON.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        "the same",
        "Each value is held to AWS's own model of its API. The same codes and, where published, "
        "the same texts; in a template's stack too.",
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
        "EventBridge, Pipes, SNS, S3 and CloudWatch Logs refuse targets that do not fit, and S3 "
        "and CloudWatch Logs functions whose policy does not let them.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and"
        "-destinations.html",
        "otherwise",
        "The same. What this cloud would not send is refused: rules to other services than "
        "functions, queues, topics, buses and machines, S3's events but of what is put and "
        "removed, pipes from queues, e-mail, text messages, schedules in another time than UTC.",
        "test_deliveries.py::test_what_would_not_arrive_is_refused",
    ),
    Behaviour(
        "Whom a function lets in",
        "API Gateway, EventBridge, SNS, S3 and CloudWatch Logs need a statement of the "
        "function's own policy, which may name who calls.",
        "access-control-resource-based.html",
        "the same",
        "Without one an API's client reads of an internal error, a socket does not open, and "
        "what a rule or topic could not deliver is counted in a metric. Conditions are those on "
        "the source's ARN and account. A role in place of a statement is believed.",
        "test_permissions.py::test_an_http_api_calls_a_function_that_lets_it",
    ),
    Behaviour(
        "Tags of AWS's own",
        "A tag's key may not begin with aws:.",
        "https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
        "the same",
        "In every service; where AWS's words are not known, those of API Gateway.",
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
        "Fields, values, paths and errors of each state, where it leads, and its role. What a "
        "machine would leave out is refused: some service integrations, heartbeats, a timeout of "
        "the whole, batches and result files of maps, variables outside of JSONata. A path that "
        "leads nowhere fails the execution, and so does more than 256 KB of any state. A task of "
        "`aws-sdk` reaches what clients reach.",
        "test_machines.py::test_a_broken_definition_is_refused",
    ),
    Behaviour(
        "Settings that this cloud would not act on",
        "Caches, access logs, resource policies, domains, traces, dead-letter queues of rules.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-develop.html",
        "refused",
        "By API, in a template and in a state machine's task; all are listed below.",
        "test_lacks.py::test_all_of_the_table_is_refused",
    ),
    Behaviour(
        "Settings that no code reads",
        "A member of a request that AWS's model has: a schedule's retries, a trigger of Cognito.",
        "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html",
        "refused",
        "It is refused by its name. Tokens against doubles and hints are accepted.",
        "test_models.py::test_what_nothing_reads_is_named",
    ),
    Behaviour(
        "Queues and topics",
        "Attributes of FIFO queues are for those alone; policies are JSON; a dead-letter queue "
        "says which queues may use it; messages have ten attributes, each of a type.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
        "API_SetQueueAttributes.html",
        "otherwise",
        "The same, in AWS's words where they are known. A queue's attributes are so at once.",
        "test_queues.py::test_a_queue_takes_dead_letters_of_those_it_lets",
    ),
    Behaviour(
        "Retries of a state",
        "After an interval, times a rate, up to a maximum, with full jitter or none.",
        "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        "the same",
        "Only its own call tells of an express execution, as on AWS.",
        "test_machines.py::test_a_retry_waits_as_long_as_its_machine_says",
    ),
    Behaviour(
        "Wrong values",
        "A value against the service's model is refused, and so is a call about what is not there.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
        "otherwise",
        "The same, of the services around functions, in AWS's words where they are known. An "
        "operation that only AWS has is refused by its name, and so are requests in CBOR. It "
        "knows the names of AWS's own policies, and the text of a few.",
        "test_value_checks.py::test_a_wrong_value_is_refused",
    ),
    Behaviour(
        "What only AWS can do",
        "Layers, images, VPCs, SnapStart, provisioned concurrency, tenants, code signing, keys of "
        "your own, a larger /tmp, other languages, another architecture, weighted aliases, "
        "pollers with provisioned capacity.",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
        "refused",
        "In a text that names this cloud and says that AWS would accept the request. So is an "
        "operation or a service that is not here: EC2, RDS, Firehose and Bedrock's models too.",
        "test_lambda_checks.py::test_what_only_aws_can_do_is_refused",
    ),
    Behaviour(
        "Durable functions",
        "Steps, waits, callbacks and invocations of others; suspended, one bills nothing, and "
        "it resumes on its own version. For Python from 3.13 and Node from 22; without "
        "destinations.",
        "durable-functions.html",
        "otherwise",
        "The same, on AWS's own SDK: a step has 256 KB at most, another function's answer 1 MB. "
        "An invocation that crashes is tried five times in 15 seconds, on AWS for minutes. "
        "LogResult is the last invocation's. Keys of one's own, tenants, dead-letter queues and "
        "settings of an asynchronous invocation are refused. The bill's names of what is used "
        "beside invocations are ours: AWS's are not published.",
        "test_durable.py::test_a_wait_is_two_invocations_and_nothing_between",
    ),
    Behaviour(
        "SAM templates",
        "CloudFormation turns a template of SAM into resources, HTTP APIs with their routes "
        "among them.",
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/what-is-"
        "sam.html",
        "otherwise",
        "By AWS's own translator, where aws-sam-translator is installed; elsewhere the stack "
        "fails and says so.",
        "test_stacks.py::test_a_template_of_sam_becomes_an_api_that_answers",
    ),
    Behaviour(
        "Credentials",
        "Every call is signed, but some of Cognito's and STS's.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html",
        "otherwise",
        "Checked against the keys of this start, before a body is read; a call without a "
        "signature is refused, headers that nobody signed are dropped. Policies are kept, and not "
        "enforced.",
        "test_gate.py::test_another_runs_key_gets_the_services_own_error",
    ),
    Behaviour(
        "The bill",
        "A day later, as a Cost and Usage Report or by FOCUS, for every service.",
        "https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html",
        "otherwise",
        "At the session's end, for Lambda and its durable executions, at list prices without the "
        "free allowance: `cloud up --bill`. REPORT lines and both tables agree to the last digit. "
        "FOCUS's validator, 2.2.1, passes it by FOCUS 1.2, but for one of two rules on InvoiceId "
        "that exclude each other. The bill of a killed server has what had ended, and names what "
        "ran.",
        "test_bill.py::test_the_audit_reconciles_with_a_sessions_bill",
    ),
)
