"""Small servers on loopback for every room's tests: raw sockets, so that they can misbehave.

    with serving(lambda request: response(200, b"hello", etag='"1"')) as server:
        ... server.url("/feed") ... server.requests

An answer is bytes, or an iterable of bytes that are sent one by one until the client hangs up.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    raw: bytes


Answer = bytes | Iterable[bytes]


class Server:
    """Answers every connection in a thread of its own, with one answer each."""

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.host = host
        self._answer, self._tls = answer, tls
        self._listener = socket.create_server((host, 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def url(self, path: str = "/", *, host: str | None = None, user: str = "") -> str:
        """Return an address at this server; `user` is put before the host, `@` included."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{user}{host or self.host}:{self.port}{path}"

    def close(self) -> None:
        # Closing alone would leave the accepting thread waiting.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Clients under test hang up in the middle; that is no error here.
        with connection, suppress(OSError, ValueError):
            connection.settimeout(5)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                request = _read(connection)
                self.requests.append(request)
                answer = self._answer(request)
                for part in [answer] if isinstance(answer, bytes) else answer:
                    connection.sendall(part)


@contextmanager
def serving(
    answer: Callable[[Request], Answer],
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    server = Server(answer, host=host, tls=tls)
    try:
        yield server
    finally:
        server.close()


def response(status: int = 200, body: bytes = b"", **headers: str | None) -> bytes:
    """Return a whole answer; `content_type="…"` becomes `content-type: …`.

    Content-Length is set unless given; None as a value leaves a field out.
    """
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Odd"
    named: dict[str, str | None] = {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    named.setdefault("content-length", str(len(body)))
    named.setdefault("connection", "close")
    lines = [f"{name}: {value}" for name, value in named.items() if value is not None]
    head = "\r\n".join([f"HTTP/1.1 {status} {phrase}", *lines, "", ""])
    return head.encode("latin-1") + body


def _read(connection: socket.socket) -> Request:
    raw = b""
    while b"\r\n\r\n" not in raw:
        data = connection.recv(65536)
        if not data:
            raise OSError("hung up")
        raw += data
    first, *lines = raw.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    whole = raw.index(b"\r\n\r\n") + 4 + int(headers.get("content-length", 0))
    while len(raw) < whole:
        data = connection.recv(65536)
        if not data:
            raise OSError("hung up")
        raw += data
    return Request(method, target, headers, raw)
