"""WebSub (W3C Recommendation of 2018) without a network: who the hub is, what its words mean."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model.feed import Feed
from aggregator.model.poll import EntryChange
from aggregator.model.push import Hub, HubSubscription
from aggregator.reading.links import links_by_rel
from aggregator.reading.words import words

LEASE = timedelta(days=10)  # that is asked for; §5.1 recommends as much
# What a hub may give: with a shorter one it would be asked all day, a longer one is a mistake.
SHORTEST_LEASE = timedelta(minutes=5)
LONGEST_LEASE = timedelta(days=30)
RENEWED_AFTER = 0.75  # of the lease
RENEWED_WITHIN = 0.1  # of the lease, so that not all are renewed together

FIRST_RETRY = timedelta(minutes=10)
LONGEST_RETRY = timedelta(days=1)
SHORTEST_RETRY = timedelta(minutes=1)

# Hubs need a moment: what is younger at a poll may still be on its way.
ON_ITS_WAY = timedelta(minutes=10)

METHODS = frozenset(("sha256", "sha384", "sha512"))  # sha1 proves nothing any more


def hub_of(links: str, feed: Feed, url: str, *, before: Hub | None = None) -> Hub | None:
    """Return the hub of a feed and its topic there (§4); None when it names no hub.

    `links` is the Link field of the answer, which wins over what the `feed` says; `url` gave
    the answer, and is the topic where nothing else is named. Of several hubs it is the first,
    or the one of `before`, so that a hub is not left for an order that changes.
    """
    header = links_by_rel(links, url)
    hubs = header.get("hub") or feed.hubs
    topic = next(iter(header.get("self", ())), None) or feed.self_link or url
    if not hubs or not topic.lower().startswith(("http://", "https://")):
        return None
    kept = before is not None and before.url in hubs
    return Hub(url=before.url if before and kept else hubs[0], topic=topic)


def lease_of(told: str | None) -> timedelta:
    """Return how long a hub's `hub.lease_seconds` may be believed; LEASE when it is no number."""
    text = (told or "").strip()
    if not (text.isascii() and text.isdecimal()):
        return LEASE
    seconds = int(text) if len(text) < 10 else LONGEST_LEASE.total_seconds()
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE)


def renew_at(now: datetime, lease: timedelta, jitter: float) -> datetime:
    """Return when to ask for a new lease: in the last quarter. `jitter` is from 0 to 1."""
    return now + lease * (RENEWED_AFTER + RENEWED_WITHIN * jitter)


def ask_again_at(
    now: datetime,
    attempts: int,
    *,
    lease_until: datetime | None = None,
    retry_after: timedelta | None = None,
) -> datetime:
    """Return when to ask a hub again after so many `attempts` that came to nothing.

    The wait doubles from FIRST_RETRY to LONGEST_RETRY, but leaves time for another attempt
    before a lease ends. What the hub asks for is obeyed, up to LONGEST_RETRY.
    """
    wait: timedelta = min(FIRST_RETRY * 2 ** min(max(attempts - 1, 0), 10), LONGEST_RETRY)
    if lease_until is not None and lease_until > now:
        wait = min(wait, max((lease_until - now) / 3, SHORTEST_RETRY))
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY))
    return now + wait


def is_signed(body: bytes, secret: str, signature: str) -> bool:
    """Whether an X-Hub-Signature (§7) proves that `body` comes from who knows the `secret`."""
    method, _, told = signature.strip().partition("=")
    method = method.strip().lower()
    if method not in METHODS:
        return False
    proof = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return hmac.compare_digest(proof.encode(), told.strip().lower().encode("utf-8", "replace"))


def missed(
    changes: Sequence[EntryChange],
    push: HubSubscription,
    *,
    last_success_at: datetime | None,
    at: datetime,
) -> str | None:
    """Return what the hub should have told us before the poll of `at`, in words; None: nothing.

    That is a new entry from when the subscription was active already, and after the last good
    poll: what is dated earlier was dated back.
    """
    if push.active_since is None:
        return None
    since = max(push.active_since, last_success_at or push.active_since)
    for change in changes:
        dated = change.entry.published or change.entry.updated
        if change.number is None and dated is not None and since < dated < at - ON_ITS_WAY:
            title = (change.entry.title or change.entry.id)[:80]
            return f"it did not tell us of “{title}”, which we found {words(at - dated)} later"
    return None
