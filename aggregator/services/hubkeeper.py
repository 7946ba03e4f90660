"""Keeping subscriptions at hubs as they should be: asked for, renewed, ended (WebSub §5.1)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Protocol

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.model.poll import UNREACHED
from aggregator.model.push import HubSubscription, PushState
from aggregator.reading.websub import LEASE, ask_again_at
from aggregator.services.clock import utc_now
from aggregator.storage.hubprotocol import HubStorage, Wanting

MOST_AT_ONCE = 20  # asked in one go
GIVEN_UP_AFTER = 3  # requests to let us go; then the lease runs out by itself

TOKEN_BYTES = 32  # nobody guesses the path of a callback
SECRET_BYTES = 48  # 64 characters; §5.1 allows less than 200 bytes


class Poster(Protocol):
    def post_form(self, url: str, form: Mapping[str, str]) -> int:
        """Raises FetchError."""


@dataclass(frozen=True, kw_only=True)
class HubReport:
    """What a hub was asked, and what it said. `error`: None when it took the request."""

    feed_url: str
    hub: str
    mode: str
    error: str | None


class HubKeeper:
    """Asks hubs for what the feeds' subscriptions need. Never asks twice for the same."""

    def __init__(
        self,
        hubs: HubStorage,
        poster: Poster,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], datetime] = utc_now,
        random_text: Callable[[int], str] = token_urlsafe,
    ) -> None:
        """`settings` gives those of the moment, `random_text` unguessable text of so many bytes."""
        self._hubs, self._poster, self._settings = hubs, poster, settings
        self._clock, self._random_text = clock, random_text

    def tend(self, stop: threading.Event | None = None) -> list[HubReport]:
        """Ask up to MOST_AT_ONCE hubs for what is due; return what came of it.

        Once `stop` is set, nothing more is begun. Raises StorageError.
        """
        now, callback = self._clock(), self._settings().websub.callback
        self._hubs.settle(now, callback=callback)
        if callback is not None:
            wanting = self._hubs.wanting(limit=MOST_AT_ONCE)
            self._hubs.begin([self._new(one, callback, now) for one in wanting])
        reports: list[HubReport] = []
        unreached: dict[str, FetchError] = {}  # by hub
        for subscription in self._hubs.due(now, limit=MOST_AT_ONCE):
            if stop is not None and stop.is_set():
                break
            report = self._ask(subscription, unreached)
            if report is not None:
                reports.append(report)
        return reports

    def _new(self, wanting: Wanting, callback: str, now: datetime) -> HubSubscription:
        return HubSubscription(
            feed=wanting.feed,
            feed_url=wanting.feed_url,
            hub=wanting.hub,
            callback=callback,
            token=self._random_text(TOKEN_BYTES),
            secret=self._random_text(SECRET_BYTES),
            due_at=now,
        )

    def _ask(
        self, subscription: HubSubscription, unreached: dict[str, FetchError]
    ) -> HubReport | None:
        token, hub = subscription.token, subscription.hub.url
        leaving = subscription.state is PushState.LEAVING
        if leaving and subscription.attempts >= GIVEN_UP_AFTER:
            self._hubs.forget(token)
            return None
        now, attempts = self._clock(), subscription.attempts + 1
        again_at = ask_again_at(now, attempts, lease_until=subscription.lease_until)
        # Noted before it is asked: many a hub asks back before it answers.
        if not self._hubs.asking(token, now, again_at):
            return None
        mode = "unsubscribe" if leaving else "subscribe"
        try:
            if hub in unreached:  # its other feeds need not wait for it as well
                raise unreached[hub]
            self._poster.post_form(hub, _form(subscription, mode))
        except FetchError as error:
            if error.kind in UNREACHED:
                unreached[hub] = error
            again_at = ask_again_at(
                now, attempts, lease_until=subscription.lease_until, retry_after=error.retry_after
            )
            self._hubs.not_taken(token, str(error), again_at)
            return HubReport(feed_url=subscription.feed_url, hub=hub, mode=mode, error=str(error))
        return HubReport(feed_url=subscription.feed_url, hub=hub, mode=mode, error=None)


def _form(subscription: HubSubscription, mode: str) -> dict[str, str]:
    form = {
        "hub.mode": mode,
        "hub.topic": subscription.hub.topic,
        "hub.callback": subscription.address,
    }
    if mode == "subscribe":
        form["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
        form["hub.secret"] = subscription.secret
    return form
