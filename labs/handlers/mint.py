"""A short-lived key for the client, which then streams from the provider itself.

The provider must offer such keys: OpenAI does for its Realtime API. Check who is asking before you
give one out; here everybody may.
"""

import json
import os
import urllib.request

from metered import metered


@metered
def handler(event: dict, context: object) -> dict:
    """Exchange the function's key for one that is good for a minute."""
    request = urllib.request.Request(
        f"{os.environ['OPENAI_BASE_URL']}/realtime/client_secrets",
        data=json.dumps({"expires_after": {"anchor": "created_at", "seconds": 60}}).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        key = json.load(response)
    return {"key": key["value"], "expires_at": key["expires_at"]}
