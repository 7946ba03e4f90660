"""Reading documents apart, in processes that may die.

A feed of 1.3 MB can crash the interpreter inside the XML parser, others hang it or eat its
memory. So documents are read in worker processes with limits on time, memory and files; what
happens there is one feed's failure and nobody else's. It is how the second core is used, too.

Whoever asks has a worker to itself until the answer is there: nothing is queued inside a
worker, so one that dies or hangs takes exactly one document with it.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
import pickle
import resource
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from aggregator.config.settings import ParseSettings
from aggregator.errors import ReadersError
from aggregator.model.poll import FailureKind
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

# A worker is replaced after so many documents, in case a library leaks.
DOCUMENTS_PER_WORKER = 500

# Beyond the wall clock's limit, in CPU seconds: for a worker whose parent is gone.
CPU_GRACE_SECONDS = 2
STARTING_SECONDS = 20  # of a worker, on a busy machine
ENDING_SECONDS = 2  # after its pipe was closed; then it is killed

LARGEST_ANSWER = 256 * 1024 * 1024  # bytes; more is no answer

_READY = b"ready"

CANNOT_START = (
    "the processes that read documents cannot be started; this machine may be short of memory "
    "or processes, or `parse.memory` in feeds.yaml too small"
)


class ParserPool:
    """Worker processes, started with the first documents; may be asked from any thread."""

    def __init__(
        self, settings: ParseSettings, *, documents_per_worker: int = DOCUMENTS_PER_WORKER
    ) -> None:
        self._settings, self._share = settings, documents_per_worker
        self._seconds = settings.timeout.total_seconds()
        self._room = threading.BoundedSemaphore(settings.workers)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Return what the document says, or why it could not be read. Never raises for it.

        Documents wait in line for a worker; from then on reading takes at most the setting's
        time-out, and what the worker may need to start. Raises ReadersError when none starts.
        """
        # Packing and unpacking are done while a worker is at work for somebody else.
        asked = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
        with self._room:
            answer = self._answer(asked)
        if isinstance(answer, ReadFailure):
            return answer
        try:
            return unpacked(answer)
        except Exception as error:  # noqa: BLE001 - bytes that are no pickle may raise anything
            return _failed(f"the document confused its reader: {error}")

    def close(self) -> None:
        """Stop the workers for good; documents being read are given up."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()
        for worker in idle:
            worker.end()

    def _answer(self, asked: bytes) -> bytes | ReadFailure:
        for _ in range(2):
            worker = self._taken()
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
            if worker.begun:
                return _failed(f"the document crashed its reader ({worker.how_it_ended()})")
            # It had died while it was idle, so the document is not to blame.
        if self._closed:
            return _failed("the readers were stopped")
        return _failed("the reader died twice before it could begin")

    def _taken(self) -> _Worker | None:
        """Return a worker for the caller alone; None when the pool is closed."""
        with self._lock:
            if self._closed:
                return None
            if self._idle:
                worker = self._idle.pop()
                self._busy.add(worker)
                return worker
        worker = self._started()
        with self._lock:
            if not self._closed:
                self._busy.add(worker)
                return worker
        worker.end()
        return None

    def _started(self) -> _Worker:
        try:
            return _Worker(self._settings)
        except ReadersError:
            # Perhaps it was only the process that forks them that had died; it is replaced.
            time.sleep(0.2)
            return _Worker(self._settings)

    def _give_back(self, worker: _Worker, *, well: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            keep = well and not self._closed and worker.documents < self._share
            if keep:
                self._idle.append(worker)
        if not well:
            worker.kill()
        if not keep:
            worker.end()


class _Worker:
    """One process and the pipe to it. Raises ReadersError when it does not come up."""

    def __init__(self, settings: ParseSettings) -> None:
        # Neither a fork of this process (it has threads, and a database open) nor a fresh
        # interpreter for every worker: one clean process, with the parsers loaded, forks them.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["aggregator.reading.document"])
        self._seconds = settings.timeout.total_seconds()
        self.documents = 0
        self.begun = False  # whether the last document reached it
        self.hung = False
        try:
            self._pipe, theirs = context.Pipe()
            with theirs:  # it is closed here, so that the pipe ends when the worker does
                self._process = context.Process(
                    target=_serve,
                    args=(theirs, settings.memory_bytes, self._seconds),
                    name="reader",
                    daemon=True,
                )
                self._process.start()
        except (OSError, EOFError) as error:
            raise ReadersError(f"{CANNOT_START}: {error}") from error
        try:
            if self._pipe.poll(STARTING_SECONDS) and self._pipe.recv_bytes() == _READY:
                return
        except (OSError, EOFError):
            pass
        self.kill()
        self.end()
        raise ReadersError(f"{CANNOT_START} ({self.how_it_ended()})")

    def ask(self, asked: bytes) -> bytes | None:
        """Return the answer; None when the worker died or took too long, and is of no more use."""
        self.documents += 1
        self.begun = False
        try:
            self._pipe.send_bytes(asked)
            self.begun = True
            if self._pipe.poll(self._seconds):
                return self._pipe.recv_bytes(LARGEST_ANSWER)
            self.hung = True
        except (OSError, EOFError):
            pass
        return None

    def kill(self) -> None:
        """End it now; whoever waits for its answer learns that it died."""
        self._process.kill()

    def end(self) -> None:
        """Let go of it: an idle one ends when its pipe does."""
        self._pipe.close()
        self._process.join(ENDING_SECONDS)
        if self._process.exitcode is None:
            self.kill()
            self._process.join(ENDING_SECONDS)

    def how_it_ended(self) -> str:
        code = self._process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"


class _Answer(pickle.Unpickler):
    """Takes our own values only: a document may have taken its reader over."""

    OURS = ("aggregator.model.", "aggregator.reading.request")
    PLAIN = frozenset(
        {
            ("builtins", "frozenset"),
            ("datetime", "datetime"),
            ("datetime", "timedelta"),
            ("datetime", "timezone"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(self.OURS) or (module, name) in self.PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")


def unpacked(answer: bytes) -> ReadResult | ReadFailure:
    """Return a worker's answer. Raises UnpicklingError when it holds anything but our values."""
    result = _Answer(io.BytesIO(answer)).load()
    if not isinstance(result, ReadResult | ReadFailure):
        raise pickle.UnpicklingError("it is no answer")
    return result


def _failed(message: str) -> ReadFailure:
    return ReadFailure(kind=FailureKind.PARSER, message=message)


def _serve(pipe: Connection, memory_bytes: int, seconds: float) -> None:
    """Read documents, one after the other, until the pipe ends. Runs in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()  # what was loaded before the first document never becomes garbage
    gc.set_threshold(50_000, 20, 20)
    with suppress(OSError, EOFError):
        pipe.send_bytes(_READY)
        while True:
            pipe.send_bytes(_read(pipe.recv_bytes(), seconds))


def _read(asked: bytes, seconds: float) -> bytes:
    from aggregator.reading.document import read_document

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds + CPU_GRACE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    answer: ReadResult | ReadFailure
    try:
        answer = read_document(pickle.loads(asked))  # noqa: S301 - it comes from our parent
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        answer = _failed("the document needs more memory than its reader may use")
    except Exception as error:  # noqa: BLE001 - whatever a hostile document provokes is its own failure
        answer = _failed(f"the document confused its reader: {type(error).__name__}: {error}")
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
