"""Whose turn it is: of each site one at a time, and a gap after each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.feed import Feed
from aggregator.model.poll import PollState
from aggregator.model.subscription import Subscription
from aggregator.services.line import Line
from aggregator.storage.protocol import Claim, Site

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def claim(
    number: int,
    site: str | None = "a.example",
    *,
    asked_at: datetime | None = None,
    polled_at: datetime | None = None,
    until: datetime = NOON + timedelta(minutes=10),
) -> Claim:
    return Claim(
        number=number,
        fence=1,
        until=until,
        subscription=Subscription(url=f"https://{site}/{number}"),
        feed=Feed(),
        state=PollState(last_polled_at=polled_at),
        site=Site(name=site, asked_at=asked_at) if site else None,
    )


def line(*claims: Claim, gap: timedelta = SECOND, spacing: timedelta = timedelta(0)) -> Line:
    made = Line(lambda site: gap, spacing=spacing)
    made.add(claims, NOON)
    return made


def test_a_site_is_busy_until_it_is_done_and_has_a_gap_after_that() -> None:
    first, second, elsewhere = claim(1), claim(2), claim(3, "b.example")
    waiting = line(first, second, elsewhere)
    assert waiting.take(NOON) is first
    assert waiting.take(NOON) is elsewhere
    assert waiting.take(NOON) is None
    assert waiting.wait(NOON) is None  # nobody waits for time to pass
    waiting.done(first, NOON + SECOND)
    assert waiting.take(NOON + SECOND) is None
    assert waiting.wait(NOON + SECOND) == SECOND
    assert waiting.take(NOON + 2 * SECOND) is second
    assert len(waiting) == 0


def test_who_was_taken_dropped_or_waited_too_long_is_counted_no_more() -> None:
    late = NOON + timedelta(minutes=1)
    waiting = line(claim(1), claim(2), claim(3, "b.example"), claim(4, "c.example", until=late))
    assert len(waiting) == 4
    waiting.take(NOON)
    assert waiting.drop("b.example")
    assert not waiting.drop("b.example")
    assert len(waiting) == len(list(waiting)) == 2
    assert [one.number for one in waiting.stale(NOON + timedelta(minutes=5))] == [4]
    assert len(waiting) == len(list(waiting)) == 1


def test_a_gap_holds_across_runs_and_a_clock_that_was_ahead_holds_nobody_up() -> None:
    waiting = line(claim(1, asked_at=NOON - SECOND / 2))
    assert waiting.wait(NOON) == SECOND / 2
    ahead = line(claim(1, asked_at=NOON + timedelta(days=400)))
    assert ahead.wait(NOON) == SECOND


def test_what_needs_no_network_is_in_nobodys_way() -> None:
    waiting = line(claim(1, None), claim(2, None))
    assert [waiting.take(NOON), waiting.take(NOON)] != [None, None]
    assert waiting.take(NOON) is None


def test_one_feed_is_left_in_peace_for_its_own_spacing() -> None:
    waiting = line(claim(1, polled_at=NOON - 4 * SECOND), spacing=10 * SECOND)
    assert waiting.wait(NOON) == 6 * SECOND


def test_those_who_waited_too_long_leave_the_line_together() -> None:
    old, fresh = claim(1, until=NOON + SECOND), claim(2, "b.example")
    waiting = line(old, fresh)
    assert waiting.stale(NOON) == []
    assert waiting.stale(NOON + 2 * SECOND) == [old]
    assert list(waiting) == [fresh]
    assert waiting.stale(NOON + 2 * SECOND) == []
    assert waiting.take(NOON) is fresh


def test_a_site_that_asks_for_patience_is_dropped_whole() -> None:
    waiting = line(claim(1), claim(2), claim(3, "b.example"))
    first = waiting.take(NOON)
    assert first
    assert [one.number for one in waiting.drop("a.example")] == [2]
    waiting.done(first, NOON)
    assert [one.number for one in waiting] == [3]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 40)), min_size=1, max_size=60),
    st.integers(1, 6),
)
def test_whatever_comes_spacing_is_kept_and_nobody_is_forgotten(
    wanted: list[tuple[int, int]], connections: int
) -> None:
    claims = [claim(number, f"{site}.example") for number, (site, _) in enumerate(wanted)]
    takes = {number: seconds for number, (_, seconds) in enumerate(wanted)}
    waiting = line(*claims)
    now, busy, log = NOON, {}, []
    while waiting or busy:
        while len(busy) < connections and (one := waiting.take(now)):
            busy[one.number] = (now + takes[one.number] * SECOND / 10, one)
            log.append((one, now, busy[one.number][0]))
        pause = waiting.wait(now) if len(busy) < connections else None
        ends = [end for end, _ in busy.values()]
        now = min([*ends, *([now + pause] if pause is not None else [])])
        for end, one in list(busy.values()):
            if end <= now:
                del busy[one.number]
                waiting.done(one, now)
    assert sorted(one.number for one, _, _ in log) == list(range(len(wanted)))
    for site in range(5):
        visits = sorted(
            (begin, end)
            for one, begin, end in log
            if one.site and one.site.name == f"{site}.example"
        )
        for (_, ended), (begun, _) in pairwise(visits):
            assert begun - ended >= SECOND
