"""The command and the variables of an environment's process, and what it is not on AWS."""

from __future__ import annotations

import functools
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_tax.cloud.function.platform_lines import now
from serverless_tax.cloud.function.private_tmp import TMP, is_possible
from serverless_tax.cloud.function.spec import LAYER_FILE, USUAL_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_tax.cloud.function.spec import FunctionSpec

NODE_CLIENT = Path(__file__).with_name("node_runtime.mjs")
NO_TRACES = "This local cloud keeps no traces; the function's TracingConfig is Active."


def command(spec: FunctionSpec, python: Path, task_root: Path) -> list[str]:
    """AWS's runtime client for Python, this package's for Node; after the function's exec wrapper.

    The wrapper gets the interpreter and its arguments, and may start another program:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
    """
    if spec.runtime.startswith("nodejs"):
        node = shutil.which("node") or "node"
        plain = [node, str(NODE_CLIENT), spec.handler]
    else:
        plain = [str(python), "-m", "awslambdaric", spec.handler]
    wrapper = spec.variables.get("AWS_LAMBDA_EXEC_WRAPPER")
    if not wrapper:
        return plain
    return [str(task_root / wrapper.removeprefix("/var/task/")), *plain]


def variables(
    spec: FunctionSpec,
    base: Mapping[str, str],
    *,
    api_port: int,
    log_stream: str,
    folder: Path,
    task_root: Path,
) -> dict[str, str]:
    """All variables of the environment.

    The learner's shell (keys, proxies) adds none, as on AWS.
    """
    asks = (task_root / LAYER_FILE).exists()
    layer = [path for path in sys.path if asks and path.endswith("site-packages")]
    # The function's own PYTHONPATH comes first; its package and the notebook's follow.
    own_path = spec.variables.get("PYTHONPATH", "").split(":")
    python_path = ":".join(path for path in [*own_path, str(task_root), *layer] if path)
    reserved = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api_port}",
        **spec.reserved(task_root, log_stream),
        "PYTHONPATH": python_path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(TMP if is_possible() else folder),
        "HOME": str(folder),
    }
    if spec.json_log:
        reserved |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.log_level}
    return {**USUAL_VARIABLES, **base, **spec.variables, **reserved}


def substitute(spec: FunctionSpec) -> str:
    """Say in which other runtime a function runs; empty if it runs in its own."""
    runtime, architecture = _actual_runtime(spec.runtime), this_architecture()
    if (runtime, architecture) == (spec.runtime, spec.architecture):
        return ""
    return (
        f"This local cloud runs {runtime} on {architecture}; "
        f"the function asks for {spec.runtime} on {spec.architecture}."
    )


def notice(spec: FunctionSpec) -> str:
    """Say where this cloud does otherwise than a function asks; AWS has no line like it."""
    text = " ".join(filter(None, [substitute(spec), NO_TRACES if spec.traced else ""]))
    if not text or not spec.json_log:
        return text
    return json.dumps({"timestamp": now(), "level": "WARN", "message": text})


def _actual_runtime(runtime: str) -> str:
    if runtime.startswith("nodejs"):
        return f"nodejs{_node_major()}.x"
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


@functools.cache
def _node_major() -> str:
    """The installed Node's major version, such as 22."""
    node = shutil.which("node") or "node"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return said.stdout.strip().removeprefix("v").partition(".")[0]


def this_architecture() -> str:
    """Return the machine's architecture by AWS's name for it."""
    return "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
