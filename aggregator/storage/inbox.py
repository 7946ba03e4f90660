"""The inbox in SQL: lists of entries, and what stands beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Text, func, select, text, type_coerce

from aggregator.errors import EntryNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import (
    Beside,
    Cursor,
    Deed,
    Done,
    InboxFeed,
    ListedEntry,
    View,
)
from aggregator.storage import marks
from aggregator.storage.inboxtables import unread
from aggregator.storage.tables import entries, feeds, poll_states
from aggregator.storage.views import Chosen

Transaction = Callable[[], AbstractContextManager[Connection]]

OPENING = 600  # characters of HTML

NAME = func.coalesce(
    func.nullif(feeds.c.title, ""), func.nullif(feeds.c.about["title"].as_string(), ""), feeds.c.url
)
_UNREAD = (
    select(unread.c.entry)
    .where(unread.c.sort_at == entries.c.sort_at, unread.c.entry == entries.c.id)
    .exists()
)
_TWIN = entries.alias("twin")
_OTHERS = (
    select(func.count(func.distinct(_TWIN.c.feed_id)))
    .where(_TWIN.c.link_key == entries.c.link_key, _TWIN.c.feed_id != entries.c.feed_id)
    .scalar_subquery()
)
_LISTED = select(
    entries.c.id,
    entries.c.feed_id,
    NAME.label("feed_title"),
    entries.c.title,
    func.substr(
        func.coalesce(func.nullif(entries.c.summary, ""), entries.c.content), 1, OPENING
    ).label("opening"),
    entries.c.link,
    entries.c.author,
    entries.c.sort_at,
    entries.c.status,
    entries.c.starred,
    entries.c.changed_at,
    _UNREAD.label("unread"),
    _OTHERS.label("others"),
).join(feeds, feeds.c.id == entries.c.feed_id)

_FEEDS = select(
    feeds.c.id,
    feeds.c.url,
    NAME.label("name"),
    type_coerce(feeds.c.tags, Text).label("tags"),  # most feeds have the same few
    feeds.c.position,
    feeds.c.paused,
    poll_states.c.failing_since,
    poll_states.c.last_error,
).join(poll_states, poll_states.c.feed_id == feeds.c.id)


class SqlInbox:
    """The promises of `InboxStorage`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def listed(
        self, view: View, *, after: Cursor | None = None, limit: int = 50
    ) -> list[ListedEntry]:
        with self._reading() as connection:
            chosen = Chosen(connection, view).select(after=after).limit(limit)
            numbers = list(connection.execute(chosen).scalars())
            return _read(connection, numbers)

    def one_listed(self, number: int) -> ListedEntry:
        with self._reading() as connection:
            found = _read(connection, [number])
        if not found:
            raise EntryNotFound(f"there is no entry {number}")
        return found[0]

    def neighbours(self, view: View, at: Cursor) -> tuple[int | None, int | None]:
        with self._reading() as connection:
            chosen = Chosen(connection, view)
            newer = chosen.select(above=at).order_by(None)
            newer = newer.order_by(chosen.at, chosen.number)
            older = chosen.select(after=at)
            before = connection.execute(newer.limit(1)).scalar()
            behind = connection.execute(older.limit(1)).scalar()
        return before, behind

    def beside(self) -> Beside:
        with self._reading() as connection:
            by_feed = select(unread.c.feed_id, func.count()).group_by(unread.c.feed_id)
            counts: dict[int, int] = {
                number: int(count) for number, count in connection.execute(by_feed).all()
            }
            rows = connection.execute(_FEEDS).all()
            starred = select(func.count()).select_from(entries).where(text("starred = 1"))
            held = select(func.count()).where(entries.c.status == EntryStatus.HELD.value)
            return Beside(
                feeds=_feeds_of(rows, counts),
                unread=sum(counts.values()),
                starred=connection.execute(starred).scalar_one(),
                held=connection.execute(held).scalar_one(),
            )

    def newest(self) -> int:
        with self._reading() as connection:
            return connection.execute(select(func.max(entries.c.id))).scalar() or 0

    def mark(self, numbers: Sequence[int], deed: Deed, *, by: int, at: datetime) -> Done | None:
        with self._writing() as connection:
            return marks.mark(connection, numbers, deed, by=by, at=at)

    def mark_view(
        self,
        view: View,
        deed: Deed,
        *,
        up_to: int,
        above: Cursor | None = None,
        about: str = "",
        by: int,
        at: datetime,
    ) -> Done | None:
        with self._writing() as connection:
            chosen = Chosen(connection, view)
            which = chosen.select(above=above).where(chosen.number <= up_to)
            numbers = list(connection.execute(which).scalars())
            return marks.mark(connection, numbers, deed, by=by, at=at, about=about)

    def undo(self, by: int, number: int | None = None) -> Done | None:
        with self._writing() as connection:
            return marks.undo(connection, by, number)

    def last_done(self, by: int, *, limit: int = 1) -> list[Done]:
        with self._reading() as connection:
            return marks.last_done(connection, by, limit=limit)


def _read(connection: Connection, numbers: Sequence[int]) -> list[ListedEntry]:
    rows = connection.execute(_LISTED.where(entries.c.id.in_(numbers)))
    found = {row.id: _listed_of(row) for row in rows}
    return [found[number] for number in numbers if number in found]


def _listed_of(row: Row[*tuple[Any, ...]]) -> ListedEntry:
    return ListedEntry(
        number=row.id,
        feed_number=row.feed_id,
        feed_title=row.feed_title,
        title=row.title,
        opening=row.opening,
        link=row.link,
        author=row.author,
        at=row.sort_at,
        status=EntryStatus(row.status),
        read=not row.unread,
        starred=row.starred,
        changed=row.changed_at is not None,
        others=row.others,
    )


@lru_cache(maxsize=1024)
def _tags_of(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


def _feeds_of(
    rows: Sequence[Row[*tuple[Any, ...]]], counts: dict[int, int]
) -> tuple[InboxFeed, ...]:
    found = [
        InboxFeed(
            number=row.id,
            url=row.url,
            title=row.name,
            tags=_tags_of(row.tags),
            unread=counts.get(row.id, 0),
            followed=row.position is not None,
            failing_since=None if row.paused else row.failing_since,
            error=row.last_error,
        )
        for row in rows
        if row.position is not None or counts.get(row.id)
    ]
    return tuple(sorted(found, key=lambda feed: feed.title.casefold()))
