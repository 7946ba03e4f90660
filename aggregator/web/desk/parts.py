"""What the desk's pages are given. They translate between it and browsers, and decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aggregator.model.post import StoredPost
from aggregator.services.accounts import Accounts
from aggregator.services.citing import Citing
from aggregator.services.clock import utc_now
from aggregator.services.desk import Desk
from aggregator.services.feedroom import FeedRoom
from aggregator.services.filtering import Filtering
from aggregator.services.inbox import Inbox
from aggregator.services.newfeeds import NewFeeds
from aggregator.services.previewing import Previewing
from aggregator.services.reader import Reader
from aggregator.services.sitewriter import SiteWriter
from aggregator.services.writing import Writing


@dataclass(frozen=True, kw_only=True)
class About:
    """What every page may say of the site."""

    title: str
    base_url: str
    authors: tuple[str, ...]  # names, as feeds.yaml has them
    hosts: frozenset[str] = frozenset()  # by which the desk is reached, besides that of base_url


class Posts(Protocol):
    def posts(self) -> list[StoredPost]: ...


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
    writing: Writing
    citing: Citing
    desk: Callable[[], Desk]
    previewing: Callable[[], Previewing]
    posts: Posts
    site_writer: SiteWriter
    clock: Callable[[], datetime] = field(default=utc_now)
