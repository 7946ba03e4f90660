"""Opening the database: made once, migrated whole, refused when newer, empty or foreign."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aggregator.errors import NewerDatabase, StorageError
from aggregator.model.post import Post
from aggregator.storage import (  # noqa: F401 - their tables are among the metadata
    accounttables,
    drafttables,
    inboxtables,
)
from aggregator.storage.engine import MIGRATIONS, SAFE_SQLITE, open_database, sqlite_module
from aggregator.storage.sql import SqlStorage
from aggregator.storage.tables import SCHEMA_VERSION, metadata


def open_and_close(path: Path) -> None:
    open_database(path).dispose()


def test_a_new_database_is_made_with_its_folder_and_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "data" / "aggregator.sqlite"
    open_and_close(path)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (SCHEMA_VERSION,)
        ]
    assert [file.name for file in path.parent.iterdir() if ".new" in file.name] == []


def is_index(name: str) -> bool:
    return name == "search" or (name.startswith("search_") and name != "search_backlog")


def test_migrations_make_exactly_the_tables_the_program_uses(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite")
    with engine.connect() as connection:
        # SQLite keeps the index of words in tables of its own.
        ours = {"include_name": lambda name, kind, _: not (kind == "table" and is_index(name))}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), metadata) == []
    engine.dispose()


def test_the_schema_version_named_in_the_program_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [SCHEMA_VERSION]


def as_it_was_before(path: Path) -> sqlite3.Connection:
    """Return a connection to a database from before feeds had ids of their own."""
    open_and_close(path)
    raw = sqlite3.connect(path)
    raw.executescript(
        "DROP TABLE drafts;"
        "DROP TABLE unread; DROP TABLE progress; DROP TABLE search_backlog; DROP TABLE search;"
        "DROP TABLE given_tags; DROP TABLE filters; DROP TABLE deeds;"
        "DROP TRIGGER entries_come; DROP TRIGGER entries_return; DROP TRIGGER entries_leave;"
        "DROP TRIGGER entries_reword; DROP INDEX ix_entries_starred;"
        "DROP INDEX ix_entries_link_key;"
        "DROP TABLE sessions; DROP TABLE sign_in_links; DROP TABLE app_tokens;"
        "DROP TABLE failed_attempts; DROP TABLE users;"
        "DROP TABLE notices; DROP TABLE mention_sources;"
        "DROP TABLE feed_ids; ALTER TABLE posts DROP COLUMN saves;"
        "ALTER TABLE posts DROP COLUMN withdrawn; UPDATE alembic_version SET version_num = '0002';"
    )
    return raw


@pytest.mark.parametrize("used", [True, False])
def test_a_database_that_was_in_use_has_feeds_known_by_their_address(
    tmp_path: Path, used: bool
) -> None:
    path = tmp_path / "a.sqlite"
    with closing(as_it_was_before(path)) as raw, raw:
        if used:
            raw.execute(
                "INSERT INTO posts (slug, document, status, post_id, created, edited, published) "
                "VALUES ('a', 'words', 'published', 'tag:a', '2026-03-31', '2026-03-31', "
                "'2026-03-31 12:00:00')"
            )
    storage = SqlStorage(path, parse=lambda text: Post(title=text))
    assert storage.feed_ids() == ({"feed.atom": None} if used else {})
    assert [post.document for post in storage.posts()] == (["words"] if used else [])
    storage.close()


def test_an_acknowledged_save_is_on_the_disk(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_a_sqlite_without_the_wal_race_is_used_where_one_is_shipped() -> None:
    pytest.importorskip("pysqlite3", reason="no newer SQLite is packaged for this system")
    assert sqlite_module().sqlite_version_info >= SAFE_SQLITE


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    open_and_close(path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match=r"a\.sqlite was written by a newer version"):
        open_database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty, so the posts and entries it held are gone"),
        (b"title: this is no database\n" * 100, "not a database"),
    ],
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=message):
        open_database(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE notes (text)")
    with pytest.raises(StorageError, match="some other program"):
        open_database(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="data"):
        open_database(tmp_path / "data" / "a.sqlite")


def test_an_interrupted_migration_leaves_the_old_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    # As if a first migration had died: a table of the new schema is in the way.
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        raw.execute("CREATE TABLE posts (note TEXT)")
        raw.execute("INSERT INTO posts VALUES ('kept')")
    with pytest.raises(StorageError, match="already exists"):
        open_database(path)
    with closing(sqlite3.connect(path)) as raw:
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
        assert tables == {"alembic_version", "posts"}
        assert raw.execute("SELECT note FROM posts").fetchall() == [("kept",)]


def test_processes_that_start_at_once_make_one_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    context = multiprocessing.get_context("spawn")
    starters = [context.Process(target=open_database, args=(path,)) for _ in range(3)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(30)
    assert [starter.exitcode for starter in starters] == [0, 0, 0]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.sqlite"]
