"""What services ask of storage. Any implementation keeps these promises.

Every method is one transaction: it happens whole or not at all. Times go in and come out
aware, in UTC. Every method raises StorageError when the database cannot answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.model.feed import EntryStatus, EntryVersion, Feed, StoredEntry
from aggregator.model.poll import KnownEntry, PollOutcome, PollState
from aggregator.model.post import PostStatus, StoredPost
from aggregator.model.subscription import Subscription


@dataclass(frozen=True, kw_only=True)
class StoredFeed:
    """A feed with all that is known of it."""

    number: int
    subscription: Subscription
    feed: Feed
    state: PollState
    active: bool  # False: no longer in feeds.yaml; its entries stay
    entries: int | None  # how many are stored; None when nobody asked to count them


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to poll one feed until `until`. `fence` tells a late holder from the present."""

    number: int  # of the feed
    fence: int
    until: datetime
    subscription: Subscription
    feed: Feed
    state: PollState


class FeedStorage(Protocol):
    def mirror_subscriptions(self, subscriptions: Sequence[Subscription]) -> None:
        """Make the stored subscriptions those given; the others become inactive, not deleted."""

    def feed_urls(self) -> list[str]:
        """Return the addresses of active feeds, in the order of feeds.yaml."""

    def feeds(
        self,
        *,
        urls: Sequence[str] | None = None,
        active_only: bool = True,
        counted: bool = False,
    ) -> list[StoredFeed]:
        """Return feeds in the order of feeds.yaml, inactive ones last.

        `urls` narrows the choice to those addresses. `counted` fills in the number of stored
        entries, which takes a look at every one.
        """

    def rename_feed(self, old_url: str, new_url: str) -> None:
        """Move a feed to another address; its entries and poll state stay with it.

        Raises FeedNotFound, and StorageError when the new address is already a feed.
        """

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        urls: Sequence[str] | None = None,
        force: bool = False,
        polled_before: datetime | None = None,
    ) -> list[Claim]:
        """Claim up to `limit` active, unpaused feeds, the longest due first.

        A feed is due when its `next_poll_at` has passed or is absent; `force` ignores that.
        `urls` narrows the choice to those addresses, `polled_before` to feeds not polled since:
        a run passes its own start, so as to ask no feed twice. Feeds under somebody's unexpired
        claim are never returned, gone feeds only by `force`.
        """

    def release(self, claims: Iterable[Claim]) -> None:
        """Give claims back unused. Claims already lost are passed over."""

    def known_entries(self, feed_number: int, *, limit: int = 5000) -> list[KnownEntry]:
        """Return what comparing needs of a feed's newest entries, newest first."""

    def save_polls(
        self, saves: Sequence[tuple[Claim, PollOutcome]]
    ) -> list[tuple[int, int] | None]:
        """Record polls and give their claims back; return entries really new and changed, each.

        All of them or none: a commit waits for the disk, so what is ready together is saved
        together. None for a poll whose claim ran out and whose feed somebody else has taken
        since: nothing of it is recorded.
        """


class EntryStorage(Protocol):
    def entries(
        self,
        *,
        statuses: Sequence[EntryStatus] | None = (EntryStatus.INBOX,),
        feed_url: str | None = None,
        limit: int | None = None,
    ) -> list[StoredEntry]:
        """Return entries, newest first (by publication, else first sight). None: any status."""

    def count_entries(self) -> dict[EntryStatus, int]:
        """Return how many entries there are of each status; absent statuses count 0."""

    def entry(self, number: int) -> StoredEntry:
        """Raise EntryNotFound when there is none."""

    def entry_versions(self, number: int) -> list[EntryVersion]:
        """Return the earlier texts, newest first. Raises EntryNotFound."""

    def mark_entries(
        self,
        numbers: Sequence[int],
        *,
        status: EntryStatus | None = None,
        starred: bool | None = None,
    ) -> None:
        """Change the author's marks; None leaves one alone. Raises EntryNotFound for any."""

    def release_held(self, feed_url: str) -> int:
        """Move a feed's held entries to the inbox; return how many. Raises FeedNotFound."""

    def held_by_feed(self) -> dict[str, int]:
        """Return how many entries are held back, by feed address; only feeds that have some."""

    def river(self, *, limit: int) -> list[StoredEntry]:
        """Return the newest entries of active, public feeds, whatever the author did with them.

        Held entries are left out.
        """


class PostStorage(Protocol):
    def posts(self, *, statuses: Sequence[PostStatus] | None = None) -> list[StoredPost]:
        """Return posts: published ones newest first, then the others by last edit. None: all."""

    def updated_times(self) -> set[datetime]:
        """Return the `updated` of every post that has one."""

    def post(self, slug: str) -> StoredPost:
        """Raise PostNotFound when there is none."""

    def save_post(self, post: StoredPost, *, replaces: StoredPost | None) -> None:
        """Store a post; `replaces` is the state it was made from, None for a new one.

        Every replaced document is kept as an earlier revision. Raises WrongState when the
        slug is taken, or when the stored post is no longer `replaces` (another hand was quicker).
        """

    def posts_version(self) -> str:
        """Return a value that differs from the one before when any post has changed since."""

    def post_revisions(self, slug: str) -> list[tuple[datetime, str]]:
        """Return earlier documents with the time they were replaced, newest first."""


class Storage(FeedStorage, EntryStorage, PostStorage, Protocol):
    """All of it."""

    def check(self) -> list[str]:
        """Return what is wrong with the database itself, in words; empty when it is sound."""

    def close(self) -> None:
        """Let go of the database."""
