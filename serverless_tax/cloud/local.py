"""The local cloud as the labs use it: a context manager that gives an address and keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from serverless_tax.cloud.child import Child
from serverless_tax.cloud.host import Reading
from serverless_tax.cloud.process import require_linux

if TYPE_CHECKING:
    from types import TracebackType


class LocalCloud:
    """An AWS endpoint on loopback that runs Lambda functions and bills them as AWS does.

    Use it with plain boto3::

        with LocalCloud() as cloud:
            lambda_ = boto3.client("lambda", **cloud.boto3_kwargs)

    It runs in a process of its own, on a random port, with keys made at this start; when this
    process ends, in whatever way, it ends too and leaves no process, socket or folder behind.

    Args:
        port: where to listen on 127.0.0.1; 0 for any free port.

    Attributes:
        endpoint_url: where it listens, on 127.0.0.1.
        access_key: the one access key it accepts.
        secret_key: the secret requests must be signed with.
        region: always us-east-1.
    """

    def __init__(self, port: int = 0) -> None:
        require_linux()
        self._child = Child("serverless_tax.cloud.server", {"port": port})
        self.endpoint_url: str = self._child.ready["endpoint_url"]
        self.access_key: str = self._child.ready["access_key"]
        self.secret_key: str = self._child.ready["secret_key"]
        self.region: str = self._child.ready["region"]

    @property
    def boto3_kwargs(self) -> dict[str, str]:
        """What to pass to `boto3.client`, so that no profile or variable of the learner is read."""
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

    def local_url(self, function_url: str) -> str:
        """Return where a function URL of this cloud is reached: AWS's host names lead elsewhere.

        Requests to it are signed as on AWS, for the service ``lambda``.
        """
        url_id = urlsplit(function_url).hostname or ""
        return f"{self.endpoint_url}/_aws/lambda-url/{url_id.partition('.')[0]}/"

    def readings(self) -> list[Reading]:
        """What each invocation so far used, read from outside it: the truth AWS does not show."""
        path = self._child.folder / "readings.jsonl"
        return [Reading(**json.loads(line)) for line in path.read_text().splitlines()]

    def close(self) -> None:
        """Shut down; may be called twice."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
