"""The table of what is being typed, beside those of `aggregator.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from aggregator.storage.accounttables import users
from aggregator.storage.tables import metadata, posts
from aggregator.storage.times import UtcDateTime

# Words outlive the account they were typed under, and the post they were meant for.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey(users.c.id, ondelete="SET NULL"), index=True),
    Column("post_id", ForeignKey(posts.c.id, ondelete="SET NULL"), index=True),
    Column("kind", Text),  # of an update; null: a whole document
    Column("opened", String(64), nullable=False),
    Column("entry", Integer),  # of entries; without a foreign key, for it may be gone
    Column("text", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kept", UtcDateTime, nullable=False),
    Column("aside", Boolean, nullable=False),
    sqlite_autoincrement=True,  # a browser may still hold the number of one that is gone
)
