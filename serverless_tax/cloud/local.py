"""The local cloud for the labs: a context manager with an address and keys."""

from __future__ import annotations

import json
import threading
from typing import Self, TypeVar
from urllib.parse import urlsplit

from serverless_tax.cloud.child import Child
from serverless_tax.cloud.durable.execution import USAGE_FILE, DurableUsage
from serverless_tax.cloud.function.logbook import BEGUN_FILE, READINGS_FILE, Begun, Reading
from serverless_tax.cloud.function.process import require_linux

Record = TypeVar("Record")


class LocalCloud:
    """An AWS endpoint on loopback that runs Lambda functions and bills them as AWS does.

    Use it with plain boto3::

        with LocalCloud() as cloud:
            lambda_ = boto3.client("lambda", **cloud.boto3_kwargs)

    It runs in a process of its own, with keys made at this start. When this process ends, by
    itself or killed, the cloud ends too, and leaves no process, socket or folder behind.

    Args:
        port: on 127.0.0.1; 0 for any free port.
        cpu_share: whether a function gets the CPU its memory buys on AWS (1,769 MB: one vCPU).

    Attributes:
        endpoint_url: its address, on 127.0.0.1.
        access_key: the one access key it accepts.
        secret_key: signs every request.
        region: always us-east-1.
        path_token: the first part of every path of function URLs, APIs and sockets.
        lost: once closed, the invocations that ran when the server ended by itself: no line bills
            them.
    """

    def __init__(self, port: int = 0, *, cpu_share: bool = False) -> None:
        require_linux()
        settings = {"port": port, "cpu_share": cpu_share}
        self._child = Child("serverless_tax.cloud.front.server", settings)
        # Open from the start: a server that is killed takes its folder along, and not these.
        files = (READINGS_FILE, BEGUN_FILE, USAGE_FILE)
        self._files = {name: (self._child.folder / name).open() for name in files}
        self._lock = threading.RLock()  # a meter reads while its owner closes
        self._kept: list[Reading] | None = None
        self._kept_usage: list[DurableUsage] = []
        self.lost: list[Begun] = []
        self.endpoint_url: str = self._child.ready["endpoint_url"]
        self.access_key: str = self._child.ready["access_key"]
        self.secret_key: str = self._child.ready["secret_key"]
        self.region: str = self._child.ready["region"]
        self.path_token: str = self._child.ready["path_token"]

    @property
    def boto3_kwargs(self) -> dict[str, str]:
        """Arguments for `boto3.client`; with them boto3 reads none of the learner's profiles."""
        return {
            "endpoint_url": self.endpoint_url,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "region_name": self.region,
        }

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._child.pid

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._kept is not None

    @property
    def ended(self) -> str:
        """A sentence where the server has ended by itself; empty while it runs."""
        return self._child.ended

    def local_url(self, url: str) -> str:
        """Return the local address of a function URL or of an API's endpoint of this cloud.

        AWS's host names lead to AWS. Requests to a function URL are signed as on AWS, for the
        service ``lambda``; sockets and open APIs are not.

        Args:
            url: ``FunctionUrl``, or ``ApiEndpoint`` with the stage behind it; its path and query
                are kept.
        """
        parts = urlsplit(url)
        asked = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        resource_id, _, rest = (parts.hostname or "").partition(".")
        if rest.startswith("lambda-url."):
            return f"{self.endpoint_url}/~{self.path_token}/_aws/lambda-url/{resource_id}{asked}"
        scheme = "ws" if parts.scheme in {"ws", "wss"} else "http"
        authority = self.endpoint_url.partition("://")[2]
        front = f"{scheme}://{authority}/~{self.path_token}"
        return f"{front}/_aws/execute-api/{resource_id}{asked}"

    def callback_url(self, api_id: str, stage: str) -> str:
        """Return the endpoint for a client of ``apigatewaymanagementapi``; its calls are signed."""
        return f"{self.endpoint_url}/_aws/execute-api/{api_id}/{stage}"

    def readings(self) -> list[Reading]:
        """CPU, memory and frozen time of each invocation so far, which AWS does not show.

        Once the cloud is closed they are kept, also where the server had ended by itself.

        Raises:
            EndedError: if the server has ended by itself, until the cloud is closed.
        """
        with self._lock:
            if self._kept is not None:
                return self._kept
            self._child.check()
            return self._read(READINGS_FILE, Reading)

    def begun(self) -> list[Begun]:
        """Each invocation taken so far, ended or not: none once the cloud is closed.

        Raises:
            EndedError: if the server has ended by itself.
        """
        with self._lock:
            if self.closed:
                return []
            self._child.check()
            return self._read(BEGUN_FILE, Begun)

    def durable_usage(self) -> list[DurableUsage]:
        """What durable executions have used so far, beside their invocations.

        Raises:
            EndedError: if the server has ended by itself, until the cloud is closed.
        """
        with self._lock:
            if self._kept is not None:
                return self._kept_usage
            self._child.check()
            return self._read(USAGE_FILE, DurableUsage)

    def _read(self, file: str, kind: type[Record]) -> list[Record]:
        """The records of a file; a line that a killed server did not finish is none."""
        opened = self._files[file]
        opened.seek(0)
        return [kind(**json.loads(line)) for line in opened if line.endswith("\n")]

    def close(self) -> None:
        """Shut down and keep the readings; may be called twice."""
        with self._lock:
            self._keep()
        self._child.stop()

    def _keep(self) -> None:
        if self._kept is not None:
            return
        # In this order: an invocation that ends in between is not taken for a lost one.
        begun = self._read(BEGUN_FILE, Begun) if self.ended else []
        self._kept = self._read(READINGS_FILE, Reading)
        self._kept_usage = self._read(USAGE_FILE, DurableUsage)
        ended = {reading.request_id for reading in self._kept}
        self.lost = [one for one in begun if one.request_id not in ended]
        for file in self._files.values():
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
