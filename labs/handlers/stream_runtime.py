"""A runtime client that streams: it sends each piece that the handler yields.

AWS's own client for Python posts every answer whole. The wrapper script (AWS_LAMBDA_EXEC_WRAPPER)
starts this one in its place; it speaks the documented Runtime API. It has run on the local cloud
of this project, and not on AWS. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import base64
import importlib
import json
import os
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from types import SimpleNamespace

HTTP_PRELUDE = "application/vnd.awslambda.http-integration-response"
API = "/2018-06-01/runtime"
STREAMED = {
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Transfer-Encoding": "chunked",
    "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
}


def described(problem: Exception) -> dict[str, str]:
    """Return an error in the Runtime API's form."""
    return {"errorMessage": str(problem), "errorType": type(problem).__name__}


def answer(api: HTTPConnection, path: str, pieces: Iterator[str | bytes | dict]) -> None:
    """Send the handler's pieces; an error after the first piece goes into the trailers."""
    first = next(pieces, b"")  # an error before it is an ordinary one
    api.putrequest("POST", f"{path}/response")
    has_prelude = isinstance(first, dict)  # status and headers, for a function URL
    if has_prelude:
        first = json.dumps(first).encode() + bytes(8)
    api.putheader("Content-Type", HTTP_PRELUDE if has_prelude else "application/octet-stream")
    for name, value in STREAMED.items():
        api.putheader(name, value)
    api.endheaders()
    trailers = ""
    try:
        piece = first
        while piece is not None:
            data = piece.encode() if isinstance(piece, str) else piece
            if data:
                api.send(b"%x\r\n%b\r\n" % (len(data), data))
            piece = next(pieces, None)
    except Exception as problem:  # noqa: BLE001 - whatever the handler raises
        body = base64.b64encode(json.dumps(described(problem)).encode()).decode()
        trailers = (
            f"Lambda-Runtime-Function-Error-Type: {type(problem).__name__}\r\n"
            f"Lambda-Runtime-Function-Error-Body: {body}\r\n"
        )
    api.send(b"0\r\n" + trailers.encode() + b"\r\n")


def main() -> None:
    """Ask for events and answer them, for as long as the environment lives."""
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as problem:  # noqa: BLE001 - whatever the handler raises
        api.request("POST", f"{API}/init/error", json.dumps(described(problem)))
        sys.exit(1)
    while True:
        api.request("GET", f"{API}/invocation/next")
        got = api.getresponse()
        event = json.loads(got.read())
        request_id = got.headers["Lambda-Runtime-Aws-Request-Id"]
        path = f"{API}/invocation/{request_id}"
        try:
            result = handler(event, SimpleNamespace(aws_request_id=request_id))
            if hasattr(result, "__next__"):
                answer(api, path, result)
            else:
                api.request("POST", f"{path}/response", json.dumps(result))
        except Exception as problem:  # noqa: BLE001 - whatever the handler raises
            api.request("POST", f"{path}/error", json.dumps(described(problem)))
        api.getresponse().read()


if __name__ == "__main__":
    main()
