"""Files into a directory: each whole or not at all, only what differs, only what is ours."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.disk import trouble_of
from aggregator.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows; two programs that publish at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

MANIFEST = ".aggregator-manifest.json"
FRONT = "index.html"  # written last: where it is, the rest is
_TEMPORARY = ".aggregator-tmp"  # ends the names of files that are being written


@dataclass(frozen=True, kw_only=True)
class WriteReport:
    """Which paths changed, in order, and how many did not have to."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def write_site(
    files: Mapping[str, bytes], directory: Path, *, keep: Collection[str] = ()
) -> WriteReport:
    """Make `directory` hold `files`, and none that an earlier call wrote and that is no longer due.

    Files of an earlier call below the folders `keep`, which end in "/", stay though not due.
    A manifest in the directory lists what is ours. Files of others are never touched: where one
    stands in the place of ours, nothing at all is written. Every file is replaced as a whole;
    one that has the right bytes is left alone. Raises OutputError.
    """
    for path in files:
        _check(path)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(directory):
            return _Writer(directory).write(files, tuple(keep))
    except OSError as error:
        raise _unwritten(directory, error) from error


def foreign(directory: Path, paths: Collection[str]) -> frozenset[str]:
    """Return those of `paths` where files of others stand. Raises OutputError."""
    try:
        ours = _Writer(directory).manifest()
    except OSError as error:
        raise _unwritten(directory, error) from error
    return frozenset(
        path for path in paths if path not in ours and os.path.lexists(directory / path)
    )


def _unwritten(directory: Path, error: OSError) -> OutputError:
    where = f"{error.filename}: " if error.filename else ""
    return OutputError(f"{directory} cannot be written: {where}{trouble_of(error)}")


class _Writer:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._touched: set[Path] = set()  # directories whose names changed

    def write(self, files: Mapping[str, bytes], keep: tuple[str, ...]) -> WriteReport:
        ours = self.manifest()
        self._refuse_foreign(files, ours)
        self._sweep({*files, *ours})
        due = [path for path in sorted(files, key=_later) if not self._holds(path, files[path])]
        # Ours before they exist: a run that is killed midway leaves no files of nobody.
        self._save_manifest({*ours, *files}, before=ours)
        self._replace({self._directory / path: files[path] for path in due})
        kept = {path for path in ours if path.startswith(keep)}
        removed = [path for path in sorted(ours - set(files) - kept) if self._remove(path)]
        self._save_manifest({*files, *kept}, before={*ours, *files})
        self._sync_touched()
        return WriteReport(
            written=tuple(due), removed=tuple(removed), unchanged=len(files) - len(due)
        )

    def manifest(self) -> frozenset[str]:
        path = self._directory / MANIFEST
        try:
            listed = json.loads(path.read_bytes())["files"]
            return frozenset(name for name in listed if isinstance(name, str) and _is_safe(name))
        except FileNotFoundError:
            return frozenset()
        except (ValueError, TypeError, KeyError) as error:
            raise OutputError(
                f"{path} is damaged, so our files cannot be told from yours. Delete it and "
                "everything that an earlier `publish` wrote beside it, or publish to an empty "
                "directory with --to"
            ) from error

    def _save_manifest(self, paths: Collection[str], *, before: Collection[str]) -> None:
        if set(paths) == set(before) and (self._directory / MANIFEST).exists():
            return
        text = json.dumps({"version": 1, "files": sorted(paths)}, indent=1, ensure_ascii=False)
        self._replace({self._directory / MANIFEST: (text + "\n").encode()})

    def _refuse_foreign(self, files: Mapping[str, bytes], ours: Collection[str]) -> None:
        for path in sorted(files):
            self._refuse_detours(path)
            target = self._directory / path
            if path not in ours and os.path.lexists(target) and not self._holds(path, files[path]):
                raise OutputError(
                    f"{target} was not written by this program, so it is left alone and nothing "
                    "was written. Move it away, or publish to another directory with --to or "
                    "`output` in feeds.yaml"
                )

    def _refuse_detours(self, path: str) -> None:
        """Raise when a folder on the way is a link, which could lead out, or a file."""
        for folder in _folders(path):
            place = self._directory / folder
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                kind = "a symbolic link" if place.is_symlink() else "a file"
                raise OutputError(
                    f"{place} is {kind} where a folder of the site belongs, so nothing was "
                    "written. Move it away, or publish to another directory with --to"
                )

    def _holds(self, path: str, content: bytes) -> bool:
        target = self._directory / path
        try:
            if target.is_symlink() or target.stat().st_size != len(content):
                return False
            return target.read_bytes() == content
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return False

    def _replace(self, contents: Mapping[Path, bytes]) -> None:
        """Put all of these in place, in order, once every one of them lies ready on the disk.

        So a full disk, and nearly every crash, leaves the whole site as it was.
        """
        ready: dict[Path, Path] = {}
        try:
            for target, content in contents.items():
                self._make_folder(target.parent)
                ready[target] = self._prepared(target, content, len(ready))
            for temporary in ready.values():  # together, which disks do faster than one by one
                _sync(temporary)
            for target, temporary in ready.items():
                temporary.replace(target)
                self._touched.add(target.parent)
        except BaseException:
            for temporary in ready.values():
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)
            raise

    def _prepared(self, target: Path, content: bytes, number: int) -> Path:
        """Return a new file with the content, beside its place."""
        name = f".{_short(target.name)}.{os.getpid()}-{number}{_TEMPORARY}"
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

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            self._touched.add(one.parent)

    def _remove(self, path: str) -> bool:
        if any((self._directory / folder).is_symlink() for folder in _folders(path)):
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
        for folder in reversed(_folders(path)):
            try:
                (self._directory / folder).rmdir()
            except OSError:  # not empty: it holds others of ours, or files of somebody else
                break
            self._touched.discard(self._directory / folder)
            self._touched.add((self._directory / folder).parent)
        return removed

    def _sweep(self, paths: Iterable[str]) -> None:
        """Remove what a killed run left half-written; the lock says that none is running."""
        folders = {folder for path in paths for folder in _folders(path)} | {""}
        for folder in sorted(folders):
            place = self._directory / folder
            if place.is_symlink() or not place.is_dir():
                continue
            for left in place.glob(f".*{_TEMPORARY}"):
                left.unlink(missing_ok=True)

    def _sync_touched(self) -> None:
        """Make the new names survive a power cut, once for each directory."""
        if os.name != "posix":
            return
        for folder in sorted(self._touched):
            if folder.is_dir():
                _sync(folder)


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


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Wait until no other program writes into the directory."""
    if fcntl is None:
        yield
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _check(path: str) -> None:
    if not _is_safe(path):
        raise OutputError(f"{path!r} is no path below the published directory")


def _is_safe(path: str) -> bool:
    parts = path.split("/")
    odd = any(char in "\\:" or not char.isprintable() for char in path)
    return path != MANIFEST and not odd and not any(part in ("", ".", "..") for part in parts)


def _folders(path: str) -> list[str]:
    """Return the folders that a path goes through, outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _short(name: str) -> str:
    """Return a part of a name that leaves room for what we add to it."""
    return name.encode()[:150].decode("utf-8", "ignore")


def _later(path: str) -> tuple[bool, bool, str]:
    """Sort key: pages before the feeds and lists that point at them, the front page last."""
    return path == FRONT, "/" not in path and path != "style.css", path
