"""Dates as publishers write them → aware times in UTC, or nothing."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from feedparser.datetimes import _parse_date

# Outside of these a date is a mistake: feeds began in 1997, and imported archives reach back.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
TOLERANCE = timedelta(days=1)  # of clocks and of time zones gone wrong

_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_ZONES = {"gmt": 0, "ut": 0, "utc": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5}
_ZONES |= {"mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_RFC822 = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4})"
    r"(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(am|pm)?\s*([+-]\d{2}:?\d{2}|[a-z]{1,3})?",
    re.IGNORECASE | re.ASCII,
)
# "Sat, Dec 16 2023 02:02:33 PM" and "Dec 16, 2023"
_MONTH_FIRST = re.compile(
    r"(?:[a-z]{3,9},?\s+)?([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(am|pm)?\s*([+-]\d{2}:?\d{2}|[a-z]{1,3})?",
    re.IGNORECASE | re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)


def parse_date(raw: str, now: datetime) -> datetime | None:
    """Return the time that `raw` names, in whole seconds, or None when it names none we believe.

    RFC 822 (RSS 2.0), RFC 3339 (RFC 4287 §3.3) and what feedparser can read besides. Without a
    zone it is taken for UTC. Nothing before EARLIEST is believed, and nothing more than
    TOLERANCE after `now`: a date in the future would pin an entry to the top for ever.
    """
    found = _parsed(raw.strip()) if raw and len(raw) < 100 else None
    if found is None or not EARLIEST <= found <= now + TOLERANCE:
        return None
    return found


def date_key(raw: str) -> str:
    """Return what two spellings of one date share, whether we would believe it or not."""
    found = _parsed(raw.strip()) if raw and len(raw) < 100 else None
    return found.isoformat() if found else " ".join(raw.split())[:100]


@lru_cache(maxsize=4096)
def _parsed(raw: str) -> datetime | None:
    try:
        if match := _ISO.fullmatch(raw):
            year, month, day, hour, minute, second, zone = match.groups()
            return _time(year, month, day, hour, minute, second, zone)
        if match := _RFC822.fullmatch(raw):
            day, name, year, hour, minute, second, half, zone = match.groups()
            return _time(year, _month(name), day, _hour(hour, half), minute, second, zone)
        if match := _MONTH_FIRST.fullmatch(raw):
            name, day, year, hour, minute, second, half, zone = match.groups()
            return _time(year, _month(name), day, _hour(hour, half), minute, second, zone)
    except (ValueError, OverflowError):  # the latter: the end of the year 9999, with a zone
        return None
    return _otherwise(raw)


def _month(name: str) -> int:
    try:
        return _MONTHS[name.lower()]
    except KeyError:
        raise ValueError(name) from None


def _hour(hour: str | None, half: str | None) -> int:
    number = int(hour or 0)
    if half is None:
        return number
    return number % 12 + (12 if half.lower() == "pm" else 0)


def _time(
    year: str,
    month: str | int,
    day: str,
    hour: str | int | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
) -> datetime:
    moment = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        min(int(second or 0), 59),  # leap seconds
        tzinfo=UTC,
    )
    # An hour of 24 ends the day before the next; datetime refuses it and so do we.
    return moment if zone is None else (moment.replace(tzinfo=_zone(zone))).astimezone(UTC)


def _zone(written: str) -> timezone:
    if written[0] in "+-":
        digits = written[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if written[0] == "-" else offset)
    hours = _ZONES.get(written.lower())
    if hours is None:  # CET, IST … are ambiguous or unknown: near enough is UTC
        hours = {"cet": 1, "bst": 1, "met": 1, "eet": 2, "msk": 3, "jst": 9}.get(written.lower(), 0)
    return timezone(timedelta(hours=hours))


def _otherwise(raw: str) -> datetime | None:
    """What feedparser can read: RSS is full of dates of no standard."""
    if not any(char.isdigit() for char in raw) or raw.isdigit():
        return None  # seconds since 1970 become the year 1793 there
    try:
        parts = _parse_date(raw)
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except Exception:  # noqa: BLE001 - its date handlers raise whatever they like
        return None
