"""Room for bodies: many answers together stay within memory, however large each may be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from aggregator.errors import FetchError
from aggregator.model.poll import FailureKind

STEP = 64 * 1024  # bytes; a body takes the first for granted, and asks for each one more
ROOM = 8 * 1024 * 1024  # for all bodies' further steps

GLANCE = 0.5  # seconds, after which who waits looks whether to go on
NO_ROOM = "the poll ended before there was room in memory for its document"


class Room:
    """Bounds what bodies take together, each from when it grows until it is read or laid aside.

    Threads share it. Who has room never waits for a site, so whoever has a site may wait for room.
    One body at a time goes ahead: when there is no room, it takes what it needs all the same. Its
    server and its reader are bounded, so it comes to its end, and after it the eldest that waits.
    """

    def __init__(self, size: int = ROOM, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._free, self._clock = size, clock
        self._line: list[int] = []  # threads that have room or wait for it, the eldest first
        self._waiting: set[int] = set()
        self._ahead: int | None = None  # the thread whose body goes ahead
        self._mine = threading.local()
        self._changed = threading.Condition()

    @contextmanager
    def entered(self, gives_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Count what bodies of this thread take, until the end of this or their failure.

        While it waits for room, `gives_up` is asked now and then whether to do so no longer.
        """
        self._mine.taken, self._mine.gives_up = 0, gives_up
        try:
            yield
        finally:
            self.leave()
            del self._mine.taken

    def step(self) -> float:
        """Wait for one step more, if this thread has entered; return the seconds that took.

        Raises FetchError, one that is ours, when this thread gives up.
        """
        if not hasattr(self._mine, "taken"):
            return 0.0
        began, me = self._clock(), threading.get_ident()
        with self._changed:
            if me not in self._line:
                self._line.append(me)
            self._waiting.add(me)
            try:
                while not self._changed.wait_for(lambda: self._has_room_for(me), GLANCE):
                    if self._mine.gives_up():
                        raise FetchError(FailureKind.TIMEOUT, NO_ROOM, ours=True)
            finally:
                self._waiting.discard(me)
            if self._free < STEP:
                self._ahead = me
            self._count(STEP)
        return self._clock() - began

    def settle(self, size: int) -> None:
        """Count a body of this thread that is whole and has a reader to itself, without waiting.

        It gives way to the next one that goes ahead.
        """
        if hasattr(self._mine, "taken"):
            self.leave()
            with self._changed:
                self._count(size)

    def leave(self) -> None:
        """Give back what this thread has taken."""
        if not hasattr(self._mine, "taken"):
            return
        me = threading.get_ident()
        with self._changed:
            self._count(-self._mine.taken)
            with suppress(ValueError):
                self._line.remove(me)
            if self._ahead == me:
                self._ahead = None
            self._changed.notify_all()

    def _has_room_for(self, me: int) -> bool:
        if self._free >= STEP or self._ahead == me:
            return True
        eldest = next(thread for thread in self._line if thread in self._waiting)
        return self._ahead is None and eldest == me

    def _count(self, size: int) -> None:
        self._free -= size
        self._mine.taken += size
