"""What is decided once: ids of feeds, the hour of a withdrawal; and a count of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "feed_ids",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_feed_ids")),
    )
    with op.batch_alter_table("posts") as posts:
        posts.add_column(sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True))
        posts.add_column(sa.Column("saves", sa.Integer(), nullable=False, server_default="0"))
    # A database that was in use has feeds that readers know by their address.
    op.execute(
        "INSERT INTO feed_ids (path, id) SELECT 'feed.atom', NULL WHERE EXISTS "
        "(SELECT 1 FROM posts WHERE published IS NOT NULL) OR EXISTS (SELECT 1 FROM feeds)"
    )
