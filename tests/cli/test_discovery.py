"""`follow` finds the feed of a page, shows it, and asks where there is a choice."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from servers import response, serving

PAGES = "text/html"


def page(*feeds: tuple[str, str]) -> bytes:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'
        for href, title in feeds
    )
    return f"<!doctype html><html><head>{links}</head><body>Hello</body></html>".encode()


class Site:
    """A server of pages and feeds by path; all else is absent."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[], bytes]] = {}

    def feed(self, path: str, body: bytes) -> None:
        self.answers[path] = lambda: response(200, body)

    def page(self, path: str, *feeds: tuple[str, str]) -> None:
        self.answers[path] = lambda: response(200, page(*feeds), content_type=PAGES)

    def redirect(self, path: str, to: str, status: int) -> None:
        self.answers[path] = lambda: response(status, location=to)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator:
    with serving(lambda r: site.answers.get(r.target, lambda: response(404))()) as server:
        yield server


def followed(folder) -> list[str]:
    return [feed["url"] for feed in folder.run("feeds", "--json").went_well().json]


def asked(server) -> list[str]:
    return [request.target for request in server.requests]


# What a page names


def test_a_feed_is_shown_with_its_newest_entries_and_their_dates(folder, site, server, rss):
    site.feed("/feed", rss("one", "two", "three", "four", name="The Courier"))
    ran = folder.run("follow", server.url("/feed")).went_well()
    assert ran.out.splitlines()[:5] == [
        "The Courier",
        f"    {server.url('/feed')}, 4 entries",
        "    2026-03-31 13:00+00:00  four",
        "    2026-03-31 12:00+00:00  three",
        "    2026-03-31 11:00+00:00  two",
    ]


def test_a_longer_feed_than_is_read_is_said_to_be_longer(folder, site, server, rss):
    folder.config.write_text(
        "fetch: {allow_networks: [127.0.0.0/8]}\nparse: {max_entries: 2}\nfeeds:\n"
    )
    site.feed("/feed", rss("one", "two", "three"))
    assert "2 entries and more" in folder.run("follow", server.url("/feed")).went_well().out


def test_what_readers_wrote_is_named_last_and_the_first_is_taken_on_request(
    folder, site, server, rss
):
    site.page("/", ("/comments/feed/", "Comments Feed"), ("/atom", "Atom"), ("/rss", "RSS"))
    site.feed("/atom", rss("one"))
    ran = folder.run("follow", server.url("/"))
    ran.failed(1, "choose a feed")
    order = [ran.err.index(server.url(path)) for path in ("/atom", "/rss", "/comments/feed/")]
    assert order == sorted(order)
    folder.run("follow", "--yes", server.url("/")).went_well()
    assert followed(folder) == [server.url("/atom")]
    # A second time it is not the next one that is taken.
    folder.run("follow", "-y", server.url("/")).failed(2, "followed already")


def test_the_feeds_of_a_page_that_are_followed_are_marked(folder, site, server, rss):
    site.page("/", ("/atom", "Atom"), ("/rss", "RSS"))
    site.feed("/rss", rss("one"))
    folder.run("follow", server.url("/rss")).went_well()
    ran = folder.run("follow", server.url("/"))
    assert f"# followed already: aggregator follow {server.url('/rss')}" in ran.err
    assert f"    aggregator follow {server.url('/atom')}\n" in ran.err


# Where sites usually have it


def test_a_page_that_names_no_feed_is_looked_around_politely(folder, site, server, rss):
    site.page("/~joe/about.html")
    site.feed("/~joe/rss.xml", rss("one", name="Joe"))
    site.feed("/feed", rss("two", name="Somebody else"))
    ran = folder.run("follow", server.url("/~joe/about.html")).went_well()
    assert "usual places" in ran.out
    assert followed(folder) == [server.url("/~joe/rss.xml")]
    assert asked(server) == [
        "/~joe/about.html",
        *(f"/~joe/{path}" for path in ("feed", "feed/", "rss", "rss.xml")),
    ]


def test_the_whole_site_is_looked_at_after_the_folder_of_the_page(folder, site, server, rss):
    site.page("/blog/")
    site.page("/blog/feed")  # a page that says "not found" and means it, with 200
    site.redirect("/blog/rss", "/blog/", 302)
    site.feed("/feeds/posts/default", rss("one"))
    folder.run("follow", server.url("/blog/")).went_well()
    assert followed(folder) == [server.url("/feeds/posts/default")]
    assert len([path for path in asked(server) if path != "/blog/"]) == 18


def test_a_site_without_any_feed_is_asked_so_many_times_and_no_more(folder, site, server):
    site.page("/")
    before = folder.config.read_text()
    folder.run("follow", server.url("/")).failed(1, "no feed", "where sites usually have one")
    assert len(asked(server)) == 10
    assert folder.config.read_text() == before


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_us_to_wait_is_not_looked_around(folder, site, server, status):
    site.page("/")
    site.answers["/feed/"] = lambda: response(status, retry_after="60")
    folder.run("follow", server.url("/")).failed(1, "no feed")
    assert asked(server) == ["/", "/feed", "/feed/"]


def test_the_comments_of_a_page_are_no_feed_of_it_while_there_is_another(folder, site, server, rss):
    site.page("/2026/post/")
    site.feed("/2026/post/feed/", rss("one", name="Comments on: The post"))
    site.feed("/atom.xml", rss("two", name="The blog"))
    folder.run("follow", server.url("/2026/post/")).went_well()
    assert followed(folder) == [server.url("/atom.xml")]


def test_looking_around_keeps_the_pace_of_the_site(folder, site, server, rss):
    folder.config.write_text(
        "fetch: {allow_networks: [127.0.0.0/8]}\npoll: {gap: 300ms}\nfeeds:\n".replace(
            "300ms", "1s"
        )
    )
    site.page("/")
    site.feed("/feed/", rss("one"))
    began = time.monotonic()
    folder.run("follow", server.url("/")).went_well()
    assert time.monotonic() - began >= 2


# Which feed it is


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_has_moved_for_good_is_followed_where_it_is_now(
    folder, site, server, rss, status
):
    site.redirect("/old", "/older", 301)
    site.redirect("/older", "/new", status)
    site.feed("/new", rss("one"))
    ran = folder.run("follow", server.url("/old")).went_well()
    assert f"{server.url('/old')} has moved for good to {server.url('/new')}" in ran.out
    assert followed(folder) == [server.url("/new")]
    folder.run("follow", server.url("/old")).failed(2, f"followed already as {server.url('/new')}")


def test_a_feed_that_is_elsewhere_for_the_time_being_is_followed_where_it_was_named(
    folder, site, server, rss
):
    site.redirect("/old", "/now", 301)
    site.redirect("/now", "/new", 302)
    site.feed("/new", rss("one"))
    ran = folder.run("follow", server.url("/old")).went_well()
    assert "moved" not in ran.out
    assert followed(folder) == [server.url("/old")]
    folder.run("poll").went_well()
    # Where it leads to is known now, from the poll.
    folder.run("follow", server.url("/new")).failed(2, f"followed already as {server.url('/old')}")


def with_self(body: bytes, url: str) -> bytes:
    link = f"<link xmlns='http://www.w3.org/2005/Atom' rel='self' href='{url}'/>".encode()
    return body.replace(b"<description>d", link + b"<description>d")


def test_a_feed_is_known_under_the_address_it_gives_itself(folder, site, server, rss):
    main = server.url("/feed")
    site.feed("/feed", with_self(rss("one", name="Blog"), main))
    site.feed("/mirror", with_self(rss("one", name="Blog"), main))
    site.feed("/tag", with_self(rss("one", name="Blog: a tag"), main))
    folder.run("follow", main).went_well()
    folder.run("poll").went_well()
    before = folder.config.read_text()
    ran = folder.run("follow", server.url("/mirror"))
    ran.failed(2, f"followed already as {main}")
    assert f"aggregator follow --no-check {server.url('/mirror')}" in ran.err
    assert folder.config.read_text() == before
    # A careless template gives every feed the same address; the title tells them apart.
    folder.run("follow", server.url("/tag")).went_well()
    folder.run("follow", "--no-check", server.url("/mirror")).went_well()
    assert len(followed(folder)) == 3


def test_a_feed_is_known_under_the_other_scheme_without_being_asked(folder, server):
    folder.follow("https://127.0.0.1:9/feed")
    folder.run("follow", "http://127.0.0.1:9/feed").failed(2, "already as https://127.0.0.1:9/feed")
    folder.run("follow", "--no-check", "http://127.0.0.1:9/feed").went_well()


# Addresses as people type them


def test_an_address_without_a_scheme_is_taken_for_https(folder):
    folder.run("follow", "10.0.0.1/feed").failed(1, "https://10.0.0.1/feed", "allow_networks")
    folder.run("follow", "--no-check", "news.example/rss").failed(2, "https://news.example/rss")


@pytest.mark.parametrize("url", ["ftp://x.example/", "file:///etc/passwd", "https://", "http://["])
def test_an_address_that_cannot_be_asked_is_wrong_usage(folder, url):
    before = folder.config.read_text()
    folder.run("follow", url).failed(2, url)
    assert folder.config.read_text() == before


# On a terminal


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, folder, *words: str) -> None:
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", *words],
            cwd=folder.path,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "TZ": "UTC"},
            start_new_session=True,
        )
        os.close(theirs)
        self.seen, self._read = "", 0

    def until(self, words: str) -> None:
        """Wait for words to come after those that were waited for before."""
        end = time.monotonic() + 20
        while (at := self.seen.find(words, self._read)) < 0:
            assert time.monotonic() < end, self.seen
            if select.select([self._ours], [], [], 0.2)[0]:
                self.seen += os.read(self._ours, 4096).decode()
        self._read = at + len(words)

    def type(self, line: str) -> None:
        os.write(self._ours, line.encode() + b"\n")

    def ended(self) -> int:
        with contextlib.suppress(OSError):  # that is how a terminal says so
            while data := os.read(self._ours, 4096):
                self.seen += data.decode()
        os.close(self._ours)
        return self._process.wait(20)


@pytest.fixture
def two(site: Site, rss) -> None:
    site.page("/", ("/comments", "Comments"), ("/rss", "News"))
    site.feed("/rss", rss("one", name="The News"))
    site.feed("/comments", rss("two", name="The Comments"))


@pytest.mark.parametrize(
    ("typed", "path"), [([""], "/rss"), (["2"], "/comments"), (["7", "x", " 1 "], "/rss")]
)
def test_on_a_terminal_one_is_asked_for_and_the_first_is_the_default(
    folder, server, two, typed, path
):
    terminal = Terminal(folder, "follow", server.url("/"))
    terminal.until("q leaves) [1]: ")
    assert f"1  News: {server.url('/rss')}" in terminal.seen
    assert f"2  Comments: {server.url('/comments')}" in terminal.seen
    for number, line in enumerate(typed, start=1):
        terminal.type(line)
        if number < len(typed):
            terminal.until("type a number from 1 to 2, or q")
            terminal.until("[1]: ")
    assert terminal.ended() == 0, terminal.seen
    assert followed(folder) == [server.url(path)]


def test_on_a_terminal_one_may_leave(folder, server, two):
    before = folder.config.read_text()
    terminal = Terminal(folder, "follow", server.url("/"))
    terminal.until("[1]: ")
    terminal.type("q")
    assert terminal.ended() == 1
    assert "Nothing was added" in terminal.seen
    assert folder.config.read_text() == before
    terminal = Terminal(folder, "follow", server.url("/"))
    terminal.until("[1]: ")
    os.write(terminal._ours, b"\x04")  # the end of what is typed
    assert terminal.ended() == 130
    assert folder.config.read_text() == before


def test_on_a_terminal_followed_feeds_are_marked(folder, server, two):
    folder.run("follow", server.url("/rss")).went_well()
    terminal = Terminal(folder, "follow", server.url("/"))
    terminal.until("[1]: ")
    assert f"{server.url('/rss')} (followed already)" in terminal.seen
    terminal.type("1")
    assert terminal.ended() == 2
