"""From end to end with a hub that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import Publisher

from aggregator.model.poll import PollStatus
from aggregator.model.push import PushState

DAY = timedelta(days=1)


def rss(*titles: str) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>"
        f"<link>https://news.example/{title}</link><description>About {title}.</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    made = Publisher(tmp_path)
    made.body = rss("first")
    with made.serving():
        yield made


def test_subscribe_verify_deliver_renew_and_leave(
    house: Any, publisher: Publisher, wait_until: Any
) -> None:
    house.follow(publisher.url)
    house.poll()
    assert house.feed.push is None
    [report] = house.tend()
    assert (report.mode, report.error) == ("subscribe", None)
    wait_until(lambda: house.push.state is PushState.ACTIVE)
    wait_until(lambda: publisher.subscribers == [house.push.address])
    assert house.push.lease_until - house.now > 9 * DAY

    asked = publisher.requests
    publisher.publish(rss("second", "first"))
    wait_until(lambda: house.inbox == {"first", "second"})
    assert publisher.requests == asked + 1  # by its hub
    wait_until(lambda: house.feed.claimed_until is None)
    assert house.feed.state.next_poll_at == house.feed.state.last_polled_at + DAY
    assert [one.pushed for one in house.storage.poll_log(house.feed.number)] == [True, False]

    house.now += DAY
    report = house.poll()
    assert (report.status, report.new) == (PollStatus.UNCHANGED, 0)
    assert "its hub tells us of news" in report.reason

    first = house.push
    house.now += 7.6 * DAY
    [report] = house.tend()
    assert (report.mode, report.error) == ("subscribe", None)
    wait_until(lambda: house.push.lease_until > first.lease_until + 8 * DAY)
    assert (house.push.address, house.push.active_since) == (first.address, first.active_since)
    publisher.publish(rss("third", "second", "first"))
    wait_until(lambda: "third" in house.inbox)

    house.follow()
    [report] = house.tend()
    assert (report.mode, report.error) == ("unsubscribe", None)
    wait_until(lambda: not publisher.subscribers)
    wait_until(lambda: house.hubs.subscription(first.token) is None)
