"""The provider's webhook: it takes the finished answer and wakes who waits for it.

Who waits stands in the ticket that went along with the question: a callback of a durable function,
or a task of a Step Functions workflow.
"""

import base64
import hashlib
import hmac
import json
import os
import urllib.request

import boto3
from metered import metered


def is_signed(headers: dict, body: str) -> bool:
    """Whether the event is the provider's: https://www.standardwebhooks.com."""
    secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    expected = base64.b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")


def fetch(response_id: str) -> dict:
    """The answer with its metadata."""
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/responses/{response_id}",
        headers={"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


@metered
def handler(event: dict, context: object) -> dict:
    """Check the signature, fetch the answer, wake the waiting one with it."""
    headers = {name.lower(): value for name, value in event["headers"].items()}
    body = event["body"]
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    if not is_signed(headers, body):
        return {"statusCode": 401}
    answer = fetch(json.loads(body)["data"]["id"])
    parts = sorted((key, text) for key, text in answer["metadata"].items() if key != "webhook_url")
    ticket = json.loads("".join(text for _, text in parts))
    result = json.dumps({"tokens": answer["usage"]["output_tokens"]})
    if "callback" in ticket:
        boto3.client("lambda").send_durable_execution_callback_success(
            CallbackId=ticket["callback"], Result=result
        )
    else:
        boto3.client("stepfunctions").send_task_success(taskToken=ticket["task"], output=result)
    return {"statusCode": 200}
