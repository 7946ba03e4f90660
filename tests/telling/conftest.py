"""A house that publishes, and tells servers on loopback of it, with a clock that is set by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.config.settings import FetchSettings, PollSettings, Settings, Site, TellSettings
from aggregator.document import parse_document
from aggregator.fetch.client import HttpFetcher
from aggregator.model.notice import Notice
from aggregator.model.subscription import Subscription
from aggregator.reading.sites import site_of
from aggregator.services.announcing import Announcer
from aggregator.services.desk import Desk
from aggregator.services.syndication import publish
from aggregator.services.telling import Teller, Told
from aggregator.storage.sql import SqlStorage
from servers import Answer, Request, Server, response

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


class World:
    """Hubs and pages: an answer for each path, a form's as its path behind "POST "."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[], Answer]] = {}
        self.server = Server(self._answer)
        self._lock = threading.Lock()

    def _answer(self, request: Request) -> Answer:
        key = request.target if request.method == "GET" else f"POST {request.target}"
        answer = self.answers.get(key, response(404))
        return answer() if callable(answer) else answer

    def url(self, path: str, host: str | None = None) -> str:
        return self.server.url(path, host=host)

    def page(self, path: str, endpoint: str | None) -> str:
        """Have a page that wants to be told there; return its address."""
        link = f'<link rel="webmention" href="{endpoint}">' if endpoint else ""
        self.answers[path] = response(200, link.encode(), content_type="text/html")
        return self.url(path)

    @property
    def asked(self) -> list[str]:
        """What was asked for, in order."""
        return [
            one.target if one.method == "GET" else f"POST {one.target}"
            for one in self.server.requests
        ]

    @property
    def forms(self) -> list[str]:
        """The forms that were sent, in order."""
        return [
            one.raw.partition(b"\r\n\r\n")[2].decode()
            for one in self.server.requests
            if one.method == "POST"
        ]


class House:
    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.folder = folder
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
        self.settings = Settings(
            path=folder / "feeds.yaml",
            site=Site(base_url="https://blog.example/"),
            fetch=FetchSettings(
                allow_networks=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=2)
            ),
            poll=PollSettings(gap=timedelta()),
            tell=TellSettings(webmention=True),
        )
        self.fetcher = HttpFetcher(self.settings.fetch, user_agent="test/1")
        self.teller = self.teller_of(self.fetcher)
        self.announcer = Announcer(self.storage.notices, lambda: self.settings, clock=self.clock)

    def teller_of(self, messenger: object) -> Teller:
        return Teller(
            self.storage.notices,
            messenger,  # type: ignore[arg-type]
            lambda: self.settings,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self.fetcher.close()
        self.storage.close()

    def have(self, *hubs: str, **more: object) -> None:
        """Name hubs, and change what else is said of the site."""
        site = replace(self.settings.site, hubs=hubs, **more)  # type: ignore[arg-type]
        self.settings = replace(self.settings, site=site)

    def follow(self, *subscriptions: Subscription) -> None:
        self.storage.mirror_subscriptions(subscriptions)

    @property
    def desk(self) -> Desk:
        return Desk(self.storage, self.settings.site, clock=self.clock)

    def cite(self, *urls: str, title: str = "The council blinked", more: str = "") -> str:
        """Publish a post that links to these; return its slug."""
        links = "\n".join(f"[This]({url}) is told of.\n" for url in urls)
        slug = self.desk.new(f'---\ntitle: "{title}"\n{more}---\nMy words.\n\n{links}').slug
        self.desk.publish(slug)
        return slug

    def publish(self) -> None:
        publish(
            self.storage,
            self.settings.site,
            self.folder / "public",
            clock=self.clock,
            announcer=self.announcer,
        )

    def tell(self, **more: object) -> list[Told]:
        """Publish, and tell whoever is to be told; return what came of it."""
        self.publish()
        return self.teller.tell(most=1000, **more)  # type: ignore[arg-type]

    @property
    def notices(self) -> list[Notice]:
        return self.storage.notices.notices()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.close()


@pytest.fixture
def world() -> Iterator[World]:
    built = World()
    yield built
    built.server.close()
