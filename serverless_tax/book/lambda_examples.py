"""Months on Lambda that AWS and others have worked out, of every form of it that has a price."""

from __future__ import annotations

from typing import Any

from serverless_tax.book.example import Example, of_one_part

_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_MICROVM = "https://github.com/Vivek0712/awesome-microvm"
_DAY_MS = 86_400_000


def _microvms(
    sessions: float, hours: float, *, vcpu: float = 1, **more: Any
) -> tuple[str, dict[str, Any]]:
    """Return sessions of so many hours at one baseline, in a month of 30 days."""
    return "aws-lambda-microvms", {
        "memory_mb": 1024,
        "requests_per_month": sessions,
        "wait_ms": hours * 3_600_000,
        "session_idle_ms": 0,
        "instance_vcpu": vcpu,
        "instance_memory_mb": vcpu * 2048,
        "peak_memory_mb": 2048,
        "hours_per_month": 720,
    } | more


#: The time of the same sessions at their peak: their snapshots are in the other part.
_AT_PEAK = {"peak_memory_mb": 1e-9, "snapstart_versions": 0}
_ROUNDED = "AWS's page rounds the prices of snapshots; its price list has ten digits"


LAMBDA = (
    Example(
        what="Lambda, provisioned: a mobile application's launch",
        source=_LAMBDA,
        printed_usd=19.96,
        free_tier=True,
        parts=(
            (
                "aws-lambda-provisioned",
                {
                    "memory_mb": 1536,
                    "requests_per_month": 500_000,
                    "wait_ms": 100,
                    "provisioned_concurrency": 100,
                    "provisioned_hours": 8,
                },
            ),
            ("aws-lambda", {"memory_mb": 1536, "requests_per_month": 2.5e6, "wait_ms": 120}),
        ),
    ),
    of_one_part(
        "Lambda, provisioned: a day of sales",
        _LAMBDA,
        32.26,
        "aws-lambda-provisioned",
        requests_per_month=2e6,
        memory_mb=4096,
        cpu_ms=280,
        provisioned_concurrency=7,
        provisioned_hours=24,
    ),
    of_one_part(
        "Lambda, SnapStart: telemetry",
        _LAMBDA,
        263.92,
        "aws-lambda-snapstart",
        requests_per_month=7_440_000,
        wait_ms=2000,
        cold_start_share=0.01,
        init_ms=4000,
        snapstart_versions=744 / 730,
    ),
    of_one_part(
        "Lambda: a mobile application",
        _LAMBDA,
        2.73,
        "aws-lambda",
        free_tier=True,
        requests_per_month=3e6,
        memory_mb=1536,
        wait_ms=120,
    ),
    of_one_part(
        "Lambda: telemetry",
        _LAMBDA,
        249.49,
        "aws-lambda",
        requests_per_month=7_440_000,
        wait_ms=2000,
    ),
    of_one_part(
        "Lambda: a model on support tickets, with a larger disk",
        _LAMBDA,
        106.41,
        "aws-lambda",
        free_tier=True,
        requests_per_month=6e6,
        memory_mb=4096,
        ephemeral_storage_mb=2048,
        cpu_ms=280,
    ),
    of_one_part(
        "Lambda: tenants kept apart",
        _LAMBDA,
        368.74,
        "aws-lambda",
        requests_per_month=10e6,
        wait_ms=2000,
        plus_usd=33.40,
        why="With $33.40 for the tenants' own environments, which are on no bill here",
    ),
    of_one_part(
        "Lambda: messages of SQS",
        _LAMBDA,
        580,
        "aws-lambda",
        requests_per_month=30e6,
        wait_ms=1000,
        plus_usd=74,
        why="With $74 for the pollers, which are on no bill here",
    ),
    of_one_part(
        "Lambda, durable: insurance claims",
        _LAMBDA,
        490.46,
        "aws-lambda-durable",
        free_tier=True,
        requests_per_month=1e6,
        measured_at_mb=1024,
        architecture="arm64",
        cpu_ms=2000,
        streaming_ms=30_000,
        output_tokens=0,
        cpu_ms_per_output_token=0,
        wait_ms=7 * _DAY_MS,
        suspended_share=1,
        request_bytes=8000,
        response_bytes=32_000,
        durable_steps=2,
        durable_waits=1,
        retention_days=14,
    ),
    Example(
        what="Lambda MicroVMs: sandboxes for coding assistants",
        source=_LAMBDA,
        printed_usd=1241.22,
        parts=(
            _microvms(
                2000,
                2.5 * 0.75,
                suspensions=6,
                suspended_ms=5.5 * 3_600_000,
                snapstart_versions=5,
            ),
            _microvms(2000, 2.5 * 0.25, vcpu=4, **_AT_PEAK),
        ),
        why=_ROUNDED,
    ),
    Example(
        what="Lambda MicroVMs: scans and builds",
        source=_LAMBDA,
        printed_usd=1124.03,
        # At its peak it has four times the baseline.
        parts=(
            _microvms(10_000, 0.15, vcpu=4),
            _microvms(4 * 10_000, 1 / 60, vcpu=4, **_AT_PEAK),
        ),
        why=_ROUNDED,
    ),
    *(
        of_one_part(
            f"Lambda MicroVMs: 100 sessions, {said}",
            _MICROVM,
            usd,
            "aws-lambda-microvms",
            session_idle_ms=0,
            requests_per_month=100,
            wait_ms=minutes * 60_000,
            peak_memory_mb=0.61 * 1024,
            suspensions=times,
            suspended_ms=hours * 3_600_000,
            snapstart_versions=0,
            plus_usd=-100 * 0.61 * 0.00155,
            why="Published for one, in four places; without reading the image to start",
        )
        for said, usd, minutes, hours, times in (
            ("half an hour active, eight suspended", 6.69, 30, 8, 1),
            ("two hours active, 22 suspended", 26.02, 120, 22, 2),
        )
    ),
    of_one_part(
        "Lambda MicroVMs: 100 agents for a quarter of an hour",
        "https://github.com/gpazo/Rat-Things",
        6.80,
        "aws-lambda-microvms",
        instance_vcpu=2,
        instance_memory_mb=4096,
        peak_memory_mb=3.4 * 1024,
        session_idle_ms=0,
        snapstart_versions=0,
        requests_per_month=100,
        wait_ms=900_000,
        why='Published as "about $0.068" for one',
    ),
)
