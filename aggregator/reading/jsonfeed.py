"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → raw values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.raw import Kind, RawDocument, RawEntry, RawFeed, RawLink, RawText


def looks_like_json(body: bytes) -> bool:
    """Whether it is worth trying: an object, in whichever encoding Unicode has."""
    return body[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"{"


def read_json_feed(body: bytes, *, max_entries: int) -> RawDocument:
    """Return what a JSON Feed says. Values of the wrong type count as absent.

    Raises ReadError for what is no JSON, or JSON but no feed.
    """
    text = body.decode(json.detect_encoding(body), errors="replace").lstrip("\ufeff")
    notes, partial = [], False
    try:
        top = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        top = _salvaged(text)
        if top is None:
            raise ReadError(FailureKind.NOT_A_FEED, f"broken JSON: {error}") from None
        notes.append(f"not well-formed: {error}")
        partial = True
    version = _text(top, "version") if isinstance(top, dict) else ""
    items = top.get("items") if isinstance(top, dict) else None
    if not isinstance(items, list) or not (version.startswith(_VERSIONS) or _text(top, "title")):
        raise ReadError(FailureKind.NOT_A_FEED, "JSON, but no JSON Feed")
    entries = [_entry(item) for item in items[:max_entries] if isinstance(item, dict)]
    if any(not isinstance(item, dict) for item in items):
        notes.append("some items are no objects and were passed over")
    return RawDocument(
        format="json11" if version.rstrip("/").endswith("1.1") else "json1",
        feed=_feed(top),
        entries=entries,
        notes=notes,
        total=len(items) if len(items) > max_entries else None,
        partial=partial,
    )


# Control characters inside texts are against RFC 8259 §7, and seen in the wild.
# Numbers stay as written: ids are kept character for character, however many digits they have.
_DECODER = json.JSONDecoder(
    strict=False, parse_int=str, parse_float=str, parse_constant=lambda _: None
)
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_COMMA = re.compile(r"[\s,]*")


def _salvaged(text: str) -> dict[str, Any] | None:
    """Return the head and the whole items of a document that ends early or breaks off."""
    start = _ITEMS.search(text)
    if start is None:
        return None
    try:
        top = _DECODER.decode(text[: start.start()].rstrip().rstrip(",") + "}")
    except (ValueError, RecursionError):
        return None
    items = []
    at = start.end()
    while True:
        comma = _COMMA.match(text, at)
        try:
            item, at = _DECODER.raw_decode(text, comma.end() if comma else at)
        except (ValueError, RecursionError):
            break
        items.append(item)
    if not isinstance(top, dict) or not items:
        return None
    return top | {"items": items}


_VERSIONS = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


def _feed(top: dict[str, Any]) -> RawFeed:
    links = [
        RawLink(_text(top, "home_page_url")),
        RawLink(_text(top, "feed_url"), rel="self"),
        RawLink(_text(top, "next_url"), rel="next"),
        *(
            RawLink(_text(hub, "url"), rel="hub")
            for hub in _dicts(top, "hubs")
            if _text(hub, "type").lower() in {"websub", ""}
        ),
    ]
    return RawFeed(
        title=RawText(_text(top, "title"), Kind.ENTITIES),
        subtitle=RawText(_text(top, "description"), Kind.TEXT),
        author=_authors(top),
        language=_text(top, "language"),
        icon=_text(top, "icon") or _text(top, "favicon"),
        links=links,
    )


def _entry(item: dict[str, Any]) -> RawEntry:
    page, other = _text(item, "url"), _text(item, "external_url")
    links = [RawLink(page or other)]
    if page and other:
        links.append(RawLink(other, rel="related"))
    links += [
        RawLink(
            _text(attachment, "url"),
            rel="enclosure",
            type=_text(attachment, "mime_type") or None,
            title=_text(attachment, "title") or None,
            length=_text(attachment, "size_in_bytes") or None,
        )
        for attachment in _dicts(item, "attachments")
    ]
    html = _text(item, "content_html")
    return RawEntry(
        id=_text(item, "id"),
        # Titles are plain text by the specification, with entities in the wild.
        title=RawText(_text(item, "title"), Kind.ENTITIES),
        content=RawText(html) if html else RawText(_text(item, "content_text"), Kind.TEXT),
        summary=RawText(_text(item, "summary"), Kind.TEXT),
        author=_authors(item),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        language=_text(item, "language"),
        tags=[tag for tag in item.get("tags") or () if isinstance(tag, str)]
        if isinstance(item.get("tags"), list)
        else [],
        links=links,
    )


def _authors(value: dict[str, Any]) -> str:
    one = value.get("author")  # version 1.0
    people = [*_dicts(value, "authors"), *([one] if isinstance(one, dict) else [])]
    return ", ".join(dict.fromkeys(name for name in (_text(one, "name") for one in people) if name))


def _dicts(value: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    found = value.get(key)
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, dict))


def _text(value: dict[str, Any], key: str) -> str:
    """Return a text, or a number as written (ids often are); "" for anything else."""
    found = value.get(key)
    return found if isinstance(found, str) else ""
