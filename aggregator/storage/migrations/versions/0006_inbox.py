"""The inbox: what is unread, what was done, filters, and an index of all words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unread",
        sa.Column("sort_at", TIME, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sort_at", "entry", name=op.f("pk_unread")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_unread_feed_id_sort_at_entry"), "unread", ["feed_id", "sort_at", "entry"]
    )
    op.execute(
        "INSERT INTO unread (sort_at, entry, feed_id) "
        "SELECT sort_at, id, feed_id FROM entries WHERE status = 'inbox' ORDER BY sort_at, id"
    )
    op.execute(
        "CREATE TRIGGER entries_come AFTER INSERT ON entries WHEN NEW.status = 'inbox' BEGIN "
        "INSERT OR IGNORE INTO unread (sort_at, entry, feed_id) "
        "VALUES (NEW.sort_at, NEW.id, NEW.feed_id); END"
    )
    op.execute(
        "CREATE TRIGGER entries_return AFTER UPDATE OF status ON entries "
        "WHEN NEW.status = 'inbox' AND OLD.status <> 'inbox' BEGIN "
        "INSERT OR IGNORE INTO unread (sort_at, entry, feed_id) "
        "VALUES (NEW.sort_at, NEW.id, NEW.feed_id); END"
    )
    op.execute(
        "CREATE TRIGGER entries_leave AFTER UPDATE OF status ON entries "
        "WHEN NEW.status <> 'inbox' AND OLD.status = 'inbox' BEGIN "
        "DELETE FROM unread WHERE sort_at = OLD.sort_at AND entry = OLD.id; END"
    )
    op.create_index(
        "ix_entries_starred",
        "entries",
        ["sort_at"],
        sqlite_where=sa.text("starred = 1"),
    )
    op.create_index(op.f("ix_entries_link_key"), "entries", ["link_key"])

    op.create_table(
        "progress",
        sa.Column("task", sa.String(length=12), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_progress")),
    )
    op.create_table(
        "search_backlog",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_search_backlog")),
    )
    op.execute(
        "CREATE TRIGGER entries_reword "
        "AFTER UPDATE OF title, author, summary, content ON entries BEGIN "
        "INSERT OR IGNORE INTO search_backlog (entry) VALUES (NEW.id); END"
    )
    # It keeps the words themselves too: without, a text could be taken out of it only by whoever
    # still has it letter for letter. Results are by date, so it need not know lengths.
    op.execute(
        "CREATE VIRTUAL TABLE search USING fts5(title, author, words, "
        "tokenize='unicode61 remove_diacritics 2', columnsize=0)"
    )

    op.create_table(
        "given_tags",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name=op.f("fk_given_tags_entry")),
        sa.PrimaryKeyConstraint("tag", "entry", name=op.f("pk_given_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_given_tags_entry"), "given_tags", ["entry"])
    op.create_table(
        "filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=True),
        sa.Column("created", TIME, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_filters_feed_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
    )
    op.create_table(
        "deeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=8), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deeds")),
    )
    op.create_index(op.f("ix_deeds_user_id"), "deeds", ["user_id"])
