"""How often a feed is worth a look, by what it has said so far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.poll import Rhythm
from aggregator.reading.rhythm import own_wait, rhythm_of, said_at

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def every(gap: timedelta, count: int = 10) -> list[datetime]:
    return [NOON - gap * number for number in range(count)]


def test_the_gap_is_the_median_of_the_recent_ones() -> None:
    assert rhythm_of(every(6 * HOUR), Rhythm(), NOON).gap == 6 * HOUR
    once_long_ago = [*every(HOUR, 8), NOON - 900 * DAY]
    assert rhythm_of(once_long_ago, Rhythm(), NOON).gap == HOUR
    before_the_move = [*every(DAY, 20), *(NOON - 20 * DAY - MINUTE * n for n in range(200))]
    assert rhythm_of(before_the_move, Rhythm(), NOON).gap == DAY


def test_what_has_no_dates_has_no_rhythm_but_keeps_an_earlier_one() -> None:
    at_once = [NOON] * 30
    assert rhythm_of(at_once, Rhythm(), NOON) == Rhythm(newest_at=NOON, since=NOON)
    known = Rhythm(gap=DAY, newest_at=NOON - DAY, since=NOON - 9 * DAY)
    assert rhythm_of([], known, NOON) == known


def test_what_came_while_we_watched_was_said_then_whatever_its_date_says() -> None:
    years_ago, since = NOON - 3000 * DAY, NOON - 30 * DAY
    assert said_at(years_ago, NOON, since) == NOON
    assert said_at(years_ago, NOON, None) == years_ago  # at first sight it is history
    assert said_at(years_ago, since, since) == years_ago
    assert said_at(NOON - 2 * DAY, NOON, since) == NOON - 2 * DAY  # it may have stood there


def test_a_date_to_come_counts_as_now() -> None:
    assert rhythm_of([NOON + 900 * DAY, NOON - DAY], Rhythm(), NOON) == Rhythm(
        gap=DAY, newest_at=NOON, since=NOON
    )


@pytest.mark.parametrize(
    ("gap", "silence", "watched", "wait", "why"),
    [
        (12 * HOUR, HOUR, 99 * DAY, 6 * HOUR, "an entry about every 12 h"),
        (5 * MINUTE, HOUR, 99 * DAY, HOUR, "an entry about every 5 min"),
        (30 * DAY, DAY, 99 * DAY, DAY, "an entry about every 30 d"),
        (HOUR, 3 * DAY, 99 * DAY, HOUR, "an entry about every 1 h"),  # a long weekend
        (DAY, 28 * DAY, 99 * DAY, 2 * DAY, "silent for 28 d"),
        (DAY, 400 * DAY, 500 * DAY, 3 * DAY, "silent for 400 d"),
        (DAY, 400 * DAY, DAY, DAY, "silent for 400 d"),  # we have hardly listened
        (30 * DAY, 60 * DAY, 99 * DAY, DAY, "an entry about every 30 d"),
        (None, 2 * DAY, 10 * HOUR, 5 * HOUR, "its rhythm is not known yet"),
        (None, DAY, DAY / 1440, HOUR, "its rhythm is not known yet"),
        (None, 42 * DAY, 42 * DAY, 3 * DAY, "silent for 42 d"),
    ],
)
def test_the_wait_is_half_the_gap_and_grows_with_silence(
    gap: timedelta | None, silence: timedelta, watched: timedelta, wait: timedelta, why: str
) -> None:
    rhythm = Rhythm(gap=gap, newest_at=NOON - silence, since=NOON - watched)
    assert own_wait(NOON, rhythm) == (wait, why)


def test_a_feed_that_never_answered_is_asked_again_in_an_hour() -> None:
    assert own_wait(NOON, Rhythm()) == (HOUR, "it has not answered yet")


@given(
    gap=st.none() | st.timedeltas(timedelta(0), timedelta(days=4000)),
    newest=st.none() | st.timedeltas(timedelta(days=-4000), timedelta(days=4000)),
    since=st.none() | st.timedeltas(timedelta(days=-4000), timedelta(days=4000)),
)
def test_it_is_always_between_an_hour_and_three_days(
    gap: timedelta | None, newest: timedelta | None, since: timedelta | None
) -> None:
    wait, why = own_wait(
        NOON,
        Rhythm(
            gap=gap,
            newest_at=NOON - newest if newest is not None else None,
            since=NOON - since if since is not None else None,
        ),
    )
    assert HOUR <= wait <= 3 * DAY
    assert why


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=60)), min_size=2, max_size=40))
def test_longer_gaps_never_make_us_come_more_often(gaps: list[timedelta]) -> None:
    def wait(factor: int) -> timedelta:
        at, times = NOON, [NOON]
        for gap in gaps:
            at -= gap * factor
            times.append(at)
        rhythm = rhythm_of(times, Rhythm(since=NOON - 99 * DAY), NOON)
        return own_wait(NOON, rhythm)[0]

    assert wait(2) >= wait(1)
