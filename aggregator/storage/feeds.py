"""Feeds, their poll states and claims, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from aggregator.errors import FeedNotFound, StorageError
from aggregator.model.poll import PollState
from aggregator.model.subscription import Subscription
from aggregator.storage.protocol import Claim, StoredFeed
from aggregator.storage.tables import entries, feeds, poll_states
from aggregator.storage.values import (
    feed_from_json,
    state_columns,
    state_of,
    subscription_columns,
    subscription_of,
)

# SQLite takes 32,766 bound values in one statement; addresses are asked for in slices.
SLICE = 10_000

_STATE_COLUMNS = [column for column in poll_states.c if column.name != "feed_id"]


def mirror_subscriptions(connection: Connection, subscriptions: Sequence[Subscription]) -> None:
    """Write what differs between feeds.yaml and the table, and nothing else."""
    rows = connection.execute(select(feeds)).all()
    present = {row.url: (row.id, row.position, subscription_of(row)) for row in rows}
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for position, subscription in enumerate(subscriptions):
        known = present.pop(subscription.url, None)
        columns = {**subscription_columns(subscription), "position": position}
        if known is None:
            fresh.append({**columns, "about": {}})
        elif known[1:] != (position, subscription):
            changed.append({**columns, "at": known[0]})
    dropped = [
        {"at": number, "position": None} for number, at, _ in present.values() if at is not None
    ]
    by_number = feeds.c.id == bindparam("at")
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "at"}
        connection.execute(update(feeds).where(by_number).values(values), changed)
    if dropped:
        statement = update(feeds).where(by_number).values(position=bindparam("position"))
        connection.execute(statement, dropped)
    if fresh:
        connection.execute(insert(feeds), fresh)
        stateless = select(feeds.c.id).where(
            ~select(poll_states.c.feed_id).where(poll_states.c.feed_id == feeds.c.id).exists()
        )
        begin = {**state_columns(PollState()), "fence": 0, "claimed_until": None}
        numbers = connection.execute(stateless).scalars().all()
        connection.execute(insert(poll_states), [{"feed_id": n, **begin} for n in numbers])


def feed_urls(connection: Connection) -> list[str]:
    """Return the addresses of active feeds, in the order of feeds.yaml."""
    followed = select(feeds.c.url).where(feeds.c.position.is_not(None)).order_by(feeds.c.position)
    return list(connection.execute(followed).scalars())


def list_feeds(
    connection: Connection, *, urls: Sequence[str] | None, active_only: bool, counted: bool
) -> list[StoredFeed]:
    """Return feeds with their states; see the protocol."""
    statement = (
        select(feeds, *_STATE_COLUMNS)
        .join(poll_states, poll_states.c.feed_id == feeds.c.id)
        .order_by(feeds.c.position.is_(None), feeds.c.position, feeds.c.id)
    )
    if active_only:
        statement = statement.where(feeds.c.position.is_not(None))
    rows: list[Row[Any]] = []
    if urls is None:
        rows.extend(connection.execute(statement))
    else:
        for start in range(0, len(urls), SLICE):
            some = statement.where(feeds.c.url.in_(urls[start : start + SLICE]))
            rows.extend(connection.execute(some))
        rows.sort(key=lambda row: (row.position is None, row.position, row.id))
    counts: dict[int, int] = {}
    if counted:
        by_feed = select(entries.c.feed_id, func.count()).group_by(entries.c.feed_id)
        counts = {row.feed_id: int(row[1]) for row in connection.execute(by_feed)}
    return [
        StoredFeed(
            number=row.id,
            subscription=subscription_of(row),
            feed=feed_from_json(row.about),
            state=state_of(row),
            active=row.position is not None,
            entries=counts.get(row.id, 0) if counted else None,
        )
        for row in rows
    ]


def feed_number(connection: Connection, url: str) -> int:
    """Return a feed's number. Raises FeedNotFound."""
    number = connection.execute(select(feeds.c.id).where(feeds.c.url == url)).scalar()
    if number is None:
        raise FeedNotFound(f"no feed has the address {url}; `aggregator feeds` lists them")
    return int(number)


def rename_feed(connection: Connection, old_url: str, new_url: str) -> None:
    """Move a feed to another address."""
    number = feed_number(connection, old_url)
    if connection.execute(select(feeds.c.id).where(feeds.c.url == new_url)).scalar() is not None:
        raise StorageError(f"{new_url} is followed already; unfollow one of the two")
    connection.execute(update(feeds).where(feeds.c.id == number).values(url=new_url))


def claim_due(
    connection: Connection,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    urls: Sequence[str] | None,
    force: bool,
    polled_before: datetime | None,
) -> list[Claim]:
    """Take the feeds longest due, in one statement; see the protocol."""
    due = poll_states.c.next_poll_at
    conditions = [
        feeds.c.position.is_not(None),
        feeds.c.paused.is_(False),
        or_(poll_states.c.claimed_until.is_(None), poll_states.c.claimed_until <= now),
    ]
    if polled_before is not None:
        last = poll_states.c.last_polled_at
        conditions.append(or_(last.is_(None), last < polled_before))
    if not force:
        conditions += [poll_states.c.gone.is_(False), or_(due.is_(None), due <= now)]
    if urls is not None:
        conditions.append(feeds.c.url.in_(urls))
    chosen = (
        select(poll_states.c.feed_id)
        .join(feeds, feeds.c.id == poll_states.c.feed_id)
        .where(and_(*conditions))
        .order_by(due.is_not(None), due, feeds.c.position)
        .limit(limit)
    )
    until = now + lease
    taken = connection.execute(
        update(poll_states)
        .where(poll_states.c.feed_id.in_(chosen))
        .values(fence=poll_states.c.fence + 1, claimed_until=until)
        .returning(poll_states.c.feed_id)
    )
    numbers = taken.scalars().all()
    if not numbers:
        return []
    statement = (
        select(feeds, *_STATE_COLUMNS)
        .join(poll_states, poll_states.c.feed_id == feeds.c.id)
        .where(feeds.c.id.in_(numbers))
        .order_by(due.is_not(None), due, feeds.c.position)
    )
    return [
        Claim(
            number=row.id,
            fence=row.fence,
            until=until,
            subscription=subscription_of(row),
            feed=feed_from_json(row.about),
            state=state_of(row),
        )
        for row in connection.execute(statement)
    ]


def release(connection: Connection, claims: Iterable[Claim]) -> None:
    """Give claims back unless somebody else has them by now."""
    given = [{"at": claim.number, "held": claim.fence} for claim in claims]
    if given:
        statement = (
            update(poll_states)
            .where(
                poll_states.c.feed_id == bindparam("at"), poll_states.c.fence == bindparam("held")
            )
            .values(claimed_until=None)
        )
        connection.execute(statement, given)
