"""What the fields of an answer mean for us. Pure: `now` is passed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aggregator.model.poll import Freshness, Validators

LONGEST = timedelta(days=366)  # believed of any answer; more is a mistake or an attack
LONGEST_VALIDATOR = 1024  # characters; a longer one is not worth a column
_SENDABLE = re.compile(r"[ -~\x80-\xff]*")  # one line of bytes
_DIRECTIVE = re.compile(r'([^\s,;="]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?')
ZERO = timedelta(0)


def freshness(headers: Mapping[str, str], now: datetime) -> Freshness:
    """Return how long the answer may be taken as fresh, and what Retry-After asks."""
    return Freshness(max_age=max_age(headers, now), retry_after=retry_after(headers, now))


def max_age(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the freshness left of an answer (RFC 9111 §4.2.1), from 0 to LONGEST.

    None: the answer says nothing, or forbids to keep it. max-age wins over Expires; an Expires
    that is no date means "already stale" (§5.3).
    """
    directives = {
        name.lower(): quoted or plain
        for name, quoted, plain in _DIRECTIVE.findall(headers.get("cache-control", ""))
    }
    if "no-cache" in directives or "no-store" in directives:
        return None
    told = _seconds(directives.get("max-age", ""))
    if told is not None:
        return max(told - (_seconds(headers.get("age", "")) or ZERO), ZERO)
    if "expires" not in headers:
        return None
    expires = _date(headers["expires"])
    return _between(expires, headers, now) if expires else ZERO


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait asked for (RFC 9110 §10.2.3), from 0 to LONGEST; None: none or nonsense."""
    value = headers.get("retry-after", "")
    if (seconds := _seconds(value)) is not None:
        return seconds
    until = _date(value)
    return _between(until, headers, now) if until else None


def new_validators(
    headers: Mapping[str, str], url: str, old: Validators = Validators()
) -> Validators:
    """Return the validators an answer gave; those it does not name are taken from `old`."""
    return Validators(
        etag=_validator(headers, "etag") or old.etag,
        last_modified=_validator(headers, "last-modified") or old.last_modified,
        url=url,
    )


def conditions(validators: Validators) -> dict[str, str]:
    """Return the fields that make a request conditional, verbatim (RFC 9110 §13.1)."""
    given = {
        "If-None-Match": validators.etag,
        "If-Modified-Since": validators.last_modified,
    }
    return {name: value for name, value in given.items() if value and _sendable(value)}


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return the length announced; None when there is none that can be read."""
    value = headers.get("content-length", "")
    return int(value) if value.isdecimal() and value.isascii() and len(value) < 20 else None


def _validator(headers: Mapping[str, str], name: str) -> str | None:
    value = headers.get(name, "").strip()
    return value if value and _sendable(value) else None


def _sendable(value: str) -> bool:
    """Whether a field value may go out: one line of bytes, not too long."""
    return len(value) <= LONGEST_VALIDATOR and _SENDABLE.fullmatch(value) is not None


def _between(until: datetime, headers: Mapping[str, str], now: datetime) -> timedelta:
    # The server's own clock counts: it may be wrong, but it is wrong in both fields.
    wait = until - (_date(headers.get("date", "")) or now)
    return min(max(wait, ZERO), LONGEST)


def _seconds(value: str) -> timedelta | None:
    value = value.strip()
    if not (value.isascii() and value.isdecimal()):
        return None
    return min(timedelta(seconds=int(value[:9])), LONGEST) if len(value) < 10 else LONGEST


def _date(value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = parsedate_to_datetime(value.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
