"""What serverless platforms charge for while a request waits: usage, prices, bills, the tax.

>>> from serverless_tax import Workload, bill
>>> month = bill("aws-lambda", Workload.preset("article"))
>>> round(month.waiting / month.total, 2)
1.0
"""

from serverless_tax.bill import Bill, bill
from serverless_tax.bill_lines import LineItem
from serverless_tax.compare import sweep, tax_multiple, tax_share
from serverless_tax.platforms import platforms
from serverless_tax.prices import UnknownPrice
from serverless_tax.units import InvalidQuantity
from serverless_tax.waiting import WaitingRate, waiting_rate
from serverless_tax.workload import Step, Workload

__version__ = "0.1.0"

__all__ = [
    "Bill",
    "InvalidQuantity",
    "LineItem",
    "Step",
    "UnknownPrice",
    "WaitingRate",
    "Workload",
    "bill",
    "platforms",
    "sweep",
    "tax_multiple",
    "tax_share",
    "waiting_rate",
]
