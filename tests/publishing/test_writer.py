"""Files are whole, ours only, and touched only when they differ."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import threading
from pathlib import Path

import pytest

from aggregator.errors import OutputError
from aggregator.publishing.files import File, Files
from aggregator.publishing.manifest import UNFINISHED
from aggregator.publishing.writer import MANIFEST, write_site

FILES = {"index.html": b"one", "2026/03/a/index.html": b"two", "tags/x/feed.atom": b"three"}


def on_disk(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_everything_is_written_and_listed(tmp_path: Path) -> None:
    report = write_site(FILES, tmp_path / "deep" / "public")
    assert on_disk(tmp_path / "deep" / "public") == FILES
    assert sorted(report.written) == sorted(FILES)
    assert (report.removed, report.unchanged) == ((), 0)


def test_what_is_unchanged_keeps_its_time(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    report = write_site({**FILES, "index.html": b"new"}, tmp_path)
    assert report.written == ("index.html",)
    assert report.unchanged == 2
    assert (tmp_path / "tags/x/feed.atom").stat().st_mtime == 1
    assert (tmp_path / "index.html").read_bytes() == b"new"


def test_what_is_to_be_kept_stays_and_stays_ours(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    assert write_site({"index.html": b"one"}, tmp_path, keep=["2026/03/a/"]).removed == (
        "tags/x/feed.atom",
    )
    assert (tmp_path / "2026/03/a/index.html").read_bytes() == b"two"
    assert write_site({"index.html": b"one"}, tmp_path).removed == ("2026/03/a/index.html",)


def test_stale_files_go_with_their_empty_folders_and_foreign_ones_stay(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    (tmp_path / "robots.txt").write_bytes(b"mine")
    (tmp_path / "tags/x/mine.txt").write_bytes(b"mine")
    report = write_site({"index.html": b"one"}, tmp_path)
    assert report.removed == ("2026/03/a/index.html", "tags/x/feed.atom")
    assert on_disk(tmp_path) == {
        "index.html": b"one",
        "robots.txt": b"mine",
        "tags/x/mine.txt": b"mine",
    }
    assert not (tmp_path / "2026").exists()


def test_a_site_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"hand-made")
    with pytest.raises(OutputError, match="--to"):
        write_site(FILES, tmp_path)
    assert on_disk(tmp_path) == {"index.html": b"hand-made"}
    assert not (tmp_path / MANIFEST).exists()


def test_a_foreign_file_in_our_place_is_not_written_over_later_either(tmp_path: Path) -> None:
    write_site({"index.html": b"one"}, tmp_path)
    (tmp_path / "feed.atom").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"feed\.atom"):
        write_site({"index.html": b"two", "feed.atom": b"ours"}, tmp_path)
    assert on_disk(tmp_path) == {"index.html": b"one", "feed.atom": b"mine"}


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "a//b", ".", "", "a\\b", "c:x", "a\0b", MANIFEST]
)
def test_no_path_leads_out_of_the_directory(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutputError):
        write_site({path: b"x"}, tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_a_manifest_cannot_have_files_outside_removed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"x")
    public = tmp_path / "public"
    write_site(FILES, public)
    listed = {"version": 1, "files": ["../victim", str(tmp_path / "victim"), 7, *FILES]}
    (public / MANIFEST).write_text(json.dumps(listed))
    write_site(FILES, public)
    assert (tmp_path / "victim").exists()


def test_a_damaged_manifest_is_told(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    (tmp_path / MANIFEST).write_bytes(b"{")
    with pytest.raises(OutputError, match="damaged"):
        write_site(FILES, tmp_path)


def test_links_are_not_followed_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    public = tmp_path / "public"
    public.mkdir()
    (public / "tags").symlink_to(outside)
    with pytest.raises(OutputError, match="symbolic link"):
        write_site(FILES, public)
    assert list(outside.iterdir()) == []


def test_a_folder_that_became_a_link_is_told_though_nothing_in_it_is_due(tmp_path: Path) -> None:
    public = tmp_path / "public"
    files = Files({path: File("same", lambda text=text: text) for path, text in FILES.items()})
    write_site(files, public)
    (public / "tags").rename(tmp_path / "elsewhere")
    (public / "tags").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="tags is a symbolic link"):
        write_site(files, public)


def test_a_linked_file_of_ours_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    public = tmp_path / "public"
    write_site(FILES, public)
    (tmp_path / "target").write_bytes(b"one")
    (public / "index.html").unlink()
    (public / "index.html").symlink_to(tmp_path / "target")
    write_site({**FILES, "index.html": b"new"}, public)
    assert (tmp_path / "target").read_bytes() == b"one"
    assert not (public / "index.html").is_symlink()


def test_stale_files_behind_a_link_are_left_alone(tmp_path: Path) -> None:
    public, outside = tmp_path / "public", tmp_path / "outside"
    write_site(FILES, public)
    (public / "tags").rename(outside)
    (public / "tags").symlink_to(outside)
    assert write_site({"index.html": b"one"}, public).removed == ("2026/03/a/index.html",)
    assert (outside / "x/feed.atom").exists()


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    (tmp_path / UNFINISHED).write_text('{"files": ["tags/y/feed.atom"]}')
    (tmp_path / "tags/y").mkdir()
    (tmp_path / "tags/y/feed.atom").write_bytes(b"ha")
    (tmp_path / ".index.html.123.aggregator-tmp").write_bytes(b"ha")
    (tmp_path / "tags/x/.feed.atom.9.aggregator-tmp").write_bytes(b"ha")
    write_site(FILES, tmp_path)
    assert on_disk(tmp_path) == FILES


def test_a_folder_where_a_file_belongs_is_told(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OutputError, match=r"index\.html"):
        write_site(FILES, tmp_path)


def test_a_file_where_a_folder_belongs_is_told(tmp_path: Path) -> None:
    (tmp_path / "tags").write_bytes(b"x")
    with pytest.raises(OutputError, match="tags"):
        write_site(FILES, tmp_path)


def test_a_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "public").write_bytes(b"x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_site(FILES, tmp_path / "public")


def test_the_front_page_is_written_when_all_else_is_there(tmp_path: Path) -> None:
    files = {**FILES, "zebra.txt": b"four"}
    assert write_site(files, tmp_path).written == (
        "2026/03/a/index.html",
        "tags/x/feed.atom",
        "zebra.txt",
        "index.html",
    )


def test_what_changes_twice_in_a_second_gets_another_second(tmp_path: Path) -> None:
    """Last-Modified counts in seconds: who goes by it would miss the second change."""
    seconds = []
    for n in range(4):
        write_site({**FILES, "index.html": b"%d" % n}, tmp_path)
        seconds.append(int((tmp_path / "index.html").stat().st_mtime))
    assert seconds == sorted(set(seconds))


def _write_with_room_for_little(directory: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with pytest.raises(OutputError, match="File too large"):
        write_site({**FILES, "2026/03/a/index.html": b"new", "zebra.txt": b"x" * 2000}, directory)


def test_without_space_for_all_of_it_nothing_is_changed(tmp_path: Path) -> None:
    write_site(FILES, tmp_path)
    process = multiprocessing.get_context("fork").Process(
        target=_write_with_room_for_little, args=(tmp_path,)
    )
    process.start()
    process.join()
    assert process.exitcode == 0
    assert on_disk(tmp_path) == FILES


def test_long_names_that_begin_alike_are_kept_apart(tmp_path: Path) -> None:
    files = {f"{'n' * 200}{number}.html": b"%d" % number for number in range(3)}
    write_site(files, tmp_path)
    assert on_disk(tmp_path) == files


def test_files_may_be_read_by_a_web_server(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_site(FILES, tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "index.html").stat().st_mode & 0o777 == 0o644


def test_readers_always_see_a_whole_file(tmp_path: Path) -> None:
    contents = [bytes([65 + n]) * 200_000 for n in range(2)]
    write_site({"index.html": contents[0]}, tmp_path)
    torn: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen = (tmp_path / "index.html").read_bytes()
            if seen not in contents:
                torn.append(len(seen))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(40):
        write_site({"index.html": contents[n % 2]}, tmp_path)
    done.set()
    reader.join()
    assert torn == []


def _write_for_ever(directory: Path) -> None:
    n = 0
    while True:
        n += 1
        write_site({f"p/{i}.html": b"%d" % n * 5000 for i in range(30)}, directory)


def test_a_run_that_is_killed_leaves_whole_files_and_the_next_one_tidies_up(tmp_path: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_write_for_ever, args=(tmp_path,))
    process.start()
    threading.Event().wait(0.25)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    for path, content in on_disk(tmp_path).items():
        if not path.endswith((".aggregator-tmp", UNFINISHED)):
            assert len(content) % 5000 == 0
            assert len(content) > 0
    write_site(FILES, tmp_path)
    assert on_disk(tmp_path) == FILES


def test_two_programs_at_once_do_each_other_no_harm(tmp_path: Path) -> None:
    failures: list[OutputError] = []

    def write(n: int) -> None:
        try:
            for _ in range(5):
                write_site({f"{i}.html": b"%d" % n for i in range(10)}, tmp_path)
        except OutputError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(on_disk(tmp_path).values())) == 1
