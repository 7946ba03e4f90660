"""Hubs that tell of a feed's news (WebSub), and what we have asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Who tells of a feed's news, and the address by which it knows the feed; both absolute."""

    url: str
    topic: str


class PushState(StrEnum):
    """How far a subscription at a hub has come."""

    ASKED = "asked"  # or about to be: the hub has not said yes
    ACTIVE = "active"  # verified; it delivers until its lease ends
    DENIED = "denied"
    LEAVING = "leaving"  # no longer wanted; the hub is to be told


@dataclass(frozen=True, kw_only=True)
class HubSubscription:
    """One feed's subscription at a hub. A feed has at most one that is not LEAVING.

    Whoever knows `token` may speak to us as the hub, whoever knows `secret` may bring news.
    """

    feed: int  # its number
    feed_url: str
    hub: Hub
    callback: str  # the `websub.callback` under which the hub was asked to reach us
    token: str = field(repr=False)  # comes after it
    secret: str = field(repr=False)
    state: PushState = PushState.ASKED
    due_at: datetime | None = None  # when the hub is to be asked next; None: never
    asked_at: datetime | None = None  # when it was asked last; None: not yet
    verified_at: datetime | None = None  # when it asked back last
    active_since: datetime | None = None  # without a break; None: it is not
    lease_until: datetime | None = None
    delivered_at: datetime | None = None  # when it last brought news that were signed
    broken_since: datetime | None = None  # it has failed to tell, and not delivered since
    broken_reason: str = ""
    refused: int = 0  # deliveries without a good signature, since the last with one
    attempts: int = 0  # at asking, since the last that went well
    error: str | None = None  # of the last attempt, or why it was denied

    @property
    def address(self) -> str:
        """Where the hub reaches us."""
        return self.callback + self.token

    def works(self, now: datetime) -> bool:
        """Whether the hub can be relied on to tell of news."""
        leased = self.lease_until is not None and self.lease_until > now
        return self.state is PushState.ACTIVE and leased and self.broken_since is None
