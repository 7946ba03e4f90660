"""What a published file is, by its name and its first bytes, and how long it may be kept.

Our own table: the system's would say something else on every machine. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

# A hub asks the moment it is told of news, often through a cache: what may have changed is
# asked for each time, and a 304 costs next to nothing.
DOCUMENT = "public, no-cache"
STYLE = "public, max-age=600"  # seconds; it must fit the pages, which an upgrade changes
PICTURE = "public, max-age=86400"


class Medium(NamedTuple):
    """How a file is sent."""

    content_type: str
    cache_control: str = DOCUMENT
    is_text: bool = True  # worth compressing


_UNKNOWN = Medium("application/octet-stream", is_text=False)
_JSON_FEED = Medium("application/feed+json")  # JSON Feed 1.1; it is UTF-8 and has no charset
_BY_SUFFIX = {
    "html": Medium("text/html; charset=utf-8"),
    "atom": Medium("application/atom+xml; charset=utf-8"),  # RFC 4287 §7
    "rss": Medium("application/rss+xml; charset=utf-8"),
    "opml": Medium("text/x-opml; charset=utf-8"),
    "json": Medium("application/json"),
    "jsonl": Medium("application/jsonl"),
    "xml": Medium("application/xml"),  # its declaration names the encoding
    "txt": Medium("text/plain; charset=utf-8"),
    "md": Medium("text/markdown; charset=utf-8"),
    "css": Medium("text/css; charset=utf-8", STYLE),
    "js": Medium("text/javascript; charset=utf-8", STYLE),
    "webmanifest": Medium("application/manifest+json"),
    "svg": Medium("image/svg+xml", PICTURE),
    "png": Medium("image/png", PICTURE, is_text=False),
    "jpg": Medium("image/jpeg", PICTURE, is_text=False),
    "jpeg": Medium("image/jpeg", PICTURE, is_text=False),
    "gif": Medium("image/gif", PICTURE, is_text=False),
    "webp": Medium("image/webp", PICTURE, is_text=False),
    "avif": Medium("image/avif", PICTURE, is_text=False),
    "ico": Medium("image/x-icon", PICTURE, is_text=False),
    "woff2": Medium("font/woff2", PICTURE, is_text=False),
    "mp3": Medium("audio/mpeg", PICTURE, is_text=False),
    "mp4": Medium("video/mp4", PICTURE, is_text=False),
    "pdf": Medium("application/pdf", PICTURE, is_text=False),
    "zip": Medium("application/zip", is_text=False),
}


def medium_of(name: str, start: bytes) -> Medium:
    """Return what a file is; `start` are its first bytes, by which a JSON Feed is known."""
    found = _BY_SUFFIX.get(name.rpartition(".")[2].lower(), _UNKNOWN)
    if found is _BY_SUFFIX["json"] and b"https://jsonfeed.org/version/1" in start[:200]:
        return _JSON_FEED
    return found
