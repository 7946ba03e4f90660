"""Room for bodies: many answers together stay within memory, however large each may be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STEP = 64 * 1024  # bytes; a body takes the first for granted, and asks for each one more
ROOM = 8 * 1024 * 1024  # for all bodies' further steps


class Room:
    """Bounds what bodies take together, each from when it grows until it is read.

    Threads share it. Who has room never waits for a site, so whoever has a site may wait for room.
    """

    def __init__(self, size: int = ROOM, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = size, clock
        self._line: list[int] = []  # threads that have room, the eldest first
        self._mine = threading.local()
        self._changed = threading.Condition()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Count what bodies of this thread take, until the end of this or their failure."""
        self._mine.taken = 0
        try:
            yield
        finally:
            self.leave()
            del self._mine.taken

    def step(self) -> float:
        """Wait for one step more, if this thread has entered; return the seconds that took.

        The eldest never waits, and ends at its deadline: so all the others come to their turn.
        """
        if not hasattr(self._mine, "taken"):
            return 0.0
        began, me = self._clock(), threading.get_ident()
        with self._changed:
            if me not in self._line:
                self._line.append(me)
            self._changed.wait_for(lambda: self._free >= STEP or self._line[0] == me)
            self._free -= STEP
            self._mine.taken += STEP
        return self._clock() - began

    def leave(self) -> None:
        """Give back what this thread has taken."""
        if not getattr(self._mine, "taken", 0):
            return
        with self._changed:
            self._free += self._mine.taken
            self._mine.taken = 0
            self._line.remove(threading.get_ident())
            self._changed.notify_all()
