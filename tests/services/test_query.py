"""The language of the search: what is understood, and how what is not is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import BadQuery
from aggregator.model.inbox import Query, Words
from aggregator.services.query import parse_query, spaced


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Query()),
        ("budget council", Query(words=((Words(text="budget"),), (Words(text="council"),)))),
        ('"city council"', Query(words=((Words(text="city council"),),))),
        ("“city council”", Query(words=((Words(text="city council"),),))),
        ('"never closed', Query(words=((Words(text="never closed"),),))),
        ("-football", Query(words=((Words(text="football", negated=True),),))),
        ('-"loan deal"', Query(words=((Words(text="loan deal", negated=True),),))),
        ("budg*", Query(words=((Words(text="budg", prefix=True),),))),
        (
            "mayor OR council vote",
            Query(words=((Words(text="mayor"), Words(text="council")), (Words(text="vote"),))),
        ),
        ("title:budget", Query(words=((Words(text="budget", field="title"),),))),
        (
            'author:"Ana Reyes"',
            Query(words=((Words(text="Ana Reyes", field="author"),),)),
        ),
        ("feed:courier feed:gazette", Query(feeds=("courier", "gazette"))),
        ('-feed:courier tag:"far away"', Query(not_feeds=("courier",), tags=("far away",))),
        ("is:starred -is:unread", Query(starred=True, unread=False)),
        ("is:read is:changed", Query(unread=False, changed=True)),
        ("after:2026", Query(after=datetime(2026, 1, 1, tzinfo=UTC))),
        ("before:2026-3-9", Query(before=datetime(2026, 3, 9, tzinfo=UTC))),
        # What looks like an operator and is none is what it looks like besides.
        ("12:30", Query(words=((Words(text="12:30"),),))),
        ("https://news.example/a", Query(words=((Words(text="https://news.example/a"),),))),
        ("预算", Query(words=((Words(text="预 算"),),))),
    ],
)
def test_a_query_means_what_people_expect(typed: str, expected: Query) -> None:
    assert parse_query(typed) == expected


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("is:foo", "is:starred, is:unread"),
        ("before:yesterday", "before:2026-03-31"),
        ("after:2026-02-30", "is no date"),
        ("after:2026 before:2025", "Nothing is both"),
        ("is:read is:unread", "Nothing is both"),
        ("OR council", "between two words"),
        ("council OR", "missing behind OR"),
        ("council OR -mayor", "not against"),
        ("council OR tag:city", "tag:city is none"),
        ("-before:2026", "Say after:"),
        ("— !", "no word to look for"),
        ("x" * 501, "500 characters"),
    ],
)
def test_what_cannot_be_understood_is_told_with_what_was_expected(typed: str, told: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse_query(typed)
    assert told in str(caught.value)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_understood_or_told(typed: str) -> None:
    try:
        parse_query(typed)
    except BadQuery as error:
        assert str(error)  # noqa: PT017 - either will do


def test_scripts_without_spaces_are_looked_through_character_by_character() -> None:
    assert spaced("预算 vote").split() == ["预", "算", "vote"]
    assert spaced("plain words") == "plain words"
