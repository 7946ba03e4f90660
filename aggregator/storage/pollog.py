"""The last polls of each feed, and sums by day, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.model.poll import PollOutcome, PollStatus
from aggregator.storage.protocol import LOGGED, Attempt, Claim
from aggregator.storage.tables import poll_days, poll_log

Saved = tuple[Claim, PollOutcome, int, int]  # new and changed entries

_LOG = upsert(poll_log)
_LOG = _LOG.on_conflict_do_update(
    index_elements=[poll_log.c.feed_id, poll_log.c.slot],
    set_={
        column.name: _LOG.excluded[column.name]
        for column in poll_log.c
        if column.name not in {"feed_id", "slot"}
    },
)
_SUMS = ("polls", "octets", "seconds")
_ADD = upsert(poll_days)
_ADD = _ADD.on_conflict_do_update(
    index_elements=[poll_days.c.day, poll_days.c.status, poll_days.c.failure],
    set_={name: poll_days.c[name] + _ADD.excluded[name] for name in _SUMS},
)


def log_polls(connection: Connection, saved: Sequence[Saved]) -> None:
    """Put polls into the log, each in the place of its feed's oldest one, and add them up.

    What was put off without a question is no poll.
    """
    saved = [one for one in saved if one[1].asked]
    if not saved:
        return
    rows = [
        {
            "feed_id": claim.number,
            "slot": (outcome.state.polls + outcome.state.deliveries) % LOGGED,
            "at": outcome.at,
            "status": outcome.status.value,
            "http_status": outcome.http_status,
            "octets": outcome.octets,
            "seconds": outcome.seconds,
            "new": new,
            "changed": changed,
            "error": outcome.error,
            "reason": outcome.state.reason,
            "hops": [[hop.status, hop.location] for hop in outcome.hops] or None,
            "pushed": outcome.pushed,
        }
        for claim, outcome, new, changed in saved
    ]
    connection.execute(_LOG, rows)
    sums: dict[tuple[str, str, str], list[float]] = {}
    for _, outcome, _, _ in saved:
        if outcome.pushed:
            continue  # the sums are of polls
        failure = outcome.failure.value if outcome.failure else ""
        key = (outcome.at.date().isoformat(), outcome.status.value, failure)
        total = sums.setdefault(key, [0, 0, 0.0])
        total[0] += 1
        total[1] += outcome.octets
        total[2] += outcome.seconds
    days = [
        {"day": day, "status": status, "failure": failure}
        | {"polls": total[0], "octets": total[1], "seconds": total[2]}
        for (day, status, failure), total in sums.items()
    ]
    if days:
        connection.execute(_ADD, days)


def poll_log_of(connection: Connection, feed_number: int) -> list[Attempt]:
    """Return the last polls of a feed, newest first."""
    statement = (
        select(poll_log).where(poll_log.c.feed_id == feed_number).order_by(poll_log.c.at.desc())
    )
    return [
        Attempt(
            at=row.at,
            status=PollStatus(row.status),
            http_status=row.http_status,
            octets=row.octets,
            seconds=row.seconds,
            new=row.new,
            changed=row.changed,
            error=row.error,
            reason=row.reason,
            hops=tuple((status, url) for status, url in row.hops or ()),
            pushed=row.pushed,
        )
        for row in connection.execute(statement)
    ]
