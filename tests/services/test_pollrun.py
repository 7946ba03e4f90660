"""One run over many feeds: who is asked while others must wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config.settings import FetchSettings, PollSettings, Settings
from aggregator.document import parse_document
from aggregator.fetch.client import NotModified
from aggregator.model.poll import Freshness, Validators
from aggregator.model.subscription import Subscription
from aggregator.reading.request import ReadRequest, ReadResult
from aggregator.reading.sites import site_of
from aggregator.services.connections import LONG
from aggregator.services.polling import Poller
from aggregator.services.pollrun import Answer
from aggregator.storage.sql import SqlStorage
from benchmarks.month.clock import Clock, VirtualCrew

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


class Slow:
    """Every server answers after a while."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> NotModified:
        self._clock.seconds += self._seconds
        return NotModified(url=url, validators=validators, freshness=Freshness(), hops=())


class Nothing:
    def read(self, request: ReadRequest) -> ReadResult:
        raise NotImplementedError


def seconds_for(urls: list[str], folder: Path, answer: float, *, connections: int = 8) -> float:
    """Return how long one run over these feeds takes."""
    clock = Clock(NOON.timestamp())
    storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
    storage.mirror_subscriptions([Subscription(url=url) for url in urls])
    settings = Settings(
        path=folder / "feeds.yaml",
        fetch=FetchSettings(connections=connections),
        poll=PollSettings(gap=timedelta(seconds=1)),
    )
    report = Poller(
        storage,
        Slow(clock, answer),
        Nothing(),
        settings,
        clock=clock.now,
        monotonic=clock.monotonic,
        crew=lambda: VirtualCrew[Answer](clock),
    ).poll()
    storage.close()
    assert report.polled == len(urls)
    return clock.seconds - NOON.timestamp()


def test_nobody_is_idle_while_feeds_are_due_whose_sites_are_free(tmp_path: Path) -> None:
    # Site by site, as most lists are written: in that order the first claims are of few sites.
    urls = [f"https://s{site}.example/{feed}" for site in range(400) for feed in range(5)]
    gaps = 4 * 1.0
    assert gaps < seconds_for(urls, tmp_path, 0.005) < 1.5 * gaps


def test_one_site_takes_its_time_whatever_else_there_is(tmp_path: Path) -> None:
    urls = [f"https://s0.example/{feed}" for feed in range(30)]
    urls += [f"https://s{site}.example/" for site in range(1, 100)]
    taken = seconds_for(urls, tmp_path, 0.1)
    assert 29 * 1.1 < taken < 31 * 1.1 + 1


def test_silent_servers_keep_the_next_ones_waiting_for_a_quarter_of_a_second(
    tmp_path: Path,
) -> None:
    urls = [f"https://s{site}.example/" for site in range(8)]  # two at a time, in four turns
    silence = 10.0
    assert seconds_for(urls, tmp_path, silence, connections=2) < silence + 3 * LONG + 0.1
