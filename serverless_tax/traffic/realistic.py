"""Realistic traffic, drawn from the quantiles of a real trace: no download, reproducible."""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.ground.checks import meant
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.request.workload import Workload
from serverless_tax.traffic.quantiles import table
from serverless_tax.traffic.requests import sample_workload

#: The available traffic: people who chat, and an assistant that completes code.
TRACES = ("conversation", "code")

_SEED = 2023
_MINUTE_S = 60.0


def realistic_month(
    name: str = "conversation",
    *,
    requests_per_month: float = 10_000_000,
    tokens_per_second: float = 80.0,
    first_token_ms: float = 500.0,
    sample_size: int = 100_000,
    seed: int = _SEED,
    **fields: Any,
) -> Workload:
    """Return a month of requests with the tokens of a real trace.

    Answers are drawn from the trace's quantiles, so those of a conversation have their two humps.
    Each request waits for the first token and then for the others. The peak over the mean is that
    of the busiest minute of the recorded hour. Other keywords are quantities of a
    :class:`Workload`; the default is a function of 1,024 MB with the CPU of the first lab.

    >>> requests = realistic_month("conversation")
    >>> bool(np.median(requests.output_tokens) < np.mean(requests.output_tokens))
    True

    Raises:
        InvalidQuantity: if there is no traffic of that name, or the sample is empty.
    """
    facts = _facts(name)
    if not sample_size >= 1:
        msg = f"sample_size is {sample_size}; expected at least one request."
        raise InvalidQuantity(msg)
    if not 0 < tokens_per_second < np.inf:
        msg = f"tokens_per_second is {tokens_per_second:g}; expected more than 0."
        raise InvalidQuantity(msg)
    random = np.random.default_rng(seed)
    read, written = (_drawn(facts[kind], random, sample_size) for kind in _TOKENS)
    fields = {
        "requests_per_month": requests_per_month,
        "peak_to_mean": facts["peak_to_mean"],
    } | fields
    return sample_workload(read, written, tokens_per_second, first_token_ms, fields)


def realistic_arrivals(name: str = "conversation", *, count: int, seed: int = _SEED) -> Any:
    """Return the arrivals of ``count`` requests in seconds, in bursts as in a real trace.

    Each minute is as busy as a recorded one, drawn at random. The gaps within it are drawn from the
    recorded ones and stretched to fill it. The order of the recorded minutes is not kept.

    Raises:
        InvalidQuantity: if there is no traffic of that name, or ``count`` is below 1.
    """
    facts, random = _facts(name), np.random.default_rng(seed)
    if not count >= 1:
        msg = f"count is {count}; expected at least one request."
        raise InvalidQuantity(msg)
    minutes: list[Any] = []
    drawn = 0
    while drawn < count:
        busy = int(random.choice(facts["minute_counts"]))
        if busy:
            gaps = np.interp(random.random(busy + 1), table()["levels"], facts["gap_s"])
            within = np.cumsum(gaps)[:-1] / np.sum(gaps)
            minutes.append((len(minutes) + within) * _MINUTE_S)
            drawn += busy
        else:
            minutes.append(np.empty(0))
    seconds = np.concatenate(minutes)[:count]
    return seconds - seconds[0]


_TOKENS = ("input_tokens", "output_tokens")


def _facts(name: str) -> dict[str, Any]:
    traces = table()["traces"]
    if name not in traces:
        hint = meant(name, TRACES, f"there are {' and '.join(TRACES)}.")
        msg = f"There is no traffic {name!r}; {hint}"
        raise InvalidQuantity(msg)
    facts: dict[str, Any] = traces[name]
    return facts


def _drawn(quantiles: list[float], random: Any, count: int) -> Any:
    """Draw from a distribution by its quantiles, with a sample mean close to its own.

    One draw falls into each of ``count`` equal shares of the distribution, in random order.
    """
    levels = (random.permutation(count) + random.random(count)) / count
    return np.round(np.interp(levels, table()["levels"], quantiles))
