"""How long an idle environment is kept: drawn from what was measured on AWS, which names no figure.

Source: https://arxiv.org/abs/2506.01283
"""

from __future__ import annotations

import random

import numpy as np

from serverless_tax.ground.lambda_facts import IDLE_GONE


def drawn_idle_s() -> float:
    """Return after how many idle seconds an environment goes: none within 60, all by 360."""
    seconds, gone = zip(*IDLE_GONE, strict=True)
    return float(np.interp(random.random(), gone, seconds))  # noqa: S311 - no secret
