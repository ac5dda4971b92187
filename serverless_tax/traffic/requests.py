"""Real requests: the arrival of each, and its tokens in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.ground.settings import HOURS_PER_MONTH
from serverless_tax.request.presets import measured_client
from serverless_tax.request.workload import Workload

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Requests in the order of their arrival; ``source`` names the file.

    ``arrivals_s`` are seconds since the first request.
    """

    name: str
    source: str
    arrivals_s: Any
    input_tokens: Any
    output_tokens: Any

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.arrivals_s)

    @property
    def span_s(self) -> float:
        """Seconds from the first request to the last."""
        return float(self.arrivals_s[-1] - self.arrivals_s[0])

    @property
    def requests_per_month(self) -> float:
        """Requests of a month at this rate; if all came at once, their number."""
        if not self.span_s:
            return float(len(self))
        return (len(self) - 1) / self.span_s * HOURS_PER_MONTH * 3600

    @property
    def peak_to_mean(self) -> float:
        """Requests of the busiest minute over those of a mean minute, at least 1."""
        if self.span_s < _MINUTE_S:
            return 1.0
        counts = self.minute_counts()
        return max(float(np.max(counts) / np.mean(counts)), 1.0)

    def minute_counts(self) -> Any:
        """Return the number of arrivals in each whole minute."""
        minutes = np.floor(self.arrivals_s / _MINUTE_S).astype(int)
        return np.bincount(minutes)[: int(self.span_s // _MINUTE_S)]

    def lengths_s(self, tokens_per_second: float = 80.0, first_token_ms: float = 500.0) -> Any:
        """Return the seconds that each request waits for its model, at that speed."""
        return first_token_ms / 1000 + self.output_tokens / tokens_per_second

    def to_workload(
        self,
        *,
        tokens_per_second: float = 80.0,
        first_token_ms: float = 500.0,
        **fields: Any,
    ) -> Workload:
        """Return a sample of requests, each with its own tokens, for a month at this rate.

        Each waits for the first token and then for the others, at the given speed. The default is
        a function of 1,024 MB with the CPU that the first lab measured.
        """
        return sample_workload(
            self.input_tokens,
            self.output_tokens,
            tokens_per_second,
            first_token_ms,
            {"requests_per_month": self.requests_per_month, "peak_to_mean": self.peak_to_mean}
            | fields,
        )

    def summary(self) -> dict[str, float]:
        """Return the trace's main figures."""
        gaps = np.diff(self.arrivals_s)
        spread = float(np.std(gaps) / np.mean(gaps)) if self.span_s else 0.0
        return {
            "requests": float(len(self)),
            "span_s": self.span_s,
            "mean_input_tokens": float(np.mean(self.input_tokens)),
            "mean_output_tokens": float(np.mean(self.output_tokens)),
            "median_output_tokens": float(np.median(self.output_tokens)),
            "p99_output_tokens": float(np.quantile(self.output_tokens, 0.99)),
            "gap_variation": spread,
            "peak_to_mean": self.peak_to_mean,
        }


def sample_workload(
    input_tokens: Any,
    output_tokens: Any,
    tokens_per_second: float,
    first_token_ms: float,
    fields: dict[str, Any],
) -> Workload:
    """Return the workload of a sample of requests, each with its own tokens."""
    client = measured_client()
    usual = {
        "memory_mb": 1024,
        "cpu_ms": client["fixed_cpu_ms"],
        "cpu_ms_per_output_token": client["cpu_ms_per_output_token"],
        "wait_ms": first_token_ms,
        "streaming_ms": np.asarray(output_tokens, float) / tokens_per_second * 1000,
        "output_tokens": output_tokens,
        "input_tokens": input_tokens,
    }
    return Workload(**(usual | fields))
