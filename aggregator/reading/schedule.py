"""When to ask a feed again, and why. Pure: every input is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.model.feed import Hints
from aggregator.model.poll import FailureKind, Rhythm
from aggregator.reading.rhythm import own_wait
from aggregator.reading.words import words

# The author's word may go down to this; a publisher is nobody's own machine.
SHORTEST = timedelta(minutes=15)
# A publisher may ask for this much patience; beyond it the author would miss the news.
LONGEST_HINT = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
FIRST_BACKOFF = timedelta(hours=1)
LONGEST_BACKOFF = timedelta(hours=48)
SAFETY_POLL = timedelta(days=1)  # beside a hub that tells us of news
SPREAD = 0.1  # of the wait, added at most, so that feeds do not all fall due together
LEAST_TOLD = 0.01  # of the wait; less is not worth a word

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, kw_only=True)
class Due:
    """A time and its reason in words: "in 2 h: max-age 7200"."""

    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How often we would like to ask, were it for us alone."""

    every: timedelta | None = None  # the author's word; None: by the feed's rhythm
    least: timedelta = SHORTEST  # whatever the author says; 0 on the author's own machines
    pushed: bool = False  # a hub tells us of news, and has not failed to


def next_poll_at(
    now: datetime,
    *,
    wish: Wish,
    rhythm: Rhythm,
    hint: timedelta | None,
    hints: Hints,
    failures: int,
    failure: FailureKind | None,
    retry_after: timedelta | None,
    jitter: float,
) -> Due:
    """Return when to poll next: the longest of all waits, and which one that was.

    What we want is the author's interval, else our own estimate by the feed's `rhythm`. What
    the publisher says is a floor: `hint` (freshness of the answer, RFC 9111 §5.2.2.1), `hints`
    (ttl, sy:updatePeriod, skipHours, skipDays), each up to LONGEST_HINT, and `retry_after`
    (RFC 9110 §10.2.3) up to LONGEST_RETRY_AFTER. After `failures` in a row our own estimate
    gives way to a wait that doubles from FIRST_BACKOFF to LONGEST_BACKOFF, unless we were asked
    to come less often: then both hold. `jitter`, from 0 to 1, adds up to a tenth; it never
    comes earlier.
    """
    reasons = _wishes(now, wish, rhythm, failures, failure)
    if hint is not None:
        reasons.append((min(hint, LONGEST_HINT), f"max-age {int(hint.total_seconds())}"))
    if hints.ttl_minutes:
        ttl = timedelta(minutes=hints.ttl_minutes)
        reasons.append((min(ttl, LONGEST_HINT), f"ttl {hints.ttl_minutes}"))
    if hints.update_period_seconds:
        period = timedelta(seconds=hints.update_period_seconds)
        reasons.append((min(period, LONGEST_HINT), f"its update period is {words(period)}"))
    if retry_after is not None:
        asked = f"Retry-After {int(retry_after.total_seconds())}"
        reasons.append((min(retry_after, LONGEST_RETRY_AFTER), asked))
    wait, why = max(reasons, key=lambda reason: reason[0])
    spread = min(wait, LONGEST_BACKOFF) * (SPREAD * min(max(jitter, 0.0), 1.0))
    if spread >= wait * LEAST_TOLD and words(wait + spread) != words(wait):
        why += f", spread by {words(spread)}"
    at = now + wait + spread
    allowed = past_skipped(at, hints)
    if allowed != at:
        why += ", then past the hours or days it skips"
    return Due(at=allowed, reason=f"in {words(allowed - now)}: {why}")


def _wishes(
    now: datetime, wish: Wish, rhythm: Rhythm, failures: int, failure: FailureKind | None
) -> list[tuple[timedelta, str]]:
    """Return the waits that are our own idea, the author's first."""
    waits = []
    if wish.every is not None:
        waits.append((wish.every, f"every {words(wish.every)}"))
        if wish.every < wish.least:
            waits.append((wish.least, f"every {words(wish.least)}, the shortest there is"))
    elif not failures or failure is FailureKind.THROTTLED:
        waits.append(own_wait(now, rhythm))
    if wish.pushed and not failures:
        waits.append((SAFETY_POLL, "its hub tells us of news; this is to be sure"))
    if failures:
        backoff = min(FIRST_BACKOFF * 2 ** min(failures - 1, 10), LONGEST_BACKOFF)
        count = "it failed" if failures == 1 else f"{failures} failures in a row"
        waits.append((backoff, f"{count}, the last: {failure or 'unknown'}"))
    return waits


def past_skipped(at: datetime, hints: Hints) -> datetime:
    """Return `at`, or the beginning of the next hour outside skipHours and skipDays (GMT)."""
    if not hints.skip_hours and not hints.skip_days:
        return at
    moment = at.astimezone(UTC)
    for _ in range(7 * 24):
        day = _DAYS[moment.weekday()]
        if moment.hour not in hints.skip_hours and day not in hints.skip_days:
            return moment if moment != at else at
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at  # it skips everything
