"""One document read whole: parsed, compared with what is known, cleaned where it is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.errors import ReadError
from aggregator.markup.clean import clean
from aggregator.model.feed import Entry
from aggregator.model.poll import EntryChange, FailureKind, FoundFeed
from aggregator.reading.changes import entry_hash, link_key, same_text, segment_of, text_key
from aggregator.reading.discover import feeds_of_page
from aggregator.reading.flood import is_flood
from aggregator.reading.identity import Identified, identify
from aggregator.reading.jsonfeed import looks_like_json
from aggregator.reading.known import bases_of
from aggregator.reading.normalize import LINE, PARAGRAPH
from aggregator.reading.pages import looks_like_page
from aggregator.reading.parse import ParsedDocument, parse_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.reading.segments import Segments, cut, segments_of, told_apart
from aggregator.reading.unpack import unpacked, with_encoding

# Some sources put the time of day into every text. What they rewrite so often is replaced in
# place from then on.
MOST_VERSIONS = 24


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A document, or as much of it as had to be read, with the segments of its entries."""

    document: ParsedDocument
    segments: tuple[str | None, ...]  # one for each entry of the document
    known: frozenset[int] = frozenset()  # numbers of those that were recognized by their bytes


def read_document(request: ReadRequest) -> ReadResult | ReadFailure:
    """Return what is new in a document, or why it is no feed.

    Entries whose bytes are known cost a hash, unchanged ones a comparison; only new and
    changed ones are cleaned.
    """
    try:
        read = _read(request)
    except ReadError as error:
        return _failure(request, error)
    document = read.document
    identities = identify(
        document.entries,
        request.known,
        policy=request.identity_policy,
        forced=request.forced_identity,
        taken=read.known,
        dates=document.dates,
        segments=read.segments,
    )
    notes = [*document.notes, *identities.notes]
    changes: list[EntryChange] = []
    for one in identities.entries:
        change = _change(one, document.bases[one.place], read.segments[one.place], notes)
        if change is not None:
            changes.append(change)
    new = [change.entry for change in changes if change.number is None]
    count = len(identities.entries) + len(read.known)
    held = is_flood(
        new,
        total=count,
        known=len(request.known),
        last_success_at=request.last_success_at,
    )
    return ReadResult(
        format=document.format,
        feed=document.feed,
        entries=count,
        changes=tuple(changes),
        identity_policy=identities.policy,
        held=held,
        notes=tuple(dict.fromkeys(notes)),
        partial=document.partial,
        known=read.known | {one.known.number for one in identities.entries if one.known},
        older=document.older,
    )


def _read(request: ReadRequest) -> _Read:
    """Parse the document, without the entries whose bytes are known. Raises ReadError."""
    segments = None
    if request.encoding is None and not request.body.startswith(b"\x1f\x8b"):
        segments = segments_of(request.body, url=request.url, most=request.max_entries)
    if segments is None:
        document = _parsed(request, request.body)
        return _Read(document=document, segments=(None,) * len(document.entries))
    return _without_known(request, segments) or _whole(request, segments)


def _whole(request: ReadRequest, segments: Segments) -> _Read:
    document = _parsed(request, request.body)
    told: tuple[str | None, ...] = segments.hashes
    if not document.quick or len(told) != len(document.entries):
        told = (None,) * len(document.entries)
    return _Read(document=document, segments=told)


def _without_known(request: ReadRequest, segments: Segments) -> _Read | None:
    """Read what is left without the entries whose bytes are known; None: the whole must be."""
    if request.identity_policy != "id" or request.forced_identity not in {None, "id"}:
        return None
    known_hashes = [segment_of(one.hash) for one in request.known]
    sure = told_apart(known_hashes) & told_apart(segments.hashes)
    known = {
        one
        for one, known_hash in zip(request.known, known_hashes, strict=True)
        if known_hash in sure
    }
    if not known:
        return None
    places, hashes = segments.places, segments.hashes
    left = tuple(one for one in hashes if one not in sure)
    gone = [place for place, one in zip(places, hashes, strict=True) if one in sure]
    try:
        document = _parsed(request, cut(request.body, gone))
    except ReadError:
        return None
    if not document.quick or len(document.entries) != len(left):
        return None
    # Where an entry shares an id with a known one, both are needed to tell them apart.
    names = {entry.id or entry.link for entry in document.entries}
    taken = {name for one in known for name in (one.id, *one.aliases)}
    taken |= bases_of(taken)
    if len(names) != len(document.entries) or not names.isdisjoint(taken):
        return None
    return _Read(document=document, segments=left, known=frozenset(one.number for one in known))


def _parsed(request: ReadRequest, body: bytes) -> ParsedDocument:
    return parse_document(
        body,
        url=request.url,
        content_type=request.content_type,
        now=request.now,
        encoding=request.encoding,
        max_entries=request.max_entries,
    )


def _failure(request: ReadRequest, error: ReadError) -> ReadFailure:
    """Return a failure that names the feeds of a web page, if that is what the document is."""
    body = _page(request) if error.kind is FailureKind.NOT_A_FEED else None
    if body is None:
        return ReadFailure(kind=error.kind, message=str(error))
    found = tuple(feed for feed in feeds_of_page(body, url=request.url) if feed.url != request.url)
    return ReadFailure(kind=error.kind, message=_what_a_page_has(found), found=found, is_page=True)


def _page(request: ReadRequest) -> bytes | None:
    try:
        body, _ = unpacked(request.body)
    except ReadError:
        return None
    body, _ = with_encoding(body, request.content_type, request.encoding)
    return None if looks_like_json(body) or not looks_like_page(body) else body


def _what_a_page_has(found: Sequence[FoundFeed]) -> str:
    if not found:
        return "this is a web page, and it points at no feed"
    return "this is a web page; it points at " + ", ".join(feed.url for feed in found[:3])


def _change(
    one: Identified, base: str, segment: str | None, notes: list[str]
) -> EntryChange | None:
    known = one.known
    same = known is not None and same_text(one.entry, known.hash, segment)
    if same and not one.aliases:
        return None
    return EntryChange(
        entry=_cleaned(one.entry, base, notes),
        number=known.number if known else None,
        hash=known.hash if known is not None and same else entry_hash(one.entry, segment),
        link_key=link_key(one.entry),
        text_key=text_key(one.entry),
        aliases=one.aliases,
        keep_version=known is None or known.versions < MOST_VERSIONS,
    )


def _laid_out(html: str) -> str:
    """Return a plain text's lines and paragraphs as elements."""
    if "<" in html or (LINE not in html and PARAGRAPH not in html):
        return html
    return "".join(
        f"<p>{paragraph.replace(LINE, '<br>')}</p>" for paragraph in html.split(PARAGRAPH)
    )


def _cleaned(entry: Entry, base: str, notes: list[str]) -> Entry:
    content = clean(_laid_out(entry.content), base=base)
    summary = clean(_laid_out(entry.summary), base=base)
    if content.cut or summary.cut:
        notes.append(f"the text of {entry.title or entry.id!r} is too long and was cut")
    return replace(entry, content=content.html, summary=summary.html)
