"""What is being typed, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from aggregator.errors import PostNotFound, TextNotFound
from aggregator.model.post import UpdateKind
from aggregator.model.unsaved import Sheet, Unsaved
from aggregator.storage.accounttables import users
from aggregator.storage.drafttables import drafts
from aggregator.storage.tables import entries, posts

Transaction = Callable[[], AbstractContextManager[Connection]]


class SqlDrafts:
    """The promises of `aggregator.storage.draftprotocol`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def unsaved(self, *, post: str | None = None) -> list[Unsaved]:
        wanted = _texts().order_by(drafts.c.kept.desc(), drafts.c.id.desc())
        if post is not None:
            wanted = wanted.where(posts.c.slug == post)
        with self._reading() as connection:
            return [_unsaved(row) for row in connection.execute(wanted)]

    def unsaved_text(self, number: int) -> Unsaved:
        with self._reading() as connection:
            return _one(connection, number)

    def keep_new(
        self, user: int, sheet: Sheet, text: str, at: datetime, *, aside: bool = False
    ) -> Unsaved:
        with self._writing() as connection:
            post = None
            if sheet.post is not None:
                found = select(posts.c.id).where(posts.c.slug == sheet.post)
                post = connection.execute(found).scalar()
                if post is None:
                    raise PostNotFound(f"there is no post {sheet.post!r}")
            new = insert(drafts).values(
                user_id=user,
                post_id=post,
                kind=sheet.kind and sheet.kind.value,
                opened=sheet.opened,
                entry=sheet.entry,
                text=text,
                version=1,
                kept=at,
                aside=aside,
            )
            number = connection.execute(new.returning(drafts.c.id)).scalar_one()
            return _one(connection, number)

    def keep(
        self, number: int, text: str, at: datetime, *, version: int, kind: UpdateKind | None
    ) -> Unsaved | None:
        changed = {"text": text, "kept": at, "version": version + 1, "kind": kind and kind.value}
        known = drafts.c.id == number, drafts.c.version == version
        with self._writing() as connection:
            done = connection.execute(update(drafts).where(*known).values(changed)).rowcount
            present = _one(connection, number)
        return present if done else None

    def reopen(self, number: int, *, opened: str, aside: bool) -> None:
        which = update(drafts).where(drafts.c.id == number)
        with self._writing() as connection:
            connection.execute(which.values(opened=opened, aside=aside))

    def drop_text(self, number: int, *, version: int | None = None) -> bool:
        which = delete(drafts).where(drafts.c.id == number)
        if version is not None:
            which = which.where(drafts.c.version == version)
        with self._writing() as connection:
            return connection.execute(which).rowcount == 1

    def entries_at(self, link_key: str) -> list[int]:
        found = select(entries.c.id).where(entries.c.link_key == link_key)
        with self._reading() as connection:
            return list(connection.execute(found.order_by(entries.c.id.desc())).scalars())


def _texts() -> Select[Any]:
    return (
        select(drafts, posts.c.slug, users.c.name)
        .outerjoin(posts, posts.c.id == drafts.c.post_id)
        .outerjoin(users, users.c.id == drafts.c.user_id)
    )


def _one(connection: Connection, number: int) -> Unsaved:
    row = connection.execute(_texts().where(drafts.c.id == number)).first()
    if row is None:
        raise TextNotFound("that text is not here any more: it was saved, or thrown away")
    return _unsaved(row)


def _unsaved(row: Row[Any]) -> Unsaved:
    return Unsaved(
        number=row.id,
        user=row.user_id,
        author=row.name or "",
        post=row.slug,
        kind=UpdateKind(row.kind) if row.kind else None,
        opened=row.opened,
        entry=row.entry,
        text=row.text,
        version=row.version,
        kept=row.kept,
        aside=row.aside,
    )
