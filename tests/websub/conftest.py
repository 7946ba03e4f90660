"""A house that polls, asks hubs and is told by them, with a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.config.settings import (
    FetchSettings,
    PollSettings,
    Settings,
    WebSettings,
    WebSubSettings,
)
from aggregator.document import parse_document
from aggregator.fetch.client import HttpFetcher
from aggregator.model.push import HubSubscription
from aggregator.model.subscription import Subscription
from aggregator.reading.document import ReadFailure, ReadRequest, ReadResult, read_document
from aggregator.reading.sites import site_of
from aggregator.services.callback import Callback
from aggregator.services.deliveries import Deliveries
from aggregator.services.hubkeeper import HubKeeper, HubReport, Poster
from aggregator.services.polling import Poller
from aggregator.services.report import FeedReport
from aggregator.storage.protocol import StoredFeed
from aggregator.storage.sql import SqlStorage
from aggregator.web.server import WebServer
from aggregator.web.site import create_site

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
LOOPBACK = ip_network("127.0.0.0/8")


class InProcess:
    """Reads documents in this process."""

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        return read_document(request)


class House:
    """All that takes part in push. `web` answers on loopback."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
        self.hubs = self.storage.hubs
        self.settings = Settings(
            path=folder / "feeds.yaml",
            fetch=FetchSettings(allow_networks=(LOOPBACK,), timeout=timedelta(seconds=5)),
            poll=PollSettings(interval=timedelta(hours=1), gap=timedelta(), spacing=timedelta()),
            web=WebSettings(listen=("127.0.0.1", 0)),
        )
        self.fetcher = HttpFetcher(self.settings.fetch, user_agent="test/1")
        self.deliveries = Deliveries(
            self.storage,
            self.hubs,
            InProcess(),
            lambda: self.settings,
            clock=self.clock,
            jitter=lambda: 0.0,
        )
        self.callback = Callback(self.hubs, self.deliveries, clock=self.clock, jitter=lambda: 0.0)
        self.site = create_site(self.callback)
        self.web = WebServer(self.site, ("127.0.0.1", 0))
        self.web.start()
        self.be_reached_at(f"http://{self.web.address}/websub/")
        self.keeper = self.keeper_of(self.fetcher)

    def clock(self) -> datetime:
        """Return the time; every look at it takes a moment, as it does in life."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def close(self) -> None:
        self.web.close()
        self.deliveries.close()
        self.fetcher.close()
        self.storage.close()

    def be_reached_at(self, callback: str | None) -> None:
        self.settings = replace(self.settings, websub=WebSubSettings(callback=callback))

    def keeper_of(self, poster: Poster) -> HubKeeper:
        return HubKeeper(self.hubs, poster, lambda: self.settings, clock=self.clock)

    def follow(self, *urls: str, **more: object) -> None:
        self.storage.mirror_subscriptions(
            [Subscription(url=url, **more) for url in urls]  # type: ignore[arg-type]
        )

    def poll(self, **more: object) -> FeedReport:
        poller = Poller(
            self.storage,
            self.fetcher,
            InProcess(),
            self.settings,
            clock=self.clock,
            jitter=lambda: 0.0,
        )
        [report] = poller.poll(**more).feeds  # type: ignore[arg-type]
        return report

    def tend(self) -> list[HubReport]:
        return self.keeper.tend()

    @property
    def feed(self) -> StoredFeed:
        [feed] = self.storage.feeds(active_only=False)
        return feed

    @property
    def push(self) -> HubSubscription:
        """The one subscription there is."""
        push = self.feed.push
        assert push is not None
        return push

    @property
    def inbox(self) -> set[str]:
        return {stored.entry.title for stored in self.storage.entries()}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.close()
