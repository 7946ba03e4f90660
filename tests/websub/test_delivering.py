"""What hubs bring: proved, bounded, read as polls are, and never lost."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from aggregator.errors import ReadersError, StorageError
from aggregator.model.feed import EntryStatus
from aggregator.model.poll import PollOutcome, PollStatus
from aggregator.reading.document import read_document
from aggregator.services import deliveries as bounds
from aggregator.services import outcomes
from aggregator.services.asked import Asked
from aggregator.services.deliveries import Deliveries, Delivery
from aggregator.services.trouble import trouble_of
from servers import Request, response, serving

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)


def rss(*titles: str, dated: Any = None, text: str = "About") -> bytes:
    date = f"<pubDate>{format_datetime(dated)}</pubDate>" if dated else ""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>{date}"
        f"<link>/{title}</link><description>&lt;p onclick='x()'&gt;{text} {title}.&lt;/p&gt;"
        "&lt;script&gt;bad()&lt;/script&gt;</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


class Source:
    """A feed with a hub that takes everything."""

    def __init__(self) -> None:
        self.body = rss("old")
        self.meanwhile: Callable[[], None] = lambda: None  # between question and answer

    def __call__(self, request: Request) -> bytes:
        self.meanwhile()
        if request.method == "POST":
            return response(202)
        return response(200, self.body, link="</hub>; rel=hub", etag='"1"')


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def pushed(house: Any, source: Source) -> Iterator[Any]:
    """A house that follows one feed, and whose hub works; the last poll is an hour ago."""
    with serving(source) as server:
        house.follow(server.url("/feed"))
        house.poll()
        house.tend()
        push = house.push
        house.callback.answer(
            push,
            {"hub.mode": "subscribe", "hub.topic": push.hub.topic, "hub.challenge": "c"},
        )
        house.now += HOUR
        house.poll()
        house.now += HOUR
        assert house.push.works(house.now)
        yield house


def deliver(house: Any, body: bytes, signature: str | None = None, **headers: str) -> int:
    """Bring a document as a hub does; return the status of our answer."""
    if signature is None:
        signature = f"sha256={hmac.new(house.push.secret.encode(), body, 'sha256').hexdigest()}"
    answer = house.site.test_client().post(
        f"/websub/{house.push.token}",
        data=body,
        headers={"X-Hub-Signature": signature, "Content-Type": "application/rss+xml", **headers},
    )
    assert answer.data in {b"Accepted\n", b"Gone\n", b"Request Entity Too Large\n"}
    return answer.status_code


def delivered(house: Any, body: bytes, **more: Any) -> None:
    done = threading.Event()
    house.deliveries.told = lambda report: done.set()
    assert deliver(house, body, **more) == 202
    assert done.wait(10)


def test_what_a_hub_brings_is_read_as_a_poll_would_read_it(pushed: Any) -> None:
    before = pushed.feed
    delivered(pushed, rss("new"))
    assert pushed.inbox == {"old", "new"}
    [entry] = [one.entry for one in pushed.storage.entries() if one.entry.title == "new"]
    assert entry.content == "<p>About new.</p>"
    # Relative to where the feed lies, not to the hub.
    assert entry.link == before.state.validators.url.replace("/feed", "/new")
    assert pushed.push.delivered_at is not None


def test_a_delivery_leaves_alone_what_belongs_to_polls(pushed: Any) -> None:
    before = pushed.feed.state
    delivered(pushed, rss("new"))
    after = pushed.feed.state
    for name in ("validators", "body_hash", "last_polled_at", "last_success_at", "polls", "hub"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.next_poll_at == after.last_polled_at + DAY
    assert (before.deliveries, after.deliveries) == (0, 1)


def test_the_log_tells_deliveries_from_polls_and_loses_neither(pushed: Any) -> None:
    for number in range(3):
        delivered(pushed, rss(f"new{number}"))
    pushed.now += DAY
    pushed.poll()
    log = pushed.storage.poll_log(pushed.feed.number)
    assert [one.pushed for one in log] == [False, True, True, True, False, False]
    assert (log[1].status, log[1].new, log[1].http_status) == (PollStatus.NEW_CONTENT, 1, None)


def test_an_edit_that_is_brought_keeps_the_earlier_text(pushed: Any) -> None:
    delivered(pushed, rss("old", text="Corrected words about"))
    [entry] = pushed.storage.entries()
    assert entry.versions == 2
    assert "Corrected" in entry.entry.content


def test_a_flood_is_held_back(pushed: Any) -> None:
    delivered(pushed, rss(*(f"n{number}" for number in range(12))))
    assert pushed.inbox == {"old"}
    assert pushed.storage.count_entries()[EntryStatus.HELD] == 12


@pytest.mark.parametrize("content_type", ["text/html", "", "image/png; x=\xff"])
def test_a_wrong_content_type_does_not_matter(pushed: Any, content_type: str) -> None:
    delivered(pushed, rss("new"), **{"Content-Type": content_type})
    assert "new" in pushed.inbox


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", "does not sign"),
        ("sha1=" + "0" * 40, "sha1"),
        ("sha256=" + "0" * 64, "not signed with our secret"),
        ("nonsense", "not signed with our secret"),
    ],
)
def test_what_is_not_proved_is_answered_counted_and_not_used(
    pushed: Any, signature: str, reason: str
) -> None:
    assert deliver(pushed, rss("forged"), signature) == 202
    assert pushed.push.refused == 1
    assert pushed.push.delivered_at is None
    pushed.deliveries.close()
    assert pushed.inbox == {"old"}
    # Whatever it was about is polled for, as long as nothing better comes.
    assert reason in pushed.push.broken_reason
    assert pushed.feed.state.next_poll_at <= pushed.now
    assert pushed.poll().next_poll_at - pushed.now < 2 * HOUR


def test_a_good_delivery_after_bad_ones_makes_good(pushed: Any) -> None:
    for _ in range(3):
        deliver(pushed, rss("forged"), "sha256=0")
    [trouble] = trouble_of(pushed.feed, pushed.now, callback="https://blog.example/")
    assert "3 times in a row" in trouble.what
    assert not trouble.serious
    delivered(pushed, rss("new"))
    assert (pushed.push.refused, pushed.push.broken_since) == (0, None)
    assert pushed.push.works(pushed.now)
    assert trouble_of(pushed.feed, pushed.now, callback="https://blog.example/") == []


def test_bad_deliveries_do_not_have_us_poll_without_end(pushed: Any) -> None:
    deliver(pushed, rss("forged"), "sha256=0")
    pushed.poll()
    due = pushed.feed.state.next_poll_at
    for _ in range(5):
        deliver(pushed, rss("forged"), "sha256=0")
    assert pushed.feed.state.next_poll_at == due


def test_a_delivery_sent_again_is_not_used_again(pushed: Any) -> None:
    delivered(pushed, rss("old", text="First words about"))
    delivered(pushed, rss("old", text="Second words about"))
    assert deliver(pushed, rss("old", text="First words about")) == 202
    [entry] = pushed.storage.entries()
    assert "Second" in entry.entry.content
    assert pushed.feed.state.next_poll_at <= pushed.now
    assert "not for the first time" in pushed.feed.state.reason


def test_a_body_above_the_bound_is_not_read(pushed: Any) -> None:
    assert deliver(pushed, b"x" * (10 * 1024 * 1024 + 1)) == 413
    assert deliver(pushed, b"x" * (10 * 1024 * 1024), "") == 202


@pytest.mark.parametrize("body", [b"", b"not a feed", b"<html><p>hello</p></html>", b"<rss>"])
def test_what_is_no_feed_has_the_feed_polled(
    pushed: Any, source: Source, body: bytes, wait_until: Any
) -> None:
    deliver(pushed, body)
    wait_until(lambda: "no whole document" in pushed.feed.state.reason)
    source.body = rss("new", "old")
    assert pushed.poll().new == 1


def test_a_feed_that_is_being_polled_is_polled_again_when_the_hub_told_meanwhile(
    pushed: Any, source: Source, wait_until: Any
) -> None:
    [claim] = pushed.storage.claim_due(
        pushed.clock(), limit=1, lease=HOUR, force=True, holder="another"
    )
    deliver(pushed, rss("new"))
    wait_until(lambda: pushed.feed.state.next_poll_at <= pushed.now)
    # The other poll asked before, and saves what it got.
    at = claim.until - HOUR
    state = replace(claim.state, last_polled_at=at, next_poll_at=at + DAY, polls=9)
    old = PollOutcome(status=PollStatus.UNCHANGED, at=at, state=state)
    pushed.storage.save_polls([(claim, old)], holder="another")
    pushed.storage.release([], holder="another")
    assert pushed.feed.state.next_poll_at - pushed.now <= 2 * MINUTE
    pushed.now += 2 * MINUTE
    source.body = rss("new", "old", dated=pushed.now - HOUR)
    assert pushed.poll().new == 1
    assert pushed.push.broken_since is None  # the hub did tell


def test_a_hub_that_tells_between_question_and_answer_has_the_feed_polled_again(
    pushed: Any, source: Source
) -> None:
    def tell() -> None:
        pushed.now += 10 * SECOND
        pushed.hubs.delivered(push, pushed.clock())  # and what it brought was lost
        pushed.now += 10 * SECOND

    push, source.meanwhile = pushed.push, tell
    pushed.poll(force=True)
    assert pushed.feed.state.next_poll_at - pushed.now <= 2 * MINUTE


def test_hours_that_a_feed_skips_are_over_when_its_hub_tells_of_news(
    pushed: Any, source: Source
) -> None:
    skipped = "".join(f"<hour>{pushed.now.hour + n}</hour>" for n in range(3))
    hours = f"<skipHours>{skipped}</skipHours><item>".encode()
    source.body = rss("old").replace(b"<item>", hours)
    pushed.poll(force=True)
    [claim] = pushed.storage.claim_due(
        pushed.clock(), limit=1, lease=HOUR, force=True, holder="another"
    )
    asked = Asked(claim=claim, at=pushed.clock(), every=None, jitter=0.0)
    later = outcomes.put_off(asked)
    assert later
    pushed.hubs.delivered(pushed.push, pushed.clock())  # just before that is saved
    pushed.storage.save_polls([(claim, later)], holder="another")
    pushed.storage.release([], holder="another")
    pushed.now += 2 * MINUTE
    source.body = rss("new", "old", dated=pushed.now - HOUR)
    assert pushed.poll().new == 1


def test_what_was_taken_and_never_read_is_polled_for(pushed: Any, source: Source) -> None:
    before = pushed.push
    # As if the machine had lost power right after the answer.
    pushed.hubs.delivered(before, pushed.clock())
    pushed.now += 2 * MINUTE
    source.body = rss("new", "old", dated=pushed.now - HOUR)
    assert pushed.poll().new == 1
    assert pushed.push.broken_since is None
    assert pushed.push.works(pushed.now)


def test_a_delivery_that_is_read_does_not_make_up_for_one_that_was_lost(pushed: Any) -> None:
    pushed.hubs.delivered(pushed.push, pushed.clock())
    delivered(pushed, rss("later"))
    assert "later" in pushed.inbox
    assert pushed.feed.state.next_poll_at <= pushed.now + 2 * MINUTE
    pushed.now += 2 * MINUTE
    pushed.poll()
    assert pushed.feed.state.next_poll_at > pushed.now + 23 * HOUR
    # And once all is read, nothing more is polled for.
    delivered(pushed, rss("latest"))
    assert pushed.feed.state.next_poll_at > pushed.now + 20 * HOUR


class Stuck:
    """A reader that waits until it is let go."""

    def __init__(self) -> None:
        self.go, self.began = threading.Event(), threading.Event()
        self.error: Exception | None = None

    def read(self, request: Any) -> Any:
        self.began.set()
        assert self.go.wait(10)
        if self.error:
            raise self.error
        return read_document(request)


@pytest.fixture
def stuck(pushed: Any) -> Iterator[tuple[Any, Stuck, Deliveries]]:
    reader = Stuck()
    made = Deliveries(
        pushed.storage, pushed.hubs, reader, lambda: pushed.settings, clock=pushed.clock
    )
    yield pushed, reader, made
    reader.go.set()
    made.close()


def delivery(house: Any, body: bytes) -> Delivery:
    return Delivery(subscription=house.push, at=house.clock(), content_type="", body=body)


def test_too_much_of_one_feed_has_it_polled_instead(stuck: Any) -> None:
    house, _, made = stuck
    for number in range(bounds.MOST_OF_FEED):
        made.put(delivery(house, rss(f"n{number}")))
    assert house.feed.state.next_poll_at > house.now + HOUR
    made.put(delivery(house, rss("one more")))
    assert house.feed.state.next_poll_at <= house.now
    assert "too much at once" in house.feed.state.reason


def test_too_much_in_octets_has_feeds_polled_instead(stuck: Any) -> None:
    house, reader, made = stuck
    reader.error = ReadersError("it is not going to be read")
    made.put(delivery(house, b"x" * (bounds.MOST_OCTETS - 1)))
    made.put(delivery(house, b"xx"))
    assert "too much at once" in house.feed.state.reason


def test_when_it_stops_what_is_being_read_is_finished_and_the_rest_is_polled_for(
    stuck: Any,
) -> None:
    house, reader, made = stuck
    for title in ("one", "two"):
        house.hubs.delivered(house.push, house.clock())
        made.put(delivery(house, rss(title)))
    assert reader.began.wait(10)
    closing = threading.Thread(target=made.close)
    closing.start()
    reader.go.set()
    closing.join(10)
    assert not closing.is_alive()
    assert house.inbox in ({"old", "one"}, {"old", "one", "two"})
    if "two" not in house.inbox:
        assert house.feed.state.next_poll_at <= house.now + 2 * MINUTE
    made.put(delivery(house, rss("three")))
    assert house.feed.state.next_poll_at <= house.now


@pytest.mark.parametrize(
    "error", [ReadersError("no memory"), StorageError("disk full"), ValueError("a bug")]
)
def test_our_own_trouble_ends_nothing_and_loses_nothing(
    stuck: Any, error: Exception, wait_until: Any, caplog: Any
) -> None:
    house, reader, made = stuck
    reader.error = error
    reader.go.set()
    house.hubs.delivered(house.push, house.clock())
    made.put(delivery(house, rss("new")))
    wait_until(lambda: caplog.records)
    assert house.feed.claimed_until is None
    assert house.feed.state.next_poll_at <= house.now + 2 * MINUTE
    reader.error = None
    made.put(delivery(house, rss("new")))
    wait_until(lambda: "new" in house.inbox)


def test_a_safety_poll_that_finds_what_the_hub_did_not_tell_ends_the_trust_in_it(
    pushed: Any, source: Source
) -> None:
    pushed.now = pushed.feed.state.next_poll_at
    source.body = rss("untold", "old", dated=pushed.now - HOUR)
    report = pushed.poll()
    assert report.new == 1
    assert report.next_poll_at - pushed.now < 2 * HOUR
    push = pushed.push
    assert push.broken_since is not None
    assert push.broken_reason == "it did not tell us of “untold”, which we found 1 h later"
    [trouble] = trouble_of(pushed.feed, pushed.now, callback="https://blog.example/")
    assert "cannot be relied on" in trouble.what

    pushed.now += HOUR
    delivered(pushed, rss("told"))
    assert pushed.push.works(pushed.now)
    assert pushed.feed.state.next_poll_at - pushed.feed.state.last_polled_at >= DAY


def test_a_safety_poll_that_is_quicker_than_the_hub_blames_nobody(
    pushed: Any, source: Source
) -> None:
    pushed.now = pushed.feed.state.next_poll_at
    source.body = rss("fresh", "old", dated=pushed.now - 5 * MINUTE)
    assert pushed.poll().new == 1
    assert pushed.push.works(pushed.now)


def test_a_hub_is_told_when_nobody_wants_its_news_any_more(pushed: Any) -> None:
    push = pushed.push
    pushed.follow()
    pushed.hubs.settle(pushed.clock(), callback=pushed.settings.websub.callback)
    body = rss("new")
    proof = hmac.new(push.secret.encode(), body, "sha256").hexdigest()
    answer = pushed.site.test_client().post(
        f"/websub/{push.token}", data=body, headers={"X-Hub-Signature": f"sha256={proof}"}
    )
    assert answer.status_code == 410
