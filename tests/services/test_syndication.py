"""Writing the site: what subscribers know a feed by never changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from aggregator.config.settings import Site
from aggregator.document import parse_document
from aggregator.services.desk import Desk
from aggregator.services.syndication import publish
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HERE = Site(base_url="https://blog.example/")
MOVED = Site(base_url="https://elsewhere.example/new/")
PATHS = [
    "river.atom",
    "corrections/feed.atom",
    *(
        f"{folder}{name}.atom"
        for folder in ("", "takeaways/", "tags/city/")
        for name in ("feed", "article-first")
    ),
]


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    yield opened
    opened.close()


def write(storage: SqlStorage, title: str, tag: str) -> None:
    desk = Desk(storage, HERE, clock=lambda: NOON)
    desk.publish(desk.new(f"---\ntitle: {title}\ntags: [{tag}]\n---\nWords.\n").slug)


def ids(
    storage: SqlStorage, folder: Path, *, site: Site = HERE, at: datetime = NOON
) -> dict[str, str]:
    """Return the id of every feed, by its path, and of the source that posts in the river name."""
    publish(storage, site, folder, clock=lambda: at)
    found = {}
    for path in folder.rglob("*.atom"):
        feed = etree.parse(path).getroot()
        name = path.relative_to(folder).as_posix()
        found[name] = feed.findtext("{*}id") or ""
        if source := feed.findtext("{*}entry/{*}source/{*}id"):
            found["source"] = source
    return found


def test_ids_are_minted_at_first_publication_and_survive_a_move(
    storage: SqlStorage, tmp_path: Path
) -> None:
    write(storage, "One", "city")
    before = ids(storage, tmp_path / "site")
    minted = {path: f"tag:blog.example,2026-03-31:{path}" for path in PATHS}
    assert before == minted | {"source": "tag:blog.example,2026-03-31:feed.atom"}
    write(storage, "Two", "budget")
    after = ids(storage, tmp_path / "site", site=MOVED, at=NOON + timedelta(days=9))
    new = after.pop("tags/budget/feed.atom")
    assert new == "tag:elsewhere.example,2026-04-09:new/tags/budget/feed.atom"
    assert after.pop("tags/budget/article-first.atom").startswith("tag:elsewhere.example,")
    assert after == before


def test_feeds_that_were_known_by_their_address_keep_it(
    storage: SqlStorage, tmp_path: Path
) -> None:
    write(storage, "One", "city")
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as raw, raw:
        raw.execute("INSERT INTO feed_ids VALUES ('feed.atom', NULL)")  # as an upgrade leaves it
    by_address = {path: f"https://blog.example/{path}" for path in PATHS}
    by_address["source"] = "https://blog.example/feed.atom"
    assert ids(storage, tmp_path / "site") == by_address
    assert ids(storage, tmp_path / "site", site=MOVED) == by_address
    write(storage, "Two", "budget")
    assert ids(storage, tmp_path / "site")["tags/budget/feed.atom"].startswith("tag:blog.example,")


def test_a_post_that_cannot_be_read_is_left_out_and_named(
    storage: SqlStorage, tmp_path: Path
) -> None:
    write(storage, "Good", "city")
    write(storage, "Bad", "city")
    before = storage.post("bad")
    storage.save_post(replace(before, document="---\ntitle: [\n---\n"), replaces=before)
    done = publish(storage, HERE, tmp_path / "public", clock=lambda: NOON)
    [problem] = done.problems
    assert "aggregator post edit bad" in problem
    feed = (tmp_path / "public" / "feed.atom").read_text()
    assert "Good" in feed
    assert "Bad" not in feed
