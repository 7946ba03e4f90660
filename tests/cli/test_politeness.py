"""What publishers see of us, and what we say of them."""

from __future__ import annotations

import socket
import time
from itertools import pairwise

import pytest

from servers import response, serving

SETTINGS = """\
site: {title: "T", base_url: "https://blog.example/"}
fetch: {allow_networks: [127.0.0.0/8], timeout: 2s}
"""


def write(folder, feeds, more=""):
    lines = "".join(f"  - {{url: '{url}'}}\n" for url in feeds)
    folder.config.write_text(f"{SETTINGS}{more}feeds:\n{lines}")


def test_one_site_is_asked_one_thing_a_second(folder, rss):
    asked = []

    def answer(request):
        asked.append((request.target, time.monotonic()))
        return response(200, rss(request.target))

    with serving(answer) as one, serving(answer, host="127.0.0.2") as other:
        write(folder, [one.url("/a"), one.url("/b"), one.url("/c"), other.url("/d")])
        folder.run("poll").went_well()
    times = [at for target, at in asked if target != "/d"]
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))
    [elsewhere] = [at for target, at in asked if target == "/d"]
    assert elsewhere - min(times) < 1  # nobody waits for another site


def test_force_waits_its_turn_and_cannot_hammer(folder, rss):
    asked = []

    def answer(request):
        asked.append(time.monotonic())
        return response(200, rss("x"))

    with serving(answer) as server:
        write(folder, [server.url("/")], "poll: {spacing: 3s}\n")
        for _ in range(3):
            ran = folder.run("poll", "--force", "--json").went_well()
            assert ran.json["feeds"][0]["status"] in {"new_content", "unchanged"}
    assert len(asked) == 3
    assert asked[1] - asked[0] >= 2.9
    assert asked[2] - asked[1] >= 2.9


@pytest.mark.parametrize("status", [429, 403])
def test_a_request_to_wait_holds_for_the_whole_site_and_even_by_force(folder, rss, status):
    def answer(request):
        if request.target == "/busy":
            return response(status, retry_after="7200")
        return response(200, rss("x"))

    with serving(answer) as server:
        busy, other = server.url("/busy"), server.url("/other")
        write(folder, [busy, other], "poll: {gap: 0s, spacing: 0s}\n")
        ran = folder.run("poll", "--json")
        assert ran.code == 1
        told = {feed["url"]: feed for feed in ran.json["feeds"]}
        assert told[busy]["status"] == "failed"
        assert told[other]["status"] == "deferred"
        assert "127.0.0.1 asked us to wait, 2 h more" in told[other]["reason"]
        assert ran.json["totals"]["failed"] == 1
        forced = folder.run("poll", "--force", "--json").went_well().json
        assert {feed["status"] for feed in forced["feeds"]} == {"deferred"}
        assert len(server.requests) == 1
        assert "127.0.0.1 asked us to wait until" in folder.run("feeds").out
        folder.database.unlink()
        assert "1 feed polled (1 put off)" in folder.run("poll").out

        write(folder, [busy, other], "poll: {gap: 0s, spacing: 0s, retry_after: feed}\n")


def test_a_site_may_be_known_to_mean_single_feeds_only(folder, rss):
    def answer(request):
        if request.target == "/busy":
            return response(429, retry_after="7200")
        return response(200, rss("x"))

    with serving(answer) as server:
        rules = "sites: [{site: 127.0.0.1, gap: 0s, retry_after: feed}]"
        write(folder, [server.url("/busy"), server.url("/other")], f"poll: {{{rules}}}\n")
        ran = folder.run("poll", "--json").json
        assert [feed["status"] for feed in ran["feeds"]] == ["failed", "new_content"]


def test_trouble_says_what_since_when_and_what_to_do(folder, rss):
    page = b"""<!doctype html><html><head><link rel=alternate type=application/rss+xml
    href="/new.xml" title="All news"></head></html>"""

    def answer(request):
        if request.target == "/page":
            return response(200, page)
        return response(404) if request.target == "/lost" else response(200, rss("x"))

    with serving(answer) as server:
        lost, web, good = server.url("/lost"), server.url("/page"), server.url("/good")
        write(folder, [lost, web, good], "poll: {gap: 0s}\n")
        assert "3 feeds, all well" in folder.run("feeds", "--trouble").went_well().out
        assert folder.run("poll").code == 1
        told = folder.run("feeds", "--trouble").went_well().out
        assert f"aggregator move {web} {server.url('/new.xml')}" in told
        assert f"aggregator unfollow {lost}" in told
        assert "404" in told
        assert "since 20" in told
        assert "2 feeds in trouble, 1 feed well." in told
        assert good not in told
        machine = folder.run("feeds", "--json", good, lost).went_well().json
        assert [bool(feed["trouble"]) for feed in machine] == [True, False]


def test_the_log_tells_of_the_last_polls(folder, rss):
    answers = [response(302, location="/there"), response(200, rss("a"), etag='"1"'), response(304)]
    with serving(lambda request: answers.pop(0)) as server:
        write(folder, [server.url("/")], "poll: {gap: 0s, spacing: 0s}\n")
        folder.run("poll").went_well()
        told = folder.run("feeds", "--log", server.url("/")).went_well().out
        assert "new content, 200" in told
        assert "1 new" in told
        assert f"302 to {server.url('/there')}" in told
        [feed] = folder.run("feeds", "--log", "--json").went_well().json
        assert [one["http_status"] for one in feed["log"]] == [200]
        assert feed["log"][0]["octets"] == len(rss("a"))
        assert feed["polls"] == 1


def test_a_feed_moves_by_hand_and_back(folder, rss):
    with serving(lambda request: response(200, rss("a", "b"))) as server:
        old, new = server.url("/old"), server.url("/new")
        folder.config.write_text(f"{SETTINGS}feeds:\n  - url: {old}   # my favourite\n")
        folder.run("poll").went_well()
        told = folder.run("move", old, new).went_well().out
        assert f"undo: aggregator move {new} {old}" in told
        assert "# my favourite" in folder.config.read_text()
        inbox = folder.run("inbox", "--json").json
        assert {entry["feed"] for entry in inbox} == {new}
        folder.run("move", new, old).went_well()
        assert {entry["feed"] for entry in folder.run("inbox", "--json").json} == {old}
        assert len(folder.run("feeds", "--json").json) == 1
        folder.run("move", server.url("/none"), new).failed(2, "is not followed")


def test_when_nobody_answers_it_is_our_own_network_and_counts_against_nobody(folder):
    closed = []
    for number in range(2, 9):
        with socket.create_server((f"127.0.0.{number}", 0)) as listener:
            closed.append(f"http://127.0.0.{number}:{listener.getsockname()[1]}/")
    write(folder, closed)
    ran = folder.run("poll", "--json")
    assert ran.code == 1
    assert "our own network seems to be down: 7 of 7 sites did not answer" in ran.err
    assert {feed["status"] for feed in ran.json["feeds"]} == {"deferred"}
    assert ran.json["totals"]["failed"] == 0
    assert "7 feeds, all well" in folder.run("feeds", "--trouble").out
    assert folder.run("poll", "--json").json["totals"]["polled"] == 0  # not at once again


def test_a_name_and_password_go_to_their_own_host_only(folder, rss):
    with (
        serving(lambda request: response(200, rss("x")), host="127.0.0.2") as there,
        serving(
            lambda request: (
                response(302, location=there.url("/"))
                if request.target == "/away"
                else response(200, rss("x"))
            )
        ) as here,
    ):
        folder.config.write_text(
            f"{SETTINGS}poll: {{gap: 0s}}\nfeeds:\n"
            f"  - {{url: '{here.url('/paid')}', login: 'ana:s3cret'}}\n"
            f"  - {{url: '{here.url('/away')}', login: 'ana:s3cret'}}\n"
        )
        folder.run("poll").went_well()
        assert all("authorization" in one.headers for one in here.requests)
        assert "authorization" not in there.requests[0].headers
        for words in (["feeds"], ["feeds", "--json"], ["doctor"], ["poll", "--json"]):
            ran = folder.run(*words)
            assert "s3cret" not in ran.out + ran.err
        folder.run("publish")
        for file in (folder.path / "public").rglob("*.*"):
            assert here.url("/paid").encode() not in file.read_bytes(), file


def test_a_poll_may_be_given_only_so_long(folder, rss):
    def slow(request):
        time.sleep(0.4)
        return response(200, rss("x"))

    with serving(slow) as server:
        write(folder, [server.url(f"/{number}") for number in range(20)], "poll: {gap: 0s}\n")
        ran = folder.run("poll", "--json", "--limit-time", "1").went_well().json
        assert 1 <= ran["totals"]["polled"] <= 6
        reasons = {feed["reason"] for feed in ran["feeds"] if feed["status"] == "deferred"}
        assert reasons == {"this poll was stopped before its turn came"}
