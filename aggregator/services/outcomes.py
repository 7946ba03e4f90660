"""What one answer of one feed means. Pure: the claim and the answer in, the outcome out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aggregator.errors import FetchError, Unstorable, led_to
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.feed import Feed
from aggregator.model.poll import (
    EntryChange,
    FailureKind,
    KnownEntry,
    PollOutcome,
    PollState,
    PollStatus,
    Rhythm,
    Validators,
)
from aggregator.model.replacing import replace
from aggregator.reading.request import ReadFailure, ReadResult
from aggregator.reading.rhythm import RECENT, rhythm_of, said_at
from aggregator.reading.schedule import LONGEST_RETRY_AFTER, past_skipped
from aggregator.reading.websub import hub_of, missed
from aggregator.reading.words import words
from aggregator.services.asked import Asked
from aggregator.services.heldup import held_up
from aggregator.services.redirects import move_of

# The least wait, for the feed or its site, after a 429 that does not say how long.
COOL_DOWN = timedelta(minutes=15)
FORBIDDEN = 403


def body_hash(body: bytes, asked: Asked) -> str:
    """Return what tells one body, read under one set of the author's options, from another."""
    subscription = asked.claim.subscription
    digest = hashlib.sha256(f"{subscription.identity}\0{subscription.encoding}\0".encode())
    digest.update(body)
    return digest.hexdigest()


def not_modified(asked: Asked, answer: NotModified) -> PollOutcome:
    """A 304. What it says of freshness may shorten the remembered hint, never lengthen it."""
    before = asked.claim.state
    remembered, told = before.hint, answer.freshness.max_age
    hint = min(remembered, told) if remembered is not None and told is not None else remembered
    state = asked.went_well(
        validators=answer.validators,
        hint=hint,
        hub=before.hub or hub_of("", asked.claim.feed, answer.url),
    )
    return _answered(asked, answer, state, PollStatus.NOT_MODIFIED)


def same_body(asked: Asked, answer: Fetched) -> PollOutcome:
    """A full answer, byte for byte the one before. Its validators still replace the old ones."""
    before = asked.claim
    state = asked.went_well(
        validators=answer.validators,
        hint=answer.freshness.max_age,
        hub=hub_of(answer.links, before.feed, answer.url, before=before.state.hub),
    )
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
    before = asked.claim.state
    hub = hub_of(answer.links, result.feed, answer.url, before=before.hub)
    state = asked.went_well(
        validators=Validators() if result.partial else answer.validators,
        hint=answer.freshness.max_age,
        body_hash=None if result.partial or answer.delta else digest,
        identity_policy=result.identity_policy,
        rhythm=_rhythm(asked, result, known),
        hub=hub or (before.hub if result.partial else None),
    )
    return _answered(
        asked,
        answer,
        state,
        _status(result, known),
        feed=result.feed,
        changes=result.changes,
        held=result.held,
        notes=result.notes,
    )


def delivered(
    asked: Asked, result: ReadResult, *, known: Sequence[KnownEntry], octets: int
) -> PollOutcome:
    """A document that a hub brought, and that was read.

    Nobody was asked, and it may hold nothing but news: what belongs to polls stays as it is, and
    the next one comes as long after the last as it would have.
    """
    before = asked.claim.state
    state = replace(
        before,
        deliveries=before.deliveries + 1,
        identity_policy=result.identity_policy,
        rhythm=_rhythm(asked, result, known),
    )
    polled = replace(asked, at=before.last_polled_at or asked.at)
    return PollOutcome(
        status=_status(result, known),
        at=asked.at,
        state=polled.due(state, asked.claim.feed),
        changes=result.changes,
        held=result.held,
        notes=result.notes,
        octets=octets,
        pushed=True,
    )


def _status(result: ReadResult, known: Sequence[KnownEntry]) -> PollStatus:
    """An entry that is only known by another id from now on is no news."""
    before = {(one.number, one.hash) for one in known}
    news = any((change.number, change.hash) not in before for change in result.changes)
    return PollStatus.NEW_CONTENT if news else PollStatus.UNCHANGED


def _rhythm(asked: Asked, result: ReadResult, known: Sequence[KnownEntry]) -> Rhythm:
    since = asked.claim.state.rhythm.since
    times = [said_at(one.at, one.seen, since) for one in known[:RECENT] if one.at is not None]
    fresh = [
        said_at(change.entry.published or asked.at, asked.at, since)
        for change in result.changes
        if change.number is None
    ]
    return rhythm_of([*times, *fresh], asked.claim.state.rhythm, asked.at)


def _answered(
    asked: Asked,
    answer: Fetched | NotModified,
    state: PollState,
    status: PollStatus,
    feed: Feed | None = None,
    changes: Sequence[EntryChange] = (),
    **more: Any,
) -> PollOutcome:
    move = move_of(asked.claim, answer.hops, answer.url, asked.at)
    if move != state.move:
        state = replace(state, move=move)
    about, failed = feed or asked.claim.feed, None
    if asked.pushed and asked.claim.push is not None:
        failed = _push_failed(asked, changes)
        asked = replace(asked, pushed=failed is None and state.hub == asked.claim.push.hub)
    return PollOutcome(
        status=status,
        at=asked.at,
        state=asked.due(state, about, own_machine=answer.own_machine),
        feed=feed,
        changes=tuple(changes),
        hops=answer.hops,
        http_status=answer.status,
        octets=answer.octets,
        push_failed=failed,
        **more,
    )


def _push_failed(asked: Asked, changes: Sequence[EntryChange]) -> str | None:
    """Return what the hub should have told us of, in words; None when it did its duty."""
    claim = asked.claim
    if claim.push is None or claim.told_at is not None:  # it did tell; it was us who did not read
        return None
    return missed(changes, claim.push, last_success_at=claim.state.last_success_at, at=asked.at)


def not_read(asked: Asked, answer: Fetched, failure: ReadFailure) -> PollOutcome:
    """An answer that is no feed. Validators stay as they were: the next answer is read whole."""
    outcome = _failed(asked, failure.kind, failure.message + led_to(answer.hops))
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
    if error.ours:
        return held_up(asked, str(error))
    wait, site_wait = error.retry_after, None
    # A firewall says 403 of one address; how long to wait is said by who means the site.
    if error.kind is FailureKind.THROTTLED and (error.status != FORBIDDEN or wait is not None):
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


def put_off(asked: Asked) -> PollOutcome | None:
    """Nobody is asked in hours and days that the feed skips; None: this is none of them.

    It was due before they began, and no poll came until now. When a hub told of news, those
    hours are past.
    """
    at = past_skipped(asked.at, asked.claim.feed.hints)
    if at == asked.at or asked.claim.told_at is not None:
        return None
    reason = f"in {words(at - asked.at)}: past the hours or days it skips"
    state = replace(asked.claim.state, next_poll_at=at, reason=reason)
    return PollOutcome(status=PollStatus.NOT_DUE, at=asked.at, state=state, asked=False)


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
