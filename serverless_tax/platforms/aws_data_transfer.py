"""AWS data transfer to the internet: the bytes of an answer, and of the prompt to the model.

While a request waits nothing leaves, so nothing is billed. What comes in is free: the request,
and the model's answer. A model inside the same region would make the prompt free too; then set
``input_tokens`` to 0.
Source: https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
"""

from __future__ import annotations

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import timeline

#: A gigabyte of transfer: AWS's own examples make 15 million kilobytes 14.3 GB.
#: Source: https://aws.amazon.com/api-gateway/pricing/, "Edge Optimized and Regional APIs"
GB = 1024**3


def usage(w: Request) -> dict[str, Quantity]:
    """Gigabytes that leave: answers to clients, prompts to the model. Headers are left out."""
    prompt_bytes = w.input_tokens * w.bytes_per_output_token
    out_bytes = timeline.answer_bytes(w) + prompt_bytes
    return {"transfer_out_gb": w.requests_per_month * (out_bytes / GB)}


PLATFORM = Platform(
    id="aws-data-transfer",
    name="Data transfer out",
    waits="Bills bytes that leave AWS, so nothing while a request waits.",
    source="https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer",
    usage=usage,
    serves=False,
)
