"""A question about your documents, answered by a model: what most LLM wrappers do.

Runs unchanged on AWS Lambda. CLIENT names the module that talks to the model; everything else is
the same for all of them.
"""

import importlib
import json
import os
import time
import urllib.request

from metered import metered

client = importlib.import_module(f"client_{os.environ['CLIENT']}")


def retrieve(question: str) -> list[str]:
    """Look the question up in the vector index; without one, only wait as long as it would take."""
    url = os.environ.get("VECTOR_URL")
    if not url:
        time.sleep(0.050)
        return ["No index here."]
    request = urllib.request.Request(
        f"{url}/search",
        data=json.dumps({"query": question, "top_k": 3}).encode(),
        headers={"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return [match["text"] for match in json.load(response)["matches"]]


def build_prompt(question: str, passages: list[str]) -> str:
    """Put the passages before the question."""
    return "Answer from these passages:\n" + "\n".join(passages) + f"\n\nQuestion: {question}"


@metered
def handler(event: dict, context: object) -> dict:
    """Answer event["question"] in at most event["max_tokens"] tokens.

    event["documents_mb"] says how much it holds in memory meanwhile, beside its own code.
    """
    documents = b"x" * (event.get("documents_mb", 0) * 1024 * 1024)
    passages = retrieve(event["question"])
    prompt = build_prompt(event["question"], passages)
    text, output_tokens = client.complete(prompt, event["max_tokens"])
    return {"answer": text, "output_tokens": output_tokens, "documents_bytes": len(documents)}
