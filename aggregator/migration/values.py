"""What a file of another program says, before it is a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.post import StoredPost


@dataclass(frozen=True, kw_only=True)
class Item:
    """One post as its file says it. `place` names it for people: "item 3 (The title)".

    `id` is what subscribers know it by; None: it never had one. `html` is safe HTML,
    `markdown` the body where the file holds that. `about` is the page that it links to as a
    whole. `private` is one that nobody but its author was to see.
    """

    place: str
    id: str | None = None
    title: str = ""
    permalink: str | None = None
    about: str | None = None
    via: str | None = None
    html: str = ""
    markdown: str | None = None
    document: str | None = None  # when it is in document form already
    slug: str | None = None  # that the file names it by
    author: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    private: bool = False


@dataclass(frozen=True, kw_only=True)
class Broken:
    """What could not be read, where, and why."""

    place: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A post as our own archive keeps it, with its earlier documents, oldest first."""

    place: str
    stored: StoredPost
    earlier: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What a file or folder holds, in the order of writing as far as that is known."""

    format: str
    items: tuple[Item | Kept, ...] = ()
    broken: tuple[Broken, ...] = ()
    feed_ids: tuple[tuple[str, str], ...] = ()  # of our own archive: path and id
    notes: tuple[str, ...] = ()


def place_of(number: int, title: str) -> str:
    """Return what people find an item by; `number` counts from 1."""
    short = " ".join(title.split())
    short = short if len(short) <= 60 else short[:59] + "…"
    return f"item {number} ({short})" if short else f"item {number}"
