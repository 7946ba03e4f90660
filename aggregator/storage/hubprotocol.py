"""What services ask of storage about hubs; see `aggregator.storage.protocol`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from aggregator.model.push import Hub, HubSubscription
from aggregator.storage.protocol import Claim

# What a hub brought is read by then, or else the feed is polled.
READ_WITHIN = timedelta(minutes=2)
# A hub that will not stop telling of news does not have us poll its publisher without pause.
HINTS_APART = timedelta(minutes=2)


class Wanting(NamedTuple):
    """A feed with a hub at which we have not subscribed."""

    feed: int  # its number
    feed_url: str
    hub: Hub


class HubStorage(Protocol):
    """Feeds that lose their hub, or whose hub cannot be relied on, are made due at once."""

    def settle(self, now: datetime, *, callback: str | None) -> int:
        """Mark subscriptions that are to be left, and those whose lease is over; return how many.

        To be left are those of feeds that are no longer followed, paused, gone, private or
        behind a login, whose hub or topic is another one now, or that were made under another
        `callback`; None: all of them. One that no hub was asked for is forgotten.
        """

    def wanting(self, *, limit: int) -> list[Wanting]:
        """Return feeds that may be pushed, have a hub, and no subscription there."""

    def begin(self, subscriptions: Iterable[HubSubscription]) -> None:
        """Store new subscriptions, unless their feeds have one by now."""

    def due(self, now: datetime, *, limit: int) -> list[HubSubscription]:
        """Return subscriptions whose hub is to be asked, the longest due first."""

    def asking(self, token: str, at: datetime, again_at: datetime) -> bool:
        """Note that a hub is being asked; until it answers, it is asked `again_at` next.

        False when somebody else has asked it since it was due, or it is there no more.
        """

    def not_taken(self, token: str, error: str, again_at: datetime) -> None:
        """Note why a hub did not take a request, unless it has asked back meanwhile."""

    def subscription(self, token: str) -> HubSubscription | None:
        """Return the subscription with this token, whatever its state."""

    def verified(self, token: str, at: datetime, lease_until: datetime, renew_at: datetime) -> None:
        """Make a subscription active, until its lease ends."""

    def denied(self, token: str, at: datetime, reason: str, again_at: datetime) -> None:
        """Note that a hub refuses to tell us."""

    def forget(self, token: str) -> None:
        """Remove a subscription that has been left."""

    def delivered(self, subscription: HubSubscription, at: datetime) -> None:
        """Note that a hub brought news; unless they are read within READ_WITHIN, they are polled.

        The hub can be relied on again.
        """

    def refused(self, subscription: HubSubscription, at: datetime, reason: str) -> None:
        """Count a delivery without a good signature; the hub cannot be relied on for now."""

    def claim_feed(self, number: int, now: datetime, *, lease: timedelta) -> Claim | None:
        """Claim a feed to read what a hub brought, whether it is due or not.

        None when somebody else has it, or it is no longer followed, paused or gone. Its site is
        left to whoever has that: no network is needed.
        """

    def poll_now(self, feed: int, at: datetime, reason: str) -> None:
        """Make a feed due: there are news that nobody has read.

        Not earlier than HINTS_APART after it was polled.
        """
