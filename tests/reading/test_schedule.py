"""When a feed is asked again: the author's wish, and every floor the publisher sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.feed import Hints
from aggregator.model.poll import FailureKind, Rhythm
from aggregator.reading.schedule import Due, Wish, next_poll_at
from aggregator.reading.words import words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def due(
    *,
    every: timedelta | None = HOUR,
    least: timedelta = timedelta(minutes=15),
    pushed: bool = False,
    rhythm: Rhythm = Rhythm(),  # noqa: B008 - frozen
    hint: timedelta | None = None,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    failures: int = 0,
    failure: FailureKind = FailureKind.TIMEOUT,
    retry_after: timedelta | None = None,
    jitter: float = 0,
    now: datetime = NOON,
) -> Due:
    return next_poll_at(
        now,
        wish=Wish(every=every, least=least, pushed=pushed),
        rhythm=rhythm,
        hint=hint,
        hints=hints,
        failures=failures,
        failure=failure if failures else None,
        retry_after=retry_after,
        jitter=jitter,
    )


@pytest.mark.parametrize(
    ("asked", "wait", "why"),
    [
        ({}, HOUR, "every 1 h"),
        ({"hint": 2 * HOUR}, 2 * HOUR, "max-age 7200"),
        ({"hint": HOUR / 2}, HOUR, "every 1 h"),
        ({"hint": timedelta(days=365)}, DAY, "max-age 31536000"),
        ({"hint": -DAY}, HOUR, "every 1 h"),
        ({"hints": Hints(ttl_minutes=180)}, 3 * HOUR, "ttl 180"),
        ({"hints": Hints(ttl_minutes=10)}, HOUR, "every 1 h"),
        ({"hints": Hints(ttl_minutes=9_999_999)}, DAY, "ttl 9999999"),
        ({"hints": Hints(update_period_seconds=43200)}, 12 * HOUR, "its update period is 12 h"),
        ({"hints": Hints(update_period_seconds=365 * 86400)}, DAY, "its update period is 365 d"),
        ({"retry_after": 5 * HOUR}, 5 * HOUR, "Retry-After 18000"),
        ({"retry_after": 90 * DAY}, 7 * DAY, "Retry-After 7776000"),
        ({"every": 30 * DAY, "hint": DAY}, 30 * DAY, "every 30 d"),
        ({"every": HOUR / 4}, HOUR / 4, "every 15 min"),
        ({"every": HOUR / 60}, HOUR / 4, "every 15 min, the shortest there is"),
        ({"every": HOUR / 60, "least": timedelta(0)}, HOUR / 60, "every 1 min"),
        ({"every": None}, HOUR, "it has not answered yet"),
        ({"pushed": True}, DAY, "its hub tells us of news; this is to be sure"),
        ({"pushed": True, "failures": 1}, HOUR, "every 1 h"),
    ],
)
def test_the_longest_wait_wins_and_is_named(
    asked: dict[str, object], wait: timedelta, why: str
) -> None:
    answer = due(**asked)  # type: ignore[arg-type]
    assert answer.at == NOON + wait
    assert answer.reason == f"in {words(wait)}: {why}"


def test_failures_double_the_wait_from_an_hour_to_two_days() -> None:
    waits = [due(every=HOUR / 2, failures=one).at - NOON for one in range(1, 9)]
    assert waits == [one * HOUR for one in (1, 2, 4, 8, 16, 32, 48, 48)]
    assert due(failures=10**6).at == NOON + 48 * HOUR
    assert due(failures=1).reason == "in 1 h: every 1 h"
    assert due(every=HOUR / 2, failures=1).reason == "in 1 h: it failed, the last: timeout"
    assert due(failures=3).reason == "in 4 h: 3 failures in a row, the last: timeout"


def test_after_a_failure_our_own_estimate_gives_way_unless_we_came_too_often() -> None:
    daily = Rhythm(gap=2 * DAY, newest_at=NOON, since=NOON - 30 * DAY)
    assert due(every=None, rhythm=daily).at == NOON + DAY
    failed = due(every=None, rhythm=daily, failures=1)
    assert failed.reason == "in 1 h: it failed, the last: timeout"
    throttled = due(every=None, rhythm=daily, failures=1, failure=FailureKind.THROTTLED)
    assert throttled.reason == "in 1 d: an entry about every 2 d"


def test_jitter_only_ever_adds_and_at_most_a_tenth() -> None:
    assert due(jitter=0).at == NOON + HOUR
    assert due(jitter=0.5).at == NOON + HOUR * 1.05
    assert due(jitter=1).at == NOON + HOUR * 1.1
    assert due(jitter=7).at == NOON + HOUR * 1.1
    assert due(jitter=-7).at == NOON + HOUR


def test_hours_and_days_that_a_feed_skips_are_waited_out() -> None:
    assert due(hints=Hints(skip_hours=frozenset({13, 14}))).at == NOON + 3 * HOUR
    days = due(hints=Hints(skip_days=frozenset({"Monday", "Tuesday"})))
    assert days.at == datetime(2026, 11, 25, tzinfo=UTC)
    assert days.reason == "in 1 d 12 h: every 1 h, then past the hours or days it skips"
    assert due(hints=Hints(skip_hours=frozenset({9}))).at == NOON + HOUR


def test_a_feed_that_skips_everything_is_asked_nevertheless() -> None:
    assert due(hints=Hints(skip_days=frozenset(DAYS))).at == NOON + HOUR
    assert due(hints=Hints(skip_hours=frozenset(range(24)))).at == NOON + HOUR


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (45, "45 s"), (60, "1 min"), (5400, "1 h 30 min"), (187_200, "2 d 4 h")],
)
def test_waits_in_words(seconds: int, said: str) -> None:
    assert words(timedelta(seconds=seconds)) == said


WAITS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


@given(
    every=st.timedeltas(min_value=timedelta(minutes=5), max_value=timedelta(days=30)),
    hint=st.none() | WAITS,
    ttl=st.none() | st.integers(0, 10**7),
    period=st.none() | st.integers(0, 10**9),
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.sampled_from(DAYS)),
    failures=st.integers(0, 5000),
    retry_after=st.none() | WAITS,
    jitter=st.floats(0, 1),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_it_is_never_earlier_than_any_floor(
    every: timedelta,
    hint: timedelta | None,
    ttl: int | None,
    period: int | None,
    skip_hours: frozenset[int],
    skip_days: frozenset[str],
    failures: int,
    retry_after: timedelta | None,
    jitter: float,
    now: datetime,
) -> None:
    hints = Hints(
        ttl_minutes=ttl,
        update_period_seconds=period,
        skip_hours=skip_hours,
        skip_days=skip_days,
    )
    answer = due(
        every=every,
        hint=hint,
        hints=hints,
        failures=failures,
        retry_after=retry_after,
        jitter=jitter,
        now=now,
    )
    wait = answer.at - now
    assert wait >= every
    assert wait >= min(hint or timedelta(0), DAY)
    assert wait >= min(timedelta(minutes=ttl or 0), DAY)
    assert wait >= min(timedelta(seconds=period or 0), DAY)
    assert wait >= min(retry_after or timedelta(0), 7 * DAY)
    assert not failures or wait >= min(HOUR * 2 ** min(failures - 1, 6), 48 * HOUR)
    # And never later than the longest of them, a tenth, and the week that it may skip.
    assert wait <= max(every, 7 * DAY) * 1.1 + 8 * DAY
    assert answer.reason.startswith("in ")
    if len(skip_hours) < 24 and len(skip_days) < 7:
        assert answer.at.hour not in skip_hours
        assert DAYS[answer.at.weekday()] not in skip_days


@pytest.mark.parametrize(
    ("every", "jitter", "reason"),
    [
        (HOUR, 1, "in 1 h 6 min: every 1 h, spread by 6 min"),
        (HOUR, 0.09, "in 1 h 1 min: every 1 h"),
        (HOUR, 0.1, "in 1 h 1 min: every 1 h, spread by 36 s"),
        (DAY, 0.2, "in 1 d: every 1 d"),  # half an hour shows nowhere
        (30 * DAY, 1, "in 30 d 4 h: every 30 d"),
    ],
)
def test_a_spread_that_shows_is_named(every: timedelta, jitter: float, reason: str) -> None:
    assert due(every=every, jitter=jitter).reason == reason


def test_the_spread_comes_before_what_is_skipped() -> None:
    answer = due(jitter=1, hints=Hints(skip_hours=frozenset({13})))
    why = "every 1 h, spread by 6 min, then past the hours or days it skips"
    assert answer.reason == f"in 2 h: {why}"
