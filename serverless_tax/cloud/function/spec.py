"""A function and a request to it, as the host takes them, and the result that it returns."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serverless_tax.ground.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAYER_FILE = "serverless-tax-requirements.txt"
"""A package with this file also sees the packages of the notebook's Python, as in a layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One version of one function.

    Attributes:
        identity: differs for functions that must not share an environment; a function that was
            deleted and made again has another one.
        name: function name.
        arn: the invoked ARN.
        version: `$LATEST` or a number.
        handler: `module.function`.
        runtime: such as `python3.13`.
        architecture: `x86_64` or `arm64`.
        memory_mb: configured memory.
        timeout_s: the function's timeout.
        region: for the environment's variables.
        code: folder of the unpacked code.
        variables: the function's own environment variables.
        log_group: of its log streams.
        json_log: whether it logs as JSON.
        traced: whether it asks for traces, which this cloud does not keep.
        log_level: used with JSON.
        system_log_level: of the platform's own lines, used with JSON.
    """

    identity: str
    name: str
    arn: str
    version: str
    handler: str
    runtime: str
    architecture: str
    memory_mb: int
    timeout_s: int
    region: str
    code: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    log_group: str = ""
    json_log: bool = False
    traced: bool = False
    log_level: str = "INFO"
    system_log_level: str = "INFO"

    @property
    def quiet(self) -> bool:
        """Whether the platform tells of nothing but failures."""
        return self.json_log and self.system_log_level == "WARN"

    def reserved(self, task_root: Path, log_stream: str) -> dict[str, str]:
        """The variables that Lambda gives to an environment and a function cannot set itself."""
        return {
            "_HANDLER": self.handler,
            "LAMBDA_TASK_ROOT": str(task_root),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }


USUAL_VARIABLES = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
}
"""What an environment has unless its function sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a function.

    Attributes:
        request_id: as in its REPORT line.
        event: JSON.
        client_context: JSON from the client, or nothing.
        trace_id: of X-Ray, as in the header X-Amzn-Trace-Id.
    """

    request_id: str
    event: bytes
    client_context: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one invocation ended.

    Attributes:
        payload: the handler's JSON, or the error's.
        failed: whether the payload is an error.
        log: the end of START, the handler's output, END and REPORT, as the log tail shows it.
        report: the REPORT line.
    """

    payload: bytes
    failed: bool
    log: str
    report: Report


def is_empty(code_zip: bytes) -> bool:
    """Whether a deployment package has no file."""
    with zipfile.ZipFile(io.BytesIO(code_zip)) as archive:
        return not archive.namelist()


def points_outside(code_zip: bytes) -> bool:
    """Whether a deployment package has a name that leads out of its folder."""
    with zipfile.ZipFile(io.BytesIO(code_zip)) as archive:
        return any(name.startswith("/") or ".." in name.split("/") for name in archive.namelist())


def unpack(code_zip: bytes, folder: Path) -> None:
    """Unpack a deployment package into a folder.

    Raises:
        zipfile.BadZipFile: if it is no zip, or if a name in it points outside the folder.
    """
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(code_zip)) as archive:
        for entry in archive.infolist():
            target = (folder / entry.filename).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise zipfile.BadZipFile(f"{entry.filename!r} points outside the package")
            archive.extract(entry, folder)
            mode = entry.external_attr >> 16
            if mode and target.is_file():
                target.chmod(stat.S_IMODE(mode) | stat.S_IRUSR)
