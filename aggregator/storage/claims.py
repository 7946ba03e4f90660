"""Claims on feeds and their sites, in SQL: who may ask whom, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from aggregator.storage.feeds import SLICE, STATE_COLUMNS, site_of_row
from aggregator.storage.hubrows import current_of
from aggregator.storage.protocol import Claim, Site
from aggregator.storage.tables import feeds, poll_states, sites
from aggregator.storage.values import feed_from_json, state_of, subscription_of

# A clock that was wrong once must not keep a feed quiet for a year: a poll dated so far ahead,
# and a wait longer than any there is, are not believed.
AHEAD = timedelta(days=1)
LONGEST_WAIT = timedelta(days=15)


def _is_past(at: ColumnElement[Any], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether a time has come, or is none, or further ahead than is possible."""
    return or_(at.is_(None), at <= now, at > now + longest)


def claim_due(
    connection: Connection,
    now: datetime,
    *,
    limit: int,
    of_site: int,
    lease: timedelta,
    holder: str,
    urls: Sequence[str] | None,
    force: bool,
    polled_before: datetime | None,
    passing_by: Collection[str],
) -> list[Claim]:
    """Take the feeds longest due; see the protocol."""
    due, last = poll_states.c.next_poll_at, poll_states.c.last_polled_at
    conditions = [
        feeds.c.position.is_not(None),
        feeds.c.paused.is_(False),
        _is_past(poll_states.c.claimed_until, now, max(lease, AHEAD)),
        _is_past(poll_states.c.not_before, now, LONGEST_WAIT),
        or_(
            sites.c.name.is_(None),
            and_(
                or_(
                    _is_past(sites.c.claimed_until, now, max(lease, AHEAD)),
                    sites.c.claimed_by == holder,
                ),
                _is_past(sites.c.not_before, now, LONGEST_WAIT),
            ),
        ),
    ]
    if polled_before is not None:
        conditions.append(or_(last.is_(None), last < polled_before, last > now + AHEAD))
    if not force:
        is_due = or_(due.is_(None), due <= now, last > now + AHEAD)
        conditions += [poll_states.c.gone.is_(False), is_due]
    if urls is not None:
        conditions.append(feeds.c.url.in_(list(urls)[:SLICE]))
    if passing_by:
        left_alone = feeds.c.site.in_(list(passing_by)[:SLICE])
        conditions.append(or_(feeds.c.site.is_(None), ~left_alone))
    first = (due.is_not(None), due, feeds.c.position)
    whose = func.coalesce(feeds.c.site, feeds.c.url)
    ready = (
        select(
            poll_states.c.feed_id,
            due.label("due"),
            feeds.c.position,
            func.row_number().over(partition_by=whose, order_by=first).label("place"),
        )
        .join(feeds, feeds.c.id == poll_states.c.feed_id)
        .join(sites, sites.c.name == feeds.c.site, isouter=True)
        .where(and_(*conditions))
        .subquery()
    )
    chosen = (
        select(ready.c.feed_id)
        .where(ready.c.place <= of_site)
        .order_by(ready.c.due.is_not(None), ready.c.due, ready.c.position)
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
    claims = _claims_of(connection, numbers, until, order=first)
    names = {claim.site.name for claim in claims if claim.site}
    if names:
        connection.execute(
            update(sites).where(sites.c.name == bindparam("at")),
            [{"at": name, "claimed_by": holder, "claimed_until": until} for name in sorted(names)],
        )
    return claims


def claim_feed(
    connection: Connection, number: int, now: datetime, *, lease: timedelta
) -> Claim | None:
    """Take one feed without its site; see the protocol."""
    followed = select(feeds.c.id).where(
        feeds.c.id == number, feeds.c.position.is_not(None), feeds.c.paused.is_(False)
    )
    until = now + lease
    taken = connection.execute(
        update(poll_states)
        .where(
            poll_states.c.feed_id.in_(followed),
            poll_states.c.gone.is_(False),
            _is_past(poll_states.c.claimed_until, now, max(lease, AHEAD)),
        )
        .values(fence=poll_states.c.fence + 1, claimed_until=until)
        .returning(poll_states.c.feed_id)
    )
    return next(iter(_claims_of(connection, taken.scalars().all(), until)), None)


def _claims_of(
    connection: Connection,
    numbers: Sequence[int],
    until: datetime,
    *,
    order: Sequence[ColumnElement[Any]] = (),
) -> list[Claim]:
    """Return the claims on feeds that have just been taken."""
    if not numbers:
        return []
    statement = (
        select(feeds, *STATE_COLUMNS, sites.c.asked_at)
        .join(poll_states, poll_states.c.feed_id == feeds.c.id)
        .join(sites, sites.c.name == feeds.c.site, isouter=True)
        .where(feeds.c.id.in_(numbers))
        .order_by(*order)
    )
    pushes = current_of(connection, numbers)
    return [
        Claim(
            number=row.id,
            fence=row.fence,
            until=until,
            subscription=subscription_of(row),
            feed=feed_from_json(row.about),
            state=state_of(row),
            site=site_of_row(row),
            push=pushes.get(row.id),
            told_at=row.told_at,
        )
        for row in connection.execute(statement).all()
    ]


def release(connection: Connection, claims: Iterable[Claim], *, holder: str) -> None:
    """Give claims back unless somebody else has them by now, and the holder's sites."""
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
    connection.execute(
        update(sites)
        .where(sites.c.claimed_by == holder)
        .values(claimed_by=None, claimed_until=None)
    )


def save_sites(
    connection: Connection,
    visited: Sequence[Site],
    *,
    leaving: Collection[str],
    holder: str,
    until: datetime | None,
) -> None:
    """Record sites as they shall be, and free those that the holder is leaving.

    The others stay its own `until` then.
    """
    if visited:
        rows = [
            {
                "at": site.name,
                "asked_at": site.asked_at,
                "not_before": site.not_before,
                "reason": site.reason or None,
            }
            for site in visited
        ]
        connection.execute(update(sites).where(sites.c.name == bindparam("at")), rows)
    kept = [site.name for site in visited if site.name not in leaving]
    if kept and until is not None:
        statement = (
            update(sites)
            .where(sites.c.name == bindparam("at"), sites.c.claimed_by == bindparam("mine"))
            .values(claimed_until=bindparam("until"))
        )
        connection.execute(
            statement, [{"at": name, "mine": holder, "until": until} for name in kept]
        )
    if leaving:
        left = [{"at": name, "mine": holder} for name in sorted(leaving)]
        statement = (
            update(sites)
            .where(sites.c.name == bindparam("at"), sites.c.claimed_by == bindparam("mine"))
            .values(claimed_by=None, claimed_until=None)
        )
        connection.execute(statement, left)
