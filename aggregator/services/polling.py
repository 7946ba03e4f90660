"""Polling: claim what is due, ask side by side, save each feed by itself."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.poll import PollOutcome, Validators
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.services import outcomes
from aggregator.services.outcomes import Asked
from aggregator.services.pollrun import PollRun, Progress
from aggregator.services.report import PollReport, unpolled
from aggregator.storage.protocol import FeedStorage


class Fetcher(Protocol):
    def fetch(self, url: str, validators: Validators = ...) -> Fetched | NotModified:
        """Raises FetchError."""


class Reader(Protocol):
    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Never raises for a document's sake."""


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)


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
        run = PollRun(
            self._storage,
            self._settings,
            self.answer,
            clock=self._clock,
            jitter=self._jitter,
            urls=urls,
            force=force,
            stop=stop or threading.Event(),
            progress=progress,
        )
        reports = run.finish()
        followed = self._storage.feed_urls()
        named = set(followed if urls is None else urls)
        wanted = [url for url in followed if url in named]
        others = [url for url in wanted if url not in reports]
        for feed in self._storage.feeds(urls=others) if others else ():
            reports[feed.subscription.url] = unpolled(feed, run.begun)
        return PollReport(
            feeds=tuple(reports[url] for url in wanted if url in reports),
            stopped=run.stopped,
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
        digest = outcomes.body_hash(answer.body, asked)
        if digest == claim.state.body_hash:
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
        return outcomes.read(asked, answer, result, digest)
