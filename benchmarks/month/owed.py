"""What a reader could have seen, and how little it need have asked for that: from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from aggregator.model.poll import Rhythm
from aggregator.reading import rhythm, schedule
from aggregator.reading.schedule import Wish, next_poll_at
from benchmarks.judging.fields import freshness
from benchmarks.judging.places import PERMANENT
from benchmarks.month.documents import title_of
from benchmarks.month.network import World
from benchmarks.month.publisher import DAY, HOUR, Publisher

SPREAD = 1 + schedule.SPREAD
SILENCE = rhythm.SILENCE.total_seconds()
LONGEST_SILENT = rhythm.LONGEST_SILENT.total_seconds()
LONGEST_BACKOFF = schedule.LONGEST_BACKOFF.total_seconds()
LONGEST_RETRY_AFTER = schedule.LONGEST_RETRY_AFTER.total_seconds()


def owed_texts(
    world: World, publisher: Publisher, *, begin: float, end: float, tick: float
) -> dict[str, int]:
    """Return how many texts of each entry must have been kept in the end, by title.

    A text is owed when it stood in the document for longer, without a break, than a patient
    reader stays away, in a time in which the document could be had. After trouble a reader stays
    away for as long again as the trouble lasted, or as it was asked to.
    """
    clear = list(_clear(world, publisher, begin, end))
    patience = _patience(publisher) + tick
    owed: dict[str, int] = {}
    for place, story in enumerate(publisher.stories):
        pushed_out = place + publisher.window
        out = publisher.stories[pushed_out].at if pushed_out < len(publisher.stories) else end
        quiet = place > 0 and story.at - publisher.stories[place - 1].at > SILENCE
        enough = max(patience, LONGEST_SILENT * SPREAD + tick if quiet else 0.0)
        for text, since in enumerate(story.texts):
            until = story.texts[text + 1] if text + 1 < len(story.texts) else out
            if _longest_overlap(clear, since, min(until, out, end)) >= enough:
                title = title_of(publisher.number, story.number)
                owed[title] = owed.get(title, 0) + 1
    return owed


def _patience(publisher: Publisher) -> float:
    """Return the longest wait of a reader for whom all goes well with a feed that is not silent."""
    longest = max(DAY, publisher.every or 0.0)  # own estimates and hints go up to a day
    flapping = any(spell.what == "flapping 404" for spell in publisher.spells)
    skipped = 2 * DAY if publisher.hints.skip_days else 0.0
    skipped += len(publisher.hints.skip_hours) * HOUR
    return longest * SPREAD + skipped + (12 * HOUR if flapping else 0.0)


def can_be_had(world: World, publisher: Publisher, begin: float, end: float) -> bool:
    """Whether nothing keeps a reader from a feed all the time."""
    return any(span == (begin, end) for span in _clear(world, publisher, begin, end))


def _clear(
    world: World, publisher: Publisher, begin: float, end: float
) -> Iterator[tuple[float, float]]:
    """Return the times in which nothing keeps a reader from the document."""
    blocked = [(start, stop) for start, stop in world.outages]
    for spell in publisher.spells:
        if spell.what == "flapping 404":
            continue
        after = min(spell.end - spell.begin + HOUR, LONGEST_BACKOFF)
        after = max(after, min(spell.retry_after or 0.0, LONGEST_RETRY_AFTER))
        blocked.append((spell.begin, spell.end + after * SPREAD))
    at = begin
    for start, stop in sorted(blocked):
        if start > at:
            yield at, min(start, end)
        at = max(at, stop)
    if at < end:
        yield at, end


def _longest_overlap(spans: list[tuple[float, float]], since: float, until: float) -> float:
    return max((min(until, stop) - max(since, start) for start, stop in spans), default=0.0)


def ideal_requests(world: World, publisher: Publisher, *, begin: float, end: float) -> int:
    """Return how many requests a reader sends that knows beforehand what can be known.

    It begins with everybody else, and waits as the same rule says: half the usual gap between
    the stories (the true times, all of them), within the same bounds, or the author's interval;
    never less than the freshness, ttl and update period of the publisher, nor in hours and days
    it skips. It adds no jitter and waits for no cron. It knows when an answer is to be had, so it
    asks at the end of an outage, of a spell of errors and of a ban, and never when a feed is
    lost or gone. It knows to which address a feed has moved, so only redirects that are not
    permanent cost it a second request.
    """
    hint = _hint(publisher)
    wish = Wish(every=timedelta(seconds=publisher.every) if publisher.every else None)
    known = Rhythm()
    seen = -1
    asked = 0
    at = begin
    while at < end:
        blocked = _blocked_until(world, publisher, at)
        if blocked is not None:
            at = blocked
            continue
        asked += 2 if _leads_on(publisher, at) else 1
        now = datetime.fromtimestamp(at, UTC)
        if publisher.revision(at) != seen:
            seen = publisher.revision(at)
            times = [datetime.fromtimestamp(one.at, UTC) for one in publisher.said(at)]
            known = rhythm.rhythm_of(times[-rhythm.RECENT :], known, now)
        due = next_poll_at(
            now,
            wish=wish,
            rhythm=known,
            hint=hint,
            hints=publisher.hints,
            failures=0,
            failure=None,
            retry_after=None,
            jitter=0.0,
        )
        at = due.at.timestamp()
    return asked


def _hint(publisher: Publisher) -> timedelta | None:
    seconds = publisher.expires_in
    if seconds is None:
        seconds = freshness(publisher.caching)
    return None if seconds is None else timedelta(seconds=seconds)


def _blocked_until(world: World, publisher: Publisher, at: float) -> float | None:
    for start, stop in world.outages:
        if start <= at < stop:
            return stop
    spell = publisher.trouble(at)
    if spell is None or spell.what in {"flapping 404", "truncated"}:
        return None
    return spell.end


def _leads_on(publisher: Publisher, at: float) -> bool:
    return any(
        detour.begin <= at < detour.end and detour.status not in PERMANENT
        for detour in publisher.detours
    )
