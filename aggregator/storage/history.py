"""Entries from a feed's archives, in SQL: stored beside the others, and no news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from aggregator.model.feed import EntryStatus
from aggregator.model.poll import EntryChange
from aggregator.storage.polls import UNDATED, new_row, numbers_of
from aggregator.storage.tables import entries

SECOND = timedelta(seconds=1)


def save_history(
    connection: Connection, feed_number: int, changes: Sequence[EntryChange], at: datetime
) -> int:
    """Store entries that are not stored yet, as ARCHIVED; return how many.

    Those without a date are listed after all others of their feed, in the order given.
    The caller's transaction holds the lock on writing, so what is looked up here stays so.
    """
    fresh = [change for change in changes if change.number is None]
    stored = numbers_of(connection, [(feed_number, change.entry.id) for change in fresh])
    lowest: datetime | None = None
    rows = []
    for change in fresh:
        if (feed_number, change.entry.id) in stored:
            continue
        row = new_row(feed_number, change, at, EntryStatus.ARCHIVED)
        if change.entry.published is None and change.entry.updated is None:
            lowest = (lowest or _lowest(connection, feed_number)) - SECOND
            row["sort_at"] = lowest
        rows.append(row)
    if rows:
        connection.execute(insert(entries), rows)
    return len(rows)


def _lowest(connection: Connection, feed_number: int) -> datetime:
    """Return the time before which the feed's next entry without a date is put."""
    of_feed = select(func.min(entries.c.sort_at)).where(entries.c.feed_id == feed_number)
    found: datetime | None = connection.execute(of_feed).scalar()
    return min(found, UNDATED) if found else UNDATED
