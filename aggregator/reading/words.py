"""Durations as people say them. Pure."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache


def words(wait: timedelta) -> str:
    """Return a wait as people say it: "45 s", "20 min", "1 h 30 min", "2 d 4 h"."""
    seconds = max(0, round(wait.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    return _words(round(seconds / 60))


@lru_cache(maxsize=4096)  # each poll says a handful
def _words(minutes: int) -> str:
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        minutes = 0
    parts = [f"{days} d"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts)
