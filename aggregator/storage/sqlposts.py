"""Posts and the ids of our feeds: each method of the protocol as one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from aggregator.model.post import PostStatus, StoredPost
from aggregator.storage import entries, feed_ids, posts
from aggregator.storage.database import Database
from aggregator.storage.records import PostRow


class SqlPosts(Database):
    """`PostStorage`, kept by a SQLite file; see `aggregator.storage.protocol`."""

    def __init__(self, path: Path, *, parse: posts.Parse) -> None:
        super().__init__(path)
        self._parse = parse

    def posts(self, *, statuses: Sequence[PostStatus] | None = None) -> list[StoredPost]:
        with self._reading() as connection:
            return posts.list_posts(connection, self._parse, statuses)

    def post_rows(self, statuses: Sequence[PostStatus]) -> list[PostRow]:
        with self._reading() as connection:
            return posts.list_rows(connection, self._parse, statuses)

    def updated_times(self) -> set[datetime]:
        with self._reading() as connection:
            return posts.updated_times(connection)

    def post(self, slug: str) -> StoredPost:
        with self._reading() as connection:
            return posts.get_post(connection, slug, self._parse)

    def save_post(self, post: StoredPost, *, replaces: StoredPost | None) -> None:
        with self._writing() as connection:
            posts.save_post(connection, post, replaces=replaces)

    def import_posts(
        self,
        new: Sequence[tuple[StoredPost, Sequence[tuple[datetime, str]]]],
        replaced: Sequence[tuple[StoredPost, StoredPost]] = (),
        *,
        ids: Mapping[str, str] | None = None,
    ) -> None:
        with self._writing() as connection:
            posts.import_posts(connection, new, replaced)
            feed_ids.keep_feed_ids(connection, ids or {})

    def remove_posts(self, given: Sequence[StoredPost]) -> list[str]:
        with self._writing() as connection:
            return posts.remove_posts(connection, given)

    def site_version(self, *, river: int) -> str:
        with self._reading() as connection:
            others = entries.river_version(connection, limit=river)
            return f"{posts.posts_version(connection)} {others}"

    def feed_ids(self) -> dict[str, str | None]:
        with self._reading() as connection:
            return feed_ids.list_feed_ids(connection)

    def keep_feed_ids(self, ids: Mapping[str, str]) -> None:
        with self._writing() as connection:
            feed_ids.keep_feed_ids(connection, ids)

    def post_revisions(self, slug: str) -> list[tuple[datetime, str]]:
        with self._reading() as connection:
            return posts.list_revisions(connection, slug)
