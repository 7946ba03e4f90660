"""Rules on redirects (RFC 9110 §15.4): what is believed, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urljoin

from benchmarks.judging.demands import DAY, Demands, Offence
from benchmarks.judging.log import Exchange

LEARNED = "a permanent redirect is believed in the end"
HASTY = "a redirect is not believed at once, a temporary one never"
RULES = (LEARNED, HASTY)

PERMANENT = {301, 308}
REDIRECTS = {*PERMANENT, 302, 303, 307}
BELIEVED_POLLS = 3
# A redirect that was followed once and is skipped soon after was believed too early.
FIRM = 7 * DAY
FOLLOWED_WITHIN = 60.0  # seconds, from a redirect to the request it leads to


def stale(exchanges: Sequence[Exchange], demands: Demands) -> Iterator[Offence]:
    """Return the requests to one address that has said for long enough that it moved."""
    since: float | None = None
    target, times = "", 0
    for one in exchanges:
        if since is not None and times >= BELIEVED_POLLS and one.at - since > demands.moved_within:
            yield Offence(rule=LEARNED, at=one.at, url=one.url, what=f"moved to {target}")
        if one.status in PERMANENT:
            where = urljoin(one.url, one.answered.get("location", ""))
            if since is None or where != target:
                since, target, times = one.at, where, 0
            times += 1
        elif one.status is not None and one.status < 400:
            since = None


def hasty(log: Sequence[Exchange]) -> Iterator[Offence]:
    """Return direct requests to where only a temporary, or too young, redirect had led.

    An address that was asked by itself before any redirect led there may be asked at will.
    """
    led: dict[str, tuple[float, float, int]] = {}  # target: since when, last when, status
    own: set[str] = set()
    for one in log:
        lead = led.get(one.url)
        if lead is None:
            own.add(one.url)
        elif one.url not in own and one.at - lead[1] > FOLLOWED_WITHIN:
            since, last, status = lead
            if status not in PERMANENT or last - since < FIRM:
                yield Offence(rule=HASTY, at=one.at, url=one.url, what=f"by a {status}")
            own.add(one.url)
        if one.status in REDIRECTS:
            target = urljoin(one.url, one.answered.get("location", ""))
            since = led[target][0] if target in led and _firm(led[target], one) else one.at
            led[target] = (since, one.ended, one.status)


def _firm(lead: tuple[float, float, int], one: Exchange) -> bool:
    """Whether a redirect goes on as it was: a temporary one in between begins it anew."""
    return (lead[2] in PERMANENT) == (one.status in PERMANENT)
