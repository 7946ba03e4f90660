"""Opening the SQLite file: created once, migrated when old, refused when newer or damaged."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3 as python_sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, text

from aggregator.disk import is_read_only
from aggregator.errors import DamagedDatabase, NewerDatabase, StorageError
from aggregator.storage.tables import SCHEMA_VERSION
from aggregator.storage.trouble import storage_errors

MIGRATIONS = Path(__file__).parent / "migrations"

# Before this, two processes could damage a WAL file when a checkpoint met a write.
SAFE_SQLITE = (3, 51, 3)

BUSY_SECONDS = 10.0


def sqlite_module() -> ModuleType:
    """Return the newest sqlite3 module at hand: the bundled one, else Python's own."""
    try:
        import pysqlite3
    except ImportError:
        return python_sqlite3
    bundled: ModuleType = pysqlite3
    if bundled.sqlite_version_info > python_sqlite3.sqlite_version_info:
        return bundled
    return python_sqlite3


def open_database(path: Path) -> Engine:
    """Return an engine on the database at `path`, made or brought up to date as needed.

    Where nothing can be written it can be read all the same. Raises StorageError when it is no
    database, damaged or cannot be made, and NewerDatabase when a newer program has written it.
    """
    with storage_errors(path):
        if not path.exists():
            _create(path)
        if path.is_dir():
            raise StorageError(
                f"{path} is a folder where the database belongs",
                "move it away, or set `data:` in feeds.yaml elsewhere",
            )
        if path.stat().st_size == 0:
            # SQLite would take it for a new, empty database and the loss would go unnoticed.
            raise DamagedDatabase(
                f"{path} is empty, so the posts and entries it held are gone",
                "put a backup in its place, or delete the file to begin anew",
            )
        if is_read_only(path):
            return _open_for_reading(path)
        engine = _engine(path)
        try:
            with engine.execution_options(single=True).connect() as connection:
                present = _schema_version(connection)
                # A copy that was restored may be in another mode, in which readers wait.
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            if present != SCHEMA_VERSION:
                _migrate(path)
        except BaseException:
            engine.dispose()
            raise
        return engine


def _open_for_reading(path: Path) -> Engine:
    """Return an engine on a database that lies where nothing can be written."""
    log = path.with_name(path.name + "-wal")
    index = path.with_name(path.name + "-shm")
    mode = "ro"
    if not index.exists():
        # SQLite would have to make the log's index to read the log.
        if log.exists() and log.stat().st_size:
            raise StorageError(
                f"{path} lies on a file system that can only be read, with changes beside it in "
                f"{log.name} that were not written into it yet",
                "mount it so that it can be written, or copy both files elsewhere",
            )
        mode = "ro&immutable=1"
    engine = _engine(path, mode)
    try:
        with engine.connect() as connection:
            present = _schema_version(connection)
        if present != SCHEMA_VERSION:
            _refuse_newer(present, path)
            raise StorageError(
                f"{path} was written by an older version of this program, and cannot be brought "
                "up to date where it can only be read",
                "mount it so that it can be written",
            )
    except BaseException:
        engine.dispose()
        raise
    return engine


def _engine(path: Path, mode: str = "rw", *, foreign_keys: bool = True) -> Engine:
    module = sqlite_module()

    def connect() -> Any:
        connection = module.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            isolation_level=None,  # we say BEGIN ourselves, below
            check_same_thread=False,
            timeout=BUSY_SECONDS,
        )
        # FULL: an acknowledged save survives a power cut; NORMAL loses the last ones.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        module=module,
        # For an URL without a file SQLAlchemy would keep a connection per thread, and close
        # those of other threads while they are in use: seen as a segmentation fault.
        poolclass=QueuePool,
        # Kept open, for opening one costs more than most questions. A poll may have more threads,
        # most of which wait for servers; whoever finds none opens another, which is closed again.
        pool_size=40,
        max_overflow=-1,
        pool_use_lifo=True,  # each keeps what it has read in memory, so few of them should be used
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when somebody else
        # wrote in between, whatever the time-out says; so writers take the lock first.
        options = connection.get_execution_options()
        if not options.get("single"):
            begin = "BEGIN IMMEDIATE" if options.get("writes") else "BEGIN"
            connection.exec_driver_sql(begin)

    return engine


def _create(path: Path) -> None:
    """Make the database whole under another name, then give it its own, once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        _migrate(new, mode="rwc")
        with contextlib.closing(sqlite_module().connect(new)) as raw:
            raw.execute("PRAGMA journal_mode=WAL")
        with contextlib.suppress(FileExistsError):  # another process was quicker: its file stands
            os.link(new, path)
    finally:
        for leftover in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm"))):
            leftover.unlink(missing_ok=True)


def _schema_version(connection: Connection) -> str | None:
    tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    names = set(tables.scalars())
    if "alembic_version" not in names:
        if names:
            raise StorageError(
                "this is a database of some other program", "set `data:` in feeds.yaml elsewhere"
            )
        return None
    version: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return version


def _known_versions() -> set[str]:
    found = (
        re.match(r"(\w+?)_", file.name) for file in (MIGRATIONS / "versions").glob("[0-9]*.py")
    )
    return {match[1] for match in found if match}


def _refuse_newer(present: str | None, path: Path) -> None:
    """Raise NewerDatabase when this program does not know the schema."""
    if present is not None and present not in _known_versions():
        raise NewerDatabase(
            f"{path} was written by a newer version of this program (its schema is "
            f"{present}, this program knows {SCHEMA_VERSION})",
            "install the newer program, or put back a backup from before",
        )


def _migrate(path: Path, mode: str = "rw") -> None:
    """Bring the schema up to date, in one transaction: after a crash it is old or new."""
    # SQLite changes a table by making it anew, which rows that point at it would forbid.
    engine = _engine(path, mode, foreign_keys=False)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            _upgrade(connection, path)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    present = _schema_version(connection)  # again: another process may have migrated it
    if present == SCHEMA_VERSION:
        return
    _refuse_newer(present, path)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise StorageError(f"{path} cannot be brought up to date: {len(broken)} rows point nowhere")
