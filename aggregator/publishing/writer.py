"""Files into a directory: each whole or not at all, only what differs, only what is ours."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.disk import trouble_of
from aggregator.errors import OutputError
from aggregator.publishing import manifest
from aggregator.publishing.files import Files
from aggregator.publishing.ledger import Ledger
from aggregator.publishing.manifest import UNKNOWN, Known
from aggregator.publishing.placing import Placer, folders_of

try:
    import fcntl
except ImportError:  # Windows; two programs that publish at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

MANIFEST = manifest.NAME
FRONT = "index.html"  # written last: where it is, the rest is


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """Which paths changed, in order, and how many did not have to.

    `digests` are of all that is there now, by path: SHA-256 in hexadecimal digits.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    digests: Mapping[str, str]


class Output:
    """A directory that no other program publishes to meanwhile."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(
        self,
        files: Mapping[str, bytes],
        *,
        keep: Collection[str] = (),
        yielding: Collection[str] = (),
        anew: bool = False,
    ) -> WriteReport:
        """Make it hold `files`, and none that an earlier call wrote and that is no longer due.

        Files of an earlier call that `keep` names, or that lie below its folders, which end in
        "/", stay though not due. A manifest in the directory lists what is ours. Files of others
        are never touched: where one stands in the place of ours, it stays if `yielding` has the
        path, else nothing at all is written. Every file is replaced as a whole; one that has the
        right bytes is left alone. Of `Files`, those whose stamp is the one they were written with
        are not even made, unless their size or time of change says that somebody else had a hand
        in them, or all are wanted `anew`. Raises OutputError, and what making a file raises.
        """
        for path in files:
            if not manifest.is_safe(path):
                raise OutputError(f"{path!r} is no path below the published directory")
        with _told(self._directory):
            writer = _Writer(self._directory, anew)
            return writer.write(files, tuple(keep), frozenset(yielding))


@contextlib.contextmanager
def output(directory: Path) -> Iterator[Output]:
    """Wait for one's turn to publish to a directory, which is made if need be; give it.

    What is published has to be read within: else a program that began before another, and
    ends after it, would bring back what that one took away. Raises OutputError.
    """
    with _told(directory):
        new = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
        handle = _locked(directory)
    try:
        yield Output(directory)
    except BaseException:
        if new:
            with contextlib.suppress(OSError):  # something was put in it
                directory.rmdir()
        raise
    finally:
        if handle is not None:
            os.close(handle)


def write_site(files: Mapping[str, bytes], directory: Path, **ways: Any) -> WriteReport:
    """Have a directory hold `files`; see `Output.write`, which also names the `ways`."""
    with output(directory) as place:
        return place.write(files, **ways)


@contextlib.contextmanager
def _told(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritten(directory, error) from error


def _unwritten(directory: Path, error: OSError) -> OutputError:
    where = f"{error.filename}: " if error.filename else ""
    return OutputError(f"{directory} cannot be written: {where}{trouble_of(error)}")


class _Writer:
    def __init__(self, directory: Path, anew: bool) -> None:
        self._directory, self._anew = directory, anew
        self._placer = Placer(directory)
        self._ledger = Ledger(directory, self._placer)

    def write(
        self, files: Mapping[str, bytes], keep: tuple[str, ...], yielding: frozenset[str]
    ) -> WriteReport:
        ours = self._ledger.files
        paths = [
            path
            for path in files
            if path in ours or path not in yielding or not os.path.lexists(self._directory / path)
        ]
        # The lock says that no other run is writing.
        self._refuse_detours(paths)
        self._placer.sweep(() if self._ledger.tidy else {*paths, *ours})
        stamp_of = files.stamp if isinstance(files, Files) else _unknown
        known = {path: self._unchanged(path, stamp_of(path)) for path in paths}
        doubtful = [path for path in sorted(paths, key=_later) if known[path] is None]
        self._refuse_foreign(doubtful, files)
        due: dict[str, Path] = {}  # where the new file lies ready
        placing = False
        now: dict[str, Known] = {path: one for path, one in known.items() if one}
        kept = {path: ours[path] for path in ours if path not in now and path.startswith(keep)}
        gone = sorted(set(ours) - set(paths) - set(kept))
        try:
            for path in doubtful:
                content = files[path]
                stamp, digest = stamp_of(path), hashlib.sha256(content).hexdigest()
                if (found := self._holds(path, content)) is None:
                    self._ledger.begin(paths)
                    due[path] = self._placer.prepare(path, content)
                    found = due[path].stat()
                now[path] = Known(stamp, found.st_size, found.st_mtime_ns, digest)
            if gone:
                self._ledger.begin(paths)
            placing = True
            self._placer.put(due)
        except BaseException:
            self._placer.discard(due.values())
            if not placing:
                self._ledger.forget()
            raise
        removed = tuple(path for path in gone if self._placer.remove(path))
        self._ledger.close(kept | now)
        self._placer.sync()
        return WriteReport(
            written=tuple(due),
            removed=removed,
            unchanged=len(paths) - len(due),
            digests={path: one.digest for path, one in now.items()},
        )

    def _unchanged(self, path: str, stamp: str) -> Known | None:
        """Return a file that is as we left it and would be made the same; None for any other."""
        known = self._ledger.files.get(path, UNKNOWN)
        if self._anew or not stamp or known.stamp != stamp:
            return None
        try:
            found = os.lstat(f"{self._directory}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        same = found.st_size == known.size and found.st_mtime_ns == known.modified
        return known if same and stat.S_ISREG(found.st_mode) else None

    def _refuse_foreign(self, paths: Sequence[str], files: Mapping[str, bytes]) -> None:
        for path in sorted(paths):
            target = self._directory / path
            foreign = path not in self._ledger.files and os.path.lexists(target)
            if foreign and self._holds(path, files[path]) is None:
                raise OutputError(
                    f"{target} was not written by this program, so it is left alone and nothing "
                    "was written. Move it away, or publish to another directory with --to or "
                    "`output` in feeds.yaml"
                )

    def _refuse_detours(self, paths: Iterable[str]) -> None:
        """Raise when a folder on the way is a link, which could lead out, or a file."""
        parents = {path.rpartition("/")[0] for path in paths if "/" in path}
        for folder in sorted({above for one in parents for above in folders_of(f"{one}/")}):
            place = f"{self._directory}/{folder}"
            try:
                mode = os.lstat(place).st_mode
            except (FileNotFoundError, NotADirectoryError):
                continue
            if not stat.S_ISDIR(mode):
                kind = "a symbolic link" if stat.S_ISLNK(mode) else "a file"
                raise OutputError(
                    f"{place} is {kind} where a folder of the site belongs, so nothing was "
                    "written. Move it away, or publish to another directory with --to"
                )

    def _holds(self, path: str, content: bytes) -> os.stat_result | None:
        """Return how a file stands that has this content already; None for any other."""
        target = self._directory / path
        try:
            found = target.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size != len(content):
                return None
            return found if target.read_bytes() == content else None
        except (FileNotFoundError, NotADirectoryError):
            return None


def _locked(directory: Path) -> int | None:
    """Wait until no other program writes into the directory; return what keeps it so."""
    if fcntl is None:
        return None
    while True:
        handle = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # Who failed at a first publication took its folder away, with the lock on it.
            if directory.exists() and os.path.samestat(os.fstat(handle), directory.stat()):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        directory.mkdir(parents=True, exist_ok=True)


def _unknown(_path: str) -> str:
    return ""


def _later(path: str) -> tuple[bool, bool, str]:
    """Sort key: pages before the feeds and lists that point at them, the front page last."""
    return path == FRONT, "/" not in path and path != "style.css", path
