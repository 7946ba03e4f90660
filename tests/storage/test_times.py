"""Times in SQLite: the text that SQLAlchemy's own type writes, without its detours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from aggregator.storage.times import UtcDateTime

DIALECT = sqlite.dialect()
WRITE, READ = (
    UtcDateTime().bind_processor(DIALECT),
    UtcDateTime().result_processor(DIALECT, None),
)
THEIRS = DateTime().dialect_impl(DIALECT).bind_processor(DIALECT)
assert WRITE
assert READ
assert THEIRS


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_is_written_in_their_form_and_read_back_the_same(at: datetime, ahead: int) -> None:
    aware = at.replace(tzinfo=timezone(timedelta(minutes=ahead)))
    text = WRITE(aware)
    assert text == THEIRS(aware.astimezone(UTC).replace(tzinfo=None))
    assert READ(text) == aware
    assert READ(text).tzinfo is UTC


def test_no_time_stays_none_and_a_naive_one_is_refused() -> None:
    assert WRITE(None) is None
    assert READ(None) is None
    with pytest.raises(ValueError, match="naive"):
        WRITE(datetime(2026, 1, 1))  # noqa: DTZ001
