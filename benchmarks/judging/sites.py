"""Rules on how a site is treated, however many addresses it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.judging.demands import Demands, Offence
from benchmarks.judging.fields import retry_after
from benchmarks.judging.log import Exchange
from benchmarks.judging.waits import RETRY_SLACK, SLACK, THROTTLING

ALONE = "a site is asked one thing at a time"
GAP = "a site is left in peace for a moment after each request"
SITE_RETRY = "Retry-After is obeyed by all feeds of a site"
RULES = (ALONE, GAP, SITE_RETRY)


def by_site(
    log: Sequence[Exchange], site_of: Callable[[str], str | None]
) -> dict[str, list[Exchange]]:
    """Return the exchanges with each site, in their order."""
    sites: dict[str, str | None] = {}
    found: dict[str, list[Exchange]] = {}
    for one in log:
        if one.url not in sites:
            sites[one.url] = site_of(one.url)
        name = sites[one.url]
        if name is not None:
            found.setdefault(name, []).append(one)
    return found


def crowding(name: str, exchanges: Sequence[Exchange], demands: Demands) -> Iterator[Offence]:
    """Return the requests to one site that came while it was busy, at rest, or closed.

    What an address has said of itself is judged elsewhere.
    """
    ended = 0.0
    closed_until, closed_by = 0.0, ""
    for one in exchanges:
        if one.at < ended - SLACK:
            yield Offence(rule=ALONE, at=one.at, url=one.url)
        elif one.at < ended + demands.gap - SLACK:
            yield Offence(rule=GAP, at=one.at, url=one.url, what=f"after {one.at - ended:.3f} s")
        if one.url != closed_by and one.at < closed_until - RETRY_SLACK:
            wait = closed_until - one.at
            yield Offence(rule=SITE_RETRY, at=one.at, url=one.url, what=f"{wait:.0f} s too early")
        ended = max(ended, one.ended)
        asked = retry_after(one.answered) if one.status in THROTTLING else None
        if asked is not None and name not in demands.narrow:
            until = one.ended + min(asked, demands.longest_retry_after)
            if until > closed_until:
                closed_until, closed_by = until, one.url
