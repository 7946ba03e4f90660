"""What hubs bring, read as polls are, one delivery after the other."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import SimpleQueue

from aggregator.config.settings import Settings
from aggregator.errors import AggregatorError
from aggregator.model.poll import FailureKind, PollOutcome
from aggregator.model.push import HubSubscription
from aggregator.reading.request import ReadFailure, ReadRequest
from aggregator.services import outcomes
from aggregator.services.asked import asked_of
from aggregator.services.clock import utc_now
from aggregator.services.polling import Reader
from aggregator.services.report import FeedReport, report_of
from aggregator.storage.hubprotocol import HubStorage
from aggregator.storage.protocol import Claim, FeedStorage

# What may wait. Beyond that feeds are polled: that gives the same, and waits in the database.
MOST_WAITING = 64
MOST_OF_FEED = 4
MOST_OCTETS = 64 * 1024 * 1024

LEASE = timedelta(minutes=2)  # of the claim on a feed; reading and saving take seconds

TOLD = "its hub told us of news"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A document that a hub brought, proved to come from it."""

    subscription: HubSubscription
    at: datetime
    content_type: str
    body: bytes


class Deliveries:
    """Reads what is put in, in a thread of its own. What it cannot read or save is polled."""

    def __init__(
        self,
        storage: FeedStorage,
        hubs: HubStorage,
        reader: Reader,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`settings` gives those of the moment."""
        self._storage, self._hubs, self._reader = storage, hubs, reader
        self._settings, self._clock = settings, clock
        self._monotonic, self._jitter = monotonic, jitter
        self.told: Callable[[FeedReport], None] = lambda report: None  # of what was saved
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[Delivery | None] = SimpleQueue()
        self._of_feed: Counter[int] = Counter()
        self._octets = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, delivery: Delivery) -> None:
        """Have a delivery read soon; when too much waits, its feed is made due instead.

        Raises StorageError.
        """
        if not self._has_taken(delivery):
            feed = delivery.subscription.feed
            self._hubs.poll_now(feed, self._clock(), f"{TOLD}, and of too much at once")

    def close(self) -> None:
        """Finish what is being read; the feeds of what still waits are polled soon."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def read(self, delivery: Delivery) -> FeedReport | None:
        """Read and save a delivery; None when its feed was made due instead.

        Raises AggregatorError for what is our own trouble; the feed is polled soon then.
        """
        feed = delivery.subscription.feed
        claim = self._hubs.claim_feed(feed, self._clock(), lease=LEASE)
        if claim is None:
            self._hubs.poll_now(feed, self._clock(), TOLD)
            return None
        try:
            outcome, whole = self._outcome(claim, delivery)
            [saved] = self._storage.save_polls([(claim, outcome)]) if outcome else [None]
        except BaseException:
            self._storage.release([claim])
            raise
        if outcome is None:
            self._storage.release([claim])
        if not whole:
            self._hubs.poll_now(feed, self._clock(), f"{TOLD}, and brought no whole document")
        if outcome is None or saved is None:
            return None
        return report_of(claim, outcome, new=saved[0], changed=saved[1])

    def _outcome(self, claim: Claim, delivery: Delivery) -> tuple[PollOutcome | None, bool]:
        """Return what a delivery comes to, None when it is no feed; and whether it is whole.

        Some hubs bring next to nothing, and mean that there is something to fetch.
        """
        settings, began = self._settings(), self._monotonic()
        asked = asked_of(claim, settings, delivery.at, self._jitter())
        known = tuple(self._storage.known_entries(claim.number))
        result = self._reader.read(
            ReadRequest(
                # As for a poll, or relative links would be others and all entries would change.
                url=claim.state.validators.url or claim.subscription.url,
                body=delivery.body,
                content_type=delivery.content_type,
                now=self._clock(),
                encoding=claim.subscription.encoding,
                forced_identity=claim.subscription.identity,
                identity_policy=claim.state.identity_policy,
                known=known,
                last_success_at=claim.state.last_success_at,
                max_entries=settings.parse.max_entries,
                suspect=claim.state.last_failure is FailureKind.PARSER,
            )
        )
        if isinstance(result, ReadFailure):
            return None, False
        outcome = outcomes.delivered(asked, result, known=known, octets=len(delivery.body))
        whole = result.entries > 0 and not result.partial
        return replace(outcome, seconds=self._monotonic() - began), whole

    def _has_taken(self, delivery: Delivery) -> bool:
        feed = delivery.subscription.feed
        with self._lock:
            if (
                self._closed
                or self._of_feed.total() >= MOST_WAITING
                or self._of_feed[feed] >= MOST_OF_FEED
                or self._octets + len(delivery.body) > MOST_OCTETS
            ):
                return False
            self._of_feed[feed] += 1
            self._octets += len(delivery.body)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="deliveries", daemon=True)
                self._thread.start()
        self._waiting.put(delivery)
        return True

    def _work(self) -> None:
        while (delivery := self._waiting.get()) is not None and not self._closed:
            try:
                report = self.read(delivery)
                if report is not None:
                    self.told(report)
            except AggregatorError as error:
                logging.getLogger(__name__).warning(
                    "%s: what its hub brought could not be saved: %s",
                    delivery.subscription.feed_url,
                    error,
                )
            except Exception:  # a bug is told, and does not end the thread
                logging.getLogger(__name__).exception("reading a delivery")
            finally:
                self._done(delivery)

    def _done(self, delivery: Delivery) -> None:
        with self._lock:
            self._of_feed[delivery.subscription.feed] -= 1
            self._of_feed += Counter()  # those at zero are forgotten
            self._octets -= len(delivery.body)
