"""Documents that may well break their reader wait for each other, so that all others pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GLANCE = 0.5  # seconds, after which who waits looks whether to go on


class Doubts:
    """Turns for doubtful documents. Threads share it; who has a turn may ask for it again."""

    def __init__(self, at_once: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._mine = threading.local()

    @contextmanager
    def turn(
        self,
        *,
        waits: Callable[[], None] = lambda: None,
        gives_up: Callable[[], bool] = lambda: False,
    ) -> Iterator[bool]:
        """Hold a turn until the end of this; gives False where the waiting was given up.

        `waits` is called when there is none at once, `gives_up` now and then from that on.
        """
        if getattr(self._mine, "has_turn", False):
            yield True
            return
        if not self._free.acquire(blocking=False):
            waits()
            while not self._free.acquire(timeout=GLANCE):
                if gives_up():
                    yield False
                    return
        self._mine.has_turn = True
        try:
            yield True
        finally:
            self._mine.has_turn = False
            self._free.release()
