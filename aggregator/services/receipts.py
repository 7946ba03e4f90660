"""What an import added, written down so that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from aggregator.errors import PostNotFound, WrongState
from aggregator.model.post import StoredPost
from aggregator.storage.protocol import PostStorage

FOLDER = "imports"
_DONE = ".undone"


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What an undo did: slugs of posts that are gone, and of those that were changed since."""

    source: str
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def write_receipt(data: Path, source: str, new: Sequence[StoredPost], at: datetime) -> Path:
    """Write down what is about to be added; return where. Raises OSError."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%S.%fZ}.json"
    added = [[post.slug, _mark(post)] for post in new]
    path.write_text(json.dumps({"source": source, "added": added}, ensure_ascii=False, indent=0))
    return path


def undo_import(storage: PostStorage, data: Path) -> Undone:
    """Remove what the last import added, where nobody has changed it since; all at once.

    Raises WrongState when there is none that is not undone, StorageError, OSError.
    """
    receipts = sorted((data / FOLDER).glob("*.json"))
    if not receipts:
        raise WrongState("no import is left to undo")
    listed = json.loads(receipts[-1].read_text())
    unchanged: list[StoredPost] = []
    changed: list[str] = []
    for slug, mark in listed["added"]:
        try:
            post = storage.post(slug)
        except PostNotFound:
            continue
        if _mark(post) == mark:
            unchanged.append(post)
        else:
            changed.append(slug)
    removed = storage.remove_posts(unchanged)
    receipts[-1].rename(receipts[-1].with_suffix(_DONE))
    kept = [*changed, *(post.slug for post in unchanged if post.slug not in set(removed))]
    return Undone(source=listed["source"], removed=tuple(removed), kept=tuple(kept))


def _mark(post: StoredPost) -> str:
    """Return what changes when anybody touches the post."""
    known = f"{post.id}\0{post.status}\0{post.updated}\0{post.edited}\0{post.document}"
    return sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:16]
