"""Polling: one feed is asked and read; what comes of it is a value."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import partial
from typing import Protocol

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, NotModified
from aggregator.fetch.room import Room
from aggregator.model.poll import FailureKind, FoundFeed, PollOutcome, Validators
from aggregator.model.replacing import replace
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.services import outcomes, search
from aggregator.services.aside import Body, Spool
from aggregator.services.asked import Asked, asked_of
from aggregator.services.clock import utc_now
from aggregator.services.connections import most_at_once
from aggregator.services.crew import Crew, Threads
from aggregator.services.heldup import held_up
from aggregator.services.pollrun import Answer, PollRun
from aggregator.services.report import PollReport, unpolled
from aggregator.services.saver import Progress
from aggregator.storage.protocol import Claim, FeedStorage


class Fetcher(Protocol):
    def fetch(
        self, url: str, validators: Validators = ..., *, login: str | None = None
    ) -> Fetched | NotModified:
        """Raises FetchError."""


class Reader(Protocol):
    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Never raises for a document's sake."""


class Turn(Protocol):
    def __call__(
        self, *, waits: Callable[[], None], gives_up: Callable[[], bool]
    ) -> AbstractContextManager[bool]:
        """Hold a doubtful document's turn; gives False where the waiting was given up.

        `waits` is called when there is none at once.
        """


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
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        crew: Callable[[], Crew[Answer]] | None = None,
        room: Room | None = None,
        turn: Turn | None = None,
    ) -> None:
        """`crew` makes who does the asking; None: as many threads as the settings allow.

        `room` is the fetcher's, for bodies. `turn` is the reader's, for doubtful documents; None:
        the reader lets them wait as it will.
        """
        self._storage, self._fetcher, self._reader = storage, fetcher, reader
        self._settings, self._clock, self._jitter = settings, clock, jitter
        self._monotonic, self._room = monotonic, room or Room()
        self._turn, self._spool = turn, Spool(settings.data)
        # Before the end of a claim: enough to finish, and to save what comes of it.
        self._margin = settings.fetch.timeout + settings.parse.timeout
        self._crew = crew or (lambda: Threads[Answer](most_at_once(settings.fetch.connections)))

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
        is set, what is in flight is finished and saved and nothing more is begun; documents that
        wait, for room or for a doubtful one's turn, are put off. `progress` is told of each feed
        as it is saved. Raises StorageError.
        """
        stop = stop or threading.Event()
        run = PollRun(
            self._storage,
            self._settings,
            partial(self.answer, stop=stop),
            self._crew(),
            clock=self._clock,
            monotonic=self._monotonic,
            urls=urls,
            force=force,
            stop=stop,
            progress=progress,
        )
        reports = run.finish()
        followed = self._storage.feed_urls()
        named = set(followed if urls is None else urls)
        wanted = [url for url in followed if url in named]
        others = [url for url in wanted if url not in reports]
        for feed in self._storage.feeds(urls=others) if others else ():
            report = unpolled(feed, self._clock(), asked_for=force, spared=run.spared)
            reports[feed.subscription.url] = report
        return PollReport(
            feeds=tuple(reports[url] for url in wanted if url in reports),
            stopped=run.stopped,
            outage=run.spared.outage,
        )

    def answer(self, claim: Claim, *, stop: threading.Event) -> Answer:
        """Ask one feed. Whatever happens, an answer comes; a bug of ours is in it, not raised."""

        def gives_up() -> bool:
            return stop.is_set() or self._clock() > claim.until - self._margin

        asked = asked_of(claim, self._settings, self._clock(), self._jitter())
        began = self._monotonic()
        try:
            with self._room.entered(gives_up):
                outcome = self._outcome(asked, gives_up)
        except Exception as bug:  # noqa: BLE001 - raised again by the thread that saves
            return Answer(asked=asked, outcome=None, bug=bug)
        seconds = self._monotonic() - began
        return Answer(asked=asked, outcome=replace(outcome, seconds=seconds, asked_at=asked.at))

    def _outcome(self, asked: Asked, gives_up: Callable[[], bool]) -> PollOutcome:
        """Fetch a feed and read it. Every failure expected of a feed is an outcome."""
        claim = asked.claim
        try:
            answer = self._fetcher.fetch(
                claim.subscription.url,
                claim.state.validators,
                login=claim.subscription.login,
            )
        except FetchError as error:
            asked = replace(asked, at=self._clock())
            return self._searched(asked, outcomes.not_fetched(asked, error))
        # What an answer says of time it says of the moment at which it came.
        asked = replace(asked, at=self._clock())
        if isinstance(answer, NotModified):
            return outcomes.not_modified(asked, answer)
        digest = outcomes.body_hash(answer.body, asked)
        if digest == claim.state.body_hash and not answer.delta:
            return outcomes.same_body(asked, answer)
        known = tuple(self._storage.known_entries(claim.number))
        request = ReadRequest(
            url=answer.url,
            body=answer.body,
            content_type=answer.content_type,
            now=asked.at,
            encoding=claim.subscription.encoding,
            forced_identity=claim.subscription.identity,
            identity_policy=claim.state.identity_policy,
            known=known,
            last_success_at=claim.state.last_success_at,
            max_entries=self._settings.parse.max_entries,
            suspect=claim.state.last_failure is FailureKind.PARSER,
        )
        if request.is_doubtful and self._turn:
            # From here on the body alone holds the bytes, so that it can lay them aside.
            body, answer = Body(answer.body, self._spool), replace(answer, body=b"")
            request = replace(request, body=b"")
            try:
                result = self._read_in_turn(self._turn, request, body, gives_up)
            finally:
                body.close()
        else:
            result = self._reader.read(request)
        if result is None:
            return held_up(asked, "the poll ended before its document's turn came")
        if isinstance(result, ReadFailure):
            return outcomes.not_read(asked, answer, result)
        return outcomes.read(asked, answer, result, digest=digest, known=known)

    def _read_in_turn(
        self, turn: Turn, request: ReadRequest, body: Body, gives_up: Callable[[], bool]
    ) -> ReadResult | ReadFailure | None:
        """Read a doubtful document; None when its turn did not come in time.

        While it waits it has no room in memory, or the good ones would wait with it.
        """

        def waits() -> None:
            if body.lay_aside():
                self._room.leave()

        with turn(waits=waits, gives_up=gives_up) as is_mine:
            if not is_mine:
                return None
            self._room.settle(body.size)
            return self._reader.read(replace(request, body=body.content()))

    def _searched(self, asked: Asked, outcome: PollOutcome) -> PollOutcome:
        """Look for a lost feed at its site now and then; what is found is offered, no more.

        Of many feeds that are lost together, one look at their page is enough.
        """
        home = search.home_to_search(asked.claim, outcome, asked.at)
        if home is None:
            return outcome
        last = self._storage.last_search(home)
        if last is not None and last.searched_at and search.is_recent(last, asked.at):
            found, at = last.offers, last.searched_at
        else:
            found, at = self._found(home, asked.at), asked.at
        lost = asked.claim.subscription.url
        offers = tuple(feed for feed in found if feed.url != lost)
        state = replace(outcome.state, offers=offers, searched=home, searched_at=at)
        return replace(outcome, state=state)

    def _found(self, home: str, at: datetime) -> tuple[FoundFeed, ...]:
        """Return the feeds that a page points at; none when it cannot be had."""
        with suppress(FetchError):
            page = self._fetcher.fetch(home)
            if isinstance(page, Fetched):
                return search.feeds_at(page, self._reader, at)
        return ()
