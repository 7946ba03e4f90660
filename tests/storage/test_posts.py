"""Posts: no document is ever overwritten without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.errors import EntryNotFound, PostNotFound, WrongState
from aggregator.model.feed import EntryStatus
from aggregator.model.post import Post, PostStatus, StoredPost
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=lambda text: Post(title=text))
    yield opened
    opened.close()


def draft(slug: str, text: str = "words", at: datetime = NOON) -> StoredPost:
    return StoredPost(
        slug=slug,
        document=text,
        post=Post(title=text),
        status=PostStatus.DRAFT,
        created=at,
        edited=at,
    )


def test_a_post_comes_back_as_it_was_saved(storage: SqlStorage) -> None:
    post = replace(
        draft("blinked"),
        status=PostStatus.PUBLISHED,
        id="tag:blog.example,2026-03-31:blinked",
        published=NOON,
        updated=NOON + HOUR,
        scheduled=NOON - HOUR,
        withdrawn=NOON + 2 * HOUR,
    )
    storage.save_post(post, replaces=None)
    assert storage.post("blinked") == post
    assert storage.posts() == [post]


def test_every_replaced_document_is_kept(storage: SqlStorage) -> None:
    first = draft("blinked", "first words")
    second = replace(first, document="second", post=Post(title="second"), edited=NOON + HOUR)
    storage.save_post(first, replaces=None)
    storage.save_post(second, replaces=first)
    assert storage.post("blinked") == second
    assert storage.post_revisions("blinked") == [(NOON + HOUR, "first words")]


def test_the_slower_of_two_hands_is_told_and_overwrites_nothing(storage: SqlStorage) -> None:
    first = draft("blinked")
    storage.save_post(first, replaces=None)
    quick = replace(first, document="quick", edited=NOON + HOUR)
    slow = replace(first, document="slow", edited=NOON + 2 * HOUR)
    storage.save_post(quick, replaces=first)
    with pytest.raises(WrongState, match="another hand"):
        storage.save_post(slow, replaces=first)
    assert storage.post("blinked").document == "quick"


def test_a_slug_belongs_to_one_post(storage: SqlStorage) -> None:
    first, other = draft("blinked"), draft("other")
    storage.save_post(first, replaces=None)
    storage.save_post(other, replaces=None)
    with pytest.raises(WrongState, match="already"):
        storage.save_post(draft("blinked"), replaces=None)
    with pytest.raises(WrongState, match="already"):
        storage.save_post(replace(other, slug="blinked"), replaces=other)


def test_published_posts_come_first_and_newest_first(storage: SqlStorage) -> None:
    for slug, at in (("old", NOON), ("new", NOON + HOUR)):
        post = replace(draft(slug), status=PostStatus.PUBLISHED, id=slug, published=at, updated=at)
        storage.save_post(post, replaces=None)
    storage.save_post(draft("idea", at=NOON + 9 * HOUR), replaces=None)
    assert [post.slug for post in storage.posts()] == ["new", "old", "idea"]


def test_posts_of_one_second_stand_newest_first_however_often_they_are_edited(
    storage: SqlStorage,
) -> None:
    for slug in ("a", "c", "b"):
        post = replace(draft(slug), status=PostStatus.PUBLISHED, id=slug, published=NOON)
        storage.save_post(post, replaces=None)
    assert [post.slug for post in storage.posts()] == ["b", "c", "a"]
    first = storage.post("a")
    storage.save_post(replace(first, document="x", edited=NOON + HOUR), replaces=first)
    assert [post.slug for post in storage.posts()] == ["b", "c", "a"]


def test_every_change_is_noticed_even_when_clocks_go_back(storage: SqlStorage) -> None:
    seen = [storage.site_version(river=10)]
    first = draft("blinked")
    edited = replace(first, document="other", edited=NOON - HOUR)
    planned = replace(edited, status=PostStatus.SCHEDULED, scheduled=NOON)
    for before, after in ((None, first), (first, edited), (edited, planned), (planned, edited)):
        storage.save_post(after, replaces=before)
        seen.append(storage.site_version(river=10))
    assert len(set(seen)) == 5
    assert storage.site_version(river=10) == seen[-1]


def test_the_id_of_a_feed_is_kept_for_good(storage: SqlStorage) -> None:
    assert storage.feed_ids() == {}
    storage.keep_feed_ids({"feed.atom": "tag:a"})
    storage.keep_feed_ids({"feed.atom": "tag:b", "river.atom": "tag:c"})
    assert storage.feed_ids() == {"feed.atom": "tag:a", "river.atom": "tag:c"}


def test_what_is_not_there_is_named(storage: SqlStorage) -> None:
    with pytest.raises(PostNotFound, match="nosuch"):
        storage.post("nosuch")
    with pytest.raises(EntryNotFound, match="no entry 7"):
        storage.entry(7)
    with pytest.raises(EntryNotFound, match="no entry 7"):
        storage.mark_entries([7], status=EntryStatus.DISMISSED)
