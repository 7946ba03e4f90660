"""What hubs are asked for, when, and what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.errors import FetchError
from aggregator.model.poll import FailureKind
from aggregator.model.push import PushState
from aggregator.services.hubkeeper import GIVEN_UP_AFTER, MOST_AT_ONCE
from aggregator.services.trouble import trouble_of
from servers import Request, response, serving

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Hub:
    """Asked through `post_form`; raises what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.error: FetchError | None = None

    def post_form(self, url: str, form: Any) -> int:
        self.asked.append((url, dict(form)))
        if self.error:
            raise self.error
        return 202

    @property
    def modes(self) -> list[str]:
        return [form["hub.mode"] for _, form in self.asked]


ONE, TWO = "https://one.example/", "https://two.example/"


class Feeds:
    """Feeds on loopback; each names the hub and topic that `hubs` and `topics` say."""

    def __init__(self) -> None:
        self.hub: str | None = ONE
        self.topic = "https://news.example/feed"

    def __call__(self, request: Request) -> bytes:
        body = (
            b"<rss version='2.0'><channel><title>T</title><item><guid>a</guid></item></channel>"
            b"</rss>"
        )
        link = f'<{self.hub}>; rel=hub, <{self.topic}>; rel="self"' if self.hub else None
        return response(200, body, link=link)


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


@pytest.fixture
def server(feeds: Feeds) -> Iterator[Any]:
    with serving(feeds) as made:
        yield made


@pytest.fixture
def hub(house: Any) -> Hub:
    made = Hub()
    house.keeper = house.keeper_of(made)
    return made


def verify(house: Any, mode: str = "subscribe", lease: timedelta = 10 * DAY, **more: str) -> int:
    """Ask back as a hub does; return the status of our answer."""
    push = house.push if mode == "subscribe" else more.pop("push")
    query = {
        "hub.mode": mode,
        "hub.topic": push.hub.topic,
        "hub.challenge": "c",
        "hub.lease_seconds": str(int(lease.total_seconds())),
        **more,
    }
    return house.site.test_client().get(f"/websub/{push.token}", query_string=query).status_code


@pytest.fixture
def active(house: Any, hub: Hub, server: Any) -> Any:
    """A house that follows one feed, pushed by ONE."""
    house.follow(server.url("/feed"))
    house.poll()
    house.tend()
    assert verify(house) == 200
    assert house.push.works(house.now)
    return house


def test_the_request_says_what_the_recommendation_asks_for(
    house: Any, hub: Hub, server: Any
) -> None:
    house.follow(server.url("/a"))
    house.poll()
    house.tend()
    [(url, form)] = hub.asked
    assert url == ONE
    assert form.pop("hub.callback") == f"http://{house.web.address}/websub/{house.push.token}"
    assert len(house.push.token) >= 22  # 128 bits
    assert 32 <= len(form.pop("hub.secret")) < 200
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": "https://news.example/feed",
        "hub.lease_seconds": "864000",
    }


def test_every_subscription_has_a_path_and_a_secret_of_its_own(
    house: Any, hub: Hub, server: Any
) -> None:
    house.follow(*(server.url(f"/{number}") for number in range(3)))
    for url in house.storage.feed_urls():
        house.poll(urls=[url])
    house.tend()
    assert len({form["hub.callback"] for _, form in hub.asked}) == 3
    assert len({form["hub.secret"] for _, form in hub.asked}) == 3


def test_nothing_is_asked_without_a_callback(house: Any, hub: Hub, server: Any) -> None:
    house.be_reached_at(None)
    house.follow(server.url("/a"))
    house.poll()
    assert house.tend() == []
    assert house.feed.push is None


@pytest.mark.parametrize("secret", [{"private": True}, {"login": "a:b"}, {"paused": True}])
def test_no_hub_is_told_of_what_is_private_or_paused(
    house: Any, hub: Hub, server: Any, secret: dict[str, Any]
) -> None:
    house.follow(server.url("/a"))
    house.poll()
    house.follow(server.url("/a"), **secret)
    assert house.tend() == []


def test_only_so_many_hubs_are_asked_at_once_and_none_after_a_stop(
    house: Any, hub: Hub, server: Any
) -> None:
    house.follow(*(server.url(f"/{number}") for number in range(MOST_AT_ONCE + 5)))
    for url in house.storage.feed_urls():
        house.poll(urls=[url])
    assert len(house.tend()) == MOST_AT_ONCE
    assert len(house.tend()) == 5
    house.now += HOUR
    stop = threading.Event()
    stop.set()
    assert house.keeper.tend(stop) == []


def test_a_hub_that_says_no_is_asked_again_less_and_less_often(
    house: Any, hub: Hub, server: Any
) -> None:
    hub.error = FetchError(FailureKind.SERVER, "one.example answered 500", status=500)
    house.follow(server.url("/a"))
    house.poll()
    [report] = house.tend()
    assert report.error == "one.example answered 500"
    assert house.tend() == []
    waits = []
    for _ in range(4):
        waits.append(house.push.due_at - house.push.asked_at)
        house.now = house.push.due_at
        house.tend()
    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 80 * MINUTE]
    [trouble] = trouble_of(house.feed, house.now, callback="https://blog.example/websub/")
    assert "does not take our subscription: one.example answered 500" in trouble.what
    assert not trouble.serious
    assert house.poll(force=True).error is None  # polls go on as ever
    hub.error = None
    house.now = house.push.due_at
    house.tend()
    assert verify(house) == 200
    assert (house.push.attempts, house.push.error) == (0, None)


def test_a_hub_that_cannot_be_reached_is_asked_once_for_all_its_feeds(
    house: Any, hub: Hub, server: Any
) -> None:
    hub.error = FetchError(FailureKind.TIMEOUT, "one.example did not answer")
    house.follow(*(server.url(f"/{number}") for number in range(5)))
    for url in house.storage.feed_urls():
        house.poll(urls=[url])
    assert len(house.tend()) == 5
    assert len(hub.asked) == 1


def test_a_hub_may_ask_back_before_it_answers(house: Any, hub: Hub, server: Any) -> None:
    statuses = []

    def post_form(url: str, form: Any) -> int:
        statuses.append(verify(house))
        raise FetchError(FailureKind.TIMEOUT, "its answer was lost")

    hub.post_form = post_form  # type: ignore[method-assign]
    house.follow(server.url("/a"))
    house.poll()
    house.tend()
    assert statuses == [200]
    assert house.push.works(house.now)
    assert house.push.error is None


def test_a_lease_is_renewed_in_its_last_quarter_with_the_same_path(active: Any, hub: Hub) -> None:
    before = active.push
    active.now += 7 * DAY
    assert active.tend() == []
    active.now += 0.6 * DAY
    assert [report.mode for report in active.tend()] == ["subscribe"]
    assert active.push.works(active.now)  # all the while
    assert verify(active) == 200
    after = active.push
    assert (after.token, after.secret) == (before.token, before.secret)
    assert after.active_since == before.active_since
    assert after.lease_until > before.lease_until + 7 * DAY


def test_a_lease_that_ends_unrenewed_brings_the_feed_back_to_normal_polling(
    active: Any, hub: Hub
) -> None:
    active.poll(force=True)
    assert active.feed.state.next_poll_at - active.now > 23 * HOUR
    hub.error = FetchError(FailureKind.CONNECT, "one.example cannot be reached")
    active.now = active.push.lease_until
    active.tend()
    assert active.push.state is PushState.ASKED
    assert active.feed.state.next_poll_at <= active.now
    report = active.poll()
    assert report.next_poll_at - active.now < 2 * HOUR


def test_a_denial_is_noted_and_asked_about_again_much_later(active: Any, hub: Hub) -> None:
    active.poll(force=True)
    query = {
        "hub.mode": "denied",
        "hub.topic": active.push.hub.topic,
        "hub.reason": "<b>no</b>\n\x1b[31m such topic" + "x" * 500,
    }
    answer = active.site.test_client().get(f"/websub/{active.push.token}", query_string=query)
    assert (answer.status_code, answer.data) == (200, b"")
    assert active.push.state is PushState.DENIED
    assert active.push.error.startswith("<b>no</b> [31m such topic")
    assert len(active.push.error) <= 200
    assert active.feed.state.next_poll_at <= active.now
    assert active.poll().next_poll_at - active.now < 2 * HOUR
    assert verify(active) == 404  # it has said no, and was not asked again
    assert active.tend() == []
    active.now += 7 * DAY
    assert [report.mode for report in active.tend()] == ["subscribe"]
    assert verify(active) == 200


def test_a_denial_for_another_topic_is_none(active: Any, hub: Hub) -> None:
    query = {"hub.mode": "denied", "hub.topic": "https://other.example/"}
    answer = active.site.test_client().get(f"/websub/{active.push.token}", query_string=query)
    assert answer.status_code == 404
    assert active.push.works(active.now)


@pytest.mark.parametrize("why", ["unfollowed", "paused", "private", "no hub", "switched off"])
def test_a_subscription_that_is_wanted_no_more_is_ended(
    active: Any, hub: Hub, feeds: Feeds, server: Any, why: str
) -> None:
    push, url = active.push, server.url("/feed")
    active.poll(force=True)
    match why:
        case "unfollowed":
            active.follow()
        case "paused":
            active.follow(url, paused=True)
        case "private":
            active.follow(url, private=True)
        case "no hub":
            feeds.hub = None
            active.poll(force=True)
        case "switched off":
            active.be_reached_at(None)
    active.tend()
    assert hub.modes == ["subscribe", "unsubscribe"]
    form = hub.asked[-1][1]
    assert (form["hub.topic"], form["hub.callback"]) == (push.hub.topic, push.address)
    assert "hub.secret" not in form
    assert active.feed.push is None
    assert active.feed.state.next_poll_at <= active.now + HOUR
    assert verify(active, "unsubscribe", push=push) == 200
    assert active.hubs.subscription(push.token) is None
    assert verify(active, "unsubscribe", push=push) == 404
    assert active.tend() == []


@pytest.mark.parametrize("what", ["hub", "topic", "callback"])
def test_a_changed_hub_topic_or_callback_is_followed(
    active: Any, hub: Hub, feeds: Feeds, what: str
) -> None:
    before = active.push
    match what:
        case "hub":
            feeds.hub = TWO
        case "topic":
            feeds.topic = "https://news.example/new"
        case "callback":
            active.be_reached_at("https://new.example/websub/")
    active.poll(force=True)
    active.tend()
    assert sorted(hub.modes) == ["subscribe", "subscribe", "unsubscribe"]
    after = active.push
    assert after.token != before.token
    assert after.secret != before.secret
    assert after.hub.url == (TWO if what == "hub" else ONE)
    assert after.callback == active.settings.websub.callback
    assert not after.works(active.now)
    # Until the new one works, polls are as they were without a hub.
    assert active.poll(force=True).next_poll_at - active.now < 2 * HOUR


def test_a_hub_that_does_not_let_go_is_asked_three_times(active: Any, hub: Hub) -> None:
    token = active.push.token
    active.follow()
    for _ in range(GIVEN_UP_AFTER + 2):
        active.tend()
        active.now += DAY
    assert hub.modes == ["subscribe"] + GIVEN_UP_AFTER * ["unsubscribe"]
    assert active.hubs.subscription(token) is None


def test_a_subscription_no_hub_was_asked_for_is_just_forgotten(
    house: Any, hub: Hub, server: Any
) -> None:
    house.follow(server.url("/a"))
    house.poll()
    stop = threading.Event()
    stop.set()
    house.keeper.tend(stop)
    assert house.push.asked_at is None
    house.follow()
    house.tend()
    assert hub.asked == []
    assert house.feed.push is None


def test_an_unfollowed_feed_may_be_followed_again(active: Any, hub: Hub, server: Any) -> None:
    before = active.push
    active.follow()
    active.tend()
    active.follow(server.url("/feed"))
    active.tend()
    assert active.push.token != before.token
    assert verify(active) == 200
    assert active.push.works(active.now)


def test_a_hub_verifies_only_what_it_was_asked_for(active: Any, hub: Hub) -> None:
    push = active.push
    assert verify(active, "unsubscribe", push=push) == 404  # we want to stay
    assert verify(active) == 200  # it did not hear us, perhaps
    active.now += HOUR
    before = active.push.lease_until
    assert verify(active) == 404
    assert active.push.lease_until == before


def test_leases_are_bounded(house: Any, hub: Hub, server: Any) -> None:
    house.follow(server.url("/a"))
    house.poll()
    house.tend()
    assert verify(house, lease=timedelta(seconds=1)) == 200
    assert house.push.lease_until - house.push.verified_at == 5 * MINUTE
    assert verify(house, lease=4000 * DAY) == 200
    assert house.push.lease_until - house.push.verified_at == 30 * DAY


def test_two_keepers_do_not_ask_twice(house: Any, hub: Hub, server: Any) -> None:
    house.follow(server.url("/a"))
    house.poll()
    stop = threading.Event()
    stop.set()
    house.keeper.tend(stop)
    [due] = house.hubs.due(house.now, limit=5)
    again = house.now + HOUR
    assert house.hubs.asking(due.token, house.now, again)
    assert not house.hubs.asking(due.token, house.now, again)


def test_polls_take_up_push_only_from_a_callback_that_is_still_ours(active: Any) -> None:
    assert "its hub tells us" in active.poll(force=True).reason
    active.settings = replace(active.settings, websub=replace(active.settings.websub, callback="x"))
    assert "its hub tells us" not in active.poll(force=True).reason
