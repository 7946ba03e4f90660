"""Polling: claim what is due, ask side by side, save each feed by itself."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.config.settings import Settings
from aggregator.errors import FetchError, StorageError, Unstorable
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.poll import PollOutcome, Validators
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.services import outcomes
from aggregator.services.outcomes import Asked
from aggregator.services.report import FeedReport, PollReport, report_of, unpolled
from aggregator.storage.protocol import Claim, FeedStorage

# How long a claim holds. A claim that waited too long for its site is given back unused.
LEASE = timedelta(minutes=10)

# A commit waits for the disk; so many polls at most share one.
SAVED_TOGETHER = 32


class Fetcher(Protocol):
    def fetch(self, url: str, validators: Validators = ...) -> Fetched | NotModified:
        """Raises FetchError."""


class Reader(Protocol):
    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Never raises for a document's sake."""


Progress = Callable[[FeedReport], None]


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    asked: Asked
    outcome: PollOutcome | None  # None: it was cut short by our stopping
    bug: Exception | None = None


class Poller:
    """One poll, one way: due → fetch → parse → compare → clean → save → outcome."""

    def __init__(
        self,
        storage: FeedStorage,
        fetcher: Fetcher,
        reader: Reader,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._storage, self._fetcher, self._reader = storage, fetcher, reader
        self._settings, self._clock, self._jitter = settings, clock, jitter

    def poll(
        self,
        *,
        urls: Sequence[str] | None = None,
        force: bool = False,
        stop: threading.Event | None = None,
        progress: Progress = lambda report: None,
    ) -> PollReport:
        """Poll every due feed once, and report on every followed one.

        `urls` narrows it to those, `force` takes feeds that are not due as well. Once `stop`
        is set, what is in flight is finished and saved and nothing more is begun. `progress`
        is told of each feed as it is saved. Raises StorageError.
        """
        run = _Run(self, urls, force, stop or threading.Event(), progress)
        reports = run.finish()
        return PollReport(
            feeds=tuple(
                reports.get(feed.subscription.url) or unpolled(feed, run.begun)
                for feed in self._storage.feeds()
                if urls is None or feed.subscription.url in urls
            ),
            stopped=run.stop.is_set(),
        )

    def answer(self, asked: Asked) -> PollOutcome:
        """Fetch one feed and read it. Every failure expected of a feed is an outcome."""
        claim = asked.claim
        url = claim.subscription.url
        try:
            answer = self._fetcher.fetch(url, claim.state.validators)
        except FetchError as error:
            return outcomes.not_fetched(asked, error)
        if isinstance(answer, NotModified):
            return outcomes.not_modified(asked, answer)
        if outcomes.body_hash(answer.body, asked) == claim.state.body_hash:
            return outcomes.same_body(asked, answer)
        result = self._reader.read(
            ReadRequest(
                url=answer.url,
                body=answer.body,
                content_type=answer.content_type,
                now=asked.at,
                encoding=claim.subscription.encoding,
                forced_identity=claim.subscription.identity,
                identity_policy=claim.state.identity_policy,
                known=tuple(self._storage.known_entries(claim.number)),
                last_success_at=claim.state.last_success_at,
                max_entries=self._settings.parse.max_entries,
            )
        )
        if isinstance(result, ReadFailure):
            return outcomes.not_read(asked, answer, result)
        return outcomes.read(asked, answer, result)


class _Run:
    """The state of one call of `Poller.poll`: what waits, what is under way, what is done."""

    def __init__(
        self,
        poller: Poller,
        urls: Sequence[str] | None,
        force: bool,
        stop: threading.Event,
        progress: Progress,
    ) -> None:
        self._poller, self._urls, self._force = poller, urls, force
        self.stop, self._progress = stop, progress
        self._storage, self._clock = poller._storage, poller._clock
        self._connections = poller._settings.fetch.connections
        self.begun = self._clock()
        self._waiting: deque[Claim] = deque()
        self._busy: dict[str, Claim] = {}  # by site: one connection each
        self._answers: SimpleQueue[_Answer] = SimpleQueue()
        self._exhausted = False
        self._reports: dict[str, FeedReport] = {}

    def finish(self) -> dict[str, FeedReport]:
        try:
            with ThreadPoolExecutor(self._connections, thread_name_prefix="fetch") as threads:
                self._claim()
                while True:
                    self._begin(threads)
                    if not self._busy:
                        break
                    self._take(self._arrived())
        finally:
            # Nobody asks for these any more. If even this cannot be saved, claims run out.
            with suppress(StorageError):
                self._storage.release([*self._waiting, *self._busy.values()])
        return self._reports

    def _claim(self) -> None:
        """Claim more, so that every connection has a choice of sites."""
        room = 2 * self._connections - len(self._waiting)
        if self._exhausted or self.stop.is_set() or room <= self._connections // 2:
            return
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
        if self.stop.is_set():
            return
        for _ in range(len(self._waiting)):
            if len(self._busy) >= self._connections:
                return
            claim = self._waiting.popleft()
            site = urlsplit(claim.subscription.url).netloc
            if site in self._busy:
                self._waiting.append(claim)
            elif self._clock() + self._poller._settings.fetch.timeout * 2 > claim.until:
                self._storage.release([claim])
                self._exhausted = False
            else:
                self._busy[site] = claim
                threads.submit(self._ask, claim)

    def _ask(self, claim: Claim) -> None:
        """Runs in a thread; whatever happens, an answer arrives."""
        every = claim.subscription.interval or self._poller._settings.poll.interval
        asked = Asked(claim=claim, at=self._clock(), every=every, jitter=self._poller._jitter())
        try:
            self._answers.put(_Answer(asked=asked, outcome=self._poller.answer(asked)))
        except Exception as bug:  # noqa: BLE001 - raised again by the thread that saves
            self._answers.put(_Answer(asked=asked, outcome=None, bug=bug))

    def _arrived(self) -> list[_Answer]:
        """Wait for an answer; return it with those that have come meanwhile."""
        answers = [self._answers.get()]
        while len(answers) < SAVED_TOGETHER and not self._answers.empty():
            answers.append(self._answers.get())
        return answers

    def _take(self, answers: list[_Answer]) -> None:
        finished = [
            (answer.asked, answer.outcome) for answer in answers if answer.outcome is not None
        ]
        if finished:
            self._save(finished)
        cut_short = [answer for answer in answers if answer.outcome is None]
        if cut_short:
            self._storage.release([answer.asked.claim for answer in cut_short])
        for answer in answers:
            del self._busy[urlsplit(answer.asked.claim.subscription.url).netloc]
        for answer in cut_short:
            if answer.bug is not None:
                raise answer.bug

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
