"""Entries and the author's marks on them, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from aggregator.errors import EntryNotFound
from aggregator.model.feed import EntryStatus, EntryVersion, StoredEntry
from aggregator.storage.feeds import SLICE, feed_number
from aggregator.storage.tables import entries, entry_versions, feeds
from aggregator.storage.values import stored_entry_of


def _stored() -> Select[Any]:
    return select(entries, feeds.c.url, feeds.c.title.label("feed_title"), feeds.c.about).join(
        feeds, feeds.c.id == entries.c.feed_id
    )


# Nobody has seen these, they were no news when we saw them, or their text is gone.
_NO_NEWS = [
    status.value for status in (EntryStatus.HELD, EntryStatus.ARCHIVED, EntryStatus.EXPIRED)
]

_NEWEST_FIRST = (entries.c.sort_at.desc(), entries.c.id.desc())


def list_entries(
    connection: Connection,
    *,
    statuses: Sequence[EntryStatus] | None,
    feed_url: str | None,
    limit: int | None,
) -> list[StoredEntry]:
    """Return entries, newest first."""
    statement = _stored().order_by(*_NEWEST_FIRST).limit(limit)
    if statuses is not None:
        statement = statement.where(entries.c.status.in_([status.value for status in statuses]))
    else:
        statement = statement.where(entries.c.status != EntryStatus.EXPIRED.value)
    if feed_url is not None:
        statement = statement.where(entries.c.feed_id == feed_number(connection, feed_url))
    return [stored_entry_of(row) for row in connection.execute(statement)]


def count_entries(connection: Connection) -> dict[EntryStatus, int]:
    """Return how many entries there are of each status."""
    counted = connection.execute(select(entries.c.status, func.count()).group_by(entries.c.status))
    found = {row.status: int(row[1]) for row in counted}
    return {status: found.get(status.value, 0) for status in EntryStatus}


def get_entry(connection: Connection, number: int) -> StoredEntry:
    """Return one entry. Raises EntryNotFound."""
    row = connection.execute(_stored().where(entries.c.id == number)).one_or_none()
    if row is None:
        raise _not_found(number)
    return stored_entry_of(row)


def _not_found(number: int) -> EntryNotFound:
    return EntryNotFound(f"there is no entry {number}; `aggregator inbox --all` lists them")


def entry_texts(connection: Connection, number: int) -> list[EntryVersion]:
    """Return the earlier texts, newest first. Raises EntryNotFound."""
    get_entry(connection, number)
    rows = connection.execute(
        select(entry_versions)
        .where(entry_versions.c.entry == number)
        .order_by(entry_versions.c.id.desc())
    )
    return [
        EntryVersion(
            title=row.title,
            link=row.link,
            author=row.author,
            content=row.content,
            summary=row.summary,
            seen_at=row.seen_at,
            replaced_at=row.replaced_at,
        )
        for row in rows
    ]


def mark_entries(
    connection: Connection,
    numbers: Sequence[int],
    *,
    status: EntryStatus | None,
    starred: bool | None,
) -> None:
    """Change the author's marks on all of these entries, or on none."""
    marks: dict[str, Any] = {}
    if status is not None:
        marks["status"] = status.value
    if starred is not None:
        marks["starred"] = starred
    for start in range(0, len(numbers), SLICE):
        some = numbers[start : start + SLICE]
        present = set(
            connection.execute(select(entries.c.id).where(entries.c.id.in_(some))).scalars()
        )
        for number in some:
            if number not in present:
                raise _not_found(number)
        if marks:
            connection.execute(update(entries).where(entries.c.id.in_(some)).values(marks))


def release_held(connection: Connection, feed_url: str) -> int:
    """Move a feed's held entries to the inbox; return how many."""
    of_feed = entries.c.feed_id == feed_number(connection, feed_url)
    moved = connection.execute(
        update(entries)
        .where(of_feed, entries.c.status == EntryStatus.HELD.value)
        .values(status=EntryStatus.INBOX.value)
    )
    return moved.rowcount


def held_by_feed(connection: Connection) -> dict[str, int]:
    """Return how many entries are held back, by feed address."""
    statement = (
        select(feeds.c.url, func.count())
        .join(entries, entries.c.feed_id == feeds.c.id)
        .where(entries.c.status == EntryStatus.HELD.value)
        .group_by(feeds.c.url)
    )
    return {row.url: int(row[1]) for row in connection.execute(statement)}


def river(connection: Connection, *, limit: int) -> list[StoredEntry]:
    """Return the newest entries of active, public feeds, but what is no news; see the protocol."""
    return [stored_entry_of(row) for row in connection.execute(_of_the_river(_stored(), limit))]


def river_version(connection: Connection, *, limit: int) -> str:
    """Return a value that differs when the river does: other entries, or other texts of them."""
    columns = select(entries.c.id, entries.c.versions).join(feeds, feeds.c.id == entries.c.feed_id)
    told = [tuple(row) for row in connection.execute(_of_the_river(columns, limit))]
    return sha256(repr(told).encode()).hexdigest()


def _of_the_river(chosen: Select[Any], limit: int) -> Select[Any]:
    return (
        chosen.where(
            feeds.c.position.is_not(None), feeds.c.private.is_(False), feeds.c.login.is_(None)
        )
        .where(entries.c.status.not_in(_NO_NEWS))
        .order_by(*_NEWEST_FIRST)
        .limit(limit)
    )
