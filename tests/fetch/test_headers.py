"""What the fields of an answer mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.headers import (
    LONGEST,
    conditions,
    content_length,
    max_age,
    new_validators,
    retry_after,
)
from aggregator.model.poll import Validators

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
NOON_TEXT = "Tue, 31 Mar 2026 12:00:00 GMT"
ONE = "Tue, 31 Mar 2026 13:00:00 GMT"


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, seconds(600)),
        ({"cache-control": "public, Max-Age=600, s-maxage=9"}, seconds(600)),
        ({"cache-control": 'max-age="600"'}, seconds(600)),
        ({"cache-control": "max-age=600", "age": "100"}, seconds(500)),
        ({"cache-control": "max-age=600", "age": "1000"}, seconds(0)),
        ({"cache-control": "max-age=600", "age": "-5"}, seconds(600)),
        ({"cache-control": "max-age=600", "expires": ONE, "date": NOON_TEXT}, seconds(600)),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": 'no-cache="set-cookie", max-age=600'}, None),
        ({"cache-control": "no-store", "expires": ONE}, None),
        ({"cache-control": "max-age=oops"}, None),
        ({"cache-control": "max-age=" + "9" * 5000}, LONGEST),
        ({"cache-control": "max-age=-1"}, None),
        ({"expires": ONE, "date": NOON_TEXT}, seconds(3600)),
        ({"expires": ONE}, seconds(3600)),
        ({"expires": NOON_TEXT, "date": ONE}, seconds(0)),
        ({"expires": "0"}, seconds(0)),
    ],
)
def test_freshness(headers: dict[str, str], expected: timedelta | None) -> None:
    assert max_age(headers, NOON) == expected


@pytest.mark.parametrize(
    ("value", "date", "expected"),
    [
        ("120", None, seconds(120)),
        (" 120 ", None, seconds(120)),
        ("0", None, seconds(0)),
        ("-5", None, None),
        ("1.5", None, None),
        ("١٢", None, None),
        ("9" * 40, None, LONGEST),
        (ONE, None, seconds(3600)),
        (ONE, "Tue, 31 Mar 2026 12:30:00 GMT", seconds(1800)),
        (NOON_TEXT, ONE, seconds(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None, None),
        ("soon", None, None),
    ],
)
def test_retry_after(value: str, date: str | None, expected: timedelta | None) -> None:
    headers = {"retry-after": value} | ({"date": date} if date else {})
    assert retry_after(headers, NOON) == expected


def test_validators_are_kept_and_sent_back_character_for_character() -> None:
    headers = {"etag": 'W/"\xff a,b"', "last-modified": "yesterday, I think"}
    kept = new_validators(headers, "https://a.example/")
    assert conditions(kept) == {
        "If-None-Match": 'W/"\xff a,b"',
        "If-Modified-Since": "yesterday, I think",
    }


def test_what_an_answer_does_not_name_is_taken_from_before() -> None:
    old = Validators(etag='"1"', last_modified="then", url="https://a.example/")
    assert new_validators({"etag": '"2"'}, "https://a.example/b", old) == Validators(
        etag='"2"', last_modified="then", url="https://a.example/b"
    )


@pytest.mark.parametrize("etag", ["x" * 5000, '"a\r\nX-Evil: 1"', '"\u20ac"', ""])
def test_a_validator_that_cannot_go_into_one_line_is_never_sent(etag: str) -> None:
    assert conditions(Validators(etag=etag)) == {}


def test_content_length_is_a_plain_number_or_nothing() -> None:
    assert content_length({"content-length": "12"}) == 12
    for odd in ("-1", "1.5", "٣", "9" * 30, ""):
        assert content_length({"content-length": odd}) is None
