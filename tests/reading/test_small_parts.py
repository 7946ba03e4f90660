"""Dates, addresses, hints, floods and names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.feed import Entry, Hints
from aggregator.reading.dates import parse_date
from aggregator.reading.flood import is_flood
from aggregator.reading.hints import hints_of
from aggregator.reading.normalize import author_name
from aggregator.reading.urls import absolute, identity_key, without_credentials

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-31T14:05:00Z", "2026-03-31 14:05:00"),
        ("2026-03-31T14:05:00.123+02:00", "2026-03-31 12:05:00"),
        ("2026-03-31 14:05", "2026-03-31 14:05:00"),
        ("2026-03-31", "2026-03-31 00:00:00"),
        ("Tue, 31 Mar 2026 14:05:00 GMT", "2026-03-31 14:05:00"),
        ("Tue, 31 Mar 2026 14:05:00 -0500", "2026-03-31 19:05:00"),
        ("31 Mar 2026 8:56 am PST", "2026-03-31 16:56:00"),
        ("Sat, Dec 16 2023 2:02:33 PM", "2023-12-16 14:02:33"),
        ("Sat, Dec 16 2023 12:02:33 AM", "2023-12-16 00:02:33"),
        ("Sat, 07 Sep 02 00:00:01 GMT", "2002-09-07 00:00:01"),
        ("  Tue, 31 Mar 2026 14:05:60 GMT\n", "2026-03-31 14:05:59"),
        ("Mon, 23 Nov 2026 23:00:00 GMT", "2026-11-23 23:00:00"),
    ],
)
def test_dates_of_every_fashion(written: str, meant: str) -> None:
    found = parse_date(written, NOW)
    assert found is not None
    assert found.tzinfo is UTC
    assert f"{found:%Y-%m-%d %H:%M:%S}" == meant


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "yesterday", "1793613600", "1793613600000", "0000-00-00", "0000-00-00 00:00:00"),
        *("0000-00-00T00:00:00Z", "2026-02-30", "2026-02-30T10:00:00Z", "30 Feb 2026 10:00 GMT"),
        *("9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59Z"),
        *("2026-11-25T00:00:00Z", "2126-01-01", "1793-01-01", "1969-12-31", "2026-13-01"),
        *("2026-03-31T14:05:00+99:99", "2026-03-31T25:00:00Z", "31 Foo 2026 10:00", "-1-01-01"),
        *("1" * 99, "2026-03-31T" + "0" * 10**6, "W" * 50),
        *("2026-03-31T14:05:00 -9999999999", "\0", "\ud800 1"),
    ],
)
def test_a_date_that_cannot_be_is_no_date(written: str) -> None:
    assert parse_date(written, NOW) is None


@given(
    st.text(max_size=60) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{5,8}[-+Z0-9:]{1,6}")
)
def test_no_text_makes_a_date_impossible_or_an_error(written: str) -> None:
    found = parse_date(written, NOW)
    assert found is None or datetime(1970, 1, 1, tzinfo=UTC) < found <= NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("post", "https://a.example/feeds/post"),
        (" /post\n", "https://a.example/post"),
        ("//b.example/x", "https://b.example/x"),
        ("?p=1", "https://a.example/feeds/main?p=1"),
        ("https://user:secret@b.example/x", "https://b.example/x"),
        ("https://b.example/a b", "https://b.example/a%20b"),
        ("https://b.example/\x00x", "https://b.example/%00x"),
        ("\x01https://b.example/x\x7f", "https://b.example/x"),
        ("\ufeffhttps://b.example/\u200b", "https://b.example/"),
        ("\u200b\u00a0\u2060/post\u3000", "https://a.example/post"),
        ("\x00\ufeff", None),
        ("https://b.example/ü", "https://b.example/ü"),
        ("https://b.example/\ud800x\u202e", "https://b.example/x"),
        ("", None),
        (" ", None),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("tag:a.example,2026:1", None),
        ("mailto:a@b.example", None),
        ("file:///etc/passwd", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://b.exam</link>ple/", None),
        ('http://b"x.example/', None),
        ("http://b.example:99999/", None),
        ("https://b.example/" + "x" * 2048, None),
    ],
)
def test_addresses_are_absolute_web_addresses_without_secrets(href: str, found: str | None) -> None:
    assert absolute("https://a.example/feeds/main", href) == found


@pytest.mark.parametrize("unseen", ["\x00", "\x01", "\x7f", "\x85", "\ufeff", "\u200b", "\u00a0"])
def test_what_cannot_be_seen_before_an_address_makes_no_relative_one_of_it(unseen: str) -> None:
    for base in ("https://a.example/feeds/main", "http://a.example/", ""):
        for href in ("http://b.example/x", "https://b.example/?a=1"):
            assert absolute(base, unseen + href + unseen) == href
            assert identity_key(unseen + href) == identity_key(href)


def test_credentials_go_even_where_the_address_has_no_path() -> None:
    assert without_credentials("https://a:b@c.example?x#y") == "https://c.example?x#y"
    assert without_credentials("https://a@b@c.example/") == "https://c.example/"


@given(st.text(max_size=80))
def test_no_text_makes_an_address_an_error(href: str) -> None:
    found = absolute("https://a.example/x", href)
    if found is not None:
        assert found.startswith(("http://", "https://", "HTTP://", "HTTPS://"))
        found.encode()
        assert not any(char <= " " for char in found)
    identity_key(href)


@pytest.mark.parametrize(
    "other",
    [
        *("http://a.example/p", "https://www.a.example/p", "https://A.example/p/"),
        *("https://a.example:443/p", "https://a.example/p#comments"),
        *("https://a.example/p?utm_source=x&fbclid=y", "demo://a.example/p"),
    ],
)
def test_spellings_of_one_page_have_one_key(other: str) -> None:
    assert identity_key(other) == identity_key("https://a.example/p")


@pytest.mark.parametrize(
    "other",
    [
        *("https://a.example/P", "https://a.example/p?id=1", "https://b.example/p"),
        *("https://a.example:8080/p", "https://a.example/p#!x", "https://a.example/"),
    ],
)
def test_different_pages_have_different_keys(other: str) -> None:
    assert identity_key(other) != identity_key("https://a.example/p")


def test_what_is_no_web_address_has_no_key() -> None:
    for url in ("", "tag:a,2026:1", "urn:x", "http://[", "https://a.example:99999/", "//a/b"):
        assert identity_key(url) is None


SYNDICATION = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"


@pytest.mark.parametrize(
    ("head", "hints"),
    [
        ("<ttl>60</ttl>", Hints(ttl_minutes=60)),
        ("<ttl> 60 </ttl><item><ttl>7</ttl></item>", Hints(ttl_minutes=60)),
        ("<item><ttl>7</ttl></item>", Hints()),
        ("<ttl>0</ttl>", Hints()),
        ("<ttl>-5</ttl>", Hints()),
        ("<ttl>soon</ttl>", Hints()),
        ("<ttl>99999999999</ttl>", Hints()),
        (SYNDICATION, Hints(update_period_seconds=43200)),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", Hints(update_period_seconds=3600)),
        ("<sy:updateFrequency>0</sy:updateFrequency>", Hints(update_period_seconds=86400)),
        (
            "<skipHours><hour>0</hour><hour>24</hour><hour>5</hour></skipHours>",
            Hints(skip_hours=frozenset({0, 5})),
        ),
        (
            "<skipDays><day>sunday</day><day>Funday</day></skipDays>",
            Hints(skip_days=frozenset({"Sunday"})),
        ),
        (
            "".join(["<skipHours>", *(f"<hour>{n}</hour>" for n in range(24)), "</skipHours>"]),
            Hints(),
        ),
    ],
)
def test_hints_are_read_from_the_head_of_a_feed(head: str, hints: Hints) -> None:
    assert hints_of(f"<rss><channel>{head}".encode()) == hints


SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"


@pytest.mark.parametrize(
    ("feed", "hints"),
    [
        (
            "<rss><channel><item><ttl>9</ttl></item><item></item><ttl>60</ttl>",
            Hints(ttl_minutes=60),
        ),
        ("<rss><channel><item></item><item><ttl>9</ttl>", Hints()),  # it breaks off
        (
            f'<rss xmlns:s="{SYNDICATION}"><s:updatePeriod>daily</s:updatePeriod>',
            Hints(update_period_seconds=86400),
        ),
        (
            f'<rss><updatePeriod xmlns="{SYNDICATION}">weekly</updatePeriod>',
            Hints(update_period_seconds=7 * 86400),
        ),
        ('<rss xmlns:s="urn:x"><s:updatePeriod>daily</s:updatePeriod>', Hints()),
        ("<rss><updatePeriod>daily</updatePeriod>", Hints()),
    ],
)
def test_hints_stand_behind_the_entries_too_and_under_any_prefix(feed: str, hints: Hints) -> None:
    assert hints_of(feed.encode()) == hints


def dated(number: int, at: datetime | None) -> Entry:
    return Entry(id=str(number), published=at)


def test_old_entries_that_all_look_new_are_a_flood() -> None:
    old = [dated(one, NOW - timedelta(days=one + 1)) for one in range(20)]
    undated = [dated(one, None) for one in range(20)]
    same_second = [dated(one, NOW + timedelta(seconds=5)) for one in range(20)]
    for new in (old, undated, same_second):
        assert is_flood(new, total=20, known=50, last_success_at=NOW)


def test_news_and_first_polls_are_no_flood() -> None:
    news = [dated(one, NOW + timedelta(minutes=one + 1)) for one in range(20)]
    old = [dated(one, NOW - timedelta(days=1)) for one in range(20)]
    assert not is_flood(news, total=20, known=50, last_success_at=NOW)
    assert not is_flood(old, total=20, known=0, last_success_at=None)
    assert not is_flood(old, total=20, known=0, last_success_at=NOW)
    assert not is_flood(old, total=40, known=50, last_success_at=NOW)
    assert not is_flood(old[:9], total=9, known=50, last_success_at=NOW)
    assert not is_flood([], total=0, known=50, last_success_at=NOW)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ana Reyes", "Ana Reyes"),
        ("ana@a.example (Ana Reyes)", "Ana Reyes"),
        ("Ana Reyes <ana@a.example>", "Ana Reyes"),
        ("(Ana Reyes)", "Ana Reyes"),
        ("ana@a.example", None),
        ("mailto:ana@a.example", None),
        ("Reyes &amp; Lane", "Reyes & Lane"),
        ("  ", None),
        ("\u202eAna\x00 Reyes", "Ana Reyes"),
        ("ana@a.example, Joe Lane", "Joe Lane"),
    ],
)
def test_people_are_named_without_their_addresses(written: str, name: str | None) -> None:
    assert author_name(written) == name
