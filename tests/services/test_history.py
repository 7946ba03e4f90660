"""A feed's archives are walked once: everything is kept, nothing of it is news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.settings import PollSettings, Settings
from aggregator.document import parse_document
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.feed import EntryStatus
from aggregator.model.poll import FailureKind, Freshness, PollStatus, Rhythm, Validators
from aggregator.model.subscription import Subscription
from aggregator.reading.document import ReadFailure, ReadRequest, ReadResult, read_document
from aggregator.reading.sites import site_of
from aggregator.services.history import MOST_DOCUMENTS, HistoryWalk, Walked
from aggregator.services.polling import Poller
from aggregator.services.report import PollReport
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
SITE = "https://courier.example"
FEED = f"{SITE}/feed"


def atom(
    *numbers: int, dated: bool = True, stamp: str = "", text: str = "About", **links: str
) -> bytes:
    """Return a document with these entries: number 1 is a day old, 2 two days, and so on."""
    entries = "".join(
        f"<entry><id>urn:{number}</id><title>Number {number}</title>"
        f"<link href='{SITE}/{number}'/>"
        + (f"<updated>{(NOON - timedelta(days=number)).isoformat()}</updated>" if dated else "")
        + f"<content type='html'>{text} number {number}.</content></entry>"
        for number in numbers
    )
    named = "".join(
        f"<link rel='{rel.replace('_', '-')}' href='{href}'/>" for rel, href in links.items()
    )
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>The Courier</title><id>urn:x</id>"
        f"<updated>{NOON.isoformat()}</updated><subtitle>{stamp}</subtitle>{named}{entries}</feed>"
    ).encode()


class Server:
    """The network as a function, and what it was asked."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes | FetchError | Callable[[], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Fetched | NotModified:
        self.asked.append((url, login))
        body = self.bodies.get(url)
        if body is None:
            raise FetchError(FailureKind.NOT_FOUND, "courier.example answered 404", status=404)
        if isinstance(body, FetchError):
            raise body
        return Fetched(
            url=url,
            body=body if isinstance(body, bytes) else body(),
            content_type="application/atom+xml",
            validators=Validators(etag='"1"', url=url),
            freshness=Freshness(),
            hops=(),
        )


class InProcess:
    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        return read_document(request)


class House:
    def __init__(self, folder: Path, subscription: Subscription) -> None:
        self.now = NOON
        self.server = Server()
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document, site_of=site_of)
        self.storage.mirror_subscriptions([subscription])
        self.settings = Settings(
            path=folder / "feeds.yaml",
            poll=PollSettings(gap=timedelta(0), spacing=timedelta(0)),
        )

    def walk(self, **more: object) -> Walked:
        walk = HistoryWalk(
            self.storage, self.server, InProcess(), self.settings, clock=lambda: self.now
        )
        return walk.walk(FEED, **more)  # type: ignore[arg-type]

    def poll(self) -> PollReport:
        self.now += timedelta(minutes=1)
        poller = Poller(
            self.storage,
            self.server,
            InProcess(),
            self.settings,
            clock=lambda: self.now,
            jitter=lambda: 0.0,
        )
        return poller.poll(force=True)

    def titles(self, *statuses: EntryStatus) -> list[str]:
        return [one.entry.title for one in self.storage.entries(statuses=statuses or None)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, Subscription(url=FEED))
    yield built
    built.storage.close()


def archives(server: Server) -> None:
    """The current document and two archives, as RFC 5005 §4 has them; the first overlaps."""
    server.bodies |= {
        FEED: atom(1, 2, 3, prev_archive="/2026-02"),
        f"{SITE}/2026-02": atom(3, 4, 5, prev_archive="/2026-01", current="/feed"),
        f"{SITE}/2026-01": atom(6, 7, next_archive="/2026-02"),
    }


ARCHIVED = (EntryStatus.ARCHIVED,)


def test_archives_are_walked_to_their_end_and_kept_out_of_the_inbox(house: House) -> None:
    archives(house.server)
    house.poll()
    before = house.storage.feeds()[0].state
    told: list[Walked] = []
    assert house.walk(tell=told.append) == Walked(documents=2, new=4)
    assert [walked.new for walked in told] == [2, 4]
    assert house.titles(EntryStatus.INBOX) == ["Number 1", "Number 2", "Number 3"]
    assert house.titles(*ARCHIVED) == ["Number 4", "Number 5", "Number 6", "Number 7"]
    assert house.storage.feeds()[0].state == before  # validators, hash, rhythm, log: all of it
    assert len(house.storage.poll_log(1)) == 1


def test_history_that_is_walked_later_says_nothing_of_the_rhythm(house: House) -> None:
    def rhythm() -> Rhythm:
        return house.storage.feeds()[0].state.rhythm

    archives(house.server)
    house.poll()
    house.server.bodies[FEED] = atom(1, 2, 3, stamp="a")
    house.now += timedelta(days=1)
    house.poll()
    before = rhythm()
    house.walk()
    house.server.bodies[FEED] = atom(1, 2, 3, stamp="b")
    house.poll()
    assert rhythm() == before


def test_the_pages_of_a_long_feed_are_walked_as_well(house: House) -> None:
    house.server.bodies |= {
        FEED: atom(1, 2, next="?page=2"),
        f"{FEED}?page=2": atom(3, 4, next="?page=3", previous="/feed"),
        f"{FEED}?page=3": atom(5, previous="?page=2"),
    }
    assert house.walk() == Walked(documents=2, new=3)


def test_what_the_feed_holds_now_is_left_to_the_next_poll_and_is_news_to_it(house: House) -> None:
    archives(house.server)
    house.walk()
    assert house.titles() == ["Number 4", "Number 5", "Number 6", "Number 7"]
    [feed] = house.poll().feeds
    assert (feed.status, feed.new, feed.held) == (PollStatus.NEW_CONTENT, 3, 0)
    assert house.titles(EntryStatus.INBOX) == ["Number 1", "Number 2", "Number 3"]


def test_a_second_walk_stores_nothing_again_and_goes_all_the_way(house: House) -> None:
    archives(house.server)
    house.poll()
    house.walk()
    house.server.bodies[f"{SITE}/2026-01"] = atom(6, 7, prev_archive="/2025-12")
    house.server.bodies[f"{SITE}/2025-12"] = atom(8)
    assert house.walk() == Walked(documents=3, new=1)
    assert len(house.titles()) == 8


def test_a_thousand_archived_entries_are_no_flood_and_set_no_rhythm(house: House) -> None:
    house.server.bodies |= {
        FEED: atom(*range(1, 26), next="/old"),  # one a day
        f"{SITE}/old": atom(*range(100, 8000, 7)),  # one a week
    }
    house.poll()
    house.walk()
    house.server.bodies[FEED] = atom(*range(26), next="/old")
    [feed] = house.poll().feeds
    assert (feed.new, feed.held) == (1, 0)
    rhythm = house.storage.feeds()[0].state.rhythm
    assert (rhythm.gap, rhythm.newest_at) == (timedelta(days=1), NOON)


def test_archives_without_dates_set_no_rhythm_either(house: House) -> None:
    house.server.bodies |= {
        FEED: atom(1, 2, next="/old"),
        f"{SITE}/old": atom(*range(3, 60), dated=False),
    }
    house.walk()
    house.poll()
    assert house.storage.feeds()[0].state.rhythm.gap == timedelta(days=1)


def test_archives_without_dates_are_older_than_all_that_is_known(house: House) -> None:
    house.server.bodies |= {
        FEED: atom(1, 2, next="/old"),
        f"{SITE}/old": atom(3, 4, dated=False, next="/older"),
        f"{SITE}/older": atom(5, 6, dated=False),
    }
    house.poll()
    house.walk()
    assert house.titles() == [f"Number {number}" for number in range(1, 7)]


def test_archived_entries_do_not_reach_the_readers_of_the_river(house: House) -> None:
    archives(house.server)
    house.poll()
    house.walk()
    river = [one.entry.title for one in house.storage.river(limit=200)]
    assert river == ["Number 1", "Number 2", "Number 3"]


def test_the_texts_of_archived_entries_are_not_let_go_of(house: House) -> None:
    archives(house.server)
    house.poll()
    house.walk()
    old = house.storage.old_entries(NOON + timedelta(days=999), at_least=0)
    assert len(old) == 3  # those of the poll


def test_an_archive_never_changes_what_the_feed_says_now(house: House) -> None:
    archives(house.server)
    house.server.bodies[f"{SITE}/2026-02"] = atom(3, 4, text="Long ago")
    house.poll()
    house.walk()
    third = next(one for one in house.storage.entries() if one.entry.title == "Number 3")
    assert third.versions == 1
    assert "About" in third.entry.content


def test_an_archived_entry_that_was_seen_under_http_is_the_same_entry(house: House) -> None:
    def linked(scheme: str, **links: str) -> bytes:
        return atom(1, **links).replace(b"urn:1", f"{scheme}://courier.example/1".encode())

    house.server.bodies |= {
        FEED: linked("https", next="/old"),
        f"{SITE}/old": linked("http").replace(b"About", b"Well, about"),
    }
    house.poll()
    assert house.walk().new == 0


@pytest.mark.parametrize(
    "bodies",
    [
        {FEED: atom(1, next="/feed")},
        {FEED: atom(1, next="/a"), f"{SITE}/a": atom(2, next="/feed")},
        {
            FEED: atom(1, next="/a"),
            f"{SITE}/a": atom(2, next="/b"),
            f"{SITE}/b": atom(3, next="/a"),
        },
    ],
    ids=["itself", "back", "round"],
)
def test_a_circle_is_walked_once(house: House, bodies: dict[str, bytes]) -> None:
    house.server.bodies |= bodies
    assert house.walk().trouble == ""
    assert len(house.server.asked) == len(bodies)


def test_a_server_that_gives_the_same_page_for_ever_is_asked_once_more(house: House) -> None:
    def page() -> bytes:
        count = len(house.server.asked)
        return atom(1, 2, stamp=f"made {count}", next=f"/page{count}")

    house.server.bodies |= {FEED: page} | {f"{SITE}/page{n}": page for n in range(9)}
    assert house.walk() == Walked()
    assert len(house.server.asked) == 2


def test_pages_without_end_are_left_at_a_bound(house: House) -> None:
    def page() -> bytes:
        count = len(house.server.asked)
        return atom(count, next=f"/page{count}")

    house.server.bodies |= {FEED: page} | {f"{SITE}/page{n}": page for n in range(1200)}
    walked = house.walk()
    assert walked.documents == MOST_DOCUMENTS
    assert "1,000 documents" in walked.trouble
    assert len(house.titles()) == walked.new == walked.documents


def test_documents_too_large_in_sum_end_the_walk(house: House) -> None:
    heavy = (b"<!--" + b"x" * 9_000_000 + b"-->") * 10 + b"</feed>"

    def page() -> bytes:
        count = len(house.server.asked)
        return atom(count, next=f"/page{count}").replace(b"</feed>", heavy)

    house.server.bodies |= {FEED: page} | {f"{SITE}/page{n}": page for n in range(9)}
    assert "256 MiB" in house.walk().trouble
    assert len(house.server.asked) == 3


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"<html><body>Gone fishing", "this is a web page"),
        (b"", "the answer is empty"),
        (FetchError(FailureKind.SERVER, "courier.example answered 500", status=500), "500"),
        (FetchError(FailureKind.FORBIDDEN_ADDRESS, "not a public address"), "public address"),
    ],
    ids=["page", "empty", "server", "address"],
)
def test_a_broken_archive_ends_the_walk_and_what_came_is_kept(
    house: House, broken: bytes | FetchError, words: str
) -> None:
    archives(house.server)
    house.server.bodies[f"{SITE}/2026-01"] = broken
    house.poll()
    walked = house.walk()
    assert (walked.documents, walked.new) == (1, 2)
    assert f"{SITE}/2026-01: " in walked.trouble
    assert words in walked.trouble
    assert house.titles(*ARCHIVED) == ["Number 4", "Number 5"]
    assert house.storage.feeds()[0].state.failures == 0


def test_an_archive_that_breaks_off_gives_its_whole_entries(house: House) -> None:
    archives(house.server)
    whole = house.server.bodies[f"{SITE}/2026-02"]
    assert isinstance(whole, bytes)
    cut = whole.replace(b"prev-archive", b"other")[:-100]
    house.server.bodies[f"{SITE}/2026-02"] = cut
    walked = house.walk()
    assert (walked.documents, walked.new) == (1, 1)
    assert "breaks off" in walked.trouble


def test_a_feed_without_archives_has_none(house: House) -> None:
    house.server.bodies[FEED] = atom(1)
    assert house.walk() == Walked()
    assert house.titles() == []


def test_a_site_that_asks_us_to_wait_is_left_in_peace_by_walks_and_polls(house: House) -> None:
    archives(house.server)
    house.server.bodies[f"{SITE}/2026-01"] = FetchError(
        FailureKind.THROTTLED,
        "courier.example answered 429",
        status=429,
        retry_after=timedelta(hours=2),
    )
    house.poll()
    assert "429" in house.walk().trouble
    asked = len(house.server.asked)
    assert "asked us to wait; 2 h" in house.walk().trouble
    [feed] = house.poll().feeds
    assert feed.status is PollStatus.DEFERRED
    assert len(house.server.asked) == asked


def test_nobody_else_asks_the_site_during_a_walk_nor_a_walk_during_a_poll(house: House) -> None:
    archives(house.server)
    house.poll()
    during: list[object] = []

    def archive() -> bytes:
        [feed] = house.poll().feeds
        during.append((feed.status, feed.held_elsewhere))
        during.append(house.walk().trouble)
        return atom(6)

    house.server.bodies[f"{SITE}/2026-02"] = archive
    assert house.walk().new == 1
    assert during[0] == (PollStatus.DEFERRED, True)
    assert "another poll is at work" in str(during[1])
    [feed] = house.poll().feeds  # and nothing is held when it is over
    assert feed.status is PollStatus.UNCHANGED


def test_a_paused_feed_is_left_alone(tmp_path: Path) -> None:
    house = House(tmp_path, Subscription(url=FEED, paused=True))
    assert house.walk().trouble == f"{FEED} is paused in feeds.yaml"
    assert house.server.asked == []
    house.storage.close()


def test_a_login_stays_at_its_own_host(tmp_path: Path) -> None:
    house = House(tmp_path, Subscription(url=FEED, login="me:secret"))
    elsewhere = "https://archive.example/old"
    house.server.bodies |= {
        FEED: atom(1, next="/old"),
        f"{SITE}/old": atom(2, next=elsewhere),
        elsewhere: atom(3),
    }
    assert house.walk().new == 2
    assert house.server.asked == [
        (FEED, "me:secret"),
        (f"{SITE}/old", "me:secret"),
        (elsewhere, None),
    ]
    house.storage.close()


def test_a_document_that_was_fetched_just_now_is_not_fetched_again(house: House) -> None:
    archives(house.server)
    first = house.server.fetch(FEED)
    house.walk(first=first)
    assert [url for url, _ in house.server.asked].count(FEED) == 1


def test_the_pages_of_a_json_feed_are_walked_as_well(house: House) -> None:
    def page(number: int, more: str) -> bytes:
        items = f'"items": [{{"id": "{number}", "content_text": "x"}}]'
        return f'{{"version": "https://jsonfeed.org/version/1.1", {more}{items}}}'.encode()

    house.server.bodies |= {
        FEED: page(1, f'"next_url": "{FEED}?page=2", '),
        f"{FEED}?page=2": page(2, ""),
    }
    assert house.walk() == Walked(documents=1, new=1)
