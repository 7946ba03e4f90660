"""What was made of posts, in a file of its own that may be deleted at any time.

It lies beside the database and not in it: it would make every backup ten times as large. Nothing
in it is trusted to be whole. Every row has a checksum, and a file that SQLite finds damaged is
thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any
from zlib import crc32

from aggregator.disk import is_read_only
from aggregator.storage.engine import sqlite_module

_SCHEMA = """
CREATE TABLE facts (key BLOB PRIMARY KEY, facts BLOB, summary BLOB, sum INTEGER) WITHOUT ROWID;
CREATE TABLE articles (
    key BLOB PRIMARY KEY, article BLOB, article_sum INTEGER, found BLOB, found_sum INTEGER
);
"""
_VERSION = crc32(_SCHEMA.encode()) >> 1  # another schema, another number
_BUSY_SECONDS = 5.0


class PostMemory:
    """`publishing.library.Memory`, kept by a SQLite file. It fails in silence: it only forgets.

    Threads may share it. After a failure it does without the file until facts are wanted again.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._sqlite = path, sqlite_module()
        self._lock = RLock()  # the desk publishes as well as the daemon around it
        self._connection: Any = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def facts(self) -> Mapping[bytes, tuple[Any, bytes]]:
        with self._lock:
            if self._connection is None:
                self._connection = self._opened()
            rows = self._rows("SELECT key, facts, summary, sum FROM facts")
        whole = [row for row in rows if row[3] is not None and _sum(*row[:3]) == row[3]]
        try:
            made = json.loads(b"[%b]" % b",".join([row[1] for row in whole]))
        except ValueError:
            return {}
        return {row[0]: (facts, row[2]) for row, facts in zip(whole, made, strict=True)}

    def article(self, key: bytes) -> Any:
        text = self._text("SELECT article, article_sum FROM articles WHERE key = ?", key)
        try:
            return None if text is None else json.loads(text)
        except (ValueError, RecursionError):
            return None

    def found(self, key: bytes) -> str | None:
        text = self._text("SELECT found, found_sum FROM articles WHERE key = ?", key)
        return None if text is None else text.decode("utf-8", "replace")

    def add(self, made: Sequence[tuple[bytes, bytes, bytes, bytes, bytes]]) -> None:
        articles = [
            (key, article, _sum(key, article), found, _sum(key, found))
            for key, _, _, article, found in made
        ]
        facts = [(key, facts, said, _sum(key, facts, said)) for key, facts, said, *_ in made]
        self._change(
            ("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)", articles),
            ("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)", facts),
        )

    def keep_only(self, keys: set[bytes]) -> None:
        with self._lock:
            if self._connection is None:
                self._connection = self._opened()
            for one in ("SELECT key FROM facts", "SELECT key FROM articles"):
                gone = [(key,) for (key,) in self._rows(one) if key not in keys]
                self._change(
                    ("DELETE FROM facts WHERE key = ?", gone),
                    ("DELETE FROM articles WHERE key = ?", gone),
                )

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            if self._connection is None:
                return []
            try:
                rows: list[Any] = self._connection.execute(statement, values).fetchall()
            except Exception as error:  # noqa: BLE001 - what is damaged may fail in any way
                self._give_up(error)
                return []
            return rows

    def _text(self, statement: str, key: bytes) -> bytes | None:
        for text, found in self._rows(statement, key):
            if found is not None and _sum(key, text) == found:
                return bytes(text)
        return None

    def _change(self, *changes: tuple[str, Sequence[tuple[Any, ...]]]) -> None:
        """Carry these out, all or none."""
        with self._lock:
            if self._connection is None or not any(rows for _, rows in changes):
                return
            try:
                with self._connection as connection:
                    for statement, rows in changes:
                        connection.executemany(statement, rows)
            except Exception as error:  # noqa: BLE001
                self._give_up(error)

    def _opened(self) -> Any:
        """Return a connection; None where nothing can be kept."""
        if is_read_only(self._path):
            return None
        for _ in range(2):
            try:
                return self._connected()
            except Exception as error:  # noqa: BLE001
                self._give_up(error)
        return None

    def _connected(self) -> Any:
        connection = self._sqlite.connect(
            self._path, timeout=_BUSY_SECONDS, check_same_thread=False
        )
        try:
            # Its loss costs a while, no words; a rollback journal saves it from a killed process.
            connection.execute("PRAGMA synchronous = OFF")
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                    raise self._sqlite.DatabaseError("made by another version")
                connection.executescript(
                    f"BEGIN EXCLUSIVE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
                )
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_up(self, error: Exception) -> None:
        """Do without from here on, and without the file if it is damaged.

        One that is only locked for longer than we wait, or on a full disk, may still be whole.
        """
        self.close()
        if not isinstance(error, (self._sqlite.OperationalError, OSError)):
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


def _sum(key: bytes, *texts: bytes) -> int | None:
    """Return a checksum; None of what is no text, which agrees with nothing."""
    try:
        made = crc32(key)
        for text in texts:
            made = crc32(text, made)
    except TypeError:
        return None
    return made
