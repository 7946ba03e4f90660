"""Wiring: from settings to services. No decisions are made here.

What some commands can do without is imported where it is first used: cron starts a poll every
few minutes, and listing posts needs no way to the network.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aggregator import __version__
from aggregator.config.load import load_settings
from aggregator.config.settings import Settings
from aggregator.model.post import Post
from aggregator.storage.sql import SqlStorage

if TYPE_CHECKING:
    from aggregator.fetch.client import HttpFetcher
    from aggregator.services.desk import Desk
    from aggregator.services.polling import Poller
    from aggregator.workers import ParserPool

DATABASE = "aggregator.sqlite"


def _parse_post(text: str) -> Post:
    from aggregator.document import parse_document

    return parse_document(text)


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

        How to fetch and where data lies stay as they were when the app was opened.
        """
        settings = load_settings(self.settings.path)
        if settings == self.settings:
            return False
        self.settings = settings
        self.storage.mirror_subscriptions(settings.subscriptions)
        for part in ("poller", "desk"):
            self.__dict__.pop(part, None)
        return True

    @property
    def database(self) -> Path:
        """Where the database is."""
        return self.settings.data / DATABASE

    @cached_property
    def storage(self) -> SqlStorage:
        """The database, mirroring feeds.yaml where it can be written. Raises StorageError."""
        storage = SqlStorage(self.database, parse=_parse_post)
        self._open.callback(storage.close)
        if not storage.read_only:
            storage.mirror_subscriptions(self.settings.subscriptions)
        return storage

    @cached_property
    def fetcher(self) -> HttpFetcher:
        """The way to the network, and to the demo sources."""
        from aggregator.demo.server import serve
        from aggregator.fetch.client import HttpFetcher

        agent = f"aggregator/{__version__} (+{self.settings.site.base_url})"
        fetcher = HttpFetcher(self.settings.fetch, user_agent=agent, local={"demo": serve})
        self._open.callback(fetcher.close)
        return fetcher

    @cached_property
    def reader(self) -> ParserPool:
        """The processes that read documents."""
        from aggregator.workers import ParserPool

        pool = ParserPool(self.settings.parse)
        self._open.callback(pool.close)
        return pool

    @cached_property
    def poller(self) -> Poller:
        from aggregator.services.polling import Poller

        return Poller(self.storage, self.fetcher, self.reader, self.settings)

    @cached_property
    def desk(self) -> Desk:
        from aggregator.services.desk import Desk

        return Desk(self.storage, self.settings.site)
