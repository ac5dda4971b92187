"""NAT gateways: the way to the model for what has no public address of its own.

While a request waits they bill their hours, as they do when none does, and every gigabyte of
what comes back: an answer that streams comes in many small pieces, each in an envelope.
Source: https://aws.amazon.com/vpc/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import capacity

#: One in each of two zones, so that one zone can fail.
GATEWAYS = 2

#: A gigabyte, as for data transfer; the price page does not say.
GB = 1024**3

#: Bytes in which the model's API streams one token: a chunk of OpenAI's Chat Completions from
#: gpt-4o-mini, in the form that this package's stand-in for that API sends.
CHUNK_BYTES = 319


def usage(w: Request) -> dict[str, Quantity]:
    """Gigabytes between the code and the model, both ways: the prompt, and the answer's chunks.

    Without a streaming step the answer comes as plain text. Requests and answers of clients go
    through the front door, not through here.
    """
    streams = w.streaming_ms > 0
    in_each = CHUNK_BYTES * streams + w.bytes_per_output_token * (1 - streams)
    passed = w.input_tokens * w.bytes_per_output_token + w.output_tokens * in_each
    return {"nat_gateway_gb": w.requests_per_month * (passed / GB)}


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """The gateways' hours, all month; in use while any request is in flight."""
    hours = w.hours_per_month
    return {
        "nat_gateway_hours": GATEWAYS * hours,
        "nat_gateway_used_hours": GATEWAYS * capacity.occupied_hours(used, hours),
    }


PLATFORM = Platform(
    id="aws-nat-gateway",
    name="NAT gateway",
    waits="Bills its hours whether or not a request waits, and each gigabyte that passes.",
    source="https://aws.amazon.com/vpc/pricing/",
    usage=usage,
    month=month,
    serves=False,
)
