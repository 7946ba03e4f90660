"""Proxies that the environment names, used only where the settings say so.

Behind one it is the proxy that looks names up and connects: what it may reach is for it to say.
Addresses that are written as numbers are checked all the same.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urlsplit

from aggregator.errors import ConfigError
from aggregator.fetch.target import basic


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """An HTTP proxy (RFC 9110 §3.7)."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The fields that are for the proxy alone."""
        if self.authorization is None:
            return []
        return [(b"Proxy-Authorization", self.authorization.encode("ascii"))]


class Proxies:
    """Which proxy is for whom: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Take them from the process's environment, or from the mapping given.

        Raises ConfigError for one that is no HTTP proxy.
        """
        named = urllib.request.getproxies() if environment is None else dict(environment)
        self._named = {scheme: url for scheme, url in named.items() if url}
        for scheme in ("http", "https"):
            self.for_host(scheme, "")  # so that a mistake is told at once

    def for_host(self, scheme: str, host: str) -> Proxy | None:
        """Return the proxy through which a host is asked; None: none."""
        url = self._named.get(scheme) or self._named.get("all")
        if url is None or (host and _is_direct(host, self._named.get("no", ""))):
            return None
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            name, port = parts.hostname, parts.port or 80
        except ValueError:
            name, port = None, 0
        if parts.scheme != "http" or not name:
            raise ConfigError(
                f"the environment's proxy for {scheme} is no HTTP proxy; expected an address such "
                "as http://proxy.example:3128, or no `fetch.proxy` in feeds.yaml"
            )
        authorization = None
        if parts.username is not None:
            pair = f"{parts.username}:{parts.password or ''}"
            authorization = basic(unquote_to_bytes(pair))
        return Proxy(host=name, port=port, authorization=authorization)


def _is_direct(host: str, no_proxy: str) -> bool:
    """Whether `no_proxy` names a host, or a domain that it lies in; `*` names everybody."""
    for one in no_proxy.replace(",", " ").split():
        name = one.lower().lstrip(".")
        if name == "*" or host.lower() == name or host.lower().endswith("." + name):
            return True
    return False
