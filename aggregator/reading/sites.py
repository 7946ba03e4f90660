"""Whose server an address is at: one publisher, however many names it has. Pure."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList


def site_of(url: str) -> str | None:
    """Return the registrable domain of an http(s) address, or the IP address it names.

    A name without one (`localhost`, a public suffix itself) stands for itself. None for other
    schemes, whose answers need no network, and for what is no address.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    return site_of_host(host)


def site_of_host(host: str) -> str:
    """Return the same for the host of an http(s) address: a name in lower case, or an address."""
    host = host.rstrip(".")
    try:
        return str(ip_address(host))
    except ValueError:
        return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    # The list as it came with the library: only the names in it, unknown ones by their last label.
    return PublicSuffixList()
