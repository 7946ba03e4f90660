"""One worker process and the pipe to it, seen from the process that asks."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import socket
import struct
from dataclasses import replace
from multiprocessing.connection import Connection

from aggregator.config.settings import ParseSettings
from aggregator.errors import ReadersError
from aggregator.reading.request import ReadRequest
from aggregator.workers.reader import READY, serve

STARTING_SECONDS = 20  # of a worker, on a busy machine
ENDING_SECONDS = 2  # after its pipe was closed; then it is killed
LARGEST_ANSWER = 256 * 1024 * 1024  # bytes; more is no answer

CANNOT_START = (
    "the processes that read documents cannot be started; this machine may be short of memory "
    "or processes, or `parse.memory` in feeds.yaml does not fit it"
)


class Question:
    """A request as it goes to a worker: the body by itself, for copies of it take memory."""

    def __init__(self, request: ReadRequest) -> None:
        self.body = request.body
        self.about = pickle.dumps(replace(request, body=b""), pickle.HIGHEST_PROTOCOL)


class Worker:
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
                    target=serve,
                    args=(theirs, settings.memory_bytes, self._seconds),
                    name="reader",
                    daemon=True,
                )
                self._process.start()
        except (OSError, EOFError) as error:
            raise ReadersError(f"{CANNOT_START}: {error}") from error
        _never_wait_longer(self._pipe, self._seconds)
        try:
            if self._pipe.poll(STARTING_SECONDS) and self._pipe.recv_bytes() == READY:
                return
        except (OSError, EOFError):
            pass
        self.kill()
        self.end()
        raise ReadersError(f"{CANNOT_START} ({self.how_it_ended()})")

    def ask(self, asked: Question) -> bytes | None:
        """Return the answer; None when the worker died or took too long, and is of no more use."""
        self.documents += 1
        self.begun = False
        try:
            self._pipe.send_bytes(asked.about)
            self._pipe.send_bytes(asked.body)
            self.begun = True
            if self._pipe.poll(self._seconds):
                return self._pipe.recv_bytes(LARGEST_ANSWER)
            self.hung = True
        except BlockingIOError:  # it takes nothing, or gives half an answer: somebody stopped it
            self.hung = True
        except (OSError, EOFError):
            pass
        return None

    @property
    def is_alive(self) -> bool:
        return self._process.exitcode is None

    @property
    def was_killed(self) -> bool:
        """Whether it ended by a signal that no document causes; asked after `end`."""
        return self._process.exitcode == -signal.SIGKILL

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


def _never_wait_longer(pipe: Connection, seconds: float) -> None:
    """Bound every write to and read from a pipe: a process may be stopped at any moment."""
    span = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    with socket.fromfd(pipe.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
