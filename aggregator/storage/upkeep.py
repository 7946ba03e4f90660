"""What keeps the database small and tells how it goes, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from aggregator.model.feed import EntryStatus
from aggregator.model.poll import FailureKind, PollStatus
from aggregator.storage.protocol import OldEntry, PollSum, Queue
from aggregator.storage.tables import (
    entries,
    entry_versions,
    feeds,
    poll_days,
    poll_states,
    post_revisions,
    posts,
)

# Whatever the author has marked or used stays as it is.
LET_GO_OF = [
    status.value for status in (EntryStatus.INBOX, EntryStatus.DISMISSED, EntryStatus.HELD)
]


def poll_sums(connection: Connection, since: date) -> list[PollSum]:
    """Return sums by day and kind of outcome, oldest day first."""
    statement = (
        select(poll_days)
        .where(poll_days.c.day >= since.isoformat())
        .order_by(poll_days.c.day, poll_days.c.status, poll_days.c.failure)
    )
    return [
        PollSum(
            day=date.fromisoformat(row.day),
            status=PollStatus(row.status),
            failure=FailureKind(row.failure) if row.failure else None,
            polls=row.polls,
            octets=row.octets,
            seconds=row.seconds,
        )
        for row in connection.execute(statement)
    ]


def queue(connection: Connection, now: datetime) -> Queue:
    """Return how many feeds wait for their poll, and since when."""
    due = poll_states.c.next_poll_at
    asked = (
        select(poll_states)
        .join(feeds, feeds.c.id == poll_states.c.feed_id)
        .where(
            feeds.c.position.is_not(None),
            feeds.c.paused.is_(False),
            poll_states.c.gone.is_(False),
        )
    )
    waiting = asked.where(or_(due.is_(None), due <= now)).subquery()
    count, oldest = connection.execute(
        select(func.count(), func.min(waiting.c.next_poll_at)).select_from(waiting)
    ).one()
    later = asked.where(due > now).subquery()
    following = connection.execute(select(func.min(later.c.next_poll_at))).scalar()
    last = connection.execute(select(func.max(poll_states.c.last_polled_at))).scalar()
    return Queue(due=count, oldest=oldest, next=following, last_polled_at=last)


def old_entries(connection: Connection, before: datetime, *, at_least: int) -> list[OldEntry]:
    """Return entries that are older and not among the newest of their feed, unmarked ones only."""
    place = func.row_number().over(
        partition_by=entries.c.feed_id, order_by=(entries.c.sort_at.desc(), entries.c.id.desc())
    )
    ranked = select(entries.c.id, place.label("place")).subquery()
    statement = (
        select(entries.c.id, entries.c.link)
        .join(ranked, ranked.c.id == entries.c.id)
        .where(
            ranked.c.place > at_least,
            entries.c.sort_at < before,
            entries.c.first_seen < before,
            entries.c.starred.is_(False),
            entries.c.status.in_(LET_GO_OF),
        )
    )
    return [OldEntry(number=row.id, link=row.link) for row in connection.execute(statement)]


def let_go(connection: Connection, numbers: Sequence[int]) -> int:
    """Drop the texts of entries, the earlier ones too; return of how many.

    What tells an entry from others stays, so it does not come back as new. Those that were
    marked meanwhile are left alone.
    """
    gone = connection.execute(
        update(entries)
        .where(
            entries.c.id.in_(numbers),
            entries.c.starred.is_(False),
            entries.c.status.in_(LET_GO_OF),
        )
        .values(status=EntryStatus.EXPIRED.value, content="", summary="", links=[], tags=[])
        .returning(entries.c.id)
    )
    found = gone.scalars().all()
    if found:
        connection.execute(delete(entry_versions).where(entry_versions.c.entry.in_(found)))
    return len(found)


def documents(connection: Connection) -> list[str]:
    """Return every document of every post, earlier ones too."""
    return [
        *connection.execute(select(posts.c.document)).scalars(),
        *connection.execute(select(post_revisions.c.document)).scalars(),
    ]
