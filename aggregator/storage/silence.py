"""Feeds that fell silent together, in SQL: what an outage of our own leaves in the states."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, update

from aggregator.model.poll import UNREACHED
from aggregator.storage.tables import feeds, poll_states

_KINDS = [kind.value for kind in UNREACHED]


def silent_sites(connection: Connection, margin: timedelta) -> set[str]:
    """Return the sites of feeds that fell silent after anybody answered; see the protocol."""
    statement = (
        select(feeds.c.site)
        .join(poll_states, poll_states.c.feed_id == feeds.c.id)
        .where(_fell_silent(connection, margin), feeds.c.site.is_not(None))
        .where(feeds.c.position.is_not(None))
    )
    return set(connection.execute(statement).scalars())


def pardon(
    connection: Connection, margin: timedelta, *, next_poll_at: datetime, reason: str
) -> None:
    """Forget the failures of feeds that fell silent after anybody answered.

    `last_failure` stays: it says how their last poll ended.
    """
    connection.execute(
        update(poll_states)
        .where(_fell_silent(connection, margin))
        .values(
            failures=0,
            failing_since=None,
            last_error=None,
            next_poll_at=next_poll_at,
            reason=reason,
        )
    )


def _fell_silent(connection: Connection, margin: timedelta) -> ColumnElement[bool]:
    state = poll_states.c
    refused = and_(state.last_failure.is_not(None), state.last_failure.not_in(_KINDS))
    answered = case((refused, state.last_polled_at), else_=state.last_success_at)
    last: datetime | None = connection.execute(select(func.max(answered))).scalar()
    silent = state.last_failure.in_(_KINDS)
    # An outage that was noticed counts no failure, and leaves no time since when.
    since = func.coalesce(state.failing_since, state.last_polled_at)
    return silent if last is None else and_(silent, since > last - margin)
