"""Feed and Entry: what sources say.

Terms are those of RFC 4287 (Atom); `docs/glossary.md` ties them to RSS 2.0 and JSON Feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link of an entry or feed. `rel` is RFC 8288's; `href` is absolute, http(s) only."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    title: str | None = None
    length: int | None = None  # octets, of an enclosure


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a republished entry came from first (RFC 4287 §4.2.11, RSS 2.0 `source`)."""

    title: str = ""
    url: str | None = None  # of the feed
    link: str | None = None  # of the site


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a feed says about when to ask again. Absent values are None or empty."""

    ttl_minutes: int | None = None  # RSS 2.0 <ttl>
    update_period_seconds: int | None = None  # sy:updatePeriod divided by sy:updateFrequency
    skip_hours: frozenset[int] = frozenset()  # GMT, 0 to 23
    skip_days: frozenset[str] = frozenset()  # "Monday" … "Sunday"


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What a feed says of itself, after normalization. Text fields are plain text."""

    title: str = ""
    subtitle: str = ""
    id: str | None = None
    link: str | None = None  # of the site; absolute
    self_link: str | None = None
    hubs: tuple[str, ...] = ()  # WebSub
    author: str | None = None
    rights: str | None = None
    language: str | None = None  # BCP 47, as given
    icon: str | None = None
    updated: datetime | None = None
    hints: Hints = Hints()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item of a feed, after normalization.

    `id` is unique within its feed only: publishers do reuse ids across feeds, whatever
    RFC 4287 §4.2.6 asks of them. It is the source's own id, character for character, where
    the source gave one that tells its entries apart.
    """

    id: str
    title: str = ""  # plain text, entities already decoded
    link: str | None = None  # absolute; None when the item has none
    author: str | None = None
    published: datetime | None = None  # None: the publisher gave no usable date
    updated: datetime | None = None
    content: str = ""  # HTML; sanitized unless said otherwise, links absolute
    summary: str = ""  # HTML likewise; empty when it only repeats the content
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()  # related, via, enclosure, replies; not the alternate
    source: Source | None = None


class EntryStatus(StrEnum):
    """Where an entry stands in the author's triage."""

    INBOX = "inbox"
    HELD = "held"  # came in a flood; shown only when asked for
    ARCHIVED = "archived"  # came with the feed's history; it was never news to us
    DISMISSED = "dismissed"
    CITED = "cited"  # a post was drafted from it
    EXPIRED = "expired"  # old, and its text let go of, as the author's rule says


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """An entry as the database keeps it: the source's words now, and the author's marks."""

    number: int  # what the author types to name it
    feed_url: str
    feed_title: str
    entry: Entry
    first_seen: datetime
    changed_at: datetime | None  # when we last saw its text change; None: never
    versions: int  # of its text, the present one counted
    status: EntryStatus
    starred: bool


@dataclass(frozen=True, kw_only=True)
class EntryVersion:
    """An earlier text of an entry, kept because the author may have quoted it."""

    title: str
    link: str | None
    author: str | None
    content: str  # sanitized HTML
    summary: str
    seen_at: datetime  # when this text was first seen
    replaced_at: datetime
