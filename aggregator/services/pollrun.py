"""One run over what is due: claim ahead, ask side by side, save together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from aggregator.config.settings import Settings
from aggregator.errors import StorageError, Unstorable
from aggregator.model.poll import PollOutcome
from aggregator.services import outcomes
from aggregator.services.outcomes import Asked
from aggregator.services.report import FeedReport, report_of
from aggregator.storage.protocol import Claim, FeedStorage

# How long a claim holds. A claim that waited too long for its site is given back unused.
LEASE = timedelta(minutes=10)

# Claimed at once: looking for what is due costs a look at every feed.
CLAIMED_AHEAD = 256

# Connections to begin with. Threads get into each other's way, so there are more of them, up to
# the setting, only as soon as no answer has come for a moment: with servers that are not next door.
FIRST_CONNECTIONS = 2
MOMENT = 0.005

# A commit waits for the disk, so polls share one: so many at most, and none waits longer.
SAVED_TOGETHER = 64
SAVED_WITHIN = 0.1  # seconds

Progress = Callable[[FeedReport], None]


@dataclass(frozen=True, kw_only=True)
class _Answer:
    asked: Asked
    outcome: PollOutcome | None  # None: a bug of ours
    bug: Exception | None = None


class PollRun:
    """What waits, what is under way, what is done. Used once."""

    def __init__(
        self,
        storage: FeedStorage,
        settings: Settings,
        answer: Callable[[Asked], PollOutcome],
        *,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        urls: Sequence[str] | None,
        force: bool,
        stop: threading.Event,
        progress: Progress,
    ) -> None:
        """`answer` asks one feed, in a thread; the other arguments are those of `Poller.poll`."""
        self._storage, self._settings, self._answer = storage, settings, answer
        self._clock, self._jitter = clock, jitter
        self._urls, self._force = urls, force
        self._stop, self._progress = stop, progress
        self._most_connections = settings.fetch.connections
        self._connections = min(FIRST_CONNECTIONS, self._most_connections)
        self.begun = clock()
        self._waiting: deque[Claim] = deque()
        self._busy: dict[str, Claim] = {}  # by site: one connection each
        self._answers: SimpleQueue[_Answer] = SimpleQueue()
        self._unsaved: list[tuple[Asked, PollOutcome]] = []
        self._save_by = 0.0  # on the monotonic clock, when anything is unsaved
        self._exhausted = False
        self._reports: dict[str, FeedReport] = {}

    @property
    def stopped(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    def finish(self) -> dict[str, FeedReport]:
        """Poll until nothing is due or `stop` is set; return reports by address.

        Raises StorageError, and any bug that showed in a thread.
        """
        try:
            with ThreadPoolExecutor(self._most_connections, "fetch") as threads:
                while True:
                    self._begin(threads)
                    if not self._busy:
                        break
                    self._take()
                    if self._must_save():
                        self._save_all()
                self._save_all()
        finally:
            # Nobody asks for these any more. If even this cannot be saved, claims run out.
            unsaved = [asked.claim for asked, _ in self._unsaved]
            with suppress(StorageError):
                self._storage.release([*self._waiting, *self._busy.values(), *unsaved])
        return self._reports

    def _claim(self) -> None:
        """Claim more, so that every connection has a choice of sites."""
        if self._exhausted or self.stopped or len(self._waiting) > self._most_connections:
            return
        room = CLAIMED_AHEAD + self._most_connections - len(self._waiting)
        claims = self._storage.claim_due(
            self._clock(),
            limit=room,
            lease=LEASE,
            urls=self._urls,
            force=self._force,
            polled_before=self.begun,
        )
        self._exhausted = len(claims) < room
        self._waiting.extend(claims)

    def _begin(self, threads: ThreadPoolExecutor) -> None:
        """Start what may be started: a free connection, and a site that is not being asked."""
        self._claim()
        if self.stopped:
            return
        for _ in range(len(self._waiting)):
            if len(self._busy) >= self._connections:
                return
            claim = self._waiting.popleft()
            site = urlsplit(claim.subscription.url).netloc
            if site in self._busy:
                self._waiting.append(claim)
            elif self._clock() + self._settings.fetch.timeout * 2 > claim.until:
                self._storage.release([claim])
                self._exhausted = False
            else:
                self._busy[site] = claim
                threads.submit(self._ask, claim)

    def _ask(self, claim: Claim) -> None:
        """Runs in a thread; whatever happens, an answer arrives."""
        every = claim.subscription.interval or self._settings.poll.interval
        asked = Asked(claim=claim, at=self._clock(), every=every, jitter=self._jitter())
        try:
            self._answers.put(_Answer(asked=asked, outcome=self._answer(asked)))
        except Exception as bug:  # noqa: BLE001 - raised again by the thread that saves
            self._answers.put(_Answer(asked=asked, outcome=None, bug=bug))

    def _take(self) -> None:
        """Wait for an answer, or until there is something else to do. Raises a thread's bug."""
        wait = max(self._save_by - time.monotonic(), 0.0) if self._unsaved else None
        more = self._waiting and len(self._busy) == self._connections < self._most_connections
        if more:
            wait = MOMENT
        try:
            answer = self._answers.get(timeout=wait)
        except Empty:
            if more:
                self._connections = min(2 * self._connections, self._most_connections)
            return
        claim = self._busy.pop(urlsplit(answer.asked.claim.subscription.url).netloc)
        if answer.outcome is None:
            self._waiting.append(claim)  # to be given back
            self._save_all()  # what the others brought
            assert answer.bug  # noqa: S101 - for the type checker
            raise answer.bug
        if not self._unsaved:
            self._save_by = time.monotonic() + SAVED_WITHIN
        self._unsaved.append((answer.asked, answer.outcome))

    def _must_save(self) -> bool:
        if not self._unsaved:
            return False
        return len(self._unsaved) >= SAVED_TOGETHER or time.monotonic() >= self._save_by

    def _save_all(self) -> None:
        if self._unsaved:
            self._save(self._unsaved)
            self._unsaved = []

    def _save(self, finished: list[tuple[Asked, PollOutcome]]) -> None:
        try:
            saved = self._storage.save_polls([(asked.claim, out) for asked, out in finished])
        except Unstorable as error:
            if len(finished) > 1:
                for one in finished:
                    self._save([one])
                return
            [(asked, outcome)] = finished
            if not outcome.changes:
                raise
            # One feed's entries that cannot be stored must not stop the others.
            failed = outcomes.not_stored(asked, error)
            saved, finished = self._storage.save_polls([(asked.claim, failed)]), [(asked, failed)]
        for (asked, outcome), counts in zip(finished, saved, strict=True):
            if counts is None:
                continue  # our claim ran out; whoever has it now reports on the feed
            report = report_of(asked.claim, outcome, new=counts[0], changed=counts[1])
            self._reports[report.url] = report
            self._progress(report)
