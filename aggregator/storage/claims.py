"""Claims on feeds and their sites, in SQL: who may ask whom, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from aggregator.storage.among import among
from aggregator.storage.feeds import SLICE, STATE_COLUMNS, site_of_row
from aggregator.storage.hubrows import current_of
from aggregator.storage.protocol import Claim, Site
from aggregator.storage.tables import feeds, poll_states, sites
from aggregator.storage.values import feed_from_json, state_of, subscription_of

# A clock that was wrong once must not keep a feed quiet for a year: a poll dated so far ahead,
# and a wait longer than any there is, are not believed.
AHEAD = timedelta(days=1)
LONGEST_WAIT = timedelta(days=15)


def _is_past(at: ColumnElement[Any], longest: str) -> ColumnElement[bool]:
    """Whether a time has come, or is none, or further ahead than the parameter `longest`."""
    return or_(at.is_(None), at <= bindparam("now"), at > bindparam(longest))


# Statements are made once: making one takes longer than running it.
@cache
def _taking(*, force: bool, narrowed: bool, before: bool, passing_by: bool) -> ReturningUpdate[Any]:
    """Return the statement that claims feeds, and says which.

    Its parameters: now, ahead, lease_end, wait_end, holder, of_site, most, until; besides, as
    the arguments say, before, urls and left_alone.
    """
    due, last = poll_states.c.next_poll_at, poll_states.c.last_polled_at
    conditions = [
        feeds.c.position.is_not(None),
        feeds.c.paused.is_(False),
        _is_past(poll_states.c.claimed_until, "lease_end"),
        _is_past(poll_states.c.not_before, "wait_end"),
        or_(
            sites.c.name.is_(None),
            and_(
                or_(
                    _is_past(sites.c.claimed_until, "lease_end"),
                    sites.c.claimed_by == bindparam("holder"),
                ),
                _is_past(sites.c.not_before, "wait_end"),
            ),
        ),
    ]
    if before:
        conditions.append(
            or_(last.is_(None), last < bindparam("before"), last > bindparam("ahead"))
        )
    if not force:
        is_due = or_(due.is_(None), due <= bindparam("now"), last > bindparam("ahead"))
        conditions += [poll_states.c.gone.is_(False), is_due]
    if narrowed:
        conditions.append(feeds.c.url.in_(bindparam("urls", expanding=True)))
    if passing_by:
        left_alone = feeds.c.site.in_(bindparam("left_alone", expanding=True))
        conditions.append(or_(feeds.c.site.is_(None), ~left_alone))
    whose = func.coalesce(feeds.c.site, feeds.c.url)
    ready = (
        select(
            poll_states.c.feed_id,
            due.label("due"),
            feeds.c.position,
            func.row_number().over(partition_by=whose, order_by=_FIRST).label("place"),
        )
        .join(feeds, feeds.c.id == poll_states.c.feed_id)
        .join(sites, sites.c.name == feeds.c.site, isouter=True)
        .where(and_(*conditions))
        .subquery()
    )
    # The first feed of every site before the second one of any: whoever waits for a site's gap
    # has other sites to ask meanwhile.
    chosen = (
        select(ready.c.feed_id)
        .where(ready.c.place <= bindparam("of_site"))
        .order_by(ready.c.place, ready.c.due.is_not(None), ready.c.due, ready.c.position)
        .limit(bindparam("most"))
    )
    return (
        update(poll_states)
        .where(poll_states.c.feed_id.in_(chosen))
        .values(fence=poll_states.c.fence + 1, claimed_until=bindparam("until"))
        .returning(poll_states.c.feed_id)
    )


_FIRST = (poll_states.c.next_poll_at.is_not(None), poll_states.c.next_poll_at, feeds.c.position)
_CLAIMED = (
    select(feeds, *STATE_COLUMNS, sites.c.asked_at)
    .join(poll_states, poll_states.c.feed_id == feeds.c.id)
    .join(sites, sites.c.name == feeds.c.site, isouter=True)
    .where(among(feeds.c.id, "numbers"))
    .order_by(*_FIRST)
)
_TAKE_ONE = (
    update(poll_states)
    .where(
        poll_states.c.feed_id.in_(
            select(feeds.c.id).where(
                feeds.c.id == bindparam("number"),
                feeds.c.position.is_not(None),
                feeds.c.paused.is_(False),
            )
        ),
        poll_states.c.gone.is_(False),
        _is_past(poll_states.c.claimed_until, "lease_end"),
    )
    .values(fence=poll_states.c.fence + 1, claimed_until=bindparam("until"))
    .returning(poll_states.c.feed_id)
)
# Of all sites at once: each takes longer with a set of parameters of its own.
_THESE = among(sites.c.name, "these")
_MINE = and_(_THESE, sites.c.claimed_by == bindparam("mine"))
_TAKE_SITES = (
    update(sites)
    .where(_THESE)
    .values(claimed_by=bindparam("holder"), claimed_until=bindparam("until"))
)
_GIVE_BACK = (
    update(poll_states)
    .where(poll_states.c.feed_id == bindparam("at"), poll_states.c.fence == bindparam("held"))
    .values(claimed_until=None)
)
_VISITED = (
    update(sites)
    .where(sites.c.name == bindparam("at"))
    .values(
        asked_at=bindparam("asked"), not_before=bindparam("closed_until"), reason=bindparam("why")
    )
)
_KEEP_SITES = update(sites).where(_MINE).values(claimed_until=bindparam("until"))
_LEAVE_SITES = update(sites).where(_MINE).values(claimed_by=None, claimed_until=None)
_LEAVE_ALL = (
    update(sites)
    .where(sites.c.claimed_by == bindparam("mine"))
    .values(claimed_by=None, claimed_until=None)
)


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
    statement = _taking(
        force=force,
        narrowed=urls is not None,
        before=polled_before is not None,
        passing_by=bool(passing_by),
    )
    until = now + lease
    told = {
        "now": now,
        "ahead": now + AHEAD,
        "lease_end": now + max(lease, AHEAD),
        "wait_end": now + LONGEST_WAIT,
        "holder": holder,
        "of_site": of_site,
        "most": limit,
        "until": until,
        "before": polled_before,
        "urls": list(urls or ())[:SLICE],
        "left_alone": list(passing_by)[:SLICE],
    }
    taken = connection.execute(statement, told)
    numbers = taken.scalars().all()
    claims = _claims_of(connection, numbers, until)
    names = {claim.site.name for claim in claims if claim.site}
    if names:
        connection.execute(_TAKE_SITES, {"these": sorted(names), "holder": holder, "until": until})
    return claims


def claim_feed(
    connection: Connection, number: int, now: datetime, *, lease: timedelta
) -> Claim | None:
    """Take one feed without its site; see the protocol."""
    until = now + lease
    lease_end = now + max(lease, AHEAD)
    told = {"number": number, "now": now, "lease_end": lease_end, "until": until}
    taken = connection.execute(_TAKE_ONE, told)
    return next(iter(_claims_of(connection, taken.scalars().all(), until)), None)


def _claims_of(connection: Connection, numbers: Sequence[int], until: datetime) -> list[Claim]:
    """Return the claims on feeds that have just been taken."""
    if not numbers:
        return []
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
        for row in connection.execute(_CLAIMED, {"numbers": numbers}).all()
    ]


def release(connection: Connection, claims: Iterable[Claim], *, holder: str) -> None:
    """Give claims back unless somebody else has them by now, and the holder's sites."""
    given = [{"at": claim.number, "held": claim.fence} for claim in claims]
    if given:
        connection.execute(_GIVE_BACK, given)
    connection.execute(_LEAVE_ALL, {"mine": holder})


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
                "asked": site.asked_at,
                "closed_until": site.not_before,
                "why": site.reason or None,
            }
            for site in visited
        ]
        connection.execute(_VISITED, rows)
    kept = [site.name for site in visited if site.name not in leaving]
    if kept and until is not None:
        connection.execute(_KEEP_SITES, {"these": kept, "mine": holder, "until": until})
    if leaving:
        connection.execute(_LEAVE_SITES, {"these": sorted(leaving), "mine": holder})
