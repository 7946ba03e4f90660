"""Reading documents apart, in processes that may die.

A feed of 1.3 MB can crash the interpreter inside the XML parser, others hang it or eat its
memory. So documents are read in worker processes with limits on time, memory and files; what
happens there is one feed's failure and nobody else's. It is how the second core is used, too.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import resource
import threading
from concurrent.futures import CancelledError

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from aggregator.config.settings import ParseSettings
from aggregator.model.poll import FailureKind
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

# A worker is replaced after so many documents, in case a library leaks.
DOCUMENTS_PER_WORKER = 500

# Beyond the wall clock's limit, in CPU seconds: for a worker whose parent is gone.
CPU_GRACE_SECONDS = 2
STARTING_SECONDS = 10  # of workers, on a busy machine


class ParserPool:
    """Worker processes, started with the first document; may be asked from any thread."""

    def __init__(self, settings: ParseSettings) -> None:
        self._settings = settings
        self._seconds = settings.timeout.total_seconds()
        self._pool: ProcessPool | None = None
        self._closed = False
        self._lock = threading.Lock()
        # One document for each worker and one that waits: so the wait has a bound.
        self._room = threading.BoundedSemaphore(2 * settings.workers)
        self._awaited: set[tuple[ProcessPool, ProcessFuture[ReadResult | ReadFailure]]] = set()

    def read(self, request: ReadRequest) -> ReadResult | ReadFailure:
        """Return what the document says, or why it could not be read. Never raises for it."""
        with self._room:
            for _ in range(2):
                pool = self._running()
                if pool is None:
                    return _failed("the readers were stopped")
                try:
                    return self._answer(pool, request)
                except ProcessExpired as error:
                    return _failed(f"the document crashed its reader ({_how(error.exitcode)})")
                except (CancelledError, RuntimeError):
                    # A worker died between two documents and broke the pool, or another
                    # thread has stopped the pool for that.
                    self._discard(pool)
        return _failed("the reader died twice before it could begin")

    def close(self) -> None:
        """Stop the workers for good; documents being read are given up."""
        with self._lock:
            self._closed = True
            pool = self._pool
        if pool is not None:
            self._discard(pool)

    def _answer(self, pool: ProcessPool, request: ReadRequest) -> ReadResult | ReadFailure:
        future = pool.schedule(_read, args=(request, self._seconds), timeout=self._seconds)
        awaited = (pool, future)
        with self._lock:
            self._awaited.add(awaited)
        try:
            return future.result(timeout=3 * self._seconds + STARTING_SECONDS)
        except TimeoutError:
            if not future.done():  # it went lost with a worker that died as it took it
                self._discard(pool)
            return _failed(f"reading the document took more than {self._seconds:g} s")
        finally:
            with self._lock:
                self._awaited.discard(awaited)

    def _running(self) -> ProcessPool | None:
        """Return the pool, begun if need be; None after `close`."""
        with self._lock:
            if self._pool is None and not self._closed:
                # Neither a fork of this process (it has threads, and a database open) nor a
                # fresh interpreter for every worker: one clean process forks them all.
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(["aggregator.reading.document"])
                self._pool = ProcessPool(
                    max_workers=self._settings.workers,
                    max_tasks=DOCUMENTS_PER_WORKER,
                    initializer=_limit_worker,
                    initargs=(self._settings.memory_bytes,),
                    context=context,
                )
            return self._pool

    def _discard(self, pool: ProcessPool) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
            futures = [future for other, future in self._awaited if other is pool]
        pool.stop()  # type: ignore[no-untyped-call]
        for _ in range(self._settings.workers + 1):
            # A worker that ends by itself just then is a KeyError, and leaves the others.
            with contextlib.suppress(RuntimeError, KeyError):
                pool.join()
                break
        for future in futures:  # which the pool forgets
            future.cancel()  # type: ignore[no-untyped-call]


def _failed(message: str) -> ReadFailure:
    return ReadFailure(kind=FailureKind.PARSER, message=message)


def _how(exitcode: int | None) -> str:
    return f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"exit {exitcode}"


def _limit_worker(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()  # what was loaded before the first document never becomes garbage
    gc.set_threshold(50_000, 20, 20)


def _read(request: ReadRequest, seconds: float) -> ReadResult | ReadFailure:
    """Runs in a worker; the parsers are loaded there, not in the process that asks."""
    from aggregator.reading.document import read_document

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds + CPU_GRACE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    try:
        return read_document(request)
    except MemoryError:
        return _failed("the document needs more memory than its reader may use")
    except Exception as error:  # noqa: BLE001 - whatever a hostile document provokes is its own failure
        return _failed(f"the document confused its reader: {type(error).__name__}: {error}")
