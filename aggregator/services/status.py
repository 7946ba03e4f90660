"""How it goes: what is due, how polls ended, what waits for the author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aggregator.model.feed import EntryStatus
from aggregator.model.poll import PollStatus
from aggregator.model.post import PostStatus
from aggregator.services.trouble import trouble_of
from aggregator.storage.protocol import PollSum, Queue, Storage

LATELY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Status:
    """All of it at one moment. Sums are of today and yesterday, in UTC."""

    at: datetime
    feeds: int  # followed
    paused: int
    gone: int
    failing: int  # the gone ones not among them
    queue: Queue
    sums: tuple[PollSum, ...]  # of all days
    lately: tuple[PollSum, ...]
    entries: dict[EntryStatus, int]
    posts: dict[PostStatus, int]

    @property
    def waiting(self) -> timedelta:
        """How long the feed has waited that is due the longest."""
        oldest = self.queue.oldest
        return max(self.at - oldest, timedelta(0)) if oldest else timedelta(0)

    @property
    def asked_lately(self) -> int:
        return sum(one.polls for one in self.lately)

    @property
    def failed_lately(self) -> int:
        failed = (PollStatus.FAILED, PollStatus.GONE)
        return sum(one.polls for one in self.lately if one.status in failed)

    @property
    def octets_lately(self) -> int:
        return sum(one.octets for one in self.lately)

    @property
    def not_modified_share(self) -> float | None:
        """The share of good answers that were a 304, 0 to 1; None: there were none."""
        good = (PollStatus.NEW_CONTENT, PollStatus.UNCHANGED, PollStatus.NOT_MODIFIED)
        all_good = sum(one.polls for one in self.lately if one.status in good)
        same = sum(one.polls for one in self.lately if one.status is PollStatus.NOT_MODIFIED)
        return same / all_good if all_good else None


def status_of(storage: Storage, now: datetime) -> Status:
    """Return how it goes. Raises StorageError."""
    feeds = storage.feeds()
    paused = [feed for feed in feeds if feed.subscription.paused]
    asked = [feed for feed in feeds if not feed.subscription.paused]
    gone = [feed for feed in asked if feed.state.gone]
    serious = [one for feed in asked for one in trouble_of(feed, now) if one.serious]
    posts: dict[PostStatus, int] = {}
    for post in storage.posts():
        posts[post.status] = posts.get(post.status, 0) + 1
    sums = tuple(storage.poll_sums(date.min))
    first = (now - LATELY).date()
    return Status(
        at=now,
        feeds=len(feeds),
        paused=len(paused),
        gone=len(gone),
        failing=len(serious) - len(gone),
        queue=storage.queue(now),
        sums=sums,
        lately=tuple(one for one in sums if one.day >= first),
        entries=storage.count_entries(),
        posts=posts,
    )
