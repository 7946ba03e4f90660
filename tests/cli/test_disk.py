"""A disk that is full, or mounted for reading only, is called so, and what can be read is."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from aggregator.disk import trouble_at


def test_a_file_system_that_counts_nothing_is_not_full():
    assert os.statvfs("/proc").f_blocks == 0
    assert trouble_at(Path("/proc/absent")) is None


WRITING = """
    post new post.md | post publish the-council-blinked | poll | entry dismiss 1
    follow --no-check https://x.example/ | unfollow https://news.example/ | --config new.yaml init
    demo | move https://news.example/ https://new.example/ | import list.opml | export new.opml
""".replace("\n", "|")
READING = ["inbox", "inbox --json", "post show the-council-blinked", "post list", "feeds"]
READING += ["feeds --trouble", "status", "export"]


def commands(text: str) -> list[str]:
    return [words.strip() for words in text.split("|") if words.strip()]


@pytest.fixture
def used(folder, post_text):
    """Make it a folder that has a feed and a post, its database closed."""
    folder.follow("https://news.example/")
    folder.write("post.md", post_text)
    listed = '<outline text="X" xmlUrl="https://x.example/"/>'
    folder.write("list.opml", f'<opml version="2.0"><body>{listed}</body></opml>')
    folder.post(post_text)
    return folder


def test_a_full_disk_is_called_full_by_every_command(used, mounted):
    told = commands(WRITING) + READING
    for words, ran in zip(told, mounted("full", *told), strict=True):
        assert ran.code in (3, 4), (words, ran)
        ran.failed(ran.code, "the disk is full: free some space")


def test_a_full_disk_leaves_no_half_file_behind(folder, mounted):
    folder.config.unlink()
    assert [ran.code for ran in mounted("full", "init", "init", "demo", "demo")] == [4] * 4


def test_what_cannot_be_written_can_be_read(used, mounted):
    used.run("publish").went_well()  # what is published for the first time has to be written down
    usual = [used.run_afresh(*words.split()).went_well().out for words in READING]
    ran = mounted("read-only", *READING, "post show the-council-blinked --html", "publish --to x")
    assert [one.went_well().out for one in ran[: len(READING)]] == usual
    ran[-2].went_well()
    ran[-1].failed(4, "x cannot be written", "can only be read: mount it")


def test_a_read_only_mount_is_called_so_by_whatever_would_write(used, mounted):
    told = commands(WRITING.replace("entry dismiss 1", ""))
    for words, ran in zip(told, mounted("read-only", *told), strict=True):
        assert ran.code in (3, 4), (words, ran)
        ran.failed(ran.code, "can only be read: mount it")


def test_a_log_that_cannot_be_read_is_not_passed_over(used, mounted):
    with sqlite3.connect(used.database) as kept:
        kept.execute("UPDATE posts SET slug = 'another'")
        kept.commit()
        aside = {end: (used.data / f"aggregator.sqlite{end}").read_bytes() for end in ("", "-wal")}
    kept.close()
    for end, content in aside.items():
        (used.data / f"aggregator.sqlite{end}").write_bytes(content)
    (used.data / "aggregator.sqlite-shm").unlink(missing_ok=True)
    [ran] = mounted("read-only", "post list")
    ran.failed(4, "aggregator.sqlite-wal", "mount it")
    assert "another" in used.run("post", "list").out


@pytest.mark.parametrize(
    ("kind", "words"), [("full", "free some space"), ("read-only", "mount it so")]
)
def test_doctor_speaks_of_a_backup_only_where_one_helps(used, mounted, kind, words):
    [ran] = mounted(kind, "doctor")
    assert ran.code == (4 if kind == "full" else 1)
    assert "the site cannot be written" in ran.out
    assert "put a backup" not in ran.out
    assert ran.out.count(words) == 2  # for the site, and for the database


def test_doctor_tells_a_newer_database_and_a_folder_from_a_damaged_file(used):
    with sqlite3.connect(used.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    ran = used.run("doctor")
    assert ran.code == 4
    assert "install the newer program" in ran.out
    assert "move it away and run" not in ran.out
    used.database.unlink()
    used.database.mkdir()
    ran = used.run("doctor")
    assert ran.code == 4
    assert "is a folder where the database belongs" in ran.out
    assert "backup" not in ran.out
    used.database.rmdir()
    used.database.write_text("a letter to somebody")
    ran = used.run("doctor")
    assert ran.code == 4
    assert "this is no database" in ran.out
    assert "move it away and run: aggregator poll" in ran.out


def test_a_file_in_the_place_of_the_data_folder_is_told_with_the_way_out(folder):
    folder.data.write_text("a file where the folder should be")
    folder.run("poll").failed(4, str(folder.data), "a file stands where a folder", "`data:`")
