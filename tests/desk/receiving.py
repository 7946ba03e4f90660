"""Entries for tests, put into the database as polls put them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.feed import Entry, Feed
from aggregator.model.poll import EntryChange, FailureKind, PollOutcome, PollState, PollStatus
from aggregator.model.subscription import Subscription
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def feed(name: str, *tags: str) -> Subscription:
    return Subscription(url=f"https://{name.lower()}.example/feed", title=name, tags=tags)


def item(title: str, *, ago: int = 0, **more: Any) -> Entry:
    """Return an entry that was published so many minutes before noon."""
    told: dict[str, Any] = {"id": title, "link": f"https://news.example/{title}"} | more
    return Entry(title=title, published=NOON - ago * MINUTE, **told)


def follow(storage: SqlStorage, *subscriptions: Subscription) -> None:
    storage.mirror_subscriptions(subscriptions)


def receive(
    storage: SqlStorage, name: str, *entries: Entry, at: datetime = NOON, held: bool = False
) -> list[int]:
    """Store entries of a feed, new ones and new texts; return their numbers."""
    url = f"https://{name.lower()}.example/feed"
    claims = storage.claim_due(at, limit=1, lease=MINUTE, urls=[url], force=True)
    known = {one.id: one.number for one in storage.known_entries(claims[0].number)}
    changes = tuple(_change(one, known.get(one.id)) for one in entries)
    outcome = PollOutcome(
        status=PollStatus.NEW_CONTENT,
        at=at,
        state=PollState(last_polled_at=at),
        feed=Feed(title=name),
        changes=changes,
        held=held,
    )
    storage.save_polls([(claims[0], outcome)])
    known = {one.id: one.number for one in storage.known_entries(claims[0].number)}
    return [known[one.id] for one in entries]


def fail(storage: SqlStorage, name: str, error: str, *, since: datetime) -> None:
    """Store that a feed fails."""
    url = f"https://{name.lower()}.example/feed"
    claim = storage.claim_due(NOON, limit=1, lease=MINUTE, urls=[url], force=True)[0]
    state = replace(
        claim.state,
        failures=3,
        failing_since=since,
        last_failure=FailureKind.TIMEOUT,
        last_error=error,
    )
    outcome = PollOutcome(
        status=PollStatus.FAILED,
        at=NOON,
        state=state,
        error=error,
        failure=FailureKind.TIMEOUT,
    )
    storage.save_polls([(claim, outcome)])


def titles(listed: Sequence[Any]) -> list[str]:
    return [one.title for one in listed]


def _change(entry: Entry, number: int | None) -> EntryChange:
    told = repr((entry.title, entry.content, entry.summary))
    return EntryChange(
        entry=entry, number=number, hash=told[:64], link_key=entry.link, text_key=told[:64]
    )
