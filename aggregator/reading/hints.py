"""What a feed says about when to ask again; feedparser does not keep all of it."""

from __future__ import annotations

import re

from aggregator.model.feed import Hints

_TTL = re.compile(rb"<ttl[^<>]*>\s*(\d{1,7})\s*</ttl>")
_SKIP_HOURS = re.compile(rb"<skipHours[^<>]*>(.{0,4000}?)</skipHours>", re.DOTALL)
_SKIP_DAYS = re.compile(rb"<skipDays[^<>]*>(.{0,4000}?)</skipDays>", re.DOTALL)
_HOUR = re.compile(rb"<hour[^<>]*>\s*(\d{1,2})\s*</hour>")
_DAY = re.compile(rb"<day[^<>]*>\s*([A-Za-z]{6,9})\s*</day>")
_PERIOD = re.compile(rb"<(?:([\w.-]+):)?updatePeriod([^<>]*)>\s*([a-z]+)\s*</")
_FREQUENCY = re.compile(rb"<(?:([\w.-]+):)?updateFrequency([^<>]*)>\s*(\d{1,6})\s*</")
_SECONDS = {
    b"hourly": 3600,
    b"daily": 86400,
    b"weekly": 7 * 86400,
    b"monthly": 30 * 86400,
    b"yearly": 365 * 86400,
}
_DAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
LONGEST_HEAD = 65_536
_ITEM = re.compile(rb"<(?:item|entry)[\s>]")
_ENDS = (b"</item>", b"</entry>")
_SYNDICATION = rb"http://purl\.org/rss/1\.0/modules/syndication/?"


def hints_of(body: bytes) -> Hints:
    """Return the hints of an XML feed: RSS 2.0 `ttl`, `skipHours`, `skipDays`; RSS 1.0 `sy:`.

    What stands before the first entry counts, and what stands behind the last: RSS 2.0 fixes no
    order.
    """
    first = _ITEM.search(body)
    head = body[: min(first.start(), LONGEST_HEAD)] if first else body[:LONGEST_HEAD]
    last = max(body.rfind(end) for end in _ENDS)
    if first and last > first.start():
        tail = body[last : last + LONGEST_HEAD]
        again = _ITEM.search(tail)  # one that breaks off
        head += tail[: again.start()] if again else tail
    ttl = _TTL.search(head)
    hours = _SKIP_HOURS.search(head)
    days = _SKIP_DAYS.search(head)
    skip_hours = {int(hour) % 24 for hour in _HOUR.findall(hours[1])} if hours else set()
    skip_days = {day.decode().capitalize() for day in _DAY.findall(days[1])} if days else set()
    skip_days &= _DAYS
    return Hints(
        ttl_minutes=int(ttl[1]) or None if ttl else None,
        update_period_seconds=_period(head),
        # A feed that never wants to be asked does not mean it.
        skip_hours=frozenset(skip_hours) if len(skip_hours) < 24 else frozenset(),
        skip_days=frozenset(skip_days) if len(skip_days) < 7 else frozenset(),
    )


def _period(head: bytes) -> int | None:
    period, frequency = _said(_PERIOD, head), _said(_FREQUENCY, head)
    if period is None and frequency is None:
        return None
    seconds = _SECONDS.get(period, 86400) if period else 86400
    return seconds // max(1, int(frequency)) if frequency else seconds


def _said(element: re.Pattern[bytes], head: bytes) -> bytes | None:
    """Return the text of the first such element of the syndication module, whatever its prefix.

    `sy` needs no declaration: it is often forgotten.
    """
    for found in element.finditer(head):
        prefix, attributes, text = found.groups()
        declared = rb"xmlns:" + re.escape(prefix) if prefix else rb"xmlns"
        bound = rb"\b" + declared + rb"\s*=\s*[\"']" + _SYNDICATION + rb"[\"']"
        if prefix == b"sy" or re.search(bound, head if prefix else attributes):
            return bytes(text)
    return None
