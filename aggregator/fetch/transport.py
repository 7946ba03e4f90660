"""httpx's transport of ours: one guarded HTTP/1.1 connection per request, never kept."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

import httpcore
import httpx

from aggregator.errors import FetchError
from aggregator.fetch.connect import Deadline, Dialer, Resolver
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.target import one_line
from aggregator.model.poll import FailureKind

HEADER_BYTES = 64 * 1024  # of one answer


class GuardedTransport(httpx.BaseTransport):
    """Sends requests; the extension `deadline` of each bounds it whole. Raises FetchError.

    It is used without an httpx.Client, which would keep cookies, prepare redirects by itself,
    log whole addresses, and take a third of the time of a small request.
    """

    def __init__(self, policy: AddressPolicy, resolver: Resolver) -> None:
        self._policy, self._resolver = policy, resolver

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, deadline = request.url, request.extensions["deadline"]
        host = url.raw_host.decode("ascii")
        origin = httpcore.Origin(
            url.raw_scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)
        )
        dialer = Dialer(self._policy, self._resolver, deadline)
        connection = httpcore.HTTPConnection(
            origin,
            ssl_context=tls_context() if url.scheme == "https" else None,
            network_backend=dialer,
        )
        try:
            with _translated(host):
                answer = connection.handle_request(
                    httpcore.Request(
                        request.method,
                        httpcore.URL(
                            scheme=url.raw_scheme,
                            host=url.raw_host,
                            port=url.port,
                            target=url.raw_path,
                        ),
                        headers=request.headers.raw,
                    )
                )
                if answer.status == 101:
                    raise httpcore.RemoteProtocolError("switches protocols unasked")
                if sum(len(name) + len(value) + 4 for name, value in answer.headers) > HEADER_BYTES:
                    raise httpcore.RemoteProtocolError("too many headers")
        except BaseException:
            connection.close()
            if dialer.wire:  # a connection that failed in its handshake does not know it yet
                dialer.wire.close()
            raise
        if dialer.wire:
            dialer.wire.head_is_over()
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, connection, host, deadline),
        )


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one context for all: it takes milliseconds and a megabyte to make."""
    return ssl.create_default_context()


class _Body(httpx.SyncByteStream):
    """The body as it arrives; closing it closes the connection, read or not."""

    def __init__(
        self,
        answer: httpcore.Response,
        connection: httpcore.HTTPConnection,
        host: str,
        deadline: Deadline,
    ) -> None:
        self._answer, self._connection = answer, connection
        self._host, self._deadline = host, deadline

    def __iter__(self) -> Iterator[bytes]:
        stream = self._answer.stream
        assert isinstance(stream, Iterable)  # noqa: S101 - its asynchronous twin is not used here
        with _translated(self._host):
            for chunk in stream:
                self._deadline.left(self._host)
                yield chunk

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _translated(host: str) -> Iterator[None]:
    try:
        yield
    except httpcore.ProtocolError as error:
        raise FetchError(
            FailureKind.PROTOCOL, f"{host} does not keep to HTTP: {one_line(error)}"
        ) from error
