"""What the desk's pages are given. They translate between it and browsers, and decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.services.accounts import Accounts
from aggregator.services.clock import utc_now
from aggregator.services.feedroom import FeedRoom
from aggregator.services.filtering import Filtering
from aggregator.services.inbox import Inbox
from aggregator.services.newfeeds import NewFeeds
from aggregator.services.reader import Reader


@dataclass(frozen=True, kw_only=True)
class About:
    """What every page may say of the site."""

    title: str
    base_url: str
    authors: tuple[str, ...]  # names, as feeds.yaml has them
    hosts: frozenset[str] = frozenset()  # by which the desk is reached, besides that of base_url


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Services, and the settings of the moment."""

    about: Callable[[], About]
    accounts: Accounts
    inbox: Inbox
    reader: Reader
    filtering: Filtering
    feeds: FeedRoom
    new_feeds: NewFeeds
    clock: Callable[[], datetime] = field(default=utc_now)
