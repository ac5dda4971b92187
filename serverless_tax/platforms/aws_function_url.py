"""A Lambda function URL: a front door without a price of its own.

While a request waits it bills nothing beside the function; what leaves through it is ordinary
data transfer. It is public, and cannot stream from inside a VPC.
Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
"""

from __future__ import annotations

from datetime import date

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform


def usage(w: Request) -> dict[str, Quantity]:
    """Nothing that has a price."""
    del w
    return {}


PLATFORM = Platform(
    id="aws-function-url",
    name="Lambda function URL",
    waits="Bills nothing of its own: the function behind it is what is billed.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
    usage=usage,
    serves=False,
    # Source: https://aws.amazon.com/blogs/aws/announcing-aws-lambda-function-urls-built-in-https-endpoints-for-single-function-microservices/
    sold_from=date(2022, 4, 6),
)
