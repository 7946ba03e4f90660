"""Posts and their earlier documents, in SQL."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from aggregator.errors import DocumentError, PostNotFound, WrongState
from aggregator.model.post import Post, PostStatus, StoredPost
from aggregator.storage.records import PostDates, PostRow
from aggregator.storage.tables import post_revisions, posts
from aggregator.storage.times import UtcDateTime, from_text

Parse = Callable[[str], Post]
_TIMES = frozenset(column.name for column in posts.c if isinstance(column.type, UtcDateTime))
Earlier = Sequence[tuple[datetime, str]]  # documents and when each was replaced, oldest first


def list_posts(
    connection: Connection, parse: Parse, statuses: Sequence[PostStatus] | None
) -> list[StoredPost]:
    """Return posts, published ones newest first, then the others by last edit; None: all."""
    statement = _in_order(select(posts))
    if statuses is not None:
        statement = statement.where(posts.c.status.in_([status.value for status in statuses]))
    return [_stored(row, parse) for row in connection.execute(statement)]


def list_rows(
    connection: Connection, parse: Parse, statuses: Sequence[PostStatus]
) -> list[PostRow]:
    """Return posts, the last one written first, without reading their documents yet."""
    wanted = [status.value for status in statuses]
    statement = select(posts).where(posts.c.status.in_(wanted)).order_by(posts.c.id.desc())
    cursor = connection.execute(statement).cursor
    # As SQLite gives them: of most posts nothing is asked but whether they are the same.
    rows: Sequence[tuple[Any, ...]] = cursor.fetchall() if cursor else ()
    return [PostRow(_digest(row), partial(_dates, row), partial(_read, row, parse)) for row in rows]


def _digest(row: tuple[Any, ...]) -> bytes:
    # The second version of the format: later ones also tell whether two strings are one object.
    return blake2b(marshal.dumps(row, 2), digest_size=16).digest()


def _named(row: tuple[Any, ...]) -> SimpleNamespace:
    return SimpleNamespace(
        **{
            column.name: from_text(value) if column.name in _TIMES else value
            for column, value in zip(posts.c, row, strict=True)
        }
    )


def _dates(row: tuple[Any, ...]) -> PostDates:
    of = _named(row)
    return PostDates(of.slug, PostStatus(of.status), of.published, of.updated, of.edited)


def _read(row: tuple[Any, ...], parse: Parse) -> StoredPost:
    return _stored(_named(row), parse)


def _in_order(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(
        posts.c.published.is_(None),
        posts.c.published.desc(),
        # What was published in one second stands in the order of writing, newest first.
        case((posts.c.published.is_(None), posts.c.edited)).desc(),
        posts.c.id.desc(),
    )


def updated_times(connection: Connection) -> set[datetime]:
    """Return the `updated` of every post that has one."""
    statement = select(posts.c.updated).where(posts.c.updated.is_not(None))
    return set(connection.execute(statement).scalars())


def get_post(connection: Connection, slug: str, parse: Parse) -> StoredPost:
    """Return one post. Raises PostNotFound."""
    return _stored(_row(connection, slug), parse)


def _row(connection: Connection, slug: str) -> Row[Any]:
    row = connection.execute(select(posts).where(posts.c.slug == slug)).one_or_none()
    if row is None:
        raise PostNotFound(f"there is no post {slug!r}; `aggregator post list` shows them all")
    return row


def _stored(row: Row[Any] | SimpleNamespace, parse: Parse) -> StoredPost:
    broken = ""
    try:
        post = parse(row.document)
    except DocumentError as error:
        # Of all posts this one must not be lost, nor keep the others from being seen.
        post, broken = Post(title=row.slug), str(error)
    return StoredPost(
        slug=row.slug,
        document=row.document,
        post=post,
        broken=broken,
        status=PostStatus(row.status),
        id=row.post_id,
        created=row.created,
        edited=row.edited,
        published=row.published,
        updated=row.updated,
        scheduled=row.scheduled,
        withdrawn=row.withdrawn,
    )


def _columns(post: StoredPost) -> dict[str, Any]:
    return {
        "slug": post.slug,
        "document": post.document,
        "status": post.status.value,
        "post_id": post.id,
        "created": post.created,
        "edited": post.edited,
        "published": post.published,
        "updated": post.updated,
        "scheduled": post.scheduled,
        "withdrawn": post.withdrawn,
    }


def save_post(connection: Connection, post: StoredPost, *, replaces: StoredPost | None) -> None:
    """Store a post, keeping the document it replaces; see the protocol."""
    taken = connection.execute(select(posts.c.id).where(posts.c.slug == post.slug)).scalar()
    if replaces is None:
        if taken is not None:
            raise WrongState(f"there is a post {post.slug!r} already; give another slug")
        connection.execute(insert(posts), {**_columns(post), "saves": 1})
        return
    row = _row(connection, replaces.slug)
    if taken is not None and taken != row.id:
        raise WrongState(f"there is a post {post.slug!r} already; give another slug")
    present = {name: row._mapping[name] for name in _columns(replaces)}
    if present != _columns(replaces):
        raise WrongState(
            f"{replaces.slug!r} was changed by another hand in the meantime; your words were not "
            "put over theirs. Look at it with `aggregator post show`, then try again"
        )
    if post.document != replaces.document:
        earlier = {"post": row.id, "document": row.document, "replaced_at": post.edited}
        connection.execute(insert(post_revisions), earlier)
    changed = {**_columns(post), "saves": posts.c.saves + 1}
    connection.execute(update(posts).where(posts.c.id == row.id).values(changed))


def import_posts(
    connection: Connection,
    new: Sequence[tuple[StoredPost, Earlier]],
    replaced: Sequence[tuple[StoredPost, StoredPost]],
) -> None:
    """Store posts from elsewhere; see the protocol."""
    for post, earlier in new:
        save_post(connection, post, replaces=None)
        if earlier:
            row = _row(connection, post.slug)
            revisions = [
                {"post": row.id, "document": document, "replaced_at": at}
                for at, document in earlier
            ]
            connection.execute(insert(post_revisions), revisions)
    for before, after in replaced:
        save_post(connection, after, replaces=before)


def remove_posts(connection: Connection, given: Sequence[StoredPost]) -> list[str]:
    """Remove posts that are still as given; return their slugs. See the protocol."""
    removed = []
    for post in given:
        columns = _columns(post)
        row = connection.execute(select(posts).where(posts.c.slug == post.slug)).one_or_none()
        if row is None or {name: row._mapping[name] for name in columns} != columns:
            continue
        connection.execute(delete(post_revisions).where(post_revisions.c.post == row.id))
        connection.execute(delete(posts).where(posts.c.id == row.id))
        removed.append(post.slug)
    return removed


def posts_version(connection: Connection) -> str:
    """Return a value that differs when any post has changed, whatever clocks do meanwhile."""
    # The last edit tells a removed post and another new one from nothing at all.
    statement = select(func.count(), func.sum(posts.c.saves), func.max(posts.c.edited))
    return "/".join(str(value) for value in connection.execute(statement).one())


def list_revisions(connection: Connection, slug: str) -> list[tuple[datetime, str]]:
    """Return earlier documents with the time they were replaced, newest first."""
    statement = (
        select(post_revisions.c.replaced_at, post_revisions.c.document)
        .where(post_revisions.c.post == _row(connection, slug).id)
        .order_by(post_revisions.c.id.desc())
    )
    return [(at, document) for at, document in connection.execute(statement)]
