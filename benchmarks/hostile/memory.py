"""The memory that a program and all processes it started have at one moment, and its peak."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.05  # seconds between two looks


class Peak:
    """In MB of 1,000,000 bytes. What processes share is counted once."""

    def __init__(self) -> None:
        self.largest = 0.0


@contextmanager
def watched(process: int) -> Iterator[Peak]:
    """Watch a process, what it starts, and what that starts in turn."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            peak.largest = max(peak.largest, sum(map(_share_of, _with_children(process))) / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _with_children(process: int) -> list[int]:
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children[parent].append(int(stat.parent.name))
    found = [process]
    for one in found:
        found += children[one]
    return found


def _share_of(process: int) -> int:
    """Return a process's share of memory (PSS) in bytes; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
