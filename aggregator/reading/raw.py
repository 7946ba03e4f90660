"""What a document says before anything is made of it.

Every lane (JSON Feed, the quick XML reader, feedparser) ends in these values, and
`aggregator.reading.normalize` alone turns them into the nouns. So two lanes that see the same
thing in a document cannot differ in what they make of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """How a text is written."""

    TEXT = "text"  # characters stand for themselves
    ENTITIES = "entities"  # so do they, but those of HTML are written as references
    HTML = "html"
    GUESS = "guess"  # RSS titles: either, and nothing in the document says which


@dataclass(slots=True)
class RawText:
    value: str = ""
    kind: Kind = Kind.HTML
    base: str = ""  # that relative addresses in it are relative to


@dataclass(slots=True)
class RawLink:
    href: str
    rel: str = "alternate"
    type: str | None = None
    title: str | None = None
    length: str | None = None


@dataclass(slots=True)
class RawSource:
    title: str = ""
    url: str | None = None
    link: str | None = None


@dataclass(slots=True)
class RawEntry:
    id: str = ""
    id_is_link: bool = False
    title: RawText = field(default_factory=RawText)
    content: RawText = field(default_factory=RawText)
    summary: RawText = field(default_factory=RawText)
    author: str = ""
    published: str = ""
    updated: str = ""
    language: str = ""
    tags: list[str] = field(default_factory=list)
    links: list[RawLink] = field(default_factory=list)
    source: RawSource | None = None


@dataclass(slots=True)
class RawFeed:
    title: RawText = field(default_factory=RawText)
    subtitle: RawText = field(default_factory=RawText)
    id: str = ""
    author: str = ""
    rights: RawText = field(default_factory=RawText)
    language: str = ""
    icon: str = ""
    updated: str = ""
    links: list[RawLink] = field(default_factory=list)


@dataclass(slots=True)
class RawDocument:
    """A document as one lane saw it. `format` is such as "rss20", "atom10", "json11"."""

    format: str
    feed: RawFeed
    entries: list[RawEntry]
    notes: list[str] = field(default_factory=list)
    total: int | None = None  # how many entries there were, when some were left out
    quick: bool = False
    partial: bool = False  # it breaks off
