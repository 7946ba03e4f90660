"""Files and folders of other programs → collections of posts, and all posts → an archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from aggregator.errors import ReadError
from aggregator.migration.archive import (
    LARGEST,
    LIST,
    archive_files,
    from_archive,
    unzipped,
    without_folder,
)
from aggregator.migration.bookmarks import from_netscape, from_pinboard, looks_like_bookmarks
from aggregator.migration.documents import ENDS, from_documents
from aggregator.migration.feeds import from_feed
from aggregator.migration.values import Collection
from aggregator.model.poll import FailureKind
from aggregator.reading.charset import decoded
from aggregator.reading.request import ReadFailure, ReadRequest
from aggregator.services.polling import Reader
from aggregator.storage.protocol import PostStorage

FORMATS = ("feed", "netscape", "pinboard", "documents", "archive")
MOST_ENTRIES = 50_000

_OPML = re.compile(rb"<opml[\s>]", re.IGNORECASE)
_POSTS = re.compile(
    rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]|jsonfeed\.org/version|netscape-bookmark-file"
    rb'|"posts"\s*:|"href"\s*:',
    re.IGNORECASE,
)


def holds_posts(body: bytes) -> bool:
    """Whether a file looks like posts or bookmarks and not like a list of feeds."""
    head = body[:4096]
    return not _OPML.search(head) and bool(_POSTS.search(head) or body[:4] == b"PK\x03\x04")


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files in a folder by their paths; hidden ones and links out of it are passed by.

    Raises ReadError when they are too many bytes, OSError.
    """
    files: dict[str, bytes] = {}
    room = LARGEST
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        wanted = path.suffix.lower() in ENDS or str(inside) == LIST
        if hidden or not wanted or path.is_symlink() or not path.is_file():
            continue
        files[inside.as_posix()] = path.read_bytes()
        room -= len(files[inside.as_posix()])
        if room < 0:
            raise ReadError(FailureKind.TOO_LARGE, f"it holds more than {LARGEST >> 20} MiB")
    return files


def collected(
    source: bytes | Mapping[str, bytes],
    *,
    name: str,
    reader: Reader,
    base_url: str,
    now: datetime,
    format_: str | None = None,
) -> Collection:
    """Return the posts in a file or in the files of a folder; `name` is the file's.

    Feeds are read where polls read them: in a worker, within its limits. Raises ReadError.
    """
    if isinstance(source, bytes):
        if source[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            source = without_folder(unzipped(source))
        elif format_ == "documents" or name.lower().endswith(ENDS):
            source = {Path(name).name: source}
    if not isinstance(source, bytes):
        if format_ == "archive" or (format_ is None and LIST in source):
            return from_archive(source)
        return from_documents(source, now=now)
    if format_ in ("documents", "archive"):
        raise ReadError(FailureKind.NOT_A_FEED, "neither a folder nor a .zip")
    if _OPML.search(source[:4096]):
        raise ReadError(
            FailureKind.NOT_A_FEED,
            "a list of feeds, not of posts; `aggregator import` follows the feeds in it",
        )
    text = decoded(source) if format_ or source.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in b"[<" else ""
    if format_ == "pinboard" or (format_ is None and text.lstrip()[:1] == "["):
        return from_pinboard(text, base_url=base_url, now=now)
    if format_ == "netscape" or (format_ is None and looks_like_bookmarks(text)):
        return from_netscape(text, base_url=base_url)
    result = reader.read(
        ReadRequest(
            url=base_url,
            body=source,
            content_type="",
            now=now,
            forced_identity="id",
            max_entries=MOST_ENTRIES,
        )
    )
    if isinstance(result, ReadFailure):
        raise ReadError(result.kind, result.message)
    return from_feed(result)


def exported(storage: PostStorage) -> dict[str, bytes]:
    """Return the files of an archive of every post, with all earlier documents."""
    posts = [
        (post, list(reversed(storage.post_revisions(post.slug))))
        for post in reversed(storage.posts())
    ]
    return archive_files(posts, {path: id_ for path, id_ in storage.feed_ids().items() if id_})
