"""A request and its answer, as the servers of this package and the simulated cloud take them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

#: Of a request to this cloud.
MAX_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    trailers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer. An iterator as its body is sent chunk by chunk, as the chunks come."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def head_of(response: HttpResponse) -> bytes:
    """The head of an answer: an iterator as its body is sent in chunks."""
    headers = dict(response.headers)
    if isinstance(response.body, bytes):
        headers["Content-Length"] = str(len(response.body))
    else:
        headers["Transfer-Encoding"] = "chunked"
    known = response.status in HTTPStatus._value2member_map_
    phrase = HTTPStatus(response.status).phrase if known else "Overloaded"  # 529, of no standard
    head = [f"HTTP/1.1 {response.status} {phrase}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")


async def body_of(response: HttpResponse) -> AsyncIterator[bytes]:
    """The body of an answer as it is sent, piece by piece."""
    if isinstance(response.body, bytes):
        yield response.body
        return
    async for chunk in response.body:
        yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


HttpHandler = Callable[[HttpRequest], Awaitable[HttpResponse]]


def is_local_and_direct(
    headers: Mapping[str, str], ports: Collection[int], *, opened: bool = False
) -> bool:
    """Whether a request names this server and does not come from another site's web page.

    A web page of another site can reach loopback from the reader's browser. The browser then adds
    Origin to a post, and Sec-Fetch-Site to every request. A page can also rebind its own host
    name to 127.0.0.1; then Host names that page's host.

    Args:
        headers: names in lower case.
        ports: this server's.
        opened: whether the address itself has a secret of this start. It may then be typed into a
            browser, and the page that it shows may ask for more.
    """
    hosts = ("127.0.0.1", "localhost", "[::1]")
    names = {f"{name}:{port}" for name in hosts for port in ports}
    host, site = headers.get("host", ""), headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if host not in names:
        return False
    if opened:
        return site in {None, "none", "same-origin"} and origin in {None, f"http://{host}"}
    return site is None and origin is None
