"""The standard library's HTTP client: read a line, parse its JSON, next line."""

import http.client
import json
import os
from urllib.parse import urlsplit

BASE = urlsplit(os.environ["OPENAI_BASE_URL"])
CONNECTION = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}[BASE.scheme]


def complete(prompt: str, max_tokens: int) -> tuple[str, int]:
    """Stream one completion and collect it."""
    connection = CONNECTION(BASE.netloc, timeout=60)
    body = {
        "model": os.environ["MODEL"],
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {
        "Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}",
        "Content-Type": "application/json",
    }
    connection.request("POST", f"{BASE.path}/chat/completions", json.dumps(body), headers)
    words, output_tokens = [], 0
    with connection.getresponse() as response:
        if response.status != http.client.OK:
            raise RuntimeError(f"the provider answered {response.status}: {response.read()!r}")
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            chunk = json.loads(line[6:])
            if chunk["choices"]:
                words.append(chunk["choices"][0]["delta"].get("content") or "")
            if chunk["usage"]:
                output_tokens = chunk["usage"]["completion_tokens"]
    connection.close()
    return "".join(words), output_tokens
