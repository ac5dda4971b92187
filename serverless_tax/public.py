"""What `serverless_tax` offers, from the modules that have it."""

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.bill.lines import LineItem
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms import platforms
from serverless_tax.prices import UnknownPrice
from serverless_tax.questions.advise import Advice, advise
from serverless_tax.questions.answers import Answers
from serverless_tax.questions.batching import Batch, batching
from serverless_tax.questions.break_even import BreakEven, Crossing, break_even
from serverless_tax.questions.compare import compare, sweep, tax_multiple, tax_share
from serverless_tax.questions.cpu_budget import CpuBudget, cpu_budget
from serverless_tax.questions.days import Era, eras, history
from serverless_tax.questions.decide import Decision, decide
from serverless_tax.questions.facts import Facts
from serverless_tax.questions.ladder import Rung, ladder
from serverless_tax.questions.sensitivity import Pair, Sensitivity, sensitivity
from serverless_tax.questions.waiting_rate import WaitingRate, waiting_rate
from serverless_tax.questions.what_moves import Move, WhatMoves, what_moves
from serverless_tax.questions.whole_bill import WholeBill, by_speed, whole_bill
from serverless_tax.request.workload import Step, Workload

__all__ = [
    "Advice",
    "Answers",
    "Batch",
    "Bill",
    "BreakEven",
    "CpuBudget",
    "Crossing",
    "Decision",
    "Era",
    "Facts",
    "InvalidQuantity",
    "LineItem",
    "Move",
    "Pair",
    "Rung",
    "Sensitivity",
    "Step",
    "UnknownPrice",
    "WaitingRate",
    "WhatMoves",
    "WholeBill",
    "Workload",
    "advise",
    "batching",
    "bill",
    "break_even",
    "by_speed",
    "compare",
    "cpu_budget",
    "decide",
    "eras",
    "history",
    "ladder",
    "platforms",
    "sensitivity",
    "sweep",
    "tax_multiple",
    "tax_share",
    "waiting_rate",
    "what_moves",
    "whole_bill",
]
