"""The first publication: what was typed is published as it stands, dated truly, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.desks import HOUR, NOON, POST, House

from aggregator.errors import DocumentError, WrongState
from aggregator.model.post import PostStatus, UpdateKind
from aggregator.publishing.article import article_of

TIMED = POST + "\n## Update 2026-03-30T14:05:00Z\n\nThey voted.\n"
ELSEWHERE = TIMED.replace("tags:", "published: 2026-03-30T16:30:00+02:00\ntags:").replace(
    "2026-03-30T14:05:00Z", "2026-03-31T09:15:00Z"
)


def test_a_document_with_updates_is_published_as_it_stands(house: House) -> None:
    stored = house.post(house.published(TIMED))
    assert stored.document == TIMED
    assert (stored.published, stored.updated) == (NOON, NOON)  # the update is older
    assert [update.at.day for update in stored.post.updates] == [30]


def test_a_post_from_elsewhere_keeps_the_time_of_its_publication(house: House) -> None:
    stored = house.post(house.published(ELSEWHERE))
    assert stored.published == datetime(2026, 3, 30, 14, 30, tzinfo=UTC)
    assert stored.updated == datetime(2026, 3, 31, 9, 15, tzinfo=UTC)
    assert stored.id == "tag:blog.example,2026-03-31:the-council-blinked"  # minted now
    older = ELSEWHERE.replace("2026-03-31T09", "2026-03-01T09").replace("council", "mayor")
    stored = house.post(house.published(older))
    assert stored.updated == stored.published


def test_the_time_of_publication_never_moves_afterwards(house: House) -> None:
    slug = house.published(ELSEWHERE)
    moved = ELSEWHERE.replace("16:30", "15:30")
    with pytest.raises(WrongState, match="2026-03-30T14:30:00Z, and that never moves"):
        house.desk.edit(slug, moved)
    without = ELSEWHERE.replace("published: 2026-03-30T16:30:00+02:00\n", "")
    house.desk.edit(slug, without)
    house.desk.edit(slug, ELSEWHERE.replace("So why", "And why"))


@pytest.mark.parametrize(
    ("document", "line", "words"),
    [
        (TIMED.replace("2026-03-30T14", "2026-04-30T14"), 11, "lies ahead"),
        (ELSEWHERE.replace("2026-03-30T16", "2026-04-30T16"), None, "lies ahead.*--at"),
        (TIMED.replace("## Update", "## Withdrawn"), 11, "take this section out"),
        (TIMED.replace("They voted.", "[1]: https://a.example/"), 11, "says nothing"),
        (POST + "\n<!-- ask Ana first -->\n", 11, "ask Ana first"),
        (POST + "\nWords <!-- ask Ana first\n", 11, "ask Ana first"),
    ],
)
def test_what_readers_could_not_believe_or_must_not_see_is_refused_with_its_line(
    house: House, document: str, line: int | None, words: str
) -> None:
    slug = house.desk.new(document).slug
    for at in (None, NOON + HOUR):
        with pytest.raises(DocumentError, match=words) as caught:
            house.desk.publish(slug, at=at)
        assert caught.value.line == line
    assert house.post(slug).status is PostStatus.DRAFT
    assert house.post(slug).document == document


def test_a_comment_is_refused_in_what_readers_already_see_too(house: House) -> None:
    slug = house.published()
    noted = POST + "\n<!-- ask Ana first -->\n"
    with pytest.raises(DocumentError, match="ask Ana"):
        house.desk.edit(slug, noted)
    with pytest.raises(DocumentError, match="ask Ana"):
        house.desk.update(slug, "They voted. <!-- ask Ana first -->")
    assert house.post(slug).document == POST


def test_code_about_comments_is_no_comment(house: House) -> None:
    house.published(POST + "\nWrite `<!-- note -->`, or \\<!-- note -->.\n")


def test_an_update_may_not_be_typed_as_older_than_the_post_later_on(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    with pytest.raises(DocumentError, match="older than the post"):
        house.desk.edit(slug, TIMED)


def test_posts_of_one_second_share_no_time_and_look_new_not_updated(house: House) -> None:
    slugs = [house.published() for _ in range(3)]
    posts = [house.post(slug) for slug in slugs]
    assert [post.published for post in posts] == [post.updated for post in posts]
    assert [post.published for post in posts] == [
        NOON + timedelta(milliseconds=count) for count in range(3)
    ]
    assert [post.slug for post in house.storage.posts()] == slugs[::-1]
    for post in posts:
        assert article_of(post, house.site).news is None


def test_an_update_in_the_second_of_publication_is_later_all_the_same(house: House) -> None:
    for slug in [house.published() for _ in range(2)]:
        before = house.post(slug)
        after = house.desk.update(slug, "More.")
        assert before.updated
        assert after.updated
        assert before.updated < after.updated < NOON + timedelta(seconds=1)
        assert after.post.updates[0].at >= (before.published or NOON)
    assert len(house.storage.updated_times()) == 2


def test_a_clock_that_goes_back_turns_no_order_around(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    first = house.desk.update(slug, "More.")
    house.now = NOON - 24 * HOUR
    versions = [house.storage.site_version(river=10)]
    second = house.desk.update(slug, "Still more.", kind=UpdateKind.CORRECTION)
    third = house.desk.edit(slug, second.document + "\n## Reaction\n\nJoe is back.\n")
    last = house.desk.withdraw(slug)
    times = [update.at for update in last.post.updates]
    assert times == sorted(times)
    assert len(set(times)) == 3
    updated = [stored.updated for stored in (first, second, third, last) if stored.updated]
    assert updated == sorted(set(updated))
    assert updated[-1] < NOON + HOUR + timedelta(seconds=1)
    house.desk.publish(slug)
    versions.append(house.storage.site_version(river=10))
    assert len(set(versions)) == 2
