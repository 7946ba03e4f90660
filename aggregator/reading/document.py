"""One document read whole: parsed, compared with what is known, cleaned where it is new."""

from __future__ import annotations

from dataclasses import replace

from aggregator.errors import ReadError
from aggregator.markup.clean import clean
from aggregator.model.feed import Entry
from aggregator.model.poll import EntryChange, FailureKind, FoundFeed
from aggregator.reading.changes import entry_hash, link_key, same_text, text_key
from aggregator.reading.discover import feeds_of_page
from aggregator.reading.flood import is_flood
from aggregator.reading.identity import Identified, identify
from aggregator.reading.parse import looks_like_page, parse_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

# Some sources put the time of day into every text. What they rewrite so often is replaced in
# place from then on.
MOST_VERSIONS = 24


def read_document(request: ReadRequest) -> ReadResult | ReadFailure:
    """Return what is new in a document, or why it is no feed.

    Entries that are known and unchanged cost a hash; only the others are cleaned.
    """
    try:
        document = parse_document(
            request.body,
            url=request.url,
            content_type=request.content_type,
            now=request.now,
            encoding=request.encoding,
            max_entries=request.max_entries,
        )
    except ReadError as error:
        return _failure(request, error)
    identities = identify(
        document.entries,
        request.known,
        policy=request.identity_policy,
        forced=request.forced_identity,
    )
    notes = [*document.notes, *identities.notes]
    changes: list[EntryChange] = []
    for one in identities.entries:
        change = _change(one, document.bases[one.place], notes)
        if change is not None:
            changes.append(change)
    new = [change.entry for change in changes if change.number is None]
    held = is_flood(
        new,
        total=len(identities.entries),
        known=len(request.known),
        last_success_at=request.last_success_at,
    )
    return ReadResult(
        format=document.format,
        feed=document.feed,
        entries=len(identities.entries),
        changes=tuple(changes),
        identity_policy=identities.policy,
        held=held,
        notes=tuple(dict.fromkeys(notes)),
    )


def _failure(request: ReadRequest, error: ReadError) -> ReadFailure:
    found: tuple[FoundFeed, ...] = ()
    message = str(error)
    if error.kind is FailureKind.NOT_A_FEED and looks_like_page(request.body):
        found = tuple(
            feed for feed in feeds_of_page(request.body, url=request.url) if feed.url != request.url
        )
        message = "this is a web page" + (
            "; it points at " + ", ".join(feed.url for feed in found[:3])
            if found
            else ", and it points at no feed"
        )
    return ReadFailure(kind=error.kind, message=message, found=found)


def _change(one: Identified, base: str, notes: list[str]) -> EntryChange | None:
    known = one.known
    same = known is not None and same_text(one.entry, known.hash)
    if same and not one.aliases:
        return None
    return EntryChange(
        entry=_cleaned(one.entry, base, notes),
        number=known.number if known else None,
        hash=known.hash if known is not None and same else entry_hash(one.entry),
        link_key=link_key(one.entry),
        text_key=text_key(one.entry),
        aliases=one.aliases,
        keep_version=known is None or known.versions < MOST_VERSIONS,
    )


def _cleaned(entry: Entry, base: str, notes: list[str]) -> Entry:
    content, summary = clean(entry.content, base=base), clean(entry.summary, base=base)
    if content.cut or summary.cut:
        notes.append(f"the text of {entry.title or entry.id!r} is too long and was cut")
    return replace(entry, content=content.html, summary=summary.html)
