"""One poll, one way: what is claimed, asked, saved and reported."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from aggregator.config.settings import FetchSettings, PollSettings, Settings
from aggregator.document import parse_document
from aggregator.errors import FetchError, StorageError
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.poll import FailureKind, Freshness, Hop, PollStatus, Validators
from aggregator.model.subscription import Subscription
from aggregator.reading.document import ReadFailure, ReadRequest, ReadResult, read_document
from aggregator.reading.sites import site_of
from aggregator.services.polling import Poller
from aggregator.services.report import PollReport, Spared, unpolled
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COURIER = "https://courier.example/feed"
JOE = "https://joe.example/feed"

ITEM = """<item><title>{title}</title><link>https://courier.example/{guid}</link>
<guid isPermaLink="false">{guid}</guid><pubDate>Tue, 31 Mar 2026 08:00:00 GMT</pubDate>
<description>&lt;p&gt;{text} {guid}.&lt;/p&gt;</description></item>"""


def rss(*guids: str, text: str = "The council met and talked for hours about item") -> bytes:
    items = "".join(ITEM.format(title=f"Title of {g}", guid=g, text=text) for g in guids)
    return f"<rss version='2.0'><channel><title>The Courier</title>{items}</channel></rss>".encode()


def answer(body: bytes, etag: str | None = None, **more: object) -> Fetched:
    fields = {
        "url": COURIER,
        "content_type": "application/rss+xml",
        "validators": Validators(etag=etag, url=COURIER),
        "freshness": Freshness(),
        "hops": (),
        **more,
    }
    return Fetched(body=body, **fields)  # type: ignore[arg-type]


class Server:
    """The network as a function, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Validators], Fetched | NotModified]] = {}
        self.asked: list[tuple[str, Validators]] = []

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Fetched | NotModified:
        self.asked.append((url, validators))
        if url not in self.answers:
            raise FetchError(FailureKind.NOT_FOUND, f"{url} is not there", status=404)
        return self.answers[url](validators)


class InProcess:
    """Reads documents in this process; counts them."""

    def __init__(self) -> None:
        self.read_count = 0

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        self.read_count += 1
        return read_document(request)


class House:
    """A poller with its storage, a clock that is set by hand and a server that is a function."""

    def __init__(self, folder: Path, *urls: str) -> None:
        self.now = NOON
        self.server, self.reader = Server(), InProcess()
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
        self.storage.mirror_subscriptions([Subscription(url=url) for url in urls])
        self.settings = Settings(
            path=folder / "feeds.yaml",
            fetch=FetchSettings(connections=4),
            poll=PollSettings(interval=HOUR, gap=timedelta(0), spacing=timedelta(0)),
        )

    def poll(self, **more: object) -> PollReport:
        poller = Poller(
            self.storage,
            self.server,
            self.reader,
            self.settings,
            clock=lambda: self.now,
            monotonic=lambda: self.now.timestamp(),  # noqa: PLW0108 - `now` is another one then
            jitter=lambda: 0.0,
        )
        report = poller.poll(**more)  # type: ignore[arg-type]
        self.asked_at, self.now = self.now, self.now + timedelta(seconds=1)
        return report


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, COURIER)
    yield built
    built.storage.close()


def failing(kind: FailureKind, message: str = "it broke", **more: object) -> Callable[..., Fetched]:
    def fail(validators: Validators) -> Fetched:
        raise FetchError(kind, message, **more)  # type: ignore[arg-type]

    return fail


def test_new_entries_reach_the_inbox_and_the_report(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a", "b"))
    report = house.poll()
    [feed] = report.feeds
    assert (feed.status, feed.new, feed.changed) == (PollStatus.NEW_CONTENT, 2, 0)
    assert feed.next_poll_at == NOON + HOUR
    assert "1 h" in feed.reason
    assert {stored.entry.id for stored in house.storage.entries()} == {"a", "b"}


def test_a_feed_is_not_asked_before_its_time_unless_forced(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    house.poll()
    house.now += HOUR / 2
    [feed] = house.poll().feeds
    assert (feed.status, feed.asked, len(house.server.asked)) == (PollStatus.NOT_DUE, False, 1)
    assert house.poll(force=True).feeds[0].status is PollStatus.UNCHANGED
    assert len(house.server.asked) == 2


def test_validators_are_replaced_by_every_answer_even_when_the_body_is_the_same(
    house: House,
) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a"), etag='"1"')
    house.poll()
    house.server.answers[COURIER] = lambda _: answer(rss("a"), etag='"2"')
    house.poll(force=True)
    house.server.answers[COURIER] = lambda _: NotModified(
        url=COURIER,
        validators=Validators(etag='"3"', url=COURIER),
        freshness=Freshness(),
        hops=(),
    )
    assert house.poll(force=True).feeds[0].status is PollStatus.NOT_MODIFIED
    house.poll(force=True)
    assert [given.etag for _, given in house.server.asked] == [None, '"1"', '"2"', '"3"']


def test_the_same_body_is_not_read_again(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    house.poll()
    house.poll(force=True)
    assert house.reader.read_count == 1
    house.storage.mirror_subscriptions([Subscription(url=COURIER, encoding="latin-1")])
    house.poll(force=True)
    assert house.reader.read_count == 2  # the author wants it read in another way


def test_an_edit_is_a_change_and_a_version(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a", "b"))
    house.poll()
    house.server.answers[COURIER] = lambda _: answer(rss("a", "b", text="It was all a mistake"))
    [feed] = house.poll(force=True).feeds
    assert (feed.new, feed.changed) == (0, 2)
    assert {stored.versions for stored in house.storage.entries()} == {2}


def test_ids_that_move_to_https_are_no_news(house: House) -> None:
    def ids(scheme: str) -> bytes:
        start = b'<guid isPermaLink="false">'
        return rss("a", "b").replace(start, start + f"{scheme}://courier.example/".encode())

    house.server.answers[COURIER] = lambda _: answer(ids("http"))
    house.poll()
    house.server.answers[COURIER] = lambda _: answer(ids("https"))
    [feed] = house.poll(force=True).feeds
    assert (feed.status, feed.new, feed.changed) == (PollStatus.UNCHANGED, 0, 0)
    assert len(house.storage.entries()) == 2


def test_one_bad_feed_never_stops_the_others(tmp_path: Path) -> None:
    house = House(tmp_path, JOE, COURIER)
    house.server.answers = {
        JOE: failing(FailureKind.TIMEOUT, "no answer"),
        COURIER: lambda _: answer(rss("a")),
    }
    report = house.poll()
    assert [feed.status for feed in report.feeds] == [PollStatus.FAILED, PollStatus.NEW_CONTENT]
    assert (report.failed, report.newly_failed, report.new) == (1, 1, 1)
    house.storage.close()


def test_the_second_failure_in_a_row_is_no_news_and_waits_longer(house: House) -> None:
    house.server.answers[COURIER] = failing(FailureKind.TIMEOUT)
    first = house.poll().feeds[0]
    house.now += timedelta(days=1)
    second = house.poll().feeds[0]
    assert (first.newly_failed, second.newly_failed) == (True, False)
    assert first.next_poll_at
    assert second.next_poll_at
    assert second.next_poll_at - house.now > first.next_poll_at - NOON
    state = house.storage.feeds()[0].state
    assert (state.failures, state.failing_since) == (2, NOON)
    house.now += timedelta(days=3)
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    house.poll()
    state = house.storage.feeds()[0].state
    assert (state.failures, state.failing_since, state.last_error) == (0, None, None)


def test_a_failure_keeps_validators_and_entries(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a"), etag='"1"')
    house.poll()
    for broken in (b"", b"<html><title>Log in</title><p>Who are you?</p></html>", b"\x00" * 50):
        house.server.answers[COURIER] = lambda _, body=broken: answer(body, etag='"x"')
        assert house.poll(force=True).feeds[0].status is PollStatus.FAILED
    assert house.storage.feeds()[0].state.validators.etag == '"1"'
    assert [stored.entry.id for stored in house.storage.entries()] == ["a"]


def test_a_page_names_the_feeds_that_were_found_on_it(house: House) -> None:
    page = b"""<html><head><title>The Courier</title>
    <link rel="alternate" type="application/rss+xml" title="News" href="/rss.xml"></head></html>"""
    house.server.answers[COURIER] = lambda _: answer(page)
    [feed] = house.poll().feeds
    assert feed.status is PollStatus.FAILED
    assert [(found.url, found.title) for found in feed.found] == [
        ("https://courier.example/rss.xml", "News")
    ]


def test_a_gone_feed_is_told_once_and_not_asked_again(house: House) -> None:
    house.server.answers[COURIER] = failing(FailureKind.GONE, "410 Gone", status=410)
    first = house.poll()
    assert (first.feeds[0].status, first.newly_failed) == (PollStatus.GONE, 1)
    house.now += timedelta(days=400)
    second = house.poll()
    assert (second.feeds[0].status, second.feeds[0].asked) == (PollStatus.GONE, False)
    assert second.newly_failed == 0
    assert [url for url, _ in house.server.asked].count(COURIER) == 1


def test_a_feed_that_dates_its_entries_years_back_is_not_taken_for_silent(house: House) -> None:
    house.settings = replace(house.settings, poll=PollSettings(gap=timedelta(0)))
    old = ITEM.replace("2026", "2009")
    for day in range(20):
        items = "".join(
            old.format(title=n, guid=n, text="What the council said on day") for n in range(day + 1)
        )
        body = f"<rss version='2.0'><channel><title>C</title>{items}</channel></rss>".encode()
        house.server.answers[COURIER] = lambda _, body=body: answer(body)
        house.now = NOON + day * timedelta(days=1)
        assert house.poll(force=True).new == 1
    due = house.storage.feeds()[0].state.next_poll_at
    assert due
    assert due - house.asked_at == 12 * HOUR


def test_a_poll_that_comes_late_asks_nobody_in_the_hours_it_skips(house: House) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in (13, 14))
    body = rss("a").replace(b"<item>", f"<skipHours>{hours}</skipHours><item>".encode())
    house.settings = replace(house.settings, poll=PollSettings(interval=HOUR / 2))
    house.server.answers[COURIER] = lambda _: answer(body)
    assert house.poll().feeds[0].next_poll_at == NOON + HOUR / 2
    house.now = NOON + HOUR
    [feed] = house.poll().feeds
    assert (feed.status, feed.asked) == (PollStatus.NOT_DUE, False)
    assert feed.next_poll_at == NOON + 3 * HOUR
    assert feed.reason == "in 2 h: past the hours or days it skips"
    assert len(house.server.asked) == 1
    assert len(house.storage.poll_log(1)) == 1
    assert house.poll(force=True).polled == 1


def test_a_page_is_looked_through_once_for_all_feeds_that_were_lost_with_it(
    tmp_path: Path,
) -> None:
    lost = [f"https://courier.example/{name}.xml" for name in "abc"]
    house = House(tmp_path, *lost)
    page = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/all.xml">
    <link rel="alternate" type="application/rss+xml" href="/a.xml"></head></html>"""
    house.server.answers["https://courier.example/"] = lambda _: answer(page)
    for day in (0, 4, 12):
        house.now = NOON + timedelta(days=day)
        for url in lost:
            house.poll(urls=[url], force=True)
        home = [url for url, _ in house.server.asked if url == "https://courier.example/"]
        assert len(home) == {0: 0, 4: 1, 12: 2}[day]
    first, *others = house.storage.feeds()
    assert [offer.url for offer in first.state.offers] == ["https://courier.example/all.xml"]
    for feed in others:
        assert "https://courier.example/all.xml" in {offer.url for offer in feed.state.offers}
    house.storage.close()


def test_an_outage_shows_over_several_polls_of_a_short_list_and_counts_against_nobody(
    tmp_path: Path,
) -> None:
    urls = [f"https://s{n}.example/feed" for n in range(6)]
    house = House(tmp_path, *urls)
    house.server.answers = dict.fromkeys(urls, lambda _: answer(rss("a")))
    assert house.poll().new == 6
    house.server.answers = dict.fromkeys(urls, failing(FailureKind.CONNECT))
    statuses = []
    for url in urls[:5]:  # one is due at a time
        house.now += timedelta(minutes=10)
        report = house.poll(urls=[url], force=True)
        statuses.append(report.feeds[0].status)
    assert statuses == [PollStatus.FAILED] * 4 + [PollStatus.DEFERRED]
    assert report.outage == "our own network seems to be down: 5 of 5 sites did not answer"
    house.now += timedelta(minutes=10)
    [last] = house.poll(urls=[urls[5]], force=True).feeds  # what was known goes on
    assert last.status is PollStatus.DEFERRED
    for feed in house.storage.feeds():
        assert (feed.state.failures, feed.state.last_error) == (0, None)
        assert feed.state.next_poll_at
        assert feed.state.next_poll_at - house.now < HOUR
    house.storage.close()


def test_what_this_machine_could_not_do_counts_against_nobody(tmp_path: Path) -> None:
    urls = [f"https://s{n}.example/feed" for n in range(6)]
    house = House(tmp_path, *urls)
    told = "it was not looked up: this machine gives us no more threads"
    house.server.answers = dict.fromkeys(urls, failing(FailureKind.CONNECT, told, ours=True))
    report = house.poll(force=True)
    assert len(house.server.asked) == 6  # once each, although by force
    assert (report.failed, report.outage) == (0, "")
    for one in report.feeds:
        assert (one.status, one.error) == (PollStatus.DEFERRED, None)
        assert told in one.reason
    for feed in house.storage.feeds():
        assert (feed.state.failures, feed.state.last_failure) == (0, None)
        assert feed.state.next_poll_at
        assert feed.state.next_poll_at - house.now < HOUR
    house.storage.close()


def test_feeds_that_fail_while_others_answer_are_not_pardoned(tmp_path: Path) -> None:
    urls = [f"https://s{n}.example/feed" for n in range(8)]
    house = House(tmp_path, *urls)
    house.server.answers = dict.fromkeys(urls, lambda _: answer(rss("a")))
    house.poll()
    house.server.answers |= dict.fromkeys(urls[:6], failing(FailureKind.CONNECT))
    for url in urls[:6]:
        house.now += timedelta(minutes=10)
        assert house.poll(urls=[url, urls[7]], force=True).outage == ""
    assert [feed.state.failures for feed in house.storage.feeds()] == [1] * 6 + [0] * 2
    house.storage.close()


def test_retry_after_is_obeyed(house: House) -> None:
    house.server.answers[COURIER] = failing(
        FailureKind.THROTTLED, "429", status=429, retry_after=5 * HOUR
    )
    due = house.poll().feeds[0].next_poll_at
    assert due
    assert due >= NOON + 5 * HOUR


def test_a_wait_that_is_asked_for_begins_with_the_answer_not_with_the_question(
    house: House,
) -> None:
    def slow(validators: Validators) -> Fetched:
        house.now += timedelta(seconds=20)
        raise FetchError(FailureKind.THROTTLED, "429", status=429, retry_after=2 * HOUR)

    house.server.answers[COURIER] = slow
    house.poll()
    answered = NOON + timedelta(seconds=20)
    [feed] = house.storage.feeds()
    assert feed.site
    assert feed.state.not_before == feed.site.not_before == answered + 2 * HOUR
    assert feed.state.next_poll_at == answered + 2 * HOUR


def test_a_move_is_believed_after_a_week_by_an_answer_and_never_by_a_failure(
    house: House,
) -> None:
    new = "https://new.example/feed"
    hops = (Hop(status=301, url=COURIER, location=new),)
    moved = answer(rss("a"), url=new, hops=hops)
    house.server.answers[COURIER] = lambda _: moved
    for _ in range(4):
        assert house.poll(force=True).feeds[0].move_to is None
    house.now = NOON + timedelta(days=8)
    house.server.answers[COURIER] = failing(FailureKind.SERVER, "500", hops=hops)
    assert house.poll().feeds[0].move_to is None
    house.now += timedelta(days=1)
    house.server.answers[COURIER] = lambda _: moved
    assert house.poll().feeds[0].move_to == new


@pytest.mark.parametrize(("stopped", "told"), [(True, "was stopped"), (False, "in the next one")])
def test_a_poll_that_was_not_stopped_does_not_say_so(
    house: House, stopped: bool, told: str
) -> None:
    [feed] = house.storage.feeds()
    spared = Spared(sites=frozenset(), outage="", stopped=stopped)
    report = unpolled(feed, NOON, asked_for=False, spared=spared)
    assert report.status is PollStatus.DEFERRED
    assert told in report.reason


def test_a_304_may_shorten_the_remembered_freshness_but_never_lengthen_it(house: House) -> None:
    def fresh_for(hours: int | None) -> Freshness:
        return Freshness(max_age=hours * HOUR if hours else None)

    house.server.answers[COURIER] = lambda _: answer(rss("a"), '"1"', freshness=fresh_for(6))
    assert house.poll().feeds[0].next_poll_at == NOON + 6 * HOUR
    for told, then in ((None, 6), (9, 6), (3, 3)):
        same = NotModified(
            url=COURIER, validators=Validators(etag='"1"'), freshness=fresh_for(told), hops=()
        )
        house.server.answers[COURIER] = lambda _, given=same: given
        due = house.poll(force=True).feeds[0].next_poll_at
        assert due == house.asked_at + then * HOUR


def test_a_flood_is_held_and_told(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss(*(f"a{n}" for n in range(20))))
    house.poll()
    house.now += timedelta(minutes=10)
    flood = rss(*(f"b{n}" for n in range(20)), text="Wholly different words stand here now about")
    house.server.answers[COURIER] = lambda _: answer(flood)
    [feed] = house.poll(force=True).feeds
    assert (feed.new, feed.held) == (20, 20)
    assert len(house.storage.entries()) == 20


def test_only_the_feeds_named_are_polled(tmp_path: Path) -> None:
    house = House(tmp_path, JOE, COURIER)
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    report = house.poll(urls=[COURIER])
    assert [feed.url for feed in report.feeds] == [COURIER]
    assert [url for url, _ in house.server.asked] == [COURIER]
    house.storage.close()


def test_one_site_is_asked_one_thing_at_a_time(tmp_path: Path) -> None:
    urls = [f"https://courier.example/{n}" for n in range(6)]
    house = House(tmp_path, *urls)
    here = threading.Lock()

    def alone(validators: Validators) -> Fetched:
        assert here.acquire(blocking=False), "two connections to one site"
        threading.Event().wait(0.01)
        here.release()
        return answer(rss("a"))

    house.server.answers = dict.fromkeys(urls, alone)
    assert house.poll().polled == 6
    house.storage.close()


def test_polls_side_by_side_fetch_no_feed_twice(tmp_path: Path) -> None:
    urls = [f"https://s{n}.example/feed" for n in range(40)]
    house = House(tmp_path, *urls)
    house.server.answers = dict.fromkeys(urls, lambda _: answer(rss("a")))
    reports: list[PollReport] = []
    pollers = [threading.Thread(target=lambda: reports.append(house.poll())) for _ in range(3)]
    for poller in pollers:
        poller.start()
    for poller in pollers:
        poller.join()
    assert sorted(url for url, _ in house.server.asked) == sorted(urls)
    assert sum(report.new for report in reports) == 40
    house.storage.close()


def test_when_another_poll_has_every_due_feed_the_report_says_so(house: House) -> None:
    house.storage.claim_due(NOON, limit=9, lease=HOUR)
    report = house.poll()
    assert report.feeds[0].status is PollStatus.DEFERRED
    assert report.all_held_elsewhere


def test_stopping_finishes_what_is_under_way_and_gives_the_rest_back(tmp_path: Path) -> None:
    urls = [f"https://s{n}.example/feed" for n in range(30)]
    house = House(tmp_path, *urls)
    stop = threading.Event()

    def answering(validators: Validators) -> Fetched:
        stop.set()
        return answer(rss("a"))

    house.server.answers = dict.fromkeys(urls, answering)
    report = house.poll(stop=stop)
    assert report.stopped
    assert 1 <= report.polled <= 4  # those in flight
    assert report.new == report.polled == len(house.storage.entries())
    assert len(house.storage.claim_due(NOON, limit=99, lease=HOUR)) == 30 - report.polled
    house.storage.close()


def test_a_bug_of_ours_is_loud_and_leaves_no_claim(house: House) -> None:
    def broken(validators: Validators) -> Fetched:
        raise ZeroDivisionError

    house.server.answers[COURIER] = broken
    with pytest.raises(ZeroDivisionError):
        house.poll()
    assert len(house.storage.claim_due(NOON, limit=9, lease=HOUR)) == 1


def test_a_paused_feed_is_left_alone_and_the_report_says_why(house: House) -> None:
    house.storage.mirror_subscriptions([replace(Subscription(url=COURIER), paused=True)])
    [feed] = house.poll().feeds
    assert (feed.asked, feed.reason) == (False, "paused in feeds.yaml")


def test_entries_that_cannot_be_stored_are_one_feeds_failure(tmp_path: Path) -> None:
    class HalfCharacters(InProcess):
        """Lets through what cleaning would have taken out."""

        def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
            result = super().read(request)
            if request.url == JOE and isinstance(result, ReadResult):
                [first, *_] = result.changes
                broken = replace(first, entry=replace(first.entry, title="\ud800"))
                return replace(result, changes=(broken,))
            return result

    house = House(tmp_path, JOE, COURIER)
    house.reader = HalfCharacters()
    house.server.answers = {
        JOE: lambda _: answer(rss("a"), url=JOE),
        COURIER: lambda _: answer(rss("b")),
    }
    joe, courier = house.poll().feeds
    assert (joe.status, courier.status) == (PollStatus.FAILED, PollStatus.NEW_CONTENT)
    assert house.storage.feeds()[0].state.last_failure is FailureKind.STORAGE
    assert [stored.entry.id for stored in house.storage.entries()] == ["b"]
    house.storage.close()


def test_a_disk_that_fills_up_ends_the_poll_and_holds_no_feed_back(tmp_path: Path) -> None:
    house = House(tmp_path, *(f"https://s{n}.example/feed" for n in range(9)))
    full = rss("a", text="x" * 300_000)
    house.server.answers = dict.fromkeys(
        (f"https://s{n}.example/feed" for n in range(9)), lambda _: answer(full)
    )
    with house.storage._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limits: list[int] = [int(pages or 0) + 8]

    @event.listens_for(house.storage._engine, "checkout")
    def limit(raw: Any, *_: object) -> None:
        raw.execute(f"PRAGMA max_page_count={limits[0]}")

    with pytest.raises(StorageError, match="free some space"):
        house.poll()
    limits[0] = 1 << 30
    house.now += timedelta(seconds=1)
    report = house.poll()
    assert (report.polled, report.new) == (9, 9)
    house.storage.close()


def test_a_document_that_breaks_off_is_asked_for_whole_again(house: House) -> None:
    whole = rss("a", "b")
    house.server.answers[COURIER] = lambda _: answer(whole[:-60], etag='"1"')
    report = house.poll()
    assert report.new == 1
    assert "breaks off" in report.feeds[0].notes[-1]
    house.server.answers[COURIER] = lambda _: answer(whole, etag='"1"')
    assert house.poll(force=True).new == 1
    assert [given.etag for _, given in house.server.asked] == [None, None]
    assert {stored.versions for stored in house.storage.entries()} == {1}


def test_what_is_new_adds_up_to_the_whole(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a", "b"), etag='"1"')
    house.poll()
    house.server.answers[COURIER] = lambda _: answer(rss("c"), etag='"2"', status=226, delta=True)
    assert house.poll(force=True).new == 1
    assert house.poll(force=True).new == 0  # the same part again, and it is read again
    assert house.reader.read_count == 3
    assert [given.etag for _, given in house.server.asked] == [None, '"1"', '"2"']
    assert {stored.entry.id for stored in house.storage.entries()} == {"a", "b", "c"}
    assert {stored.versions for stored in house.storage.entries()} == {1}


def test_a_permanent_redirect_is_believed_after_a_week_of_polls(house: House) -> None:
    new = "https://courier.example/new"
    hop = Hop(status=301, url=COURIER, location=new)
    house.server.answers[COURIER] = lambda _: answer(rss("a"), url=new, hops=(hop,))
    for day in range(7):
        assert house.poll(force=True).feeds[0].move_to is None
        house.now = NOON + timedelta(days=day + 1)
    assert house.poll(force=True).feeds[0].move_to == new


def test_a_permanent_redirect_from_https_to_http_is_never_believed(house: House) -> None:
    new = "http://courier.example/new"
    hop = Hop(status=301, url=COURIER, location=new)
    house.server.answers[COURIER] = lambda _: answer(rss("a"), url=new, hops=(hop,))
    for day in range(12):
        assert house.poll(force=True).feeds[0].move_to is None
        house.now = NOON + timedelta(days=day + 1)
    assert house.storage.feeds()[0].state.move is None


def test_a_feed_that_uses_anothers_ids_changes_none_of_its_entries(tmp_path: Path) -> None:
    house = House(tmp_path, COURIER, JOE)
    house.server.answers[COURIER] = lambda _: answer(rss("a", "b"))
    house.poll()
    stolen = rss("a", "b").replace(b"<title>", b"<title>Joe says: ")
    house.server.answers[JOE] = lambda _: answer(stolen, url=JOE)
    for _ in range(2):
        house.poll(force=True)
    stored = [one for one in house.storage.entries() if one.feed_url == COURIER]
    assert len(stored) == 2
    assert {one.versions for one in stored} == {1}
    assert not any("Joe" in one.entry.title for one in stored)
    house.storage.close()


@pytest.mark.parametrize(
    "hops",
    [
        [(302, "https://courier.example/new")],
        [(301, "https://courier.example/other")],
        [(301, "https://courier.example/a"), (307, "https://courier.example/new")],
        [],
    ],
)
def test_one_answer_that_differs_and_what_was_learned_is_forgotten(
    house: House, hops: list[tuple[int, str]]
) -> None:
    def led(*ways: tuple[int, str]) -> Callable[[Validators], Fetched]:
        made = tuple(Hop(status=status, url=COURIER, location=url) for status, url in ways)
        last = ways[-1][1] if ways else COURIER
        return lambda _: answer(rss("a"), url=last, hops=made)

    for day in range(9):
        way = [(301, "https://courier.example/new")] if day != 5 else hops
        house.server.answers[COURIER] = led(*way)
        assert house.poll(force=True).feeds[0].move_to is None
        house.now = NOON + timedelta(days=day + 1)
    state = house.storage.feeds()[0].state
    assert state.move is not None
    assert state.move.since == NOON + timedelta(days=6)


def test_a_lost_feed_is_looked_for_at_its_site_and_what_is_found_is_offered(house: House) -> None:
    house.server.answers[COURIER] = failing(FailureKind.NOT_FOUND, "404", status=404)
    page = b"<html><link rel=alternate type=application/rss+xml title=News href=/new.xml></html>"
    house.server.answers["https://courier.example/"] = lambda _: answer(
        page, url="https://courier.example/"
    )
    for day in range(12):
        house.poll(force=True)
        house.now = NOON + timedelta(days=day + 1)
    asked = [url for url, _ in house.server.asked]
    assert asked.count("https://courier.example/") == 2  # on the third day, and a week later
    state = house.storage.feeds()[0].state
    assert [feed.url for feed in state.offers] == ["https://courier.example/new.xml"]
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    house.poll(force=True)
    assert house.storage.feeds()[0].state.offers == ()
    assert house.storage.feeds()[0].state.failures == 0


def test_a_site_with_many_feeds_leaves_room_for_the_others(tmp_path: Path) -> None:
    many = [f"https://many.example/{n}" for n in range(60)]
    house = House(tmp_path, *many, JOE)
    house.server.answers = dict.fromkeys([*many, JOE], lambda _: answer(rss("a")))
    house.settings = replace(house.settings, fetch=FetchSettings(connections=2))
    assert house.poll().polled == 61
    asked = [url for url, _ in house.server.asked]
    assert asked.index(JOE) < 25
    house.storage.close()


def test_claims_that_grow_old_in_the_line_are_taken_again(tmp_path: Path) -> None:
    urls = [f"https://slow.example/{n}" for n in range(12)]
    house = House(tmp_path, *urls, JOE)

    def slowly(validators: Validators) -> Fetched:
        house.now += timedelta(minutes=2)  # a dozen of these outlast any claim
        return answer(rss("a"))

    house.server.answers = dict.fromkeys([*urls, JOE], slowly)
    report = house.poll()
    assert report.polled == 13
    assert {feed.status for feed in report.feeds} == {PollStatus.NEW_CONTENT}
    house.storage.close()


def test_a_failure_that_is_kept_back_is_not_asked_for_again(tmp_path: Path) -> None:
    urls = [f"https://slow.example/{n}" for n in range(12)]
    house = House(tmp_path, JOE, *urls)

    def slowly(validators: Validators) -> Fetched:
        house.now += timedelta(minutes=2)
        return answer(rss("a"))

    house.server.answers = {**dict.fromkeys(urls, slowly), JOE: failing(FailureKind.TIMEOUT)}
    report = house.poll()
    assert [feed.status for feed in report.feeds] == [
        PollStatus.FAILED,
        *[PollStatus.NEW_CONTENT] * 12,
    ]
    assert len(house.server.asked) == 13
    house.storage.close()


def test_a_long_timeout_does_not_keep_feeds_from_being_asked(house: House) -> None:
    house.settings = replace(house.settings, fetch=FetchSettings(timeout=HOUR))
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    assert house.poll().polled == 1


def test_a_clock_that_was_wrong_once_does_not_silence_a_feed(house: House) -> None:
    house.server.answers[COURIER] = lambda _: answer(rss("a"))
    house.now = NOON + timedelta(days=365)
    house.poll()
    house.now = NOON
    assert house.poll().polled == 1
