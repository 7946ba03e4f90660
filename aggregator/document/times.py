"""Times in documents: RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime

EXAMPLE = "2026-03-31T14:05:00Z"

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTH = (
    "(?:jan|gen|ene|feb|fév|mar|mär|apr|avr|abr|may|mai|mag|jun|jui|giu|jul|lug|aug|aoû|ago|sep|set"
    "|oct|okt|out|ott|nov|dec|dez|déc|dic)"
)
# A date or an hour as people write it: "31 March", "on March 31st", "(14:05)".
_DATE_LIKE = re.compile(
    rf"\W*(?:[a-z]{{1,4}}\s+)?(?:\d{{4}}-\d|\d{{1,2}}:\d\d|\d{{1,2}}h\d\d|\d{{1,2}}[./-]\d{{1,2}}[./-]\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|[.º])?\s+(?:de\s+)?{_MONTH}|{_MONTH}\w*\.?\s+\d)",
    re.IGNORECASE,
)
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


def looks_like_date(text: str) -> bool:
    """Whether words after a heading's first would date it: "31 March", "(2026-03-31)"."""
    return bool(_DATE_LIKE.match(text))


def written(at: datetime) -> str:
    """Return a time as documents hold it: 2026-03-31T14:05:00Z; with a fraction if it has one."""
    precision = "milliseconds" if at.microsecond and not at.microsecond % 1000 else "auto"
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
