"""Arrivals, shared instances, and real traffic to price.

The pages' script contains none of it: these files simulate, read files and draw at random.
"""

from serverless_tax.traffic.closed_forms import Instances, instances, kept_share, load
from serverless_tax.traffic.loader import load_trace
from serverless_tax.traffic.realistic import TRACES, realistic_arrivals, realistic_month
from serverless_tax.traffic.requests import Trace
from serverless_tax.traffic.simulation import Simulation, simulate

__all__ = [
    "TRACES",
    "Instances",
    "Simulation",
    "Trace",
    "instances",
    "kept_share",
    "load",
    "load_trace",
    "realistic_arrivals",
    "realistic_month",
    "simulate",
]
