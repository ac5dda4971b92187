"""The trust policy of a role that Lambda may assume, for the functions of the benchmarks."""

from __future__ import annotations

import json

_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
OF_LAMBDA = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
