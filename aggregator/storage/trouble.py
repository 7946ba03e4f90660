"""What SQLite and the disk complain about, translated once: what is wrong, and the way out."""

from __future__ import annotations

import contextlib
import sqlite3 as python_sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from aggregator.disk import FULL, Trouble, trouble_at, trouble_of
from aggregator.errors import DamagedDatabase, StorageError, Unstorable

_ELSEWHERE = ", or set `data:` in feeds.yaml elsewhere"

_DAMAGED = {
    "malformed": Trouble("the file is damaged", "put a backup in its place"),
    "not a database": Trouble("this is no database", f"put a backup in its place{_ELSEWHERE}"),
}
# What may be a full disk or a read-only mount as well, and what it is when it is neither.
_OF_THE_DISK = {
    "unable to open": "check that the folder exists and that this user may write there",
    "readonly": "make the file and its folder writable for this user",
    "disk i/o": "the disk reports errors; check it, then try again",
}


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Translate the database's and the disk's errors, naming the file and the way out."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise Unstorable(f"{path}: {error.orig}") from error
    except DBAPIError as error:
        raise _told(str(error.orig), path) from error
    except python_sqlite3.Error as error:
        raise _told(str(error), path) from error
    except SQLAlchemyError as error:
        raise StorageError(f"{path}: {error}") from error
    except (UnicodeError, OverflowError) as error:  # what no column can hold
        raise Unstorable(f"{path}: {error}") from error
    except OSError as error:
        what, way_out = trouble_of(error)
        raise StorageError(f"{error.filename or path}: {what}", way_out + _ELSEWHERE) from error


def _told(message: str, path: Path) -> StorageError:
    """Return what SQLite's message means for the file at `path`."""
    said = message.lower()
    for sign, (what, way_out) in _DAMAGED.items():
        if sign in said:
            return DamagedDatabase(f"{path}: {what} ({message})", way_out)
    if "full" in said:
        return StorageError(f"{path}: {FULL.what}", FULL.way_out)
    if "locked" in said:
        return StorageError(
            f"{path}: {message}", "another process is writing; try again in a moment"
        )
    for sign, way_out in _OF_THE_DISK.items():
        if sign not in said:
            continue
        if trouble := trouble_at(path):
            return StorageError(f"{path}: {trouble.what}", trouble.way_out)
        return StorageError(f"{path}: {message}", way_out)
    return StorageError(f"{path}: {message}")
