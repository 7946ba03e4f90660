"""Notices in SQL: what is to be told, what is being told, what was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)

from aggregator.model.notice import Mentions, Notice, NoticeKind, NoticeState
from aggregator.storage.feeds import SiteOf
from aggregator.storage.noticerows import NOTICES, anew, new_row, notice_of
from aggregator.storage.noticetables import mention_sources, notices
from aggregator.storage.tables import sites

Transaction = Callable[[], AbstractContextManager[Connection]]

_WAITS = NOTICES.state == NoticeState.WAITING.value
_IS_PING = NOTICES.kind == NoticeKind.PING.value
ENDED_EARLY = "sent, perhaps: the program ended before it heard an answer"


class SqlNotices:
    """The promises of `aggregator.storage.noticeprotocol`."""

    def __init__(self, reading: Transaction, writing: Transaction, site_of: SiteOf) -> None:
        self._reading, self._writing, self._site_of = reading, writing, site_of

    def expect_pings(
        self, documents: Mapping[str, str], hubs: Collection[str], due_at: datetime
    ) -> int:
        wanted = {(feed, hub): digest for hub in hubs for feed, digest in documents.items()}
        known = select(NOTICES.about, NOTICES.whom, NOTICES.change).where(_IS_PING)
        with self._reading() as connection:  # mostly there is nothing to write
            told = {(row.about, row.whom): row.change for row in connection.execute(known)}
        if all(told.get(pair) == digest for pair, digest in wanted.items()):
            return 0
        with self._writing() as connection:
            told = {(row.about, row.whom): row.change for row in connection.execute(known)}
            changed = {pair: one for pair, one in wanted.items() if told.get(pair) != one}
            for (feed, hub), digest in changed.items():
                if (feed, hub) in told:
                    which = and_(_IS_PING, NOTICES.about == feed, NOTICES.whom == hub)
                    _change(connection, which, **anew(digest, due_at))
                else:
                    self._add(connection, NoticeKind.PING, feed, hub, digest, due_at)
            return len(changed)

    def revisions(self) -> dict[str, str]:
        with self._reading() as connection:
            rows = connection.execute(select(mention_sources)).all()
        return {row.source: row.revision for row in rows}

    def expect_mentions(self, posts: Iterable[Mentions], due_at: datetime) -> int:
        with self._writing() as connection:
            return sum(self._expect_of(connection, post, due_at) for post in posts)

    def _expect_of(self, connection: Connection, post: Mentions, due_at: datetime) -> int:
        of_post = and_(NOTICES.kind == NoticeKind.MENTION.value, NOTICES.about == post.source)
        known = {row.whom: row for row in connection.execute(select(notices).where(of_post))}
        count = 0
        for target in post.targets:
            row = known.pop(target, None)
            if row is None:
                change = post.change
                self._add(connection, NoticeKind.MENTION, post.source, target, change, due_at)
            elif row.change != post.change or row.removed:
                _change(connection, NOTICES.id == row.id, **anew(post.change, due_at))
            else:
                continue
            count += 1
        for row in known.values():
            if row.endpoint is None:  # whoever was never told has nothing to take back
                connection.execute(delete(notices).where(NOTICES.id == row.id))
            elif not row.removed:
                _change(connection, NOTICES.id == row.id, **anew(post.change, due_at, removed=True))
                count += 1
        of_source = mention_sources.c.source == post.source
        connection.execute(delete(mention_sources).where(of_source))
        connection.execute(
            insert(mention_sources).values(source=post.source, revision=post.revision)
        )
        return count

    def _add(
        self,
        connection: Connection,
        kind: NoticeKind,
        about: str,
        whom: str,
        change: str,
        due_at: datetime,
    ) -> None:
        row = new_row(kind, about, whom, self._site_of(whom))
        connection.execute(insert(notices).values(**row, **anew(change, due_at)))

    def settle(self, now: datetime) -> int:
        began = and_(NOTICES.state == NoticeState.SENDING.value, NOTICES.due_at <= now)
        with self._reading() as connection:
            if not connection.execute(select(NOTICES.id).where(began)).first():
                return 0
        with self._writing() as connection:
            return _change(
                connection,
                began,
                state=NoticeState.UNSURE.value,
                due_at=None,
                answer=ENDED_EARLY,
            )

    def due(
        self,
        now: datetime,
        *,
        hubs: Collection[str],
        mentions: bool,
        new_ones: bool = False,
        limit: int,
    ) -> list[Notice]:
        to_hubs = and_(_IS_PING, NOTICES.whom.in_(list(hubs)))
        wanted = or_(to_hubs, NOTICES.kind == NoticeKind.MENTION.value) if mentions else to_hubs
        is_due: ColumnElement[bool] = NOTICES.due_at <= now
        if new_ones:
            is_due = or_(is_due, NOTICES.attempts == 0)
        told_to_wait = select(sites.c.name).where(
            sites.c.name == NOTICES.site, sites.c.not_before > now
        )
        hubs_first = case((_IS_PING, 0), else_=1)
        statement = (
            select(notices)
            .where(_WAITS, wanted, is_due, ~told_to_wait.exists())
            .order_by(hubs_first, NOTICES.due_at, NOTICES.id)
            .limit(limit)
        )
        with self._reading() as connection:
            return [notice_of(row) for row in connection.execute(statement)]

    def claim(self, notice: Notice, now: datetime, until: datetime) -> Notice | None:
        with self._writing() as connection:
            values = {"due_at": until, "attempts": notice.attempts + 1, "asked_at": now}
            if not _change(connection, and_(_WAITS, *_as_it_was(notice)), **values):
                return None
            one = select(notices).where(NOTICES.id == notice.number)
            return notice_of(connection.execute(one).one())

    def sending(self, notice: Notice, endpoint: str, at: datetime) -> bool:
        with self._writing() as connection:
            return bool(
                _change(
                    connection,
                    and_(_WAITS, *_as_it_was(notice)),
                    state=NoticeState.SENDING.value,
                    endpoint=endpoint,
                    asked_at=at,
                )
            )

    def done(self, notice: Notice, state: NoticeState, answer: str, at: datetime) -> None:
        values: dict[str, Any] = {"state": state.value, "answer": answer, "due_at": None}
        if state is NoticeState.TOLD:
            values["told_at"] = at
        with self._writing() as connection:
            _change(connection, and_(*_as_it_was(notice)), **values)

    def again(self, notice: Notice, answer: str, due_at: datetime) -> None:
        values = {"state": NoticeState.WAITING.value, "answer": answer, "due_at": due_at}
        with self._writing() as connection:
            _change(connection, and_(*_as_it_was(notice)), **values)

    def postpone(self, site: str, until: datetime) -> None:
        with self._writing() as connection:
            earlier = and_(_WAITS, NOTICES.site == site, NOTICES.due_at < until)
            _change(connection, earlier, due_at=until)

    def retry(self, now: datetime) -> int:
        left = NOTICES.state.in_([NoticeState.FAILED.value, NoticeState.UNSURE.value])
        put_off = and_(_WAITS, NOTICES.due_at > now, NOTICES.answer.is_not(None))
        with self._writing() as connection:
            return _change(
                connection,
                or_(left, put_off),
                state=NoticeState.WAITING.value,
                due_at=now,
                attempts=0,
            )

    def notices(
        self, *, states: Collection[NoticeState] | None = None, limit: int | None = None
    ) -> list[Notice]:
        newest_first = (NOTICES.asked_at.desc().nulls_first(), NOTICES.id.desc())
        statement = select(notices).order_by(*newest_first).limit(limit)
        if states is not None:
            statement = statement.where(NOTICES.state.in_([state.value for state in states]))
        with self._reading() as connection:
            return [notice_of(row) for row in connection.execute(statement)]


def _as_it_was(notice: Notice) -> tuple[ColumnElement[bool], ...]:
    """Whether nobody has taken a notice since, and nothing newer is to be told."""
    return (
        NOTICES.id == notice.number,
        NOTICES.change == notice.change,
        NOTICES.removed == notice.removed,
        NOTICES.attempts == notice.attempts,
    )


def _change(connection: Connection, which: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(update(notices).where(which).values(**values)).rowcount
