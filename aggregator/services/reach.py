"""Whether anybody else can reach an address."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aggregator.fetch.guard import special

# RFC 6761, RFC 6762, RFC 8375, and what routers give their own networks.
_LOCAL_ENDINGS = tuple(
    f".{name}" for name in "localhost local internal lan home corp test invalid home.arpa".split()
)


def is_reachable(url: str) -> bool:
    """Whether an http(s) address is not, by its name alone, one of a private network."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
        return special(ip_address(host.partition("%")[0])) is None
    except ValueError:
        pass
    # A last label of digits is an IPv4 address in one of its other spellings.
    last = host.rpartition(".")[2]
    odd = last.isdecimal() or last.startswith("0x")
    return "." in host and not odd and not host.endswith(_LOCAL_ENDINGS)
