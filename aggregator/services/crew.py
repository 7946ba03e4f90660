"""Who does the asking: threads, side by side."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

Result = TypeVar("Result")


class Crew(Protocol[Result]):
    """Jobs are started, and their results come back in the order in which they end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what was started."""

    def start(self, job: Callable[[], Result]) -> None:
        """Begin a job, which never raises."""

    def wait(self, seconds: float | None) -> Result | None:
        """Return the next result; None when there is none after so many seconds."""


class Threads(Generic[Result]):
    """A crew of up to `size` threads. One thread starts the jobs and takes the results.

    An executor makes a future with locks of its own of each job, which shows where the answers
    come from next door.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._jobs: SimpleQueue[Callable[[], Result] | None] = SimpleQueue()
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._threads: list[Thread] = []
        self._under_way = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(Empty):  # what no thread has begun is not begun any more
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def start(self, job: Callable[[], Result]) -> None:
        self._under_way += 1
        if len(self._threads) < min(self._under_way, self._size):
            thread = Thread(target=self._work, name=f"fetch_{len(self._threads)}")
            try:
                thread.start()
            except RuntimeError:  # this machine gives no more of them: those there are will do
                if not self._threads:
                    raise
            else:
                self._threads.append(thread)
        self._jobs.put(job)

    def wait(self, seconds: float | None) -> Result | None:
        try:
            result = self._results.get(timeout=seconds)
        except Empty:
            return None
        self._under_way -= 1
        return result

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._results.put(job())
