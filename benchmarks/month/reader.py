"""The reader that is judged: the real poller on a real database, started by a virtual cron."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from random import Random

from aggregator.config.load import load_settings
from aggregator.config.settings import Settings
from aggregator.document import parse_document
from aggregator.model.poll import PollStatus
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.reading.sites import site_of
from aggregator.services.moving import move_feed
from aggregator.services.polling import Fetcher, Poller
from aggregator.services.pollrun import Answer, PollRun
from aggregator.services.report import FeedReport, unpolled
from aggregator.storage.sql import SqlStorage
from benchmarks.judging.log import Exchange
from benchmarks.month.clock import Clock, VirtualCrew
from benchmarks.month.network import World, WorldFetcher

TICK = 900.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the reader has of one feed in the end."""

    url: str
    texts: dict[str, list[int]]  # by title: how many texts were kept, once for each entry
    seen: dict[int, float]  # by number of the story: when it was stored
    gone: bool
    failures: int
    next_poll_at: datetime | None
    reason: str


@dataclass(kw_only=True)
class Memory:
    """What a month has left behind."""

    log: list[Exchange]
    feeds: list[Kept] = field(default_factory=list)  # in the order in which they were followed
    unexplained: list[str] = field(default_factory=list)  # feeds that were silent without a reason
    blamed: list[str] = field(default_factory=list)  # of what our own network did
    moved: list[tuple[str, str]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)  # entries that came in a flood, by feed
    runs: int = 0


class InProcess:
    """Reads documents here: workers would only cost time, and change nothing."""

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        return read_document(request)


class Month:
    """A reader, its world and its clock."""

    def __init__(
        self,
        world: World,
        folder: Path,
        *,
        begin: float,
        poll: str,
        seed: int,
        spoiled: Callable[[Fetcher], Fetcher],
    ) -> None:
        """`poll` is that part of feeds.yaml; `folder` is where that file and the data will be.

        `spoiled` may put something between the poller and the network.
        """
        self.clock = Clock(begin)
        self._world = world
        self._path = folder / "feeds.yaml"
        self._path.write_text(_feeds_yaml(world, poll), encoding="utf-8")
        self._settings = load_settings(self._path)
        self._storage = SqlStorage(folder / "month.sqlite", parse=parse_document, site_of=site_of)
        self._storage.mirror_subscriptions(self._settings.subscriptions)
        fetcher = WorldFetcher(world, self.clock, gap=self._settings.poll.gap)
        self._fetcher = spoiled(fetcher)
        self._jitter = Random(seed)
        self._poller = self._made(self._settings)
        self._due: list[tuple[float, str]] = []  # a heap of promises, old ones among them
        self._promised: dict[str, float] = {}
        self.memory = Memory(log=fetcher.log)

    def _made(self, settings: Settings) -> Poller:
        return Poller(
            self._storage,
            self._fetcher,
            InProcess(),
            settings,
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
            jitter=self._jitter.random,
            crew=lambda: VirtualCrew[Answer](self.clock),
        )

    def live(self, until: float) -> Memory:
        """Poll whenever cron does and something is due; return what that has led to."""
        self._promise({feed.url: self.clock.seconds for feed in self._settings.subscriptions})
        while (tick := self._next_tick()) < until:
            if self._world.is_out(self.clock.seconds) and not self._world.is_out(tick):
                self._look_for_blame()
            self.clock.seconds = tick
            self._run()
        self._look_back()
        self._storage.close()
        return self.memory

    def _next_tick(self) -> float:
        """Return when cron starts the next poll that finds something to do."""
        while self._due and self._promised.get(self._due[0][1]) != self._due[0][0]:
            heappop(self._due)
        due = max(self._due[0][0], self.clock.seconds) if self._due else float("inf")
        return due if due == float("inf") else -(-due // TICK) * TICK

    def _run(self) -> None:
        stop = threading.Event()
        run = PollRun(
            self._storage,
            self._settings,
            partial(self._poller.answer, stop=stop),
            VirtualCrew[Answer](self.clock),
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
            urls=None,
            force=False,
            stop=stop,
            progress=lambda report: None,
        )
        reports = run.finish()
        memory = self.memory
        memory.runs += 1
        for report in reports.values():
            self._note(report)
        overdue = [
            url
            for url, at in self._promised.items()
            if at <= run.begun.timestamp() and url not in reports
        ]
        for feed in self._storage.feeds(urls=overdue) if overdue else ():
            told = unpolled(feed, self.clock.now(), asked_for=False, spared=run.spared)
            if not told.reason or "stopped" in told.reason:
                memory.unexplained.append(f"{told.url}: {told.reason}")
            self._promise({told.url: self.clock.seconds + TICK})
        for report in reports.values():
            if report.move_to:
                self._move(report.url, report.move_to)

    def _note(self, report: FeedReport) -> None:
        memory = self.memory
        if report.held:
            memory.held[report.url] = memory.held.get(report.url, 0) + report.held
        if report.status is PollStatus.GONE:
            self._promised.pop(report.url, None)
            return
        if report.next_poll_at is None or not report.reason:
            memory.unexplained.append(f"{report.url}: {report.reason}")
            return
        self._promise({report.url: report.next_poll_at.timestamp()})

    def _promise(self, times: dict[str, float]) -> None:
        for url, at in times.items():
            self._promised[url] = at
            heappush(self._due, (at, url))

    def _move(self, old: str, new: str) -> None:
        move_feed(self._path, self._storage, old, new, self.clock.now())
        self.memory.moved.append((old, new))
        self._promise({new: self._promised.pop(old)})
        self._settings = load_settings(self._path)
        self._poller = self._made(self._settings)

    def _look_for_blame(self) -> None:
        """Take note of failures that began in the outage that is over."""
        self.memory.blamed += [
            f"{feed.subscription.url} {feed.state.last_error}"
            for feed in self._storage.feeds()
            if feed.state.failing_since and self._world.is_out(feed.state.failing_since.timestamp())
        ]

    def _look_back(self) -> None:
        texts: dict[str, dict[str, list[int]]] = {}
        seen: dict[str, dict[int, float]] = {}
        for stored in self._storage.entries(statuses=None):
            title = stored.entry.title
            texts.setdefault(stored.feed_url, {}).setdefault(title, []).append(stored.versions)
            number = int(title.rpartition("/")[2])
            seen.setdefault(stored.feed_url, {})[number] = stored.first_seen.timestamp()
        for feed in self._storage.feeds():
            url, state = feed.subscription.url, feed.state
            self.memory.feeds.append(
                Kept(
                    url=url,
                    texts=texts.get(url, {}),
                    seen=seen.get(url, {}),
                    gone=state.gone,
                    failures=state.failures,
                    next_poll_at=state.next_poll_at,
                    reason=state.reason,
                )
            )


def _feeds_yaml(world: World, poll: str) -> str:
    lines = []
    for publisher in world.publishers:
        every = f", interval: {publisher.every / 60:.0f}m" if publisher.every else ""
        lines.append(f"  - {{url: '{publisher.url}'{every}}}\n")
    head = "site: {title: A month, base_url: 'https://blog.example/'}\n"
    return f"{head}poll: {poll}\nfeeds:\n{''.join(lines)}"
