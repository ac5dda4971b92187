"""A client of the simulated cloud, as boto3 makes one: its errors, its waiters, what it refuses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.refusals import not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


class ClientError(Exception):
    """An error of a service, as botocore raises it.

    Attributes:
        response: with the error's code and message.
    """

    def __init__(self, code: str, says: str) -> None:
        super().__init__(f"An error occurred ({code}): {says}")
        self.response = {"Error": {"Code": code, "Message": says}}


class _Errors:
    """The errors of all services, by name."""

    def __init__(self) -> None:
        self.ClientError = ClientError

    def __getattr__(self, name: str) -> type[ClientError]:
        made = type(name, (ClientError,), {})
        setattr(self, name, made)
        return made

    def of(self, code: str, says: str) -> ClientError:
        """Make one."""
        made: type[ClientError] = getattr(self, code)
        return made(code, says)


ERRORS = _Errors()


class AwsClient:
    """One client: what it does not have is refused in a sentence."""

    name = ""
    exceptions = ERRORS

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_simulated(f"{self.name}.{name}()")

    def get_waiter(self, name: str) -> Any:
        """Everything is ready at once."""
        del name
        return SimpleNamespace(wait=lambda **_: None)

    def get_paginator(self, name: str) -> Any:
        """All is one page."""
        call = getattr(self, name)
        return SimpleNamespace(paginate=lambda **asked: iter([call(**asked)]))

    def close(self) -> None:
        """Nothing is open."""


def refuse(asked: dict[str, Any], *names: str) -> None:
    """Refuse settings that are not simulated."""
    for name in names:
        if asked.get(name):
            raise not_simulated(name)
