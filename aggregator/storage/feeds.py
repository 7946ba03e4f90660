"""Feeds, their poll states and claims, in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.errors import FeedNotFound
from aggregator.model.poll import Move, PollState
from aggregator.model.subscription import Subscription
from aggregator.storage.hubrows import current_of
from aggregator.storage.protocol import Site, StoredFeed
from aggregator.storage.tables import entries, feeds, poll_states, sites
from aggregator.storage.values import (
    feed_from_json,
    learned_columns,
    state_columns,
    state_of,
    subscription_columns,
    subscription_of,
)

# SQLite takes 32,766 bound values in one statement; addresses are asked for in slices.
SLICE = 10_000

STATE_COLUMNS = [column for column in poll_states.c if column.name != "feed_id"]

_SITE_COLUMNS = (
    sites.c.asked_at,
    sites.c.not_before.label("site_not_before"),
    sites.c.reason.label("site_reason"),
    sites.c.claimed_until.label("site_claimed_until"),
)


# The registrable domain or address behind a feed's address; None when it needs no network.
SiteOf = Callable[[str], str | None]


# All that feeds.yaml says, and nothing of what the feeds do: every poll begins with it.
_DECIDED = select(
    feeds.c.id,
    feeds.c.site,
    feeds.c.position,
    *(feeds.c[name] for name in subscription_columns(Subscription(url=""))),
)


def mirror_subscriptions(
    connection: Connection, subscriptions: Sequence[Subscription], site_of: SiteOf
) -> None:
    """Write what differs between feeds.yaml and the table, and nothing else."""
    rows = connection.execute(_DECIDED).all()
    present = {row.url: (row.id, row.site, row.position, subscription_of(row)) for row in rows}
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    named: set[str] = set()
    for position, subscription in enumerate(subscriptions):
        known = present.pop(subscription.url, None)
        site = (known[1] if known else None) or site_of(subscription.url)
        if known is not None and known[1:] == (site, position, subscription):
            continue
        columns = {**subscription_columns(subscription), "position": position, "site": site}
        if site is not None:
            named.add(site)
        if known is None:
            fresh.append({**columns, "about": {}})
        else:
            changed.append({**columns, "at": known[0]})
    if named:
        rows_of_sites = [{"name": name} for name in sorted(named)]
        connection.execute(upsert(sites).on_conflict_do_nothing(), rows_of_sites)
    _follow_moves(connection, fresh, changed, present)
    dropped = [
        {"at": number, "position": None} for number, _, at, _ in present.values() if at is not None
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


def _follow_moves(
    connection: Connection,
    fresh: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    gone: dict[str, tuple[int, str | None, int | None, Subscription]],
) -> None:
    """Turn a feed that is gone, and a new one where it was moving to, into one that changed."""
    followed = {
        number: url for url, (number, _, position, _) in gone.items() if position is not None
    }
    if not fresh or not followed:
        return
    learned = select(poll_states.c.feed_id, poll_states.c.learned).where(
        poll_states.c.learned.is_not(None)
    )
    wanted = {columns["url"]: columns for columns in fresh}
    for number, told in connection.execute(learned).all():
        target = told.get("move", {}).get("url")
        if number in followed and target in wanted:
            columns = wanted.pop(target)
            fresh.remove(columns)
            del columns["about"]
            changed.append({**columns, "at": number})
            del gone[followed.pop(number)]


def feed_urls(connection: Connection) -> list[str]:
    """Return the addresses of active feeds, in the order of feeds.yaml."""
    followed = select(feeds.c.url).where(feeds.c.position.is_not(None)).order_by(feeds.c.position)
    return list(connection.execute(followed).scalars())


def list_feeds(
    connection: Connection, *, urls: Sequence[str] | None, active_only: bool, counted: bool
) -> list[StoredFeed]:
    """Return feeds with their states; see the protocol."""
    statement = (
        select(feeds, *STATE_COLUMNS, *_SITE_COLUMNS)
        .join(poll_states, poll_states.c.feed_id == feeds.c.id)
        .join(sites, sites.c.name == feeds.c.site, isouter=True)
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
    pushes = current_of(connection)
    return [
        StoredFeed(
            number=row.id,
            subscription=subscription_of(row),
            feed=feed_from_json(row.about),
            state=state_of(row),
            site=site_of_row(row, not_before=row.site_not_before, reason=row.site_reason),
            active=row.position is not None,
            claimed_until=max(
                (at for at in (row.claimed_until, row.site_claimed_until) if at), default=None
            ),
            entries=counts.get(row.id, 0) if counted else None,
            push=pushes.get(row.id),
        )
        for row in rows
    ]


def feed_number(connection: Connection, url: str) -> int:
    """Return a feed's number. Raises FeedNotFound."""
    number = connection.execute(select(feeds.c.id).where(feeds.c.url == url)).scalar()
    if number is None:
        raise FeedNotFound(f"no feed has the address {url}; `aggregator feeds` lists them")
    return int(number)


def site_of_row(
    row: Row[Any], *, not_before: datetime | None = None, reason: str | None = None
) -> Site | None:
    """Read a site from a row of `feeds` joined with its `asked_at`."""
    if row.site is None:
        return None
    return Site(name=row.site, asked_at=row.asked_at, not_before=not_before, reason=reason or "")


def expect_move(connection: Connection, old_url: str, new_url: str, at: datetime) -> None:
    """Remember that a feed is about to get another address in feeds.yaml."""
    of_feed = poll_states.c.feed_id == feed_number(connection, old_url)
    state = state_of(connection.execute(select(poll_states).where(of_feed)).one())
    move = Move(url=new_url, since=at, times=0)
    learned = learned_columns(replace(state, move=move, stays=old_url))
    connection.execute(update(poll_states).where(of_feed).values(learned))
