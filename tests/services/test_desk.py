"""The life of a post: minted once, dated once, and no word of it lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from services.desks import HOUR, MINUTE, NOON, POST, REACTION, House

from aggregator.errors import DocumentError, EntryNotFound, PostNotFound, WrongState
from aggregator.model.feed import Entry, EntryStatus
from aggregator.model.poll import EntryChange, PollOutcome, PollState, PollStatus
from aggregator.model.post import PostStatus, UpdateKind
from aggregator.model.subscription import Subscription
from aggregator.publishing.article import article_of
from aggregator.services.desk import Desk


def entry_in_inbox(house: House) -> int:
    house.storage.mirror_subscriptions([Subscription(url="https://courier.example/feed")])
    [claim] = house.storage.claim_due(NOON, limit=1, lease=HOUR)
    entry = Entry(
        id="vote",
        title="Council delays vote",
        link="https://courier.example/vote",
        author="Ana Reyes",
        published=NOON,
        content="<p>The council put off its vote on Tuesday.</p>",
    )
    change = EntryChange(entry=entry, hash="1", link_key=None, text_key=None)
    brought = PollOutcome(
        status=PollStatus.NEW_CONTENT, at=NOON, state=PollState(), changes=(change,)
    )
    house.storage.save_polls([(claim, brought)])
    return house.storage.entries()[0].number


def test_a_draft_gives_nothing_of_a_private_feed_away(house: House) -> None:
    number = entry_in_inbox(house)
    house.storage.mirror_subscriptions(
        [Subscription(url="https://courier.example/feed", private=True)]
    )
    assert "(https://courier.example/vote)" in house.desk.draft_from(number)
    [claim] = house.storage.claim_due(NOON, limit=1, lease=HOUR, force=True)
    entry = replace(house.storage.entry(number).entry, link="https://courier.example/v?token=x")
    change = EntryChange(entry=entry, hash="2", link_key=None, text_key=None, number=number)
    brought = PollOutcome(
        status=PollStatus.NEW_CONTENT, at=NOON, state=PollState(), changes=(change,)
    )
    house.storage.save_polls([(claim, brought)])
    assert house.storage.entry(number).entry.link == entry.link
    assert "token" not in house.desk.draft_from(number)


def test_a_draft_is_kept_exactly_as_typed(house: House) -> None:
    typed = POST.replace("So why", "So  why\t—") + "\n\n"
    stored = house.desk.new(typed)
    assert (stored.slug, stored.status) == ("the-council-blinked", PostStatus.DRAFT)
    assert house.storage.post(stored.slug).document == typed


def test_two_posts_of_one_title_get_two_slugs(house: House) -> None:
    assert [house.desk.new(POST).slug for _ in range(3)] == [
        "the-council-blinked",
        "the-council-blinked-2",
        "the-council-blinked-3",
    ]


def test_a_title_without_a_letter_is_known_by_its_day(house: House) -> None:
    assert house.desk.new("---\ntitle: 🎉\n---\n").slug == "post-2026-03-31"
    assert house.desk.new("---\ntitle: …\n---\n").slug == "post-2026-03-31-2"


def test_a_document_that_cannot_be_understood_is_refused_with_its_line(house: House) -> None:
    with pytest.raises(DocumentError, match="line 2"):
        house.desk.new("---\ntitel: The council\n---\nWords.\n")
    assert house.storage.posts() == []


def test_publishing_mints_an_id_once_and_for_all(house: House) -> None:
    slug = house.published()
    first = house.storage.post(slug)
    assert first.id == "tag:blog.example,2026-03-31:the-council-blinked"
    assert (first.status, first.published, first.updated) == (PostStatus.PUBLISHED, NOON, NOON)
    house.now += HOUR
    house.desk.withdraw(slug)
    house.now += HOUR
    again = house.desk.publish(slug)
    assert (again.id, again.published) == (first.id, NOON)
    assert again.updated
    assert again.updated > NOON


def test_a_typo_moves_no_date(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    after = house.desk.edit(slug, POST.replace("at all", "at  all"))
    assert (after.published, after.updated) == (NOON, NOON)
    assert house.storage.post_revisions(slug) == [(NOON + HOUR, POST)]


def test_an_update_moves_updated_only_and_leaves_every_earlier_word(house: House) -> None:
    slug = house.published()
    before = house.storage.post(slug)
    house.now += 2 * HOUR
    after = house.desk.update(slug, REACTION, kind=UpdateKind.REACTION)
    assert (after.id, after.published) == (before.id, NOON)
    assert after.updated == NOON + 2 * HOUR
    assert after.document.startswith(POST.rstrip("\n"))
    [update] = after.post.updates
    assert (update.kind, update.at) == (UpdateKind.REACTION, NOON + 2 * HOUR)
    assert after.post.blocks == before.post.blocks
    assert [citation.title for citation in after.post.citations][-1] == "Talk to the hand"


def test_an_update_typed_into_the_document_counts_as_one(house: House) -> None:
    slug = house.published()
    house.now += HOUR
    after = house.desk.edit(slug, POST + "\n## Update\n\nIt is worse.\n")
    assert after.updated == NOON + HOUR
    assert "## Update 2026-03-31T13:00:00Z" in after.document
    house.now += HOUR
    mended = house.desk.edit(slug, after.document.replace("worse", "much worse"))
    assert mended.updated == NOON + HOUR


def test_updates_of_one_moment_stay_apart(house: House) -> None:
    slug = house.published()
    for words in ("First.\n", "Second.\n"):
        house.desk.update(slug, words)
    times = [update.at for update in house.storage.post(slug).post.updates]
    assert len(set(times)) == 2


def test_a_draft_takes_no_update_and_the_message_says_what_to_do(house: House) -> None:
    slug = house.desk.new(POST).slug
    with pytest.raises(WrongState, match="post edit the-council-blinked"):
        house.desk.update(slug, REACTION)


def test_an_update_that_cannot_be_understood_changes_nothing(house: House) -> None:
    slug = house.published()
    with pytest.raises(DocumentError):
        house.desk.update(slug, "::: takeaways\nNo list here.\n:::\n")
    with pytest.raises(DocumentError):
        house.desk.update(slug, "\n \n")
    assert house.storage.post(slug).document == POST


def test_the_address_of_a_published_post_does_not_change(house: House) -> None:
    slug = house.published()
    with pytest.raises(WrongState, match="address"):
        house.desk.edit(slug, POST.replace("tags:", "slug: another\ntags:"))
    draft = house.desk.new(POST.replace("blinked", "stared")).slug
    assert house.desk.edit(draft, POST.replace("tags:", "slug: another\ntags:")).slug == "another"


def test_a_scheduled_post_is_published_at_its_time_or_as_soon_after_as_may_be(
    house: House,
) -> None:
    slug = house.desk.new(POST).slug
    assert house.desk.publish(slug, at=NOON + HOUR).status is PostStatus.SCHEDULED
    assert house.desk.publish_scheduled().published == ()
    house.now += 5 * HOUR
    [stored] = house.desk.publish_scheduled().published
    assert (stored.status, stored.published) == (PostStatus.PUBLISHED, NOON + 5 * HOUR)
    assert house.desk.publish_scheduled().published == ()


def test_a_scheduled_post_can_be_taken_back(house: House) -> None:
    slug = house.desk.new(POST).slug
    house.desk.publish(slug, at=NOON + HOUR)
    assert house.desk.withdraw(slug).status is PostStatus.DRAFT


def test_publishing_at_a_time_gone_by_is_refused(house: House) -> None:
    slug = house.desk.new(POST).slug
    with pytest.raises(WrongState, match=r"has gone by.*published:"):
        house.desk.publish(slug, at=NOON - 2 * MINUTE)
    assert house.post(slug).status is PostStatus.DRAFT
    # What was meant as now may have taken a moment to type.
    assert house.desk.publish(slug, at=NOON - MINUTE).published == NOON


def test_what_is_done_already_is_refused(house: House) -> None:
    slug = house.published()
    with pytest.raises(WrongState, match="published already"):
        house.desk.publish(slug)
    house.desk.withdraw(slug)
    with pytest.raises(WrongState, match="withdrawn already"):
        house.desk.withdraw(slug)
    with pytest.raises(PostNotFound):
        house.desk.publish("nosuch")


def test_a_draft_from_an_entry_cites_it_and_takes_it_out_of_the_inbox(house: House) -> None:
    number = entry_in_inbox(house)
    stored = house.desk.new(house.desk.draft_from(number), from_entry=number)
    [citation] = stored.post.citations
    assert (citation.url, citation.author) == ("https://courier.example/vote", "Ana Reyes")
    assert (citation.title, citation.entry) == ("Council delays vote", number)
    assert "The council put off its vote on Tuesday." in stored.document
    assert house.storage.entry(number).status is EntryStatus.CITED
    with pytest.raises(EntryNotFound):
        house.desk.draft_from(number + 1)


def test_a_draft_on_a_foreign_site_is_led_into_when_it_is_published(house: House) -> None:
    number = entry_in_inbox(house)
    german = replace(house.site, language="de-AT")
    desk = Desk(house.storage, german, clock=lambda: house.now)
    slug = desk.new(desk.draft_from(number), from_entry=number).slug
    assert "reports" not in house.post(slug).document
    desk.publish(slug)
    html = article_of(house.post(slug), german).html
    assert '<a href="https://courier.example/vote">Ana Reyes</a>' in html
    assert "berichtet:</p>" in html


def test_triage_can_be_undone(house: House) -> None:
    number = entry_in_inbox(house)
    house.desk.dismiss([number])
    assert house.storage.entries() == []
    house.desk.restore([number])
    house.desk.star([number])
    assert [stored.starred for stored in house.storage.entries()] == [True]


def test_an_edit_never_takes_back_an_update_without_being_told_to(house: House) -> None:
    slug = house.published()
    house.desk.update(slug, "It was June.", kind=UpdateKind.CORRECTION)
    before = house.storage.post(slug)
    typo_mended = POST.replace("So why", "So, why")
    with pytest.raises(WrongState, match="the correction of 2026-"):
        house.desk.edit(slug, typo_mended)
    assert house.storage.post(slug) == before
    after = house.desk.edit(slug, typo_mended, drop_updates=True)
    assert after.post.updates == ()


def test_a_published_post_is_never_left_empty(house: House) -> None:
    slug = house.published()
    with pytest.raises(WrongState, match="empty"):
        house.desk.edit(slug, '---\ntitle: "The council blinked"\n---\n')
    empty = house.desk.new('---\ntitle: "Nothing yet"\n---\n')
    with pytest.raises(WrongState, match="nothing else"):
        house.desk.publish(empty.slug)


@pytest.mark.parametrize(
    ("time", "words"), [("2030-01-01T00:00:00Z", "lies ahead"), ("2001-01-01T00:00:00Z", "older")]
)
def test_an_update_has_a_possible_time(house: House, time: str, words: str) -> None:
    slug = house.published()
    with pytest.raises(DocumentError, match=words):
        house.desk.edit(slug, POST + f"\n## Update {time}\n\nMore.\n")


def test_what_another_hand_saved_meanwhile_is_not_overwritten(house: House) -> None:
    stored = house.desk.new(POST)
    opened = stored.document
    theirs = opened.replace("So why", "And so why")
    house.desk.edit(stored.slug, theirs, opened=opened)
    with pytest.raises(WrongState, match="another hand while you wrote"):
        house.desk.edit(stored.slug, opened.replace("So why", "But why"), opened=opened)
    assert house.storage.post(stored.slug).document == theirs


def test_a_document_that_cannot_be_read_any_more_stops_no_other_post(house: House) -> None:
    good, bad = house.desk.new(POST), house.desk.new(POST)
    house.desk.publish(good.slug)
    broken = replace(bad, document="---\ntitle: [\n---\nWords.\n")
    house.storage.save_post(broken, replaces=bad)
    told = {post.slug: post.broken for post in house.storage.posts()}
    assert told[good.slug] == ""
    assert "line" in told[bad.slug]
    assert house.storage.post(bad.slug).document == broken.document
    with pytest.raises(DocumentError, match=f"aggregator post edit {bad.slug}"):
        house.desk.publish(bad.slug)
    house.desk.edit(bad.slug, POST)
    assert house.desk.publish(bad.slug).status is PostStatus.PUBLISHED
