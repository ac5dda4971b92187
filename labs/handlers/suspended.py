"""Ask, end, and be woken: two short invocations with the model's whole wait between them.

`submit` hands the question to the provider as a background response. `resume` is what the
provider's webhook calls when the answer is there; it checks the signature and fetches it.
"""

import base64
import hashlib
import hmac
import json
import os
import urllib.error
import urllib.request

from metered import metered

HEADERS = {
    "Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}",
    "Content-Type": "application/json",
}


def call(path: str, body: dict | None = None) -> dict:
    """One request to the provider."""
    data = json.dumps(body).encode() if body else None
    url = f"{os.environ['OPENAI_BASE_URL']}{path}"
    request = urllib.request.Request(url, data=data, headers=HEADERS)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"the provider answered {refused.code}: {refused.read()!r}") from None


@metered
def submit(event: dict, context: object) -> dict:
    """Hand over the question; the answer will come to event["webhook_url"]."""
    asked = {
        "model": os.environ["MODEL"],
        "input": event["question"],
        "background": True,
        "metadata": {"webhook_url": event["webhook_url"]},
    }
    return {"id": call("/responses", asked)["id"]}


def is_signed(headers: dict, body: str) -> bool:
    """Whether the event is the provider's: https://www.standardwebhooks.com."""
    secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    expected = base64.b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{expected}")


@metered
def resume(event: dict, context: object) -> dict:
    """Take the finished answer; a real one would store it or send it on."""
    headers = {name.lower(): value for name, value in event["headers"].items()}
    body = event["body"]
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    if not is_signed(headers, body):
        return {"statusCode": 401}
    response = call(f"/responses/{json.loads(body)['data']['id']}")
    print(json.dumps({"answered": response["usage"]["output_tokens"]}))
    return {"statusCode": 200}
