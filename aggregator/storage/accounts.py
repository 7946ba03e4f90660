"""Accounts in SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from aggregator.errors import WrongState
from aggregator.model.account import AppToken, SignedIn, User
from aggregator.storage.accounttables import (
    app_tokens,
    failed_attempts,
    sessions,
    sign_in_links,
    users,
)

Transaction = Callable[[], AbstractContextManager[Connection]]

SEEN_EVERY = timedelta(hours=1)  # it is not worth a write at each request


class SqlAccounts:
    """The promises of `aggregator.storage.accountprotocol`."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading, self._writing = reading, writing

    def users(self) -> list[User]:
        with self._reading() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]

    def add_user(self, name: str, author: str | None, at: datetime) -> User:
        new = insert(users).values(name=name, author=author, created=at).returning(users)
        with self._writing() as connection:
            try:
                return _user(connection.execute(new).one())
            except IntegrityError as error:
                raise WrongState(f"there is a user {name!r} already") from error

    def remove_user(self, number: int) -> None:
        with self._writing() as connection:
            for table in (sessions, sign_in_links, app_tokens):
                connection.execute(delete(table).where(table.c.user_id == number))
            connection.execute(delete(users).where(users.c.id == number))

    def password_of(self, number: int) -> str | None:
        with self._reading() as connection:
            kept = select(users.c.password).where(users.c.id == number)
            digest: str | None = connection.execute(kept).scalar()
        return digest

    def set_password(self, number: int, digest: str) -> None:
        with self._writing() as connection:
            connection.execute(update(users).where(users.c.id == number).values(password=digest))

    def open_session(
        self, user_number: int, *, key: str, csrf: str, browser: str, at: datetime
    ) -> None:
        said = {"user_id": user_number, "key": key, "csrf": csrf, "browser": browser}
        times = {"created": at, "changed_at": at, "seen": at}
        with self._writing() as connection:
            connection.execute(insert(sessions).values(**said, **times))

    def session(self, key: str, *, since: datetime, before_since: datetime) -> SignedIn | None:
        before = and_(sessions.c.key_before == key, sessions.c.changed_at > before_since)
        found = _SESSIONS.where(or_(sessions.c.key == key, before), sessions.c.seen >= since)
        with self._reading() as connection:
            row = connection.execute(found).first()
        return _session(row) if row else None

    def see_session(
        self, number: int, at: datetime, *, key: str, new_key: str | None = None
    ) -> bool:
        values: dict[str, Any] = {"seen": at}
        if new_key is not None:
            values |= {"key": new_key, "key_before": key, "changed_at": at}
        newest = and_(sessions.c.id == number, sessions.c.key == key)
        with self._writing() as connection:
            return connection.execute(update(sessions).where(newest).values(values)).rowcount == 1

    def sessions(self, user_number: int, *, since: datetime) -> list[SignedIn]:
        mine = _SESSIONS.where(users.c.id == user_number, sessions.c.seen >= since)
        with self._reading() as connection:
            rows = connection.execute(mine.order_by(sessions.c.seen.desc(), sessions.c.id.desc()))
            return [_session(row) for row in rows]

    def close_sessions(
        self, user_number: int, *, but: int | None = None, only: int | None = None
    ) -> None:
        which = delete(sessions).where(sessions.c.user_id == user_number)
        if but is not None:
            which = which.where(sessions.c.id != but)
        if only is not None:
            which = which.where(sessions.c.id == only)
        with self._writing() as connection:
            connection.execute(which)

    def add_link(self, user_number: int, *, key: str, until: datetime) -> None:
        with self._writing() as connection:
            connection.execute(
                insert(sign_in_links).values(user_id=user_number, key=key, until=until)
            )

    def link_user(self, key: str, at: datetime) -> User | None:
        with self._reading() as connection:
            row = connection.execute(_link(key, at)).first()
        return _user(row) if row else None

    def take_link(self, key: str, at: datetime) -> User | None:
        with self._writing() as connection:
            row = connection.execute(_link(key, at)).first()
            over = or_(sign_in_links.c.key == key, sign_in_links.c.until <= at)
            connection.execute(delete(sign_in_links).where(over))
        return _user(row) if row else None

    def add_token(self, user_number: int, name: str, *, key: str, at: datetime) -> AppToken:
        new = insert(app_tokens).values(user_id=user_number, name=name, key=key, created=at)
        with self._writing() as connection:
            return _token(connection.execute(new.returning(app_tokens)).one())

    def tokens(self, user_number: int) -> list[AppToken]:
        mine = select(app_tokens).where(app_tokens.c.user_id == user_number)
        mine = mine.order_by(app_tokens.c.id.desc())
        with self._reading() as connection:
            return [_token(row) for row in connection.execute(mine)]

    def token_user(self, key: str, at: datetime) -> User | None:
        found = (
            select(users, app_tokens.c.used)
            .join(app_tokens, app_tokens.c.user_id == users.c.id)
            .where(app_tokens.c.key == key)
        )
        with self._reading() as connection:
            row = connection.execute(found).first()
        if row is not None and (row.used is None or at - row.used >= SEEN_EVERY):
            with self._writing() as connection:
                connection.execute(
                    update(app_tokens).where(app_tokens.c.key == key).values(used=at)
                )
        return _user(row) if row else None

    def revoke_token(self, user_number: int, number: int) -> bool:
        which = and_(app_tokens.c.id == number, app_tokens.c.user_id == user_number)
        with self._writing() as connection:
            return connection.execute(delete(app_tokens).where(which)).rowcount == 1

    def attempts(self, name: str) -> tuple[int, datetime | None]:
        with self._reading() as connection:
            row = connection.execute(
                select(failed_attempts).where(failed_attempts.c.name == name)
            ).first()
        return (row[1], row.until) if row else (0, None)

    def failed(self, name: str, count: int, until: datetime, *, forget: datetime) -> None:
        note = upsert(failed_attempts).values(name=name, count=count, until=until)
        note = note.on_conflict_do_update(
            index_elements=[failed_attempts.c.name], set_={"count": count, "until": until}
        )
        with self._writing() as connection:
            connection.execute(delete(failed_attempts).where(failed_attempts.c.until < forget))
            connection.execute(note)

    def succeeded(self, name: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(failed_attempts).where(failed_attempts.c.name == name))


_SESSIONS = select(
    sessions.c.id.label("session"),
    sessions.c.csrf,
    sessions.c.browser,
    sessions.c.created.label("begun"),
    sessions.c.changed_at,
    sessions.c.seen,
    users,
).join(users, users.c.id == sessions.c.user_id)


def _link(key: str, at: datetime) -> Any:
    return (
        select(users)
        .join(sign_in_links, sign_in_links.c.user_id == users.c.id)
        .where(sign_in_links.c.key == key, sign_in_links.c.until > at)
    )


def _user(row: Row[Any]) -> User:
    return User(
        number=row.id,
        name=row.name,
        author=row.author,
        has_password=row.password is not None,
        created=row.created,
    )


def _session(row: Row[Any]) -> SignedIn:
    return SignedIn(
        number=row.session,
        user=_user(row),
        csrf=row.csrf,
        browser=row.browser,
        created=row.begun,
        changed_at=row.changed_at,
        seen=row.seen,
    )


def _token(row: Row[Any]) -> AppToken:
    return AppToken(number=row.id, name=row.name, created=row.created, used=row.used)
