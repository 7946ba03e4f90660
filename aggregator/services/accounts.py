"""Accounts: who may sit at the desk, and how they prove it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.errors import NoAdmission, TooManyAttempts, UserNotFound, WrongState
from aggregator.model.account import AppToken, SignedIn, User
from aggregator.passwords import (
    LONGEST,
    SHORTEST,
    digest_of,
    is_outdated,
    is_password,
    key_digest,
    new_key,
)
from aggregator.services.clock import utc_now
from aggregator.storage.accountprotocol import AccountStorage

SESSION = timedelta(days=30)  # without being seen
KEY_CHANGES = timedelta(days=1)  # a stolen cookie is worth no more than that
OLD_KEY = timedelta(minutes=2)  # for requests that were under way
SEEN_EVERY = timedelta(hours=1)
LINK = timedelta(hours=1)
FREE_ATTEMPTS = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
MOST_BROWSER = 120  # characters
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A session, and the key its browser shall send from now on; None: the one it has."""

    session: SignedIn
    key: str | None = None


class Accounts:
    """Threads share it. Every method raises StorageError when the database cannot answer."""

    def __init__(self, storage: AccountStorage, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._storage, self._clock = storage, clock

    def users(self) -> list[User]:
        return self._storage.users()

    def user(self, name: str) -> User:
        """Raises UserNotFound."""
        wanted = name.strip().lower()
        for user in self._storage.users():
            if user.name == wanted:
                return user
        raise UserNotFound(f"there is no user {name!r}; `aggregator user list` shows them")

    def add(self, name: str, *, author: str | None = None, password: str | None = None) -> User:
        """Add a user. Raises WrongState when the name is taken, or it or the password will not do.

        Without a password, links of one use let them in.
        """
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise WrongState(
                f"{name!r} cannot be a user's name; expected up to 40 of a-z, 0-9, '.', '_', '-', "
                "beginning with a letter or digit"
            )
        if password is not None:
            refuse_weak(password)
        user = self._storage.add_user(name, author, self._clock())
        if password is not None:
            self._storage.set_password(user.number, digest_of(password))
        return user

    def remove(self, name: str) -> None:
        """Remove a user with all that lets them in; posts stay. Raises UserNotFound."""
        self._storage.remove_user(self.user(name).number)

    def set_password(self, user: User, password: str, *, but: SignedIn | None = None) -> None:
        """Give a user a new password; every browser `but` one is signed out.

        Raises WrongState when it will not do.
        """
        refuse_weak(password)
        self._storage.set_password(user.number, digest_of(password))
        self._storage.close_sessions(user.number, but=but.number if but else None)
        self._storage.succeeded(user.name)

    def knows_password(self, user: User, password: str) -> bool:
        """Whether this is the user's password; counts like an attempt to sign in.

        Raises TooManyAttempts.
        """
        failures = self._attempt(user.name)
        if is_password(password[: LONGEST + 1], self._storage.password_of(user.number)):
            self._storage.succeeded(user.name)
            return True
        self._count_failure(user.name, failures)
        return False

    def sign_in(self, name: str, password: str, browser: str) -> str:
        """Return the key of a new session. Raises NoAdmission, which does not say what was wrong,
        and TooManyAttempts.
        """
        name, password = name.strip().lower()[:80], password[: LONGEST + 1]
        failures = self._attempt(name)
        user = next((user for user in self._storage.users() if user.name == name), None)
        digest = self._storage.password_of(user.number) if user else None
        if not is_password(password, digest) or user is None or digest is None:
            self._count_failure(name, failures)
            raise NoAdmission(
                "That name and password do not belong together. `aggregator user link NAME` on "
                "the machine prints a link that lets you in without a password"
            )
        if failures:
            self._storage.succeeded(name)
        if is_outdated(digest):
            self._storage.set_password(user.number, digest_of(password))
        return self._open(user, browser)

    def _attempt(self, name: str) -> int:
        """Return how many attempts failed. Raises TooManyAttempts while none counts."""
        failures, until = self._storage.attempts(name)
        now = self._clock()
        if failures >= FREE_ATTEMPTS and until is not None and now < until:
            raise TooManyAttempts(
                "Too many attempts with this name. Wait a while, or use a link: `aggregator user "
                "link NAME` on the machine prints one",
                wait=until - now,
            )
        return failures

    def _count_failure(self, name: str, failures: int) -> None:
        now = self._clock()
        over = failures + 1 - FREE_ATTEMPTS
        wait = min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else timedelta()
        self._storage.failed(name, failures + 1, now + wait, forget=now - timedelta(days=1))

    def link(self, user: User) -> str:
        """Return a key that lets a user in once, within LINK."""
        key = new_key()
        self._storage.add_link(user.number, key=key_digest(key), until=self._clock() + LINK)
        return key

    def link_user(self, key: str) -> User | None:
        """Return whom a key of one use would let in."""
        return self._storage.link_user(key_digest(key), self._clock())

    def sign_in_by_link(self, key: str, browser: str) -> str:
        """Use up a key of one use; return the key of a new session. Raises NoAdmission."""
        user = self._storage.take_link(key_digest(key), self._clock())
        if user is None:
            raise NoAdmission(
                "This link was used or is too old. `aggregator user link NAME` prints another"
            )
        return self._open(user, browser)

    def _open(self, user: User, browser: str) -> str:
        key = new_key()
        self._storage.open_session(
            user.number,
            key=key_digest(key),
            csrf=new_key(),
            browser=browser[:MOST_BROWSER],
            at=self._clock(),
        )
        return key

    def admit(self, key: str) -> Admission | None:
        """Return who is signed in by a key; None: nobody.

        The key changes once a day: the browser has to be given the new one.
        """
        now, digest = self._clock(), key_digest(key)
        found = self._storage.session(digest, since=now - SESSION, before_since=now - OLD_KEY)
        if found is None:
            return None
        if found.changed_at <= now - KEY_CHANGES:
            fresh = new_key()
            given = self._storage.see_session(
                found.number, now, key=digest, new_key=key_digest(fresh)
            )
            return Admission(session=found, key=fresh if given else None)
        if found.seen <= now - SEEN_EVERY:
            self._storage.see_session(found.number, now, key=digest)
        return Admission(session=found)

    def sessions(self, user: User) -> list[SignedIn]:
        """Return where a user is signed in."""
        return self._storage.sessions(user.number, since=self._clock() - SESSION)

    def sign_out(self, session: SignedIn) -> None:
        self._storage.close_sessions(session.user.number, only=session.number)

    def sign_out_elsewhere(self, session: SignedIn, *, only: int | None = None) -> None:
        """Sign the user out in every other browser, or `only` in one."""
        self._storage.close_sessions(session.user.number, but=session.number, only=only)

    def new_token(self, user: User, name: str) -> tuple[str, AppToken]:
        """Return a token for a program, which is shown once, and what is kept of it.

        Raises WrongState when the name is empty.
        """
        name = " ".join(name.split())[:80]
        if not name:
            raise WrongState("a token needs a name: what is it for?")
        key = f"agg_{new_key()}"
        return key, self._storage.add_token(
            user.number, name, key=key_digest(key), at=self._clock()
        )

    def tokens(self, user: User) -> list[AppToken]:
        return self._storage.tokens(user.number)

    def revoke(self, user: User, number: int) -> bool:
        """Take a token's power away; return whether it had any."""
        return self._storage.revoke_token(user.number, number)

    def by_token(self, key: str) -> User | None:
        """Return whose token this is."""
        return self._storage.token_user(key_digest(key), self._clock())


def refuse_weak(password: str) -> None:
    """Raise WrongState for a password that will not do."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WrongState(f"a password has {SHORTEST} characters at least, and {LONGEST} at most")
