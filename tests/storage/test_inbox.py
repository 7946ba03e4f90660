"""Lists of entries: each view has what it should, page by page, and every deed can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk.receiving import NOON, fail, feed, follow, item, receive, titles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.document import parse_document
from aggregator.errors import BadQuery, EntryNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import Among, Deed, Query, View
from aggregator.services.intake import Intake
from aggregator.services.query import parse_query
from aggregator.storage.sql import SqlStorage

UNREAD, ALL = View(), View(among=Among.ALL)
MINE = {"by": 1, "at": NOON}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    follow(storage, feed("Courier", "city"), feed("Gazette", "city", "harbour"), feed("Ana"))
    yield storage
    storage.close()


def searched(storage: SqlStorage, typed: str) -> list[str]:
    Intake(storage.words, storage.filters).catch_up()
    return titles(storage.inbox.listed(View(among=Among.ALL, query=parse_query(typed))))


def test_views_have_what_they_are_called_after(storage: SqlStorage) -> None:
    one, two = receive(storage, "Courier", item("One", ago=3), item("Two", ago=1))
    (three,) = receive(storage, "Gazette", item("Three", ago=2))
    receive(storage, "Ana", item("Held", ago=4), held=True)
    storage.mark_entries([two], status=EntryStatus.DISMISSED)
    storage.inbox.mark([one], Deed.READ, **MINE)
    storage.inbox.mark([three], Deed.STAR, **MINE)
    courier = storage.inbox.one_listed(one).feed_number
    assert titles(storage.inbox.listed(UNREAD)) == ["Three"]
    assert titles(storage.inbox.listed(ALL)) == ["Two", "Three", "One"]
    assert titles(storage.inbox.listed(View(among=Among.STARRED))) == ["Three"]
    assert titles(storage.inbox.listed(View(among=Among.HELD))) == ["Held"]
    assert titles(storage.inbox.listed(View(among=Among.ALL, feed=courier))) == ["Two", "One"]
    assert titles(storage.inbox.listed(View(among=Among.ALL, tag="harbour"))) == ["Three"]
    assert titles(storage.inbox.listed(View(tag="city"))) == ["Three"]


def test_pages_follow_each_other_without_gap_or_double(storage: SqlStorage) -> None:
    # Many of one time: the number decides between them.
    receive(storage, "Courier", *(item(f"{n}", ago=n // 7) for n in range(40)))
    whole = titles(storage.inbox.listed(ALL, limit=100))
    paged: list[str] = []
    cursor = None
    while page := storage.inbox.listed(ALL, after=cursor, limit=6):
        paged += titles(page)
        cursor = page[-1].cursor
    assert paged == whole
    assert len(set(paged)) == 40


def test_neighbours_are_the_entries_above_and_below(storage: SqlStorage) -> None:
    old, middle, new = receive(storage, "Ana", *(item(f"{n}", ago=9 - n) for n in range(3)))
    at = storage.inbox.one_listed(middle).cursor
    assert storage.inbox.neighbours(UNREAD, at) == (new, old)
    assert storage.inbox.neighbours(UNREAD, storage.inbox.one_listed(new).cursor) == (None, middle)


def test_entries_that_lead_to_the_same_page_are_one_story(storage: SqlStorage) -> None:
    link = "https://news.example/vote"
    (one,) = receive(storage, "Courier", item("Vote", link=link))
    receive(storage, "Gazette", item("The vote", ago=1, link=link), item("Else", ago=2))
    assert storage.inbox.one_listed(one).others == 1
    story = View(among=Among.ALL, story=one)
    assert titles(storage.inbox.listed(story)) == ["Vote", "The vote"]
    with pytest.raises(EntryNotFound):
        storage.inbox.listed(View(among=Among.ALL, story=999))


def test_what_stands_beside_counts_unread_by_feed_and_tag(storage: SqlStorage) -> None:
    receive(storage, "Courier", item("One"), item("Two"))
    (three,) = receive(storage, "Gazette", item("Three"))
    fail(storage, "Ana", "no answer", since=NOON - timedelta(days=2))
    storage.inbox.mark([three], Deed.READ, **MINE)
    beside = storage.inbox.beside()
    assert {one.title: one.unread for one in beside.feeds} == {"Ana": 0, "Courier": 2, "Gazette": 0}
    assert beside.tags() == [("city", 2), ("harbour", 0)]
    assert (beside.unread, beside.starred, beside.held) == (2, 0, 0)
    assert [(one.title, one.error) for one in beside.failing()] == [("Ana", "no answer")]


def test_search_finds_words_as_they_are_now(storage: SqlStorage) -> None:
    receive(
        storage,
        "Courier",
        item("Budget", ago=1, content="<p>The council&#8217;s <b>vote</b> is off.</p>"),
        item("Football", ago=2, content="<p>The council of the club voted.</p>"),
    )
    receive(storage, "Gazette", item("预算表决", ago=3, author="Léa Roux"))
    assert searched(storage, "council") == ["Budget", "Football"]
    assert searched(storage, "council -club") == ["Budget"]
    assert searched(storage, '"vote is"') == ["Budget"]
    assert searched(storage, "vot*") == ["Budget", "Football"]
    assert searched(storage, "vote OR voted") == ["Budget", "Football"]
    assert searched(storage, "author:lea") == ["预算表决"]
    assert searched(storage, "预算") == ["预算表决"]
    assert searched(storage, "算预") == []
    assert searched(storage, "title:council") == []
    assert searched(storage, "feed:gaz") == ["预算表决"]
    assert searched(storage, "-feed:gaz") == ["Budget", "Football"]
    assert searched(storage, "tag:CITY -tag:harbour") == ["Budget", "Football"]
    assert searched(storage, "p b") == []  # markup is no word
    # An edit takes the place of what was there before, in the index too.
    receive(storage, "Courier", item("Budget", ago=1, content="<p>The mayor speaks.</p>"))
    assert searched(storage, "mayor") == ["Budget"]
    assert searched(storage, '"vote is"') == []
    assert searched(storage, "is:changed") == ["Budget"]


def test_search_by_time_and_marks(storage: SqlStorage) -> None:
    one, two = receive(storage, "Ana", item("One", ago=60 * 24 * 40), item("Two", ago=5))
    storage.inbox.mark([one], Deed.STAR, **MINE)
    storage.inbox.mark([two], Deed.READ, **MINE)
    assert searched(storage, "before:2026-03") == ["One"]
    assert searched(storage, "after:2026-03-31") == ["Two"]
    assert searched(storage, "is:starred") == ["One"]
    assert searched(storage, "-is:starred") == ["Two"]
    assert searched(storage, "is:unread") == ["One"]
    assert searched(storage, "is:read") == ["Two"]
    assert searched(storage, "is:starred is:unread one") == ["One"]
    starred_unread = View(among=Among.STARRED, query=Query(unread=True))
    assert titles(storage.inbox.listed(starred_unread)) == ["One"]


def test_a_common_word_is_found_like_a_rare_one(storage: SqlStorage) -> None:
    numbers = receive(storage, "Ana", *(item(f"word {n}", ago=n) for n in range(2_100)))
    Intake(storage.words, storage.filters).catch_up(seconds=60)
    view = View(among=Among.ALL, query=parse_query("word -7"))
    found = storage.inbox.listed(view, limit=3_000)
    assert [one.number for one in found] == [n for n in numbers if n != numbers[7]]


WORDS = [
    "vote",
    "OR",
    " ",
    '"',
    "-",
    "*",
    "title:",
    "feed:",
    "NEAR",
    "(",
    ":",
    "^",
    "\0",
    "预",
    "²",
]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=7), st.sampled_from(Among))
def test_whatever_is_searched_for_is_an_answer(
    storage: SqlStorage, typed: list[str], among: Among
) -> None:
    with suppress(BadQuery):
        storage.inbox.listed(View(among=among, query=parse_query("".join(typed))))


def test_what_is_not_indexed_yet_is_counted(storage: SqlStorage) -> None:
    receive(storage, "Ana", item("One"), item("Two"))
    assert storage.words.to_index() == 2
    assert storage.words.index(1, str) == 1
    assert storage.words.to_index() == 1
    Intake(storage.words, storage.filters).catch_up()
    assert storage.words.to_index() == 0
    receive(storage, "Ana", item("One", content="<p>new</p>"))
    assert storage.words.to_index() == 1


def marks(storage: SqlStorage) -> dict[int, tuple[str, bool, bool]]:
    return {
        one.number: (one.status.value, one.read, one.starred)
        for among in (Among.ALL, Among.HELD)
        for one in storage.inbox.listed(View(among=among), limit=100)
    }


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from(Deed), st.sets(st.integers(0, 5), min_size=1)), max_size=6)
)
def test_every_deed_can_be_taken_back(
    storage: SqlStorage, deeds: list[tuple[Deed, set[int]]]
) -> None:
    numbers = receive(storage, "Ana", *(item(f"{n}", ago=n) for n in range(4)))
    numbers += receive(storage, "Courier", item("held", ago=5), item("held too"), held=True)
    states = [marks(storage)]
    for deed, which in deeds:
        if storage.inbox.mark([numbers[n] for n in sorted(which)], deed, **MINE):
            states.append(marks(storage))
    while len(states) > 1:
        assert marks(storage) == states.pop()
        assert storage.inbox.undo(1) is not None
    assert marks(storage) == states[0]
    assert storage.inbox.undo(1) is None


def test_undo_leaves_alone_what_was_done_since(storage: SqlStorage) -> None:
    (one,) = receive(storage, "Ana", item("One"))
    storage.inbox.mark([one], Deed.DISMISS, **MINE)
    storage.mark_entries([one], status=EntryStatus.CITED)
    storage.inbox.undo(1)
    assert storage.entry(one).status is EntryStatus.CITED


def test_undo_is_each_users_own(storage: SqlStorage) -> None:
    (one,) = receive(storage, "Ana", item("One"))
    storage.inbox.mark([one], Deed.STAR, by=1, at=NOON)
    assert storage.inbox.undo(2) is None
    assert [done.about for done in storage.inbox.last_done(1)] == ["One"]
    assert storage.inbox.last_done(2) == []


def test_dismissing_never_takes_away_that_something_was_cited(storage: SqlStorage) -> None:
    (one,) = receive(storage, "Ana", item("One"))
    storage.mark_entries([one], status=EntryStatus.CITED)
    assert storage.inbox.mark([one], Deed.DISMISS, **MINE) is None
    assert storage.entry(one).status is EntryStatus.CITED


def test_all_or_nothing_is_marked(storage: SqlStorage) -> None:
    (one,) = receive(storage, "Ana", item("One"))
    with pytest.raises(EntryNotFound):
        storage.inbox.mark([one, 999], Deed.DISMISS, **MINE)
    assert storage.entry(one).status is EntryStatus.INBOX


def test_marking_a_view_leaves_what_came_in_since_its_page_was_made(storage: SqlStorage) -> None:
    receive(storage, "Ana", item("One", ago=2), item("Two", ago=1))
    newest = storage.inbox.newest()
    receive(storage, "Ana", item("Late", ago=3))
    storage.inbox.mark_view(UNREAD, Deed.READ, up_to=newest, **MINE)
    assert titles(storage.inbox.listed(UNREAD)) == ["Late"]


def test_marking_above_leaves_that_entry_and_all_below(storage: SqlStorage) -> None:
    numbers = receive(storage, "Ana", *(item(f"{n}", ago=n) for n in range(5)))
    above = storage.inbox.one_listed(numbers[2]).cursor
    newest = storage.inbox.newest()
    done = storage.inbox.mark_view(UNREAD, Deed.READ, up_to=newest, above=above, **MINE)
    assert done is not None
    assert done.count == 2
    assert titles(storage.inbox.listed(UNREAD)) == ["2", "3", "4"]


def test_other_ways_out_of_the_inbox_and_back_keep_unread_in_step(storage: SqlStorage) -> None:
    one, two = receive(storage, "Ana", item("One", ago=1), item("Two", ago=2))
    storage.mark_entries([one, two], status=EntryStatus.DISMISSED)
    assert storage.inbox.beside().unread == 0
    storage.mark_entries([one], status=EntryStatus.INBOX)
    assert titles(storage.inbox.listed(UNREAD)) == ["One"]
    storage.let_go([one])
    assert titles(storage.inbox.listed(UNREAD)) == []
    receive(storage, "Courier", item("Held"), held=True)
    assert storage.inbox.beside().unread == 0
    storage.release_held("https://courier.example/feed")
    assert titles(storage.inbox.listed(UNREAD)) == ["Held"]


def test_times_before_1970_have_their_place(storage: SqlStorage) -> None:
    old = item("Old")
    receive(
        storage,
        "Ana",
        item("New"),
        type(old)(id="old", title="Old", published=datetime(1955, 5, 5, tzinfo=UTC)),
    )
    first = storage.inbox.listed(ALL, limit=1)[0]
    assert titles(storage.inbox.listed(ALL, after=first.cursor)) == ["Old"]
