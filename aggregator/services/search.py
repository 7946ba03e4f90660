"""Where a lost feed may be now: what its site points at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.fetch.client import Fetched
from aggregator.model.poll import FailureKind, FoundFeed, PollOutcome, PollState
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.storage.protocol import Claim

LOST_AFTER = timedelta(days=3)  # some publishers answer 404 now and then
AGAIN_AFTER = timedelta(days=7)
LOST = {FailureKind.NOT_FOUND, FailureKind.GONE}


class Reader(Protocol):
    def read(self, request: ReadRequest) -> ReadResult | ReadFailure: ...


def home_to_search(claim: Claim, outcome: PollOutcome, at: datetime) -> str | None:
    """Return the page to look for a feed on; None when it is not lost, or was looked for lately."""
    state, site = outcome.state, claim.site
    if outcome.failure not in LOST or site is None:
        return None
    lasting = outcome.failure is FailureKind.GONE or (
        state.failing_since is not None and at - state.failing_since >= LOST_AFTER
    )
    if not lasting or is_recent(state, at):
        return None
    parts = urlsplit(claim.subscription.url)
    return claim.feed.link or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def is_recent(state: PollState | None, at: datetime) -> bool:
    """Whether a page was looked through lately, as the state of a feed says."""
    searched_at = state.searched_at if state else None
    return searched_at is not None and at - searched_at < AGAIN_AFTER


def feeds_at(page: Fetched, reader: Reader, now: datetime) -> tuple[FoundFeed, ...]:
    """Return the feeds that a page points at; itself, when it is one."""
    result = reader.read(
        ReadRequest(url=page.url, body=page.body, content_type=page.content_type, now=now)
    )
    if isinstance(result, ReadFailure):
        return result.found
    return (FoundFeed(url=page.url, title=result.feed.title),)
