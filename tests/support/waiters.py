"""How often boto3's waiters look at a local cloud: what is ready there is so at once."""

from __future__ import annotations

OFTEN = {"Delay": 0.02, "MaxAttempts": 500}
