"""Notices: whom we tell of what we published, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """By which protocol somebody is told."""

    PING = "websub"  # a hub, of a feed that changed
    MENTION = "webmention"  # a cited page, of the post that cites it


class NoticeState(StrEnum):
    """How far a notice has come. Scripts rely on these words."""

    WAITING = "waiting"  # for its first attempt, or the next one
    SENDING = "sending"  # begun; noted before it is sent
    TOLD = "told"
    UNWANTED = "unwanted"  # the page names no place where it wants to be told
    FAILED = "failed"  # given up
    UNSURE = "unsure"  # sent, perhaps: the program ended before it heard an answer


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one hub or page is told of one feed or post: of its newest change only."""

    number: int
    kind: NoticeKind
    about: str  # the address of the feed or the post
    whom: str  # the address of the hub or the cited page
    site: str | None  # of `whom`, where it must be asked politely
    change: str  # what is told, so that it is told once: opaque
    removed: bool  # the post no longer links to the page
    state: NoticeState
    due_at: datetime | None  # of the next attempt; None: there is none
    attempts: int  # at telling of this change
    asked_at: datetime | None  # when the last attempt was begun
    endpoint: str | None  # where it was sent; None: it never was
    answer: str | None  # to the last attempt, in words
    told_at: datetime | None  # when anybody last took it, of whatever change


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """What a post cites. `revision` and `change` are opaque.

    A new `revision` means that its targets may be others, a new `change` that all of them are to
    be told, those known already too.
    """

    source: str  # the post's address
    revision: str
    change: str
    targets: tuple[str, ...]
