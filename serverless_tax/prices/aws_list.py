"""The public AWS price list: which of its rows is which of our prices, and how it is read.

The files need no account; with one, the same rows come from boto3's ``pricing``. Tiers are those
of ``beginRange``: rate codes change when a vendor reprices, and pin nothing.
Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.request import urlopen

ADDRESS = (
    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json"
)
_SECONDS = 60

#: What stands before a usage type in most regions: ``EU-Request``, ``USE2-Request``. Only Ireland's
#: has no digit: ``TS-LoadBalancerUsage`` is a trust store, at a quarter of the price.
_REGION_PREFIX = re.compile(r"^(?:EU|[A-Z]{2,4}\d{1,2})-")

Tiers = tuple[tuple[float, float], ...]


class PricesUnreachable(OSError):
    """The vendor's price list could not be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the price list: its offer, its usage type without the region, further attributes."""

    offer: str
    usage_type: str
    attributes: Mapping[str, str] = field(default_factory=dict)


_ALB = {"productFamily": "Load Balancer-Application"}

#: Our prices that the list has in a file of moderate size. EC2's has half a gigabyte, so what is
#: in it (machines, NAT gateways, addresses) is looked up by hand, like what is in none.
ROWS = {
    ("aws-lambda", "requests"): Row("AWSLambda", "Request"),
    ("aws-lambda", "duration_x86_gb_seconds"): Row("AWSLambda", "Lambda-GB-Second"),
    ("aws-lambda", "duration_arm_gb_seconds"): Row("AWSLambda", "Lambda-GB-Second-ARM"),
    ("aws-lambda", "ephemeral_storage_gb_seconds"): Row("AWSLambda", "Lambda-Storage-GB-Second"),
    ("aws-lambda-provisioned", "provisioned_requests"): Row("AWSLambda", "Request"),
    ("aws-lambda-provisioned", "provisioned_x86_gb_seconds"): Row(
        "AWSLambda", "Lambda-Provisioned-Concurrency"
    ),
    ("aws-lambda-provisioned", "provisioned_arm_gb_seconds"): Row(
        "AWSLambda", "Lambda-Provisioned-Concurrency-ARM"
    ),
    ("aws-lambda-provisioned", "provisioned_duration_x86_gb_seconds"): Row(
        "AWSLambda", "Lambda-Provisioned-GB-Second"
    ),
    ("aws-lambda-provisioned", "provisioned_duration_arm_gb_seconds"): Row(
        "AWSLambda", "Lambda-Provisioned-GB-Second-ARM"
    ),
    **{
        ("aws-lambda-microvms", f"microvm_{dimension}"): Row("AWSLambda", f"Lambda-MicroVM-{usage}")
        for dimension, usage in {
            "vcpu_seconds": "vCPU-Second-ARM",
            "gb_seconds": "Memory-GB-Second-ARM",
            "snapshot_read_gb": "Snapshot-Read-GB",
            "snapshot_written_gb": "Snapshot-Write-GB",
            "snapshot_gb_hours": "Snapshot-Storage-GB-Hour",
        }.items()
    },
    ("aws-fargate", "fargate_x86_vcpu_hours"): Row("AmazonECS", "Fargate-vCPU-Hours:perCPU"),
    ("aws-fargate", "fargate_x86_gb_hours"): Row("AmazonECS", "Fargate-GB-Hours"),
    ("aws-fargate", "fargate_arm_vcpu_hours"): Row("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"),
    ("aws-fargate", "fargate_arm_gb_hours"): Row("AmazonECS", "Fargate-ARM-GB-Hours"),
    ("aws-http-api", "http_api_requests"): Row("AmazonApiGateway", "ApiGatewayHttpRequest"),
    ("aws-rest-api", "rest_api_requests"): Row("AmazonApiGateway", "ApiGatewayRequest"),
    ("aws-websocket", "websocket_messages"): Row("AmazonApiGateway", "ApiGatewayMessage"),
    ("aws-websocket", "websocket_minutes"): Row("AmazonApiGateway", "ApiGatewayMinute"),
    ("aws-alb", "alb_hours"): Row("AWSELB", "LoadBalancerUsage", _ALB),
    ("aws-alb", "alb_lcu_hours"): Row("AWSELB", "LCUUsage", _ALB),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A product of the list with its prices on demand: tiers of ``(above, usd)``, rising."""

    usage_type: str
    attributes: Mapping[str, str]
    tiers: Tiers


def from_bulk(offer: str, region: str) -> list[Listed]:
    """Read an offer's file for a region.

    Raises:
        PricesUnreachable: if it cannot be fetched, or is not a price list.
    """
    address = ADDRESS.format(offer=offer, region=region)
    try:
        with urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - the address is above
            found = json.load(answer)
        terms = found["terms"]["OnDemand"]
        products = ((p, terms[sku]) for sku, p in found["products"].items() if sku in terms)
        return list(_listed(products))
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        msg = f"The price list at {address} cannot be reached ({reason}); nothing was changed."
        raise PricesUnreachable(msg) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{address} did not answer with a price list ({error!r}); nothing was changed."
        raise PricesUnreachable(msg) from None


def from_api(offer: str, region: str) -> list[Listed]:
    """Read an offer's products of a region through boto3, with the account that it is set up for.

    Raises:
        PricesUnreachable: if boto3 is not installed, has no account, or is not answered.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra, and slow to import
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError:
        msg = "boto3 is not installed; use the public files (--via bulk), or pip install boto3."
        raise PricesUnreachable(msg) from None
    try:
        pages = boto3.client("pricing", region_name="us-east-1").get_paginator("get_products")
        found = pages.paginate(
            ServiceCode=offer,
            Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
        )
        rows = [json.loads(text) for page in found for text in page["PriceList"]]
    except (BotoCoreError, ClientError) as error:
        msg = f"The price list of {offer} cannot be read ({error}); try --via bulk."
        raise PricesUnreachable(msg) from None
    return list(_listed((row["product"], row["terms"].get("OnDemand", {})) for row in rows))


def _listed(products: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Listed]:
    for product, offers in products:
        attributes = {**product["attributes"], "productFamily": product.get("productFamily", "")}
        for offer in offers.values():
            steps = sorted(
                (float(step["beginRange"]), float(step["pricePerUnit"]["USD"]))
                for step in offer["priceDimensions"].values()
                if "beginRange" in step and "USD" in step["pricePerUnit"]
            )
            if steps:
                usage_type = _REGION_PREFIX.sub("", attributes.get("usagetype", ""))
                yield Listed(usage_type, attributes, tuple(steps))


def tiers_of(row: Row, listed: Iterable[Listed]) -> Tiers | None:
    """Return the tiers of a row of :data:`ROWS` among the products of its offer, or None.

    Raises:
        PricesUnreachable: if several products answer to the row, at different prices.
    """
    found = {
        product.tiers
        for product in listed
        if product.usage_type == row.usage_type
        and all(product.attributes.get(name) == value for name, value in row.attributes.items())
    }
    if len(found) > 1:
        msg = (
            f"The price list of {row.offer} has {len(found)} prices for {row.usage_type}, and"
            " nothing says which is ours; nothing was changed."
        )
        raise PricesUnreachable(msg)
    return found.pop() if found else None
