"""What runs in a worker: documents in, answers out, within limits."""

from __future__ import annotations

import gc
import pickle
import resource
import signal
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from aggregator.model.poll import FailureKind
from aggregator.reading.request import ReadFailure, ReadResult

# Beyond the wall clock's limit, in CPU seconds: for a worker whose parent is gone.
CPU_GRACE_SECONDS = 2

# Libraries and locales are mapped into a process, and take no memory of its own.
MAPPED_BYTES = 1024 * 1024 * 1024

READY = b"ready"


def serve(pipe: Connection, memory_bytes: int, seconds: float) -> None:
    """Read documents, one after the other, until the pipe ends. Runs in a worker."""
    for one in (signal.SIGINT, signal.SIGTERM):  # sent to all of us, meant for whoever asks
        signal.signal(one, signal.SIG_IGN)
    _limit(resource.RLIMIT_DATA, memory_bytes)  # what it allocates, and hardly more is resident
    _limit(resource.RLIMIT_AS, memory_bytes + MAPPED_BYTES)
    _limit(resource.RLIMIT_FSIZE, 0)  # it has nothing to write
    _limit(resource.RLIMIT_CORE, 0)
    gc.freeze()  # what was loaded before the first document never becomes garbage
    gc.set_threshold(50_000, 20, 20)
    with suppress(OSError, EOFError):
        pipe.send_bytes(READY)
        while True:
            pipe.send_bytes(_read(pipe.recv_bytes(), pipe.recv_bytes(), seconds))


def _read(about: bytes, body: bytes, seconds: float) -> bytes:
    """Return the packed answer to a request, whose body came by itself."""
    from aggregator.reading.document import read_document

    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds + CPU_GRACE_SECONDS))
    answer: ReadResult | ReadFailure
    try:
        request = pickle.loads(about)  # noqa: S301 - it comes from our parent
        answer = read_document(replace(request, body=body))
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        answer = _failed("the document needs more memory than its reader may use")
    except Exception as error:  # noqa: BLE001 - whatever a hostile document provokes is its own failure
        answer = _failed(f"the document confused its reader: {type(error).__name__}: {error}")
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _limit(kind: int, wanted: int) -> None:
    """Lower a limit, as far as the one that stands does not say less already."""
    _, most = resource.getrlimit(kind)
    lowered = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(kind, (lowered, most))


def _failed(message: str) -> ReadFailure:
    return ReadFailure(kind=FailureKind.PARSER, message=message)
