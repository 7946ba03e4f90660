"""What our own network or machine kept us from: it counts against nobody. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.model.poll import PollOutcome, PollStatus
from aggregator.model.replacing import replace
from aggregator.reading.schedule import Due
from aggregator.reading.words import words
from aggregator.services.asked import Asked

WAIT = timedelta(minutes=15)  # until the next try


def our_outage(asked: Asked, outcome: PollOutcome, told: str) -> PollOutcome:
    """A failure that is our own network's. `told` says how we know.

    The next poll knows by `last_failure` without `failures` that there was one.
    """
    held = held_up(asked, told)
    state = replace(held.state, last_failure=outcome.failure)
    return replace(
        outcome, status=PollStatus.DEFERRED, state=state, error=None, failure=None, seconds=0.0
    )


def held_up(asked: Asked, told: str) -> PollOutcome:
    """A poll that this machine could not make, or not to its end. `told` says why."""
    before, due = asked.claim.state, after_outage(asked.at, told, jitter=asked.jitter)
    state = replace(
        before,
        last_polled_at=asked.at,
        polls=before.polls + 1,
        next_poll_at=due.at,
        reason=due.reason,
    )
    return PollOutcome(status=PollStatus.DEFERRED, at=asked.at, state=state)


def after_outage(now: datetime, told: str, *, jitter: float = 0.0) -> Due:
    """Return when a feed is asked again, and why not earlier."""
    wait = WAIT * (1 + jitter / 10)
    return Due(at=now + wait, reason=f"in {words(wait)}: {told}")
