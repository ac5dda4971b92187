"""The local cloud's process: the gate, ministack behind it, and the host of the functions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import string
from typing import TYPE_CHECKING, Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from serverless_tax.cloud.child import Lifeline
from serverless_tax.cloud.front import close_codes, ministack_seams, sockets
from serverless_tax.cloud.front.aws_errors import MOST_MESSAGE_BYTES
from serverless_tax.cloud.front.dispatch import put_logs
from serverless_tax.cloud.front.gate import Gate
from serverless_tax.cloud.front.tls import Certificate
from serverless_tax.cloud.function.host import Host
from serverless_tax.cloud.http import loopback_socket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

REGION = "us-east-1"
FUNCTIONS = "/2015-03-31/functions/"
_LETTERS = string.ascii_uppercase + string.digits


def new_keys() -> tuple[str, str]:
    """A new access key and secret, in the shape of AWS's."""
    access_key = "AKIA" + "".join(secrets.choice(_LETTERS) for _ in range(16))
    return access_key, secrets.token_urlsafe(30)


def main() -> None:
    """Serve until the owner ends, then remove the folder."""
    logging.basicConfig(level=logging.WARNING)
    lifeline = Lifeline()
    try:
        asyncio.run(_serve(lifeline))
    finally:
        lifeline.clear()


async def _serve(lifeline: Lifeline) -> None:
    listening = loopback_socket(port=int(lifeline.settings.get("port", 0)))
    port = listening.getsockname()[1]
    endpoint_url = f"http://127.0.0.1:{port}"
    certificate = Certificate(lifeline.folder)
    access_key, secret_key = new_keys()
    path_token, session_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    ministack_seams.configure(lifeline.folder, port)
    base = {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_SESSION_TOKEN": session_token,
        "AWS_ENDPOINT_URL": endpoint_url,
    }
    application = ministack_seams.load()
    config = Config()
    config.bind = [f"fd://{listening.fileno()}"]
    ports = {port}
    if certificate.is_made():
        secure = loopback_socket()
        sockets.secure_port = secure.getsockname()[1]
        ports.add(sockets.secure_port)
        config.insecure_bind, config.bind = config.bind, [f"fd://{secure.fileno()}"]
        config.certfile, config.keyfile = str(certificate.file), str(certificate.key)
        config.alpn_protocols = ["http/1.1"]
        base |= certificate.variables()
    cpu_share = bool(lifeline.settings.get("cpu_share"))
    host = Host(lifeline.folder, base, put_logs, cpu_share=cpu_share)
    secrets_of = ministack_seams.secrets_of(access_key, secret_key, session_token)
    gate = Gate(application, secrets_of, ports, path_token)
    gate.after = _forget_changed_functions(host)
    keys = (access_key, secret_key)
    ministack_seams.install(host, lifeline.folder, asyncio.get_running_loop(), keys)

    close_codes.install()
    config.loglevel = "WARNING"
    config.graceful_timeout = 0.5
    # Of hypercorn's five seconds a busy machine spends some before it reads what a client has sent.
    config.keep_alive_timeout = 30
    config.websocket_max_message_size = MOST_MESSAGE_BYTES
    config.h11_pass_raw_headers = True  # a function of $connect sees their names as they were sent
    ending = asyncio.create_task(lifeline.cut())
    ready = {
        "endpoint_url": endpoint_url,
        "access_key": access_key,
        "secret_key": secret_key,
        "region": REGION,
        "path_token": path_token,
    }
    asyncio.get_running_loop().call_soon(lifeline.announce, ready)
    served: Any = gate  # hypercorn has a type for each message; the gate has one for all

    async def until_the_end() -> None:
        await asyncio.shield(ending)

    serving = asyncio.create_task(serve(served, config, shutdown_trigger=until_the_end))
    await asyncio.wait({ending, serving}, return_when=asyncio.FIRST_COMPLETED)
    # Kill the environments first: an invocation in flight would delay the server's shutdown.
    await host.close()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(serving, timeout=3)


def _forget_changed_functions(host: Host) -> Callable[[str, str], Awaitable[None]]:
    async def after(method: str, path: str) -> None:
        name, _, rest = path.removeprefix(FUNCTIONS).partition("/")
        if path.startswith(FUNCTIONS) and (method == "DELETE" or (method == "PUT" and rest)):
            await host.forget(name)

    return after


if __name__ == "__main__":
    main()
