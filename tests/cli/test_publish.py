"""`publish`: the whole site, and nothing touched that did not change."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from servers import response, serving


@pytest.fixture
def published(folder, post_text):
    folder.run("post", "publish", folder.post(post_text), "--no-site").went_well()
    return folder


def state(path):
    return {
        str(file.relative_to(path)): (file.stat().st_mtime_ns, file.stat().st_ino)
        for file in path.rglob("*")
        if file.is_file()
    }


def test_the_promised_paths_are_written(published):
    ran = published.run("publish", "--to", "site").went_well()
    assert "written" in ran.out
    site = published.path / "site"
    names = set(state(site))
    assert {"feed.atom", "feed.rss", "feed.json", "river.atom", "blogroll.opml"} <= names
    assert {"index.html", "tags/city/feed.atom"} <= names
    assert any(name.endswith("/the-council-blinked/index.html") for name in names)
    assert "The council blinked" in (site / "feed.atom").read_text()
    assert not published.output.exists()


def test_a_second_run_touches_nothing(published):
    published.run("publish", "--to", "site").went_well()
    before = state(published.path / "site")
    assert "nothing changed" in published.run("publish", "--to", "site").went_well().out
    assert state(published.path / "site") == before


def test_an_update_reaches_the_site(published):
    published.run("publish").went_well()
    published.run("post", "update", "the-council-blinked", "-", stdin="They voted.").went_well()
    assert "They voted." in (published.output / "feed.atom").read_text()
    published.run("post", "withdraw", "the-council-blinked").went_well()
    assert "They voted." not in (published.output / "feed.atom").read_text()


def test_what_is_followed_is_in_the_river(folder, rss):
    with serving(lambda request: response(200, rss("From elsewhere"))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
    folder.run("publish").went_well()
    assert "From elsewhere" in (folder.output / "river.atom").read_text()
    assert "From elsewhere" not in (folder.output / "feed.atom").read_text()


def test_a_scheduled_post_that_cannot_be_published_is_told_and_stops_no_other(folder, post_text):
    slugs = [folder.post(post_text) for _ in range(2)]
    for slug in slugs:
        folder.run("post", "publish", slug, "--at", "2999-01-01").went_well()
    with closing(sqlite3.connect(folder.database)) as raw, raw:
        raw.execute("UPDATE posts SET scheduled = '2021-01-01 00:00:00'")
        broken = post_text + "\n<!-- ask Ana -->\n"
        raw.execute("UPDATE posts SET document = ? WHERE slug = ?", (broken, slugs[0]))
    ran = folder.run("publish")
    ran.failed(1, f"{slugs[0]} stays scheduled: line 11", f"aggregator post edit {slugs[0]}")
    assert f"Published {slugs[1]}" in ran.out
    statuses = {post["slug"]: post["status"] for post in folder.run("post", "list", "--json").json}
    assert statuses == {slugs[0]: "scheduled", slugs[1]: "published"}


def test_a_site_that_cannot_be_written_is_told(published):
    published.write("site", "a file where the folder should be")
    published.run("publish", "--to", "site").failed(4, "site")
    published.run("publish", "--to", "/proc/site").failed(4, "/proc/site")
