"""One database, and its transactions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from aggregator.disk import is_read_only
from aggregator.storage.engine import open_database
from aggregator.storage.trouble import storage_errors


class Database:
    """An open SQLite file. Every failure of it is raised as a StorageError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_database(path)
        self._writer = self._engine.execution_options(writes=True)
        self._asker = self._engine.execution_options(single=True)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def read_only(self) -> bool:
        """Whether it lies where nothing can be written."""
        return is_read_only(self._path)

    def check(self) -> list[str]:
        with self._reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        problems = [str(line) for line in found if line != "ok"]
        return problems + [f"{row[0]} row {row[1]} points at nothing" for row in broken]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with storage_errors(self._path), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _asking(self) -> Iterator[Connection]:
        """For a single question, which needs no transaction around it."""
        with storage_errors(self._path), self._asker.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with storage_errors(self._path), self._writer.begin() as connection:
            yield connection
