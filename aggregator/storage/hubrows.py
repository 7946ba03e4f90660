"""Rows of `hub_subscriptions`, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from aggregator.model.push import Hub, HubSubscription, PushState
from aggregator.storage.among import among
from aggregator.storage.tables import feeds, hub_subscriptions

SUBS = hub_subscriptions.c
IS_CURRENT = SUBS.state != PushState.LEAVING.value
IS_ACTIVE = SUBS.state == PushState.ACTIVE.value

SUBSCRIPTIONS: Select[Any] = select(hub_subscriptions, feeds.c.url).join(
    feeds, feeds.c.id == SUBS.feed_id
)
_CURRENT = SUBSCRIPTIONS.where(IS_CURRENT)
_OF_SOME = _CURRENT.where(among(SUBS.feed_id, "numbers"))
_BREAK = (
    update(hub_subscriptions)
    .where(SUBS.feed_id == bindparam("feed"), IS_ACTIVE, SUBS.broken_since.is_(None))
    .values(broken_since=bindparam("at"), broken_reason=bindparam("reason"))
)


def current_of(
    connection: Connection, numbers: Iterable[int] | None = None
) -> dict[int, HubSubscription]:
    """Return subscriptions that are not being left, by feed; None: of all feeds."""
    rows = (
        connection.execute(_CURRENT)
        if numbers is None
        else connection.execute(_OF_SOME, {"numbers": list(numbers)})
    )
    return {row.feed_id: subscription_of(row) for row in rows}


def mark_broken(connection: Connection, failed: Iterable[tuple[int, datetime, str]]) -> None:
    """Note of feeds since when their hubs cannot be relied on, and why."""
    rows = [{"feed": feed, "at": at, "reason": reason} for feed, at, reason in failed]
    if rows:
        connection.execute(_BREAK, rows)


def columns_of(one: HubSubscription) -> dict[str, Any]:
    """Return the columns of a subscription that is new."""
    return {
        "feed_id": one.feed,
        "token": one.token,
        "callback": one.callback,
        "hub": one.hub.url,
        "topic": one.hub.topic,
        "secret": one.secret,
        "state": one.state.value,
        "due_at": one.due_at,
        "broken_reason": "",
        "refused": 0,
        "attempts": 0,
    }


def subscription_of(row: Row[Any]) -> HubSubscription:
    """Read a row of `hub_subscriptions` joined with its feed's `url`."""
    return HubSubscription(
        feed=row.feed_id,
        feed_url=row.url,
        hub=Hub(url=row.hub, topic=row.topic),
        callback=row.callback,
        token=row.token,
        secret=row.secret,
        state=PushState(row.state),
        due_at=row.due_at,
        asked_at=row.asked_at,
        verified_at=row.verified_at,
        active_since=row.active_since,
        lease_until=row.lease_until,
        delivered_at=row.delivered_at,
        broken_since=row.broken_since,
        broken_reason=row.broken_reason,
        refused=row.refused,
        attempts=row.attempts,
        error=row.error,
    )
