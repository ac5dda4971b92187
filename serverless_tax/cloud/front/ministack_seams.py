"""The places where this package reaches into ministack: the replaced names, and its settings.

ministack is the cloud around the functions (IAM, logs, the Lambda API). This package runs the
functions, because ministack neither freezes an environment nor bills a stream. Its version is
pinned. When a new version moves a name, `check` names it before anything is replaced.
"""

from __future__ import annotations

import hmac
import inspect
import os
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.front import (
    http_api_body,
    iam_checks,
    iam_pages,
    queues,
    rest_checks,
    s3_checks,
    stacks,
)
from serverless_tax.cloud.front.seams.events import OF_EVENTS
from serverless_tax.cloud.front.seams.functions import OF_FUNCTIONS, hosted
from serverless_tax.cloud.front.seams.gateways import OF_GATEWAYS
from serverless_tax.cloud.front.seams.machines import OF_MACHINES
from serverless_tax.cloud.front.seams.seam import Seam

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from serverless_tax.cloud.front.signature import Secrets
    from serverless_tax.cloud.function.host import Host

_CHECKS = (http_api_body, rest_checks, s3_checks, stacks, iam_checks, iam_pages, queues)
"""Modules that put checks into ministack's own tables of actions."""
SEAMS: Mapping[str, Seam] = {**OF_FUNCTIONS, **OF_GATEWAYS, **OF_EVENTS, **OF_MACHINES}
"""The replaced names, each with its module and its parameters."""


class MinistackMovedError(RuntimeError):
    """The installed ministack does not fit this adapter."""


def configure(folder: Path, port: int) -> None:
    """Set the variables that ministack reads on import; call it before `load`."""
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "TMPDIR": str(folder),
            "S3_DATA_DIR": str(folder / "s3"),
            # No other listeners and no kept state. Without a Docker socket ministack cannot remove
            # the containers of another ministack on this machine.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "0",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "LOG_LEVEL": "WARNING",
            # AWS's default quota.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
        }
    )


def load() -> Any:
    """Import ministack and return its ASGI application."""
    return import_module("ministack.app").app


def check() -> None:
    """Compare ministack with the names in `SEAMS`.

    Raises:
        MinistackMovedError: with the moved name and a way out.
    """
    for name, (module, parameters, _) in SEAMS.items():
        found = getattr(import_module(module), name, None)
        actual = tuple(inspect.signature(found).parameters) if callable(found) else None
        if actual != parameters:
            raise MinistackMovedError(
                f"{module}.{name} should take {parameters} but "
                f"{'is gone' if actual is None else f'takes {actual}'} in the installed ministack. "
                "Install the version pinned in pyproject.toml, or adapt cloud/front/seams."
            )


def install(
    host: Host, folder: Path, loop: asyncio.AbstractEventLoop, keys: tuple[str, str]
) -> None:
    """Send every invocation, from any service, to the host.

    Args:
        host: runs the functions.
        folder: for unpacked deployment packages.
        loop: the host's loop; ministack calls from threads of its own.
        keys: of this start; they sign the links to packages.
    """
    check()
    replacements = hosted(_original, host, folder, loop, keys)
    replacements |= {name: one.around(_original(name)) for name, one in SEAMS.items() if one.around}
    for checks in _CHECKS:
        checks.install()
    for name, seam in SEAMS.items():
        setattr(import_module(seam.module), name, replacements[name])


def _original(name: str) -> Callable[..., Any]:
    """A name of ministack's as it comes."""
    found: Callable[..., Any] = vars(import_module(SEAMS[name].module))[name]
    return found


def secrets_of(access_key: str, secret_key: str, session_token: str) -> Secrets:
    """Return the function that knows the keys of this start, and those that the cloud has made.

    ministack makes the others: of AssumeRole and its kin, and of IAM users. It also knows keys that
    everybody knows, such as ``test``; those are no keys here. A function has the keys of this start
    with a session token, as on AWS.
    """

    def secret(key: str, token: str) -> str | None:
        if hmac.compare_digest(key.encode(), access_key.encode()):
            return secret_key if token in {"", session_token} else None
        known = import_module("ministack.core.iam_evaluator")
        if known.is_root_access_key(key):
            return None
        found = known.resolve_credential(key, session_token=token)
        return None if hasattr(found, "code") else str(found.secret_access_key)

    return secret
