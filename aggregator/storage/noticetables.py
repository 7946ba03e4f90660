"""The tables of notices, beside those of `aggregator.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from aggregator.storage.tables import metadata
from aggregator.storage.times import UtcDateTime

# Whom we tell of what we published; model.notice.Notice. Of each feed and hub, each post and page,
# there is one, which tells of the newest change. It is the queue and the record.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("about", Text, nullable=False),
    Column("whom", Text, nullable=False),
    Column("site", Text),
    Column("change", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("endpoint", Text),
    Column("answer", Text),
    Column("told_at", UtcDateTime),
    UniqueConstraint("kind", "about", "whom"),
    Index(None, "state", "due_at"),
)

# Posts whose links are among the notices, as they were then.
mention_sources = Table(
    "mention_sources",
    metadata,
    Column("source", Text, primary_key=True),
    Column("revision", Text, nullable=False),
)
