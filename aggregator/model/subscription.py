"""Subscription: what the author decided about a feed. Its home is feeds.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A feed the author follows."""

    url: str
    title: str | None = None  # the author's name for it; None: the feed's own
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None  # None: the default of `poll.interval`
    identity: str | None = None  # "id", "link" or "text" forces the identity policy
    encoding: str | None = None  # overrides what the document says of itself
    private: bool = False  # never named in anything published
    paused: bool = False
    login: str | None = field(default=None, repr=False)  # "name:password", for its own host alone
