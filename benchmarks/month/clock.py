"""Virtual time, and a crew that works in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from types import TracebackType
from typing import Generic, Self, TypeVar

Result = TypeVar("Result")


class Clock:
    """A time that stands still until it is moved. Seconds since 1970."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


class VirtualCrew(Generic[Result]):
    """Does each job at once, and hands over its result when the job's own time is up.

    A job moves the clock as long as it works; jobs that are started side by side take their time
    side by side.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: list[tuple[float, int, Result]] = []  # a heap
        self._started = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ends:
            self._clock.seconds = max(self._clock.seconds, *(end for end, _, _ in self._ends))

    def start(self, job: Callable[[], Result]) -> None:
        began = self._clock.seconds
        result = job()
        self._started += 1
        heappush(self._ends, (self._clock.seconds, self._started, result))
        self._clock.seconds = began

    def wait(self, seconds: float | None) -> Result | None:
        until = None if seconds is None else self._clock.seconds + seconds
        if self._ends and (until is None or self._ends[0][0] <= until):
            end, _, result = heappop(self._ends)
            self._clock.seconds = max(self._clock.seconds, end)
            return result
        if until is None:
            raise RuntimeError("nothing was started that could be waited for")
        self._clock.seconds = until
        return None
