"""What the local cloud holds, and what it keeps afterwards: descriptors, processes, memory.

2,000 warm calls one after the other, 200 environments at once, 1,000 messages through one socket,
100 streams at once. Each line says how many were lost; the last ones what the server has at its
start, under load, and after its functions are deleted.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import statistics
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import websockets
from botocore.config import Config

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.function.sandbox import descendants
from serverless_tax.cloud.roles import OF_LAMBDA

WARM, AT_ONCE, MESSAGES, STREAMS, PIECES = 2000, 200, 1000, 100, 20
KEPT_ALIVE_S = 6  # the server closes a connection that is idle for five seconds
ROLE = "arn:aws:iam::000000000000:role/bench"
PYTHON = """
import json, os, time
def handler(event, context):
    if "requestContext" in event and event["requestContext"]["eventType"] == "MESSAGE":
        import boto3
        client = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CALLBACK_URL"])
        for n in range(json.loads(event["body"])["count"]):
            client.post_to_connection(
                ConnectionId=event["requestContext"]["connectionId"], Data=str(n).encode())
        return {"statusCode": 200}
    time.sleep(event.get("sleep_s", 0))
    return {"statusCode": 200, "n": event.get("n")}
"""
NODE = f"""
exports.handler = awslambda.streamifyResponse(async (event, stream) => {{
  for (let n = 0; n < {PIECES}; n++) {{
    stream.write(`${{n}} `);
    await new Promise((done) => setTimeout(done, 100));
  }}
  stream.end();
}});
"""


def deploy(client: Any, name: str, file: str, code: str, **more: Any) -> None:
    """Make a function of one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr(file, code)
    settings = {"Role": ROLE, "Handler": "app.handler", "Timeout": 120, **more}
    client.create_function(FunctionName=name, Code={"ZipFile": archive.getvalue()}, **settings)
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def held(cloud: LocalCloud) -> str:
    """What the server and its processes have at this moment."""
    pids = [cloud.pid, *descendants(cloud.pid)]
    handles = len(os.listdir(f"/proc/{cloud.pid}/fd"))  # noqa: PTH208 - a count
    lines = Path(f"/proc/{cloud.pid}/status").read_text().splitlines()
    resident_kib = int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
    return f"{handles} descriptors, {len(pids)} processes, {resident_kib / 1024:.0f} MB"


def warm(client: Any) -> str:
    """Calls one after the other, of one environment."""
    took_ms, lost = [], 0
    for n in range(WARM + 1):
        began = time.perf_counter()
        answer = client.invoke(FunctionName="python", Payload=json.dumps({"n": n}))
        lost += json.load(answer["Payload"])["n"] != n
        took_ms.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(took_ms[1:], n=100)
    return f"median {cuts[49]:.1f} ms, 99th percentile {cuts[98]:.1f} ms, {lost} lost"


def at_once(client: Any, cloud: LocalCloud) -> str:
    """As many environments as calls."""

    def one(n: int) -> bool:
        asked = json.dumps({"n": n, "sleep_s": 1})
        answer = client.invoke(FunctionName="python", Payload=asked)
        return bool(json.load(answer["Payload"])["n"] == n)

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        right = sum(pool.map(one, range(AT_ONCE)))
    return f"{time.perf_counter() - began:.1f} s, {AT_ONCE - right} lost; {held(cloud)}"


def messages(cloud: LocalCloud, client: Any) -> str:
    """One handler sends them to one socket, each with a signed call."""
    gateway = boto3.client("apigatewayv2", **cloud.boto3_kwargs)
    route = "$request.body.action"
    api = gateway.create_api(Name="load", ProtocolType="WEBSOCKET", RouteSelectionExpression=route)
    of_api = {"ApiId": api["ApiId"]}
    arn = client.get_function(FunctionName="python")["Configuration"]["FunctionArn"]
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    made = gateway.create_integration(**of_api, IntegrationType="AWS_PROXY", IntegrationUri=uri)
    for key in ("$connect", "$default", "$disconnect"):
        gateway.create_route(**of_api, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")
    gateway.create_stage(**of_api, StageName="prod", AutoDeploy=True)
    client.add_permission(
        FunctionName="python",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    variables = {"CALLBACK_URL": cloud.callback_url(api["ApiId"], "prod")}
    client.update_function_configuration(
        FunctionName="python", Environment={"Variables": variables}
    )
    client.get_waiter("function_updated_v2").wait(FunctionName="python")

    async def talk() -> list[str]:
        url = cloud.local_url(api["ApiEndpoint"] + "/prod")
        async with websockets.connect(url, open_timeout=60) as socket:
            await socket.send(json.dumps({"count": MESSAGES}))
            return [str(await asyncio.wait_for(socket.recv(), 60)) for _ in range(MESSAGES)]

    began = time.perf_counter()
    came = asyncio.run(talk())
    in_order = "in order" if came == [str(n) for n in range(MESSAGES)] else "NOT in order"
    gateway.delete_api(**of_api)
    return f"{time.perf_counter() - began:.1f} s, {in_order}"


def streams(client: Any) -> str:
    """Streamed answers at once, read to their ends."""

    def one(_: int) -> bool:
        found = client.invoke_with_response_stream(FunctionName="node")["EventStream"]
        pieces = b"".join(e["PayloadChunk"]["Payload"] for e in found if "PayloadChunk" in e)
        return pieces.decode().split() == [str(n) for n in range(PIECES)]

    began = time.perf_counter()
    with ThreadPoolExecutor(STREAMS) as pool:
        right = sum(pool.map(one, range(STREAMS)))
    return f"{time.perf_counter() - began:.1f} s, {STREAMS - right} lost"


def main() -> None:
    """Print a line for each load."""
    with LocalCloud() as cloud:
        patient = Config(
            max_pool_connections=AT_ONCE, read_timeout=240, retries={"max_attempts": 1}
        )
        client = boto3.client("lambda", config=patient, **cloud.boto3_kwargs)
        iam = boto3.client("iam", **cloud.boto3_kwargs)
        iam.create_role(RoleName="bench", AssumeRolePolicyDocument=OF_LAMBDA)
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")
        print(f"at its start: {held(cloud)}")
        deploy(client, "python", "app.py", PYTHON, Runtime="python3.13")
        deploy(client, "node", "app.js", NODE, Runtime="nodejs22.x")
        print(f"{WARM:,} warm calls: {warm(client)}", flush=True)
        print(f"{AT_ONCE} environments at once: {at_once(client, cloud)}", flush=True)
        print(f"{MESSAGES:,} messages: {messages(cloud, client)}", flush=True)
        print(f"{STREAMS} streams at once: {streams(client)}", flush=True)
        for name in ("python", "node"):
            client.delete_function(FunctionName=name)
        until = time.monotonic() + 20
        while len(descendants(cloud.pid)) > 1 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(KEPT_ALIVE_S)  # until then the client's pool holds its connections
        print(f"its functions deleted: {held(cloud)}")
        folder, server = cloud._child.folder, cloud.pid  # noqa: SLF001 - is it left behind?
    left = Path(f"/proc/{server}").exists() or folder.exists()
    print("closed: " + ("something is left" if left else "no process and no folder"))


if __name__ == "__main__":
    main()
