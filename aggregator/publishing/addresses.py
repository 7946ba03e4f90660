"""Questions about addresses that decide what may be published."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

# Names under which private feeds carry what lets one in.
_SECRETS = frozenset(
    """access_token api_key api_token apikey auth auth_token key passwd password pwd secret
    signature token""".split()
)


def is_web(url: str | None) -> bool:
    """Whether `url` is an absolute http or https address, fit to be a link."""
    if not url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host to show for an address, without a leading "www."; else the address."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return host.removeprefix("www.") if host else url


def has_credentials(url: str | None) -> bool:
    """Whether an address holds a user, a password or a token, or cannot be understood."""
    if not url:
        return False
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return True
    return "@" in parts.netloc or any(name.lower() in _SECRETS for name, _ in query)


def address(base_url: str, path: str) -> str:
    """Return the absolute address of a published path; letters beyond ASCII are escaped."""
    return base_url.rstrip("/") + "/" + quote(path, safe="/-._~")
