"""Replacing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from aggregator.errors import ConfigError


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other edits by this program out of the file's folder while the block runs.

    Two `follow` at once would each write the file without the other's feed. Where folders
    cannot be locked, `replace_file` still notices most of such cases.
    """
    try:
        import fcntl  # not on every system

        folder = os.open(_target(path).parent, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def replace_file(path: Path, *, old: bytes, new: bytes) -> None:
    """Put `new` in the place of `old`; a link stays a link, the mode stays as it was.

    Whoever reads meanwhile sees one or the other. Raises ConfigError, and then the file is as
    it was: when it does not hold `old` any more, or cannot be written.
    """
    target = _target(path)
    try:
        before = target.stat()
        # The mode is asked, too: to the administrator every file is writable.
        if not before.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise PermissionError(13, "it is write-protected")
        descriptor, name = tempfile.mkstemp(
            prefix=f".{target.name}-", suffix=".new", dir=target.parent
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(new)
                file.flush()
                os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
                with contextlib.suppress(OSError):  # only the administrator may give files away
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fsync(file.fileno())
            if target.read_bytes() != old:
                raise ConfigError(
                    "the file was changed by somebody else just now; it was left as it is, "
                    "please try again",
                    path=path,
                )
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise ConfigError(
            f"the file cannot be written: {error.strerror or error}; it was left as it was",
            path=path,
        ) from error


def keep_copy(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read. Raises OSError, also when it is there."""
    path.parent.mkdir(exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems have no such thing
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
