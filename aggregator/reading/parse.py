"""A document's bytes → Feed and entries, by the quickest lane that reads it right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import ReadError
from aggregator.model.feed import Entry, Feed, Hints
from aggregator.model.poll import FailureKind
from aggregator.reading.dates import date_key
from aggregator.reading.entities import refuse_bombs
from aggregator.reading.extent import extent_of
from aggregator.reading.hints import hints_of
from aggregator.reading.jsonfeed import looks_like_json, read_json_feed
from aggregator.reading.lenient import has_links_at, read_leniently
from aggregator.reading.normalize import (
    base_of,
    entry_of,
    feed_of,
    home_of,
    is_empty,
    older_of,
)
from aggregator.reading.pages import holds_a_feed, looks_like_page
from aggregator.reading.quick.reader import read_quickly
from aggregator.reading.raw import RawDocument
from aggregator.reading.unpack import unpacked, with_encoding

A_PAGE = "a web page, not a feed"
BREAKS_OFF = "it breaks off; what is missing is left for later"

_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")


@dataclass(frozen=True, kw_only=True)
class ParsedDocument:
    """What a document says. Entries keep the source's HTML; `bases` and `dates` are theirs.

    `Entry.id` is "" where the source gave none. `dates` are as the source wrote them, but
    comparable, and "" where it wrote none. `notes` are harmless oddities in words.
    """

    format: str
    feed: Feed
    entries: tuple[Entry, ...]
    bases: tuple[str, ...]
    dates: tuple[str, ...]
    notes: tuple[str, ...] = ()
    quick: bool = False  # read by the quick reader, so it is well-formed and plain
    partial: bool = False  # it breaks off; what is missing will come with another answer
    older: str | None = None  # the address of the document before this one


def parse_document(
    body: bytes,
    *,
    url: str,
    content_type: str,
    now: datetime,
    encoding: str | None = None,
    max_entries: int = 2000,
) -> ParsedDocument:
    """Read a feed of any format. `url` is the address that gave it, `encoding` the author's word.

    At most `max_entries` entries are read, the first ones. Raises ReadError: EMPTY for nothing
    but white space, NOT_A_FEED for what is something else, PARSER for what is refused.
    """
    body, cut = unpacked(body)
    try:
        raw, hints = _read(body, url, content_type, encoding, max_entries)
    except ReadError as error:
        if cut:
            raise ReadError(error.kind, f"a gzip file that breaks off: {error}") from None
        raise
    if cut and not raw.partial:
        raw.partial = True
        raw.notes.append(BREAKS_OFF)
    return _parsed(raw, url, now, hints)


def _read(
    body: bytes, url: str, content_type: str, encoding: str | None, max_entries: int
) -> tuple[RawDocument, Hints]:
    if not body.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise ReadError(FailureKind.EMPTY, "the answer is empty")
    body, content_type = with_encoding(body, content_type, encoding)
    if looks_like_json(body):
        return read_json_feed(body, max_entries=max_entries), Hints()
    return _read_xml(body, url, content_type, max_entries), hints_of(body)


def _read_xml(body: bytes, url: str, content_type: str, max_entries: int) -> RawDocument:
    refuse_bombs(body)
    body = body.lstrip(b" \t\r\n")  # seen before the XML declaration, where it is an error
    document = read_quickly(body, content_type=content_type, max_entries=max_entries)
    if document is not None:
        document.quick = True
        return document
    page = looks_like_page(body)
    if page and not holds_a_feed(body):
        raise ReadError(FailureKind.NOT_A_FEED, A_PAGE)
    extent = extent_of(body)
    body = extent.whole(body)
    if extent.partial:
        # Ended where it breaks off it is read as it will be when all of it is there.
        document = read_quickly(body, content_type=content_type, max_entries=max_entries)
    if document is not None:
        document.quick = True
    else:
        total = len(extent.starts)
        if total > max_entries:  # feedparser needs 0.14 ms for each
            body = extent.first(body, max_entries)
        document = _read_leniently(body, url, content_type)
        if total > max_entries:
            document.total = total
            document.notes.clear()  # that it ends early is our doing
    if page and not document.entries:
        raise ReadError(FailureKind.NOT_A_FEED, A_PAGE)
    document.partial = extent.partial
    if extent.partial:
        document.notes.append(BREAKS_OFF)
    return document


def _read_leniently(body: bytes, url: str, content_type: str) -> RawDocument:
    body = _REFERENCE.sub(_possible, body)
    document = read_leniently(body, url=url, content_type=content_type)
    home = home_of(document.feed, url)
    if home != url and has_links_at(document, url):
        # feedparser made them absolute with the wrong base.
        document = read_leniently(body, url=home, content_type=content_type)
    if not document.format and not document.entries:
        raise ReadError(FailureKind.NOT_A_FEED, "not a feed of any format we know")
    return document


def _possible(reference: re.Match[bytes]) -> bytes:
    """Return a character reference, or U+FFFD's where no character has that number.

    feedparser gives up a whole document for one.
    """
    digits = reference[1].lstrip(b"xX0")
    if len(digits) > 7:
        return b"&#xFFFD;"
    number = int(digits or b"0", 16 if reference[1][:1] in b"xX" else 10)
    return b"&#xFFFD;" if 0xD800 <= number < 0xE000 or number > 0x10FFFF else reference[0]


def _parsed(document: RawDocument, url: str, now: datetime, hints: Hints) -> ParsedDocument:
    feed = feed_of(document.feed, url, now, hints)
    home = home_of(document.feed, url)
    entries: list[Entry] = []
    bases: list[str] = []
    dates: list[str] = []
    notes = list(document.notes)
    for raw in document.entries:
        entry = entry_of(raw, home, now)
        if not is_empty(entry):
            entries.append(entry)
            bases.append(base_of(raw, url, home))
            dates.append(date_key(raw.published or raw.updated))
    if len(entries) < len(document.entries):
        notes.append(f"{len(document.entries) - len(entries)} entries said nothing at all")
    if document.total is not None:
        notes.append(f"only the first {len(document.entries)} of {document.total} entries are read")
    return ParsedDocument(
        format=document.format,
        feed=feed,
        entries=tuple(entries),
        bases=tuple(bases),
        dates=tuple(dates),
        notes=tuple(notes),
        quick=document.quick,
        partial=document.partial,
        older=older_of(document.feed, url),
    )
