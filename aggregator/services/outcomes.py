"""What one answer of one feed means. Pure: the claim and the answer in, the outcome out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.errors import FetchError, Unstorable
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.feed import Feed
from aggregator.model.poll import (
    FailureKind,
    KnownEntry,
    PollOutcome,
    PollState,
    PollStatus,
    Validators,
)
from aggregator.reading.request import ReadFailure, ReadResult
from aggregator.reading.rhythm import RECENT, rhythm_of
from aggregator.reading.schedule import LONGEST_RETRY_AFTER, SHORTEST, Wish, next_poll_at
from aggregator.reading.words import words
from aggregator.services.redirects import move_of
from aggregator.storage.protocol import Claim

# The least wait, for the feed or its site, after a 429 that does not say how long.
COOL_DOWN = timedelta(minutes=15)
FORBIDDEN = 403


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A claim being polled: when it was asked, and what its next time depends on."""

    claim: Claim
    at: datetime
    every: timedelta | None  # the author's interval for this feed; None: by its rhythm
    jitter: float  # 0 to 1, drawn by the caller
    pushed: bool = False  # a hub tells us of its news
    site_waits: bool = True  # a request to wait is for the whole site

    def due(
        self,
        state: PollState,
        feed: Feed,
        *,
        retry_after: timedelta | None = None,
        own_machine: bool = False,
    ) -> PollState:
        """Return `state` with the time of the next poll and its reason filled in.

        `own_machine`: the answer came from where only the author's own machines are.
        """
        least = timedelta(0) if own_machine or self.claim.site is None else SHORTEST
        due = next_poll_at(
            self.at,
            wish=Wish(every=self.every, least=least, pushed=self.pushed),
            rhythm=state.rhythm,
            hint=state.hint,
            hints=feed.hints,
            failures=state.failures,
            failure=state.last_failure,
            retry_after=retry_after,
            jitter=self.jitter,
        )
        return replace(state, next_poll_at=due.at, reason=due.reason)

    def went_well(self) -> PollState:
        """Return the state after any answer that was no failure, before it is filled in."""
        before = self.claim.state
        return replace(
            before,
            last_polled_at=self.at,
            last_success_at=self.at,
            failures=0,
            failing_since=None,
            last_failure=None,
            last_error=None,
            gone=False,
            not_before=None,
            polls=before.polls + 1,
            rhythm=replace(before.rhythm, since=before.rhythm.since or self.at),
            offers=(),
            searched_at=None,
        )


def body_hash(body: bytes, asked: Asked) -> str:
    """Return what tells one body, read under one set of the author's options, from another."""
    subscription = asked.claim.subscription
    digest = hashlib.sha256(f"{subscription.identity}\0{subscription.encoding}\0".encode())
    digest.update(body)
    return digest.hexdigest()


def not_modified(asked: Asked, answer: NotModified) -> PollOutcome:
    """A 304. What it says of freshness may shorten the remembered hint, never lengthen it."""
    remembered, told = asked.claim.state.hint, answer.freshness.max_age
    hint = min(remembered, told) if remembered is not None and told is not None else remembered
    state = replace(asked.went_well(), validators=answer.validators, hint=hint)
    return _answered(asked, answer, state, PollStatus.NOT_MODIFIED)


def same_body(asked: Asked, answer: Fetched) -> PollOutcome:
    """A full answer, byte for byte the one before. Its validators still replace the old ones."""
    state = replace(asked.went_well(), validators=answer.validators, hint=answer.freshness.max_age)
    return _answered(asked, answer, state, PollStatus.UNCHANGED)


def read(
    asked: Asked,
    answer: Fetched,
    result: ReadResult,
    *,
    digest: str,
    known: Sequence[KnownEntry],
) -> PollOutcome:
    """A document that was read: its `body_hash`, and the entries that were known before.

    With one that breaks off no validators are kept: a 304 to them would hide the rest for ever.
    Of one that holds only what is new (RFC 3229) the hash is worth nothing.
    """
    times = [one.at for one in known[:RECENT] if one.at is not None]
    fresh = [change.entry.published or asked.at for change in result.changes if not change.number]
    before = asked.claim.state
    state = replace(
        asked.went_well(),
        validators=Validators() if result.partial else answer.validators,
        hint=answer.freshness.max_age,
        body_hash=None if result.partial or answer.delta else digest,
        identity_policy=result.identity_policy,
        rhythm=rhythm_of([*times, *fresh], before.rhythm, asked.at),
    )
    status = PollStatus.NEW_CONTENT if result.changes else PollStatus.UNCHANGED
    return _answered(
        asked,
        answer,
        state,
        status,
        feed=result.feed,
        changes=result.changes,
        held=result.held,
        notes=result.notes,
    )


def _answered(
    asked: Asked,
    answer: Fetched | NotModified,
    state: PollState,
    status: PollStatus,
    feed: Feed | None = None,
    **more: Any,
) -> PollOutcome:
    state = replace(state, move=move_of(asked.claim, answer.hops, answer.url, asked.at))
    about = feed or asked.claim.feed
    return PollOutcome(
        status=status,
        at=asked.at,
        state=asked.due(state, about, own_machine=answer.own_machine),
        feed=feed,
        hops=answer.hops,
        http_status=answer.status,
        octets=answer.octets,
        **more,
    )


def not_read(asked: Asked, answer: Fetched, failure: ReadFailure) -> PollOutcome:
    """An answer that is no feed. Validators stay as they were: the next answer is read whole."""
    outcome = _failed(asked, failure.kind, failure.message)
    return replace(
        outcome,
        state=replace(outcome.state, offers=failure.found),
        found=failure.found,
        hops=answer.hops,
        http_status=answer.status,
        octets=answer.octets,
    )


def not_fetched(asked: Asked, error: FetchError) -> PollOutcome:
    """No answer, or one that is none."""
    wait, site_wait = error.retry_after, None
    if error.kind is FailureKind.THROTTLED and error.status != FORBIDDEN:
        wait = max(wait or COOL_DOWN, COOL_DOWN)
        site_wait = min(wait, LONGEST_RETRY_AFTER) if asked.site_waits else None
    outcome = replace(
        _failed(asked, error.kind, str(error), wait),
        hops=error.hops,
        http_status=error.status,
        site_wait=site_wait,
    )
    if error.kind is not FailureKind.GONE:
        return outcome
    state = replace(
        outcome.state, gone=True, next_poll_at=None, reason="never: the publisher says it is gone"
    )
    return replace(outcome, status=PollStatus.GONE, state=state)


def not_stored(asked: Asked, error: Unstorable) -> PollOutcome:
    """What was read could not be saved. Nothing of it counts, so the next poll brings it again."""
    return _failed(asked, FailureKind.STORAGE, str(error))


def our_outage(asked: Asked, outcome: PollOutcome, told: str) -> PollOutcome:
    """A failure that is our own network's: it counts against nobody. `told` says how we know."""
    at = asked.at + COOL_DOWN * (1 + asked.jitter / 10)
    state = replace(
        asked.claim.state,
        last_polled_at=asked.at,
        polls=asked.claim.state.polls + 1,
        next_poll_at=at,
        reason=f"in {words(at - asked.at)}: {told}",
    )
    return replace(
        outcome, status=PollStatus.DEFERRED, state=state, error=None, failure=None, seconds=0.0
    )


def _failed(
    asked: Asked, kind: FailureKind, message: str, wait: timedelta | None = None
) -> PollOutcome:
    """`wait`: the publisher, or good manners towards it, ask for so much patience."""
    before = asked.claim.state
    until = asked.at + min(wait, LONGEST_RETRY_AFTER) if wait is not None else None
    state = replace(
        before,
        last_polled_at=asked.at,
        polls=before.polls + 1,
        failures=before.failures + 1,
        failing_since=before.failing_since or asked.at,
        last_failure=kind,
        last_error=message,
        not_before=until,
    )
    return PollOutcome(
        status=PollStatus.FAILED,
        at=asked.at,
        state=asked.due(state, asked.claim.feed, retry_after=wait),
        error=message,
        failure=kind,
    )
