"""Scripts can rely on exit codes, and people on one clear sentence without a traceback."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys

import pytest

from servers import response, serving

READING = [["poll"], ["inbox"], ["post", "list"], ["feeds"], ["publish"], ["inbox", "--json"]]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["post", "show", "nope"], "aggregator post list"),
        (["post", "edit", "nope", "-"], "aggregator post list"),
        (["post", "publish", "nope"], "aggregator post list"),
        (["post", "withdraw", "nope"], "aggregator post list"),
        (["post", "update", "nope", "-"], "aggregator post list"),
        (["post", "new", "absent.md"], "absent.md"),
        (["post", "new"], "EDITOR"),
        (["post", "new", "--from", "99"], "aggregator inbox"),
        (["post", "publish", "x", "--at", "soon"], "2026-03-31T14:05"),
        (["entry", "show", "99"], "aggregator inbox --all"),
        (["entry", "dismiss", "99"], "aggregator inbox --all"),
        (["poll", "https://nobody.example/"], "aggregator follow https://nobody.example/"),
        (["unfollow", "https://nobody.example/"], "is not followed"),
        (["feeds", "--release", "https://nobody.example/"], "aggregator feeds"),
        (["inbox", "--limit", "-1"], "--limit"),
        (["inbox", "--limit", "x"], "--limit"),
        (["inbox", "--limit", "9" * 20], "--limit"),
        (["inbox", "--feed", "https://nobody.example/"], "aggregator feeds"),
        (["entry", "show", "9" * 20], "not in the range"),
        (["entry", "dismiss", "1", "9" * 20], "not in the range"),
        (["entry", "star", "0"], "not in the range"),
        (["post", "new", "--from", "9" * 20], "not in the range"),
        (["poll", "http://["], "is not followed"),
        (["unfollow", "http://["], "is not followed"),
        (["run", "--tick", "nan"], "--tick"),
        (["run", "--tick", "inf"], "--tick"),
        (["run", "--tick", "1e300"], "--tick"),
        (["run", "--tick", "0"], "--tick"),
        (["follow", "foo"], "did you mean https://foo?"),
        (["follow", ""], "expected the http:// or https:// address"),
        (["follow", "ftp://x.example/"], "expected the http:// or https:// address"),
        (["follow", "mailto:a@x.example"], "expected the http:// or https:// address"),
        (["follow", "http://["], "expected the http:// or https:// address"),
        (["follow", "https://ana:secret@x.example/"], "without a user name or password"),
        (["follow", "--no-check", "notaurl"], "did you mean https://notaurl?"),
        (["follow", "--no-check", "x.example/feed"], "did you mean https://x.example/feed?"),
        (["follow", "https://-.example..com/"], "nothing was added"),
    ],
    ids=" ".join,
)
def test_a_wrong_name_is_wrong_usage(folder, words, hint):
    ran = folder.run(*words)
    ran.failed(2, hint)
    assert ran.out == ""


@pytest.mark.parametrize("named", [".", "", " ", "data/"])
def test_a_configuration_that_is_no_file_is_a_wrong_configuration(folder, named):
    folder.data.mkdir()
    for words in (["poll"], ["inbox"], ["doctor"], ["post", "new", "-"], ["init"]):
        ran = folder.run("-c", named, *words)
        assert ran.code == 3, ran
        assert "expected" in ran.out + ran.err
        assert "such as feeds.yaml" in ran.out + ran.err
    folder.run("inbox", AGGREGATOR_CONFIG=".").failed(3, "this is a folder")


def test_a_pipe_or_a_device_as_configuration_is_refused_at_once(folder):
    folder.config.unlink()
    os.mkfifo(folder.config)
    for named in ("feeds.yaml", "/dev/zero"):
        for words in (["poll"], ["doctor"], ["post", "new", "-"], ["follow", "https://x.example/"]):
            ran = folder.run_afresh("-c", named, *words, timeout=8)
            assert ran.code == 3, ran
            assert "pipe or a device" in ran.out + ran.err


def test_no_configuration_offers_to_write_one(folder):
    folder.config.unlink()
    folder.run("poll").failed(3, "feeds.yaml", "aggregator init")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("site: {title: X}\nfeeds:\n  - {url: 'ftp://x.example/'}\n", "feeds.yaml:3:6:"),
        ("feeds:\n  - {url: 'http://x.example/'\n", "feeds.yaml:2:5:"),
        ("feeds: []\npool: {interval: 1h}\n", "feeds.yaml:2:1:"),
    ],
)
def test_a_broken_configuration_is_told_with_its_place(folder, text, place):
    folder.config.write_text(text)
    for words in (["poll"], ["inbox"], ["doctor"], ["publish"]):
        ran = folder.run(*words)
        assert ran.code == 3, ran
        assert place in ran.err + ran.out
        assert "Traceback" not in ran.err


def test_a_damaged_database_is_refused_and_left_alone(folder):
    folder.data.mkdir()
    folder.database.write_bytes(b"these are not the bytes of a database" * 100)
    before = folder.database.read_bytes()
    for words in READING:
        ran = folder.run(*words)
        ran.failed(4, "aggregator.sqlite", "backup")
        assert ran.out == ""
    assert folder.database.read_bytes() == before


def test_an_emptied_database_is_not_taken_for_a_new_one(folder):
    folder.data.mkdir()
    folder.database.touch()
    folder.run("poll").failed(4, "backup")


def test_a_newer_database_is_refused(folder):
    folder.run("inbox").went_well()
    with sqlite3.connect(folder.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    folder.run("poll").failed(4, "newer version", "9999")


def test_a_folder_that_cannot_be_written_is_told(folder):
    folder.data.write_text("a file where the folder should be")
    folder.run("poll").failed(4, str(folder.data))
    folder.data.unlink()
    folder.output.write_text("a file where the folder should be")
    folder.run("publish").failed(4, str(folder.output))
    folder.run("--config", "/proc/feeds.yaml", "init").failed(4, "/proc/feeds.yaml")
    folder.run("demo", "/proc/demo").failed(4, "/proc/demo")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without rights")
def test_a_read_only_folder_is_told(folder, rss, tmp_path_factory):
    with serving(lambda request: response(200, rss("a"))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
        nobody = 65534
        for path in [folder.path, *folder.path.parents]:
            if path.stat().st_mode & 0o005 != 0o005 and path != folder.path:
                pytest.skip("others may not enter the folder of temporary files")
        command = [sys.executable, "-m", "aggregator", "poll", "--force"]
        try:
            ran = subprocess.run(
                command, cwd=folder.path, user=nobody, capture_output=True, text=True, check=False
            )
        except PermissionError:
            pytest.skip("others may not run this Python")
    assert ran.returncode == 4, ran
    assert "aggregator.sqlite" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_full_disk_loses_nothing_that_was_saved(folder, rss):
    titles = [f"A headline that takes some room {number} " + "x" * 500 for number in range(400)]
    state = {"body": rss("first")}
    with serving(lambda request: response(200, state["body"])) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
        state["body"] = rss("first", *titles)
        limit = folder.database.stat().st_size + 20_000

        def no_room() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        ran = subprocess.run(
            [sys.executable, "-m", "aggregator", "poll", "--force"],
            cwd=folder.path,
            preexec_fn=no_room,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert ran.returncode == 4, ran
        assert "Traceback" not in ran.stderr
    assert len(folder.run("inbox", "--json").went_well().json) == 1
    assert "is sound" in folder.run("doctor").out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", [["inbox", "--json"], ["inbox"], ["--help"]], ids=" ".join)
def test_an_output_that_cannot_be_written_is_told(folder, words):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ran = subprocess.run(
            [sys.executable, "-m", "aggregator", *words],
            cwd=folder.path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 4
    assert ran.stderr.startswith("aggregator: ")
    assert ran.stderr.count("\n") == 1


def test_a_reader_that_has_enough_is_no_error(folder):
    with folder.start("inbox", "--json") as process:
        process.stdout.close()
        process.wait(10)
        assert process.returncode == 0
        assert process.stderr.read() == ""
