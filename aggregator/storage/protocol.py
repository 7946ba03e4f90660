"""What services ask of storage. Any implementation keeps these promises.

Every method is one transaction: it happens whole or not at all. Times go in and come out
aware, in UTC. Every method raises StorageError when the database cannot answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from aggregator.model.feed import EntryStatus, EntryVersion, StoredEntry
from aggregator.model.poll import EntryChange, KnownEntry, PollOutcome, PollState
from aggregator.model.post import PostStatus, StoredPost
from aggregator.model.subscription import Subscription
from aggregator.storage.records import (
    LOGGED,
    Attempt,
    Claim,
    OldEntry,
    PollSum,
    PostDates,
    PostRow,
    Queue,
    Site,
    StoredFeed,
)

__all__ = [
    "LOGGED",
    "Attempt",
    "Claim",
    "EntryStorage",
    "FeedStorage",
    "OldEntry",
    "PollSum",
    "PostDates",
    "PostRow",
    "PostStorage",
    "Queue",
    "Site",
    "Storage",
    "StoredFeed",
    "UpkeepStorage",
]


class FeedStorage(Protocol):
    def mirror_subscriptions(self, subscriptions: Sequence[Subscription]) -> None:
        """Make the stored subscriptions those given; the others become inactive, not deleted.

        A feed whose address changes to where it has been redirected, or is expected to move,
        stays the same feed.
        """

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

    def expect_move(self, old_url: str, new_url: str, at: datetime) -> None:
        """Remember that a feed is about to get another address in feeds.yaml.

        When subscriptions are mirrored in which the new address stands and the old one does
        not, entries and poll state move along. Redirects never move it back to `old_url`.
        Raises FeedNotFound.
        """

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        of_site: int = 1_000_000,
        holder: str = "",
        urls: Sequence[str] | None = None,
        force: bool = False,
        polled_before: datetime | None = None,
        passing_by: Collection[str] = (),
    ) -> list[Claim]:
        """Claim up to `limit` active, unpaused feeds with their sites.

        The longest due of each site comes before the second of any; no more than `of_site` of
        each. A feed is due when its `next_poll_at` has passed or is absent; `force` ignores that.
        `urls` narrows the choice to those addresses, `polled_before` to feeds not polled since:
        a run passes its own start, so as to ask no feed twice. `passing_by` names sites that are
        left alone. Never returned are feeds under an unexpired claim, feeds of a site that another
        `holder` has, and feeds or sites that wait for a `not_before`; gone feeds only by `force`.
        """

    def release(self, given: Iterable[Claim], *, holder: str = "") -> None:
        """Give claims back unused, lost ones aside, and every site that `holder` has."""

    def silent_sites(self, margin: timedelta) -> set[str]:
        """Return the sites of feeds that fell silent after anybody answered, or `margin` before."""

    def pardon(self, margin: timedelta, *, next_poll_at: datetime, reason: str) -> None:
        """Forget the failures of those feeds."""

    def last_search(self, page: str) -> PollState | None:
        """Return the state of the feed for which `page` was looked through last; None: of none."""

    def poll_log(self, feed_number: int) -> list[Attempt]:
        """Return the last polls of a feed, newest first; at most LOGGED."""

    def known_entries(self, feed_number: int, *, limit: int = 5000) -> list[KnownEntry]:
        """Return what comparing needs of a feed's newest entries, newest first."""

    def save_polls(
        self,
        saves: Sequence[tuple[Claim, PollOutcome]],
        *,
        sites: Sequence[Site] = (),
        leaving: Collection[str] = (),
        holder: str = "",
        until: datetime | None = None,
    ) -> list[tuple[int, int] | None]:
        """Record polls and give their claims back; return entries really new and changed, each.

        `sites` are as they shall be from now on, and those that `holder` is `leaving` are free
        for others; the rest is its own `until` then. A feed of which a hub told news after it
        was asked is due again soon. All of it or nothing: a commit waits for
        the disk, so what is ready together is saved together. None for a poll whose claim ran
        out and whose feed somebody else has taken since: nothing of it is recorded.
        """

    def save_history(self, feed_number: int, changes: Sequence[EntryChange], at: datetime) -> int:
        """Store archived entries, all else left as it is; return how many are really new."""


class EntryStorage(Protocol):
    def entries(
        self,
        *,
        statuses: Sequence[EntryStatus] | None = (EntryStatus.INBOX,),
        feed_url: str | None = None,
        limit: int | None = None,
    ) -> list[StoredEntry]:
        """Return entries, newest first (by publication, else first sight).

        None: any status but expired.
        """

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

        Held, archived and expired entries are left out.
        """


class PostStorage(Protocol):
    def posts(self, *, statuses: Sequence[PostStatus] | None = None) -> list[StoredPost]:
        """Return posts: published ones newest first, then the others by last edit. None: all.

        One whose document cannot be read is among them, and says so.
        """

    def post_rows(self, statuses: Sequence[PostStatus]) -> list[PostRow]:
        """Return posts, the last one written first, without reading their documents yet."""

    def updated_times(self) -> set[datetime]:
        """Return the `updated` of every post that has one."""

    def post(self, slug: str) -> StoredPost:
        """Raise PostNotFound when there is none."""

    def save_post(self, post: StoredPost, *, replaces: StoredPost | None) -> None:
        """Store a post; `replaces` is the state it was made from, None for a new one.

        Every replaced document is kept as an earlier revision. Raises WrongState when the
        slug is taken, or when the stored post is no longer `replaces` (another hand was quicker).
        """

    def import_posts(
        self,
        new: Sequence[tuple[StoredPost, Sequence[tuple[datetime, str]]]],
        replaced: Sequence[tuple[StoredPost, StoredPost]] = (),
        *,
        ids: Mapping[str, str] | None = None,
    ) -> None:
        """Store posts from elsewhere, in this order: all of it or nothing.

        `new` come with their earlier documents, oldest first, and the times at which each was
        replaced; `replaced` are pairs of before and after, as for `save_post`. `ids`
        are kept as by `keep_feed_ids`. Raises as `save_post` does.
        """

    def remove_posts(self, given: Sequence[StoredPost]) -> list[str]:
        """Remove those posts that are still as given, with their earlier documents.

        Return the slugs of those that are gone. For what was imported by mistake only.
        """

    def site_version(self, *, river: int) -> str:
        """Return a value that differs from the one before when the site is to be written anew.

        That is when any post has changed since, or one of the first `river` entries of the river.
        """

    def feed_ids(self) -> dict[str, str | None]:
        """Return the ids of the feeds that we publish, by path.

        None where readers know the feed by its address, from before ids were kept.
        """

    def keep_feed_ids(self, ids: Mapping[str, str]) -> None:
        """Store the ids of feeds that have none; one that is stored never changes."""

    def post_revisions(self, slug: str) -> list[tuple[datetime, str]]:
        """Return earlier documents with the time they were replaced, newest first."""


class UpkeepStorage(Protocol):
    def poll_sums(self, since: date) -> list[PollSum]:
        """Return sums of polls by day and kind of outcome, oldest day first."""

    def queue(self, now: datetime) -> Queue:
        """Return how far polling is behind."""

    def old_entries(self, before: datetime, *, at_least: int) -> list[OldEntry]:
        """Return entries older than that, but for the `at_least` newest of each feed.

        Starred and cited ones are not among them.
        """

    def let_go(self, numbers: Sequence[int]) -> int:
        """Drop the texts of entries and their earlier ones; return of how many.

        They stay known, so as not to come back as new. What was marked meanwhile is left alone.
        """

    def documents(self) -> list[str]:
        """Return every document of every post, earlier ones too."""


class Storage(FeedStorage, EntryStorage, PostStorage, UpkeepStorage, Protocol):
    """All of it."""

    def check(self) -> list[str]:
        """Return what is wrong with the database itself, in words; empty when it is sound."""

    def close(self) -> None:
        """Let go of the database."""
