"""What is kept in memory: up to a bound, and never what has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.web.shelf import LARGE, Kept, Shelf

WORDS = b"Some words that are said again and again. " * 200


def keep(shelf: Shelf, place: Path) -> Kept:
    return shelf.known(str(place)) or shelf.keep(str(place), place, place.name)


def test_it_holds_no_more_than_it_may_whatever_is_asked_for(tmp_path: Path) -> None:
    shelf = Shelf(most=100_000)
    for number in range(200):
        place = tmp_path / f"{number}.html"
        place.write_bytes(WORDS + b"%d" % number)
        kept = keep(shelf, place)
        for coding in ("gzip", "br"):
            assert shelf.form(str(place), kept, (coding, "identity")).body
        assert shelf.held <= 100_000
    assert shelf.held > 50_000
    assert shelf.known(str(tmp_path / "199.html"))
    assert shelf.known(str(tmp_path / "0.html")) is None


def test_what_was_asked_for_last_stays(tmp_path: Path) -> None:
    shelf = Shelf(most=50_000)
    often = tmp_path / "feed.atom"
    often.write_bytes(WORDS)
    for number in range(30):
        keep(shelf, often)
        place = tmp_path / f"{number}.html"
        place.write_bytes(WORDS)
        keep(shelf, place)
    assert shelf.known(str(often))


def test_nothing_is_counted_twice_or_left_over(tmp_path: Path) -> None:
    shelf = Shelf()
    place = tmp_path / "index.html"
    for number in range(20):
        place.write_bytes(WORDS + bytes(number))
        kept = keep(shelf, place)
        for _ in range(3):
            shelf.form(str(place), kept, ("gzip", "identity"))
    assert shelf.held < 3 * len(WORDS)
    place.unlink()
    assert shelf.known(str(place)) is None
    assert shelf.held == 0


def test_a_file_written_anew_is_read_anew_though_length_and_time_are_the_same(
    tmp_path: Path,
) -> None:
    shelf, place = Shelf(), tmp_path / "index.html"
    place.write_bytes(b"one")
    os.utime(place, (1000, 1000))
    first = keep(shelf, place)
    other = tmp_path / "other"
    other.write_bytes(b"two")
    os.utime(other, (1000, 1000))
    other.replace(place)
    assert shelf.known(str(place)) is None
    assert keep(shelf, place).digest != first.digest


def test_a_large_file_takes_no_room(tmp_path: Path) -> None:
    shelf, place = Shelf(), tmp_path / "talk.html"
    place.write_bytes(bytes(LARGE + 1))
    kept = keep(shelf, place)
    form = shelf.form(str(place), kept, ("br", "identity"))
    assert form.body is None
    assert ("Content-Length", str(LARGE + 1)) in form.headers
    assert shelf.held < 10_000


def test_links_and_folders_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder", "nothing"):
        with pytest.raises(OSError):  # noqa: PT011
            Shelf().keep(name, tmp_path / name, name)
