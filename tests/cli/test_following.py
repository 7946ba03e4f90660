"""`init`, `follow`, `unfollow` and `doctor`: feeds.yaml stays its author's."""

from __future__ import annotations

import html
import json
import subprocess

import pytest

from servers import response, serving


def page(*paths: str) -> bytes:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{path}" href="{path}">'
        for path in paths
    )
    return f"<!doctype html><html><head>{links}</head><body>Hello</body></html>".encode()


@pytest.fixture
def server(rss):
    answers = {
        "/feed": lambda: response(200, rss("one", "two", "three", "four")),
        "/blog": lambda: response(200, page("/feed"), content_type="text/html"),
        "/both": lambda: response(200, page("/feed", "/comments"), content_type="text/html"),
        "/none": lambda: response(200, page(), content_type="text/html"),
    }
    with serving(lambda request: answers.get(request.target, lambda: response(404))()) as server:
        yield server


def test_follow_adds_a_line_and_keeps_every_comment(folder, server):
    before = "# Mine.\nfetch: {allow_networks: [127.0.0.0/8]}  # for tests\nfeeds:\n  # none yet\n"
    folder.config.write_text(before)
    url = server.url("/feed")
    ran = folder.run("follow", url, "--tag", "city", "--interval", "2h").went_well()
    assert f"aggregator unfollow {url}" in ran.out
    assert f"{url}, 4 entries" in ran.out
    assert "2026-03-31 13:00+00:00  four" in ran.out
    assert "  one" not in ran.out  # three headlines tell enough
    after = folder.config.read_text()
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(added) == 1
    assert url in added[0]
    assert "city" in added[0]
    assert after.replace(added[0] + "\n", "") == before
    assert folder.run("poll", "--json").went_well().json["totals"]["new"] == 4

    told = folder.run("unfollow", url).went_well().out
    assert url in told
    assert "# Mine." in folder.config.read_text()
    assert "# none yet" in folder.config.read_text()
    assert folder.run("feeds", "--json").json == []
    assert len(folder.run("inbox", "--json").json) == 4  # what came in stays


def test_a_page_with_one_feed_is_as_good_as_the_feed(folder, server):
    ran = folder.run("follow", server.url("/blog")).went_well()
    assert f"its feed is {server.url('/feed')}" in ran.out
    assert [feed["url"] for feed in folder.run("feeds", "--json").json] == [server.url("/feed")]
    folder.run("follow", server.url("/blog")).failed(2, "followed already")


def test_a_page_with_several_feeds_names_them(folder, server):
    before = folder.config.read_text()
    ran = folder.run("follow", server.url("/both"))
    ran.failed(1, f"aggregator follow {server.url('/feed')}")
    assert f"aggregator follow {server.url('/comments')}" in ran.err
    assert folder.config.read_text() == before


# What a page may write into an address, and into the name of a feed.
HOSTILE = "/feed?a=1&b=$(touch${IFS}owned);touch owned|`touch owned`'\"!#"


def pasted(folder, text: str) -> tuple[list[list[str]], set[str]]:
    """Return what each command of ours in `text` is told by a shell, and the folder's files."""
    lines = [line.strip() for line in text.splitlines()]
    script = "\n".join(line for line in lines if line.startswith(("aggregator ", "# ")))
    shown = "aggregator() { for word; do printf '%s\\0' \"$word\"; done; echo; }\n" + script
    ran = subprocess.run(
        ["bash", "-c", shown], cwd=folder.path, capture_output=True, text=True, check=True
    )
    words = [line.split("\0")[:-1] for line in ran.stdout.splitlines()]
    return words, {path.name for path in folder.path.iterdir()}


def test_what_is_printed_for_pasting_runs_nothing_that_a_page_wrote(folder, rss):
    link = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'
    name = "News\n;touch owned $(touch owned)'"
    links = "<html>" + link.format("Other", "/other") + link.format(name, html.escape(HOSTILE))
    answers = {"/page": response(200, links.encode(), content_type="text/html")}
    with serving(lambda r: answers.get(r.target, response(404))) as site:
        ran = folder.run("follow", site.url("/page"))
        ran.failed(1, "choose a feed")
        (_, [_, hostile]), files = pasted(folder, ran.err)
        assert hostile.startswith(site.url("/feed?a=1&b=$(touch${IFS}owned);"))
        assert "owned" not in files

        folder.config.write_text(
            "fetch: {allow_networks: [127.0.0.0/8]}\nfeeds:\n  - " + json.dumps(hostile) + "\n"
        )
        assert folder.run("poll").code == 1
        told = folder.run("doctor").out.replace("take it out: ", "\n")
        assert pasted(folder, told) == ([["unfollow", hostile]], files)

        answers[site.requests[-1].target] = response(200, rss("one"))
        folder.config.write_text(folder.config.read_text().partition("  - ")[0] + "  []\n")
        told = folder.run("follow", hostile).went_well().out.replace("(undo: ", "\n")
        told = told.replace("). Next: ", "\n")
        assert pasted(folder, told) == ([["unfollow", hostile], ["poll"]], files)


@pytest.mark.parametrize(("path", "code", "sign"), [("/absent", 1, "404"), ("/feed#x", 0, "")])
def test_what_cannot_be_followed_changes_nothing(folder, server, path, code, sign):
    before = folder.config.read_text()
    ran = folder.run("follow", server.url(path))
    assert ran.code == code, ran
    assert sign in ran.err
    assert (folder.config.read_text() == before) == (code != 0)
    assert "Traceback" not in ran.err


def test_addresses_that_cannot_be_asked(folder):
    before = folder.config.read_text()
    folder.run("follow", "http://10.0.0.1/feed").failed(1, "fetch.allow_networks", "nothing was")
    assert folder.run("follow", "--interval", "often", "https://x.example/").code == 2
    assert folder.config.read_text() == before


def test_https_is_tried_where_only_that_was_left_out(folder):
    ran = folder.run("follow", "127.0.0.1:1/feed")
    ran.failed(1, "https://127.0.0.1:1/feed: 127.0.0.1 cannot be reached", "nothing was added")
    assert (
        ran.out == "127.0.0.1:1/feed has no https:// before it; trying https://127.0.0.1:1/feed\n"
    )


def test_following_twice_is_told(folder, server):
    folder.run("follow", server.url("/feed")).went_well()
    before = folder.config.read_text()
    folder.run("follow", server.url("/feed")).failed(2, "followed already")
    folder.run("follow", "--no-check", server.url("/feed")).failed(2, "followed already")
    assert folder.config.read_text() == before


def test_init_writes_a_file_that_works_and_never_writes_over_one(folder):
    folder.config.unlink()
    ran = folder.run("init", "--title", 'Mine: "it\'s"', "--base-url", "https://a.example/b")
    assert "aggregator follow" in ran.went_well().out
    text = folder.config.read_text()
    folder.run("poll").went_well()
    folder.run("init").failed(2, "exists already")
    assert folder.config.read_text() == text
    folder.run("--config", "new/place/feeds.yaml", "init").went_well()
    assert (folder.path / "new/place/feeds.yaml").exists()
    folder.run("--config", "x.yaml", "init", "--base-url", "nonsense").failed(2, "nonsense")
    assert not (folder.path / "x.yaml").exists()


def test_init_says_what_to_set_before_the_first_post(folder):
    folder.config.unlink()
    told = folder.run("init").went_well().out
    assert "Before you publish the first post, set site.base_url" in told
    told = folder.run("-c", "b.yaml", "init", "--base-url", "https://a.example/").went_well().out
    assert "base_url" not in told


def test_doctor_has_nothing_to_say_when_all_is_well(folder):
    ran = folder.run("doctor").went_well()
    assert all(line.startswith("ok") for line in ran.out.splitlines()), ran.out


def test_doctor_names_the_way_out(folder, server):
    folder.config.write_text("feeds:\n  - {url: 'ftp://x.example/'}\n")
    ran = folder.run("doctor")
    assert ran.code == 3
    assert "!!" in ran.out
    assert "feeds.yaml:2:" in ran.out

    folder.follow(server.url("/absent"))
    assert folder.run("poll").code == 1
    ran = folder.run("doctor")
    assert ran.code == 1
    # Asking again helps a server that fails, but not where nothing is.
    assert f"aggregator unfollow {server.url('/absent')}" in ran.out
    assert "poll --force" not in ran.out

    with folder.database.open("r+b") as file:
        file.write(b"x" * 5000)
    ran = folder.run("doctor")
    assert ran.code == 4
    assert "backup" in ran.out
    assert "Traceback" not in ran.err
    assert "the site can be written to" in ran.out


def test_doctor_sees_a_damaged_page_deep_in_the_file(folder, rss):
    with serving(lambda request: response(200, rss(*"abcdefghijkl"))) as many:
        folder.follow(many.url("/"))
        folder.run("poll").went_well()
    size = folder.database.stat().st_size
    with folder.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * (size - 4096 * 4))
    ran = folder.run("doctor")
    assert ran.code == 4, ran
    assert "backup" in ran.out
    assert "Traceback" not in ran.err


def test_an_entity_bomb_is_neither_followed_nor_stored(folder, rss):
    name = '<!DOCTYPE rss [\n<!ENTITY a "' + "B" * 5000 + '">\n]>\n<rss'
    bomb = rss("&a;" * 300, "one").replace(b"<rss", name.encode(), 1)
    with serving(lambda request: response(200, bomb)) as server:
        folder.run("follow", server.url("/")).failed(1, "entity bomb", "nothing was added")
        folder.run("follow", "--no-check", server.url("/")).went_well()
        ran = folder.run("poll", "--json")
    assert ran.code == 1
    [feed] = ran.json["feeds"]
    assert (feed["status"], feed["new"]) == ("failed", 0)
    assert folder.run("inbox", "--all", "--json").json == []
