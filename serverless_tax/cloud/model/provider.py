"""A model provider on loopback that speaks OpenAI's and Anthropic's protocols at a given pace.

It has no model: the text is deterministic, and the pace is given. A client has the same work with
it as with the real API. A vector look-up answers after a given wait.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict
from typing import Self

from serverless_tax.cloud.child import Child, Lifeline
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.model.service import Service
from serverless_tax.cloud.model.webhooks import new_secret


class Provider:
    """The provider in a process of its own; a context manager like `LocalCloud`.

    It answers at the given pace, or at the pace in the model's name. Some names give errors: see
    :mod:`serverless_tax.cloud.model.pace`.

    Args:
        port: on 127.0.0.1; 0 for any free port.
        ttft_ms: and the others: see :class:`serverless_tax.cloud.model.pace.Pace`.

    Attributes:
        base_url: the `base_url` of an OpenAI client.
        anthropic_url: the `base_url` of an Anthropic client.
        vector_url: address of the look-up.
        api_key: the only key it accepts, made at this start.
        webhook_secret: signs the events of background responses.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        ttft_ms: float = 500.0,
        tokens_per_s: float = 116.0,
        output_tokens: int = 500,
        vector_ms: float = 50.0,
        spread: float = 0.0,
    ) -> None:
        pace = Pace(
            ttft_ms=ttft_ms,
            tokens_per_s=tokens_per_s,
            output_tokens=output_tokens,
            vector_ms=vector_ms,
            spread=spread,
        )
        settings = {"port": port, "pace": asdict(pace)}
        self._child = Child("serverless_tax.cloud.model.provider", settings)
        self.base_url: str = self._child.ready["base_url"]
        self.anthropic_url: str = self._child.ready["anthropic_url"]
        self.vector_url: str = self._child.ready["vector_url"]
        self.api_key: str = self._child.ready["api_key"]
        self.webhook_secret: str = self._child.ready["webhook_secret"]

    @property
    def ended(self) -> str:
        """A sentence where the provider has ended by itself; empty while it runs."""
        return self._child.ended

    def close(self) -> None:
        """Shut down; may be called twice."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _serve(lifeline: Lifeline) -> None:
    from serverless_tax.cloud.http import Server, loopback_socket  # noqa: PLC0415 - the server's

    listening = loopback_socket(port=int(lifeline.settings["port"]))
    port = listening.getsockname()[1]
    api_key = f"sk-local-{secrets.token_urlsafe(24)}"
    webhook_secret = new_secret()
    service = Service(Pace(**lifeline.settings["pace"]), api_key, port, webhook_secret)
    server = Server(service, listening, doorkeeper=service.refuse)
    await server.start()
    address = f"http://127.0.0.1:{port}"
    lifeline.announce(
        {
            "base_url": f"{address}/v1",
            "anthropic_url": address,
            "vector_url": f"{address}/vectors",
            "api_key": api_key,
            "webhook_secret": webhook_secret,
        }
    )
    await lifeline.cut()
    await server.close()


def main() -> None:
    """Serve until the owner ends."""
    lifeline = Lifeline()
    try:
        asyncio.run(_serve(lifeline))
    finally:
        lifeline.clear()


if __name__ == "__main__":
    main()
