"""Wiring: from settings to services. No decisions are made here.

What some commands can do without is imported where it is first used: cron starts a poll every
few minutes, and listing posts needs no way to the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aggregator import __version__
from aggregator.config.load import load_settings
from aggregator.config.settings import LISTEN, Settings
from aggregator.model.post import Post
from aggregator.storage.sql import SqlStorage

if TYPE_CHECKING:
    from aggregator.fetch.asking import LocalAnswer
    from aggregator.fetch.client import HttpFetcher
    from aggregator.fetch.room import Room
    from aggregator.services.accounts import Accounts
    from aggregator.services.announcing import Announcer
    from aggregator.services.deliveries import Deliveries
    from aggregator.services.desk import Desk
    from aggregator.services.discovery import Discovery
    from aggregator.services.history import HistoryWalk
    from aggregator.services.hubkeeper import HubKeeper
    from aggregator.services.intake import Intake
    from aggregator.services.polling import Poller
    from aggregator.services.previewing import Previewing
    from aggregator.services.sitewriter import SiteWriter
    from aggregator.services.telling import Teller
    from aggregator.storage.memory import PostMemory
    from aggregator.web.server import WebServer
    from aggregator.workers.pool import ParserPool

DATABASE = "aggregator.sqlite"
MEMORY = "made.sqlite"  # may be deleted at any time


# Reading a thousand documents takes more than a second, and pages of the desk list all posts.
@lru_cache(maxsize=20_000)
def _parse_post(text: str) -> Post:
    from aggregator.document import parse_document

    return parse_document(text)


def _serve_demo(url: str, headers: Mapping[str, str]) -> LocalAnswer:
    from aggregator.demo.server import serve

    return serve(url, headers)


def _site_of(url: str) -> str | None:
    from aggregator.reading.sites import site_of

    return site_of(url)


class App:
    """The parts, made when first asked for and closed together."""

    def __init__(self, config: Path) -> None:
        """Read the settings. Raises ConfigError."""
        self.settings: Settings = load_settings(config)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def reload(self) -> bool:
        """Take up what changed in feeds.yaml; return whether anything did. Raises ConfigError.

        How to fetch, where data lies and where to listen stay as they were when the app was
        opened.
        """
        settings = load_settings(self.settings.path)
        if settings == self.settings:
            return False
        self.settings = settings
        self.storage.mirror_subscriptions(settings.subscriptions)
        for part in ("poller", "desk", "previewing"):
            self.__dict__.pop(part, None)
        return True

    @property
    def database(self) -> Path:
        """Where the database is."""
        return self.settings.data / DATABASE

    @cached_property
    def storage(self) -> SqlStorage:
        """The database, mirroring feeds.yaml where it can be written. Raises StorageError."""
        storage = SqlStorage(self.database, parse=_parse_post, site_of=_site_of)
        self._open.callback(storage.close)
        if not storage.read_only:
            storage.mirror_subscriptions(self.settings.subscriptions)
        return storage

    @cached_property
    def memory(self) -> PostMemory:
        """What was made of posts before, so that `publish` need not make it again."""
        from aggregator.storage.memory import PostMemory

        memory = PostMemory(self.settings.data / MEMORY)
        self._open.callback(memory.close)
        return memory

    @cached_property
    def _room(self) -> Room:
        from aggregator.fetch.memory import give_back_large_blocks
        from aggregator.fetch.room import Room

        give_back_large_blocks()
        return Room()

    @cached_property
    def fetcher(self) -> HttpFetcher:
        """The way to the network, and to the demo sources."""
        from aggregator.fetch.client import HttpFetcher
        from aggregator.fetch.pace import Pace
        from aggregator.reading.sites import site_of_host

        agent = f"aggregator/{__version__} (+{self.settings.site.base_url})"
        pace = Pace(
            lambda origin: site_of_host(origin.host),
            lambda site: self.settings.poll.gap_of(site).total_seconds(),
        )
        fetcher = HttpFetcher(
            self.settings.fetch,
            user_agent=agent,
            local={"demo": _serve_demo},
            pace=pace,
            room=self._room,
        )
        self._open.callback(fetcher.close)
        return fetcher

    @cached_property
    def reader(self) -> ParserPool:
        """The processes that read documents."""
        from aggregator.workers.pool import ParserPool

        pool = ParserPool(self.settings.parse)
        self._open.callback(pool.close)
        return pool

    @cached_property
    def poller(self) -> Poller:
        from aggregator.services.polling import Poller

        return Poller(
            self.storage,
            self.fetcher,
            self.reader,
            self.settings,
            room=self._room,
            turn=self.reader.turn,
        )

    @cached_property
    def deliveries(self) -> Deliveries:
        """What reads the news that hubs bring."""
        from aggregator.services.deliveries import Deliveries

        deliveries = Deliveries(self.storage, self.storage.hubs, self.reader, lambda: self.settings)
        self._open.callback(deliveries.close)
        return deliveries

    @cached_property
    def hub_keeper(self) -> HubKeeper:
        from aggregator.services.hubkeeper import HubKeeper

        return HubKeeper(self.storage.hubs, self.fetcher, lambda: self.settings)

    @cached_property
    def announcer(self) -> Announcer | None:
        """What notes whom to tell of a site that was written; None where nothing can be noted."""
        from aggregator.services.announcing import Announcer

        if self.storage.read_only:
            return None
        return Announcer(self.storage.notices, lambda: self.settings)

    @cached_property
    def teller(self) -> Teller:
        from aggregator.services.telling import Teller

        return Teller(self.storage.notices, self.fetcher, lambda: self.settings)

    @cached_property
    def web_server(self) -> WebServer | None:
        """The server of hubs and metrics; None when `web.listen` is not set. Raises ListenError."""
        listen = self.settings.web.listen
        return None if listen is None else self._listening(listen, with_site=False)

    @cached_property
    def site_server(self) -> WebServer:
        """The same with the public site, at LISTEN if need be. Raises ListenError."""
        return self._listening(self.settings.web.listen or LISTEN, with_site=True)

    def _listening(self, listen: tuple[str, int], *, with_site: bool) -> WebServer:
        from aggregator.deskparts import desk_parts
        from aggregator.metrics import exposition
        from aggregator.services.callback import Callback
        from aggregator.services.clock import utc_now
        from aggregator.services.status import status_of
        from aggregator.services.syndication import is_published
        from aggregator.web.api.app import create_api
        from aggregator.web.desk.app import create_desk
        from aggregator.web.files import PublishedFiles
        from aggregator.web.front import with_desk, with_files
        from aggregator.web.server import WebServer
        from aggregator.web.site import create_site

        callback = Callback(self.storage.hubs, self.deliveries)
        site = create_site(callback, lambda: exposition(status_of(self.storage, utc_now())))
        if with_site:
            files = PublishedFiles(
                lambda: (self.settings.output, self.settings.site.base_url),
                is_published=is_published,
            )
            public = with_files(
                files, site, is_callback=lambda path: callback.find(path) is not None
            )
            parts = desk_parts(self)
            app = with_desk(create_desk(parts), create_api(parts), public)
        else:
            app = site
        server = WebServer(app, listen)
        self._open.callback(server.close)
        return server

    @cached_property
    def accounts(self) -> Accounts:
        from aggregator.services.accounts import Accounts

        return Accounts(self.storage.accounts)

    @cached_property
    def intake(self) -> Intake:
        """What follows behind polls: filters, and the index of words."""
        from aggregator.services.intake import Intake

        return Intake(self.storage.words, self.storage.filters)

    @cached_property
    def site_writer(self) -> SiteWriter:
        """What writes the site for the desk."""
        from aggregator.services.sitewriter import SiteWriter

        return SiteWriter(self.storage, lambda: self.settings, self.announcer, self.memory)

    @cached_property
    def discovery(self) -> Discovery:
        from aggregator.services.discovery import Discovery

        return Discovery(self.fetcher, self.reader, max_entries=self.settings.parse.max_entries)

    def history_walk(self) -> HistoryWalk:
        """A walk through one feed's history; each is used once."""
        from aggregator.services.history import HistoryWalk

        return HistoryWalk(self.storage, self.fetcher, self.reader, self.settings)

    @cached_property
    def desk(self) -> Desk:
        from aggregator.services.desk import Desk

        return Desk(self.storage, self.settings.site)

    @cached_property
    def previewing(self) -> Previewing:
        from aggregator.services.previewing import Previewing

        return Previewing(self.settings.site)
