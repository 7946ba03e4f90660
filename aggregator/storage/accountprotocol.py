"""What accounts ask of storage. Keys and passwords come here as digests only.

Every method is one transaction. Times go in and come out aware, in UTC. Every method raises
StorageError when the database cannot answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from aggregator.model.account import AppToken, SignedIn, User


class AccountStorage(Protocol):
    def users(self) -> list[User]:
        """Return everybody who may sign in, by name."""

    def add_user(self, name: str, author: str | None, at: datetime) -> User:
        """Raises WrongState when there is one of that name."""

    def remove_user(self, number: int) -> None:
        """Remove a user with all that lets them in."""

    def password_of(self, number: int) -> str | None:
        """Return the digest of a user's password; None: there is none, or no such user."""

    def set_password(self, number: int, digest: str) -> None:
        """Store the digest of a new password."""

    def open_session(
        self, user_number: int, *, key: str, csrf: str, browser: str, at: datetime
    ) -> None:
        """Note that a browser is signed in."""

    def session(self, key: str, *, since: datetime, before_since: datetime) -> SignedIn | None:
        """Return who is signed in by a key, if seen `since`; None: nobody.

        A key that was changed is good if that happened later than `before_since`.
        """

    def see_session(
        self, number: int, at: datetime, *, key: str, new_key: str | None = None
    ) -> bool:
        """Note that a session was seen, and give it a `new_key` if one is due.

        Return whether `key` was still its newest one: else nothing is changed.
        """

    def sessions(self, user_number: int, *, since: datetime) -> list[SignedIn]:
        """Return where a user is signed in, seen last first."""

    def close_sessions(
        self, user_number: int, *, but: int | None = None, only: int | None = None
    ) -> None:
        """Sign a user out everywhere, `but` in one browser, or `only` there."""

    def add_link(self, user_number: int, *, key: str, until: datetime) -> None:
        """Store a key that lets a user in once."""

    def link_user(self, key: str, at: datetime) -> User | None:
        """Return whom a key would let in; None: it never would, or would no longer."""

    def take_link(self, key: str, at: datetime) -> User | None:
        """Use up a key; return whom it lets in."""

    def add_token(self, user_number: int, name: str, *, key: str, at: datetime) -> AppToken:
        """Store what lets a program in."""

    def tokens(self, user_number: int) -> list[AppToken]:
        """Return a user's tokens, newest first."""

    def token_user(self, key: str, at: datetime) -> User | None:
        """Return whose token this is, and note to the hour that it was used."""

    def revoke_token(self, user_number: int, number: int) -> bool:
        """Remove a token; return whether there was one."""

    def attempts(self, name: str) -> tuple[int, datetime | None]:
        """Return how often signing in failed in a row, and until when no attempt counts."""

    def failed(self, name: str, count: int, until: datetime, *, forget: datetime) -> None:
        """Note a failure; those whose time was over before `forget` are dropped."""

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
