"""Months whose total somebody else has published, and the same months by our bill.

The examples that the rules were written against. Where a published total is not ours to the cent,
the reason stands beside it. The tests hold each line of them, taken from this same table.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from serverless_tax.book.example import of_one_part
from serverless_tax.book.infracost import INFRACOST
from serverless_tax.book.lambda_examples import LAMBDA
from serverless_tax.ground.html import WORDS, Table, link
from serverless_tax.ground.lambda_facts import FULL_VCPU_MB
from serverless_tax.ground.show import show

_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
_LOGS = "https://aws.amazon.com/cloudwatch/pricing/"
_BALANCER = "https://aws.amazon.com/elasticloadbalancing/pricing/"
_AGENTS = "https://aws.amazon.com/bedrock/agentcore/pricing/"
_WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/"
_OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/"
_GIB = 1024**3
_DAY_MS = 86_400_000


#: No traffic but that of a path's part: nothing is asked of the function.
_BARE = {"request_bytes": 0}
_AGENT = {"memory_mb": 4096, "measured_at_mb": FULL_VCPU_MB, "session_idle_ms": 0}
_THIRTY_DAYS = {"times": 720 / 730, "why": "AWS counts 720 hours to the month"}
_FULL = {"minimum_instances": 0, "peak_to_mean": 1, "target_utilisation": 1}


def _tasks(vcpus: float, hours: float) -> dict[str, Any]:
    """Return requests that keep so many vCPUs of tasks full for those hours of a month."""
    return _FULL | {
        "requests_per_month": vcpus * 100 * hours * 3600,
        "memory_mb": FULL_VCPU_MB,
        "wait_ms": 1000,
        "busy_hours_a_day": hours / 730 * 24,
        "streams_per_vcpu": 100,
    }


EXAMPLES = (
    *LAMBDA,
    of_one_part(
        "API Gateway, HTTP API: a web application",
        _GATEWAY,
        418.80,
        "aws-http-api",
        requests_per_month=432e6,
        request_bytes=12 * 1024,
        response_bytes=46 * 1024,
    ),
    of_one_part(
        "API Gateway, HTTP API: uploads",
        _GATEWAY,
        9.72,
        "aws-http-api",
        requests_per_month=1_080_000,
        request_bytes=4.5 * 1024**2,
    ),
    of_one_part(
        "API Gateway, REST API with transfer",
        _GATEWAY,
        18.79,
        "aws-rest-api-proxy+aws-data-transfer",
        requests_per_month=5e6,
        request_bytes=0,
        response_bytes=3 * 1024,
    ),
    of_one_part(
        "API Gateway, REST API: 15 billion calls",
        _GATEWAY,
        36_353.10,
        "aws-rest-api",
        **_BARE,
        requests_per_month=15e9,
        why="The calls; the page charges the transfer beside them at its first tier alone",
    ),
    of_one_part(
        "API Gateway, WebSocket: a chat",
        _GATEWAY,
        23.40,
        "aws-websocket",
        requests_per_month=30_000,
        messages_in=100,
        request_bytes=300 * 1024,
        output_tokens=500,
        bytes_per_output_token=3 * 1024,
        connection_ms=12 * 3_600_000,
    ),
    *INFRACOST,
    of_one_part(
        "Load balancer, for bytes",
        _BALANCER,
        22.42,
        "aws-alb",
        **_THIRTY_DAYS,
        requests_per_month=3600 * 730,
        connection_ms=120_000,
        request_bytes=300_000,
    ),
    of_one_part(
        "Load balancer, for open connections",
        _BALANCER,
        50.76,
        "aws-alb",
        **_THIRTY_DAYS,
        requests_per_month=100 * 3600 * 730,
        connection_ms=180_000,
        request_bytes=1000,
    ),
    of_one_part(
        "CloudWatch, logs of a website",
        _LOGS,
        12.53,
        "aws-logs",
        **_BARE,
        requests_per_month=30,
        log_bytes=_GIB,
        free_tier=True,
    ),
    of_one_part(
        "CloudWatch, 72 TB of logs in tiers",
        _LOGS,
        13_414.40,
        "aws-lambda+aws-logs",
        **_BARE,
        requests_per_month=72 * 1024,
        log_bytes=_GIB,
        lines=frozenset(["lambda_logs_gb"]),
    ),
    *(
        of_one_part(
            f"CloudWatch, 60 TB of Lambda's logs, {day:%B %Y}",
            "https://www.duckbillgroup.com/?p=9080",
            usd,
            "aws-lambda+aws-logs",
            **_BARE,
            on=day,
            requests_per_month=60_000,
            log_bytes=_GIB,
            lines=frozenset(["lambda_logs_gb"]),
            why=why,
        )
        for day, usd, why in (
            (date(2025, 4, 30), 30_000, ""),
            (date(2025, 5, 1), 12_500, "With tiers of 10,000 GB; the price page has 10,240"),
        )
    ),
    *(
        of_one_part(
            f"Fargate, five tasks on {chip}, ten minutes a day",
            "https://aws.amazon.com/fargate/pricing/",
            usd,
            "aws-fargate",
            **_tasks(5, 5),
            architecture=chip,
            plus_usd=0.03,
            why="With $0.03 of disk, which is on no bill here",
        )
        for chip, usd in (("x86_64", 1.26), ("arm64", 1.02))
    ),
    of_one_part(
        "Fargate, ten pods, an hour a day",
        "https://aws.amazon.com/fargate/pricing/",
        4.37,
        "aws-fargate",
        **_tasks(2.5, 30),
        instance_vcpu=0.25,
        instance_memory_mb=1024,
    ),
    of_one_part(
        "Infracost, a machine for a month",
        "https://github.com/gordonmurray/tofu_aws_apache_flink",
        59.57,
        "aws-ec2",
        requests_per_month=0,
        minimum_instances=1,
    ),
    of_one_part(
        "AgentCore v2: a support agent",
        _AGENTS,
        6703,
        "aws-agentcore",
        **_AGENT,
        requests_per_month=1e6,
        peak_memory_mb=1.625 * 1024,
        cpu_ms=60_000,
        wait_ms=540_000,
        why="AWS rounds a session to six places of a dollar on the way",
    ),
    of_one_part(
        "AgentCore v1: a support agent",
        "https://aws.amazon.com/blogs/machine-learning/securely-launch-and-scale-your-agents-and-tools-on-amazon-bedrock-agentcore-runtime/",
        7.63,
        "aws-agentcore-v1",
        **_AGENT,
        requests_per_month=10_000,
        peak_memory_mb=2048,
        cpu_ms=18_000,
        wait_ms=42_000,
        why="Published as $0.0007625 a session, which is half a cent less for 10,000",
    ),
    of_one_part(
        "AgentCore: browser sessions",
        _AGENTS,
        1226.67,
        "aws-agentcore-v1",
        **_AGENT,
        requests_per_month=100_000,
        cpu_ms=240_000,
        wait_ms=360_000,
    ),
    of_one_part(
        "AgentCore: code interpreter",
        _AGENTS,
        109.40,
        "aws-agentcore-v1",
        **_AGENT,
        requests_per_month=30_000,
        cpu_ms=96_000,
        wait_ms=24_000,
    ),
    *(
        of_one_part(
            f"Cloudflare Workers, {said}",
            _WORKERS,
            usd,
            "cloudflare-workers",
            memory_mb=FULL_VCPU_MB,
            requests_per_month=requests,
            cpu_ms=cpu_ms,
            wait_ms=30_000,
        )
        for said, requests, cpu_ms, usd in (
            ("15 million requests", 15e6, 7, 8.00),
            ("an hourly job of three minutes", 720, 180_000, 6.99),
            ("100 million requests", 100e6, 7, 45.40),
        )
    ),
    of_one_part(
        "Durable Objects over HTTP",
        _OBJECTS,
        5.15,
        "cloudflare-durable-objects-hibernating",
        memory_mb=FULL_VCPU_MB,
        requests_per_month=1.5e6,
        messages_in=0,
        wait_ms=1e6 / 1.5e6 * 1000,
    ),
    *(
        of_one_part(
            f"Durable Objects, {said}",
            _OBJECTS,
            usd,
            "cloudflare-durable-objects",
            memory_mb=FULL_VCPU_MB,
            requests_per_month=sessions,
            connection_ms=hours * 3_600_000,
            messages_in=messages,
        )
        for said, sessions, hours, messages, usd in (
            ("connections for eight hours a day", 3000, 8, 24_980, 142.95),
            ("connections all month", 100, 720, 720 * 3600, 419.30),
        )
    ),
    of_one_part(
        "Durable Objects that hibernate, 100 of 100 sockets",
        _OBJECTS,
        20.65,
        "cloudflare-durable-objects-hibernating",
        memory_mb=FULL_VCPU_MB,
        requests_per_month=10_000,
        messages_in=43_200,
        connection_ms=43_200 * 60_000,
        cpu_ms=432_000,
        requests_per_instance=100,
    ),
    of_one_part(
        "Azure Functions, Consumption: three million executions of a second",
        "https://azure.microsoft.com/pricing/details/functions/",
        18.00,
        "azure-functions-consumption",
        free_tier=True,
        requests_per_month=3e6,
        memory_mb=512,
        wait_ms=1000,
        requests_per_instance=1,
    ),
    of_one_part(
        "Azure Functions, Consumption: three million with the most memory",
        "https://modal.com/blog/azure-function-pricing-guide",
        66.00,
        "azure-functions-consumption",
        free_tier=True,
        requests_per_month=3e6,
        memory_mb=1536,
        wait_ms=1000,
        requests_per_instance=1,
    ),
    of_one_part(
        "Azure Container Apps, a replica that is never idle",
        "https://techcommunity.microsoft.com/blog/appsonazureblog/understanding-idle-usage-in-azure-container-apps/4419197",
        39,
        "azure-container-apps",
        requests_per_month=30,
        wait_ms=_DAY_MS,
        instance_vcpu=0.5,
        instance_memory_mb=1024,
        requests_per_instance=1,
        keep_alive_ms=1e-9,
        why='Printed as "about $39"',
    ),
)


def examples_table() -> Table:
    """Show every example with its total and ours."""
    rows = [
        (
            link(one.source, one.what),
            show(one.printed_usd, "usd"),
            show(one.our_usd, "usd"),
            one.why,
        )
        for one in EXAMPLES
    ]
    return Table.of(
        "Published months, and the same by our bill",
        (f"{WORDS}Example", "Published", "Ours", f"{WORDS}Counted otherwise"),
        rows,
    )
