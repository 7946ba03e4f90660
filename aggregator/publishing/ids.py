"""Ids of posts and safe names of paths."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

_NOT_WORD = re.compile(r"[\W_]+")
_BETWEEN = re.compile(r"[\s_\-‐‑‒–—―]+")  # what people write between the words of a tag
# RFC 4151 §2.1: what follows the second colon is made of pchar, "/" and "?".
_SPECIFIC = "-._~!$&'()*+,;=:@/?"
_MAX_NAME = 60  # characters; four octets each still fit the 255 of a file name


def mint_id(base_url: str, slug: str, at: datetime) -> str:
    """Return a tag URI (RFC 4151) such as `tag:blog.example,2026-03-31:the-council-blinked`.

    `at` is the first publication; its day is taken in UTC. The host is lower-case, without
    port, and in ASCII (IDNA). Mint once and store: a base address may change, an id must not.
    """
    return _tag_uri(base_url, slug, at)


def mint_feed_id(base_url: str, path: str, at: datetime) -> str:
    """Return a tag URI for the feed at `path`; as with posts, mint once and store.

    Several sites may share a host, so the base address's own path is part of it.
    """
    folder = urlsplit(base_url).path.strip("/")
    return _tag_uri(base_url, f"{folder}/{path}" if folder else path, at)


def _tag_uri(base_url: str, specific: str, at: datetime) -> str:
    host = (urlsplit(base_url).hostname or "localhost").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host)
    host = host.replace(":", "-")  # an IPv6 address; RFC 4151 §2.1 knows names only
    day = at.astimezone(UTC).date().isoformat()
    return f"tag:{host},{day}:{quote(specific, safe=_SPECIFIC)}"


def path_name(tag: str) -> str:
    """Return a tag as one safe segment of a path: lower-case letters, digits and hyphens.

    Letters of any script stay. Spellings that differ in nothing but case, spaces and hyphens
    are one tag and share it ("New York", "new-york"). A tag that its path cannot say ("C++",
    "C#") has a hash in it, and one without letters is named by it; no other tag changes that.
    """
    key = _BETWEEN.sub("-", unicodedata.normalize("NFKC", tag).casefold()).strip("-")
    name = _NOT_WORD.sub("-", key).strip("-")[:_MAX_NAME].rstrip("-")
    if not name:
        return f"tag-{_hash(tag)}"
    return name if name == key else f"{name}-{_hash(key.replace('-', ' '))}"


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def is_path_name(name: str) -> bool:
    """Whether `name` can be one segment of a path as it is, and no hidden file."""
    bad = any(char in '/\\:*?"<>|' or not char.isprintable() for char in name)
    short = len(name.encode("utf-8", "replace")) <= 200
    return bool(name) and not bad and short and not name.startswith(".") and name == name.strip()


def is_absolute(id_: str) -> bool:
    """Whether an id is what Atom asks for: an absolute address (RFC 4287 §4.2.6)."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+\Z", id_) is not None


def tag_path(tag: str) -> str:
    """Return the folder of a tag's page and feeds."""
    return f"tags/{path_name(tag)}/"
