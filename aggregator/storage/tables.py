"""The tables. Alembic's migrations make them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from aggregator.storage.times import UtcDateTime

# The newest file in migrations/versions; Alembic itself is imported only when a database
# says otherwise, for that takes longer than a whole poll of a few feeds.
SCHEMA_VERSION = "0007"


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
    Column("login", Text),
    Column("about", JSON, nullable=False),  # model.feed.Feed
    Column("site", Text, index=True),  # registrable domain or address; NULL: nobody to be polite to
)

# What all feeds of one publisher share: at most one connection, a gap, and what it asks for.
sites = Table(
    "sites",
    metadata,
    Column("name", Text, primary_key=True),
    Column("asked_at", UtcDateTime),  # when the last request to it ended
    Column("not_before", UtcDateTime),  # Retry-After
    Column("reason", Text),  # of not_before, in words
    # A claim: one run at a time asks a site.
    Column("claimed_by", String(40)),
    Column("claimed_until", UtcDateTime),
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
    Column("not_before", UtcDateTime),
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("deliveries", Integer, nullable=False, server_default="0"),
    Column("hub", Text),  # WebSub: who would tell of its news
    Column("topic", Text),  # and under which address it knows the feed
    Column("told_at", UtcDateTime),  # a hub told us of news then; NULL: all of them are read
    Column("unread", Integer, nullable=False, server_default="0"),  # how often it told of such
    Column("gap_seconds", Float),
    Column("newest_at", UtcDateTime),
    Column("watched_since", UtcDateTime),
    Column("learned", JSON(none_as_null=True)),  # of redirects, and of feeds found elsewhere
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
    Column("link_key", Text, index=True),
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
    Index("ix_entries_starred", "sort_at", sqlite_where=text("starred = 1")),
    # All that comparing needs, side by side: the rows themselves are pages apart.
    Index(
        "ix_entries_known",
        "feed_id",
        "id",
        "entry_id",
        "hash",
        "link_key",
        "text_key",
        "versions",
        "sort_at",
    ),
)

# The last polls of each feed: a ring, so that nothing need be deleted.
poll_log = Table(
    "poll_log",
    metadata,
    Column("feed_id", ForeignKey(feeds.c.id), primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("http_status", Integer),
    Column("octets", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("error", Text),
    Column("reason", Text, nullable=False),
    Column("hops", JSON(none_as_null=True)),  # redirects on the way: status and address
    Column("pushed", Boolean, nullable=False, server_default="0"),  # a hub brought it
)

# Sums by day (UTC) and kind of outcome, for `status` and for metrics.
poll_days = Table(
    "poll_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("failure", String(24), primary_key=True),  # "" when it went well
    Column("polls", Integer, nullable=False),
    Column("octets", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)

# WebSub: what we asked of hubs, and whether they keep to it; model.push.HubSubscription. Of a feed
# one row at most is not leaving; one that is leaving stays until its hub has let go of it.
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey(feeds.c.id), nullable=False, index=True),
    Column("token", String(64), nullable=False, unique=True),  # the last part of its address
    Column("callback", Text, nullable=False),  # the part before
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("secret", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("due_at", UtcDateTime, index=True),  # when the hub is to be asked next
    Column("asked_at", UtcDateTime),
    Column("verified_at", UtcDateTime),
    Column("active_since", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("broken_since", UtcDateTime),
    Column("broken_reason", Text, nullable=False),
    Column("refused", Integer, nullable=False),  # deliveries without a good signature, in a row
    Column("attempts", Integer, nullable=False),  # to ask, since the last that went well
    Column("error", Text),
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
    Column("withdrawn", UtcDateTime),
    Column("saves", Integer, nullable=False, server_default="0"),  # how often it was saved
)

post_revisions = Table(
    "post_revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post", ForeignKey(posts.c.id), nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

# Ids of the feeds that we publish. NULL: readers know it by its address, from before ids were kept.
feed_ids = Table("feed_ids", metadata, Column("path", Text, primary_key=True), Column("id", Text))
