"""What tells one state of this program from another."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
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
    if (found := find_spec("jinja2")) and found.origin:
        libraries = Path(found.origin).parent.parent  # with notes of their versions
        made.update(" ".join(sorted(one.name for one in libraries.glob("*.dist-info"))).encode())
    package = Path(__file__).parent.parent
    for room in ROOMS:
        for file in sorted((package / room).rglob("*")):
            if file.suffix not in (".pyc", "") and file.is_file():
                made.update(f"{file.relative_to(package)}\n".encode())
                made.update(file.read_bytes())
    return made.digest()
