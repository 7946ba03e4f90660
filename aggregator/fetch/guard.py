"""Which addresses may be asked. Pure tables: the answers of `ipaddress` differ by Python version.

Special ranges are those of IANA's special-purpose registries (RFC 6890 and later entries).
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

PRIVATE, TRANSLATED, DOCUMENTED = "a private", "a translated", "a documentation"

SPECIAL_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), f"{kind} address")
    for network, kind in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", PRIVATE),
        ("100.64.0.0/10", "a carrier's private"),
        ("127.0.0.0/8", "a loopback"),
        ("169.254.0.0/16", "a link-local"),
        ("172.16.0.0/12", PRIVATE),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", DOCUMENTED),
        ("192.31.196.0/24", "a reserved"),
        ("192.52.193.0/24", "a reserved"),
        ("192.88.99.0/24", TRANSLATED),
        ("192.168.0.0/16", PRIVATE),
        ("192.175.48.0/24", "a reserved"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", DOCUMENTED),
        ("203.0.113.0/24", DOCUMENTED),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
    )
)

SPECIAL_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), f"{kind} address")
    for network, kind in (
        ("::1/128", "a loopback"),
        ("::/128", "an unspecified"),
        ("::/96", "an IPv4-compatible"),
        ("64:ff9b::/96", TRANSLATED),
        ("64:ff9b:1::/48", TRANSLATED),
        ("100::/64", "a discard-only"),
        ("2001::/23", "a tunnel or special"),  # Teredo, ORCHID and other protocol assignments
        ("2001:db8::/32", DOCUMENTED),
        ("2002::/16", TRANSLATED),  # 6to4: any IPv4 address may hide in it
        ("2620:4f:8000::/48", "a reserved"),
        ("3fff::/20", DOCUMENTED),
        ("5f00::/16", "a segment routing"),
        ("fc00::/7", PRIVATE),
        ("fe80::/10", "a link-local"),
        ("fec0::/10", PRIVATE),
        ("ff00::/8", "a multicast"),
    )
)

GLOBAL_V6 = IPv6Network("2000::/3")  # all that is given out to the public so far


class AddressPolicy:
    """What the author allows: public addresses on the usual ports, and the networks named."""

    def __init__(
        self,
        allow_networks: Collection[IPv4Network | IPv6Network] = (),
        allow_ports: Collection[int] = (80, 443),
    ) -> None:
        self._networks = tuple(allow_networks)
        self._ports = frozenset(allow_ports)

    def refusal(self, address: IPv4Address | IPv6Address, port: int) -> str | None:
        """Return why `address` must not be asked, and what may allow it; None when it may be.

        A network that is allowed is allowed on every port.
        """
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped  # the kernel dials the IPv4 address inside
        if any(address in network for network in self._networks):
            return None
        if kind := special(address):
            return f"{address} is {kind}; `fetch.allow_networks` in feeds.yaml can allow it"
        if port not in self._ports:
            return f"port {port} is not a usual one; `fetch.allow_ports` in feeds.yaml can allow it"
        return None


def special(address: IPv4Address | IPv6Address) -> str | None:
    """Return what kind of special address this is, with its article; None for a public one."""
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in SPECIAL_V4 if address in network), None)
    if address.ipv4_mapped:
        return special(address.ipv4_mapped)
    if address.scope_id is not None:
        return "a link-local address"
    kind = next((kind for network, kind in SPECIAL_V6 if address in network), None)
    return kind or (None if address in GLOBAL_V6 else "a reserved address")
