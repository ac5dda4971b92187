"""A shared worker: takes jobs from a queue, streams each answer, posts its tokens to the client.

One asyncio process holds all the answers at once, as a container would that is always on. Jobs come
from QUEUE_URL; each token leaves by a signed call to CALLBACK_URL. Needs boto3 and httpx.
"""

import asyncio
import json
import os
from urllib.parse import quote

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

SESSION = boto3.Session()
SIGNER = SigV4Auth(SESSION.get_credentials(), "execute-api", os.environ["AWS_REGION"])
QUEUE = SESSION.client("sqs", region_name=os.environ["AWS_REGION"])
QUEUE_URL, CALLBACK_URL = os.environ["QUEUE_URL"], os.environ["CALLBACK_URL"]


async def post(client: httpx.AsyncClient, connection_id: str, message: dict) -> None:
    """One signed @connections call."""
    url = f"{CALLBACK_URL}/@connections/{quote(connection_id, safe='')}"
    request = AWSRequest("POST", url, data=json.dumps(message).encode())
    SIGNER.add_auth(request)
    reply = await client.post(url, content=request.body, headers=dict(request.headers))
    reply.raise_for_status()  # 410 says that the client has gone: the answer is then given up


async def answer(client: httpx.AsyncClient, job: dict) -> None:
    """Own one answer from its first token to its last."""
    asked = {
        "model": os.environ["MODEL"],
        "stream": True,
        "max_completion_tokens": job["max_tokens"],
        "messages": [{"role": "user", "content": "Why is my bill so high?"}],
    }
    key = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    url = f"{os.environ['OPENAI_BASE_URL']}/chat/completions"
    async with client.stream("POST", url, json=asked, headers=key) as stream:
        stream.raise_for_status()
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                [choice] = json.loads(line[6:])["choices"]
                if token := choice["delta"].get("content"):
                    await post(client, job["connection_id"], {"to": job["id"], "tokens": [token]})


async def main() -> None:
    """Take jobs for as long as the process lives; each is a task of its own."""
    running = set()
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        print("ready", flush=True)
        while True:
            taken = await asyncio.to_thread(
                QUEUE.receive_message, QueueUrl=QUEUE_URL, WaitTimeSeconds=1
            )
            for message in taken.get("Messages", []):
                QUEUE.delete_message(QueueUrl=QUEUE_URL, ReceiptHandle=message["ReceiptHandle"])
                task = asyncio.create_task(answer(client, json.loads(message["Body"])))
                running.add(task)
                task.add_done_callback(running.discard)


if __name__ == "__main__":
    asyncio.run(main())
