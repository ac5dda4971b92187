"""Which row of the price list is which of our prices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serverless_tax.prices.aws_list import PricesUnreachable, from_bulk
from serverless_tax.prices.refresh import check


def add_balancer(answers: Path, usage_type: str, usd: str) -> None:
    """Put another product in front of the load balancer's hour in the recorded answer."""
    path = answers / "AWSELB.us-east-1.json"
    found = json.loads(path.read_text("utf-8"))
    for part in (found["products"], found["terms"]["OnDemand"]):
        part |= {"OTHER": json.loads(json.dumps(part["ALBHOUR000000001"]))}
        part |= {sku: part.pop(sku) for sku in list(part) if sku != "OTHER"}
    found["products"]["OTHER"]["attributes"]["usagetype"] = usage_type
    [terms] = found["terms"]["OnDemand"]["OTHER"].values()
    for step in terms["priceDimensions"].values():
        step["pricePerUnit"]["USD"] = usd
    path.write_text(json.dumps(found))


@pytest.mark.usefixtures("sheets")
@pytest.mark.parametrize("name", ["TS-LoadBalancerUsage", "Outposts-LoadBalancerUsage"])
def test_a_trust_store_is_no_load_balancer(name: str, answers: Path) -> None:
    """Two letters and a dash are not always a region; its hour costs a quarter of a balancer's.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/usage-reports.html
    """
    add_balancer(answers, name, "0.0056000000")
    assert check(["aws-alb"]) == []


@pytest.mark.usefixtures("sheets")
def test_two_prices_for_one_usage_type_are_refused(answers: Path) -> None:
    """Neither is picked."""
    add_balancer(answers, "LoadBalancerUsage", "0.0300000000")
    with pytest.raises(PricesUnreachable, match="2 prices for LoadBalancerUsage"):
        check(["aws-alb"])


@pytest.mark.usefixtures("answers")
def test_a_region_stands_before_a_usage_type() -> None:
    """Ireland's has no digit; the rest of the name is the same everywhere."""
    home, ireland = (from_bulk("AWSLambda", region) for region in ("us-east-1", "eu-west-1"))
    assert {row.usage_type for row in ireland} <= {row.usage_type for row in home}
