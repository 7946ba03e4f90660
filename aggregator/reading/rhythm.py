"""How often a feed is worth a look, by what it has said so far. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model.poll import Rhythm
from aggregator.reading.words import words

SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=1)  # for a feed that says something now and then
LONGEST_SILENT = timedelta(days=3)
SILENCE = timedelta(days=14)  # and four times its usual gap: then it is called silent
RECENT = 20  # entries that count
LONGEST_UNSEEN = LONGEST_SILENT + timedelta(days=1)  # an entry may have stood there


def said_at(dated: datetime, seen: datetime | None, since: datetime | None) -> datetime:
    """Return when an entry was said, by its date and when we first saw it (None: in an archive).

    What came while we were watching the feed (from `since` on) was not there the time before,
    whatever its date says: some publishers date every entry years back.
    """
    if seen is None or since is None or seen <= since:
        return dated
    return seen if dated < seen - LONGEST_UNSEEN else dated


def rhythm_of(times: Iterable[datetime], before: Rhythm, now: datetime) -> Rhythm:
    """Return the rhythm after a good answer; `times` are those of the feed's entries.

    Only the RECENT newest count, and a time in the future counts as `now`. Entries of one
    moment (a feed without dates, at first sight) have no gap between them.
    """
    newest = sorted({min(time, now) for time in times}, reverse=True)[:RECENT]
    gaps = sorted(later - earlier for later, earlier in pairwise(newest))
    return Rhythm(
        gap=gaps[len(gaps) // 2] if gaps else before.gap,
        newest_at=newest[0] if newest else before.newest_at,
        since=before.since or now,
    )


def own_wait(now: datetime, rhythm: Rhythm) -> tuple[timedelta, str]:
    """Return how long to wait by our own estimate, and why.

    Half the usual gap, from SHORTEST to LONGEST. For a silent feed a day, growing in
    proportion to the silence, as far as we were there to hear it, to LONGEST_SILENT.
    """
    if rhythm.since is None:
        return SHORTEST, "it has not answered yet"
    watched = max(now - rhythm.since, timedelta(0))
    silence = max(now - (rhythm.newest_at or rhythm.since), timedelta(0))
    if silence > max(SILENCE, 4 * (rhythm.gap or SILENCE / 4)):
        heard = min(silence, watched)
        wait = min(max(LONGEST * (heard / SILENCE), LONGEST), LONGEST_SILENT)
        return wait, f"silent for {words(silence)}"
    if rhythm.gap is None:
        return min(max(watched / 2, SHORTEST), LONGEST), "its rhythm is not known yet"
    wait = min(max(rhythm.gap / 2, SHORTEST), LONGEST)
    return wait, f"an entry about every {words(rhythm.gap)}"
