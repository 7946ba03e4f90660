"""Published files that are made when they are needed, known before by what goes into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import TypeVar

from aggregator.publishing.brief import Brief

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class File:
    """One file. Where `stamp` is the same, `make` gives the same bytes."""

    stamp: str
    make: Callable[[], bytes]


class Files(Mapping[str, bytes]):
    """Files by path; each is made when it is asked for, anew every time."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files

    def __getitem__(self, path: str) -> bytes:
        return self._files[path].make()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def stamp(self, path: str) -> str:
        """Return what stands for all that goes into a file."""
        return self._files[path].stamp


class Stamps:
    """Stamps of files that all depend on one `context`: settings, templates, program."""

    def __init__(self, context: bytes) -> None:
        self._context = context

    def __call__(self, *parts: object) -> str:
        """Return the stamp of what is made of these parts; posts count by their keys."""
        made = blake2b(key=self._context, digest_size=16)
        for part in parts:
            said = part if isinstance(part, bytes) else repr(part).encode()
            made.update(b"%d:" % len(said))
            made.update(said)
        return made.hexdigest()

    def file(self, make: Callable[[], bytes], *parts: object) -> File:
        return File(self(*parts), make)

    def ready(self, content: bytes) -> File:
        """Return a file that costs less to make than to know."""
        return File(self("ready", content), lambda: content)


def keys(briefs: Sequence[Brief]) -> bytes:
    """Return what stands for these posts in this order."""
    return b"".join([brief.key for brief in briefs])


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return a function that makes it when first called, and keeps it."""
    return cache(make)
