"""What the local cloud adds to an invocation, against ministack's own way of running it.

Both run the same function in the same run, one after the other, so that only ratios travel between
machines: start, warm invocations, fifty environments started at once and the memory they hold. And
how much more than the handler's own clock is billed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.http import loopback_socket
from serverless_tax.cloud.roles import OF_LAMBDA

WARM, COLD = 100, 50
HANDLER = """
import time
def handler(event, context):
    began = time.perf_counter()
    time.sleep(event.get("sleep_s", 0))
    return 1000 * (time.perf_counter() - began)
"""


@contextlib.contextmanager
def ministack_alone(folder: Path) -> Iterator[dict[str, Any]]:
    """Run ministack as it comes."""
    with loopback_socket() as probe:
        port = probe.getsockname()[1]
    variables = {**os.environ, "GATEWAY_PORT": str(port), "MINISTACK_HOST": "127.0.0.1"}
    variables |= {"TMPDIR": str(folder), "S3_DATA_DIR": str(folder / "s3"), "SFTP_ENABLED": "0"}
    variables |= {"IOT_MTLS_ENABLED": "0", "DOCKER_HOST": f"unix://{folder}/no-docker.sock"}
    command = [sys.executable, "-m", "ministack"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=variables, stdout=quiet, stderr=quiet)
    try:
        yield {
            "endpoint_url": f"http://127.0.0.1:{port}",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
        }
    finally:
        process.terminate()
        process.wait()


def client_of(kwargs: dict[str, Any]) -> Any:
    """A Lambda client that opens as many connections as it needs."""
    return boto3.client("lambda", config=Config(max_pool_connections=COLD), **kwargs)


def deploy(client: Any, name: str) -> None:
    """Create the function, as soon as the cloud answers."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", HANDLER)
    role = "arn:aws:iam::000000000000:role/bench"
    limit = time.monotonic() + 30
    while True:
        try:
            client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role=role,
                Handler="app.handler",
                Code={"ZipFile": archive.getvalue()},
                Timeout=60,
            )
            break
        except (BotoCoreError, ClientError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def invoke(client: Any, name: str, sleep_s: float = 0) -> float:
    """Invoke; return what the handler's own clock says, in milliseconds."""
    answer = client.invoke(FunctionName=name, Payload=json.dumps({"sleep_s": sleep_s}))
    return float(json.load(answer["Payload"]))


def measure(kwargs: dict[str, Any]) -> dict[str, float]:
    """Return the figures of one cloud."""
    client = client_of(kwargs)
    iam = boto3.client("iam", **kwargs)
    iam.create_role(RoleName="bench", AssumeRolePolicyDocument=OF_LAMBDA)
    deploy(client, "warm")
    invoke(client, "warm")
    warm_ms = []
    for _ in range(WARM):
        began = time.perf_counter()
        invoke(client, "warm")
        warm_ms.append(1000 * (time.perf_counter() - began))
    deploy(client, "cold")
    began = time.perf_counter()
    with ThreadPoolExecutor(COLD) as pool:
        list(pool.map(lambda _: invoke(client, "cold", 1.0), range(COLD)))
    return {"warm_ms": statistics.median(warm_ms), "cold_s": time.perf_counter() - began}


def environments_mb(server: int) -> tuple[int, float]:
    """Return how many processes a server has started, and the memory they share out (PSS), MB."""
    total_kb, count = 0, 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, StopIteration):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if parent != str(server):
                continue
            lines = (process / "smaps_rollup").read_text().splitlines()
            total_kb += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
            count += 1
    return count, total_kb / 1024


def main() -> None:
    """Print a line for each figure."""
    began = time.perf_counter()
    with LocalCloud() as cloud:
        start_s = time.perf_counter() - began
        ours = measure(cloud.boto3_kwargs)
        count, memory_mb = environments_mb(cloud.pid)
        client = client_of(cloud.boto3_kwargs)
        own_ms = [invoke(client, "warm", 0.2) for _ in range(20)]
        billed_ms = [reading.billed_ms for reading in cloud.readings()[-20:]]
        more_ms = [billed - own for billed, own in zip(billed_ms, own_ms, strict=True)]
    with tempfile.TemporaryDirectory() as folder, ministack_alone(Path(folder)) as kwargs:
        alone = measure(kwargs)
    print(f"start: {start_s:.2f} s (target <= 3)")
    for key, what in (("warm_ms", "warm invocation, ms"), ("cold_s", f"{COLD} cold at once, s")):
        ratio = ours[key] / alone[key]
        print(f"{what}: {ours[key]:.2f}, ministack {alone[key]:.2f}, ratio {ratio:.2f}")
    print(f"{count} environments: {memory_mb:.0f} MB (PSS), {memory_mb / count:.1f} each")
    print(
        f"billed over the handler's own clock: {statistics.median(more_ms):.2f} ms, rounding in it"
    )


if __name__ == "__main__":
    main()
