"""Storage on SQLAlchemy: each method of the protocol as one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.model.feed import EntryStatus, EntryVersion, StoredEntry
from aggregator.model.poll import EntryChange, KnownEntry, PollOutcome, PollState
from aggregator.model.subscription import Subscription
from aggregator.storage import (
    claims,
    entries,
    feeds,
    history,
    pollog,
    polls,
    posts,
    silence,
    upkeep,
)
from aggregator.storage.hubs import SqlHubs
from aggregator.storage.notices import SqlNotices
from aggregator.storage.protocol import (
    Attempt,
    Claim,
    OldEntry,
    PollSum,
    Queue,
    Site,
    StoredFeed,
)
from aggregator.storage.sqlposts import SqlPosts

if TYPE_CHECKING:
    from aggregator.storage.accounts import SqlAccounts
    from aggregator.storage.drafts import SqlDrafts
    from aggregator.storage.filters import SqlFilters
    from aggregator.storage.inbox import SqlInbox
    from aggregator.storage.searchindex import SqlIndex


class SqlStorage(SqlPosts):
    """The protocol's promises, kept by a SQLite file; see `aggregator.storage.protocol`."""

    def __init__(
        self, path: Path, *, parse: posts.Parse, site_of: feeds.SiteOf = lambda url: None
    ) -> None:
        """Open the database at `path`; `parse` turns a post's document into a Post.

        `site_of` says who must be asked politely for an address; None: nobody.
        """
        super().__init__(path, parse=parse)
        self._site_of = site_of
        self.hubs = SqlHubs(self._reading, self._writing)
        self.notices = SqlNotices(self._reading, self._writing, site_of)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Who may sit at the desk; polls need not know."""
        from aggregator.storage.accounts import SqlAccounts

        return SqlAccounts(self._reading, self._writing)

    @cached_property
    def drafts(self) -> SqlDrafts:
        """What is being typed at the desk."""
        from aggregator.storage.drafts import SqlDrafts

        return SqlDrafts(self._reading, self._writing)

    @cached_property
    def inbox(self) -> SqlInbox:
        """What the desk lists; polls need not know."""
        from aggregator.storage.inbox import SqlInbox

        return SqlInbox(self._reading, self._writing)

    @cached_property
    def words(self) -> SqlIndex:
        """The index of what came in."""
        from aggregator.storage.searchindex import SqlIndex

        return SqlIndex(self._reading, self._writing)

    @cached_property
    def filters(self) -> SqlFilters:
        from aggregator.storage.filters import SqlFilters

        return SqlFilters(self._reading, self._writing)

    # Feeds

    def mirror_subscriptions(self, subscriptions: Sequence[Subscription]) -> None:
        with self._writing() as connection:
            feeds.mirror_subscriptions(connection, subscriptions, self._site_of)

    def feed_urls(self) -> list[str]:
        with self._reading() as connection:
            return feeds.feed_urls(connection)

    def feeds(
        self,
        *,
        urls: Sequence[str] | None = None,
        active_only: bool = True,
        counted: bool = False,
    ) -> list[StoredFeed]:
        with self._reading() as connection:
            return feeds.list_feeds(connection, urls=urls, active_only=active_only, counted=counted)

    def expect_move(self, old_url: str, new_url: str, at: datetime) -> None:
        with self._writing() as connection:
            feeds.expect_move(connection, old_url, new_url, at)

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
        with self._writing() as connection:
            return claims.claim_due(
                connection,
                now,
                limit=limit,
                of_site=of_site,
                lease=lease,
                holder=holder,
                urls=urls,
                force=force,
                polled_before=polled_before,
                passing_by=passing_by,
            )

    def release(self, given: Iterable[Claim], *, holder: str = "") -> None:
        with self._writing() as connection:
            claims.release(connection, given, holder=holder)

    def silent_sites(self, margin: timedelta) -> set[str]:
        with self._reading() as connection:
            return silence.silent_sites(connection, margin)

    def pardon(self, margin: timedelta, *, next_poll_at: datetime, reason: str) -> None:
        with self._writing() as connection:
            silence.pardon(connection, margin, next_poll_at=next_poll_at, reason=reason)

    def last_search(self, page: str) -> PollState | None:
        with self._asking() as connection:
            return polls.last_search(connection, page)

    def poll_log(self, feed_number: int) -> list[Attempt]:
        with self._reading() as connection:
            return pollog.poll_log_of(connection, feed_number)

    def known_entries(self, feed_number: int, *, limit: int = 5000) -> list[KnownEntry]:
        with self._asking() as connection:
            return polls.known_entries(connection, feed_number, limit=limit)

    def save_polls(
        self,
        saves: Sequence[tuple[Claim, PollOutcome]],
        *,
        sites: Sequence[Site] = (),
        leaving: Collection[str] = (),
        holder: str = "",
        until: datetime | None = None,
    ) -> list[tuple[int, int] | None]:
        with self._writing() as connection:
            claims.save_sites(connection, sites, leaving=leaving, holder=holder, until=until)
            return polls.save_polls(connection, saves)

    def save_history(self, feed_number: int, changes: Sequence[EntryChange], at: datetime) -> int:
        with self._writing() as connection:
            return history.save_history(connection, feed_number, changes, at)

    # Entries

    def entries(
        self,
        *,
        statuses: Sequence[EntryStatus] | None = (EntryStatus.INBOX,),
        feed_url: str | None = None,
        limit: int | None = None,
    ) -> list[StoredEntry]:
        with self._reading() as connection:
            return entries.list_entries(
                connection, statuses=statuses, feed_url=feed_url, limit=limit
            )

    def count_entries(self) -> dict[EntryStatus, int]:
        with self._reading() as connection:
            return entries.count_entries(connection)

    def entry(self, number: int) -> StoredEntry:
        with self._reading() as connection:
            return entries.get_entry(connection, number)

    def entry_versions(self, number: int) -> list[EntryVersion]:
        with self._reading() as connection:
            return entries.entry_texts(connection, number)

    def mark_entries(
        self,
        numbers: Sequence[int],
        *,
        status: EntryStatus | None = None,
        starred: bool | None = None,
    ) -> None:
        with self._writing() as connection:
            entries.mark_entries(connection, numbers, status=status, starred=starred)

    def release_held(self, feed_url: str) -> int:
        with self._writing() as connection:
            return entries.release_held(connection, feed_url)

    def held_by_feed(self) -> dict[str, int]:
        with self._reading() as connection:
            return entries.held_by_feed(connection)

    def river(self, *, limit: int) -> list[StoredEntry]:
        with self._reading() as connection:
            return entries.river(connection, limit=limit)

    # Upkeep

    def poll_sums(self, since: date) -> list[PollSum]:
        with self._reading() as connection:
            return upkeep.poll_sums(connection, since)

    def queue(self, now: datetime) -> Queue:
        with self._reading() as connection:
            return upkeep.queue(connection, now)

    def old_entries(self, before: datetime, *, at_least: int) -> list[OldEntry]:
        with self._reading() as connection:
            return upkeep.old_entries(connection, before, at_least=at_least)

    def let_go(self, numbers: Sequence[int]) -> int:
        with self._writing() as connection:
            return upkeep.let_go(connection, numbers)

    def documents(self) -> list[str]:
        with self._reading() as connection:
            return upkeep.documents(connection)
