"""Connecting: one lookup, every address checked, the checked address dialled, one deadline.

This sits below redirects, TLS and HTTP, so nothing passes it by: there is no second lookup that
could answer differently, and TLS still checks the name.
"""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from typing import Any

from aggregator.errors import FetchError
from aggregator.fetch.guard import AddressPolicy, special
from aggregator.fetch.proxy import Proxy
from aggregator.fetch.target import one_line
from aggregator.model.poll import FailureKind

Address = IPv4Address | IPv6Address
Resolver = Callable[..., Sequence[tuple[Any, ...]]]  # as socket.getaddrinfo

MOST_ADDRESSES = 6  # tried for one name
LATE = 0.05  # seconds by which an operation may outlast its time
HEAD_BYTES = 256 * 1024  # of all that comes before the body, 1xx answers included

_OUR_LIMIT = (
    "this machine gives us no more {what}: lower `fetch.connections` in feeds.yaml, or allow more"
)


class Deadline:
    """The moment at which a whole fetch must be over."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._end = clock() + seconds

    def extend(self, seconds: float) -> None:
        """Leave out time that was spent waiting for one's turn: no server is to blame for it."""
        self._end += seconds

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


class Dialer:
    """Connects to hosts that may be asked."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver) -> None:
        self._policy, self._resolver = policy, resolver

    def connect(self, host: str, port: int, deadline: Deadline) -> Wire:
        """Return a connection to `host`, which lasts until the deadline at most.

        Raises FetchError: DNS, FORBIDDEN_ADDRESS before anything is sent, CONNECT, TIMEOUT.
        """
        addresses = self._addresses(host, port, deadline)
        # One bad answer condemns the name: it may be a private host behind a public alias.
        for address in addresses:
            if refusal := self._policy.refusal(address, port):
                prefix = "" if refusal.startswith(host) else f"{host}: "
                raise FetchError(FailureKind.FORBIDDEN_ADDRESS, prefix + refusal)
        sock, address = _dial(host, addresses[:MOST_ADDRESSES], port, deadline)
        return Wire(sock, host, deadline, own_machine=special(address) is not None)

    def connect_through(self, proxy: Proxy, host: str, port: int, deadline: Deadline) -> Wire:
        """Return a connection to a proxy, over which `host` is going to be asked.

        The author named the proxy, so it may be anywhere; an address in the place of a host
        name must be allowed. Raises FetchError as `connect` does.
        """
        with suppress(ValueError):
            if refusal := self._policy.refusal(ip_address(host), port):
                raise FetchError(FailureKind.FORBIDDEN_ADDRESS, refusal)
        addresses = self._addresses(proxy.host, proxy.port, deadline)
        sock, _ = _dial(proxy.host, addresses[:MOST_ADDRESSES], proxy.port, deadline)
        return Wire(sock, host, deadline)

    def _addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """Return the addresses of a host, each once.

        Raises FetchError: DNS, TIMEOUT, and one that is ours where no thread can be had.
        """
        with suppress(ValueError):
            return [ip_address(host)]
        # The system's lookup knows no time limit, so it is left behind when time is up.
        answer: SimpleQueue[Sequence[tuple[Any, ...]] | Exception] = SimpleQueue()
        lookup = threading.Thread(
            target=self._look_up, args=(host, port, answer), name="lookup", daemon=True
        )
        try:
            lookup.start()
        except RuntimeError as error:
            raise _ours(f"{host} was not looked up", "threads") from error
        try:
            found = answer.get(timeout=deadline.left(host))
        except Empty:
            raise deadline.passed(host) from None
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


class Wire:
    """A connection that ends with its deadline, and that bounds what precedes a body."""

    def __init__(
        self, sock: socket.socket, host: str, deadline: Deadline, *, own_machine: bool = False
    ) -> None:
        """`own_machine`: the other end is where only machines are that the author allowed."""
        self._sock, self._host, self._deadline = sock, host, deadline
        self.own_machine = own_machine
        self._timeout = sock.gettimeout() or 0.0
        self._head_left: int | None = HEAD_BYTES

    def head_is_over(self) -> None:
        """Lift the bound: what comes now is counted by who reads the body."""
        self._head_left = None

    def read(self, most: int) -> bytes:
        """Return up to `most` bytes; none at the end. Raises FetchError (TIMEOUT, CONNECT)."""
        self._arm()
        try:
            data = self._sock.recv(most)
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

    def write(self, data: bytes) -> None:
        """Send all of it. Raises FetchError (TIMEOUT)."""
        self._arm()
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise self._deadline.passed(self._host) from None
        except OSError:
            pass  # a server may answer before it has heard all; if it does not, reading says so

    def close(self) -> None:
        self._sock.close()

    def _arm(self) -> None:
        """See to it that the next operation ends in time. Raises FetchError (TIMEOUT)."""
        left = self._deadline.left(self._host)
        # Setting it is a system call in which other threads take over: worth it when it matters.
        if not left <= self._timeout <= left + LATE:
            self._sock.settimeout(left)
            self._timeout = left

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Secure the connection; the certificate must be the host's. Raises FetchError (TLS)."""
        self._arm()
        try:
            self._sock = context.wrap_socket(self._sock, server_hostname=self._host.rstrip("."))
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


def _dial(
    host: str, addresses: Sequence[Address], port: int, deadline: Deadline
) -> tuple[socket.socket, Address]:
    """Return a socket connected to the first address that answers, and that address."""
    reason = ""
    for tried, address in enumerate(addresses):
        # An address that swallows packets must leave time for the others.
        time_for_it = deadline.left(host) / (len(addresses) - tried)
        try:
            return _connected(address, port, time_for_it), address
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                raise _ours(f"{host} was not asked", "open files") from error
            reason = _reason(error)
    deadline.left(host)
    raise FetchError(FailureKind.CONNECT, f"{host} cannot be reached: {reason}")


def _connected(address: Address, port: int, timeout: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _ours(what: str, resource: str) -> FetchError:
    told = f"{what}: {_OUR_LIMIT.format(what=resource)}"
    return FetchError(FailureKind.CONNECT, told, ours=True)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return one_line(error.reason.replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror.lower())
    return one_line(error)
