"""One request to a site at a time, and a gap after it, whoever in this process asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aggregator.fetch.target import Origin


@dataclass
class _Site:
    free: threading.Lock = field(default_factory=threading.Lock)
    ended: float = float("-inf")  # when the last request ended


class Pace:
    """Turns at sites. Threads share it."""

    def __init__(
        self,
        site_of: Callable[[Origin], str | None],
        gap_of: Callable[[str], float],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`site_of` names the site of an origin, None for none; `gap_of` its gap in seconds."""
        self._site_of, self._gap_of = site_of, gap_of
        self._clock, self._sleep = clock, sleep
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, origin: Origin) -> Iterator[float]:
        """Wait for one's turn at the site of `origin`; give the seconds that took."""
        name = self._site_of(origin)
        if name is None:
            yield 0.0
            return
        with self._lock:
            site = self._sites.setdefault(name, _Site())
        began = self._clock()
        with site.free:
            wait = site.ended + self._gap_of(name) - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield self._clock() - began
            finally:
                site.ended = self._clock()
