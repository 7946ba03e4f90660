"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # from glibc's malloc.h
LARGE_BLOCK = 256 * 1024
MOST_ARENAS = 2


def give_back_large_blocks() -> None:
    """Have the C library map large blocks one by one, and unmap them when they are freed.

    By itself glibc stops doing so after the first one: what many threads held of large bodies
    stays in the process, hundreds of megabytes in holes too small for the next.
    """
    with suppress(AttributeError, OSError):  # another C library, with other habits
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)
        mallopt(M_ARENA_MAX, MOST_ARENAS)
