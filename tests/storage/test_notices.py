"""The queue of notices: what waits is told once, and a newer change takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model.notice import Mentions, Notice, NoticeState
from aggregator.model.post import Post
from aggregator.reading.sites import site_of
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 5 * MINUTE
HUB, FEED = "https://hub.example/", "https://blog.example/feed.atom"
POST, VOTE, TALK = (
    "https://blog.example/post/",
    "https://news.example/vote",
    "https://joe.example/t",
)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=lambda text: Post(title=text), site_of=site_of)
    yield opened
    opened.close()


def due(storage: SqlStorage, at: datetime = NOON, **more: object) -> list[Notice]:
    given = {"hubs": [HUB], "mentions": True, "limit": 100} | more
    return storage.notices.due(at, **given)  # type: ignore[arg-type]


def mentions(*targets: str, change: str = "1", revision: str = "1") -> Mentions:
    return Mentions(source=POST, revision=revision, change=change, targets=targets)


def told(storage: SqlStorage, notice: Notice, at: datetime = NOON) -> None:
    mine = storage.notices.claim(notice, at, at + LEASE)
    assert mine is not None
    assert storage.notices.sending(mine, "https://endpoint.example/", at)
    storage.notices.done(mine, NoticeState.TOLD, "202", at)


def test_a_feed_is_told_of_once_for_each_change(storage: SqlStorage) -> None:
    assert storage.notices.expect_pings({FEED: "a"}, [HUB], NOON) == 1
    assert storage.notices.expect_pings({FEED: "a"}, [HUB], NOON) == 0
    [notice] = due(storage)
    assert (notice.about, notice.whom, notice.site) == (FEED, HUB, "hub.example")
    told(storage, notice)
    assert storage.notices.expect_pings({FEED: "a"}, [HUB], NOON) == 0
    assert due(storage) == []
    assert storage.notices.expect_pings({FEED: "b"}, [HUB], NOON) == 1
    assert storage.notices.expect_pings({FEED: "a"}, [HUB], NOON) == 1  # back to what was told
    assert len(due(storage)) == 1


def test_one_attempt_has_one_holder(storage: SqlStorage) -> None:
    storage.notices.expect_pings({FEED: "a"}, [HUB], NOON)
    [notice] = due(storage)
    assert storage.notices.claim(notice, NOON, NOON + LEASE)
    assert storage.notices.claim(notice, NOON, NOON + LEASE) is None
    assert due(storage) == []
    [again] = due(storage, NOON + LEASE)  # its holder is gone, and had not begun to send
    assert again.attempts == 1


def test_what_was_begun_and_never_noted_is_unsure_and_not_sent_again(storage: SqlStorage) -> None:
    storage.notices.expect_pings({FEED: "a"}, [HUB], NOON)
    mine = storage.notices.claim(due(storage)[0], NOON, NOON + LEASE)
    assert mine
    assert storage.notices.sending(mine, HUB, NOON)
    assert storage.notices.settle(NOON + MINUTE) == 0  # its answer may still come
    assert storage.notices.settle(NOON + LEASE) == 1
    [notice] = storage.notices.notices()
    assert notice.state is NoticeState.UNSURE
    assert "the program ended" in (notice.answer or "")
    assert due(storage, NOON + 100 * LEASE) == []
    assert storage.notices.expect_pings({FEED: "a"}, [HUB], NOON) == 0
    assert storage.notices.retry(NOON) == 1  # the author's word
    assert len(due(storage)) == 1


def test_an_answer_to_an_earlier_change_says_nothing_of_the_newer_one(storage: SqlStorage) -> None:
    storage.notices.expect_pings({FEED: "a"}, [HUB], NOON)
    mine = storage.notices.claim(due(storage)[0], NOON, NOON + LEASE)
    assert mine
    assert storage.notices.sending(mine, HUB, NOON)
    storage.notices.expect_pings({FEED: "b"}, [HUB], NOON)
    storage.notices.done(mine, NoticeState.TOLD, "202", NOON)
    storage.notices.again(mine, "500", NOON + MINUTE)
    [notice] = due(storage)
    assert (notice.state, notice.change, notice.answer) == (NoticeState.WAITING, "b", None)
    assert not storage.notices.sending(mine, HUB, NOON)


def test_hubs_that_are_named_no_more_and_mentions_that_are_unwanted_wait(
    storage: SqlStorage,
) -> None:
    storage.notices.expect_mentions([mentions(VOTE)], NOON)
    storage.notices.expect_pings({FEED: "a"}, [HUB, "https://old.example/"], NOON)
    assert [notice.whom for notice in due(storage)] == [HUB, VOTE]  # hubs first
    assert [notice.whom for notice in due(storage, mentions=False)] == [HUB]
    assert [notice.whom for notice in due(storage, hubs=[])] == [VOTE]
    assert [notice.whom for notice in due(storage, limit=1)] == [HUB]


def test_new_ones_are_due_at_once_by_request(storage: SqlStorage) -> None:
    storage.notices.expect_mentions([mentions(VOTE)], NOON + MINUTE)
    assert due(storage) == []
    assert len(due(storage, new_ones=True)) == 1
    assert len(due(storage, NOON + MINUTE)) == 1


def test_all_targets_are_told_again_of_a_change_and_new_ones_without(storage: SqlStorage) -> None:
    assert storage.notices.expect_mentions([mentions(VOTE)], NOON) == 1
    told(storage, due(storage)[0])
    assert storage.notices.expect_mentions([mentions(VOTE, TALK)], NOON) == 1
    assert [notice.whom for notice in due(storage)] == [TALK]
    told(storage, due(storage)[0])
    assert storage.notices.expect_mentions([mentions(VOTE, TALK, change="2")], NOON) == 2
    assert storage.notices.expect_mentions([mentions(VOTE, TALK, change="2")], NOON) == 0


def test_a_target_that_was_told_is_told_once_that_it_is_cited_no_more(storage: SqlStorage) -> None:
    storage.notices.expect_mentions([mentions(VOTE, TALK)], NOON)
    told(storage, due(storage)[0])
    assert storage.notices.expect_mentions([mentions(revision="2")], NOON) == 1
    [notice] = due(storage)  # TALK had never been told, and has nothing to take back
    assert (notice.whom, notice.removed) == (VOTE, True)
    told(storage, notice)
    assert storage.notices.expect_mentions([mentions(revision="3", change="2")], NOON) == 0
    assert storage.notices.expect_mentions([mentions(VOTE, revision="4")], NOON) == 1  # it is back
    assert not due(storage)[0].removed
    assert storage.notices.revisions() == {POST: "4"}


def test_a_site_that_asks_us_to_wait_is_left_alone(storage: SqlStorage) -> None:
    storage.notices.expect_mentions([mentions(VOTE, "https://www.news.example/b", TALK)], NOON)
    storage.notices.postpone("news.example", NOON + MINUTE)
    assert [notice.whom for notice in due(storage)] == [TALK]
    assert len(due(storage, NOON + MINUTE)) == 3


def test_the_record_begins_with_what_was_never_tried_then_the_last(storage: SqlStorage) -> None:
    storage.notices.expect_mentions([mentions("https://a.example/", VOTE, TALK)], NOON)
    told(storage, due(storage)[1])
    told(storage, due(storage)[1], NOON + MINUTE)
    assert [notice.whom for notice in storage.notices.notices()] == [
        "https://a.example/",
        TALK,
        VOTE,
    ]
    [last] = storage.notices.notices(states=[NoticeState.TOLD], limit=1)
    assert (last.whom, last.answer, last.told_at) == (TALK, "202", NOON + MINUTE)
