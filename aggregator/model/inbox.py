"""The inbox: which entries are looked at, what is shown of them, what was done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.feed import EntryStatus


class Among(StrEnum):
    """Which entries a view is of, before anything else narrows it."""

    UNREAD = "unread"
    ALL = "all"  # but those held back
    STARRED = "starred"
    HELD = "held"  # came in a flood


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that an entry must have side by side, or must not."""

    text: str
    field: str = ""  # "title" or "author"; "": anywhere
    prefix: bool = False  # the last word may go on
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Query:
    """What was searched for. All of it must hold; of each group of `words` one is enough."""

    words: tuple[tuple[Words, ...], ...] = ()
    feeds: tuple[str, ...] = ()  # parts of a feed's name or address; one is enough
    not_feeds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # one is enough
    not_tags: tuple[str, ...] = ()
    after: datetime | None = None  # that moment included
    before: datetime | None = None  # that moment not
    starred: bool | None = None
    unread: bool | None = None
    changed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """A choice of entries, newest first."""

    among: Among = Among.UNREAD
    feed: int | None = None  # its number
    tag: str | None = None
    story: int | None = None  # an entry's number: whatever leads to the same page as it does
    query: Query | None = None


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a view: between this entry and the ones after it."""

    at: datetime
    number: int


@dataclass(frozen=True, kw_only=True)
class ListedEntry:
    """What a list shows of an entry."""

    number: int
    feed_number: int
    feed_title: str
    title: str
    opening: str  # HTML, cut anywhere: where its text begins
    link: str | None
    author: str | None
    at: datetime  # published, never later than first seen
    status: EntryStatus
    read: bool
    starred: bool
    changed: bool  # by its source, since it was first seen
    others: int  # entries of other feeds that lead to the same page

    @property
    def cursor(self) -> Cursor:
        return Cursor(at=self.at, number=self.number)


@dataclass(frozen=True, kw_only=True)
class InboxFeed:
    """A feed beside the list."""

    number: int
    url: str
    title: str
    tags: tuple[str, ...]
    unread: int
    followed: bool
    failing_since: datetime | None  # None: it does not fail, or is paused
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Beside:
    """All that is shown beside the list."""

    feeds: tuple[InboxFeed, ...]  # by title; not followed: only with unread entries
    unread: int
    starred: int
    held: int

    def tags(self) -> list[tuple[str, int]]:
        """Return the tags of feeds, and how many unread entries each has, by name."""
        found: dict[str, int] = {}
        for feed in self.feeds:
            for tag in feed.tags:
                found[tag] = found.get(tag, 0) + feed.unread
        return sorted(found.items(), key=lambda one: one[0].casefold())

    def failing(self) -> list[InboxFeed]:
        """Return followed feeds that fail, longest first."""
        failing = [(feed.failing_since, feed) for feed in self.feeds if feed.followed]
        return [feed for since, feed in sorted(failing, key=_since) if since is not None]


def _since(one: tuple[datetime | None, InboxFeed]) -> str:
    return one[0].isoformat() if one[0] else ""


class Deed(StrEnum):
    """What the author does with entries in a list."""

    READ = "read"
    UNREAD = "unread"  # back into the inbox, if it was dismissed
    STAR = "star"
    UNSTAR = "unstar"
    DISMISS = "dismiss"


@dataclass(frozen=True, kw_only=True)
class Done:
    """Something done with entries, that can be undone."""

    number: int
    deed: Deed
    at: datetime
    count: int  # entries that it changed
    about: str  # the title of one, when it is one; else what they were
