"""Yield each token's text as it comes, with the standard library."""

import http.client
import json
import os
from collections.abc import Iterator

from client_http import BASE, CONNECTION


def pieces(prompt: str, max_tokens: int) -> Iterator[str]:
    """Ask for one completion and yield its text token by token."""
    connection = CONNECTION(BASE.netloc, timeout=60)
    body = {
        "model": os.environ["MODEL"],
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": max_tokens,
        "stream": True,
    }
    headers = {
        "Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}",
        "Content-Type": "application/json",
    }
    connection.request("POST", f"{BASE.path}/chat/completions", json.dumps(body), headers)
    with connection.getresponse() as response:
        if response.status != http.client.OK:
            raise RuntimeError(f"the provider answered {response.status}: {response.read()!r}")
        for line in response:
            if line.startswith(b"data: {"):
                [choice] = json.loads(line[6:])["choices"]
                if text := choice["delta"].get("content"):
                    yield text
    connection.close()
