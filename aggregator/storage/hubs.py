"""Subscriptions at hubs, in SQL: begun, asked for, verified, left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from aggregator.model.push import Hub, HubSubscription, PushState
from aggregator.storage import claims
from aggregator.storage.hubprotocol import HINTS_APART, READ_WITHIN, Wanting
from aggregator.storage.hubrows import (
    IS_ACTIVE,
    IS_CURRENT,
    SUBS,
    SUBSCRIPTIONS,
    columns_of,
    current_of,
    mark_broken,
    subscription_of,
)
from aggregator.storage.protocol import Claim
from aggregator.storage.tables import feeds, hub_subscriptions, poll_states
from aggregator.storage.times import UtcDateTime

Transaction = Callable[[], AbstractContextManager[Connection]]

# What a hub may be told of: a topic may hold a secret, and behind a login the hub sees nothing.
_MAY_BE_PUSHED = and_(
    feeds.c.position.is_not(None),
    feeds.c.paused.is_(False),
    feeds.c.private.is_(False),
    feeds.c.login.is_(None),
    poll_states.c.gone.is_(False),
    poll_states.c.hub.is_not(None),
)

NO_HUB_NOW = "no hub tells of its news any more"


class SqlHubs:
    """The promises of `aggregator.storage.hubprotocol`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def settle(self, now: datetime, *, callback: str | None) -> int:
        wanted = and_(
            _MAY_BE_PUSHED,
            SUBS.hub == poll_states.c.hub,
            SUBS.topic == poll_states.c.topic,
            SUBS.callback == (callback or ""),
        )
        others = (
            select(SUBS.token, SUBS.feed_id, SUBS.asked_at, SUBS.state)
            .join(feeds, feeds.c.id == SUBS.feed_id)
            .join(poll_states, poll_states.c.feed_id == SUBS.feed_id)
            .where(IS_CURRENT, or_(~wanted, poll_states.c.hub.is_(None)))
        )
        over = select(SUBS.token, SUBS.feed_id).where(IS_ACTIVE, SUBS.lease_until <= now)
        with self._reading() as connection:  # mostly there is nothing to write
            if not connection.execute(others).first() and not connection.execute(over).first():
                return 0
        with self._writing() as connection:
            left, ended = connection.execute(others).all(), connection.execute(over).all()
            active = {row.feed_id for row in left if row.state == PushState.ACTIVE.value}
            _poll_by(connection, active | {row.feed_id for row in ended}, now, NO_HUB_NOW)
            _change(
                connection,
                SUBS.token.in_([row.token for row in ended]),
                state=PushState.ASKED.value,
                active_since=None,
                due_at=now,
                error=func.coalesce(SUBS.error, "its lease ended before it gave another"),
            )
            _change(
                connection,
                SUBS.token.in_([row.token for row in left if row.asked_at]),
                state=PushState.LEAVING.value,
                due_at=now,
                attempts=0,
                error=None,
            )
            unknown = SUBS.token.in_([row.token for row in left if not row.asked_at])
            connection.execute(delete(hub_subscriptions).where(unknown))
            return len(left) + len(ended)

    def wanting(self, *, limit: int) -> list[Wanting]:
        has_one = select(SUBS.id).where(SUBS.feed_id == feeds.c.id, IS_CURRENT).exists()
        statement = (
            select(feeds.c.id, feeds.c.url, poll_states.c.hub, poll_states.c.topic)
            .join(poll_states, poll_states.c.feed_id == feeds.c.id)
            .where(_MAY_BE_PUSHED, ~has_one)
            .order_by(feeds.c.position)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(statement).all()
        return [Wanting(row.id, row.url, Hub(url=row.hub, topic=row.topic)) for row in rows]

    def begin(self, subscriptions: Iterable[HubSubscription]) -> None:
        with self._writing() as connection:
            given = list(subscriptions)
            taken = current_of(connection, [one.feed for one in given])
            rows = [columns_of(one) for one in given if one.feed not in taken]
            if rows:
                connection.execute(insert(hub_subscriptions), rows)

    def due(self, now: datetime, *, limit: int) -> list[HubSubscription]:
        statement = (
            SUBSCRIPTIONS.where(SUBS.due_at <= now).order_by(SUBS.due_at, SUBS.id).limit(limit)
        )
        with self._reading() as connection:
            return [subscription_of(row) for row in connection.execute(statement)]

    def asking(self, token: str, at: datetime, again_at: datetime) -> bool:
        asked_anew = {PushState.DENIED.value: PushState.ASKED.value}
        with self._writing() as connection:
            row = connection.execute(
                select(SUBS.state).where(SUBS.token == token, SUBS.due_at <= at)
            ).one_or_none()
            if row is None:
                return False
            _change(
                connection,
                SUBS.token == token,
                state=asked_anew.get(row.state, row.state),
                asked_at=at,
                due_at=again_at,
                attempts=SUBS.attempts + 1,
                error=None,
            )
            return True

    def not_taken(self, token: str, error: str, again_at: datetime) -> None:
        silent = or_(SUBS.verified_at.is_(None), SUBS.verified_at < SUBS.asked_at)
        with self._writing() as connection:
            _change(connection, and_(SUBS.token == token, silent), error=error, due_at=again_at)

    def subscription(self, token: str) -> HubSubscription | None:
        with self._reading() as connection:
            row = connection.execute(SUBSCRIPTIONS.where(SUBS.token == token)).one_or_none()
        return subscription_of(row) if row is not None else None

    def verified(self, token: str, at: datetime, lease_until: datetime, renew_at: datetime) -> None:
        with self._writing() as connection:
            _change(
                connection,
                and_(SUBS.token == token, IS_CURRENT),
                state=PushState.ACTIVE.value,
                verified_at=at,
                active_since=func.coalesce(SUBS.active_since, literal(at, UtcDateTime())),
                lease_until=lease_until,
                due_at=renew_at,
                attempts=0,
                error=None,
            )

    def denied(self, token: str, at: datetime, reason: str, again_at: datetime) -> None:
        with self._writing() as connection:
            active = and_(SUBS.token == token, IS_ACTIVE)
            feeds_told = connection.execute(select(SUBS.feed_id).where(active)).scalars().all()
            _poll_by(connection, feeds_told, at, NO_HUB_NOW)
            _change(
                connection,
                and_(SUBS.token == token, IS_CURRENT),
                state=PushState.DENIED.value,
                active_since=None,
                due_at=again_at,
                attempts=0,
                error=reason,
            )

    def forget(self, token: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(hub_subscriptions).where(SUBS.token == token))

    def delivered(self, subscription: HubSubscription, at: datetime) -> None:
        with self._writing() as connection:
            _change(
                connection,
                SUBS.token == subscription.token,
                delivered_at=at,
                broken_since=None,
                broken_reason="",
                refused=0,
            )
            _note_unread(connection, subscription.feed, at)
            _poll_by(connection, [subscription.feed], at + READ_WITHIN, "its hub told us of news")

    def refused(self, subscription: HubSubscription, at: datetime, reason: str) -> None:
        with self._writing() as connection:
            if subscription.broken_since is None:
                _poll_for_unread(connection, subscription.feed, at, reason)
            mark_broken(connection, [(subscription.feed, at, reason)])
            _change(connection, SUBS.token == subscription.token, refused=SUBS.refused + 1)

    def claim_feed(self, number: int, now: datetime, *, lease: timedelta) -> Claim | None:
        with self._writing() as connection:
            return claims.claim_feed(connection, number, now, lease=lease)

    def poll_now(self, feed: int, at: datetime, reason: str) -> None:
        with self._writing() as connection:
            _poll_for_unread(connection, feed, at, reason)


def _change(connection: Connection, which: ColumnElement[bool], **values: Any) -> None:
    connection.execute(update(hub_subscriptions).where(which).values(**values))


def _note_unread(connection: Connection, feed: int, at: datetime) -> None:
    """Note that there are news; reading what the hub brought takes one such note away again."""
    of_feed = update(poll_states).where(poll_states.c.feed_id == feed)
    connection.execute(of_feed.values(told_at=at, unread=poll_states.c.unread + 1))


def _poll_for_unread(connection: Connection, feed: int, at: datetime, reason: str) -> None:
    """Have a feed polled for news that only a poll can bring, but not without pause."""
    _note_unread(connection, feed, at)
    last_polled_at = select(poll_states.c.last_polled_at).where(poll_states.c.feed_id == feed)
    last = connection.execute(last_polled_at).scalar()
    if last is not None and last <= at:
        at = max(at, last + HINTS_APART)
    _poll_by(connection, [feed], at, reason)


def _poll_by(connection: Connection, numbers: Iterable[int], at: datetime, reason: str) -> None:
    """Make feeds due at a time, unless they are due before, or gone for good."""
    due = poll_states.c.next_poll_at
    some = poll_states.c.feed_id.in_(list(numbers))
    later = update(poll_states).where(some, due > at, poll_states.c.gone.is_(False))
    connection.execute(later.values(next_poll_at=at, reason=reason))
