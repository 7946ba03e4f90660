"""What waits: good feeds never behind doubtful documents, and nobody once the poll is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.settings import FetchSettings, ParseSettings, PollSettings, Settings
from aggregator.document import parse_document
from aggregator.fetch.client import Fetched
from aggregator.fetch.room import STEP, Room
from aggregator.model.poll import Freshness, PollStatus, Validators
from aggregator.model.subscription import Subscription
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.reading.sites import site_of
from aggregator.services.polling import Poller
from aggregator.services.report import FeedReport, PollReport
from aggregator.storage.sql import SqlStorage
from aggregator.workers.doubts import Doubts

GOODS = tuple(f"https://good{n}.example/feed" for n in range(4))
DOUBTFUL = tuple(f"https://doubtful{n}.example/feed" for n in range(6))
SIZES = {"good": 150_000, "doubtful": 330_000}


def rss(url: str) -> bytes:
    [size] = (size for name, size in SIZES.items() if name in url)
    item = f"<item><title>T</title><guid>{url}</guid><description>{'w ' * (size // 2)}"
    return f"<rss version='2.0'><channel>{item}</description></item></channel></rss>".encode()


class Large:
    """Every server has a body that asks for room as it grows."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Fetched:
        body = rss(url)
        for _ in range(STEP, len(body), STEP):
            self._room.step()
        return Fetched(
            url=url,
            body=body,
            content_type="application/rss+xml",
            validators=Validators(url=url),
            freshness=Freshness(),
            hops=(),
        )


class Stuck:
    """Has a reader for doubtful documents who is stuck, until it is told to go on."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.read_whole: set[str] = set()

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        if request.is_doubtful:
            assert self.goes_on.wait(10)
        if request.body == rss(request.url):
            self.read_whole.add(request.url)
        return read_document(request)


class House:
    """Room for two bodies and a half, and one turn for doubtful documents."""

    def __init__(self, folder: Path) -> None:
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
        urls = [*DOUBTFUL, *GOODS]
        self.storage.mirror_subscriptions([Subscription(url=url) for url in urls])
        self.settings = Settings(
            path=folder / "feeds.yaml",
            data=folder,
            fetch=FetchSettings(connections=4, timeout=timedelta(seconds=5)),
            parse=ParseSettings(timeout=timedelta(seconds=5)),
            poll=PollSettings(gap=timedelta(0)),
        )
        self.room, self.reader = Room(13 * STEP), Stuck()
        self.stop = threading.Event()
        self.reported: dict[str, PollStatus] = {}
        self.good_read, self.put_off = threading.Event(), threading.Event()

    def poll(self, **more: object) -> PollReport:
        def progress(report: FeedReport) -> None:
            self.reported[report.url] = report.status
            if {*GOODS} <= {*self.reported}:
                self.good_read.set()
            if [*self.reported.values()].count(PollStatus.DEFERRED) == len(DOUBTFUL) - 1:
                self.put_off.set()

        poller = Poller(
            self.storage,
            Large(self.room),
            self.reader,
            self.settings,
            room=self.room,
            turn=Doubts(1).turn,
            **more,  # type: ignore[arg-type]
        )
        return poller.poll(stop=self.stop, progress=progress)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.storage.close()


def when(event: threading.Event, then: threading.Event) -> threading.Thread:
    """Set one event after another."""

    def wait() -> None:
        event.wait(8)
        then.set()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_good_feeds_do_not_wait_for_the_room_that_doubtful_documents_have(house: House) -> None:
    thread = when(house.good_read, house.reader.goes_on)
    began = time.monotonic()
    report = house.poll()
    thread.join()
    assert time.monotonic() - began < 8, "the good ones waited"
    assert {one.status for one in report.feeds} == {PollStatus.NEW_CONTENT}
    assert house.reader.read_whole == {*GOODS, *DOUBTFUL}


def test_what_waits_for_its_turn_is_put_off_when_the_poll_is_stopped(house: House) -> None:
    when(house.good_read, house.stop)
    when(house.put_off, house.reader.goes_on)  # the one that has its turn
    report = house.poll()
    by_status = {
        status: [one for one in report.feeds if one.status is status] for status in PollStatus
    }
    assert len(by_status[PollStatus.NEW_CONTENT]) == len(GOODS) + 1
    put_off = by_status[PollStatus.DEFERRED]
    assert len(put_off) == len(DOUBTFUL) - 1
    assert {one.error for one in put_off} == {None}
    assert report.failed == 0
    for feed in house.storage.feeds():
        assert (feed.state.failures, feed.state.last_failure, feed.claimed_until) == (0, None, None)


def test_what_waits_until_its_claim_is_about_to_end_is_put_off(house: House) -> None:
    ahead = threading.Event()

    def clock() -> datetime:
        return datetime.now(UTC) + (timedelta(minutes=9, seconds=55) * ahead.is_set())

    when(house.good_read, ahead)
    when(house.put_off, house.reader.goes_on)
    report = house.poll(clock=clock)
    statuses = [one.status for one in report.feeds]
    assert statuses.count(PollStatus.NEW_CONTENT) == len(GOODS) + 1
    assert statuses.count(PollStatus.DEFERRED) == len(DOUBTFUL) - 1
