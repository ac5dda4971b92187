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
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.stated import PACKAGES

if TYPE_CHECKING:
    from serverless_tax.cloud.function.spec import FunctionSpec

_OF_INIT = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code."
    " However, in rare cases, a Lambda runtime update can cause unexpected function behavior. For"
    " functions using managed runtimes, runtime updates can be triggered by a function change, or"
    " can be applied automatically. To determine if the runtime has been updated, check the runtime"
    " version in the INIT_START log entry. If this error correlates with a change in the runtime"
    " version, you may be able to mitigate this error by temporarily rolling back to the previous"
    " runtime version. For more information, see"
    " https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)
_INDENT = "\N{NO-BREAK SPACE}"
_NOT_POSTED = "Failed to post"
_LOG_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"


class Fault(Exception):
    """An error that the client names itself."""

    def __init__(self, kind: str, says: str, trace: list[str] | None = None) -> None:
        super().__init__(says)
        self.kind, self.trace = kind, trace or []


class CognitoIdentity:
    """Who called, where an app of a phone did: here nobody has."""

    cognito_identity_id = cognito_identity_pool_id = None


class LambdaContext:
    """What a handler is given beside its event."""

    def __init__(
        self, spec: FunctionSpec, request_id: str, deadline_s: float, now_s: Callable[[], float]
    ) -> None:
        self.aws_request_id = request_id
        self.log_group_name = spec.log_group
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name, self.function_version = spec.name, spec.version
        self.memory_limit_in_mb = str(spec.memory_mb)
        self.invoked_function_arn = spec.arn
        self.client_context = self.tenant_id = None
        self.identity = CognitoIdentity()
        self._deadline_s, self._now_s = deadline_s, now_s

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return max(int(1000 * (self._deadline_s - self._now_s())), 0)

    def log(self, msg: object) -> None:
        """Write into the function's log."""
        sys.stdout.write(str(msg))

    def w3c(self) -> dict[str, str]:
        """The caller's trace, of which there is none."""
        return {}

    def __repr__(self) -> str:
        """What it has, as the client shows it."""
        had = ",".join(f"{name}={one}" for name, one in vars(self).items() if name[0] != "_")
        return f"LambdaContext([{had}])"


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
        self._spec, self._write = spec, write
        self.folder = str(spec.code)
        self._environ, self._within = variables, self.folder
        self._log: tuple[list[logging.Handler], int] = (
            [_Log(write, lambda: self._request_id)],
            (logging.WARNING),
        )
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
            says = f"Bad handler '{function}': not enough values to unpack (expected 2, got 1)"
            raise Fault("Runtime.MalformedHandlerName", says)
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
        self, event: bytes, context: LambdaContext, on_piece: Callable[[bytes], None] | None
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
        if self._handler is None:
            with self.active():
                logging.getLogger().warning(_OF_INIT)
        if isinstance(error, Fault):
            told = _error(str(error), error.kind, error.trace, self._request_id)
        else:
            frames = [tuple(frame) for frame in _own_frames(error)]  # the client points at no part
            trace = traceback.format_list(frames)
            told = _error(str(error), type(error).__name__, trace, self._request_id)
        says = f": {told['errorMessage']}" if told["errorMessage"] else ""
        lines = [f"[ERROR] {told['errorType']}{says}", "Traceback (most recent call last):"]
        for line in "".join(told["stackTrace"]).splitlines():
            bare = line.lstrip(" ")
            lines.append(_INDENT * (len(line) - len(bare)) + bare)
        self._write(("\r".join(lines) + "\n").encode())
        return json.dumps(told, ensure_ascii=False).encode()

    def note_refused(self, said: bytes) -> None:
        """Log that the Runtime API took no answer, with what it said, and that the client ends."""
        at_ms = int(time.time() * 1000)
        told = f"{_NOT_POSTED} handler success response. Http response code: 413. {said.decode()}"
        self._write(f"[ERROR] [{at_ms}] LAMBDA_RUNTIME {told}\n".encode())
        self.note_exit(RuntimeError(f"{_NOT_POSTED} invocation response"))

    def note_exit(self, left: BaseException) -> None:
        """Log what the interpreter writes before it ends by an error that no client catches."""
        if not isinstance(left, SystemExit):
            told = traceback.TracebackException.from_exception(left)
            told.stack = _own_frames(left)
            self._write("".join(told.format()).encode())
        elif left.code is not None and not isinstance(left.code, int):
            self._write(f"{left.code}\n".encode())

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
        known, environ, folder = set(sys.modules), dict(os.environ), Path.cwd()
        own_path = self._environ.get("PYTHONPATH", "").split(":")
        paths = [self.folder, *filter(None, own_path)]
        sys.path[:0] = paths
        bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        importlib.invalidate_caches()
        os.environ.clear()
        os.environ.update(self._environ)
        os.chdir(self._within)
        stdin, sys.stdin = sys.stdin, io.StringIO()
        root = logging.getLogger()
        handlers, level = root.handlers, root.level
        root.handlers = self._log[0]
        root.setLevel(self._log[1])
        to: Any = _Output(self._write)  # unbuffered, as the client's
        out = io.TextIOWrapper(to, encoding="utf-8", write_through=True)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                yield
        finally:
            self._log = root.handlers, root.level
            root.handlers = handlers
            root.setLevel(level)
            self._environ, self._within = dict(os.environ), os.getcwd()  # noqa: PTH109 - as the handler has it
            os.chdir(folder)
            sys.stdin = stdin
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


def _own_frames(error: BaseException) -> traceback.StackSummary:
    """The calls of an error without those of the simulation."""
    frames = traceback.extract_tb(error.__traceback__)
    of_others = [one for one in frames if Path(one.filename).parent != Path(__file__).parent]
    return traceback.StackSummary.from_list(of_others)


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
