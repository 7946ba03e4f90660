"""`publish`: the whole site, and nothing touched that did not change."""

from __future__ import annotations

import contextlib
import re
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


def test_scheduled_posts_are_published_once_by_whoever_comes_first(folder, post_text):
    slugs = [folder.post(post_text) for _ in range(12)]
    for slug in slugs:
        folder.run("post", "publish", slug, "--at", "2999-01-01").went_well()
    with closing(sqlite3.connect(folder.database)) as raw, raw:
        raw.execute("UPDATE posts SET scheduled = '2021-01-01 00:00:00'")
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(folder.start("publish")) for _ in range(3)]
        told = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert "".join(err for _, err in told) == ""  # that one of them "stays scheduled", say
    published = re.findall(r"Published (\S+), scheduled", "".join(out for out, _ in told))
    assert sorted(published) == sorted(slugs)
    assert (folder.output / "feed.atom").read_text().count("<entry>") == 12


@pytest.mark.parametrize("to", [".", "..", "data", "./data/../data", "", " ", "link"])
def test_nothing_is_published_into_a_folder_that_holds_what_is_private(published, to):
    (published.path / "link").symlink_to(published.data)
    before = state(published.path)
    published.run("publish", "--to", to).failed(2, "--to", "expected", "folder")
    assert state(published.path) == before
    published.run("publish", "--to", "data-of-the-site").went_well()


@pytest.mark.parametrize("address", ["http://localhost:8000/", "http://127.0.0.1/", None])
def test_the_first_post_of_a_site_that_only_this_machine_reaches_is_warned_of(
    folder, post_text, address
):
    site = f"site: {{base_url: '{address}'}}\n" if address else ""
    folder.config.write_text(f"{site}feeds: []\n")
    first, second = folder.post(post_text), folder.post(post_text)
    ran = folder.run("post", "publish", first)
    assert ran.code == 0
    assert ran.out.startswith(f"Published {first}\n")
    assert "site.base_url" in ran.err
    assert "once and for all" in ran.err
    folder.run("post", "publish", second).went_well()  # it is known by then


def test_what_was_done_to_a_post_is_told_apart_from_the_site_that_was_not_written(
    folder, post_text
):
    slug = folder.post(post_text)
    folder.output.write_text("a file where the folder should be")
    name = folder.write("update.md", "They voted.\n")
    for words, done in (
        (("publish", slug), f"Published {slug}"),
        (("update", slug, name), f"Updated {slug}"),
        (("withdraw", slug), f"Withdrew {slug}"),
    ):
        ran = folder.run("post", *words)
        ran.failed(4, "move it away", "The post is saved", "`aggregator publish` does it")
        assert done in ran.out
    folder.output.unlink()
    assert "written" in folder.run("publish").went_well().out


def test_a_site_for_which_there_is_no_space_can_be_written_later(
    folder, post_text, mounted, tmp_path_factory
):
    data = tmp_path_factory.mktemp("data")
    folder.config.write_text(f"data: {data}\nsite: {{base_url: https://a.example}}\nfeeds: []\n")
    slug = folder.post(post_text)
    [ran] = mounted("full", f"post publish {slug}")
    ran.failed(4, "the disk is full: free some space", "`aggregator publish` does it")
    assert ran.out == f"Published {slug}\n"
    assert "written" in folder.run("publish").went_well().out


def test_a_site_that_cannot_be_written_is_told(published):
    published.write("site", "a file where the folder should be")
    published.run("publish", "--to", "site").failed(4, "site")
    published.run("publish", "--to", "/proc/site").failed(4, "/proc/site")
