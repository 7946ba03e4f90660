"""What polite polling remembers: sites, rhythm, a log, hubs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feeds", sa.Column("site", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("login", sa.Text(), nullable=True))
    op.create_index(op.f("ix_feeds_site"), "feeds", ["site"], unique=False)
    op.create_table(
        "sites",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sites")),
    )
    for column in (
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("deliveries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("hub", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("told_at", TIME, nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("gap_seconds", sa.Float(), nullable=True),
        sa.Column("newest_at", TIME, nullable=True),
        sa.Column("watched_since", TIME, nullable=True),
        sa.Column("learned", sa.JSON(), nullable=True),
    ):
        op.add_column("poll_states", column)
    # Failures were of one kind before they were told apart.
    op.execute(
        "UPDATE poll_states SET last_failure = 'not_found' "
        "WHERE last_failure = 'http_status' AND last_error LIKE '% answered 404%'"
    )
    op.drop_index("ix_entries_known", table_name="entries")
    op.create_index(
        "ix_entries_known",
        "entries",
        ["feed_id", "id", "entry_id", "hash", "link_key", "text_key", "versions", "sort_at"],
        unique=False,
    )
    op.create_table(
        "poll_log",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hops", sa.JSON(), nullable=True),
        sa.Column("pushed", sa.Boolean(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_poll_log_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", "slot", name=op.f("pk_poll_log")),
    )
    op.create_table(
        "poll_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("failure", sa.String(length=24), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "status", "failure", name=op.f("pk_poll_days")),
    )
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("verified_at", TIME, nullable=True),
        sa.Column("active_since", TIME, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("broken_since", TIME, nullable=True),
        sa.Column("broken_reason", sa.Text(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_hub_subscriptions_feed_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_hub_subscriptions_token")),
    )
    for name in ("feed_id", "due_at"):
        op.create_index(op.f(f"ix_hub_subscriptions_{name}"), "hub_subscriptions", [name])
