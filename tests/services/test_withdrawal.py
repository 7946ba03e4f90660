"""Withdrawals: readers are told when, why, and not any longer than it is true."""

from __future__ import annotations

import pytest
from services.desks import HOUR, NOON, POST, House

from aggregator.errors import WrongState
from aggregator.markup.text import plain_text
from aggregator.model.post import PostStatus, UpdateKind
from aggregator.publishing.article import Article, article_of

REASON = "\n## Withdrawn\n\nI was wrong.\n"


def shown(house: House, slug: str) -> Article:
    return article_of(house.post(slug), house.site)


def test_a_section_added_by_an_edit_takes_the_post_back(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    after = house.desk.edit(slug, POST + REASON)
    assert (after.status, after.withdrawn) == (PostStatus.WITHDRAWN, NOON + HOUR)
    assert after.updated == NOON + HOUR
    assert "## Withdrawn 2026-03-31T13:00:00Z" in after.document
    other = house.published(POST.replace("council", "mayor"))
    assert house.desk.update(other, "I was wrong.", kind=UpdateKind.WITHDRAWAL).withdrawn
    same = [plain_text(shown(house, one).html) for one in (slug, other)]
    assert same[0] == same[1]
    assert "I was wrong." in same[0]


def test_an_update_that_becomes_a_withdrawal_is_one(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    document = house.desk.update(slug, "I was wrong.").document
    changed = document.replace("## Update", "## Withdrawn")
    with pytest.raises(WrongState, match="--drop-updates"):
        house.desk.edit(slug, changed)
    assert house.desk.edit(slug, changed, drop_updates=True).status is PostStatus.WITHDRAWN


def test_a_withdrawn_post_is_updated_only_once_it_is_published_again(house: House) -> None:
    slug = house.published()
    house.desk.withdraw(slug)
    before = house.post(slug)
    house.now += HOUR
    for kind in UpdateKind:
        with pytest.raises(WrongState, match=f"post publish {slug}"):
            house.desk.update(slug, "Besides …", kind=kind)
    for section in (REASON, "\n## Update\n\nMore.\n", "\n## Update 2026-03-31T12:30:00Z\n\nx\n"):
        with pytest.raises(WrongState, match=f"post publish {slug}"):
            house.desk.edit(slug, POST + section)
    assert house.post(slug) == before
    # Words may be mended meanwhile, which nobody sees and nothing moves.
    after = house.desk.edit(slug, POST.replace("So why", "Why"))
    assert (after.status, after.updated) == (PostStatus.WITHDRAWN, before.updated)
    with pytest.raises(WrongState, match="without --at"):
        house.desk.publish(slug, at=house.now + HOUR)


def test_readers_see_the_hour_of_the_withdrawal(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    house.desk.withdraw(slug)
    article = shown(house, slug)
    assert article.news == article.updated == NOON + HOUR
    assert "31 March 2026, 13:00 UTC: The author has withdrawn" in plain_text(article.html)


def test_a_post_that_is_back_says_no_more_that_it_was_gone(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    withdrawn = house.desk.update(slug, "I was wrong.", kind=UpdateKind.WITHDRAWAL)
    house.now += HOUR
    again = house.desk.publish(slug)
    assert (again.status, again.withdrawn) == (PostStatus.PUBLISHED, None)
    assert again.document == withdrawn.document  # which keeps it
    article = shown(house, slug)
    assert "wrong" not in article.html
    assert "mayor" not in article.html
    assert "So why vote" in article.html
    assert article.updated == NOON + 2 * HOUR
    assert article.news is None


def test_a_second_withdrawal_does_not_repeat_the_reason_of_the_first(house: House) -> None:
    slug = house.published()
    house.desk.update(slug, "I was wrong.", kind=UpdateKind.WITHDRAWAL)
    house.desk.publish(slug)
    house.desk.withdraw(slug)
    assert "wrong" not in shown(house, slug).html
    house.desk.publish(slug)
    house.desk.update(slug, "And again.", kind=UpdateKind.WITHDRAWAL)
    text = plain_text(shown(house, slug).html)
    assert "And again." in text
    assert "wrong" not in text
