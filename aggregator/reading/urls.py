"""Addresses: absolute, without secrets, and in a form in which the same page is the same text."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from aggregator.markup.text import scrub

# Put into links by newsletters and advertisers; the page is the same without them.
_TRACKING = frozenset(
    """fbclid gclid dclid gbraid wbraid msclkid yclid igshid mc_cid mc_eid _hsenc _hsmi mkt_tok
    oly_anon_id oly_enc_id vero_id wickedid ref_src cmpid ncid sr_share at_medium at_campaign
    xtor rss""".split()
)
_FAMILIES = ("utm_", "pk_", "mtm_")
# The same in an address as HTML writes it, where & may be &amp; or &#38;.
_AND = r"&(?:amp;|#0*38;)?"
_PARAMETER = (
    rf"(?:(?:{'|'.join(_FAMILIES)})[^=&#]*|{'|'.join(map(re.escape, sorted(_TRACKING)))})"
    r"(?:=[^&#]*)?(?![^&#])"
)
TRACKED = re.compile(
    rf"[?&;#](?:{'|'.join(_FAMILIES)}|(?:{'|'.join(map(re.escape, sorted(_TRACKING)))})\b)",
    re.IGNORECASE,
)
_TRACKED_FIRST = re.compile(rf"([?#])(?:{_PARAMETER}(?:{_AND})?)+", re.IGNORECASE)
_TRACKED_LATER = re.compile(rf"{_AND}{_PARAMETER}", re.IGNORECASE)
_NOTHING_LEFT = re.compile(r"[?](?=#|\Z)|#\Z")
_LONGEST = 2048
# Around an address nobody means them: controls, byte order marks, what has no width.
_EDGES = "".join(map(chr, [*range(0x21), *range(0x7F, 0xA1), 0xAD, *range(0x2000, 0x2010)]))
_EDGES += "".join(map(chr, [*range(0x2028, 0x2030), *range(0x205F, 0x2070), 0x1680, 0x3000]))
_EDGES += "\u180e\ufeff\ufffe\uffff"
_NO_HOST = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")
_PLAIN = re.compile(
    r"https?://[a-z0-9.-]+(?::[0-9]{1,4})?/[a-zA-Z0-9/._~%=&+,;:-]*(?:\?[a-zA-Z0-9/._~%=&+,;:-]+)?"
)


@lru_cache(maxsize=8192)
def absolute(base: str, href: str) -> str | None:
    """Return `href` as an absolute http(s) address without credentials, or None.

    White space around it, and what cannot be seen, is dropped and inside it encoded; addresses
    longer than 2,048 characters are no addresses.
    """
    href = trimmed(href)
    if _PLAIN.fullmatch(href) and len(href) <= _LONGEST:
        return href  # nearly every link of every entry of every poll
    if not href.isascii():
        href = scrub(href, bidi=True)
    if not href or len(href) > _LONGEST:
        return None
    try:
        joined = urljoin(base, href) if base else href
        parts = urlsplit(joined)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        if _NO_HOST.search(parts.hostname):
            return None
        _ = parts.port
    except ValueError:
        return None
    if "@" in parts.netloc:
        joined = without_credentials(joined)
    if any(char <= " " or char == "\x7f" for char in joined):
        joined = "".join(f"%{ord(c):02X}" if c <= " " or c == "\x7f" else c for c in joined)
    return joined


def trimmed(href: str) -> str:
    """Return `href` without white space, controls and other unseen characters at its ends."""
    return href.strip(_EDGES)


def without_credentials(url: str) -> str:
    """Return `url` without the user name and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@lru_cache(maxsize=8192)
def identity_key(url: str) -> str | None:
    """Return what two spellings of one page's address share, or None for what is no address.

    Scheme, `www.`, default port, fragment, a closing slash and tracking parameters make no
    difference; the case of the path and the order of parameters do (RFC 3986 §6.2.2).
    """
    try:
        parts = urlsplit(trimmed(url))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme.lower() not in {"http", "https", "demo"}:
        return None
    key = host.removeprefix("www.")
    if port not in {None, 80, 443}:
        key += f":{port}"
    key += parts.path.rstrip("/")
    kept = [part for part in parts.query.split("&") if part and not _is_tracking(part)]
    if kept:
        key += "?" + "&".join(kept)
    if parts.fragment.startswith("!"):  # pages of their own, once upon a time
        key += "#" + parts.fragment
    return key


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name.startswith(_FAMILIES) or name in _TRACKING


def without_tracking(written: str) -> str:
    """Return an address, as HTML writes it, without the parameters that only track."""
    written = _TRACKED_LATER.sub("", _TRACKED_FIRST.sub(r"\1", written))
    return _NOTHING_LEFT.sub("", written)
