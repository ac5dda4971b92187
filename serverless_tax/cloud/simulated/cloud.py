"""The simulated cloud: its functions, their records, its addresses, and its model provider."""

from __future__ import annotations

import base64
import itertools
import json
import secrets
import shutil
import sys
import tempfile
import uuid
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from serverless_tax.cloud.exchange import HttpRequest, HttpResponse
from serverless_tax.cloud.function.logbook import Begun, Logbook, Reading
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result
from serverless_tax.cloud.model.answers import until
from serverless_tax.cloud.model.service import Service
from serverless_tax.cloud.model.webhooks import new_secret
from serverless_tax.cloud.simulated.environment import Pieces, SimulatedHost
from serverless_tax.cloud.simulated.machine import SimulatedMachine
from serverless_tax.cloud.simulated.stand_ins import replacements, standing_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud.model.pace import Pace

#: Ports of this machine at which nobody listens: what calls them is answered in this process.
CLOUD_PORT, PROVIDER_PORT = 7, 9
REGION = "us-east-1"
_ACCOUNT = "000000000000"


@dataclass(slots=True)
class Function:
    """A function as it stands.

    Attributes:
        spec: its present version.
        reserved: the most environments at the same time; None for any number.
        url: whether it has one, which streams.
        busy_s: from when to when its environments are busy.
    """

    spec: FunctionSpec
    reserved: int | None = None
    url: bool = False
    busy_s: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class SimulatedApi:
    """An API with its routes: each names a function."""

    api_id: str
    name: str
    protocol: str
    routes: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)


Packages = Callable[["SimulatedCloud", FunctionSpec], dict[str, ModuleType]]


class ThrottledError(Exception):
    """As many environments are busy as the function may have."""


class SimulatedCloud:
    """A cloud in this process; what its readings and addresses are called is as in `LocalCloud`.

    Attributes:
        shown: the invocations that a meter shows, those of a recording among them.
        listeners: called when there is one more.

    Args:
        pace: of the model provider.
        packages: makes the modules that a function finds in the place of others.
        cpu_share: whether CPU follows memory, as on AWS.
    """

    region = REGION
    ended = ""

    def __init__(self, pace: Pace, packages: Packages, *, cpu_share: bool = False) -> None:
        self.machine = SimulatedMachine()
        self.closed = False
        self.functions: dict[str, Function] = {}
        self.apis: dict[str, SimulatedApi] = {}
        self.queues: dict[str, list[dict[str, Any]]] = {}
        self.roles: dict[str, str] = {}
        self.log_groups: dict[str, list[dict[str, Any]]] = {}
        self.clients: dict[str, SimulatedClient] = {}
        self.shown: list[Reading] = []
        self.listeners: list[Callable[[], object]] = []
        self._begun: list[Begun] = []
        self._readings: list[Reading] = []
        self._number = itertools.count(1)
        self._folder = Path(tempfile.mkdtemp(prefix="serverless-tax-simulated-"))
        self._clear = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._host = SimulatedHost(
            self.machine,
            Logbook(self._begun.append, self._end),
            self._put_logs,
            lambda spec: packages(self, spec),
            cpu_share=cpu_share,
        )
        self.api_key = f"sk-simulated-{secrets.token_urlsafe(12)}"
        self.webhook_secret = new_secret()
        service = Service(pace, self.api_key, PROVIDER_PORT, self.webhook_secret)

        async def provider(request: HttpRequest) -> HttpResponse:
            return service.refuse(request) or await service(request)

        self.machine.listening |= {PROVIDER_PORT: provider, CLOUD_PORT: self._answer}

    @property
    def function_environment(self) -> dict[str, str]:
        """The variables with the address and key of the model provider."""
        address = f"http://127.0.0.1:{PROVIDER_PORT}"
        return {
            "OPENAI_BASE_URL": f"{address}/v1",
            "OPENAI_API_KEY": self.api_key,
            "MODEL": "sim",
            "VECTOR_URL": f"{address}/vectors",
        }

    @property
    def endpoint_url(self) -> str:
        """Its address, which clients of its services name."""
        return f"http://127.0.0.1:{CLOUD_PORT}"

    @contextmanager
    def on(self, namespace: dict[str, Any] | None = None) -> Iterator[None]:
        """Run a block in this cloud: on its clock, with its sockets and threads.

        Args:
            namespace: a notebook's names, of which those that mean a clock or a thread change too.
        """
        if self.machine.is_on:
            yield
            return
        with ExitStack() as stack:
            stack.enter_context(self.machine.on())
            replaced = replacements(self.machine)
            sockets = sys.modules.get("websockets.sync.client")
            if sockets is not None:
                replaced.append((sockets, "connect", lambda url, **_: SimulatedClient(self, url)))
            stack.enter_context(standing_in(replaced, namespace))
            yield

    def readings(self) -> list[Reading]:
        """The invocations so far, in the order in which they ended."""
        return [*self._readings]

    def begun(self) -> list[Begun]:
        """The invocations taken so far."""
        return [*self._begun]

    def note(self, reading: Reading) -> None:
        """Take a reading from a recording, for the meter alone."""
        self.shown.append(reading)
        for listener in self.listeners:
            listener()

    def close(self) -> None:
        """Forget everything; may be called twice."""
        self.closed = True
        self.machine.world.cancel_all()
        self._clear()

    def local_url(self, url: str) -> str:
        """Return the reachable address of a function URL or of an API's endpoint."""
        parts = urlsplit(url)
        resource_id, _, rest = (parts.hostname or "").partition(".")
        if rest.startswith("lambda-url."):
            return f"{self.endpoint_url}/_aws/lambda-url/{resource_id}/"
        scheme = "ws" if parts.scheme in {"ws", "wss"} else "http"
        where = self.endpoint_url.partition("://")[2]
        return f"{scheme}://{where}/_aws/execute-api/{resource_id}{parts.path or '/'}"

    def callback_url(self, api_id: str, stage: str) -> str:
        """Return the endpoint for a client of ``apigatewaymanagementapi``."""
        return f"{self.endpoint_url}/_aws/execute-api/{api_id}/{stage}"

    def new_code(self) -> Path:
        """Return a folder for a deployment package."""
        return self._folder / f"code-{next(self._number)}"

    def arn(self, service: str, rest: str) -> str:
        """Return a name in this region and account."""
        return f"arn:aws:{service}:{REGION}:{_ACCOUNT}:{rest}"

    def forget(self, name: str) -> None:
        """End the environments of a changed function."""
        self.machine.world.complete(self._host.forget(name))

    def invoke(
        self, name: str, event: bytes, *, streams: bool = False
    ) -> tuple[Result, list[tuple[float, bytes]]]:
        """Run a function to the end of its invocation.

        Returns:
            The result, and the pieces of a streamed answer with their moments.

        Raises:
            ThrottledError: if it has no more environments.
        """
        with self.on(), self._from_outside():
            return self.machine.world.complete(self._invoke(name, event, streams=streams))

    async def _invoke(
        self, name: str, event: bytes, *, streams: bool
    ) -> tuple[Result, list[tuple[float, bytes]]]:
        function, clock = self.functions[name], self.machine.clock
        began_s = clock.now_s
        busy = sum(begun <= began_s < ended for begun, ended in function.busy_s)
        if function.reserved is not None and busy >= function.reserved:
            raise ThrottledError
        pieces = Pieces() if streams else None
        call = Call(request_id=str(uuid.uuid4()), event=event)
        result = await self._host.invoke(function.spec, call, pieces)
        function.busy_s = [*function.busy_s[-100:], (began_s, clock.now_s)]
        return result, pieces.moments if pieces else []

    def _from_outside(self) -> AbstractContextManager[None]:
        """An invocation by a handler is its own time, and not its CPU."""
        return self.machine.called()

    async def _put_logs(self, group: str, stream: str, events: list[dict[str, Any]]) -> None:
        kept = self.log_groups.setdefault(group, [])
        kept += [{**event, "logStreamName": stream} for event in events]

    def _end(self, reading: Reading) -> None:
        self._readings.append(reading)
        self.note(replace(reading, function=f"{reading.function}, simulated"))

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        """Answer at the cloud's own address: a function's URL, or a route of an API."""
        kind, _, rest = request.path.removeprefix("/_aws/").partition("/")
        resource, _, path = rest.partition("/")
        if kind == "lambda-url":
            name = next((n for n in self.functions if url_id(n) == resource), None)
            if name is None or not self.functions[name].url:
                return HttpResponse(403, b'{"Message":"Forbidden"}')
            body, headers = request.body.decode(), dict(request.headers)
            event: dict[str, Any] = {"body": body, "headers": headers}
            began_s = self.machine.clock.now_s
            result, pieces = await self._invoke(name, json.dumps(event).encode(), streams=True)
            if pieces:
                self.machine.clock.now_s = began_s  # the client hears it as it was sent
            return HttpResponse(200, self._paced(pieces) if pieces else result.payload)
        api = self.apis.get(resource)
        route = f"{request.method} /{path.partition('/')[2]}"
        if api is None or route not in api.routes:
            return HttpResponse(404, b'{"message":"Not Found"}')
        event = {
            "version": "2.0",
            "headers": dict(request.headers),
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
        }
        result, _ = await self._invoke(api.routes[route], json.dumps(event).encode(), streams=False)
        told = json.loads(result.payload)
        status = told.get("statusCode", 200) if isinstance(told, dict) else 200
        return HttpResponse(502 if result.failed else status, b"")

    async def _paced(self, pieces: list[tuple[float, bytes]]) -> Any:
        for moment_s, piece in pieces:
            await until(moment_s)
            yield piece


class SimulatedProvider:
    """The model provider of a simulated cloud, by its addresses as `Provider` has them."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        said = cloud.function_environment
        self.base_url, self.api_key = said["OPENAI_BASE_URL"], said["OPENAI_API_KEY"]
        self.vector_url, self.webhook_secret = said["VECTOR_URL"], cloud.webhook_secret


class SimulatedClient:
    """A client of a WebSocket API: what it says invokes a route's function, and what it hears.

    Args:
        cloud: of the API.
        url: its address, with the API's id in its path.
    """

    def __init__(self, cloud: SimulatedCloud, url: str) -> None:
        self._cloud, self.closed = cloud, False
        self._api = cloud.apis[urlsplit(url).path.split("/")[3]]
        self.connection_id = f"{secrets.token_urlsafe(8)}="
        self._heard: list[tuple[float, str]] = []
        cloud.clients[self.connection_id] = self
        self._route("CONNECT", "$connect", "")

    def take(self, text: str) -> None:
        """A message to the client, from now on."""
        self._heard.append((self._cloud.machine.clock.now_s, text))

    def send(self, text: str) -> None:
        """Say something; nobody waits for what the function answers."""
        try:
            action = str(json.loads(text).get("action"))
        except (ValueError, AttributeError):
            action = ""
        self._route("MESSAGE", action if action in self._api.routes else "$default", text)

    def recv(self, timeout: float | None = None) -> str:
        """Wait for the next message.

        Raises:
            TimeoutError: if there is none in time.
        """
        machine = self._cloud.machine
        until_s = machine.clock.now_s + (120.0 if timeout is None else timeout)
        self._heard.sort()
        if not self._heard or self._heard[0][0] > until_s:
            machine.pass_until(until_s)
            msg = "timed out"
            raise TimeoutError(msg)
        moment_s, text = self._heard.pop(0)
        machine.pass_until(moment_s)
        return text

    def close(self) -> None:
        """Hang up."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _route(self, kind: str, route: str, body: str) -> None:
        name = self._api.routes.get(route)
        if name is None:
            return
        about = {"eventType": kind, "connectionId": self.connection_id, "routeKey": route}
        event = json.dumps({"requestContext": about, "body": body, "isBase64Encoded": False})
        began_s = self._cloud.machine.clock.now_s
        result, _ = self._cloud.invoke(name, event.encode())
        if result.failed:
            self.take(json.dumps({"message": "Internal server error"}))
        self._cloud.machine.clock.now_s = began_s


def url_id(function: str) -> str:
    """The first part of the host name of a function's URL."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, function).hex
