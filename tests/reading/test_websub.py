"""What the words of publishers and hubs mean, without a network (WebSub)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.feed import Entry, Feed
from aggregator.model.poll import EntryChange
from aggregator.model.push import Hub, HubSubscription, PushState
from aggregator.reading.websub import (
    LEASE,
    LONGEST_LEASE,
    SHORTEST_LEASE,
    ask_again_at,
    hub_of,
    is_signed,
    lease_of,
    missed,
    renew_at,
)

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://news.example/feed"
ONE, TWO = "https://one.example/", "https://two.example/"


def test_the_header_wins_over_the_feed() -> None:
    feed = Feed(hubs=(TWO,), self_link="https://news.example/from-feed")
    links = f'<{ONE}>; rel=hub, <https://news.example/from-header>; rel="self"'
    assert hub_of(links, feed, URL) == Hub(url=ONE, topic="https://news.example/from-header")
    assert hub_of("", feed, URL) == Hub(url=TWO, topic="https://news.example/from-feed")
    # Each word by itself: many a server adds the hub and leaves the address to the feed.
    assert hub_of(f"<{ONE}>; rel=hub", feed, URL) == Hub(
        url=ONE, topic="https://news.example/from-feed"
    )


def test_without_a_self_link_the_topic_is_the_address_that_answered() -> None:
    assert hub_of(f"<{ONE}>; rel=hub", Feed(), URL) == Hub(url=ONE, topic=URL)


def test_no_hub_is_no_hub() -> None:
    assert hub_of("<https://news.example/>; rel=self", Feed(self_link=URL), URL) is None
    assert hub_of(f"<{ONE}>; rel=hub", Feed(), "demo://courier.example/rss.xml") is None


def test_of_several_hubs_the_one_we_are_at_is_kept() -> None:
    feed = Feed(hubs=(TWO, ONE))
    assert hub_of("", feed, URL) == Hub(url=TWO, topic=URL)
    assert hub_of("", feed, URL, before=Hub(url=ONE, topic="x")) == Hub(url=ONE, topic=URL)
    gone = Hub(url="https://gone.example/", topic=URL)
    assert hub_of("", feed, URL, before=gone) == Hub(url=TWO, topic=URL)


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ("864000", 10 * DAY),
        (" 3600 ", HOUR),
        ("1", SHORTEST_LEASE),
        ("0", SHORTEST_LEASE),
        ("999999999", LONGEST_LEASE),
        ("9" * 400, LONGEST_LEASE),
        ("-5", LEASE),
        ("1e3", LEASE),
        ("٣", LEASE),
        ("", LEASE),
        (None, LEASE),
    ],
)
def test_a_lease_is_believed_within_bounds(told: str | None, believed: timedelta) -> None:
    assert lease_of(told) == believed


def test_a_lease_is_renewed_in_its_last_quarter() -> None:
    for jitter in (0.0, 0.5, 1.0):
        at = renew_at(NOON, 4 * DAY, jitter)
        assert NOON + 3 * DAY <= at < NOON + 4 * DAY


def test_hubs_are_asked_less_and_less_often_and_never_less_than_daily() -> None:
    waits = [ask_again_at(NOON, attempts) - NOON for attempts in range(1, 12)]
    assert waits[:3] == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    assert waits == sorted(waits)
    assert waits[-1] == DAY
    assert ask_again_at(NOON, 10**6) == NOON + DAY


def test_a_hub_that_asks_for_patience_is_given_some() -> None:
    assert ask_again_at(NOON, 1, retry_after=HOUR) == NOON + HOUR
    assert ask_again_at(NOON, 1, retry_after=MINUTE) == NOON + 10 * MINUTE
    assert ask_again_at(NOON, 1, retry_after=400 * DAY) == NOON + DAY


def test_a_renewal_is_tried_again_before_the_lease_ends() -> None:
    assert ask_again_at(NOON, 8, lease_until=NOON + 3 * HOUR) == NOON + HOUR
    assert ask_again_at(NOON, 8, lease_until=NOON + MINUTE) == NOON + MINUTE
    assert ask_again_at(NOON, 8, lease_until=NOON - MINUTE) == NOON + 1280 * MINUTE


BODY, SECRET = b"<rss/>", "s3cret"


def signature(method: str, secret: str = SECRET, body: bytes = BODY) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_a_good_signature_is_proof(method: str) -> None:
    assert is_signed(BODY, SECRET, signature(method))
    name, _, proof = signature(method).partition("=")
    assert is_signed(BODY, SECRET, f" {name.upper()}={proof.upper()} ")


@pytest.mark.parametrize(
    "told",
    [
        "",
        "=",
        "sha256",
        "sha256=",
        signature("sha1"),
        signature("md5"),
        signature("sha256", secret="another"),
        signature("sha256", body=b"<rss />"),
        signature("sha256")[:-1],
        signature("sha256").replace("sha256", "sha512"),
        "sha256=" + "ä" * 64,
        "sha256=\udcff",
        f"blake2b={hashlib.blake2b(BODY).hexdigest()}",
        "__class__=x",
    ],
)
def test_anything_else_is_none(told: str) -> None:
    assert not is_signed(BODY, SECRET, told)


PUSH = HubSubscription(
    feed=1,
    feed_url=URL,
    hub=Hub(url=ONE, topic=URL),
    callback="https://blog.example/websub/",
    token="t",
    secret=SECRET,
    state=PushState.ACTIVE,
    active_since=NOON - 5 * HOUR,
    lease_until=NOON + DAY,
)


def new(published: datetime | None, *, number: int | None = None) -> EntryChange:
    entry = Entry(id="a", title="Vote", published=published)
    return EntryChange(entry=entry, number=number, hash="h", link_key=None, text_key=None)


def test_what_a_hub_should_have_told_is_told() -> None:
    told = missed([new(NOON - HOUR)], PUSH, last_success_at=NOON - 4 * HOUR, at=NOON)
    assert told == "it did not tell us of “Vote”, which we found 1 h later"


@pytest.mark.parametrize(
    "change",
    [
        new(NOON - 5 * MINUTE),  # it may still be on its way
        new(NOON + HOUR),
        new(NOON - 4 * HOUR - MINUTE),  # older than the last poll: dated back
        new(None),
        new(NOON - HOUR, number=7),  # known before
    ],
)
def test_a_hub_is_not_blamed_for_what_it_could_not_tell(change: EntryChange) -> None:
    assert missed([change], PUSH, last_success_at=NOON - 4 * HOUR, at=NOON) is None


def test_a_hub_is_not_blamed_for_the_time_before_it_was_asked() -> None:
    late = replace(PUSH, active_since=NOON - MINUTE)
    assert missed([new(NOON - HOUR)], late, last_success_at=None, at=NOON) is None
    never = replace(PUSH, active_since=None)
    assert missed([new(NOON - HOUR)], never, last_success_at=None, at=NOON) is None


def test_a_subscription_works_while_it_is_active_leased_and_not_broken() -> None:
    assert PUSH.works(NOON)
    assert not PUSH.works(NOON + DAY)
    assert not replace(PUSH, state=PushState.DENIED).works(NOON)
    assert not replace(PUSH, broken_since=NOON).works(NOON)


def test_what_is_secret_is_not_shown() -> None:
    shown = repr(replace(PUSH, token="unguessable", secret="hidden"))
    assert "unguessable" not in shown
    assert "hidden" not in shown
