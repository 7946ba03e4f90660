"""Filters: what the author wants done with entries as they come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FilterAction(StrEnum):
    STAR = "star"
    TAG = "tag"
    MUTE = "mute"  # dismissed before the author sees it; search finds it all the same


class FilterField(StrEnum):
    ANY = "any"
    TITLE = "title"
    AUTHOR = "author"
    TEXT = "text"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A pattern is words side by side, in any case; `budg*` is any word that begins so, and `|`
    stands between several.
    """

    action: FilterAction
    field: FilterField
    pattern: str
    created: datetime
    number: int = 0  # 0: not stored yet
    tag: str | None = None  # to give
    feed: int | None = None  # its number; None: of every feed
    feed_title: str = ""
    paused: bool = False


@dataclass(frozen=True, kw_only=True)
class Caught:
    """An entry as filters see it."""

    number: int
    feed: int
    feed_title: str
    title: str
    author: str
    link: str
    html: str
    at: datetime
    waiting: bool  # in the inbox: only those are muted
