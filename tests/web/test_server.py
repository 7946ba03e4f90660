"""The server itself: where it listens, what it bears, how it ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from aggregator.errors import ListenError
from aggregator.web.server import WebServer
from aggregator.web.site import MOST_BYTES


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.5)
    seen = environ.get("HTTP_X_FORWARDED_FOR", "nobody")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {seen}".encode()]


@pytest.fixture
def server() -> Iterator[WebServer]:
    made = WebServer(app, ("127.0.0.1", 0))
    made.start()
    yield made
    made.close()


def connect(server: WebServer) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=5)


def ask(server: WebServer, request: bytes) -> bytes:
    with connect(server) as sock:
        sock.sendall(request)
        answer = b""
        while data := sock.recv(65536):
            answer += data
    return answer


def get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


def test_it_answers_and_believes_no_proxy(server: WebServer) -> None:
    answer = ask(server, get("/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https"))
    assert answer.endswith(b"http nobody")
    assert b"\r\nServer:" not in answer


# The server leaves the file in which it keeps a long body to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_above_the_bound_is_refused_however_it_comes(server: WebServer) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n"
    assert ask(server, head.encode()).startswith(b"HTTP/1.1 413")
    with connect(server) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        with suppress(OSError):  # it may hang up before it has heard all
            for _ in range(MOST_BYTES // 0x100000 + 1):
                sock.sendall(chunk)
        assert sock.recv(12).startswith(b"HTTP/1.1 413")


def test_it_stops_with_silent_connections_open(server: WebServer) -> None:
    with connect(server) as silent, connect(server) as half:
        half.sendall(b"GET / HT")
        time.sleep(0.1)
        begun = time.monotonic()
        server.close()
        assert time.monotonic() - begun < 3
        assert silent.recv(1) == b""
    with pytest.raises(OSError):  # noqa: PT011
        connect(server)


def test_an_answer_under_way_is_finished_first(server: WebServer) -> None:
    with connect(server) as sock:
        sock.sendall(get("/slow"))
        time.sleep(0.2)
        server.close()
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")


def test_it_may_be_closed_without_having_been_started() -> None:
    WebServer(app, ("127.0.0.1", 0)).close()


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            WebServer(app, ("127.0.0.1", port))
    told = str(caught.value)
    assert told.startswith(f"cannot listen at 127.0.0.1:{port}: address already in use; ")
    assert "`web.listen` in feeds.yaml" in told


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7", "::ffff:ffff:1"])
def test_a_place_that_is_not_here_is_told(host: str) -> None:
    with pytest.raises(ListenError, match="cannot listen at"):
        WebServer(app, (host, 0))
