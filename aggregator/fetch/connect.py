"""Connecting: one lookup, every address checked, the checked address dialled, one deadline.

An httpcore network backend sits below redirects, TLS and HTTP, so nothing passes it by: there
is no second lookup that could answer differently, and TLS still checks the name.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from typing import Any

import httpcore

from aggregator.errors import FetchError
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.target import one_line
from aggregator.model.poll import FailureKind

Address = IPv4Address | IPv6Address
Resolver = Callable[..., Sequence[tuple[Any, ...]]]  # as socket.getaddrinfo

MOST_ADDRESSES = 6  # tried for one name
HEAD_BYTES = 256 * 1024  # of all that comes before the body, 1xx answers included


class Deadline:
    """The moment at which a whole fetch must be over."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._end = clock() + seconds

    def left(self, host: str) -> float:
        """Return the seconds left, more than 0. Raises FetchError(TIMEOUT)."""
        left = self._end - self._clock()
        if left <= 0:
            raise self.passed(host)
        return left

    def passed(self, host: str) -> FetchError:
        """Return the error that says so."""
        return FetchError(
            FailureKind.TIMEOUT, f"{host} did not answer in full within {self._seconds:g} s"
        )


class Dialer(httpcore.NetworkBackend):
    """Connects for one request. Raises FetchError instead of httpcore's own errors."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, deadline: Deadline) -> None:
        self._policy, self._resolver, self._deadline = policy, resolver, deadline
        self.wire: Wire | None = None  # what was opened last

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        # One bad answer condemns the name: it may be a private host behind a public alias.
        for address in addresses:
            if refusal := self._policy.refusal(address, port):
                prefix = "" if refusal.startswith(host) else f"{host}: "
                raise FetchError(FailureKind.FORBIDDEN_ADDRESS, prefix + refusal)
        self.wire = Wire(self._dial(host, addresses[:MOST_ADDRESSES], port), host, self._deadline)
        return self.wire

    def _addresses(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host, each once. Raises FetchError (DNS, TIMEOUT)."""
        with suppress(ValueError):
            return [ip_address(host)]
        # The system's lookup knows no time limit, so it is left behind when time is up.
        answer: SimpleQueue[Sequence[tuple[Any, ...]] | Exception] = SimpleQueue()
        threading.Thread(
            target=self._look_up, args=(host, port, answer), name="lookup", daemon=True
        ).start()
        try:
            found = answer.get(timeout=self._deadline.left(host))
        except Empty:
            raise self._deadline.passed(host) from None
        if isinstance(found, Exception):
            raise FetchError(
                FailureKind.DNS, f"{host} cannot be found: {_reason(found)}; check the address"
            ) from found
        addresses = list(dict.fromkeys(ip_address(info[4][0]) for info in found))
        if not addresses:
            raise FetchError(FailureKind.DNS, f"{host} has no address; check the spelling")
        return addresses

    def _look_up(
        self, host: str, port: int, answer: SimpleQueue[Sequence[tuple[Any, ...]] | Exception]
    ) -> None:
        try:
            answer.put(self._resolver(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # the latter for labels that cannot be
            answer.put(error)

    def _dial(self, host: str, addresses: Sequence[Address], port: int) -> socket.socket:
        """Return a socket connected to the first address that answers."""
        reason = ""
        for tried, address in enumerate(addresses):
            # An address that swallows packets must leave time for the others.
            time_for_it = self._deadline.left(host) / (len(addresses) - tried)
            try:
                return _connected(address, port, time_for_it)
            except OSError as error:
                reason = _reason(error)
        self._deadline.left(host)
        raise FetchError(FailureKind.CONNECT, f"{host} cannot be reached: {reason}")


class Wire(httpcore.NetworkStream):
    """A connection that ends with its deadline, and that bounds what precedes a body."""

    def __init__(self, sock: socket.socket, host: str, deadline: Deadline) -> None:
        self._sock, self._host, self._deadline = sock, host, deadline
        self._head_left: int | None = HEAD_BYTES

    def head_is_over(self) -> None:
        """Lift the bound: what comes now is counted by who reads the body."""
        self._head_left = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(self._deadline.left(self._host))
        try:
            data = self._sock.recv(max_bytes)
        except TimeoutError:
            raise self._deadline.passed(self._host) from None
        except OSError as error:
            raise FetchError(
                FailureKind.CONNECT, f"{self._host} broke off its answer: {_reason(error)}"
            ) from error
        if self._head_left is not None:
            self._head_left -= len(data)
            if self._head_left < 0:
                raise FetchError(FailureKind.PROTOCOL, f"{self._host} sends headers without end")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:  # httpcore sends the empty body, and its end, as separate nothings
            return
        self._sock.settimeout(self._deadline.left(self._host))
        try:
            self._sock.sendall(buffer)
        except TimeoutError:
            raise self._deadline.passed(self._host) from None
        except OSError as error:
            # httpcore reads on: a server may answer before it has heard all.
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._deadline.left(self._host))
            self._sock = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except TimeoutError:
            raise self._deadline.passed(self._host) from None
        except ssl.SSLCertVerificationError as error:
            raise FetchError(
                FailureKind.TLS,
                f"the certificate of {self._host} is not good: {one_line(error.verify_message)}",
            ) from error
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise FetchError(
                FailureKind.TLS, f"no secure connection to {self._host}: {_reason(error)}"
            ) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


def _connected(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect((str(address), port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return one_line(error.reason.replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror.lower())
    return one_line(error)
