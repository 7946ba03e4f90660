"""A desk over a real database, asked as a browser asks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregator.config.load import load_settings
from aggregator.config.settings import FetchSettings, Settings, Site
from aggregator.demo.server import serve
from aggregator.document import parse_document
from aggregator.fetch.client import HttpFetcher
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.services.accounts import Accounts
from aggregator.services.citing import Citing
from aggregator.services.desk import Desk
from aggregator.services.discovery import Discovery
from aggregator.services.feedroom import FeedRoom
from aggregator.services.filtering import Filtering
from aggregator.services.inbox import Inbox
from aggregator.services.intake import Intake
from aggregator.services.newfeeds import NewFeeds
from aggregator.services.previewing import Previewing
from aggregator.services.reader import Reader
from aggregator.services.sitewriter import SiteWriter
from aggregator.services.writing import Writing
from aggregator.storage.sql import SqlStorage
from aggregator.web.desk.app import create_desk
from aggregator.web.desk.parts import About, Parts

PASSWORD = "correct horse battery"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    yield storage
    storage.close()


@pytest.fixture
def accounts(storage: SqlStorage, clock: Clock) -> Accounts:
    return Accounts(storage.accounts, clock=clock)


class InProcess:
    """Reads documents here: what tests send is not hostile."""

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        return read_document(request)


@pytest.fixture
def fetcher() -> Iterator[HttpFetcher]:
    fetcher = HttpFetcher(
        FetchSettings(allow_networks=(ip_network("127.0.0.0/8"),)),
        user_agent="test",
        local={"demo": serve},
    )
    yield fetcher
    fetcher.close()


@pytest.fixture
def parts(
    tmp_path: Path,
    storage: SqlStorage,
    accounts: Accounts,
    clock: Clock,
    fetcher: HttpFetcher,
) -> Parts:
    config = tmp_path / "feeds.yaml"
    about = About(
        title="The Example",
        base_url="https://blog.example/",
        authors=("Ada Author",),
        hosts=frozenset({"desk.example"}),
    )
    intake = Intake(storage.words, storage.filters)
    site = Site(title="The Example", base_url="https://blog.example/")
    settings = Settings(
        path=tmp_path / "feeds.yaml", data=tmp_path, output=tmp_path / "public", site=site
    )
    posts = Desk(storage, site, clock=clock)
    return Parts(
        about=lambda: about,
        accounts=accounts,
        inbox=Inbox(storage.inbox, intake, clock=clock),
        reader=Reader(storage, storage.inbox),
        filtering=Filtering(storage.filters, storage.inbox, intake, clock=clock),
        feeds=FeedRoom(storage, config, clock=clock),
        new_feeds=NewFeeds(
            storage, Discovery(fetcher, InProcess()), lambda: load_settings(config), clock=clock
        ),
        writing=Writing(storage, storage.drafts, lambda: posts, clock=clock),
        citing=Citing(storage, storage.drafts, lambda: posts),
        desk=lambda: posts,
        previewing=lambda: Previewing(settings.site, clock=clock),
        posts=storage,
        site_writer=SiteWriter(storage, lambda: settings, None),
        clock=clock,
    )


@pytest.fixture
def desk(parts: Parts) -> Flask:
    return create_desk(parts)


@pytest.fixture
def stranger(desk: Flask) -> FlaskClient:
    """A browser that nobody signed in with."""
    return desk.test_client()


@pytest.fixture
def password() -> str | None:
    """The password that Ada has; each takes a fifth of a second to make and to try."""
    return None


@pytest.fixture
def ada(desk: Flask, accounts: Accounts, password: str | None) -> FlaskClient:
    """A browser in which Ada is signed in."""
    client = desk.test_client()
    link = accounts.link(accounts.add("ada", password=password))
    answer = client.post(f"/desk/welcome/{link}")
    assert answer.status_code == 303
    return client
