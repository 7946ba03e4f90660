"""An inbox of invented entries, put into a database as a poll would."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from aggregator.model.feed import Entry, Feed
from aggregator.model.poll import EntryChange, PollOutcome, PollState, PollStatus
from aggregator.model.subscription import Subscription
from aggregator.storage.sql import SqlStorage

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
TAGS = ("city", "science", "football", "music", "work", "far away", "law", "weather")
SYLLABLES = "ba ke li mo nu ra se ti vo za che dri fle gro pla sta tro wen shi qua".split()
COMMON = "council budget river school market mayor winter question answer letter".split()
VOCABULARY = 20_000  # words; the tenth most common is a tenth as common as the first


def subscriptions(feeds: int) -> list[Subscription]:
    """Return so many subscriptions, each with a tag or two."""
    return [
        Subscription(
            url=f"https://source{number}.example/feed",
            title=f"Source {number}",
            tags=tuple({TAGS[number % 8], TAGS[number // 8 % 8]}),
        )
        for number in range(feeds)
    ]


def vocabulary() -> tuple[list[str], list[float]]:
    """Return words, and how often each is said, summed up."""
    chance = random.Random(7)
    words = list(COMMON)
    known = set(words)
    while len(words) < VOCABULARY:
        word = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))
        if word not in known:
            known.add(word)
            words.append(word)
    return words, list(accumulate(1 / (place + 10) for place in range(VOCABULARY)))


def fill(storage: SqlStorage, *, feeds: int, entries: int) -> None:
    """Store so many entries of so many feeds; each feed brings as many, a story is told by few."""
    words, shares = vocabulary()
    chance = random.Random(11)
    each = entries // feeds

    def said(count: int) -> str:
        return " ".join(chance.choices(words, cum_weights=shares, k=count))

    claims = storage.claim_due(NOW, limit=feeds, lease=timedelta(hours=1), holder="benchmark")
    for start in range(0, len(claims), 50):
        saves = []
        for claim in claims[start : start + 50]:
            changes = tuple(_change(claim.number, place, said, chance) for place in range(each))
            outcome = PollOutcome(
                status=PollStatus.NEW_CONTENT,
                at=NOW,
                state=PollState(last_polled_at=NOW),
                feed=Feed(title=claim.subscription.title or ""),
                changes=changes,
            )
            saves.append((claim, outcome))
        storage.save_polls(saves)


def _change(
    feed: int, place: int, said: Callable[[int], str], chance: random.Random
) -> EntryChange:
    at = NOW - timedelta(minutes=chance.randrange(60 * 24 * 90))
    number = f"{feed}-{place}"
    # One in twenty leads where others lead as well.
    link = f"https://story.example/{chance.randrange(2_000)}" if chance.random() < 0.05 else ""
    link = link or f"https://source{feed}.example/{number}"
    paragraphs = "".join(f"<p>{said(60)}.</p>\n" for _ in range(6))
    entry = Entry(
        id=number,
        title=said(8).capitalize(),
        link=link,
        author=said(2).title(),
        published=at,
        content=paragraphs,
        summary=f"<p>{said(25)}</p>",
    )
    return EntryChange(entry=entry, hash=number, link_key=link, text_key=number)
