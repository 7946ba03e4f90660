"""What the river shows of the feeds followed: first words, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.feed import StoredEntry
from aggregator.publishing.addresses import has_credentials, host_of
from aggregator.publishing.licences import may_be_republished
from aggregator.publishing.plain import language_tag, one_line
from aggregator.publishing.privacy import is_public, public_link
from aggregator.storage.protocol import StoredFeed

EXCERPT_LENGTH = 500  # characters: enough to choose by, never the whole text


@dataclass(frozen=True, kw_only=True)
class Source:
    """The feed that an entry came from, for `atom:source` (RFC 4287 §4.2.11)."""

    id: str
    title: str
    updated: datetime
    self_link: str
    link: str | None = None
    subtitle: str = ""
    author: str | None = None  # set only where the entry names none
    rights: str | None = None
    icon: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class RiverItem:
    """An entry of a source, reduced to what may be shown of it. All text is plain."""

    id: str
    title: str
    link: str | None
    author: str
    published: datetime | None
    updated: datetime
    at: datetime  # where it stands among the others
    summary: str
    tags: tuple[str, ...]
    language: str | None
    source: Source
    content: str = ""  # safe HTML; empty where not all may be shown


def river_items(
    river: Iterable[StoredEntry], feeds: Sequence[StoredFeed], *, text: str = "summary"
) -> tuple[list[RiverItem], list[str]]:
    """Return what to show of the river, newest first, and what was wrong with the rest.

    `text` says how much: the "headline", the "summary", or all ("full") of what the source
    gives away by its rights, and the summary of everything else.
    Entries of feeds that are not known to be public are left out without a word.
    """
    public = {feed.subscription.url: feed for feed in feeds if is_public(feed)}
    shown = [entry for entry in river if entry.feed_url in public]
    newest = _newest(shown)
    items: dict[str, RiverItem] = {}
    problems: list[str] = []
    # The first to use an id keeps it, so that it stays the same while others come and go.
    for stored in sorted(shown, key=lambda one: (one.first_seen, one.number)):
        try:
            item = _item(stored, public[stored.feed_url], newest, text)
        except ValueError as error:
            problems.append(f"entry {stored.number} of {stored.feed_url}: {error}")
            continue
        earlier = items.get(item.id)
        if earlier and earlier.link == item.link and item.link:
            continue  # the same entry, republished by a second feed
        id_ = item.id if earlier is None else qualified_id(stored.feed_url, stored.entry.id)
        items.setdefault(id_, item if id_ == item.id else replace(item, id=id_))
    ordered = sorted(items.values(), key=lambda item: item.id)
    ordered.sort(key=lambda item: item.at, reverse=True)
    return ordered, problems


def _newest(shown: Iterable[StoredEntry]) -> Mapping[str, datetime]:
    newest: dict[str, datetime] = {}
    for stored in shown:
        at = stored.changed_at or stored.first_seen
        newest[stored.feed_url] = max(at, newest.get(stored.feed_url, at))
    return newest


def _item(
    stored: StoredEntry, feed: StoredFeed, newest: Mapping[str, datetime], length: str
) -> RiverItem:
    entry = stored.entry
    text = plain_text(entry.summary or entry.content)
    updated = entry.updated or stored.changed_at or entry.published or stored.first_seen
    author = one_line(entry.author)
    source = _source(stored, feed, newest[stored.feed_url], named=bool(author))
    link = public_link(entry.link)
    # Nobody publishes after we have seen it; a date to come would stay on top for ever.
    first_seen = _utc(stored.first_seen)
    published = min(_utc(entry.published), first_seen) if entry.published else None
    last_seen = max(first_seen, _utc(stored.changed_at or stored.first_seen))
    return RiverItem(
        id=_entry_id(stored),
        title=one_line(entry.title) or excerpt(scrub(text), 80) or one_line(link) or source.title,
        link=link,
        author=author or source.author or source.title,
        published=published,
        updated=min(_utc(updated), last_seen),
        at=published or first_seen,
        summary="" if length == "headline" else excerpt(scrub(text), EXCERPT_LENGTH),
        content=scrub(entry.content)
        if length == "full" and may_be_republished(source.rights)
        else "",
        tags=tuple(dict.fromkeys(tag for tag in map(one_line, entry.tags) if tag)),
        language=language_tag(entry.language or feed.feed.language),
        source=source,
    )


def _source(stored: StoredEntry, feed: StoredFeed, updated: datetime, *, named: bool) -> Source:
    said, url = feed.feed, feed.subscription.url
    title = one_line(feed.subscription.title or said.title or stored.feed_title) or host_of(url)
    known = said.id if said.id and is_uri(said.id) and not has_credentials(said.id) else None
    return Source(
        id=known or scrub(url),
        title=title,
        updated=_utc(said.updated or updated),
        self_link=scrub(url),
        link=public_link(said.link),
        subtitle=one_line(said.subtitle),
        author=None if named else (one_line(said.author) or title),
        rights=one_line(said.rights) or None,
        icon=public_link(said.icon),
        language=language_tag(said.language),
    )


def _entry_id(stored: StoredEntry) -> str:
    """Return the source's own id, character for character, where it can be an Atom id."""
    id_ = stored.entry.id
    if is_uri(id_) and not has_credentials(id_):
        return id_
    return qualified_id(stored.feed_url, id_)


def qualified_id(feed_url: str, id_: str) -> str:
    """Return an id that no other feed uses: the source's, as a fragment of the feed's address."""
    return f"{scrub(feed_url).partition('#')[0]}#{quote(scrub(id_), safe='')}"


def is_uri(text: str) -> bool:
    """Whether `text` may stand as an Atom id: an absolute URI, nothing odd in it."""
    if scrub(text) != text or any(char.isspace() or char in '<>"{}|\\^`' for char in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"the time {at} has no zone")
    return at.astimezone(UTC).replace(microsecond=0)
