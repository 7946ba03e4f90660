"""Times that are minted: never before what they follow, even when the clock goes back. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from aggregator.model.post import StoredPost

# Readers are shown minutes; a fraction is enough to tell two times apart.
TICK = timedelta(milliseconds=1)


def next_moment(stored: StoredPost, now: datetime) -> datetime:
    """Return the time of what is done to a post now: after its publication and every update."""
    moments = [now]
    if stored.published:
        moments.append(stored.published)
    moments += [update.at + TICK for update in stored.post.updates]
    return max(moments)


def moved_updated(stored: StoredPost, at: datetime, taken: Collection[datetime]) -> datetime:
    """Return a new `updated` for what happened `at`: later than before, and not `taken`.

    Two entries of one feed that carry the same time make validators warn (RFC 4287 §4.2.15).
    """
    moments = [at, *(update.at for update in stored.post.updates)]
    if stored.updated:
        moments.append(stored.updated + TICK)
    return _free(max(moments), taken)


def first_times(
    stored: StoredPost, now: datetime, taken: Collection[datetime]
) -> tuple[datetime, datetime]:
    """Return `published` and `updated` of a first publication, alike unless updates are later."""
    published = (stored.post.published or now).replace(microsecond=0)
    newest = max((update.at for update in stored.post.updates), default=published)
    if newest > published:
        return published, _free(newest, taken)
    free = _free(published, taken)
    return free, free


def _free(at: datetime, taken: Collection[datetime]) -> datetime:
    while at in taken:
        at += TICK
    return at
