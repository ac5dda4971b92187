"""Price the same month on ten designs, ranked anew after every change."""

from __future__ import annotations

from serverless_tax.widgets.market.figures import MARKET, crossings, market, needed
from serverless_tax.widgets.market.words import CROSSES, market_words
from serverless_tax.widgets.still import bars, split
from serverless_tax.widgets.widget import Numbers, Quantities, Widget


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("market_aws_lambda_usd", "usd", "AWS Lambda, a month"),
        ("waits_at_once", "number", "waiting at any moment"),
    )
    rows = [(q[f"market_{each['slug']}_usd"], each) for each in market_words()]
    rows.sort(key=lambda row: row[0])
    listed = ((each["name"], usd, split(q, f"market_{each['slug']}")) for usd, each in rows)
    return numbers, bars(listed)


WIDGET = Widget(
    kind="market",
    caption=(
        "{requests_per_month:requests} that wait {generate_ms:ms} each cost"
        " {market_aws_lambda_usd:usd} a month on Lambda, {market_aws_fargate_usd:usd} in shared"
        " containers on the same chip, and {market_cloudflare_workers_usd:usd} where only CPU is"
        " billed."
    ),
    still=_still,
    figures=market,
    sought=crossings,
    reads=("waits_at_once",),
    words=lambda: {"MARKET": market_words(), "CROSSES": CROSSES},
    designs=tuple(map(needed, MARKET)),
)
