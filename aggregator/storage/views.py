"""Views of the inbox as SQL: which entries, by number and time, from indexes alone.

Rows of entries are long. What a view is of is decided in short rows, and the long ones are read
for the page that is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
)

from aggregator.errors import EntryNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import Among, Cursor, Query, View, Words
from aggregator.storage.inboxtables import given_tags, unread
from aggregator.storage.tables import entries, feeds

# Fewer hits than that are looked up one by one; more, and going through all times is quicker.
FEW_HITS = 2_000

Numbers = Select[*tuple[Any, ...]]

_STARRED = text("entries.starred = 1")  # literally, as the index says it


class Chosen:
    """The entries of a view: where they are looked for, and what must hold of them."""

    def __init__(self, connection: Connection, view: View) -> None:
        self._connection = connection
        query = view.query or Query()
        self._from_unread = view.among is Among.UNREAD or query.unread is True
        self._rows: FromClause = unread if self._from_unread else entries
        self.number: ColumnElement[int] = unread.c.entry if self._from_unread else entries.c.id
        self.at: ColumnElement[datetime] = self._rows.c.sort_at
        # A plus keeps SQLite from looking each feed up and sorting what it finds.
        table = "unread" if self._from_unread else "entries"
        self._feed: ColumnElement[int] = literal_column(f"+{table}.feed_id")
        self._has_words = bool(query.words)
        self._where: list[ColumnElement[bool]] = []
        self._narrow(view)
        self._search(query)

    def select(self, *, after: Cursor | None = None, above: Cursor | None = None) -> Numbers:
        """Return numbers and times, newest first."""
        where = list(self._where)
        for cursor, compared in ((after, "__lt__"), (above, "__gt__")):
            if cursor is not None:
                place = tuple_(literal(cursor.at, self.at.type), literal(cursor.number))
                where.append(getattr(tuple_(self.at, self.number), compared)(place))
                # The time alone is what the index is searched by.
                where.append(self.at <= cursor.at if compared == "__lt__" else self.at >= cursor.at)
        return (
            select(self.number.label("number"), self.at.label("at"))
            .select_from(self._rows)
            .where(*where)
            .order_by(self.at.desc(), self.number.desc())
        )

    def _narrow(self, view: View) -> None:
        held = entries.c.status == EntryStatus.HELD.value
        if view.among is Among.STARRED:
            self._where.append(self._starred())
        elif view.among is Among.HELD:
            self._where.append(false() if self._from_unread else held)
        elif view.among is Among.ALL and view.story is None and not self._from_unread:
            self._where.append(~held)
        if view.feed is not None:
            self._where.append(self._rows.c.feed_id == view.feed)
        if view.tag is not None:
            self._where.append(self._tagged(view.tag))
        if view.story is not None:
            self._where.append(self._of_story(view.story))

    def _starred(self) -> ColumnElement[bool]:
        if self._from_unread:
            return _plus(self.number).in_(select(entries.c.id).where(_clause(_STARRED)))
        return _clause(_STARRED)

    def _tagged(self, tag: str) -> ColumnElement[bool]:
        given = select(given_tags.c.entry).where(func.lower(given_tags.c.tag) == tag.lower())
        return or_(self._of_feeds(_feeds_tagged(tag)), _plus(self.number).in_(given))

    def _of_feeds(self, chosen: Numbers) -> ColumnElement[bool]:
        if self._from_unread or not self._has_words:
            return self._feed.in_(chosen)
        # Their entries by the index of feeds: the row of each hit would be read otherwise.
        theirs = select(entries.c.id).where(entries.c.feed_id.in_(chosen))
        return _plus(self.number).in_(theirs)

    def _of_story(self, number: int) -> ColumnElement[bool]:
        row = self._connection.execute(
            select(entries.c.link_key).where(entries.c.id == number)
        ).one_or_none()
        if row is None:
            raise EntryNotFound(f"there is no entry {number}")
        if row.link_key is None:
            return self.number == number
        same = select(entries.c.id).where(entries.c.link_key == row.link_key)
        return self.number.in_(same)

    def _search(self, query: Query) -> None:
        positive = [group for group in query.words if not group[0].negated]
        negative = [group for group in query.words if group[0].negated]
        not_these = " OR ".join(map(_any_of, negative))
        if positive:
            these = " AND ".join(map(_any_of, positive))
            match = f"({these}) NOT ({not_these})" if negative else these
            self._where.append(self._matching(match))
        elif negative:
            self._where.append(_plus(self.number).not_in(_hits(not_these)))
        if query.after is not None:
            self._where.append(self.at >= query.after)
        if query.before is not None:
            self._where.append(self.at < query.before)
        if query.feeds:
            self._where.append(self._of_feeds(_feeds_named(query.feeds)))
        if query.not_feeds:
            self._where.append(~self._of_feeds(_feeds_named(query.not_feeds)))
        if query.tags:
            self._where.append(or_(*map(self._tagged, query.tags)))
        if query.not_tags:
            self._where.append(and_(*(~self._tagged(tag) for tag in query.not_tags)))
        self._search_marks(query)

    def _search_marks(self, query: Query) -> None:
        starred = select(entries.c.id).where(_clause(_STARRED))
        changed = select(entries.c.id).where(entries.c.changed_at.is_not(None))
        for wanted, which in ((query.starred, starred), (query.changed, changed)):
            if wanted is not None:
                number = _plus(self.number)
                self._where.append(number.in_(which) if wanted else number.not_in(which))
        if query.unread is False:
            self._where.append(_plus(self.number).not_in(select(unread.c.entry)))

    def _matching(self, match: str) -> ColumnElement[bool]:
        few = _hits(match, limit=FEW_HITS + 1)
        numbers = list(self._connection.execute(few).scalars())
        if len(numbers) > FEW_HITS:
            return _plus(self.number).in_(_hits(match))
        if self._from_unread:
            return _plus(self.number).in_(numbers)
        return self.number.in_(numbers)


def _hits(match: str, *, limit: int | None = None) -> Numbers:
    found: Numbers = select(literal_column("rowid", Integer)).select_from(text("search"))
    once: BindParameter[str] = bindparam("match", match, unique=True)  # a query may have several
    return found.where(text("search MATCH :match").bindparams(once)).limit(limit)


def _any_of(group: tuple[Words, ...]) -> str:
    """Return a group in the language of FTS5. Words in quotes mean nothing there but themselves."""
    told = []
    for words in group:
        quoted = '"' + words.text.replace('"', '""') + '"' + ("*" if words.prefix else "")
        told.append(f"{words.field} : {quoted}" if words.field else quoted)
    return f"({' OR '.join(told)})"


def _feeds_tagged(tag: str) -> Numbers:
    each = func.json_each(feeds.c.tags).table_valued("value")
    return select(feeds.c.id).join(each, true()).where(func.lower(each.c.value) == tag.lower())


def _feeds_named(parts: tuple[str, ...]) -> Numbers:
    named = func.coalesce(feeds.c.title, feeds.c.about["title"].as_string(), "")
    told = func.lower(named.concat(" ").concat(feeds.c.url))
    return select(feeds.c.id).where(or_(*(func.instr(told, part.lower()) > 0 for part in parts)))


def _plus(number: ColumnElement[int]) -> ColumnElement[int]:
    """Return the number as something no index is asked for: times are gone through instead."""
    table = "unread.entry" if number is unread.c.entry else "entries.id"
    return literal_column(f"+{table}")


def _clause(told: Any) -> ColumnElement[bool]:
    clause: ColumnElement[bool] = told
    return clause
