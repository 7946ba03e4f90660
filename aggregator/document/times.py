"""Times in documents: RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME_LIKE = re.compile(r"\d{4}-\d|\d{1,2}:\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", re.ASCII)


def moment(text: str) -> datetime | None:
    """Return the time, in UTC; None when it is not a time with its zone (RFC 3339 §5.6)."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment_or_day(text: str) -> datetime | None:
    """Return the time, or the beginning of a day in UTC where only that is given."""
    return moment(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)


def looks_like_time(text: str) -> bool:
    """Whether somebody who typed this meant a time, right or wrong."""
    return bool(_TIME_LIKE.match(text))


def written(at: datetime) -> str:
    """Return a time as documents hold it: 2026-03-31T14:05:00Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
