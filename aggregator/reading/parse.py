"""A document's bytes → Feed and entries, by the quickest lane that reads it right."""

from __future__ import annotations

import re
import zlib
from codecs import lookup
from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import ReadError
from aggregator.model.feed import Entry, Feed, Hints
from aggregator.model.poll import FailureKind
from aggregator.reading.entities import refuse_bombs
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
from aggregator.reading.quick.reader import read_quickly
from aggregator.reading.raw import RawDocument

MAX_UNPACKED = 64 * 1024 * 1024  # of a gzip file that is sent as if it were the feed

_ENCODINGS = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?(?:-sig)?|utf8|us-ascii|ascii|(?:iso-?8859|latin)-?\d{1,2}|(?:windows|cp)-?\d{3,4}"
    r"|koi8-[rtu]|gb(?:k|2312|18030)|hz(?:-gb-2312)?|big5(?:-?hkscs)?|shift[-_]jis|euc[-_](?:jp|kr)"
    r"|iso-?2022[-_](?:jp|kr)[-\w]*|mac[-_]?\w+|tis-620|johab|sjis|macintosh"
)
_REFUSED = frozenset(("cp037", "cp500", "cp1140", "cp1026", "cp875", "cp424", "cp273", "cp65001"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,60})["'][^>]{0,100}\?>""")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)[\"']?", re.IGNORECASE)
_ENTRY = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:item|entry)[\s>]")
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_END = re.compile(rb"</(?:[A-Za-z0-9]+:)?(?:rss|feed|RDF|channel)\s*>")
_FEED_ROOT = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:rss|feed|RDF)[\s>]")


@dataclass(frozen=True, kw_only=True)
class ParsedDocument:
    """What a document says. Entries keep the source's HTML; `bases` are theirs, one each.

    `Entry.id` is "" where the source gave none. `notes` are harmless oddities in words.
    """

    format: str
    feed: Feed
    entries: tuple[Entry, ...]
    bases: tuple[str, ...]
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
    body = _unpacked(body)
    if not body.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise ReadError(FailureKind.EMPTY, "the answer is empty")
    body, content_type = _with_encoding(body, content_type, encoding)
    if looks_like_json(body):
        document = read_json_feed(body, max_entries=max_entries)
        hints = Hints()
    else:
        document, hints = _read_xml(body, url, content_type, max_entries), hints_of(body)
    return _parsed(document, url, now, hints)


def looks_like_page(body: bytes) -> bool:
    """Whether it is a web page rather than a feed gone wrong."""
    # Feeds do stand inside of pages: somebody's template was wrapped around one.
    return bool(_PAGE.search(body[:65536])) and not _FEED_ROOT.search(body[:65536])


def _unpacked(body: bytes) -> bytes:
    """Unpack a gzip file within the body: some servers send feed.xml.gz as it is."""
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b"):
            return body
        unpacker = zlib.decompressobj(wbits=31)
        try:
            unpacked = unpacker.decompress(body, MAX_UNPACKED)
        except zlib.error as error:
            raise ReadError(FailureKind.NOT_A_FEED, f"a broken gzip file: {error}") from None
        if unpacker.unconsumed_tail:
            raise ReadError(FailureKind.PARSER, "a gzip file that unpacks to more than 64 MiB")
        body = unpacked
    raise ReadError(FailureKind.PARSER, "gzip files within gzip files")


def _with_encoding(body: bytes, content_type: str, encoding: str | None) -> tuple[bytes, str]:
    """Return body and type without a say for encodings that only attackers declare."""
    if encoding is not None:
        text = body.decode(encoding, errors="replace").lstrip("\ufeff")
        body = _DECLARED.sub(b"", text.encode("utf-8", errors="replace"), count=1)
        return body.lstrip(), _CHARSET.sub("", content_type) + "; charset=utf-8"
    charset = _CHARSET.search(content_type)
    if charset and not is_trusted(charset[1]):
        content_type = _CHARSET.sub("", content_type)
    declared = _DECLARED.search(body[:1024])
    if declared and not is_trusted(declared[1].decode("latin-1")):
        body = body[: declared.start()] + body[declared.end() :]
    return body, content_type


def is_trusted(name: str) -> bool:
    """Whether an encoding is one that honest documents declare."""
    lower = name.strip().lower()
    if not _ENCODINGS.fullmatch(lower) or lower.replace("-", "") in _REFUSED:
        return False
    try:
        lookup(lower)
    except LookupError:
        return False
    return True


def _read_xml(body: bytes, url: str, content_type: str, max_entries: int) -> RawDocument:
    refuse_bombs(body)
    body = body.lstrip(b" \t\r\n")  # seen before the XML declaration, where it is an error
    document = read_quickly(body, content_type=content_type, max_entries=max_entries)
    if document is not None:
        document.quick = True
        return document
    if looks_like_page(body):
        raise ReadError(FailureKind.NOT_A_FEED, "a web page, not a feed")
    length = len(body)
    whole = _without_half_an_entry(body)
    body, total = _first_entries(_REFERENCE.sub(_possible, whole), max_entries)
    document = read_leniently(body, url=url, content_type=content_type)
    home = home_of(document.feed, url)
    if home != url and has_links_at(document, url):
        # feedparser made them absolute with the wrong base.
        document = read_leniently(body, url=home, content_type=content_type)
    if not document.format and not document.entries:
        raise ReadError(FailureKind.NOT_A_FEED, "not a feed of any format we know")
    document.total = total
    document.partial = len(whole) < length
    if document.partial:
        document.notes.append("it breaks off in the middle of an entry, which is left for later")
    if total is not None:
        document.notes.clear()  # that it ends early is our doing
    return document


def _without_half_an_entry(body: bytes) -> bytes:
    """Return the document without a last entry that breaks off: half a text is no edit."""
    for name in (b"item", b"entry"):
        ended = body.rfind(b"</" + name)
        starts = [match.start() for match in re.finditer(rb"<" + name + rb"[\s>]", body[ended:])]
        if ended >= 0 and starts and not _END.search(body, ended + starts[-1]):
            return body[: ended + starts[-1]]
    return body


def _possible(reference: re.Match[bytes]) -> bytes:
    """Return a character reference, or U+FFFD's where no character has that number.

    feedparser gives up a whole document for one.
    """
    digits = reference[1].lstrip(b"xX0")
    if len(digits) > 7:
        return b"&#xFFFD;"
    number = int(digits or b"0", 16 if reference[1][:1] in b"xX" else 10)
    return b"&#xFFFD;" if 0xD800 <= number < 0xE000 or number > 0x10FFFF else reference[0]


def _first_entries(body: bytes, max_entries: int) -> tuple[bytes, int | None]:
    """Cut a document after so many entries: feedparser needs 0.14 ms for each."""
    if body.count(b"<item") + body.count(b"<entry") + body.count(b":item") <= max_entries:
        return body, None
    starts = [match.start() for match in _ENTRY.finditer(body)]
    if len(starts) <= max_entries:
        return body, None
    return body[: starts[max_entries]], len(starts)


def _parsed(document: RawDocument, url: str, now: datetime, hints: Hints) -> ParsedDocument:
    feed = feed_of(document.feed, url, now, hints)
    home = home_of(document.feed, url)
    entries: list[Entry] = []
    bases: list[str] = []
    notes = list(document.notes)
    for raw in document.entries:
        entry = entry_of(raw, home, now)
        if not is_empty(entry):
            entries.append(entry)
            bases.append(base_of(raw, url, home))
    if len(entries) < len(document.entries):
        notes.append(f"{len(document.entries) - len(entries)} entries said nothing at all")
    if document.total is not None:
        notes.append(f"only the first {len(document.entries)} of {document.total} entries are read")
    return ParsedDocument(
        format=document.format,
        feed=feed,
        entries=tuple(entries),
        bases=tuple(bases),
        notes=tuple(notes),
        quick=document.quick,
        partial=document.partial,
        older=older_of(document.feed, url),
    )
