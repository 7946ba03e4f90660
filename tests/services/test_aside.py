"""Bodies that wait for a reader, on disk."""

from __future__ import annotations

from pathlib import Path

from aggregator.fetch.room import STEP
from aggregator.services.aside import Body, Spool


def test_a_body_comes_back_from_the_disk_as_it_was(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1024
    body = Body(content, Spool(tmp_path))
    assert body.lay_aside()
    assert body.is_aside
    assert body.content() == content
    assert not body.is_aside
    assert [*tmp_path.iterdir()] == []


def test_what_waits_on_disk_is_bounded_together(tmp_path: Path) -> None:
    spool = Spool(tmp_path, size=5 * STEP)
    first, second = (Body(bytes(3 * STEP), spool) for _ in range(2))
    assert first.lay_aside()
    assert not second.lay_aside()
    first.close()
    assert second.lay_aside()
    second.close()
    second.close()
    assert spool.takes(5 * STEP)
    assert not spool.takes(1)


def test_a_small_body_and_one_that_finds_no_disk_wait_in_memory(tmp_path: Path) -> None:
    small = Body(bytes(STEP), Spool(tmp_path))
    nowhere = Spool(tmp_path / "missing", size=2 * STEP)
    other = Body(bytes(2 * STEP), nowhere)
    assert not small.lay_aside()
    assert not other.lay_aside()
    assert (small.content(), other.content()) == (bytes(STEP), bytes(2 * STEP))
    assert nowhere.takes(2 * STEP)
