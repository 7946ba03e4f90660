"""What hostile servers and networks do, and that it ends soon, small and with a reason."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, HttpFetcher
from aggregator.fetch.transport import tls_context
from aggregator.model.poll import FailureKind
from servers import Request, response, serving

MIB = 1024 * 1024
SHORT = timedelta(seconds=0.5)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def failure(fetch: Callable[..., object], *arguments: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(*arguments)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    return caught.value


def answers(*addresses: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a resolver that knows one answer, and counts in `asked`."""

    def resolve(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    asked: list[str] = []
    resolve.asked = asked  # type: ignore[attr-defined]
    return resolve


# Where we connect. 127.0.0.2 plays a public address, 127.0.0.1 an internal one.

PUBLIC = (ip_network("127.0.0.2/32"),)


@pytest.mark.parametrize(
    "host",
    """127.0.0.1 127.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.1 0 localhost
    [::1] [::] [::ffff:127.0.0.1] [::127.0.0.1] 10.0.0.1 169.254.169.254 127。0。0。1""".split(),
)
def test_internal_addresses_are_refused_however_they_are_spelled(make: Any, host: str) -> None:
    with serving(lambda _: response(200, b"secret")) as canary:
        error = failure(make(allow_networks=PUBLIC).fetch, canary.url(host=host))
        assert error.kind in {FailureKind.FORBIDDEN_ADDRESS, FailureKind.BAD_URL}
        assert canary.connections == 0


def test_the_refusal_says_how_to_allow_it(make: Any) -> None:
    fetcher = make(allow_networks=(), resolver=answers("10.1.2.3"))
    error = failure(fetcher.fetch, "http://intranet.example/feed")
    assert error.kind is FailureKind.FORBIDDEN_ADDRESS
    assert str(error) == (
        "intranet.example: 10.1.2.3 is a private address; "
        "`fetch.allow_networks` in feeds.yaml can allow it"
    )


def test_one_private_answer_condemns_the_name(make: Any) -> None:
    with serving(lambda _: response(200, b"secret"), host="127.0.0.2") as canary:
        fetcher = make(allow_networks=PUBLIC, resolver=answers("127.0.0.2", "127.0.0.1"))
        error = failure(fetcher.fetch, canary.url(host="mixed.example"))
        assert error.kind is FailureKind.FORBIDDEN_ADDRESS
        assert canary.connections == 0


def test_a_name_that_changes_its_address_gains_nothing(make: Any) -> None:
    turn = iter(["127.0.0.2", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (next(turn), port))]

    with serving(lambda _: response(200, b"public"), host="127.0.0.2") as server:
        fetcher = make(allow_networks=PUBLIC, resolver=rebinding)
        got = fetcher.fetch(server.url(host="twice.example"))
        assert got.body == b"public"
        assert asked == ["twice.example"]  # one lookup; what was checked is what was dialled
        assert server.requests[0].headers["host"] == f"twice.example:{server.port}"
        error = failure(fetcher.fetch, server.url(host="twice.example"))
        assert error.kind is FailureKind.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inside_is_refused(make: Any, status: int) -> None:
    with (
        serving(lambda _: response(200, b"secret")) as canary,
        serving(lambda _: response(status, location=canary.url("/admin")), host="127.0.0.2") as bad,
    ):
        error = failure(make(allow_networks=PUBLIC).fetch, bad.url())
        assert error.kind is FailureKind.FORBIDDEN_ADDRESS
        assert [hop.location for hop in error.hops] == [canary.url("/admin")]
        assert canary.connections == 0


def test_odd_ports_are_refused_before_any_packet(make: Any) -> None:
    fetcher = make(allow_networks=(), resolver=answers("1.1.1.1"))
    for port in (22, 25, 6379):
        error = failure(fetcher.fetch, f"http://public.example:{port}/")
        assert error.kind is FailureKind.FORBIDDEN_ADDRESS
        assert "allow_ports" in str(error)


def test_the_next_address_is_tried_when_one_fails(make: Any) -> None:
    with serving(lambda _: response(200, b"<rss/>")) as server:
        networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
        fetcher = make(allow_networks=networks, resolver=answers("127.0.0.9", "::1", "127.0.0.1"))
        assert fetcher.fetch(server.url(host="many.example")).body == b"<rss/>"


def test_names_that_are_not_there(make: Any) -> None:
    def unknown(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    error = failure(make(resolver=unknown).fetch, "https://nowhere.example/")
    assert error.kind is FailureKind.DNS
    assert "nowhere.example" in str(error)
    assert failure(make(resolver=answers()).fetch, "http://a.example/").kind is FailureKind.DNS


def test_a_closed_port_is_a_failure_to_connect(fetcher: HttpFetcher) -> None:
    with serving(lambda _: b"") as server:
        url = server.url()
    error = failure(fetcher.fetch, url)
    assert error.kind is FailureKind.CONNECT
    assert "127.0.0.1 cannot be reached" in str(error)


# One deadline for everything.


def slowly(*parts: bytes, pause: float = 0.05) -> Iterator[bytes]:
    for part in parts:
        yield part
        time.sleep(pause)


def forever(part: bytes, before: bytes = b"", pause: float = 0.05) -> Iterator[bytes]:
    yield before
    while True:
        yield part
        if pause:
            time.sleep(pause)


ENDLESS: dict[str, Callable[[Request], Any]] = {
    "silence": lambda _: slowly(b"", *[b""] * 30),
    "a header byte at a time": lambda _: slowly(*[bytes([c]) for c in HEAD + b"X: " + b"y" * 99]),
    "a body byte at a time": lambda _: forever(b"x", HEAD + b"Content-Length: 10000\r\n\r\n"),
    "a chunk at a time": lambda _: forever(
        b"1\r\nx\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ),
    "1xx without end": lambda _: forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_everything_ends_at_the_deadline(make: Any, name: str) -> None:
    with serving(ENDLESS[name]) as server:
        begun = time.monotonic()
        error = failure(make(timeout=SHORT).fetch, server.url())
        taken = time.monotonic() - begun
    assert error.kind is FailureKind.TIMEOUT
    assert 0.4 < taken < 1.0
    assert str(error) == "127.0.0.1 did not answer in full within 0.5 s"


def test_a_slow_lookup_ends_at_the_deadline(make: Any) -> None:
    go_on = threading.Event()

    def stalled(host: str, port: int, **more: Any) -> list[tuple[Any, ...]]:
        go_on.wait(3)
        return []

    begun = time.monotonic()
    error = failure(make(timeout=SHORT, resolver=stalled).fetch, "http://slow.example/")
    assert error.kind is FailureKind.TIMEOUT
    assert time.monotonic() - begun < 1.0
    go_on.set()


def test_redirects_share_one_deadline(make: Any) -> None:
    def answer(request: Request) -> Iterator[bytes]:
        time.sleep(0.2)
        yield response(302, location=request.target + "x")

    with serving(answer) as server:
        begun = time.monotonic()
        error = failure(make(timeout=SHORT).fetch, server.url())
    assert error.kind is FailureKind.TIMEOUT
    assert time.monotonic() - begun < 1.0
    assert len(error.hops) == 2


def test_the_body_of_a_redirect_is_not_waited_for(fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> Any:
        if request.target == "/new":
            return response(200, b"<rss/>")
        head = b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 99999\r\n\r\n"
        return forever(b"x", head)

    with serving(answer) as server:
        begun = time.monotonic()
        assert fetcher.fetch(server.url()).body == b"<rss/>"
        assert time.monotonic() - begun < 1.0


# Bounds on what is sent.


def test_an_endless_body_is_cut_at_the_limit(make: Any) -> None:
    head = HEAD + b"Connection: close\r\n\r\n"
    with serving(lambda _: forever(bytes(65536), head, pause=0)) as server:
        fetcher = make(max_bytes=2 * MIB)
        tracemalloc.start()
        try:
            error = failure(fetcher.fetch, server.url())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert error.kind is FailureKind.TOO_LARGE
    assert "2 MiB" in str(error)
    assert peak < 8 * MIB


def test_a_length_above_the_limit_is_refused_unread(make: Any) -> None:
    with serving(lambda _: forever(b"", HEAD + b"Content-Length: 3000000\r\n\r\n")) as server:
        begun = time.monotonic()
        error = failure(make(max_bytes=2 * MIB).fetch, server.url())
    assert error.kind is FailureKind.TOO_LARGE
    assert time.monotonic() - begun < 0.4


def test_a_bomb_meets_the_limit(make: Any) -> None:
    bomb = gzip.compress(bytes(64 * MIB))
    with serving(lambda _: response(200, bomb, content_encoding="gzip")) as server:
        error = failure(make(max_bytes=MIB).fetch, server.url())
    assert error.kind is FailureKind.TOO_LARGE


def test_a_packed_body_arrives_unpacked(fetcher: HttpFetcher) -> None:
    body = b"<rss/>" * 1000
    with serving(lambda _: response(200, gzip.compress(body), content_encoding="gzip")) as server:
        assert fetcher.fetch(server.url()).body == body


@pytest.mark.parametrize(
    "headers",
    [
        {"content_encoding": "gzip"},
        {"content_encoding": "gzip, gzip"},
        {"content_encoding": "zstd"},
    ],
)
def test_broken_stacked_and_unasked_codings_are_refused(
    fetcher: HttpFetcher, headers: dict[str, str]
) -> None:
    with serving(lambda _: response(200, gzip.compress(b"x" * 99)[:-9], **headers)) as server:
        assert failure(fetcher.fetch, server.url()).kind is FailureKind.ENCODING


FLOOD = b"".join(b"X-%d: y\r\n" % number for number in range(8000))
BROKEN = {
    "a header flood": HEAD + FLOOD + b"\r\n",
    "one endless header": HEAD + b"X: " + b"y" * 300_000,
    "a flood of 1xx": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000,
    "a flood of cookies": HEAD + b"Set-Cookie: a=1\r\n" * 6000 + b"Content-Length: 0\r\n\r\n",
    "a body shorter than its length": HEAD + b"Content-Length: 100\r\n\r\n<rss/>",
    "a chunked body cut off": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss/",
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n<rss/>",
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n<rss/>",
    "nothing": b"",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no headers at all": b"<rss/>",
    "a broken header": HEAD + b"no colon here \x1b[31m\r\n\r\n",
    "a switch of protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_http_is_told_as_such(fetcher: HttpFetcher, name: str) -> None:
    with serving(lambda _: BROKEN[name]) as server:
        error = failure(fetcher.fetch, server.url())
    assert error.kind is FailureKind.PROTOCOL, str(error)
    assert "127.0.0.1" in str(error)
    assert "state=" not in str(error)


def test_a_status_that_nobody_knows_is_told_by_its_number(fetcher: HttpFetcher) -> None:
    with serving(lambda _: b"HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n") as server:
        error = failure(fetcher.fetch, server.url())
    assert "999" in str(error)
    assert error.status == 999


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: 6\n\n<rss/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
        b"6\r\n<rss/>\r\n0\r\n\r\n",
    ],
    ids=["bare line feeds", "a length beside chunks"],
)
def test_what_can_be_read_in_one_way_only_is_read_so(fetcher: HttpFetcher, answer: bytes) -> None:
    with serving(lambda _: answer) as server:
        got = fetcher.fetch(server.url())
    assert isinstance(got, Fetched)
    assert got.body == b"<rss/>"


def test_a_reset_connection_is_a_failure_to_connect(fetcher: HttpFetcher) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def reset() -> None:
        connection, _ = listener.accept()
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    thread = threading.Thread(target=reset)
    thread.start()
    error = failure(fetcher.fetch, f"http://127.0.0.1:{listener.getsockname()[1]}/")
    thread.join()
    listener.close()
    assert error.kind in {FailureKind.CONNECT, FailureKind.PROTOCOL}


# TLS.


def test_tls_spoken_to_a_plain_server_is_a_tls_failure(fetcher: HttpFetcher) -> None:
    plain = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(plain)

    thread = threading.Thread(target=answer)
    thread.start()
    error = failure(fetcher.fetch, f"https://127.0.0.1:{listener.getsockname()[1]}/")
    thread.join()
    listener.close()
    assert error.kind is FailureKind.TLS
    assert "127.0.0.1" in str(error)


def test_a_stalled_handshake_ends_at_the_deadline(make: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begun = time.monotonic()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        error = failure(make(timeout=SHORT).fetch, url)
    assert error.kind is FailureKind.TIMEOUT
    assert time.monotonic() - begun < 1.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with key and certificate for good.example, signed by itself."""
    if not which("openssl"):
        pytest.skip("needs the openssl command")
    file = tmp_path_factory.mktemp("tls") / "good.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=good.example", "-addext", "subjectAltName=DNS:good.example"]
    subprocess.run(
        [*command.split(), *names, "-keyout", file, "-out", file.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


def test_certificates_are_checked_against_the_name_not_the_address(
    make: Any, certificate: Path, monkeypatch: Any
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    fetcher = make(resolver=answers("127.0.0.1"))
    with serving(lambda _: response(200, b"<rss/>"), tls=context) as server:
        error = failure(fetcher.fetch, server.url(host="good.example"))
        assert error.kind is FailureKind.TLS
        assert "certificate of good.example" in str(error)
        assert server.requests == []

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
        tls_context.cache_clear()
        try:
            got = fetcher.fetch(server.url(host="good.example"))
            assert isinstance(got, Fetched)
            assert got.body == b"<rss/>"
            error = failure(fetcher.fetch, server.url(host="other.example"))
            assert error.kind is FailureKind.TLS
        finally:
            tls_context.cache_clear()


# This machine's own bounds.


def test_no_publisher_is_to_blame_when_this_machine_gives_no_more_threads(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    error = failure(make(resolver=answers("127.0.0.1")).fetch, "http://a.example/")
    assert error.ours
    assert "a.example was not looked up" in str(error)
    assert "`fetch.connections`" in str(error)


def test_no_publisher_is_to_blame_when_this_machine_opens_no_more_files(make: Any) -> None:
    fetcher, (soft, hard) = make(), resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        error = failure(fetcher.fetch, "http://127.0.0.1:9/")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert error.ours
    assert "open files" in str(error)
