"""What one answer of one feed means. Pure: the claim and the answer in, the outcome out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.errors import FetchError, Unstorable, led_to
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.feed import Feed
from aggregator.model.poll import FailureKind, PollOutcome, PollState, PollStatus, Validators
from aggregator.reading.request import ReadFailure, ReadResult
from aggregator.reading.schedule import next_poll_at
from aggregator.storage.protocol import Claim


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A claim being polled: when it was asked, and what its next time depends on."""

    claim: Claim
    at: datetime
    every: timedelta  # the author's interval for this feed
    jitter: float  # 0 to 1, drawn by the caller

    def due(self, state: PollState, feed: Feed, retry_after: timedelta | None = None) -> PollState:
        """Return `state` with the time of the next poll and its reason filled in."""
        due = next_poll_at(
            self.at,
            every=self.every,
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
        return replace(
            self.claim.state,
            last_polled_at=self.at,
            last_success_at=self.at,
            failures=0,
            failing_since=None,
            last_failure=None,
            last_error=None,
            gone=False,
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
    return PollOutcome(
        status=PollStatus.NOT_MODIFIED,
        at=asked.at,
        state=asked.due(state, asked.claim.feed),
        hops=answer.hops,
    )


def same_body(asked: Asked, answer: Fetched) -> PollOutcome:
    """A full answer, byte for byte the one before. Its validators still replace the old ones."""
    state = replace(asked.went_well(), validators=answer.validators, hint=answer.freshness.max_age)
    return PollOutcome(
        status=PollStatus.UNCHANGED,
        at=asked.at,
        state=asked.due(state, asked.claim.feed),
        hops=answer.hops,
    )


def read(asked: Asked, answer: Fetched, result: ReadResult, digest: str) -> PollOutcome:
    """A document that was read, and its `body_hash`.

    With one that breaks off no validators are kept: a 304 to them would hide the rest for ever.
    """
    state = replace(
        asked.went_well(),
        validators=Validators() if result.partial else answer.validators,
        hint=answer.freshness.max_age,
        body_hash=None if result.partial else digest,
        identity_policy=result.identity_policy,
    )
    return PollOutcome(
        status=PollStatus.NEW_CONTENT if result.changes else PollStatus.UNCHANGED,
        at=asked.at,
        state=asked.due(state, result.feed),
        feed=result.feed,
        changes=result.changes,
        held=result.held,
        notes=result.notes,
        hops=answer.hops,
    )


def not_read(asked: Asked, answer: Fetched, failure: ReadFailure) -> PollOutcome:
    """An answer that is no feed. Validators stay as they were: the next answer is read whole."""
    message = failure.message + led_to(answer.hops)
    return replace(
        _failed(asked, failure.kind, message, None), found=failure.found, hops=answer.hops
    )


def not_fetched(asked: Asked, error: FetchError) -> PollOutcome:
    """No answer, or one that is none."""
    outcome = replace(_failed(asked, error.kind, str(error), error.retry_after), hops=error.hops)
    if error.kind is not FailureKind.GONE:
        return outcome
    state = replace(
        outcome.state, gone=True, next_poll_at=None, reason="never: the publisher says it is gone"
    )
    return replace(outcome, status=PollStatus.GONE, state=state)


def not_stored(asked: Asked, error: Unstorable) -> PollOutcome:
    """What was read could not be saved. Nothing of it counts, so the next poll brings it again."""
    return _failed(asked, FailureKind.STORAGE, str(error), None)


def _failed(
    asked: Asked, kind: FailureKind, message: str, retry_after: timedelta | None
) -> PollOutcome:
    before = asked.claim.state
    state = replace(
        before,
        last_polled_at=asked.at,
        failures=before.failures + 1,
        failing_since=before.failing_since or asked.at,
        last_failure=kind,
        last_error=message,
    )
    return PollOutcome(
        status=PollStatus.FAILED,
        at=asked.at,
        state=asked.due(state, asked.claim.feed, retry_after),
        error=message,
        failure=kind,
    )
