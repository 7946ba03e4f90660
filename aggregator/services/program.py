"""What tells one state of this program from another."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

# What has a part in how posts look; every library is taken to have one.
ROOMS = ("config", "document", "markup", "model", "publishing", "storage", "yamltext")


@cache
def program_digest() -> bytes:
    """Return 32 bytes that differ when the program may make other files of the same posts.

    By what its files hold, not by their times or a number of version: an installer may set any
    time, and somebody who mends a line sees it at once.
    """
    made = blake2b(sys.version.encode(), digest_size=32)
    for folder in map(Path, sys.path):  # each library leaves a note of its version there
        notes = [one.name for one in folder.glob("*-info")] if folder.is_dir() else []
        made.update(" ".join(sorted(notes)).encode())
    package = Path(__file__).parent.parent
    for room in ROOMS:
        for file in sorted((package / room).rglob("*")):
            if file.suffix not in (".pyc", "") and file.is_file():
                made.update(f"{file.relative_to(package)}\n".encode())
                made.update(file.read_bytes())
    return made.digest()
