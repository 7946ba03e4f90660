"""Words that could not be saved: kept in files whose names say what they were meant for."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from aggregator.cli.output import command

RESCUED, WRITING = "rescued", "writing"  # folders below `data`

_UPDATES = ("update", "correction", "reaction", "withdrawal")
# Letters of any script; whatever else was typed names no post, and is not fit for a file's name.
_SLUG = re.compile(r"[^\s./\\-][^\s./\\]*")
_MOST_OCTETS = 200  # of a slug in a file's name, which may have 255


class Purpose(NamedTuple):
    """What words are for: `verb` is new, edit, or the kind of an Update."""

    verb: str
    slug: str = ""

    @property
    def name(self) -> str:
        """As a part of a file's name, from which `purpose_of` reads it back."""
        fit = self.slug.isprintable() and _SLUG.fullmatch(self.slug)
        if self.verb == "new" or not fit or len(self.slug.encode()) > _MOST_OCTETS:
            return "new"
        return f"{self.verb}.{self.slug}"

    def command(self, file: Path) -> str:
        """Return the command that saves what stands in `file`."""
        if self.verb == "new":
            return command("post", "new", str(file))
        if self.verb == "edit":
            return command("post", "edit", self.slug, str(file))
        kind = () if self.verb == "update" else ("--kind", self.verb)
        return command("post", "update", self.slug, str(file), *kind)


NEW = Purpose("new")


def purpose_of(file: Path) -> Purpose:
    """Return what the words in a kept file are for, by its name; a new post when in doubt."""
    parts = file.name.split(".")
    for verb, slug in pairwise(parts):
        if verb in ("edit", *_UPDATES):
            return Purpose(verb, slug)
    return NEW


def keep(written: bytes, data: Path | None, purpose: Purpose) -> Path | None:
    """Put the words into a new file, under `data` if that can be; None: nowhere can."""
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S-%f}.{purpose.name}.md"
    for folder in _folders(data, RESCUED):
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Only for the author's eyes: the folder for temporary files is everybody's.
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())  # a full disk may not be noticed before
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            continue
        return path
    return None


def place_to_write(start: str, data: Path | None, purpose: Purpose) -> Path:
    """Return a new file for the editor with `start` in it, under `data` if it can be written.

    Raises OSError when no file can be made anywhere.
    """
    failed: OSError | None = None
    for folder in _folders(data, WRITING):
        path = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=".md", prefix=f"{purpose.name}.", dir=folder)
            path = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(start.encode("utf-8"))
                # The editor needs room for more than it is given.
                file.write(b"\n" * 4096)
                file.flush()
                os.fsync(file.fileno())
                file.truncate(len(start.encode("utf-8")))
        except OSError as error:
            failed = error
            if path:
                path.unlink(missing_ok=True)
            continue
        return path
    raise failed or FileNotFoundError("there is no folder for temporary files")


def kept(data: Path) -> Iterator[Path]:
    """Yield the files in which words wait to be saved, the newest first."""
    for name in (RESCUED, WRITING):
        try:
            files = [path for path in (data / name).iterdir() if path.is_file()]
        except OSError:
            continue  # there is none, mostly
        yield from sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)


def _folders(data: Path | None, name: str) -> Iterator[Path]:
    if data:
        yield data / name
    with contextlib.suppress(OSError):  # there is none that can be written
        yield Path(tempfile.gettempdir())
