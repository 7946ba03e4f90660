"""Claims that wait for their turn: of each site one at a time, and a gap after each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

from aggregator.storage.protocol import Claim

ZERO = timedelta(0)


class Line:
    """Who may be asked now. It reads no clock: whoever uses it says what time it is."""

    def __init__(self, gap_of: Callable[[str], timedelta], *, spacing: timedelta = ZERO) -> None:
        """`gap_of` names the gap after a request to a site, `spacing` that of one feed."""
        self._gap_of, self._spacing = gap_of, spacing
        self._waiting: dict[str, deque[Claim]] = {}
        self._length = 0  # counted along: it is asked for before every request
        self._turns: list[tuple[datetime, int, str]] = []  # a heap: when, in which order, who
        self._busy: set[str] = set()
        self._asked_at: dict[str, datetime] = {}
        self._order = 0
        self._first_end: datetime | None = None  # of all claims ever waiting, or earlier

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Claim]:
        return (claim for claims in self._waiting.values() for claim in claims)

    def waiting_at(self, site: str) -> int:
        """Return how many claims wait for a site."""
        return len(self._waiting.get(site, ()))

    def has(self, site: str) -> bool:
        """Whether anybody waits for a site or is there now."""
        return site in self._busy or site in self._waiting

    def add(self, claims: Iterable[Claim], now: datetime) -> None:
        """Put claims at the end of the line."""
        for claim in claims:
            key = _key(claim)
            if claim.site and claim.site.asked_at and key not in self._asked_at:
                self._asked_at[key] = claim.site.asked_at
            self._first_end = min(self._first_end or claim.until, claim.until)
            queue = self._waiting.setdefault(key, deque())
            queue.append(claim)
            self._length += 1
            if len(queue) == 1 and key not in self._busy:
                self._call(key, now)

    def take(self, now: datetime) -> Claim | None:
        """Return the claim whose turn it is; its site is busy until `done`. None: nobody's."""
        while self._turns:
            at, _, key = self._turns[0]
            if key in self._busy or key not in self._waiting:
                heappop(self._turns)  # it was dropped, or called twice
                continue
            if at > now:
                return None
            heappop(self._turns)
            queue = self._waiting[key]
            claim = queue.popleft()
            self._length -= 1
            if not queue:
                del self._waiting[key]
            self._busy.add(key)
            return claim
        return None

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until it is somebody's turn; None: nobody waits for time to pass."""
        while self._turns:
            at, _, key = self._turns[0]
            if key not in self._busy and key in self._waiting:
                return max(at - now, ZERO)
            heappop(self._turns)
        return None

    def done(self, claim: Claim, now: datetime) -> None:
        """Free the site of a claim that was taken: its request has ended."""
        key = _key(claim)
        self._busy.discard(key)
        self._asked_at[key] = now
        if key in self._waiting:
            self._call(key, now)

    def stale(self, until: datetime) -> list[Claim]:
        """Take those out of the line whose claims end before `until`, and return them."""
        if self._first_end is None or self._first_end >= until:
            return []
        old = [claim for claim in self if claim.until < until]
        for key, queue in list(self._waiting.items()):
            kept = deque(claim for claim in queue if claim.until >= until)
            if kept:
                self._waiting[key] = kept
            else:
                del self._waiting[key]
        self._length -= len(old)
        self._first_end = min((claim.until for claim in self), default=None)
        return old

    def drop(self, site: str) -> list[Claim]:
        """Take everybody who waits for a site out of the line, and return them."""
        dropped = list(self._waiting.pop(site, ()))
        self._length -= len(dropped)
        return dropped

    def _call(self, key: str, now: datetime) -> None:
        """Say when the first who waits for a site has its turn."""
        claim = self._waiting[key][0]
        at = now
        if claim.site is not None:
            before = self._asked_at.get(key)
            if before is not None:
                # A clock that was set back must not make anybody wait for what never was.
                at = max(at, min(before, now) + self._gap_of(key))
            polled = claim.state.last_polled_at
            if polled is not None:
                at = max(at, min(polled, now) + self._spacing)
        self._order += 1
        heappush(self._turns, (at, self._order, key))


def _key(claim: Claim) -> str:
    """Return the site; what needs no network is in nobody's way."""
    return claim.site.name if claim.site else f"\0{claim.number}"
