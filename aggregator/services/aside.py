"""Bodies on their way to a reader: in memory, or laid aside on disk while they have to wait."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import IO

from aggregator.fetch.room import STEP

SPOOL = 256 * 1024 * 1024  # bytes, of all bodies that wait on disk


class Spool:
    """The place for bodies that wait. It bounds what they take together; threads share it."""

    def __init__(self, folder: Path, size: int = SPOOL) -> None:
        """Files in `folder` have no names, so none is left behind by whoever is killed."""
        self._folder, self._free = folder, size
        self._lock = threading.Lock()

    def takes(self, size: int) -> bool:
        """Whether there is space for so many bytes more, which then are taken."""
        with self._lock:
            if size > self._free:
                return False
            self._free -= size
            return True

    def gives_back(self, size: int) -> None:
        with self._lock:
            self._free += size

    def file(self) -> IO[bytes]:
        """Raises OSError."""
        # Hardly any poll has a body that waits.
        from tempfile import TemporaryFile

        return TemporaryFile(dir=self._folder)


class Body:
    """One body. Whoever lays it aside must hold no other reference to it."""

    def __init__(self, content: bytes, spool: Spool) -> None:
        self.size = len(content)
        self._content, self._spool = content, spool
        self._file: IO[bytes] | None = None

    @property
    def is_aside(self) -> bool:
        return self._file is not None

    def lay_aside(self) -> bool:
        """Free the memory, where that is possible and worth it; return whether it was."""
        if self.size <= STEP or not self._spool.takes(self.size):
            return False
        try:
            file = self._spool.file()
            try:
                file.write(self._content)
                file.flush()
            except BaseException:
                file.close()
                raise
        except OSError:  # no disk is needed for a poll: then it waits in memory
            self._spool.gives_back(self.size)
            return False
        self._file, self._content = file, b""
        return True

    def content(self) -> bytes:
        """Return it, from the disk if it is there. Raises OSError."""
        if self._file is not None:
            self._file.seek(0)
            self._content = self._file.read()
            self.close()
        return self._content

    def close(self) -> None:
        """Let go of what it has on disk."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._spool.gives_back(self.size)
