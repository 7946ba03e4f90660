"""How many requests may be under way at one time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

# Connections to begin with. Threads get into each other's way, so there are more of them, up to
# the setting, only as soon as no answer has come for a moment: with servers that are not next door.
FIRST = 2

# A feed that takes longer leaves its connection to the others, so that servers which never answer
# keep nobody waiting; in all there may be so many times the setting's number.
LONG = 0.25  # seconds
MOST_TIMES = 4


def most_at_once(setting: int) -> int:
    """Return how many requests may be under way, those that take long among them."""
    return setting * MOST_TIMES


class Connections:
    """Counts who is asked. It knows feeds by their number."""

    def __init__(self, setting: int, monotonic: Callable[[], float]) -> None:
        """`monotonic` counts seconds."""
        self._setting, self._most = setting, most_at_once(setting)
        self._open = min(FIRST, setting)
        self._monotonic = monotonic
        self._quick: dict[int, float] = {}  # since when, the eldest first
        self._long: set[int] = set()

    @property
    def are_free(self) -> bool:
        """Whether one more feed may be asked."""
        if len(self._quick) >= self._open:
            self._note_long()
        return len(self._quick) < self._open and len(self._quick) + len(self._long) < self._most

    @property
    def wait(self) -> float | None:
        """Seconds until the eldest quick feed takes long; None where that would free nothing."""
        if not self._quick or len(self._quick) + len(self._long) >= self._most:
            return None
        since = next(iter(self._quick.values()))
        return max(since + LONG - self._monotonic(), 0.0)

    @property
    def may_be_more(self) -> bool:
        """Whether there are fewer than the setting allows."""
        return self._open < self._setting

    def open_more(self) -> None:
        self._open = min(2 * self._open, self._setting)

    def take(self, feed: int) -> None:
        self._quick[feed] = self._monotonic()

    def give_back(self, feed: int) -> None:
        if self._quick.pop(feed, None) is None:
            self._long.discard(feed)

    def _note_long(self) -> None:
        """Tell those who take long from the others."""
        before = self._monotonic() - LONG
        late = [*takewhile(lambda feed: self._quick[feed] <= before, self._quick)]
        for feed in late:
            del self._quick[feed]
        self._long.update(late)
