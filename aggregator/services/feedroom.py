"""The feeds at the desk: how each fares, and what the author decides about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.config.values import duration_text, parse_duration
from aggregator.errors import FeedNotFound, WrongState
from aggregator.model.poll import PollStatus
from aggregator.model.subscription import Subscription
from aggregator.services.clock import utc_now
from aggregator.services.following import change, follow, unfollow
from aggregator.services.moving import move_feed
from aggregator.services.newfeeds import tags_of
from aggregator.services.trouble import Trouble, trouble_of
from aggregator.storage.protocol import Attempt, FeedStorage, StoredFeed


@dataclass(frozen=True, kw_only=True)
class Fares:
    """A feed and how it fares."""

    feed: StoredFeed
    troubles: tuple[Trouble, ...]

    @property
    def name(self) -> str:
        return self.feed.subscription.title or self.feed.feed.title or self.feed.subscription.url

    @property
    def state(self) -> str:
        """Return in a word how it is: "paused", "gone", "failing", "new" or "well"."""
        if self.feed.subscription.paused:
            return "paused"
        if self.feed.state.gone:
            return "gone"
        if any(one.serious for one in self.troubles):
            return "failing"
        return "well" if self.feed.state.last_success_at else "new"

    @property
    def interval(self) -> str:
        """Return the author's interval as feeds.yaml says it; "": the usual one."""
        every = self.feed.subscription.interval
        return duration_text(every) if every else ""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A poll of the log, and how it ended."""

    attempt: Attempt

    @property
    def kind(self) -> str:
        """Return "news", "same" or "failed"."""
        if self.attempt.status in (PollStatus.FAILED, PollStatus.GONE):
            return "failed"
        return "news" if self.attempt.new or self.attempt.changed else "same"

    @property
    def words(self) -> str:
        one = self.attempt
        if one.error:
            return one.error
        if one.new or one.changed:
            return f"{one.new:,} new, {one.changed:,} changed"
        return "not modified" if one.status is PollStatus.NOT_MODIFIED else "nothing new"


class FeedRoom:
    """Every method raises StorageError when the database cannot answer; those that change
    something raise ConfigError when feeds.yaml cannot be edited, and then it is as it was.
    """

    def __init__(
        self,
        storage: FeedStorage,
        path: Path,
        *,
        callback: Callable[[], str | None] = lambda: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`path` is that of feeds.yaml; `callback` says where hubs reach us."""
        self._storage, self._path = storage, path
        self._callback, self._clock = callback, clock

    def all(self) -> list[Fares]:
        """Return the feeds that are followed, those with trouble first, then by name."""
        fares = [self._fares(feed) for feed in self._storage.feeds()]
        return sorted(fares, key=lambda one: (_rank(one.state), one.name.casefold()))

    def one(self, number: int) -> Fares:
        """Raises FeedNotFound for one that is not followed."""
        for feed in self._storage.feeds():
            if feed.number == number:
                return self._fares(feed)
        raise FeedNotFound("this feed is not followed")

    def attempts(self, number: int) -> list[Tried]:
        """Return the last polls of a feed, newest first."""
        return [Tried(attempt=one) for one in self._storage.poll_log(number)]

    def _fares(self, feed: StoredFeed) -> Fares:
        found = trouble_of(feed, self._clock(), callback=self._callback())
        return Fares(feed=feed, troubles=tuple(found))

    def move(self, number: int, to: str) -> None:
        """Follow a feed at another address: it stays the same feed. Raises FeedNotFound."""
        url = self.one(number).feed.subscription.url
        move_feed(self._path, self._storage, url, to.strip(), self._clock())

    def pause(self, number: int, *, paused: bool) -> None:
        """Stop asking a feed, or begin again. Raises FeedNotFound."""
        self._change(number, lambda one: replace(one, paused=paused))

    def decide(self, number: int, *, title: str, tags: Sequence[str], interval: str) -> None:
        """Give a feed another name, tags and interval; empty ones are the usual.

        Raises FeedNotFound, and WrongState for an interval that is none and for too many tags.
        """
        every = _interval(interval)
        named = tags_of(tags)
        name = " ".join(title.split()) or None
        self._change(number, lambda one: replace(one, title=name, tags=named, interval=every))

    def _change(self, number: int, made: Callable[[Subscription], Subscription]) -> None:
        change(self._path, self.one(number).feed.subscription.url, made, self._storage)

    def unfollow(self, number: int) -> Subscription:
        """Take a feed out of feeds.yaml, and return what it said; entries stay.

        Raises FeedNotFound.
        """
        subscription = self.one(number).feed.subscription
        unfollow(self._path, subscription.url, self._storage)
        return subscription

    def follow_again(self, number: int) -> None:
        """Write a feed that was followed before into feeds.yaml as it was. Raises FeedNotFound."""
        for feed in self._storage.feeds(active_only=False):
            if feed.number == number and not feed.active:
                follow(self._path, feed.subscription, self._storage)
                return
        raise FeedNotFound("this feed was not followed before, or is again")


def _rank(state: str) -> int:
    return {"failing": 0, "gone": 0, "new": 1, "well": 1, "paused": 2}[state]


def _interval(told: str) -> timedelta | None:
    if not told.strip():
        return None
    try:
        return parse_duration(told.strip())
    except ValueError as error:
        raise WrongState(f"the interval {told.strip()!r} is none: {error}") from error
