"""httpx's transport of ours: one guarded HTTP/1.1 connection per request, never kept.

h11 speaks the protocol; what is sent and read goes through a `Wire`, which ends with its
deadline. httpx's own transport keeps neither a deadline nor an address policy, and its pool
takes twice the time of a small request.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import h11
import httpx

from aggregator.errors import FetchError
from aggregator.fetch.connect import Dialer, Resolver, Wire
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.proxy import Proxies, Proxy
from aggregator.fetch.target import one_line
from aggregator.model.poll import FailureKind

HEADER_BYTES = 64 * 1024  # of one answer
READ_BYTES = 64 * 1024  # at a time
_END = h11.EndOfMessage()  # of a request


class GuardedTransport(httpx.BaseTransport):
    """Sends requests; the extension `deadline` of each bounds it whole. Raises FetchError.

    It is used without an httpx.Client, which would keep cookies, prepare redirects by itself,
    log whole addresses, and take a third of the time of a small request.
    """

    def __init__(
        self, policy: AddressPolicy, resolver: Resolver, proxies: Proxies | None = None
    ) -> None:
        self._dialer = Dialer(policy, resolver)
        self._proxies = proxies

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, deadline = request.url, request.extensions["deadline"]
        host = url.raw_host.decode("ascii")
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        target, fields = url.raw_path, request.headers.raw
        proxy = self._proxies.for_host(url.scheme, host) if self._proxies else None
        if proxy:
            wire = self._dialer.connect_through(proxy, host, port, deadline)
        else:
            wire = self._dialer.connect(host, port, deadline)
        try:
            if proxy and secure:
                _tunnel(wire, proxy, host, port)
            elif proxy:
                # In absolute form (RFC 9112 §3.2.2): the proxy sends it on.
                target = b"http://" + url.netloc + target
                fields = [*fields, *proxy.headers]
            if secure:
                wire.start_tls(tls_context())
            exchange = _Exchange(wire, host)
            with _translated(host):
                status, headers = exchange.ask(request.method, target, fields, request.read())
        except BaseException:
            wire.close()
            raise
        return httpx.Response(
            status,
            headers=headers,
            stream=exchange,
            extensions={"own_machine": wire.own_machine},
        )


def _tunnel(wire: Wire, proxy: Proxy, host: str, port: int) -> None:
    """Have the proxy connect to a host (RFC 9110 §9.3.6); what follows is between it and us."""
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    fields = [(b"Host", authority.encode("ascii")), *proxy.headers]
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADER_BYTES)
    with _translated(proxy.host):
        asked = h11.Request(method="CONNECT", target=authority, headers=fields)
        wire.write((http.send(asked) or b"") + (http.send(_END) or b""))
        while (event := http.next_event()) is h11.NEED_DATA or isinstance(
            event, h11.InformationalResponse
        ):
            if event is h11.NEED_DATA:
                # Byte by byte would be exact; nothing may come before we begin TLS.
                http.receive_data(wire.read(READ_BYTES))
    if not isinstance(event, h11.Response) or not 200 <= event.status_code < 300:
        status = getattr(event, "status_code", "nothing")
        raise FetchError(
            FailureKind.CONNECT, f"the proxy {proxy.host} does not connect to {host} ({status})"
        )


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one context for all: it takes milliseconds and a megabyte to make."""
    return ssl.create_default_context()


class _Exchange(httpx.SyncByteStream):
    """One request and its answer. As a stream it is the body as it arrives, still coded.

    Closing it closes the connection, read or not.
    """

    def __init__(self, wire: Wire, host: str) -> None:
        self._wire, self._host = wire, host
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADER_BYTES)

    def ask(
        self, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Send the request; return status and fields of the answer. Raises h11.ProtocolError."""
        # h11 has to know only whether a body is due: to write every field through it, and to
        # have it look each over again, takes as long as to read the answer.
        self._http.send(_like(method, bool(body)))
        if body:
            self._http.send(h11.Data(data=body))
        self._http.send(_END)
        self._wire.write(_head(method, target, headers) + body)
        while True:
            event = self._next_event()
            if isinstance(event, h11.Response):
                break
            if not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("hangs up without an answer")
        fields = event.headers.raw_items()
        if sum(len(name) + len(value) + 4 for name, value in fields) > HEADER_BYTES:
            raise h11.RemoteProtocolError("too many headers")
        self._wire.head_is_over()
        return event.status_code, fields

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._host):
            while True:
                event = self._next_event()
                if not isinstance(event, h11.Data):
                    return
                yield bytes(event.data)

    def close(self) -> None:
        self._wire.close()

    def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = self._wire.read(READ_BYTES)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("it hangs up without an answer")
            self._http.receive_data(data)
        return event


@cache
def _like(method: str, has_body: bool) -> h11.Request:
    """Return a request that h11 takes for ours: nothing else of it tells how the answer ends."""
    framing = [("Transfer-Encoding", "chunked")] if has_body else []
    return h11.Request(method=method, target="/", headers=[("Host", "h"), *framing])


def _head(method: str, target: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    """Return a request line and fields (RFC 9112 §3, §5). Raises h11.LocalProtocolError.

    Whoever gives the fields has cleaned them; that each is one line is seen to once more.
    """
    lines = [b"%b %b HTTP/1.1" % (method.encode("ascii"), target)]
    lines += [b"%b: %b" % field for field in fields]
    head = b"\r\n".join(lines)
    breaks = len(fields)
    if (
        head.count(b"\n") != breaks
        or head.count(b"\r") != breaks
        or b"\0" in head
        or b" " in target
    ):
        raise h11.LocalProtocolError("what would be sent is no request")
    return head + b"\r\n\r\n"


@contextmanager
def _translated(host: str) -> Iterator[None]:
    try:
        yield
    except h11.ProtocolError as error:
        raise FetchError(
            FailureKind.PROTOCOL, f"{host} does not keep to HTTP: {one_line(error)}"
        ) from error
