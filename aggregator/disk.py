"""What a file system refuses, in words, with the way out.

SQLite says "disk I/O error" or "unable to open" where a disk is full or mounted for reading
only, and the system's own words name no way out.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NamedTuple

# What SQLite needs to open a database: the index of its log.
LEAST_SPACE = 64 * 1024  # bytes


class Trouble(NamedTuple):
    """What is wrong, and what mends it."""

    what: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.what}: {self.way_out}"


FULL = Trouble("the disk is full", "free some space and try again (what was saved before is safe)")
READ_ONLY = Trouble(
    "it lies on a file system that can only be read", "mount it so that it can be written"
)

_BY_NUMBER = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: Trouble("this user's share of the disk is used up", FULL.way_out),
    errno.EROFS: READ_ONLY,
    errno.EACCES: Trouble("this user has no right to it", "change its owner or its mode"),
    errno.EPERM: Trouble("this user has no right to it", "change its owner or its mode"),
    errno.EEXIST: Trouble("a file stands where a folder belongs", "move it away"),
    errno.ENOTDIR: Trouble("a file stands where a folder belongs", "move it away"),
    errno.EISDIR: Trouble("a folder stands where a file belongs", "move it away"),
}


def trouble_of(error: OSError) -> Trouble:
    """Return what an error of the system means."""
    known = _BY_NUMBER.get(error.errno or 0)
    return known or Trouble(error.strerror or str(error), "mend that and try again")


def trouble_at(path: Path) -> Trouble | None:
    """Return why nothing can be written at `path`, whether it exists or not.

    None: there is space, and it is not mounted for reading only.
    """
    try:
        found = os.statvfs(nearest(path))
    except OSError:
        return None
    if found.f_flag & os.ST_RDONLY:
        return READ_ONLY
    root = os.geteuid() == 0  # for whom some space is kept
    blocks = found.f_bfree if root else found.f_bavail
    files = found.f_ffree if root else found.f_favail
    # Some file systems count neither, and say 0 for all there is.
    no_space = found.f_blocks and blocks * found.f_frsize < LEAST_SPACE
    return FULL if no_space or (found.f_files and not files) else None


def is_read_only(path: Path) -> bool:
    """Whether `path` lies where nothing at all can be written."""
    return trouble_at(path) is READ_ONLY


def nearest(path: Path) -> Path:
    """Return `path`, or the nearest folder above it that exists."""
    path = path.absolute()
    while not os.access(path, os.F_OK) and path != path.parent:
        path = path.parent
    return path
