"""The book's figures: matplotlib, one style, a light and a dark version that the page switches."""

from serverless_tax.book.figures.bars import bill_bars, dot_row, waiting_hours
from serverless_tax.book.figures.curves import (
    break_even_curve,
    unpriced,
)
from serverless_tax.book.figures.figure import CPU, IDLE, WAITING, Plot
from serverless_tax.book.figures.memory import memory_curves
from serverless_tax.book.figures.recordings import Run, arrivals
from serverless_tax.book.figures.staircase import staircase
from serverless_tax.book.figures.tornado import tornado
from serverless_tax.book.figures.traffic import answer_lengths, sharing_curve
from serverless_tax.book.figures.vendors import eras_chart, speed_ranges, waiting_shares

__all__ = [
    "CPU",
    "IDLE",
    "WAITING",
    "Plot",
    "Run",
    "answer_lengths",
    "arrivals",
    "bill_bars",
    "break_even_curve",
    "dot_row",
    "eras_chart",
    "memory_curves",
    "sharing_curve",
    "speed_ranges",
    "staircase",
    "tornado",
    "unpriced",
    "waiting_hours",
    "waiting_shares",
]
