"""The wall clock, which services are given and tests replace."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of the wall clock."""
    return datetime.now(UTC)
