"""`follow --history`: the archives of a feed, fetched once and kept out of the inbox."""

from __future__ import annotations

import time

import pytest

from servers import response, serving


def atom(*numbers: int, **links: str) -> bytes:
    entries = "".join(
        f"<entry><id>urn:{n}</id><title>Number {n}</title><link href='https://news.example/{n}'/>"
        f"<updated>2026-03-{28 - n:02}T12:00:00Z</updated><content>Words {n}</content></entry>"
        for n in numbers
    )
    named = "".join(
        f"<link rel='{rel.replace('_', '-')}' href='{href}'/>" for rel, href in links.items()
    )
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>The News</title><id>urn:x</id>"
        f"<updated>2026-03-28T12:00:00Z</updated>{named}{entries}</feed>"
    ).encode()


@pytest.fixture
def answers() -> dict[str, bytes]:
    return {
        "/feed": response(200, atom(1, 2, prev_archive="/old")),
        "/old": response(200, atom(2, 3, 4, prev_archive="/older")),
        "/older": response(200, atom(5)),
        "/page": response(
            200,
            b"<html><link rel=alternate type=application/atom+xml href=/feed>",
            content_type="text/html",
        ),
    }


@pytest.fixture
def server(answers):
    with serving(lambda request: answers.get(request.target, response(404))) as server:
        yield server


def titles(folder, *words: str) -> dict[str, str]:
    found = folder.run("inbox", "--json", *words).went_well().json
    return {entry["title"]: entry["status"] for entry in found}


def test_a_feed_is_followed_with_its_history(folder, server):
    url = server.url("/feed")
    ran = folder.run("follow", "--history", server.url("/page")).went_well()
    assert f"Followed {url}" in ran.out
    assert "History: 3 entries from 2 documents of its archives" in ran.out
    assert f"aggregator inbox --all --feed {url}" in ran.out
    assert [request.target for request in server.requests] == ["/page", "/feed", "/old", "/older"]
    assert titles(folder) == {}
    archived = {f"Number {n}": "archived" for n in (3, 4, 5)}
    assert titles(folder, "--all", "--feed", url) == archived

    ran = folder.run("poll", "--json").went_well()
    assert ran.json["totals"] | {"failed": 0} == ran.json["totals"]
    assert (ran.json["totals"]["new"], ran.json["totals"]["held"]) == (2, 0)
    assert titles(folder) == {"Number 1": "inbox", "Number 2": "inbox"}
    assert titles(folder, "--all") == archived | {"Number 1": "inbox", "Number 2": "inbox"}


def test_an_archived_entry_can_be_cited_and_put_into_the_inbox(folder, server):
    folder.run("follow", "--history", server.url("/feed")).went_well()
    entries = folder.run("inbox", "--all", "--json").json
    first, second, _ = (entry["id"] for entry in entries)
    slug = folder.run("post", "new", "--from", str(first), EDITOR="true").went_well().out.strip()
    assert "https://news.example/3" in folder.run("post", "show", slug).out
    folder.run("entry", "restore", str(second)).went_well()
    assert set(titles(folder, "--all").values()) == {"cited", "inbox", "archived"}


def test_the_history_of_a_followed_feed_is_fetched_and_nothing_else_is_done(folder, server):
    url = server.url("/feed")
    folder.follow(url)
    folder.run("poll").went_well()
    config, before = folder.config.read_text(), folder.run("feeds", "--json", "--log").json
    for address in (url, server.url("/page")):
        ran = folder.run("follow", "--history", address).went_well()
        assert "is followed already; only its history is fetched" in ran.out
    assert "History: 0 entries from 2 documents" in ran.out
    after = folder.run("feeds", "--json", "--log").json
    assert after[0]["entries"] == 5
    assert [{**feed, "entries": 5} for feed in before] == after
    assert folder.config.read_text() == config


def test_a_broken_archive_is_told_and_what_came_is_kept(folder, server, answers):
    answers["/older"] = response(500)
    ran = folder.run("follow", "--history", server.url("/feed"))
    ran.failed(1, f"{server.url('/older')}: ", "500", "kept: 2 entries from 1 document")
    assert len(titles(folder, "--all")) == 2
    assert "Followed" in ran.out
    assert folder.run("feeds", "--trouble").out == "1 feed, all well.\n"


def test_a_feed_without_archives_says_so(folder, server, answers):
    answers["/feed"] = response(200, atom(1))
    ran = folder.run("follow", "--history", server.url("/feed")).went_well()
    assert "names no archives" in ran.out


def test_a_walk_keeps_the_pace_of_the_site(folder, server):
    folder.config.write_text("fetch: {allow_networks: [127.0.0.0/8]}\nfeeds:\n")
    began = time.monotonic()
    folder.run("follow", "--history", server.url("/feed")).went_well()
    assert time.monotonic() - began >= 2
