"""An address to ask, taken apart: what may be shown, what is secret, who is meant."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import httpx

from aggregator.errors import FetchError
from aggregator.model.poll import FailureKind

WEB_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 8192
_NAME = re.compile(r"(?!\.)(?:[a-z0-9_-]{1,63}(?:\.|$))+", re.IGNORECASE)
_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)


class Origin(NamedTuple):
    """Who answers (RFC 9110 §4.3.1). What is secret never leaves it."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """`url` has neither credentials nor fragment; `authorization` is for `origin` alone."""

    url: str
    origin: Origin
    parsed: httpx.URL
    authorization: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return self.origin.host

    @property
    def is_web(self) -> bool:
        return self.origin.scheme in WEB_PORTS


def parse_target(url: str, *, base: Target | None = None) -> Target:
    """Take an address apart; relative ones against `base`. Raises FetchError(BAD_URL).

    Which schemes may be asked is for the caller to say; for http and https the host and port
    are checked here.
    """
    if len(url) > LONGEST_URL:
        raise FetchError(FailureKind.BAD_URL, "the address is too long")
    try:
        parsed = httpx.URL(url.strip())
        if base:
            parsed = base.parsed.join(parsed)
    except (httpx.InvalidURL, ValueError) as error:
        # The reason may quote a piece of a password, so it is not told.
        raise FetchError(FailureKind.BAD_URL, "the address cannot be understood") from error
    scheme, host = parsed.scheme, parsed.raw_host.decode("ascii")
    port = parsed.port if parsed.port is not None else WEB_PORTS.get(scheme, 0)
    if scheme in WEB_PORTS:
        if not (_NAME.fullmatch(host) or _IPV6.fullmatch(host)) or len(host) > 253:
            raise FetchError(FailureKind.BAD_URL, f"no usable host name in {shown(parsed)}")
        if not 0 < port < 65536:
            raise FetchError(FailureKind.BAD_URL, f"no usable port in {shown(parsed)}")
    authorization = _of_userinfo(parsed.userinfo) if parsed.userinfo else None
    if parsed.userinfo or "#" in url:
        parsed = parsed.copy_with(userinfo=b"", fragment=None)
    return Target(
        url=str(parsed),
        origin=Origin(scheme, host, port),
        parsed=parsed,
        authorization=authorization,
    )


def one_line(text: object, limit: int = 200) -> str:
    """Return text as one printable line of at most `limit` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shown(parsed: httpx.URL) -> str:
    """Return an address as it may be shown in a message: without credentials and query."""
    return one_line(parsed.copy_with(userinfo=b"", query=None, fragment=None))


def basic(pair: bytes) -> str:
    """Return the Authorization field for `name:password` (RFC 7617)."""
    return "Basic " + base64.b64encode(pair).decode("ascii")


def _of_userinfo(userinfo: bytes) -> str:
    """Return the Authorization field for `name:password` as a URL spells it."""
    name, _, password = userinfo.partition(b":")
    return basic(unquote_to_bytes(name) + b":" + unquote_to_bytes(password))
