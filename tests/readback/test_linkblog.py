"""A real linkblog's posts and hostile ones: imported, published, read by programs of others.

`python -m benchmarks.readback` does the same with all of its posts.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import feedparser
import pytest

from benchmarks.readback.compare import REASONS, compared
from benchmarks.readback.hostile import WORDS
from benchmarks.readback.readers import ATOM, READERS
from benchmarks.readback.site import Built, archives, build, documents
from benchmarks.readback.told import Told
from benchmarks.readback.validity import faults_of

EVERY = 9  # 302 of 2,710 posts


@pytest.fixture(scope="module")
def built(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    linkblog = corpus / "linkblog" / "blogmarks.jsonl"
    return build(linkblog, tmp_path_factory.mktemp("linkblog"), every=EVERY)


def test_every_post_is_imported_and_once(built: Built) -> None:
    assert built.faults == []
    assert len(built.tags) == 302
    assert len(built.meant) == 302 + len(WORDS)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(reader.name, suffix) for reader in READERS.values() for suffix in reader.formats],
)
def test_readers_find_every_post_as_its_author_wrote_it(
    built: Built, name: str, suffix: str
) -> None:
    reader = READERS[name]
    if how := reader.missing():
        pytest.skip(f"{name} is not here: {how}")
    read = reader.read(built.public / f"feed{suffix}")
    row = compared(name, suffix, [read], built.meant, silent=reader.silent)
    assert row.unexplained == []
    assert row.entries == len(built.meant)


def test_archives_by_month_hold_every_post_as_its_author_wrote_it(built: Built) -> None:
    reader = READERS["sfeed"]
    if how := reader.missing():
        pytest.skip(f"sfeed is not here: {how}")
    read = [reader.read(path) for path in archives(built.public)]
    assert len(read) > 40
    row = compared("sfeed", ATOM, read, built.archived, silent=reader.silent)
    assert row.unexplained == []


def test_tags_and_the_article_are_told_as_well(built: Built) -> None:
    read = feedparser.parse((built.public / "feed.atom").read_bytes())
    entries = {entry.id: entry for entry in read.entries}
    for id_, tags in built.tags.items():
        assert {tag.label for tag in entries[id_].get("tags", [])} == tags
        related = [link.href for link in entries[id_].links if link.rel == "related"]
        assert related == [built.cited[id_]]


def test_feed_documents_of_every_kind_are_valid(corpus: Path, built: Built) -> None:
    paths = documents(built.public)
    assert len(paths) > 3000
    chosen = [path for path in paths if "hostile" in path.parts or path.parent == built.public]
    chosen += [*archives(built.public), *paths[::5]]
    assert list(faults_of(chosen, corpus / "schemas")) == []


def test_differences_between_readers_and_author_are_found() -> None:
    one = Told(id="a", title="AT&T", link="https://a.example/", words="cafÃ© <b> words")
    silent = ("author", "published", "updated")
    rows = {
        "same": [one],
        "lost": [],
        "twice": [one, one],
        "invented": [one, replace(one, id="b")],
        "shortened": [replace(one, words="cafÃ©")],
        "mended": [replace(one, words="café <b> words")],
        "untold": [replace(one, link=None)],
    }
    found = {
        kind: compared("feedparser", ATOM, [read], {"a": one}, silent=silent)
        for kind, read in rows.items()
    }
    assert {kind for kind, row in found.items() if not row.unexplained} == {"same", "mended"}
    assert found["mended"].columns["words"].explained == {REASONS[0].words: 1}
