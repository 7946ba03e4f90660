"""Ids of the feeds that we publish, in SQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, update

from aggregator.storage.tables import feed_ids


def list_feed_ids(connection: Connection) -> dict[str, str | None]:
    """Return the ids by path; None: it was published under its address."""
    return {row.path: row.id for row in connection.execute(select(feed_ids))}


def keep_feed_ids(connection: Connection, ids: Mapping[str, str]) -> None:
    """Store the ids of feeds that have none."""
    present = list_feed_ids(connection)
    for path, id_ in ids.items():
        if path not in present:
            connection.execute(insert(feed_ids).values(path=path, id=id_))
        elif present[path] is None:
            connection.execute(update(feed_ids).where(feed_ids.c.path == path).values(id=id_))
