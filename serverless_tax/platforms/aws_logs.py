"""Amazon CloudWatch Logs: the bytes a request logs, taken in once and kept for a month.

While a request waits it bills nothing, unless the code logs that it is waiting.
Sources: https://aws.amazon.com/cloudwatch/pricing/ and
https://aws.amazon.com/blogs/compute/aws-lambda-introduces-tiered-pricing-for-amazon-cloudwatch-logs-and-additional-logging-destinations/
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform

#: A gigabyte of logs: the price page counts a terabyte as 1,024 GB.
GB = 1024**3

#: What logs are stored as, over what they were: the price page's example stores 30 GB as 6.
COMPRESSED = 0.2


def usage(w: Request) -> dict[str, Quantity]:
    """Gigabytes logged for each request."""
    return {"logged_gb": w.requests_per_month * (w.log_bytes / GB)}


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """The month's logs, by whose they are, and one month of keeping them, compressed.

    A function's logs have volume tiers since 2025-05-01, other logs one price. Logs that are
    kept for longer, or for ever as is the default, cost the same again for each month.
    """
    del w
    # What writes them is known from what else is metered: only a function counts "requests".
    lambda_share = 1 if "requests" in used else 0
    return {
        "lambda_logs_gb": used["logged_gb"] * lambda_share,
        "logs_gb": used["logged_gb"] * (1 - lambda_share),
        "stored_logs_gb_months": used["logged_gb"] * COMPRESSED,
    }


PLATFORM = Platform(
    id="aws-logs",
    name="CloudWatch Logs",
    waits="Bills bytes that are logged, so nothing while a request waits.",
    source="https://aws.amazon.com/cloudwatch/pricing/",
    usage=usage,
    month=month,
    serves=False,
)
