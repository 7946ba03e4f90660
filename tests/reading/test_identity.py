"""Which entry is which, whatever the source does to its ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.feed import Entry, Link
from aggregator.model.poll import KnownEntry
from aggregator.reading.changes import entry_hash, link_key, text_key
from aggregator.reading.identity import MOST_DATES, Identities, identify

LONG = "The council put off its vote on Tuesday, and nobody who was asked could say until when. "


def entry(
    id: str = "",  # noqa: A002
    title: str = "",
    link: str | None = None,
    content: str = "",
    day: int = 0,
) -> Entry:
    published = datetime(2026, 11, day, 10, tzinfo=UTC) if day else None
    return Entry(id=id, title=title, link=link, content=content, published=published)


def story(number: int, *, id: str, link: str | None = None) -> Entry:  # noqa: A002
    return entry(id, f"Story {number}", link, f"<p>{LONG}{number} {LONG}</p>")


def known_after(result: Identities, before: Sequence[KnownEntry] = ()) -> list[KnownEntry]:
    """Return what storage would know after a poll had this result."""
    known = {one.number: one for one in before}
    for one in result.entries:
        old = one.known
        number = old.number if old else len(known) + 1
        known[number] = KnownEntry(
            number=number,
            id=one.entry.id,
            hash=entry_hash(one.entry),
            link_key=link_key(one.entry),
            text_key=text_key(one.entry),
            aliases=(*(old.aliases if old else ()), *one.aliases),
        )
    assert len({one.id for one in known.values()}) == len(known)
    return list(known.values())


def first(entries: Sequence[Entry], forced: str | None = None) -> tuple[str, list[KnownEntry]]:
    result = identify(entries, (), policy="id", forced=forced)
    return result.policy, known_after(result)


def again(entries: Sequence[Entry], known: Sequence[KnownEntry], policy: str = "id") -> list[int]:
    """Return the numbers of the known entries that these are; 0 for what is new."""
    result = identify(entries, known, policy=policy, forced=None)
    return [one.known.number if one.known else 0 for one in result.entries]


def test_ids_that_differ_are_kept_character_for_character() -> None:
    ids = ["tag:a,2026:1", "http://a.example/?p=1", "http://a.example/?p=2 ", "1", "ID", "id"]
    policy, known = first([entry(one) for one in ids])
    assert policy == "id"
    assert [one.id for one in known] == ids


def test_ids_are_repeated_by_habit_so_links_tell_entries_apart() -> None:
    entries = [story(one, id="same", link=f"https://a.example/{one}") for one in range(5)]
    policy, known = first(entries)
    assert policy == "link"
    assert [one.id for one in known] == [f"https://a.example/{one}" for one in range(5)]


def test_ids_and_links_are_repeated_so_the_text_tells_entries_apart() -> None:
    entries = [story(one, id="same", link="https://a.example/") for one in range(5)]
    policy, known = first(entries)
    assert policy == "text"
    assert len(known) == 5


def test_one_repeated_id_is_a_mistake_and_changes_no_policy() -> None:
    entries = [story(one, id=str(one), link=f"https://a.example/{one}") for one in range(4)]
    entries.append(story(9, id="1", link="https://a.example/9"))
    policy, known = first(entries)
    assert policy == "id"
    assert len({one.id for one in known}) == 5
    assert "1" in {one.id for one in known}


def test_a_policy_never_goes_back_by_itself() -> None:
    entries = [story(one, id=str(one), link=f"https://a.example/{one}") for one in range(4)]
    assert identify(entries, (), policy="link", forced=None).policy == "link"
    assert identify(entries, (), policy="text", forced=None).policy == "text"


@pytest.mark.parametrize("forced", ["id", "link", "text"])
def test_the_authors_word_decides_the_policy(forced: str) -> None:
    entries = [story(one, id="same", link=f"https://a.example/{one}") for one in range(5)]
    policy, known = first(entries, forced)
    assert policy == forced
    assert len(known) == 5


def test_entries_are_recognized_when_the_policy_changes() -> None:
    one_by_one = [story(0, id="same", link="https://a.example/0")]
    _, known = first(one_by_one)
    entries = [story(one, id="same", link=f"https://a.example/{one}") for one in range(4)]
    result = identify(entries, known, policy="id", forced=None)
    assert result.policy == "link"
    assert [one.known.number if one.known else 0 for one in result.entries] == [1, 0, 0, 0]
    known = known_after(result, known)
    assert again(entries, known, "link") == [1, 2, 3, 4]


REPEATED = [
    story(1, id="g", link="https://a.example/1"),
    story(2, id="g", link="https://a.example/2"),
]


@pytest.mark.parametrize(
    "entries",
    [
        REPEATED,
        [replace(one, link=None) for one in REPEATED],
        [replace(one, link="https://a.example/") for one in REPEATED],
        [entry("g", "One"), entry("g", "Two")],
        [entry("g", "One", "https://a.example/"), entry("g", "Two", "https://a.example/")],
    ],
)
def test_entries_with_one_id_stay_apart_in_any_order_and_when_one_goes(
    entries: list[Entry],
) -> None:
    _, known = first(entries)
    assert again(entries, known) == [1, 2]
    assert again(entries[::-1], known) == [2, 1]
    assert again(entries[:1], known) == [1]
    assert again(entries[1:], known) == [2]


def test_a_third_entry_with_the_id_is_new_and_takes_no_others_place() -> None:
    _, known = first(REPEATED)
    third = story(3, id="g", link="https://a.example/3")
    assert again([third, *REPEATED[1:]], known) == [0, 2]
    assert again([third], known) == [0]


def test_an_edit_of_an_entry_with_a_shared_id_is_an_edit() -> None:
    _, known = first(REPEATED)
    edited = [replace(one, title="Edited " + one.title) for one in REPEATED]
    assert again(edited[::-1], known) == [2, 1]


def test_two_of_many_with_one_id_and_one_link_are_all_kept() -> None:
    others = [story(one, id=str(one), link=f"https://a.example/{one}") for one in range(60)]
    same = [story(90 + one, id="g", link="https://a.example/x") for one in range(3)]
    policy, known = first([*others, *same])
    assert policy == "id"
    assert len({one.id for one in known}) == 63
    assert again([*same[::-1], *others], known)[:3] == [63, 62, 61]


def test_ids_that_are_addresses_may_move_to_https() -> None:
    entries = [entry(f"http://www.a.example/{one}", f"Title {one}") for one in range(3)]
    _, known = first(entries)
    moved = [replace(one, id=one.id.replace("http://www.", "https://")) for one in entries]
    assert again(moved, known) == [1, 2, 3]
    result = identify(moved, known, policy="id", forced=None)
    assert [one.entry.id for one in result.entries] == [one.id for one in entries]
    assert [one.aliases for one in result.entries] == [(one.id,) for one in moved]


def test_ids_that_differ_in_a_fragment_or_query_are_different_entries() -> None:
    _, known = first([entry("http://a.example/log#v1", "v1", "http://a.example/log")])
    for other in ("http://a.example/log#v2", "https://a.example/log#v2", "http://a.example/log"):
        assert again([entry(other, "v2", "http://a.example/log")], known) == [0], other
    _, known = first([entry("http://a.example/?utm_id=1", "one")])
    assert again([entry("http://a.example/?utm_id=2", "two")], known) == [0]


def test_a_new_domain_with_the_same_texts_brings_nothing_new() -> None:
    entries = [
        story(one, id=f"https://old.example/{one}", link=f"https://old.example/{one}")
        for one in range(5)
    ]
    _, known = first(entries)
    moved = [
        story(one, id=f"https://new.example/{one}", link=f"https://new.example/{one}")
        for one in range(5)
    ]
    assert again(moved, known) == [1, 2, 3, 4, 5]


def test_a_new_system_with_new_ids_brings_nothing_new() -> None:
    entries = [story(one, id=f"old-{one}", link=f"https://a.example/{one}") for one in range(30)]
    _, known = first(entries)
    moved = [story(one, id=f"new-{one}", link=f"https://a.example/{one}") for one in range(30)]
    moved.insert(0, story(99, id="new-99", link="https://a.example/99"))
    result = identify(moved, known, policy="id", forced=None)
    assert sum(one.known is None for one in result.entries) == 1
    assert again(moved, known_after(result, known)) == [31, *range(1, 31)]


def test_a_page_that_carries_a_new_entry_every_day_is_many_entries() -> None:
    known: list[KnownEntry] = []
    for day in range(5):
        page = [story(day, id=f"day-{day}", link="https://a.example/today")]
        result = identify(page, known, policy="id", forced=None)
        assert result.entries[0].known is None
        known = known_after(result, known)
    short = [entry("day-9", "Photo of the day", "https://a.example/today")]
    assert again(short, known) == [0]


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_an_entry_without_an_id_is_known_by_its_link_or_its_text(blank: str) -> None:
    entries = [
        entry(blank.strip(), "One", "https://a.example/1"),
        entry(blank.strip(), "Two", None, "text"),
        entry(blank.strip(), "Three"),
    ]
    _, known = first(entries)
    assert known[0].id == "https://a.example/1"
    assert [one.id[:5] for one in known[1:]] == ["text:", "text:"]
    assert again(entries[::-1], known) == [3, 2, 1]


def test_an_entry_that_lost_its_id_is_recognized_by_its_page() -> None:
    _, known = first([entry("guid-1", "One", "https://a.example/1")])
    assert again([entry("", "One", "https://a.example/1")], known) == [1]


def dated(day: int, **more: object) -> Entry:
    return replace(entry("", "Open thread", day=day), **more)  # type: ignore[arg-type]


KINDS = [
    {},
    {"link": "https://a.example/open"},
    {"content": LONG * 3},
    {"link": "https://a.example/open", "content": LONG * 3},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forced", [None, "id", "link", "text"])
def test_entries_without_an_id_that_differ_by_their_date_are_different(
    kind: dict[str, object], forced: str | None
) -> None:
    entries = [dated(day, **kind) for day in (3, 2, 1)]
    policy, known = first(entries, forced)
    assert len(known) == 3
    for order in ([0, 1, 2], [2, 1, 0], [1], [2, 0]):
        result = identify([entries[one] for one in order], known, policy=policy, forced=forced)
        assert [one.known.number - 1 for one in result.entries if one.known] == order
        assert not any(one.aliases for one in result.entries)
    assert again([dated(4, **kind), *entries], known, policy) == [0, 1, 2, 3]
    assert again([dated(4, **kind)], known, policy) == [0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_day_after_day_is_another_entry_every_day(kind: dict[str, object]) -> None:
    known: list[KnownEntry] = []
    for day in range(1, 8):  # the last two days are shown
        shown = [dated(one, **kind) for one in (day, day - 1) if one]
        result = identify(shown, known, policy="id", forced=None)
        numbers = [one.known.number if one.known else 0 for one in result.entries]
        assert numbers == ([0, day - 1] if day > 1 else [0])
        known = known_after(result, known)
        assert again(shown, known) == ([day, day - 1] if day > 1 else [1])


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_corrected_date_makes_no_new_entry_where_page_or_text_is_its_own(
    kind: dict[str, object],
) -> None:
    _, known = first([dated(1, **kind), entry("", "Another", "https://a.example/2", LONG)])
    for day in (2, 1, 3):
        result = identify([dated(day, **kind)], known, policy="id", forced=None)
        assert [one.known.number for one in result.entries if one.known] == [1]
        known = known_after(result, known)


def test_dates_that_are_made_anew_for_every_answer_are_not_remembered_without_end() -> None:
    _, known = first([dated(1, content=LONG * 3)])
    for minute in range(60):
        now = datetime(2026, 11, 23, 10, minute, tzinfo=UTC)
        result = identify(
            [dated(1, content=LONG * 3, published=now)], known, policy="id", forced=None
        )
        assert result.entries[0].known
        known = known_after(result, known)
    assert len(known) == 1
    assert len(known[0].aliases) <= MOST_DATES


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_that_comes_later_makes_no_new_entry(kind: dict[str, object]) -> None:
    _, known = first([replace(dated(1, **kind), published=None)])
    result = identify([dated(2, **kind)], known, policy="id", forced=None)
    assert [one.known.number for one in result.entries if one.known] == [1]
    known = known_after(result, known)
    assert again([dated(2, **kind)], known) == [1]
    assert again([dated(3, **kind), dated(2, **kind)], known)[0] == 0


def test_dates_count_as_they_are_written_where_we_do_not_believe_them() -> None:
    entries = [replace(dated(1), published=None)] * 3
    dates = ["mardi 3 novembre", "mardi 10 novembre", "2099-01-01"]
    result = identify(entries, (), policy="id", forced=None, dates=dates)
    known = known_after(result)
    assert len(known) == 3
    later = identify(entries[1:], known, policy="id", forced=None, dates=dates[1:])
    assert [one.known.number for one in later.entries if one.known] == [2, 3]


def test_an_id_of_its_own_counts_for_more_than_a_date() -> None:
    _, known = first([dated(1, id="7")])
    assert again([dated(2, id="7")], known) == [1]
    assert len(first([dated(1, id="7"), dated(2, id="7")])[1]) == 1


def test_entries_with_nothing_but_an_enclosure_are_told_apart() -> None:
    episodes = [
        Entry(id="", links=(Link(href=f"https://a.example/{one}.mp3", rel="enclosure"),))
        for one in range(3)
    ]
    _, known = first(episodes)
    assert len(known) == 3
    assert again(episodes[::-1], known) == [3, 2, 1]


def test_an_entry_that_stands_twice_in_a_document_is_one() -> None:
    result = identify([REPEATED[0], REPEATED[0]], (), policy="id", forced=None)
    assert len(result.entries) == 1
    assert result.notes == ("1 entries stand in it twice",)


def test_an_alias_and_the_id_it_stood_for_are_two_entries_when_both_appear() -> None:
    original = story(1, id="a", link="https://a.example/1")
    _, known = first([original])
    renamed = replace(original, id="b")
    known = known_after(identify([renamed], known, policy="id", forced=None), known)
    assert known[0].aliases == ("b",)
    other = story(2, id="b", link="https://a.example/2")
    for document in ([other, original], [original, other]):
        result = identify(document, known, policy="id", forced=None)
        assert sorted(one.known.number if one.known else 0 for one in result.entries) == [0, 1]
        assert len({one.entry.id for one in result.entries}) == 2
        # Storage reads an alias as the entry it stands for, so the new one must not have it.
        assert "b" not in {one.entry.id for one in result.entries}
        after = known_after(result, known)
        assert sorted(again(document, after)) == [1, 2]


def test_an_entry_known_by_an_alias_takes_no_others_id() -> None:
    page, moved = "http://a.example/1", "https://a.example/1"
    _, known = first([entry(), entry("", "One", None, LONG * 2), entry(page)])
    shown = [entry(), entry("", "", page), entry("", "", moved), entry("", "One", page, LONG * 2)]
    result = identify(shown, known, policy="id", forced=None)
    assert len(known_after(result, known)) == 4
    assert 0 not in again(shown, known_after(result, known))


def test_ids_made_to_look_like_ours_collide_with_nothing() -> None:
    _, known = first(REPEATED)
    [made] = [one.id for one in known if one.id != "g"]
    result = identify([*REPEATED, entry(made, "Impostor")], (), policy="id", forced=None)
    assert len({one.entry.id for one in result.entries}) == 3


SOME = st.sampled_from
ENTRIES = st.builds(
    entry,
    id=SOME(
        ["", "a", "b", "g", "http://a.example/1", "https://a.example/1", "http://a.example/1#x"]
    ),
    title=SOME(["", "One", "Two"]),
    link=SOME(
        [
            None,
            "http://a.example/1",
            "https://a.example/1",
            "https://a.example/1#x",
            "https://b.example/",
        ]
    ),
    content=SOME(["", "<p>short</p>", f"<p>{LONG}{LONG}</p>", f"<p>{LONG}{LONG} more</p>"]),
    day=SOME([0, 1, 2]),
)
DOCUMENTS = st.lists(ENTRIES, max_size=12)
POLICY = st.sampled_from(["id", "link", "text"])


def distinct(entries: Sequence[Entry]) -> set[Entry]:
    return {one for one in entries if one.id or one.link or one.title or one.content}


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, POLICY, st.none() | POLICY)
def test_no_entry_is_lost_and_ids_are_unique(
    entries: list[Entry], policy: str, forced: str | None
) -> None:
    result = identify(entries, (), policy=policy, forced=forced)
    assert len({one.entry.id for one in result.entries}) == len(result.entries)
    kept = {replace(one.entry, id=entries[one.place].id) for one in result.entries}
    assert len(kept) == len(result.entries)
    # What is left out repeats the id, the page and every word of one that is kept. The link of
    # an entry without an id is its id.
    words = {
        (one.id or one.link, link_key(one), one.title, one.content, date)
        for one in kept
        for date in (None, one.published)
    }
    for one in distinct(entries):
        date = None if one.id else one.published
        said = (one.id or one.link, link_key(one), one.title, one.content, date)
        if forced or result.policy != "id":
            assert any(said[1:] == other[1:] for other in words)
        else:
            assert said in words


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, POLICY, st.none() | POLICY, st.randoms(use_true_random=False))
def test_reading_a_document_again_changes_nothing(
    entries: list[Entry], policy: str, forced: str | None, random: object
) -> None:
    once = identify(entries, (), policy=policy, forced=forced)
    known = known_after(once)
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for document in (entries, shuffled):
        twice = identify(document, known, policy=once.policy, forced=forced)
        assert twice.policy == once.policy
        for one in twice.entries:
            assert one.known is not None
            assert one.aliases == ()
            if document is entries:
                assert entry_hash(one.entry) == one.known.hash


@settings(max_examples=100, deadline=None)
@given(st.lists(DOCUMENTS, max_size=5))
def test_whatever_comes_next_ids_stay_unique_and_polls_settle(documents: list[list[Entry]]) -> None:
    known: list[KnownEntry] = []
    policy = "id"
    for document in documents:
        result = identify(document, known, policy=policy, forced=None)
        numbers = [one.known.number for one in result.entries if one.known]
        assert len(set(numbers)) == len(numbers)
        policy, known = result.policy, known_after(result, known)
        taught = {alias for one in known for alias in one.aliases}
        fresh = {one.entry.id for one in result.entries if one.known is None}
        assert not taught & fresh
        settled = identify(document, known, policy=policy, forced=None)
        assert all(one.known for one in settled.entries)
