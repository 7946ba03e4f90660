"""Times in as few letters as will do."""

from __future__ import annotations

from datetime import datetime


def short_time(at: datetime, now: datetime) -> str:
    """Return the time of day for today, else the day, with its year if that is another (UTC)."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.year == now.year:
        return f"{at.day} {at:%b}"
    return f"{at:%Y-%m-%d}"
