"""Files put in place whole, and taken away, below one directory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TEMPORARY = ".aggregator-tmp"  # ends the names of files that are being written


class Placer:
    """What changes a directory. Paths are relative, with "/"."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._touched: set[Path] = set()  # directories whose names changed
        self._made: list[Path] = []  # directories
        self._count = 0

    def prepare(self, path: str, content: bytes) -> Path:
        """Return a new file with the content, beside its place."""
        target = self._directory / path
        self._make_folder(target.parent)
        self._count += 1
        name = f".{_short(target.name)}.{os.getpid()}-{self._count}{_TEMPORARY}"
        temporary = target.with_name(name)
        try:
            # Created as the umask says, so that a web server may read it; never through a link.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
                file.write(content)
            _move_on(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        return temporary

    def put(self, ready: Mapping[str, Path]) -> None:
        """Put what was prepared in place, in order, once all of it is on the disk.

        So a full disk, and nearly every crash, leaves the whole site as it was.
        """
        for temporary in ready.values():  # together, which disks do faster than one by one
            _sync(temporary)
        for path, temporary in ready.items():
            target = self._directory / path
            temporary.replace(target)
            self._touched.add(target.parent)

    def discard(self, ready: Iterable[Path]) -> None:
        """Remove what was prepared and shall not be put in place, and folders made for it."""
        for temporary in ready:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):  # something was put in it
                folder.rmdir()

    def remove(self, path: str) -> bool:
        """Remove a file and the folders that it leaves empty; return whether it was there.

        What lies behind a link is left alone.
        """
        if any((self._directory / folder).is_symlink() for folder in folders_of(path)):
            return False
        target = self._directory / path
        try:
            target.unlink()
            self._touched.add(target.parent)
            removed = True
        except (NotADirectoryError, IsADirectoryError):
            return False
        except FileNotFoundError:  # a run that was killed has made the folder only, or not even it
            removed = False
        for folder in reversed(folders_of(path)):
            try:
                (self._directory / folder).rmdir()
            except OSError:  # not empty: it holds others of ours, or files of somebody else
                break
            self._touched.discard(self._directory / folder)
            self._touched.add((self._directory / folder).parent)
        return removed

    def sweep(self, paths: Iterable[str]) -> None:
        """Remove what a killed run left half-written beside these files and in the directory."""
        folders = {folder for path in paths for folder in folders_of(path)} | {""}
        for folder in sorted(folders):
            place = self._directory / folder
            if place.is_symlink() or not place.is_dir():
                continue
            for left in place.glob(f".*{_TEMPORARY}"):
                left.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            self._made.append(one)
            self._touched.add(one.parent)

    def sync(self) -> None:
        """Make the new names survive a power cut, once for each directory."""
        if os.name != "posix":
            return
        for folder in sorted(self._touched):
            if folder.is_dir():
                _sync(folder)


def folders_of(path: str) -> list[str]:
    """Return the folders that a path goes through, outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _move_on(temporary: Path, target: Path) -> None:
    """Give a file that takes the place of another a later second than that one has.

    Last-Modified counts in seconds, and who goes by it would miss what changes twice in one.
    """
    try:
        before = target.lstat().st_mtime
    except OSError:
        return
    if int(temporary.stat().st_mtime) <= int(before):
        os.utime(temporary, (int(before) + 1, int(before) + 1))


def _sync(place: Path) -> None:
    """Wait until a file, or the names in a directory, would survive a power cut."""
    handle = os.open(place, os.O_RDWR if place.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _short(name: str) -> str:
    """Return a part of a name that leaves room for what we add to it."""
    return name.encode()[:150].decode("utf-8", "ignore")
