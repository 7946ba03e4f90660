"""Filters in SQL: what they are, what they look at, and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.errors import FeedNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.filter import Caught, Filter, FilterAction, FilterField
from aggregator.storage.inbox import NAME, Transaction
from aggregator.storage.inboxtables import filters, given_tags
from aggregator.storage.searchindex import done_up_to, set_done
from aggregator.storage.tables import entries, feeds

_TASK = "filters"
_FILTERS = (
    select(filters, NAME.label("feed_title"))
    .join(feeds, feeds.c.id == filters.c.feed_id, isouter=True)
    .order_by(filters.c.id)
)


class SqlFilters:
    """The promises of `FilterStorage`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def filters(self) -> list[Filter]:
        with self._reading() as connection:
            return [_filter(row) for row in connection.execute(_FILTERS)]

    def add_filter(self, new: Filter) -> Filter:
        values = {
            "action": new.action.value,
            "tag": new.tag,
            "field": new.field.value,
            "pattern": new.pattern,
            "feed_id": new.feed,
            "created": new.created,
            "paused": new.paused,
        }
        with self._writing() as connection:
            if new.feed is not None:
                known = select(feeds.c.id).where(feeds.c.id == new.feed)
                if connection.execute(known).scalar() is None:
                    raise FeedNotFound(f"there is no feed {new.feed}")
            others = connection.execute(select(func.count()).select_from(filters)).scalar_one()
            if not others:  # nobody has looked since: it begins with what comes next
                newest = connection.execute(select(func.max(entries.c.id))).scalar() or 0
                set_done(connection, _TASK, newest)
            number = connection.execute(
                insert(filters).values(values).returning(filters.c.id)
            ).scalar_one()
            row = connection.execute(_FILTERS.where(filters.c.id == number)).one()
        return _filter(row)

    def pause_filter(self, number: int, *, paused: bool) -> bool:
        with self._writing() as connection:
            which = update(filters).where(filters.c.id == number).values(paused=paused)
            return connection.execute(which).rowcount == 1

    def remove_filter(self, number: int) -> bool:
        with self._writing() as connection:
            return connection.execute(delete(filters).where(filters.c.id == number)).rowcount == 1

    def filterable(self, *, limit: int, newest: bool = False) -> list[Caught]:
        with self._reading() as connection:
            seen = select(
                entries.c.id,
                entries.c.feed_id,
                NAME.label("feed_title"),
                entries.c.title,
                entries.c.author,
                entries.c.link,
                entries.c.summary,
                entries.c.content,
                entries.c.sort_at,
                entries.c.status,
            ).join(feeds, feeds.c.id == entries.c.feed_id)
            if newest:
                seen = seen.order_by(entries.c.id.desc())
            else:
                seen = seen.where(entries.c.id > done_up_to(connection, _TASK))
                seen = seen.order_by(entries.c.id)
            return [_caught(row) for row in connection.execute(seen.limit(limit))]

    def filtered(
        self,
        up_to: int,
        *,
        star: Sequence[int] = (),
        mute: Sequence[int] = (),
        tag: Sequence[tuple[int, str]] = (),
    ) -> None:
        with self._writing() as connection:
            if done_up_to(connection, _TASK) >= up_to:  # somebody else was quicker
                return
            give(connection, star=star, mute=mute, tag=tag)
            set_done(connection, _TASK, up_to)


def give(
    connection: Connection,
    *,
    star: Sequence[int] = (),
    mute: Sequence[int] = (),
    tag: Sequence[tuple[int, str]] = (),
) -> None:
    """Do what filters found. Only what still waits in the inbox is muted."""
    if star:
        connection.execute(update(entries).where(entries.c.id.in_(star)).values(starred=True))
    if mute:
        waiting = entries.c.status == EntryStatus.INBOX.value
        muted = update(entries).where(entries.c.id.in_(mute), waiting)
        connection.execute(muted.values(status=EntryStatus.DISMISSED.value))
    if tag:
        rows = [{"entry": number, "tag": name} for number, name in tag]
        connection.execute(upsert(given_tags).on_conflict_do_nothing(), rows)


def _filter(row: Row[*tuple[Any, ...]]) -> Filter:
    return Filter(
        number=row.id,
        action=FilterAction(row.action),
        field=FilterField(row.field),
        pattern=row.pattern,
        created=row.created,
        tag=row.tag,
        feed=row.feed_id,
        feed_title=row.feed_title or "",
        paused=row.paused,
    )


def _caught(row: Row[*tuple[Any, ...]]) -> Caught:
    return Caught(
        number=row.id,
        feed=row.feed_id,
        feed_title=row.feed_title,
        title=row.title,
        author=row.author or "",
        link=row.link or "",
        html=f"{row.summary}\n{row.content}",
        at=row.sort_at,
        waiting=row.status == EntryStatus.INBOX.value,
    )
