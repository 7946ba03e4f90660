"""The list of our files in a published directory, and what tells that each is as we left it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NAME = ".aggregator-manifest.json"
UNFINISHED = ".aggregator-unfinished.json"  # beside it while a run writes
VERSION = 2
_ODD = re.compile(r"[\\:]|(?:^|/)\.{0,2}(?:/|$)")  # leads nowhere, or elsewhere


class Known(NamedTuple):
    """A file as it was written. `stamp` stands for what it was made of; empty: nobody knows."""

    stamp: str = ""
    size: int = -1
    modified: int = -1  # nanoseconds
    digest: str = ""  # SHA-256 of its bytes


UNKNOWN = Known()


@dataclass(frozen=True)
class Manifest:
    """`complete` is false where we do not know whether a run was stopped before its end."""

    files: Mapping[str, Known] = field(default_factory=dict)
    complete: bool = True

    def to_bytes(self) -> bytes:
        """Return it in the form that `read` reads; the same files give the same bytes."""
        listed = {path: self.files[path] for path in sorted(self.files)}
        said = {"version": VERSION, "files": listed}
        return (json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def read(text: bytes) -> Manifest:
    """Return a manifest, or that of an earlier version, which lists names only.

    Raises ValueError, TypeError or KeyError for anything else.
    """
    said = json.loads(text)
    listed = said["files"]
    if isinstance(listed, list):
        names = [name for name in listed if isinstance(name, str) and is_safe(name)]
        return Manifest(dict.fromkeys(names, UNKNOWN), complete=False)
    files = {path: _known(one) for path, one in listed.items() if is_safe(path)}
    return Manifest(files)


def _known(said: Any) -> Known:
    stamp, size, modified, digest = said
    fine = type(stamp) is type(digest) is str and type(size) is type(modified) is int
    return Known(stamp, size, modified, digest) if fine else UNKNOWN


def is_safe(path: str) -> bool:
    """Whether a path leads to a file of a site: below its directory, and not to the manifest."""
    return path not in (NAME, UNFINISHED) and path.isprintable() and not _ODD.search(path)
