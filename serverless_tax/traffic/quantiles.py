"""The quantiles of two real traces, and how they were computed.

``python -m serverless_tax.traffic.quantiles CONVERSATION.csv CODE.csv`` prints the file again
from the two traces. The package contains the computed facts, and not the traces.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from serverless_tax.traffic.loader import load_trace

#: Levels of the quantiles: every half percent, and the ends more finely.
LEVELS = (*(round(k / 200, 3) for k in range(200)), 0.998, 0.999, 0.9995, 0.9999, 1.0)

CITATION = (
    "Computed from the Azure LLM inference trace 2023 (Azure/AzurePublicDataset, CC BY 4.0),"
    " published with P. Patel et al., Splitwise: Efficient generative LLM inference using phase"
    " splitting, ISCA 2024."
)
SOURCE = "https://github.com/Azure/AzurePublicDataset/blob/master/AzureLLMInferenceDataset2023.md"


@cache
def table() -> dict[str, Any]:
    """Return the shipped table: ``levels``, ``citation``, ``source`` and the two ``traces``."""
    text = files("serverless_tax.traffic").joinpath("azure-2023.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def computed(paths: dict[str, str]) -> dict[str, Any]:
    """Compute the table from the files of the traces, by name."""
    return {
        "citation": CITATION,
        "source": SOURCE,
        "levels": LEVELS,
        "traces": {name: _facts(path) for name, path in paths.items()},
    }


def _facts(path: str) -> dict[str, Any]:
    trace = load_trace(path)
    gaps = np.diff(trace.arrivals_s)
    return {
        "requests": len(trace),
        "span_s": round(trace.span_s, 3),
        "peak_to_mean": round(trace.peak_to_mean, 3),
        "mean_input_tokens": round(float(np.mean(trace.input_tokens)), 3),
        "mean_output_tokens": round(float(np.mean(trace.output_tokens)), 3),
        "mean_gap_s": round(float(np.mean(gaps)), 6),
        "input_tokens": _counts(trace.input_tokens),
        "output_tokens": _counts(trace.output_tokens),
        "minute_counts": sorted(int(count) for count in trace.minute_counts()),
        "gap_s": [round(float(v), 6) for v in np.quantile(gaps, LEVELS)],
    }


def _counts(tokens: Any) -> list[int]:
    """Return quantiles; each is a count that occurred."""
    return [int(v) for v in np.quantile(tokens, LEVELS, method="inverted_cdf")]


def main(arguments: list[str]) -> None:
    """Print the table of two files."""
    if len(arguments) != len(("conversation", "code")):
        sys.exit("usage: python -m serverless_tax.traffic.quantiles CONVERSATION.csv CODE.csv")
    paths = dict(zip(("conversation", "code"), arguments, strict=True))
    sys.stdout.write(json.dumps(computed(paths), indent=0) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
