"""The index of all words that came in. It follows, in small transactions of its own.

New entries have numbers beyond the last that was indexed; a trigger notes those whose text changed.
So polls pay nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.storage.inbox import Transaction
from aggregator.storage.inboxtables import progress, search_backlog
from aggregator.storage.tables import entries

_TASK = "search"
_COLUMNS = (
    entries.c.id,
    entries.c.title,
    entries.c.author,
    entries.c.summary,
    entries.c.content,
)
_FORGET = text("DELETE FROM search WHERE rowid = :number")
_LEARN = text(
    "INSERT INTO search (rowid, title, author, words) VALUES (:number, :title, :author, :words)"
)


class SqlIndex:
    """The promises of `IndexStorage`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def to_index(self) -> int:
        with self._reading() as connection:
            done = done_up_to(connection, _TASK)
            fresh = select(func.count()).where(entries.c.id > done)
            changed = select(func.count()).select_from(search_backlog)
            changed = changed.where(search_backlog.c.entry <= done)
            return sum(connection.execute(one).scalar_one() for one in (fresh, changed))

    def index(self, limit: int, words_of: Callable[[str], str]) -> int:
        # What takes time is done before others are kept from writing.
        with self._reading() as connection:
            done = done_up_to(connection, _TASK)
            backlog = select(search_backlog.c.entry).where(search_backlog.c.entry <= done)
            again = connection.execute(
                select(*_COLUMNS).where(entries.c.id.in_(backlog.limit(limit)))
            ).all()
            fresh = connection.execute(
                select(*_COLUMNS)
                .where(entries.c.id > done)
                .order_by(entries.c.id)
                .limit(limit - len(again))
            ).all()
        rows = [_row(one, words_of) for one in (*again, *fresh)]
        if not rows:
            return 0
        numbers = [row["number"] for row in rows]
        read = {
            one.id: (one.title, one.author, one.summary, one.content) for one in (*again, *fresh)
        }
        with self._writing() as connection:
            if done_up_to(connection, _TASK) != done:  # somebody else was at it
                return len(rows)
            for number in numbers:
                connection.execute(_FORGET, {"number": number})
            connection.execute(_LEARN, rows)
            if fresh:
                set_done(connection, _TASK, fresh[-1].id)
            # A text may have changed again since it was read: that is noted, and stays so.
            still = [one.id for one in _now(connection, numbers) if read[one.id] == tuple(one[1:])]
            known = search_backlog.c.entry.in_(still)
            connection.execute(delete(search_backlog).where(known))
            changed = set(numbers) - set(still)
            if changed:
                again_later = [{"entry": number} for number in changed]
                connection.execute(upsert(search_backlog).on_conflict_do_nothing(), again_later)
        return len(rows)


def _now(connection: Connection, numbers: list[int]) -> list[Row[*tuple[Any, ...]]]:
    return list(connection.execute(select(*_COLUMNS).where(entries.c.id.in_(numbers))))


def _row(one: Row[*tuple[Any, ...]], words_of: Callable[[str], str]) -> dict[str, Any]:
    texts = [words_of(html) for html in (one.summary, one.content) if html]
    return {
        "number": one.id,
        "title": words_of(one.title),
        "author": words_of(one.author or ""),
        "words": "\n".join(texts),
    }


def done_up_to(connection: Connection, task: str) -> int:
    """Return the number of the last entry that a task is done with; 0: of none."""
    found = select(progress.c.entry).where(progress.c.task == task)
    return connection.execute(found).scalar() or 0


def set_done(connection: Connection, task: str, number: int) -> None:
    """Note up to which entry a task is done."""
    note = upsert(progress).values(task=task, entry=number)
    note = note.on_conflict_do_update(index_elements=[progress.c.task], set_={"entry": number})
    connection.execute(note)
