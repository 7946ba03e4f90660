"""What an answer's fields ask of a reader: read here anew, so that the judge shares no mistake
with the reader it judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def freshness(answered: Mapping[str, str]) -> float | None:
    """Return for how many seconds an answer is fresh (RFC 9111 §4.2.1); None: it does not say."""
    told: dict[str, str] = {}
    for part in answered.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        told.setdefault(name.strip().lower(), value.strip().strip('"'))
    if "no-cache" in told or "no-store" in told:
        return None
    if told.get("max-age", "").isdecimal():
        age = answered.get("age", "").strip()
        return max(float(told["max-age"]) - (float(age) if age.isdecimal() else 0.0), 0.0)
    if "expires" not in answered:
        return None
    expires, date = _seconds_of(answered["expires"]), _seconds_of(answered.get("date", ""))
    if expires is None or date is None:
        return 0.0
    return max(expires - date, 0.0)


def retry_after(answered: Mapping[str, str]) -> float | None:
    """Return how many seconds we are asked to wait (RFC 9110 §10.2.3); None: not at all."""
    told = answered.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    until, date = _seconds_of(told), _seconds_of(answered.get("date", ""))
    return max(until - date, 0.0) if until is not None and date is not None else None


def _seconds_of(text: str) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
