"""The trust policy of a role: which services may assume it."""

from __future__ import annotations

import json


def trusted_by(*services: str) -> str:
    """Return the policy that lets services such as ``lambda.amazonaws.com`` assume a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


#: What most roles of a lab, a benchmark and a test have.
OF_LAMBDA = trusted_by("lambda.amazonaws.com")
