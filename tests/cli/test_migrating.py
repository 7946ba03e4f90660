"""`post import` and `post export`, as their author runs them."""

from __future__ import annotations

import json

import pytest

from aggregator.publishing.manifest import NAME as MANIFEST

SITE = (
    'site: {title: "The test blog", base_url: "https://blog.example/", authors: [{name: Ana}]}\n'
    "feeds: []\n"
)
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Old",
    "items": [
        {
            "id": "one",
            "url": "https://old.example/one",
            "title": "One",
            "content_html": "<p>Said</p>",
            "date_published": "2020-01-01T00:00:00Z",
        },
        {"id": "https://old.example/two", "title": "Two", "content_text": "Undated"},
    ],
}


@pytest.fixture
def mine(folder):
    folder.config.write_text(SITE)
    folder.write("old.json", json.dumps(FEED))
    return folder


def test_an_import_tells_what_it_did_and_how_to_undo_it(mine):
    tried = mine.run("post", "import", "old.json", "--dry-run")
    assert "2 posts would be added; nothing was changed." in tried.out
    assert mine.run("post", "list", "--json").json == []

    ran = mine.run("post", "import", "old.json")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "2 posts added.",
        "1 of them without a date: drafts, which nobody sees.",
        "To undo this: aggregator post import --undo",
        "Next: aggregator publish",
    ]
    assert "1 id kept that are no addresses" in ran.err
    assert "2 here already." in mine.run("post", "import", "old.json").out

    mine.write("old.json", json.dumps(FEED).replace("Said", "Mended"))
    told = mine.run("post", "import", "old.json")
    assert "1 here with other words, left alone" in told.out
    assert "one  (item 1 (One))" in told.out
    assert "Said" in mine.run("post", "show", "one").out
    replaced = mine.run("post", "import", "old.json", "--replace")
    assert "1 post replaced" in replaced.out
    assert "Mended" in mine.run("post", "show", "one").out
    assert "Said" in mine.run("post", "show", "--revisions", "one").out

    undone = mine.run("post", "import", "--undo")
    assert "1 post of old.json taken out." in undone.out
    assert undone.code == 1
    assert "1 post changed since, and left alone" in undone.err


def test_a_broken_item_is_named_and_the_others_are_taken(mine):
    pins = [{"href": "nowhere", "description": "Bad"}, {"href": "https://n.example/"}]
    mine.write("pins.json", json.dumps(pins))
    ran = mine.run("post", "import", "pins.json")
    assert ran.code == 1
    assert "1 post added." in ran.out
    assert "item 1 (Bad): 'nowhere' is no address that begins with https://" in ran.err


def test_each_of_the_two_imports_knows_what_is_meant_for_the_other(mine):
    mine.run("import", "old.json").failed(1, "`aggregator post import` takes those over")
    mine.write("list.opml", '<opml version="2.0"><body><outline xmlUrl="x"/></body></opml>')
    mine.run("post", "import", "list.opml").failed(1, "`aggregator import` follows the feeds")
    mine.run("post", "import", "none.xml").failed(2, "none.xml")
    mine.run("post", "import").failed(2, "FILE|FOLDER")
    mine.run("post", "import", "https://old.example/feed").failed(2, "save", "as a file first")
    mine.run("post", "import", "--undo").failed(2, "no import is left")


def test_a_folder_and_an_archive_hold_all_posts_and_come_back_the_same(mine):
    mine.run("post", "import", "old.json")
    mine.run("publish")
    for target in ("all.zip", "all"):
        assert "2 posts written to" in mine.run("post", "export", "--to", target).out
    first = (mine.path / "all.zip").read_bytes()
    mine.run("post", "export", "--to", "all.zip")
    assert (mine.path / "all.zip").read_bytes() == first
    assert (mine.path / "all/posts/one.md").read_text() == mine.run("post", "show", "one").out
    assert "2 here already." in mine.run("post", "import", "all").out

    published = _bytes(mine.path / "public")
    (mine.path / "other").mkdir()
    mine.write("other/feeds.yaml", SITE)
    for target in ("../all.zip", "../all"):
        ran = mine.run("-c", "other/feeds.yaml", "post", "import", f"other/{target}")
        assert ran.code == 0
    mine.run("-c", "other/feeds.yaml", "publish")
    assert _bytes(mine.path / "other/public") == published

    mine.write("words.zip", "not ours")
    mine.run("post", "export", "--to", "words.zip").failed(2, "left as it is")


def test_drafts_never_get_into_a_published_site_nor_a_site_over_an_export(mine):
    mine.run("post", "import", "old.json")
    mine.run("publish")
    mine.run("publish", "--to", "site")
    for target in ("public", "public/posts", "public/all.zip", "site"):
        mine.run("post", "export", "--to", target).failed(2, "drafts")
    assert (mine.path / "site/index.html").exists()
    mine.run("post", "export", "--to", "all")
    mine.run("publish", "--to", "all").failed(2, "post export")
    assert (mine.path / "all/posts/one.md").exists()


def _bytes(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
