"""One run over what is due: claim ahead, ask side by side, save together."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from aggregator.config.settings import Settings
from aggregator.errors import StorageError
from aggregator.model.poll import PollOutcome
from aggregator.model.replacing import replace
from aggregator.services import heldup, outcomes
from aggregator.services.asked import Asked
from aggregator.services.connections import Connections
from aggregator.services.crew import Crew
from aggregator.services.line import Line
from aggregator.services.outage import Outage
from aggregator.services.report import FeedReport, Spared
from aggregator.services.saver import Progress, Saver
from aggregator.storage.protocol import Claim, FeedStorage, Site

# How long a claim holds, at least; and as many time-outs. A claim that waited too long for its
# site is given back unused.
LEASE = timedelta(minutes=10)
LEASE_TIMEOUTS = 20

# Claimed at once: looking for what is due costs a look at every feed.
CLAIMED_AHEAD = 512
# In the line, at most: many may wait for a gap at their sites while connections have nothing to do.
MOST_WAITING = 2048
# Of one site, so that one with a thousand feeds leaves room for the others.
CLAIMED_OF_SITE = 20
# One run asks no more of a site; the rest is left to the next one, so that a run ends.
MOST_OF_SITE = 300
# A run that waits for a site looks again, for what has fallen due meanwhile.
LOOK_AGAIN = timedelta(seconds=15)

MOMENT = 0.005  # seconds without an answer, after which more connections are worth it

# Nobody is kept waiting longer for a sign that the run was stopped.
GLANCE = 0.5  # seconds


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a job of the crew comes to: an outcome, or a bug of ours."""

    asked: Asked
    outcome: PollOutcome | None
    bug: Exception | None = None


class PollRun:
    """What waits, what is under way, what is done. Used once."""

    def __init__(
        self,
        storage: FeedStorage,
        settings: Settings,
        answer: Callable[[Claim], Answer],
        crew: Crew[Answer],
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        urls: Sequence[str] | None,
        force: bool,
        stop: threading.Event,
        progress: Progress,
    ) -> None:
        """`answer` asks one feed, as a job of `crew`; the rest is as for `Poller.poll`."""
        self._storage, self._settings = storage, settings
        self._answer, self._crew = answer, crew
        self._clock = clock
        self._urls, self._force = urls, force
        self._stop = stop
        self._connections = Connections(settings.fetch.connections, monotonic)
        self.begun = clock()
        self._holder = token_hex(8)
        self._lease = max(LEASE, LEASE_TIMEOUTS * settings.fetch.timeout)
        self._margin = 2 * settings.fetch.timeout  # within which nothing is decided by the clock
        spacing = settings.poll.spacing if force else timedelta()
        self._line = Line(settings.poll.gap_of, spacing=spacing)
        self._busy: dict[int, Claim] = {}  # by feed
        self._asked_of: Counter[str] = Counter()  # by site, in this run
        self._outage = Outage()
        self._sites: dict[str, Site] = {}  # as we have seen them last
        self._cut: set[str] = set()  # sites of which more may be due than was claimed
        self._next_look: datetime | None = None  # None: at once
        self._saver = Saver(
            storage, self._holder, progress, clock=clock, monotonic=monotonic, lease=self._lease
        )

    @property
    def stopped(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    @property
    def spared(self) -> Spared:
        """Return why some feeds may not have been asked."""
        full = (site for site, count in self._asked_of.items() if count >= MOST_OF_SITE)
        outage = self._outage.told() if self._outage.is_ours else ""
        return Spared(frozenset(full), outage, self.stopped)

    def finish(self) -> dict[str, FeedReport]:
        """Poll until nothing is due or `stop` is set; return reports by address.

        Raises StorageError, and any bug that showed in a job.
        """
        try:
            with self._crew:
                while True:
                    self._begin()
                    if not self._busy and (self._is_over or not self._line):
                        break
                    self._take()
                    if self._saver.is_time:
                        self._save()
            self._settle_doubts()
            self._save()
            if self._outage.is_ours:
                self._pardon()
        finally:
            # Nobody asks for these any more. If even this cannot be saved, claims run out.
            doubtful = [asked.claim for asked, _ in self._outage.kept()]
            given = [*self._line, *self._busy.values(), *self._saver.claims, *doubtful]
            with suppress(StorageError):
                self._storage.release(given, holder=self._holder)
        return self._saver.reports

    def _save(self) -> None:
        self._saver.save(still_wanted=self._line.has)

    @property
    def _is_over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.stopped or (self._outage.is_ours and self._outage.is_clear)

    def _claim(self, now: datetime) -> None:
        """Claim more, so that every connection has a choice of sites."""
        waiting = len(self._line)
        if self._next_look and now < self._next_look:
            return
        connections = self._settings.fetch.connections
        room = CLAIMED_AHEAD + connections - waiting
        if waiting > connections:
            idle = self._connections.are_free and self._line.wait(now) != timedelta()
            if not idle or waiting > MOST_WAITING - CLAIMED_AHEAD:
                return
            room = CLAIMED_AHEAD
        many = {site for site in self._sites if self._has_enough(site, now)}
        claims = self._storage.claim_due(
            now,
            limit=room,
            of_site=CLAIMED_OF_SITE,
            lease=self._lease,
            holder=self._holder,
            urls=self._urls,
            force=self._force,
            polled_before=self.begun,
            passing_by=many,
        )
        self._next_look = now + LOOK_AGAIN if len(claims) < room else None
        # Of a feed that is being asked all the while, the claim was about to end: it goes on.
        renewed = [claim for claim in claims if claim.number in self._busy]
        self._busy |= {claim.number: claim for claim in renewed}
        claims = [claim for claim in claims if claim not in renewed]
        self._line.add([claim for claim in claims if not self._puts_off(claim, now)], now)
        of_site = Counter(claim.site.name for claim in claims if claim.site)
        self._cut |= {site for site, count in of_site.items() if count >= CLAIMED_OF_SITE}
        for claim in claims:
            if claim.site:
                self._sites.setdefault(claim.site.name, claim.site)

    def _puts_off(self, claim: Claim, now: datetime) -> bool:
        """Whether a feed must not be asked at this hour; then it is saved so."""
        asked = Asked(claim=claim, at=now, every=None, jitter=0.0)
        outcome = None if self._force else outcomes.put_off(asked)
        if outcome is not None:
            self._saver.add(asked, outcome)
        return outcome is not None

    def _has_enough(self, name: str, now: datetime) -> bool:
        """Whether no more feeds of a site should be claimed for now."""
        until = self._sites[name].not_before
        return (
            self._asked_of[name] >= MOST_OF_SITE
            or self._line.waiting_at(name) >= CLAIMED_OF_SITE
            or (until is not None and until > now)
        )

    def _begin(self) -> None:
        """Start what may be started: a free connection, and a site that is not being asked."""
        if self._is_over:
            return
        now = self._clock()
        soon = now + self._margin
        if self._outage.cannot_wait(soon):
            self._settle_doubts()
            self._save()
        if stale := self._line.stale(soon):
            self._storage.release(stale)
            self._next_look = None
        self._claim(now)
        while self._connections.are_free:
            claim = self._line.take(now)
            if claim is None:
                return
            self._busy[claim.number] = claim
            self._connections.take(claim.number)
            self._crew.start(lambda claim=claim: self._answer(claim))  # type: ignore[misc]

    def _take(self) -> None:
        """Wait for an answer, or until there is something else to do. Raises a job's bug."""
        wait, more = self._patience()
        answer = self._crew.wait(wait)
        if answer is None:
            if more:
                self._connections.open_more()
            return
        asked, outcome = answer.asked, answer.outcome
        if outcome is None:
            self._save()  # what the others brought
            assert answer.bug  # noqa: S101 - for the type checker
            raise answer.bug
        self._connections.give_back(asked.claim.number)
        asked = replace(asked, claim=self._busy.pop(asked.claim.number))
        now = self._clock()
        self._line.done(asked.claim, now)
        self._note_site(asked.claim, outcome, now)
        if not self._outage.keeps(asked, outcome):
            self._saver.add(asked, outcome)
            if asked.claim.until < now + self._margin:
                self._save()
        elif self._outage.is_clear and not self._outage.is_ours:
            self._settle_doubts()

    def _patience(self) -> tuple[float, bool]:
        """Return how many seconds to wait for an answer, and whether to open more connections
        when none comes.
        """
        turn = None if self._is_over else self._line.wait(self._clock())
        free = self._connections.are_free
        if turn == timedelta() and not free and self._connections.may_be_more:
            return MOMENT, True
        waits = [GLANCE]
        if turn is not None and free:
            waits.append(turn.total_seconds())
        elif turn == timedelta() and (until_free := self._connections.wait) is not None:
            waits.append(max(until_free, MOMENT))
        if (until_saving := self._saver.wait) is not None:
            waits.append(until_saving)
        return min(waits), False

    def _note_site(self, claim: Claim, outcome: PollOutcome, now: datetime) -> None:
        if claim.site is None:
            return
        name = claim.site.name
        self._asked_of[name] += 1
        site = replace(self._sites.get(name, claim.site), asked_at=now)
        if outcome.site_wait is not None:
            until = outcome.at + outcome.site_wait
            site = replace(site, not_before=until, reason=f"{outcome.error}")
            self._storage.release(self._line.drop(name))
        self._sites[name] = site
        self._saver.visited(site)
        if name in self._cut and self._line.waiting_at(name) < CLAIMED_OF_SITE // 4:
            self._cut.discard(name)
            self._next_look = None

    def _settle_doubts(self) -> None:
        """Say of every failure that was kept back whether it counts."""
        if self._outage.is_alone and not self._outage.is_ours:
            self._outage.recall(self._storage.silent_sites(self._margin))
        ours, told = self._outage.is_ours, self._outage.told()
        for asked, outcome in self._outage.kept():
            settled = heldup.our_outage(asked, outcome, told) if ours else outcome
            self._saver.add(asked, settled)

    def _pardon(self) -> None:
        """Take back what earlier polls counted when the outage had begun and did not show yet."""
        due = heldup.after_outage(self._clock(), self._outage.told())
        self._storage.pardon(self._margin, next_poll_at=due.at, reason=due.reason)
