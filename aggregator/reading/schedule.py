"""When to ask a feed again, and why. Pure: every input is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.model.feed import Hints
from aggregator.model.poll import FailureKind

# A publisher may ask for this much patience; beyond it the author would miss the news.
LONGEST_HINT = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=7)
FIRST_BACKOFF = timedelta(hours=1)
LONGEST_BACKOFF = timedelta(hours=48)
SPREAD = 0.1  # of the wait, added at most, so that feeds do not all fall due together
LEAST_TOLD = 0.01  # of the wait; less is not worth a word

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, kw_only=True)
class Due:
    """A time and its reason in words: "in 2 h: max-age 7200"."""

    at: datetime
    reason: str


def next_poll_at(
    now: datetime,
    *,
    every: timedelta,
    hint: timedelta | None,
    hints: Hints,
    failures: int,
    failure: FailureKind | None,
    retry_after: timedelta | None,
    jitter: float,
) -> Due:
    """Return when to poll next.

    The author's interval `every` is what is wanted. What the publisher says is a floor: `hint`
    (freshness of the answer, RFC 9111 §5.2.2.1), `hints` (ttl, sy:updatePeriod, skipHours,
    skipDays), each up to LONGEST_HINT, and `retry_after` (RFC 9110 §10.2.3) up to
    LONGEST_RETRY_AFTER. After `failures` in a row the wait doubles from FIRST_BACKOFF to
    LONGEST_BACKOFF. `jitter`, from 0 to 1, adds up to a tenth; it never comes earlier.
    """
    reasons = [(every, f"every {words(every)}")]
    if hint is not None:
        reasons.append((min(hint, LONGEST_HINT), f"max-age {int(hint.total_seconds())}"))
    if hints.ttl_minutes:
        ttl = timedelta(minutes=hints.ttl_minutes)
        reasons.append((min(ttl, LONGEST_HINT), f"ttl {hints.ttl_minutes}"))
    if hints.update_period_seconds:
        period = timedelta(seconds=hints.update_period_seconds)
        reasons.append((min(period, LONGEST_HINT), f"its update period is {words(period)}"))
    if failures:
        backoff = min(FIRST_BACKOFF * 2 ** min(failures - 1, 10), LONGEST_BACKOFF)
        count = "it failed" if failures == 1 else f"{failures} failures in a row"
        reasons.append((backoff, f"{count}, the last: {failure or 'unknown'}"))
    if retry_after is not None:
        asked = f"Retry-After {int(retry_after.total_seconds())}"
        reasons.append((min(retry_after, LONGEST_RETRY_AFTER), asked))
    wait, why = max(reasons, key=lambda reason: reason[0])
    spread = min(wait, LONGEST_BACKOFF) * (SPREAD * min(max(jitter, 0.0), 1.0))
    if spread >= wait * LEAST_TOLD and words(wait + spread) != words(wait):
        why += f", spread by {words(spread)}"
    at = now + wait + spread
    allowed = _allowed(at, hints)
    if allowed != at:
        why += ", then past the hours or days it skips"
    return Due(at=allowed, reason=f"in {words(allowed - now)}: {why}")


def _allowed(at: datetime, hints: Hints) -> datetime:
    """Return `at`, or the beginning of the next hour outside skipHours and skipDays (GMT)."""
    moment = at.astimezone(UTC)
    for _ in range(7 * 24):
        day = _DAYS[moment.weekday()]
        if moment.hour not in hints.skip_hours and day not in hints.skip_days:
            return moment if moment != at else at
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at  # it skips everything


def words(wait: timedelta) -> str:
    """Return a wait as people say it: "45 s", "20 min", "1 h 30 min", "2 d 4 h"."""
    seconds = max(0, round(wait.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        minutes = 0
    parts = [f"{days} d"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts)
