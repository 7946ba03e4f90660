"""The tables of accounts, beside those of `aggregator.storage.tables`.

Of whatever lets somebody in, a digest is kept and never the thing itself: a copy of the database
opens no door.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from aggregator.storage.tables import metadata
from aggregator.storage.times import UtcDateTime

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("author", Text),
    Column("password", Text),  # argon2's own notation
    Column("created", UtcDateTime, nullable=False),
)

# The key in the cookie changes now and then; the one before is good for a moment longer, for
# requests that were under way.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("key_before", String(64), index=True),
    Column("changed_at", UtcDateTime, nullable=False),  # the key
    Column("csrf", String(64), nullable=False),
    Column("browser", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

app_tokens = Table(
    "app_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("created", UtcDateTime, nullable=False),
    Column("used", UtcDateTime),
)

# Attempts to sign in that failed, by the name that was typed.
failed_attempts = Table(
    "failed_attempts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False),  # no further attempt counts before
)
