"""Who does the asking: threads, side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
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
    """A crew of up to `size` threads."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="fetch")
        self._results: SimpleQueue[Result] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, job: Callable[[], Result]) -> None:
        self._pool.submit(lambda: self._results.put(job()))

    def wait(self, seconds: float | None) -> Result | None:
        try:
            return self._results.get(timeout=seconds)
        except Empty:
            return None
