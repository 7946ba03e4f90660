"""Scheduled posts: checked like any other, and none stops the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from services.desks import HOUR, NOON, POST, House

from aggregator.errors import DocumentError, WrongState
from aggregator.model.post import PostStatus

EMPTY = '---\ntitle: "Nothing"\n---\n\n[1]: https://a.example/\n'


def scheduled(house: House, document: str = POST) -> str:
    slug = house.desk.new(document).slug
    house.desk.publish(slug, at=NOON + HOUR)
    return slug


def test_a_body_of_nothing_but_definitions_is_empty(house: House) -> None:
    slug = house.desk.new(EMPTY).slug
    for at in (None, NOON + HOUR):
        with pytest.raises(WrongState, match="nothing else"):
            house.desk.publish(slug, at=at)
    picture = EMPTY.replace("[1]:", "![A map][1]\n\n[1]:")
    assert house.published(picture)


def test_an_edit_of_a_scheduled_post_is_checked_like_its_publication(house: House) -> None:
    slug = scheduled(house)
    before = house.post(slug)
    with pytest.raises(WrongState, match="nothing else"):
        house.desk.edit(slug, EMPTY)
    with pytest.raises(DocumentError, match="lies ahead"):
        house.desk.edit(slug, POST + "\n## Update 2026-03-31T14:00:00Z\n\nx\n")
    with pytest.raises(DocumentError, match="secret"):
        house.desk.edit(slug, POST + "\n<!-- secret -->\n")
    assert house.post(slug) == before
    # It will have been written by then.
    after = house.desk.edit(slug, POST + "\n## Update 2026-03-31T12:59:00Z\n\nx\n")
    assert (after.status, after.updated) == (PostStatus.SCHEDULED, None)


def test_one_that_cannot_be_published_waits_and_the_others_are_published(house: House) -> None:
    bad, good = scheduled(house), scheduled(house)
    # As an earlier version of the program, which looked less closely, may have left it.
    before = house.post(bad)
    left = house.desk.new(EMPTY)
    house.storage.save_post(replace(before, document=EMPTY, post=left.post), replaces=before)
    house.now += 2 * HOUR
    due = house.desk.publish_scheduled()
    assert [post.slug for post in due.published] == [good]
    [(held, error)] = due.held
    assert held.slug == bad
    assert "nothing else" in str(error)
    assert house.post(bad).status is PostStatus.SCHEDULED
