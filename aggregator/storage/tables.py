"""The tables. Alembic's migrations make them; a test holds the two against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

# The newest file in migrations/versions; Alembic itself is imported only when a database
# says otherwise, for that takes longer than a whole poll of a few feeds.
SCHEMA_VERSION = "0001"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, in UTC. A naive one is refused: nobody can say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert isinstance(value, datetime)  # noqa: S101 - for the type checker
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What feeds.yaml says of each feed, and what the feed says of itself. Rows are never deleted:
# entries and citations point here.
feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("position", Integer),  # in feeds.yaml; NULL: not followed any more
    Column("title", Text),
    Column("tags", JSON, nullable=False),
    Column("interval_seconds", Float),
    Column("identity", String(8)),
    Column("encoding", String(40)),
    Column("private", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("about", JSON, nullable=False),  # model.feed.Feed
)

poll_states = Table(
    "poll_states",
    metadata,
    Column("feed_id", ForeignKey(feeds.c.id), primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("validators_url", Text),
    Column("body_hash", String(64)),
    Column("identity_policy", String(8), nullable=False),
    Column("last_polled_at", UtcDateTime),
    Column("last_success_at", UtcDateTime),
    Column("next_poll_at", UtcDateTime, index=True),
    Column("reason", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("last_failure", String(24)),
    Column("last_error", Text),
    Column("gone", Boolean, nullable=False),
    Column("hint_seconds", Float),
    # A claim: whoever holds the highest fence may save, until the time is up.
    Column("fence", Integer, nullable=False),
    Column("claimed_until", UtcDateTime),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey(feeds.c.id), nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("link_key", Text),
    Column("text_key", String(64)),
    Column("versions", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("starred", Boolean, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),  # published, never later than first_seen
    Column("first_seen", UtcDateTime, nullable=False),
    Column("text_seen", UtcDateTime, nullable=False),  # when the present text was first seen
    Column("changed_at", UtcDateTime),
    Column("published", UtcDateTime),
    Column("updated", UtcDateTime),
    Column("language", Text),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("author", Text),
    Column("tags", JSON, nullable=False),
    Column("source", JSON),
    Column("links", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("feed_id", "entry_id"),
    Index(None, "status", "sort_at"),
    Index(None, "sort_at"),
    # All that comparing needs, side by side: the rows themselves are pages apart.
    Index(
        "ix_entries_known", "feed_id", "id", "entry_id", "hash", "link_key", "text_key", "versions"
    ),
)

entry_aliases = Table(
    "entry_aliases",
    metadata,
    Column("feed_id", ForeignKey(feeds.c.id), primary_key=True),
    Column("alias", Text, primary_key=True),
    Column("entry", ForeignKey(entries.c.id), nullable=False, index=True),
)

entry_versions = Table(
    "entry_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", ForeignKey(entries.c.id), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("author", Text),
    Column("content", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("post_id", Text, unique=True),
    Column("created", UtcDateTime, nullable=False),
    Column("edited", UtcDateTime, nullable=False),
    Column("published", UtcDateTime),
    Column("updated", UtcDateTime),
    Column("scheduled", UtcDateTime),
)

post_revisions = Table(
    "post_revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post", ForeignKey(posts.c.id), nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)
