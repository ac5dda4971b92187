"""What Cost Explorer answers, grouped by usage type, as rows of a bill.

``aws ce get-cost-and-usage --metrics UnblendedCost UsageQuantity --group-by
Type=DIMENSION,Key=USAGE_TYPE`` is a bill that needs no export. A second group may be a region, an
account, a service, a kind of line or a resource. Source:
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from serverless_tax.ground.units import InvalidQuantity

#: What a group is by, and the column of a Cost and Usage Report that has it.
_BY = {
    "USAGE_TYPE": "line_item_usage_type",
    "LINKED_ACCOUNT": "line_item_usage_account_id",
    "REGION": "product_region_code",
    "RESOURCE_ID": "line_item_resource_id",
    "SERVICE": "line_item_product_code",
    "RECORD_TYPE": "line_item_line_item_type",
}
_QUANTITY, _USD, _AMORTISED = "UsageQuantity", "UnblendedCost", "AmortizedCost"
_DAY, _USED = "line_item_usage_start_date", "line_item_usage_amount"
_COST, _EFFECTIVE = "line_item_unblended_cost", "savings_plan_savings_plan_effective_cost"
_CURRENCY = "line_item_currency_code"
#: The columns of the rows.
COLUMNS = (*_BY.values(), _DAY, _USED, _COST, _EFFECTIVE, _CURRENCY)
_ASK = (
    "ask with --metrics UnblendedCost UsageQuantity --group-by Type=DIMENSION,Key=USAGE_TYPE, and"
    " with --output json"
)
_DECODER = json.JSONDecoder()


def rows_in(text: str, label: str) -> list[tuple[str, ...]] | None:
    """Return what an answer of Cost Explorer says, or several of them; None if it is none.

    A row of more than a day has no day, for it is of all of them.

    Raises:
        InvalidQuantity: if its groups do not say what was used, or how much.
    """
    if '"ResultsByTime"' not in text:
        return None
    return [row for answer in _answers(text) for row in _rows(answer, label)]


def _answers(text: str) -> Iterator[dict[str, Any]]:
    at = 0
    while (begin := text.find("{", at)) >= 0:
        try:
            value, at = _DECODER.raw_decode(text, begin)
        except ValueError:
            return
        if isinstance(value, dict) and "ResultsByTime" in value:
            yield value


def _rows(answer: dict[str, Any], label: str) -> Iterator[tuple[str, ...]]:
    groups = [str(one.get("Key")) for one in answer.get("GroupDefinitions") or []]
    if "USAGE_TYPE" not in groups:
        by = " and ".join(groups) or "nothing"
        msg = f"{label} is of Cost Explorer, grouped by {by}, which says no usage type: {_ASK}."
        raise InvalidQuantity(msg)
    for period in answer["ResultsByTime"]:
        span = period.get("TimePeriod") or {}
        day = _day(str(span.get("Start", "")), str(span.get("End", "")))
        for one in period.get("Groups") or []:
            amounts = one.get("Metrics") or {}
            if _QUANTITY not in amounts:
                msg = f"{label} is of Cost Explorer, and says no {_QUANTITY}: {_ASK}."
                raise InvalidQuantity(msg)
            pairs = zip(groups, one["Keys"], strict=True)
            said = {_BY[key]: str(of) for key, of in pairs if key in _BY}
            cost = amounts.get(_USD) or amounts.get(_AMORTISED) or {}
            said |= {_DAY: day, _CURRENCY: str(cost.get("Unit", ""))}
            figures = (
                (_USED, amounts[_QUANTITY]),
                (_COST, cost),
                (_EFFECTIVE, amounts.get(_AMORTISED)),
            )
            said |= {column: str((figure or {}).get("Amount", "")) for column, figure in figures}
            yield tuple(said.get(name, "") for name in COLUMNS)


def _day(start: str, end: str) -> str:
    """Return the day of a period that is one, or nothing."""
    try:
        days = (date.fromisoformat(end[:10]) - date.fromisoformat(start[:10])).days
    except ValueError:
        return ""
    return start[:10] if days <= 1 else ""
