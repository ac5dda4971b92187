"""The packages that code in the simulated cloud finds in the place of others."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from serverless_tax.cloud.simulated.clients import ERRORS
from serverless_tax.cloud.simulated.services import client
from serverless_tax.cloud.simulated.stand_ins import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud.function.spec import FunctionSpec
    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


def packages(cloud: SimulatedCloud, spec: FunctionSpec | None = None) -> dict[str, ModuleType]:
    """What a function finds: a boto3 that leads to this cloud, and what is not installed.

    A real `openai` is used where there is one: its calls lead to this cloud's provider.
    """
    del spec

    def make(service: str, **given: Any) -> Any:
        return client(cloud, service, **given)

    session = SimpleNamespace(client=make, get_credentials=lambda: None, region_name=cloud.region)
    found = {
        "boto3": module_of(
            "boto3", {"client": make, "Session": lambda **_: session, "session": session}
        ),
        "botocore": module_of("botocore", {}),
        "botocore.exceptions": module_of(
            "botocore.exceptions", {"ClientError": ERRORS.ClientError}
        ),
    }
    if not is_here("openai"):
        found["openai"] = module_of("openai", {"OpenAI": OpenAI})
    return found


def lead_boto3(cloud: SimulatedCloud) -> None:
    """Have boto3's clients of this cloud's address lead to it, where there is boto3."""
    if not is_here("boto3"):
        return
    import boto3  # noqa: PLC0415 - it may be absent

    real = getattr(boto3.client, "real", boto3.client)

    def choose(*args: Any, **given: Any) -> Any:
        if str(given.get("endpoint_url", "")).startswith(cloud.endpoint_url):
            return client(cloud, *args, **given)
        return real(*args, **given)

    choose.real = real  # type: ignore[attr-defined]
    boto3.client = choose


def is_here(name: str) -> bool:
    """Whether a module can be imported."""
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


class OpenAI:
    """The one call of OpenAI's package that the labs make, where the package is not installed.

    It makes no object with checks of each chunk, so its CPU is less than the package's.
    """

    def __init__(self, *, base_url: str = "", api_key: str = "", **_: Any) -> None:
        self._base = urlsplit(base_url or os.environ["OPENAI_BASE_URL"])
        self._key = api_key or os.environ["OPENAI_API_KEY"]
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self._create))

    def _create(self, *, stream: bool = False, **asked: Any) -> Any:
        connection = http.client.HTTPConnection(self._base.netloc, timeout=60)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        body = json.dumps({**asked, "stream": stream})
        connection.request("POST", f"{self._base.path}/chat/completions", body, headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            msg = f"Error code: {answer.status} - {answer.read().decode()}"
            raise RuntimeError(msg)
        return _chunks(answer) if stream else _named(json.load(answer))


def _chunks(answer: http.client.HTTPResponse) -> Iterator[Any]:
    with answer:
        for line in answer:
            if line.startswith(b"data: {"):
                yield _named(json.loads(line[6:]))


def _named(value: Any) -> Any:
    """The same with attributes; what a message lacks is None."""
    if isinstance(value, list):
        return [_named(one) for one in value]
    if isinstance(value, dict):
        return _Named(**{name: _named(one) for name, one in value.items()})
    return value


class _Named(SimpleNamespace):
    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)
