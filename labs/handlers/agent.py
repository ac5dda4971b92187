"""An agent that suspends: it asks the model, sleeps, is woken with the answer, and asks a person.

It is AWS's own SDK for durable functions. A step is done once; what it returned is kept. While
`result()` has none the function is suspended, and nobody is billed.
"""

import json
import os
import urllib.request

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration
from metered import metered

HEADERS = {
    "Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}",
    "Content-Type": "application/json",
}
A_DAY = CallbackConfig(timeout=Duration.from_days(1))
PART = 512  # the provider takes values of metadata up to here


def ask(event: dict, ticket: dict) -> str:
    """Hand the question over; the answer will come to the webhook, with the ticket."""
    text = json.dumps(ticket)
    metadata = {f"ticket{at // PART}": text[at : at + PART] for at in range(0, len(text), PART)}
    if event.get("webhook_url"):
        metadata["webhook_url"] = event["webhook_url"]
    body = {"model": os.environ["MODEL"], "input": event["question"], "background": True}
    if "max_tokens" in event:
        body["max_output_tokens"] = event["max_tokens"]
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/responses",
        data=json.dumps({**body, "metadata": metadata}).encode(),
        headers=HEADERS,
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["id"]


@metered
@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    """Ask the model, then a person; return what both have said."""
    model = context.create_callback(name="model", config=A_DAY)
    ticket = {"callback": model.callback_id}
    asked = context.step(lambda _: ask(event, ticket), name="ask")
    answer = json.loads(model.result())
    person = context.create_callback(name="person", config=A_DAY)
    said = json.loads(person.result())
    return {"asked": asked, "tokens": answer["tokens"], "approved": said["approved"]}


@metered
def start(event: dict, context: object) -> dict:
    """The first state of the Step Functions form: ask, with the task's token as the ticket."""
    return {"asked": ask(event, {"task": event["token"]})}
