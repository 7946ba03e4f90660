"""Who may sit at the desk: users, where they are signed in, and what they let programs do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class User:
    """An author who may sign in. `name` is what they type for it, in lower case."""

    number: int
    name: str
    author: str | None  # the author's name in feeds.yaml; None: the site's first
    has_password: bool  # else only a link of one use lets them in
    created: datetime


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A browser that is signed in. `csrf` proves that a form came from a page of ours."""

    number: int
    user: User
    csrf: str
    browser: str  # as it names itself, cut short
    created: datetime
    changed_at: datetime  # when it was given its present key
    seen: datetime  # to the hour


@dataclass(frozen=True, kw_only=True)
class AppToken:
    """What lets a program do all that its user may at the API. Only its digest is kept."""

    number: int
    name: str
    created: datetime
    used: datetime | None  # to the hour; None: never
