"""What the author does with entries, and undoing it, in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.errors import EntryNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import Deed, Done
from aggregator.storage.feeds import SLICE
from aggregator.storage.inboxtables import deeds, unread
from aggregator.storage.tables import entries

KEPT = 200  # deeds of each user that can be undone

Marks = tuple[str, bool, bool]  # status, whether it is unread, whether it is starred

_INBOX, _DISMISSED = EntryStatus.INBOX.value, EntryStatus.DISMISSED.value


def after(deed: Deed, before: Marks) -> Marks:
    """Return the marks of an entry when something is done with it.

    What was cited, comes from an archive or has no text any more is never dismissed: it is not
    in the inbox, and what is known of it would be lost.
    """
    status, is_unread, starred = before
    match deed:
        case Deed.READ:
            return status, False, starred
        case Deed.UNREAD if status in (_INBOX, _DISMISSED):
            return _INBOX, True, starred
        case Deed.STAR | Deed.UNSTAR:
            return status, is_unread, deed is Deed.STAR
        case Deed.DISMISS if status in (_INBOX, EntryStatus.HELD.value):
            return _DISMISSED, False, starred
    return before


def mark(
    connection: Connection,
    numbers: Sequence[int],
    deed: Deed,
    *,
    by: int,
    at: datetime,
    about: str = "",
) -> Done | None:
    """Do something with entries, and note how they were; None: all were like that."""
    changed: dict[Marks, list[int]] = {}
    for some in _slices(numbers):
        present = _marks_of(connection, some)
        for number in some:
            if number not in present:
                raise EntryNotFound(f"there is no entry {number} any more")
            before = present[number]
            if after(deed, before) != before:
                changed.setdefault(before, []).append(number)
    if not changed:
        return None
    for before, which in changed.items():
        _change(connection, which, before, after(deed, before))
    count = sum(map(len, changed.values()))
    if count == 1:
        (one,) = next(iter(changed.values()))
        about = connection.execute(select(entries.c.title).where(entries.c.id == one)).scalar_one()
    new = insert(deeds).values(
        user_id=by,
        deed=deed.value,
        at=at,
        count=count,
        about=about,
        before=[[*before, which] for before, which in changed.items()],
        undone=False,
    )
    done = _done(connection.execute(new.returning(deeds)).one())
    old = select(deeds.c.id).where(deeds.c.user_id == by).order_by(deeds.c.id.desc())
    connection.execute(delete(deeds).where(deeds.c.id.in_(old.offset(KEPT).limit(-1))))
    return done


def undo(connection: Connection, by: int, number: int | None) -> Done | None:
    """Give entries back the marks they had, where they still have those that were given them."""
    which = select(deeds).where(deeds.c.user_id == by, deeds.c.undone.is_(False))
    if number is not None:
        which = which.where(deeds.c.id == number)
    row = connection.execute(which.order_by(deeds.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    deed = Deed(row.deed)
    for status, is_unread, starred, numbers in row.before:
        before = status, is_unread, starred
        _change(connection, numbers, after(deed, before), before)
    connection.execute(update(deeds).where(deeds.c.id == row.id).values(undone=True))
    return _done(row)


def last_done(connection: Connection, by: int, *, limit: int) -> list[Done]:
    """Return what a user did last and has not taken back, newest first."""
    columns = [column for column in deeds.c if column.name != "before"]
    which = select(*columns).where(deeds.c.user_id == by, deeds.c.undone.is_(False))
    rows = connection.execute(which.order_by(deeds.c.id.desc()).limit(limit))
    return [_done(row) for row in rows]


def _marks_of(connection: Connection, numbers: Sequence[int]) -> dict[int, Marks]:
    is_unread = (
        select(unread.c.entry)
        .where(unread.c.sort_at == entries.c.sort_at, unread.c.entry == entries.c.id)
        .exists()
    )
    rows = connection.execute(
        select(entries.c.id, entries.c.status, is_unread, entries.c.starred).where(
            entries.c.id.in_(numbers)
        )
    )
    return {number: (status, bool(fresh), starred) for number, status, fresh, starred in rows}


def _change(connection: Connection, numbers: Sequence[int], old: Marks, new: Marks) -> None:
    """Turn those marks that differ into the new ones, of entries that have the old ones."""
    for some in _slices(numbers):
        of_these = entries.c.id.in_(some)
        if old[2] != new[2]:
            starred = update(entries).where(of_these, entries.c.starred.is_(old[2]))
            connection.execute(starred.values(starred=new[2]))
        if old[0] != new[0]:
            moved = update(entries).where(of_these, entries.c.status == old[0])
            connection.execute(moved.values(status=new[0]))  # triggers keep `unread` in step
        if new[0] != _INBOX or (old[0] == new[0] and old[1] == new[1]):
            continue
        if new[1]:
            waiting = select(entries.c.sort_at, entries.c.id, entries.c.feed_id)
            waiting = waiting.where(of_these, entries.c.status == _INBOX)
            fresh = upsert(unread).from_select(["sort_at", "entry", "feed_id"], waiting)
            connection.execute(fresh.on_conflict_do_nothing())
        else:
            read = select(entries.c.sort_at, entries.c.id).where(of_these)
            pairs = [(row.sort_at, row.id) for row in connection.execute(read)]
            connection.execute(
                _READ, [{"at": moment, "number": number} for moment, number in pairs]
            )


_READ = delete(unread).where(
    unread.c.sort_at == bindparam("at"), unread.c.entry == bindparam("number")
)


def _slices(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), SLICE):
        yield numbers[start : start + SLICE]


def _done(row: Row[*tuple[Any, ...]]) -> Done:
    return Done(
        number=row.id, deed=Deed(row.deed), at=row.at, count=row._mapping["count"], about=row.about
    )
