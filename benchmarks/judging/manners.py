"""Rules on what else a request says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlsplit

from benchmarks.judging.demands import Offence, Verdict
from benchmarks.judging.log import Exchange

COOKIES = "no cookie is sent"
REFERRER = "no referrer is sent"
BUSTING = "no parameter or field defeats caches"
RULES = (COOKIES, REFERRER, BUSTING)
NAMED = "one honest User-Agent, with a contact"


def talkative(log: Sequence[Exchange]) -> Iterator[Offence]:
    """Return the requests that say more than they need to."""
    queries: dict[str, set[str]] = {}
    for one in log:
        if "cookie" in one.asked:
            yield Offence(rule=COOKIES, at=one.at, url=one.url, what=one.asked["cookie"])
        if "referer" in one.asked:
            yield Offence(rule=REFERRER, at=one.at, url=one.url, what=one.asked["referer"])
        refreshing = one.asked.get("cache-control") or one.asked.get("pragma")
        if refreshing:
            yield Offence(rule=BUSTING, at=one.at, url=one.url, what=refreshing)
        parts = urlsplit(one.url)
        if parts.query:
            # The same address with ever new values of its parameters.
            names = ",".join(sorted(name for name, _ in parse_qsl(parts.query)))
            seen = queries.setdefault(f"{parts.netloc}{parts.path}?{names}", set())
            seen.add(parts.query)
            if len(seen) > 10:
                yield Offence(rule=BUSTING, at=one.at, url=one.url)


def name_given(log: Sequence[Exchange]) -> Verdict:
    """Return the verdict on the names the reader gave itself; none when the log tells none."""
    names = {one.asked["user-agent"] for one in log if "user-agent" in one.asked}
    told = sum("user-agent" in one.asked for one in log)
    if not names:
        return Verdict(rule=NAMED, measured="not told", demanded="1 with an address", ok=None)
    honest = all("http" in name or "@" in name for name in names)
    fine = len(names) == 1 and honest and told == len(log)
    shown = ", ".join(sorted(names)[:3])
    return Verdict(rule=NAMED, measured=shown, demanded="1 with an address", ok=fine)
