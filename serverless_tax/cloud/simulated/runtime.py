"""A handler in this process, as AWS's Python runtime client would run it in one of its own.

The texts of its errors are that client's, https://github.com/aws/aws-lambda-python-runtime-interface-client.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import decimal
import importlib
import inspect
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.stated import PACKAGES

if TYPE_CHECKING:
    from serverless_tax.cloud.function.spec import FunctionSpec

_INDENT = "\N{NO-BREAK SPACE}"
_LOG_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n\n"


class Fault(Exception):
    """An error that the client names itself."""

    def __init__(self, kind: str, says: str, trace: list[str] | None = None) -> None:
        super().__init__(says)
        self.kind, self.trace = kind, trace or []


class Context:
    """What a handler is given beside its event."""

    def __init__(
        self, spec: FunctionSpec, request_id: str, deadline_s: float, now_s: Callable[[], float]
    ) -> None:
        self.aws_request_id = request_id
        self.function_name, self.function_version = spec.name, spec.version
        self.invoked_function_arn = spec.arn
        self.memory_limit_in_mb = str(spec.memory_mb)
        self.log_group_name, self.log_stream_name = spec.log_group, ""
        self.client_context = self.identity = None
        self._deadline_s, self._now_s = deadline_s, now_s

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return max(int(1000 * (self._deadline_s - self._now_s())), 0)


class Runtime:
    """One environment's modules, variables and output.

    Args:
        spec: its function; the code lies in a folder of its own.
        variables: of its environment.
        write: takes what it writes.
        stand_ins: modules that it finds in the place of others, by their names.

    Attributes:
        folder: of its code.
        modules: its own, by their names.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        variables: dict[str, str],
        write: Callable[[bytes], None],
        stand_ins: dict[str, ModuleType],
    ) -> None:
        self._spec, self._variables, self._write = spec, variables, write
        self.folder = str(spec.code)
        self.modules: dict[str, ModuleType] = {}
        self._stand_ins = stand_ins
        self._handler: Callable[..., Any] | None = None
        self._request_id = ""

    def packages(self) -> set[str]:
        """The packages from elsewhere that its code imports; each is imported now, if it is here.

        In this process that is done once, and not at each INIT.
        """
        found = set()
        for path in Path(self.folder).glob("*.py"):
            with contextlib.suppress(SyntaxError, UnicodeDecodeError):
                for node in ast.walk(ast.parse(path.read_bytes())):
                    if isinstance(node, ast.Import):
                        found |= {alias.name.partition(".")[0] for alias in node.names}
                    elif isinstance(node, ast.ImportFrom) and node.module:
                        found.add(node.module.partition(".")[0])
        found &= PACKAGES.keys()
        for name in found - self._stand_ins.keys():
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        return found

    def load(self) -> None:
        """Import the handler, where the environment is active: INIT.

        Raises:
            Fault: as the client names it.
            Exception: whatever the module's own code raises.
        """
        name, _, function = self._spec.handler.rpartition(".")
        if not name:
            raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{self._spec.handler}'")
        try:
            module = importlib.import_module(name.replace("/", "."))
        except ImportError as error:
            says = f"Unable to import module '{name}': {error}"
            raise Fault("Runtime.ImportModuleError", says) from error
        except SyntaxError as error:
            where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
            says = f"Syntax error in module '{name}': {error}"
            raise Fault("Runtime.UserCodeSyntaxError", says, [where]) from error
        if not hasattr(module, function):
            says = f"Handler '{function}' missing on module '{name}'"
            raise Fault("Runtime.HandlerNotFound", says)
        self._handler = getattr(module, function)

    def call(
        self, event: bytes, context: Context, on_piece: Callable[[bytes], None] | None
    ) -> bytes:
        """Run the handler, where the environment is active, and return its answer.

        Args:
            event: JSON.
            context: for the handler.
            on_piece: takes what it yields, where the runtime streams.

        Raises:
            Fault: if what it returns cannot be sent.
            Exception: whatever the handler raises.
        """
        if self._handler is None:
            msg = "The handler was not loaded."
            raise RuntimeError(msg)
        self._request_id = context.aws_request_id
        result = self._handler(json.loads(event), context)
        if on_piece is None or not hasattr(result, "__next__"):
            return _marshalled(result)
        for at, piece in enumerate(result):
            if data := _as_bytes(piece, is_first=not at):
                on_piece(data)
        return b""

    def describe(self, error: BaseException) -> bytes:
        """Return an error as the client posts it, and log it as the client does."""
        if isinstance(error, Fault):
            told = _error(str(error), error.kind, error.trace, self._request_id)
        else:
            frames = [
                frame
                for frame in traceback.extract_tb(error.__traceback__)
                if Path(frame.filename).parent != Path(__file__).parent
            ]
            trace = traceback.format_list(frames)
            told = _error(str(error), type(error).__name__, trace, self._request_id)
        lines = [f"[ERROR] {told['errorType']}: {told['errorMessage']}"]
        lines.append("Traceback (most recent call last):")
        for line in "".join(told["stackTrace"]).splitlines():
            bare = line.lstrip(" ")
            lines.append(_INDENT * (len(line) - len(bare)) + bare)
        self._write(("\r".join(lines) + "\n").encode())
        return json.dumps(told, ensure_ascii=False).encode()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Have this environment's modules, variables and output in the place of the notebook's.

        It takes some milliseconds, which are none of the function's.
        """
        outside = {**self.modules, **self._stand_ins}
        hidden = {name: sys.modules.get(name) for name in (*outside, *_shadowed(self.folder))}
        for name in _shadowed(self.folder):
            sys.modules.pop(name, None)
        sys.modules.update(outside)
        known, environ = set(sys.modules), dict(os.environ)
        own_path = self._variables.get("PYTHONPATH", "").split(":")
        paths = [self.folder, *filter(None, own_path)]
        sys.path[:0] = paths
        bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        importlib.invalidate_caches()
        os.environ.clear()
        os.environ.update(self._variables)
        log = _Log(self._write, lambda: self._request_id)
        root = logging.getLogger()
        handlers, level = root.handlers, root.level
        root.handlers = [log]
        root.setLevel(logging.WARNING)
        raw = io.BufferedWriter(_Output(self._write), 1)
        out = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                yield
        finally:
            root.handlers = handlers
            root.setLevel(level)
            os.environ.clear()
            os.environ.update(environ)
            sys.dont_write_bytecode = bytecode
            for path in paths:
                sys.path.remove(path)
            for name, module in [*sys.modules.items()]:
                file = getattr(module, "__file__", None) or ""
                if name not in known and file.startswith(self.folder):
                    self.modules[name] = module
            for name in {*self.modules, *hidden}:
                sys.modules.pop(name, None)
            sys.modules.update({name: one for name, one in hidden.items() if one is not None})


def _shadowed(folder: str) -> list[str]:
    """The names of the modules that lie in a folder."""
    return [path.stem for path in Path(folder).glob("*.py")]


class _Output(io.RawIOBase):
    """Standard output of a function."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: Any) -> int:
        """Pass it on."""
        self._write(bytes(data))
        return len(data)


class _Log(logging.Handler):
    """The client's own handler of what is logged."""

    def __init__(self, write: Callable[[bytes], None], request_id: Callable[[], str]) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_LOG_FORMAT, "%Y-%m-%dT%H:%M:%S"))
        self._to, self._request_id = write, request_id

    def emit(self, record: logging.LogRecord) -> None:
        """Write it into the function's log."""
        record.aws_request_id = self._request_id()
        self._to(self.format(record).encode())


def _error(says: str, kind: str, trace: list[str], request_id: str) -> dict[str, Any]:
    return {
        "errorMessage": says,
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": trace,
    }


class _Encoder(json.JSONEncoder):
    def default(self, one: Any) -> Any:
        if isinstance(one, decimal.Decimal):
            return float(one)
        return super().default(one)


def _marshalled(result: Any) -> bytes:
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, cls=_Encoder, ensure_ascii=False).encode()
    except Exception as error:  # whatever a class of the handler's raises
        if inspect.iscoroutine(result):
            result.close()  # nobody awaits it
        elif asyncio.isfuture(result):
            result.add_done_callback(lambda one: one.cancelled() or one.exception())
            result.cancel()
        says = f"Unable to marshal response: {error}"
        raise Fault("Runtime.MarshalError", says) from error


def _as_bytes(piece: Any, *, is_first: bool) -> bytes:
    if is_first and isinstance(piece, dict):  # status and headers, for a function URL
        return json.dumps(piece).encode() + bytes(8)
    return piece.encode() if isinstance(piece, str) else b"%b" % piece
