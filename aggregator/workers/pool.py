"""The pool of workers, and what a document's failure in one of them means."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from aggregator.config.settings import ParseSettings
from aggregator.errors import ReadersError
from aggregator.model.poll import FailureKind
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.workers.answers import unpacked
from aggregator.workers.doubts import Doubts

if TYPE_CHECKING:
    from aggregator.workers.process import Question, Worker

# A worker is replaced after so many documents, in case a library leaks.
DOCUMENTS_PER_WORKER = 500


class ParserPool:
    """Worker processes, started with the first documents; may be asked from any thread."""

    def __init__(
        self, settings: ParseSettings, *, documents_per_worker: int = DOCUMENTS_PER_WORKER
    ) -> None:
        self._settings, self._share = settings, documents_per_worker
        self._seconds = settings.timeout.total_seconds()
        self._room = threading.BoundedSemaphore(settings.workers)
        # Where there are two workers or more, doubtful documents never have all of them.
        self._doubts = Doubts(max(1, settings.workers - 1))
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Return what the document says, or why it could not be read. Never raises for it.

        Documents wait in line for a worker; from then on reading takes at most the setting's
        time-out, and what the worker may need to start. Raises ReadersError when none starts.
        """
        # Most polls bring no document, and do without all that processes need.
        from aggregator.workers.process import Question

        # Packing and unpacking are done while a worker is at work for somebody else.
        asked = Question(request)
        with self._doubts.turn() if request.is_doubtful else nullcontext(), self._room:
            answer = self._answer(asked)
        if isinstance(answer, ReadFailure):
            return answer
        try:
            return unpacked(answer)
        except Exception as error:  # noqa: BLE001 - bytes that are no pickle may raise anything
            return _failed(f"the document confused its reader: {error}")

    def turn(
        self, *, waits: Callable[[], None], gives_up: Callable[[], bool]
    ) -> AbstractContextManager[bool]:
        """Hold the turn of a doubtful document; see Doubts. Within, this thread reads it."""
        return self._doubts.turn(waits=waits, gives_up=gives_up)

    def close(self) -> None:
        """Stop the workers for good; documents being read are given up."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()
        for worker in idle:
            worker.end()

    def _answer(self, asked: Question) -> bytes | ReadFailure:
        for fresh in (False, True):
            worker = self._taken(fresh=fresh)
            if worker is None:
                break
            answer = None
            try:
                answer = worker.ask(asked)
            finally:
                self._give_back(worker, well=answer is not None)
            if answer is not None:
                return answer
            if self._closed:
                break
            if worker.hung:
                return _failed(f"reading the document took more than {self._seconds:g} s")
            if worker.begun and not worker.was_killed:
                return _failed(f"the document crashed its reader ({worker.how_it_ended()})")
            # It died while it was idle, or by somebody's hand: the document is not to blame.
        if self._closed:
            return _failed("the readers were stopped")
        return _failed("its reader was killed twice from outside")

    def _taken(self, *, fresh: bool) -> Worker | None:
        """Return a worker for the caller alone; None when the pool is closed.

        A `fresh` one has nobody's death behind it: those that are idle may be dying, too.
        """
        while True:
            with self._lock:
                if self._closed:
                    return None
                if fresh or not self._idle:
                    break
                worker = self._idle.pop()
                if worker.is_alive:
                    self._busy.add(worker)
                    return worker
            worker.end()  # somebody killed it while it had nothing to do
        worker = self._started()
        with self._lock:
            if not self._closed:
                self._busy.add(worker)
                return worker
        worker.end()
        return None

    def _started(self) -> Worker:
        from aggregator.workers.process import Worker

        try:
            return Worker(self._settings)
        except ReadersError:
            # Perhaps it was only the process that forks them that had died; it is replaced.
            time.sleep(0.2)
            return Worker(self._settings)

    def _give_back(self, worker: Worker, *, well: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            room = len(self._idle) < self._settings.workers
            keep = well and room and not self._closed and worker.documents < self._share
            if keep:
                self._idle.append(worker)
        if not well:
            worker.kill()
        if not keep:
            worker.end()


def _failed(message: str) -> ReadFailure:
    return ReadFailure(kind=FailureKind.PARSER, message=message)
