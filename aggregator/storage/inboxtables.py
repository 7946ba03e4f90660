"""The tables of the inbox, beside those of `aggregator.storage.tables`.

An entry's row is as long as its text, and writing any of it writes all of it. What the author does
all day is therefore kept in short rows beside. Triggers keep `unread` in step with the status of
entries, and note in `search_backlog` what the index of words has to look at again. They and that
index itself (`search`, FTS5) are made by the migrations.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from aggregator.storage.tables import entries, feeds, metadata
from aggregator.storage.times import UtcDateTime

# Every entry here is in the inbox, and not every entry of the inbox is here.
unread = Table(
    "unread",
    metadata,
    Column("sort_at", UtcDateTime, primary_key=True),
    Column("entry", Integer, primary_key=True),  # of entries; no foreign key: triggers see to it
    Column("feed_id", Integer, nullable=False),
    Index(None, "feed_id", "sort_at", "entry"),
    sqlite_with_rowid=False,
)

# Up to which entry, by number, something has been done that follows what comes in.
progress = Table(
    "progress",
    metadata,
    Column("task", String(12), primary_key=True),
    Column("entry", Integer, nullable=False),
)

# Entries whose text changed since it was put into the index.
search_backlog = Table("search_backlog", metadata, Column("entry", Integer, primary_key=True))

# Tags that filters gave to entries, beside those of their feeds.
given_tags = Table(
    "given_tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("entry", ForeignKey(entries.c.id), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

filters = Table(
    "filters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", String(8), nullable=False),
    Column("tag", Text),  # to give
    Column("field", String(8), nullable=False),
    Column("pattern", Text, nullable=False),
    Column("feed_id", ForeignKey(feeds.c.id)),  # NULL: of every feed
    Column("created", UtcDateTime, nullable=False),
    Column("paused", Boolean, nullable=False),
)

# What was done with entries, for undoing it: their marks before, and what became of them.
deeds = Table(
    "deeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, nullable=False, index=True),
    Column("deed", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Column("about", Text, nullable=False),
    Column("before", JSON, nullable=False),  # [status, unread, starred, [numbers]] of each kind
    Column("undone", Boolean, nullable=False),
)
