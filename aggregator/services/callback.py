"""What hubs may say to us at our callback, and what we answer (WebSub §5.3, §5.2, §7)."""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import unquote, urlsplit

from aggregator.markup.text import scrub
from aggregator.model.push import HubSubscription, PushState
from aggregator.reading.websub import is_signed, lease_of, renew_at
from aggregator.services.clock import utc_now
from aggregator.services.deliveries import TOLD, Deliveries, Delivery
from aggregator.storage.hubprotocol import HubStorage

# A hub that did not hear our answer asks once more.
REPEATED_WITHIN = timedelta(minutes=5)
DENIED_FOR = timedelta(days=7)  # then it is asked again
LONGEST_CHALLENGE = 4096  # characters
LONGEST_REASON = 200
REMEMBERED = 512  # deliveries, so that none is used twice
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Received(Enum):
    """What became of a delivery."""

    TAKEN = "taken"
    REFUSED = "refused"  # not proved to come from the hub
    LEFT = "left"  # nobody wants to hear of it any more


class Callback:
    """Knows which hubs were asked for what. Threads share it. Its methods raise StorageError."""

    def __init__(
        self,
        hubs: HubStorage,
        deliveries: Deliveries,
        *,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._hubs, self._deliveries = hubs, deliveries
        self._clock, self._jitter = clock, jitter
        self._lock = threading.Lock()
        self._used: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def find(self, path: str) -> HubSubscription | None:
        """Return the subscription whose callback has this path, decoded; None: there is none."""
        token = path.rpartition("/")[2]
        if not _TOKEN.fullmatch(token):
            return None
        found = self._hubs.subscription(token)
        if found is None or path != unquote(urlsplit(found.address).path):
            return None
        return found

    def answer(self, subscription: HubSubscription, query: Mapping[str, str]) -> str | None:
        """Return what to answer to a hub that verifies our intent, or denies it; None: 404.

        A subscription is confirmed only when it has been asked for and not confirmed yet, for
        exactly this topic; the end of one only when that has been asked for.
        """
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        if query.get("hub.topic") != subscription.hub.topic:
            return None
        now, leaving = self._clock(), subscription.state is PushState.LEAVING
        if mode == "denied":
            self._denied(subscription, query.get("hub.reason", ""), now)
            return ""
        if not challenge or len(challenge) > LONGEST_CHALLENGE:
            return None
        if mode == "subscribe" and not leaving and _is_awaited(subscription, now):
            lease = lease_of(query.get("hub.lease_seconds"))
            self._hubs.verified(
                subscription.token, now, now + lease, renew_at(now, lease, self._jitter())
            )
            return challenge
        if mode == "unsubscribe" and leaving and subscription.attempts:
            self._hubs.forget(subscription.token)
            return challenge
        return None

    def deliver(
        self, subscription: HubSubscription, *, content_type: str, signature: str, body: bytes
    ) -> Received:
        """Take a document; it is used only when `signature`, of X-Hub-Signature, proves it.

        One that was taken before is not used again: its feed is polled instead.
        """
        if subscription.state is PushState.LEAVING:
            return Received.LEFT
        now = self._clock()
        if not is_signed(body, subscription.secret, signature):
            self._hubs.refused(subscription, now, _objection(signature))
            return Received.REFUSED
        self._hubs.delivered(subscription, now)
        if self._is_new(subscription.token, body):
            self._deliveries.put(
                Delivery(subscription=subscription, at=now, content_type=content_type, body=body)
            )
        else:
            self._hubs.poll_now(subscription.feed, now, f"{TOLD}, and not for the first time")
        return Received.TAKEN

    def _denied(self, subscription: HubSubscription, reason: str, now: datetime) -> None:
        if subscription.state is PushState.LEAVING:
            self._hubs.forget(subscription.token)
            return
        line = " ".join(scrub(reason, bidi=True).split())[:LONGEST_REASON]
        self._hubs.denied(subscription.token, now, line or "it gives no reason", now + DENIED_FOR)

    def _is_new(self, token: str, body: bytes) -> bool:
        key = (token, hashlib.sha256(body).digest())
        with self._lock:
            if key in self._used:
                return False
            self._used[key] = None
            if len(self._used) > REMEMBERED:
                self._used.popitem(last=False)
            return True


def _is_awaited(subscription: HubSubscription, now: datetime) -> bool:
    """Whether a hub that asks back for a subscription was asked for it."""
    asked, verified = subscription.asked_at, subscription.verified_at
    if asked is None or subscription.state is PushState.DENIED:
        return False
    return verified is None or verified <= asked or now - verified <= REPEATED_WITHIN


def _objection(signature: str) -> str:
    method = signature.strip().partition("=")[0].lower()
    if not method:
        return "its hub does not sign what it brings"
    if method == "sha1":
        return "its hub signs with sha1, which proves nothing any more"
    return "its hub brought what is not signed with our secret"
