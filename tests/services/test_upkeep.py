"""Old texts are let go of by the author's rule, and never what the author used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.settings import KeepSettings
from aggregator.document import parse_document
from aggregator.model.feed import Entry, EntryStatus
from aggregator.model.poll import EntryChange, PollOutcome, PollState, PollStatus
from aggregator.model.post import PostStatus, StoredPost
from aggregator.model.subscription import Subscription
from aggregator.services.upkeep import tidy, used_addresses
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = KeepSettings(age=365 * DAY, at_least=2)
COURIER = "https://courier.example/feed"


def change(number: int, age: timedelta) -> EntryChange:
    entry = Entry(
        id=f"e{number}",
        title=f"Story {number}",
        link=f"https://courier.example/{number}",
        published=NOON - age,
        content=f"<p>Words of story {number}.</p>",
    )
    return EntryChange(entry=entry, hash=f"h{number}", link_key=entry.link, text_key=None)


def poll(storage: SqlStorage, at: datetime, *changes: EntryChange) -> None:
    [claim] = storage.claim_due(at, limit=9, lease=DAY, force=True)
    state = PollState(last_polled_at=at, next_poll_at=at)
    outcome = PollOutcome(status=PollStatus.NEW_CONTENT, at=at, state=state, changes=changes)
    storage.save_polls([(claim, outcome)])


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    opened.mirror_subscriptions([Subscription(url=COURIER)])
    poll(opened, NOON - 500 * DAY, *(change(number, (500 + number) * DAY) for number in range(8)))
    yield opened
    opened.close()


def texts(storage: SqlStorage) -> set[str]:
    numbers = range(1, 9)
    return {storage.entry(one).entry.id for one in numbers if storage.entry(one).entry.content}


def test_without_a_rule_everything_is_kept(storage: SqlStorage) -> None:
    assert tidy(storage, KeepSettings(), NOON) == 0
    assert len(texts(storage)) == 8


def test_old_texts_go_but_the_newest_of_each_feed_and_what_is_young_stay(
    storage: SqlStorage,
) -> None:
    assert tidy(storage, KeepSettings(age=600 * DAY, at_least=2), NOON) == 0
    assert tidy(storage, YEAR, NOON, dry_run=True) == 6
    assert len(texts(storage)) == 8
    assert tidy(storage, YEAR, NOON) == 6
    assert texts(storage) == {"e0", "e1"}
    assert tidy(storage, YEAR, NOON) == 0
    assert {one.entry.id for one in storage.entries(statuses=None)} == {"e0", "e1"}
    assert storage.entry(8).status is EntryStatus.EXPIRED
    assert storage.entry(8).entry.title == "Story 7"
    assert {one.entry.id for one in storage.river(limit=99)} == {"e0", "e1"}


def test_what_the_author_starred_cited_or_named_anywhere_is_never_touched(
    storage: SqlStorage,
) -> None:
    by_id = {storage.entry(one).entry.id: one for one in range(1, 9)}
    storage.mark_entries([by_id["e7"]], starred=True)
    storage.mark_entries([by_id["e6"]], status=EntryStatus.CITED)
    first = "---\ntitle: A\n---\nSee https://courier.example/5, and <https://courier.example/4?utm_source=x>."
    draft = StoredPost(
        slug="a",
        document=first,
        post=parse_document(first),
        status=PostStatus.DRAFT,
        created=NOON,
        edited=NOON,
    )
    storage.save_post(draft, replaces=None)
    assert tidy(storage, YEAR, NOON) == 2
    assert texts(storage) == {"e0", "e1", "e4", "e5", "e6", "e7"}


def test_an_entry_that_was_let_go_of_does_not_come_back_as_new(storage: SqlStorage) -> None:
    tidy(storage, YEAR, NOON)
    poll(storage, NOON, *(change(number, (500 + number) * DAY) for number in range(8)))
    assert sum(storage.count_entries().values()) == 8
    assert storage.count_entries()[EntryStatus.EXPIRED] == 6
    assert len(storage.entries()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[Ana](https://a.example/x) reports:",
        "as <https://a.example/x> says",
        "see https://www.a.example/x.",
        'cites:\n  - {url: "http://a.example/x?utm_medium=feed"}',
        "[1]: https://a.example/x 'Title'",
    ],
)
def test_every_way_to_name_an_address_is_seen(text: str) -> None:
    assert "a.example/x" in used_addresses([text])
