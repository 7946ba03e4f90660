"""What storage hands out and takes in, besides the nouns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from aggregator.model.feed import Feed
from aggregator.model.poll import FailureKind, PollState, PollStatus
from aggregator.model.post import PostStatus, StoredPost
from aggregator.model.push import HubSubscription
from aggregator.model.subscription import Subscription

LOGGED = 20  # polls of each feed that are remembered one by one


@dataclass(frozen=True, kw_only=True)
class Site:
    """What all feeds of one publisher share. `name`: a registrable domain or an address."""

    name: str
    asked_at: datetime | None = None  # when the last request to it ended
    not_before: datetime | None = None  # it asked us to wait until then
    reason: str = ""  # of not_before, in words


@dataclass(frozen=True, slots=True)
class PostDates:
    """What a StoredPost says of when it was what."""

    slug: str
    status: PostStatus
    published: datetime | None
    updated: datetime | None
    edited: datetime


class PostRow(NamedTuple):
    """A post that was not read yet. `digest` differs when anything of it does."""

    digest: bytes
    dates: Callable[[], PostDates]
    stored: Callable[[], StoredPost]  # reads its document


@dataclass(frozen=True, kw_only=True)
class StoredFeed:
    """A feed with all that is known of it."""

    number: int
    subscription: Subscription
    feed: Feed
    state: PollState
    site: Site | None = None  # None: it needs no network
    active: bool  # False: no longer in feeds.yaml; its entries stay
    claimed_until: datetime | None = None  # the later of the claims on it and on its site
    entries: int | None  # how many are stored; None when nobody asked to count them
    push: HubSubscription | None = None  # None: no hub was asked to tell of its news


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to poll one feed until `until`. `fence` tells a late holder from the present.

    With it goes the right to be the only one that asks its site.
    """

    number: int  # of the feed
    fence: int
    until: datetime
    subscription: Subscription
    feed: Feed
    state: PollState
    site: Site | None  # None: it needs no network
    push: HubSubscription | None = None
    told_at: datetime | None = None  # a hub told of news then that are not read yet


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One poll of the log, or one delivery by a hub."""

    at: datetime
    status: PollStatus
    http_status: int | None  # None: nobody answered
    octets: int  # of the body as it came, before it was decoded
    seconds: float  # until it was read
    new: int
    changed: int
    error: str | None
    reason: str  # of the poll after it
    hops: tuple[tuple[int, str], ...] = ()  # redirects on the way: status, and where it led
    pushed: bool = False  # nobody was asked: a hub brought it


@dataclass(frozen=True, kw_only=True)
class PollSum:
    """All polls of one day (UTC) that ended in one way."""

    day: date
    status: PollStatus
    failure: FailureKind | None
    polls: int
    octets: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Queue:
    """How far polling is behind."""

    due: int  # feeds
    oldest: datetime | None  # when the longest waiting one fell due; None: never polled, or none
    next: datetime | None  # when the next falls due of those that are not
    last_polled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OldEntry:
    """An entry whose text may be let go of."""

    number: int
    link: str | None
