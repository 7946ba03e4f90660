"""Subscriptions, claims and polls: nothing fetched twice, nothing half saved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.errors import FeedNotFound, StorageError, Unstorable
from aggregator.model.feed import Entry, EntryStatus, Feed, Hints, Link, Source
from aggregator.model.poll import (
    EntryChange,
    FailureKind,
    Move,
    PollOutcome,
    PollState,
    PollStatus,
    Validators,
)
from aggregator.model.post import Post
from aggregator.model.subscription import Subscription
from aggregator.reading.sites import site_of
from aggregator.storage.protocol import Claim
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COURIER = "https://courier.example/feed"
JOE = "https://joe.example/atom"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=lambda text: Post(title=text), site_of=site_of)
    opened.mirror_subscriptions([Subscription(url=COURIER), Subscription(url=JOE)])
    yield opened
    opened.close()


def claim_all(storage: SqlStorage, now: datetime = NOON, **more: object) -> list[Claim]:
    return storage.claim_due(now, limit=100, lease=5 * MINUTE, **more)  # type: ignore[arg-type]


def change(entry: Entry, **more: object) -> EntryChange:
    fields = {"hash": entry.content, "link_key": entry.link, "text_key": None, **more}
    return EntryChange(entry=entry, **fields)  # type: ignore[arg-type]


def outcome(*changes: EntryChange, at: datetime = NOON, **more: object) -> PollOutcome:
    fields = {
        "status": PollStatus.NEW_CONTENT,
        "state": PollState(last_polled_at=at, next_poll_at=at + timedelta(hours=1)),
        **more,
    }
    return PollOutcome(at=at, changes=changes, **fields)  # type: ignore[arg-type]


def save(storage: SqlStorage, claim: Claim, brought: PollOutcome) -> tuple[int, int] | None:
    [saved] = storage.save_polls([(claim, brought)])
    return saved


VOTE = Entry(
    id="tag:courier.example,2026:vote",
    title="Council delays vote",
    link="https://courier.example/vote",
    author="Ana Reyes",
    published=NOON - MINUTE,
    content="<p>The council put off its vote.</p>",
    summary="<p>Put off.</p>",
    language="en",
    tags=("city", "budget"),
    links=(Link(href="https://b.example/", rel="via", title="B"),),
    source=Source(title="Wire", url="https://wire.example/feed"),
)


def test_everything_a_source_said_comes_back_as_it_was(storage: SqlStorage) -> None:
    claim = claim_all(storage)[0]
    about = Feed(
        title="The Courier",
        hubs=("https://hub.example/",),
        updated=NOON,
        hints=Hints(ttl_minutes=30, skip_hours=frozenset({1, 2}), skip_days=frozenset({"Sunday"})),
    )
    state = PollState(
        validators=Validators(etag='W/"é"', last_modified="yesterday", url=COURIER),
        body_hash="abc",
        next_poll_at=NOON + MINUTE,
        reason="in 1 min: every 1 min",
        failures=2,
        failing_since=NOON,
        last_failure=FailureKind.TIMEOUT,
        last_error="slow",
        hint=timedelta(minutes=7),
    )
    save(storage, claim, outcome(change(VOTE), feed=about, state=state))
    stored = storage.feeds(counted=True)[0]
    assert (stored.feed, stored.state, stored.entries) == (about, state, 1)
    [kept] = storage.entries()
    assert kept.entry == VOTE
    assert (kept.feed_url, kept.feed_title, kept.first_seen) == (COURIER, "The Courier", NOON)


def test_a_feed_taken_out_of_the_file_is_not_polled_but_keeps_its_entries(
    storage: SqlStorage,
) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE)))
    storage.mirror_subscriptions([Subscription(url=JOE)])
    assert [claim.subscription.url for claim in claim_all(storage, NOON + 6 * MINUTE)] == [JOE]
    assert [kept.entry.id for kept in storage.entries()] == [VOTE.id]
    assert storage.river(limit=10) == []
    storage.mirror_subscriptions([Subscription(url=COURIER, title="Back")])
    assert [feed.active for feed in storage.feeds(active_only=False)] == [True, False]
    assert storage.entries()[0].feed_title == "Back"


def test_a_claimed_feed_is_nobody_elses_until_the_lease_runs_out(storage: SqlStorage) -> None:
    assert len(claim_all(storage)) == 2
    assert claim_all(storage, NOON + 4 * MINUTE) == []
    assert claim_all(storage, NOON + 4 * MINUTE, force=True) == []
    assert len(claim_all(storage, NOON + 5 * MINUTE)) == 2


def test_released_feeds_can_be_claimed_at_once(storage: SqlStorage) -> None:
    storage.release(claim_all(storage))
    assert len(claim_all(storage)) == 2


def test_a_poller_that_lost_its_claim_saves_nothing(storage: SqlStorage) -> None:
    late = claim_all(storage)[0]
    present = claim_all(storage, NOON + 6 * MINUTE)[0]
    assert save(storage, late, outcome(change(VOTE))) is None
    assert storage.entries() == []
    storage.release([late])
    assert claim_all(storage, NOON + 7 * MINUTE) == []
    assert save(storage, present, outcome(change(VOTE))) == (1, 0)


def test_feeds_are_due_by_their_time_longest_first_and_never_twice_in_one_run(
    storage: SqlStorage,
) -> None:
    first, second = claim_all(storage)
    soon = PollState(last_polled_at=NOON, next_poll_at=NOON + MINUTE)
    save(storage, first, outcome(state=replace(soon, next_poll_at=NOON + 2 * MINUTE)))
    save(storage, second, outcome(state=soon))
    assert claim_all(storage, NOON) == []
    due = claim_all(storage, NOON + 3 * MINUTE)
    assert [claim.subscription.url for claim in due] == [JOE, COURIER]
    storage.release(due)
    assert claim_all(storage, NOON + 3 * MINUTE, polled_before=NOON) == []
    assert claim_all(storage, NOON, force=True, polled_before=NOON) == []
    assert len(claim_all(storage, NOON, force=True)) == 2


def test_every_site_has_a_feed_claimed_before_any_has_two(storage: SqlStorage) -> None:
    many = [f"https://courier.example/{number}" for number in range(5)]
    urls = [*many, JOE, "https://ana.example/feed"]
    storage.mirror_subscriptions([Subscription(url=url) for url in urls])
    claims = storage.claim_due(NOON, limit=4, of_site=3, lease=5 * MINUTE)
    assert [claim.subscription.url for claim in claims] == [many[0], many[1], *urls[5:]]


def test_paused_and_gone_feeds_are_left_alone_and_addresses_narrow_the_choice(
    storage: SqlStorage,
) -> None:
    storage.mirror_subscriptions([Subscription(url=COURIER, paused=True), Subscription(url=JOE)])
    [joe] = claim_all(storage)
    save(storage, joe, outcome(state=PollState(gone=True)))
    assert claim_all(storage) == []
    assert [claim.subscription.url for claim in claim_all(storage, force=True)] == [JOE]
    assert claim_all(storage, NOON + 9 * MINUTE, force=True, urls=[COURIER]) == []


def test_an_edit_by_the_source_keeps_the_earlier_words(storage: SqlStorage) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE)))
    [kept] = storage.entries()
    later = NOON + timedelta(hours=2)
    edit = replace(VOTE, title="Council drops vote", content="<p>Dropped.</p>")
    saved = save(
        storage, claim_all(storage, later)[0], outcome(change(edit, number=kept.number), at=later)
    )
    assert saved == (0, 1)
    [present] = storage.entries()
    assert (present.entry, present.versions, present.changed_at) == (edit, 2, later)
    [earlier] = storage.entry_versions(kept.number)
    assert (earlier.title, earlier.content) == (VOTE.title, VOTE.content)
    assert (earlier.seen_at, earlier.replaced_at) == (NOON, later)


def test_an_entry_beyond_the_compared_ones_is_recognized_when_it_comes_back(
    storage: SqlStorage,
) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE, aliases=("old-guid",))))
    again = storage.claim_due(NOON, limit=1, lease=MINUTE, force=True)[0]
    renamed = change(replace(VOTE, id="old-guid", content="<p>New.</p>"))
    assert save(storage, again, outcome(change(VOTE), renamed)) == (0, 1)
    [known] = storage.known_entries(again.number)
    assert (known.id, known.aliases, known.versions) == (VOTE.id, ("old-guid",), 2)


def test_a_source_that_rewrites_without_end_fills_no_disk(storage: SqlStorage) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE)))
    number = storage.entries()[0].number
    edit = change(replace(VOTE, content="<p>1 view</p>"), number=number, keep_version=False)
    again = storage.claim_due(NOON, limit=1, lease=MINUTE, force=True, urls=[COURIER])[0]
    assert save(storage, again, outcome(edit)) == (0, 0)
    assert storage.entry(number).entry.content == "<p>1 view</p>"
    assert storage.entry_versions(number) == []


def test_a_flood_is_held_back_until_the_author_lets_it_in(storage: SqlStorage) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE), held=True))
    assert storage.entries() == []
    assert storage.river(limit=10) == []
    assert storage.count_entries()[EntryStatus.HELD] == 1
    assert storage.held_by_feed() == {COURIER: 1}
    assert storage.release_held(COURIER) == 1
    assert storage.held_by_feed() == {}
    assert len(storage.entries()) == 1
    with pytest.raises(FeedNotFound, match=r"nowhere\.example"):
        storage.release_held("https://nowhere.example/")


def test_a_feed_moves_with_all_that_is_known_of_it(storage: SqlStorage) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE)))
    new = "https://news.courier.example/feed"
    storage.expect_move(COURIER, new, NOON)
    assert storage.entries()[0].feed_url == COURIER
    storage.mirror_subscriptions([Subscription(url=JOE), Subscription(url=new, title="C")])
    assert storage.entries()[0].feed_url == new
    assert storage.feed_urls() == [JOE, new]
    [moved] = storage.feeds(urls=[new], active_only=False)
    assert moved.state.stays == COURIER
    assert moved.site is not None
    assert moved.site.name == "courier.example"
    with pytest.raises(FeedNotFound):
        storage.expect_move("https://nowhere.example/", new, NOON)


def test_an_address_that_redirects_have_taught_is_the_same_feed_when_its_author_writes_it(
    storage: SqlStorage,
) -> None:
    new = "https://courier.example/new"
    learned = PollState(move=Move(url=new, since=NOON, times=2))
    save(storage, claim_all(storage)[0], outcome(change(VOTE), state=learned))
    storage.mirror_subscriptions([Subscription(url=new), Subscription(url=JOE)])
    assert [feed.subscription.url for feed in storage.feeds(active_only=False)] == [new, JOE]
    assert storage.entries()[0].feed_url == new


def test_private_feeds_stay_out_of_the_river(storage: SqlStorage) -> None:
    save(storage, claim_all(storage)[0], outcome(change(VOTE)))
    assert len(storage.river(limit=10)) == 1
    storage.mirror_subscriptions([Subscription(url=COURIER, private=True)])
    assert storage.river(limit=10) == []


def test_a_date_in_the_future_does_not_stay_on_top(storage: SqlStorage) -> None:
    boast = replace(VOTE, id="boast", published=NOON + timedelta(hours=20))
    save(storage, claim_all(storage)[0], outcome(change(boast)))
    later = NOON + timedelta(hours=2)
    claim = storage.claim_due(later, limit=1, lease=MINUTE, urls=[COURIER])[0]
    fresh = replace(VOTE, id="fresh", published=later)
    save(storage, claim, outcome(change(fresh), at=later))
    assert [kept.entry.id for kept in storage.entries()] == ["fresh", "boast"]


def test_a_full_disk_loses_nothing_that_was_there(storage: SqlStorage, tmp_path: Path) -> None:
    first, second = claim_all(storage)
    save(storage, first, outcome(change(VOTE)))
    with storage._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    huge = change(replace(VOTE, content="x" * 1_000_000))
    with pytest.raises(StorageError, match="free some space"):
        save(storage, second, outcome(huge))
    assert [kept.entry for kept in storage.entries()] == [VOTE]
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_time_without_a_zone_is_refused(storage: SqlStorage) -> None:
    naive = PollState(next_poll_at=datetime(2026, 3, 31, 12, 0))  # noqa: DTZ001 - the point
    with pytest.raises(StorageError, match="naive datetime"):
        save(storage, claim_all(storage)[0], outcome(state=naive))


def test_what_cannot_be_stored_takes_its_neighbours_with_it_and_says_so(
    storage: SqlStorage,
) -> None:
    first, second = claim_all(storage)
    half = replace(VOTE, title="\ud800")
    with pytest.raises(Unstorable):
        storage.save_polls([(first, outcome(change(VOTE))), (second, outcome(change(half)))])
    assert storage.entries() == []
    assert storage.save_polls([(first, outcome(change(VOTE)))]) == [(1, 0)]


def test_the_site_is_another_when_its_river_is(storage: SqlStorage) -> None:
    seen = [storage.site_version(river=1)]
    first, second = claim_all(storage)
    save(storage, first, outcome(change(VOTE), held=True))
    assert storage.site_version(river=1) == seen[0]
    storage.release_held(first.subscription.url)
    seen.append(storage.site_version(river=1))
    save(storage, second, outcome(change(replace(VOTE, id="2", published=NOON - 60 * MINUTE))))
    assert storage.site_version(river=1) == seen[-1]  # too old for a river of one
    assert len({*seen, storage.site_version(river=2)}) == 3
