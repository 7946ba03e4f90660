"""Two hands on one text: both keep every word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.document import comments, join

BASE = "---\ntitle: A\n---\none\n\ntwo\n\nthree\n"


def test_changes_in_different_places_are_both_there():
    mine, theirs = BASE.replace("one", "ONE"), BASE.replace("three", "three\n\nfour")
    joined = join(BASE, mine, theirs)
    assert joined.text == "---\ntitle: A\n---\nONE\n\ntwo\n\nthree\n\nfour\n"
    assert joined.clashes == 0


def test_where_both_changed_a_passage_both_stand_and_it_cannot_be_published_unseen():
    joined = join(BASE, BASE.replace("two", "mine"), BASE.replace("two", "theirs"))
    assert joined.clashes == 1
    assert joined.text.index("\ntheirs\n") < joined.text.index("\nmine\n")
    assert len(comments(joined.text)) == 3


def test_the_same_change_by_both_is_there_once():
    both = BASE.replace("two", "2")
    assert join(BASE, both, both).text == both


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=6).map("".join)


@given(LINES, LINES, LINES)
def test_no_line_that_one_of_them_added_is_lost(base: str, mine: str, theirs: str):
    text = join(base, mine, theirs).text
    for hand in (mine, theirs):
        for line in set(hand.splitlines()):
            if hand.splitlines().count(line) > base.splitlines().count(line):
                assert line in text.splitlines()
    assert join(base, mine, base).text == mine
    assert join(base, base, theirs).text == theirs
