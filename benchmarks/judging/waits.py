"""Rules on when an address may be asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from aggregator.model.feed import Hints
from benchmarks.judging.demands import Demands, Offence
from benchmarks.judging.fields import freshness, retry_after
from benchmarks.judging.log import NO_HINTS, Exchange

RETRY = "Retry-After is obeyed"
FRESH = "max-age and Expires are obeyed"
TTL = "ttl and update period are obeyed"
SKIP = "skipHours and skipDays are obeyed"
HAMMER = "no address is asked twice in a quarter of an hour"
BACKOFF = "failing feeds are asked less and less often"
GONE = "a feed that is gone (410) is asked no more"
RULES = (RETRY, FRESH, TTL, SKIP, HAMMER, BACKOFF, GONE)

SLACK = 0.001  # seconds; clocks are rounded
RETRY_SLACK = 1.0  # it is given in full seconds, and from the answer on
THROTTLING = {429, 503}
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class _Address:
    """What one address has asked for so far, and until when."""

    def __init__(self, demands: Demands) -> None:
        self._demands = demands
        self._last: Exchange | None = None
        self._fresh: float | None = None  # seconds
        self._hints = NO_HINTS
        self._retry_until = 0.0
        self._failures = 0
        self._gone = False

    def offences(self, one: Exchange) -> Iterator[tuple[str, str]]:
        """Return the rules that a request offends against, with details."""
        if self._last is None:
            return
        demands, waited = self._demands, one.at - self._last.at
        if one.at < self._retry_until - RETRY_SLACK:
            yield RETRY, f"{self._retry_until - one.at:.3f} s too early"
        floors = [(FRESH, self._fresh or 0.0)]
        if self._hints.ttl_minutes:
            floors.append((TTL, self._hints.ttl_minutes * 60.0))
        if self._hints.update_period_seconds:
            floors.append((TTL, float(self._hints.update_period_seconds)))
        for rule, floor in floors:
            if waited < min(floor, demands.longest_hint) - SLACK:
                yield rule, f"after {waited:.0f} s of {floor:.0f}"
        if _skips(self._hints, one.at):
            yield SKIP, f"at {datetime.fromtimestamp(one.at, UTC):%A %H:%M}"
        if waited < demands.shortest - SLACK:
            yield HAMMER, f"after {waited:.3f} s"
        if self._failures:
            backoff = demands.first_backoff * 2.0 ** min(self._failures - 1, 30)
            backoff = min(backoff, demands.longest_backoff)
            if waited < backoff - SLACK:
                yield BACKOFF, f"after {waited:.0f} s of {backoff:.0f}, {self._failures} failures"
        if self._gone:
            yield GONE, ""

    def note(self, one: Exchange) -> None:
        """Remember what an answer asks for."""
        self._last = one
        wait = retry_after(one.answered) if one.status in THROTTLING else None
        if wait is not None:
            self._retry_until = one.ended + min(wait, self._demands.longest_retry_after)
        self._gone = one.status == 410
        if one.failed:
            self._failures += not one.cut_off
            return
        self._failures = 0
        told = freshness(one.answered)
        if one.status == 304:  # it may shorten what was said, and what was said holds on
            if told is not None and self._fresh is not None:
                self._fresh = min(self._fresh, told)
        elif one.body:
            self._fresh, self._hints = told, one.hints


def _skips(hints: Hints, at: float) -> bool:
    if hints is NO_HINTS:
        return False
    moment = datetime.fromtimestamp(at, UTC)
    return moment.hour in hints.skip_hours or DAYS[moment.weekday()] in hints.skip_days


def too_early(exchanges: Sequence[Exchange], demands: Demands) -> Iterator[Offence]:
    """Return the requests to one address that came before their time."""
    address = _Address(demands)
    for one in exchanges:
        for rule, what in address.offences(one):
            yield Offence(rule=rule, at=one.at, url=one.url, what=what)
        address.note(one)
