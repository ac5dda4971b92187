"""A client of the simulated cloud, as boto3 makes one: its errors, its waiters, what it refuses."""

from __future__ import annotations

from functools import wraps
from inspect import ismethod
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.refusals import not_simulated

if TYPE_CHECKING:
    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


class ClientError(Exception):
    """An error of a service, as botocore raises it.

    Attributes:
        response: with the error's code and message.
        operation_name: what was called, once its caller hears of it.
    """

    operation_name = ""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(code, says)
        self.response = {"Error": {"Code": code, "Message": says}}

    def __str__(self) -> str:
        """Say it in botocore's words."""
        code, says = self.args
        called = f" when calling the {self.operation_name} operation" if self.operation_name else ""
        return f"An error occurred ({code}){called}: {says}"


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

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not ismethod(found):
            return found

        @wraps(found)
        def call(*args: Any, **asked: Any) -> Any:
            try:
                return found(*args, **asked)
            except ClientError as error:
                error.operation_name = name.title().replace("_", "")
                raise

        return call

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
