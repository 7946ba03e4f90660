"""`aggregator poll`: made for cron, and for people who watch it."""

from __future__ import annotations

import gzip
import itertools
import os
import pty
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing

from servers import response, serving

PAGE = (
    b"<!doctype html><html><head><title>Blog</title>"
    b'<link rel="alternate" type="application/atom+xml" title="All posts" href="/atom.xml">'
    b"</head><body><p>Hello</p></body></html>"
)
LOGIN = b"<!doctype html><html><body><form><input type=password></form></body></html>"


def test_json_is_one_object_in_the_order_of_the_file(folder, rss):
    answers = {
        "/b": response(200, rss("one", "two", name="B")),
        "/a": response(404),
        "/c": response(200, rss("three"), etag='"1"'),
    }
    with (
        serving(lambda request: answers[request.target]) as first,
        serving(lambda request: answers[request.target]) as second,
        serving(lambda request: answers[request.target]) as third,
    ):
        urls = [first.url("/b"), second.url("/a"), third.url("/c")]
        folder.follow(*urls)
        ran = folder.run("poll", "--json")
        assert ran.code == 1
        assert ran.err == ""
        feeds, totals = ran.json["feeds"], ran.json["totals"]
        assert [feed["url"] for feed in feeds] == urls
        assert [feed["status"] for feed in feeds] == ["new_content", "failed", "new_content"]
        assert [feed["new"] for feed in feeds] == [2, 0, 1]
        assert feeds[0]["error"] is None
        assert "404" in feeds[1]["error"]
        assert all(feed["next_poll_at"].endswith("Z") for feed in feeds)
        assert all(feed["reason"] for feed in feeds)
        expected = {"feeds": 3, "new": 3, "changed": 0, "failed": 1}
        assert expected.items() <= totals.items()

        answers["/c"] = response(304, etag='"1"')
        again = folder.run("poll", "--json", "--force")
        assert again.code == 0  # it failed the time before, too
        statuses = [feed["status"] for feed in again.json["feeds"]]
        assert statuses == ["unchanged", "failed", "not_modified"]
        assert again.json["totals"]["failed"] == 1

        idle = folder.run("poll", "--json").went_well().json
        assert {feed["status"] for feed in idle["feeds"]} == {"not_due"}
        assert idle["totals"]["failed"] == 0


def test_plain_lines_when_nobody_watches_and_nothing_when_quiet(folder, rss):
    state = {"answer": response(200, rss("one"))}
    with serving(lambda request: state["answer"]) as server:
        folder.follow(server.url("/"))
        loud = folder.run("poll").went_well()
        assert loud.out.startswith("News: 1 new\n1 feed polled: 1 new entry, 0 changed")
        assert "\x1b" not in loud.out
        assert "aggregator inbox" in loud.out
        assert "not due" in folder.run("poll").went_well().out
        quiet = folder.run("poll", "--quiet", "--force").went_well()
        assert quiet.out == ""
        state["answer"] = response(500)
        failing = folder.run("poll", "--quiet", "--force")
        assert (failing.code, failing.out) == (1, "")
        assert failing.err.count("\n") == 1
        assert "500" in failing.err
        # One mail from cron is enough.
        folder.run("poll", "--quiet", "--force").went_well()


def test_only_the_feeds_named_are_polled(folder, rss):
    with (
        serving(lambda request: response(200, rss("one"))) as one,
        serving(lambda request: response(200, rss("two"))) as two,
    ):
        folder.follow(one.url("/"), two.url("/"))
        ran = folder.run("poll", "--json", one.url("")).went_well()  # without the last slash
        assert [feed["url"] for feed in ran.json["feeds"]] == [one.url("/")]
        assert len(one.requests) == 1
        assert two.requests == []
        folder.run("poll", one.url("/x")).failed(2, f"did you mean {one.url('/')}")


def test_a_bar_is_drawn_on_a_terminal_only_and_not_into_the_output(folder, rss):
    with serving(lambda request: response(200, rss("one"))) as server:
        folder.follow(server.url("/"))
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "poll"],
            cwd=folder.path,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
        )
        os.close(theirs)
        drawn = b""
        with process:
            try:
                while part := os.read(ours, 4096):
                    drawn += part
            except OSError:  # the other side was closed
                pass
            assert process.stdout is not None
            out = process.stdout.read()
        os.close(ours)
    assert process.returncode == 0
    assert b"Polling" in drawn
    assert b"1/1" in drawn
    assert out.startswith(b"News: 1 new\n")
    assert b"\x1b" not in out


def bomb() -> bytes:
    return response(200, gzip.compress(b"0" * 40_000_000), content_encoding="gzip")


def entities() -> bytes:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "haha">{lines}]><rss version="2.0">'
        "<channel><title>&a9;</title><item><title>&a9;</title></item></channel></rss>"
    )
    return response(200, document.encode())


def endless() -> itertools.chain[bytes]:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\n\r\n<rss>"
    return itertools.chain([head], itertools.repeat(b" " * 65536, 3200))


def test_every_bad_feed_has_a_line_of_its_own_and_stops_nobody(folder, rss):
    hold = threading.Event()

    def late(request):
        hold.wait(5)
        return response(200, rss("late"))

    bad = {
        "page": lambda request: response(200, PAGE, content_type="text/html"),
        "slow": late,
        "loop": lambda request: response(302, location=request.target + "x"),
        "huge": lambda request: endless(),
        "gzip bomb": lambda request: bomb(),
        "entities": lambda request: entities(),
        "empty": lambda request: response(200),
        "login": lambda request: response(200, LOGIN, content_type="text/html"),
    }
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(answer)) for name, answer in bad.items()}
        good = stack.enter_context(serving(lambda request: response(200, rss("fine"))))
        with closing(socket.create_server(("127.0.0.1", 0))) as unused:
            refused = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        urls = {name: server.url("/feed") for name, server in servers.items()}
        urls |= {"refused": refused, "private": "http://10.1.2.3/feed", "good": good.url("/")}
        head = "fetch: {allow_networks: [127.0.0.0/8], timeout: 1s}\npoll: {gap: 0s}\n"
        folder.follow(*urls.values(), head=head)
        ran = folder.run("poll", "--json")
        hold.set()
        assert ran.code == 1, ran
        assert ran.err == ""
        told = {feed["url"]: feed for feed in ran.json["feeds"]}
        errors = {name: told[url]["error"] for name, url in urls.items()}
        assert errors.pop("good") is None
        signs = {
            "page": "page",
            "slow": "1 s",
            "loop": "redirect",
            "huge": "MiB",
            "gzip bomb": "MiB",
            "empty": "empty",
            "login": "page",
            "refused": "refused",
            "private": "fetch.allow_networks",
        }
        for name, sign in signs.items():
            assert sign in (errors[name] or ""), (name, errors[name])
        assert errors["entities"] is None or len(errors["entities"]) < 300
        assert all("\n" not in error for error in errors.values() if error)
        found = told[urls["page"]]["found"]
        assert found == [
            {
                "url": servers["page"].url("/atom.xml"),
                "title": "All posts",
                "type": found[0]["type"],
            }
        ]
        doctor = folder.run("doctor")
        assert doctor.code == 1
        assert f"aggregator poll --force {refused}" in doctor.out


def test_people_are_told_of_the_feeds_that_a_page_points_at(folder):
    with serving(lambda request: response(200, PAGE, content_type="text/html")) as server:
        folder.follow(server.url("/"))
        ran = folder.run("poll")
        assert ran.code == 1
        assert f"a feed is at {server.url('/atom.xml')} (All posts)" in ran.out


def test_two_polls_at_once_ask_no_feed_twice(folder, rss):
    def slow(request):
        time.sleep(0.1)
        return response(200, rss("one"))

    with ExitStack() as stack:
        servers = [stack.enter_context(serving(slow)) for _ in range(12)]
        folder.follow(*(server.url("/") for server in servers))
        folder.run("inbox").went_well()
        both = [stack.enter_context(folder.start("poll", "--json")) for _ in range(2)]
        ended = [process.communicate(timeout=20) for process in both]
        assert [len(server.requests) for server in servers] == [1] * 12
        assert {process.returncode for process in both} <= {0, 75}, ended
        assert len(folder.run("inbox", "--json").json) == 12


def held_until(go_on, rss):
    """Return a publisher that keeps everybody waiting."""

    def held(request):
        go_on.wait(7)
        return response(200, rss("one"))

    return held


def test_a_poll_that_finds_all_claimed_says_75(folder, rss, wait_until):
    go_on = threading.Event()
    with serving(held_until(go_on, rss)) as server:
        folder.follow(server.url("/"))
        with folder.start("poll") as first:
            wait_until(lambda: server.requests)
            second = folder.run("poll")
            second.failed(75, "Another poll")
            assert folder.run("poll", "--json").json["feeds"][0]["status"] == "deferred"
            go_on.set()
            first.wait(10)
        assert first.returncode == 0
        assert len(server.requests) == 1


# It takes a second; more where all processors are busy with other tests.
SOON = 8


def interrupted(folder, rss, wait_until, number: int, *words: str) -> tuple[int, str, float]:
    """Send a signal during a poll of two feeds at one slow site; return how it ended."""
    go_on = threading.Event()

    def held(request):
        go_on.wait(7)
        return response(200, rss(request.target))

    with serving(held) as server:
        folder.follow(server.url("/1"), server.url("/2"))
        with folder.start("poll", *words) as process:
            wait_until(lambda: server.requests)
            os.killpg(process.pid, number)  # as a terminal does: parser processes get it as well
            begun = time.monotonic()
            time.sleep(0.2)
            go_on.set()
            _, err = process.communicate(timeout=10)
            took = time.monotonic() - begun
        assert len(server.requests) == 1  # the other was not begun
        inbox = folder.run("inbox", "--json").json
        assert len(inbox) == 1
        state = folder.run("poll", "--json").went_well().json["feeds"]
        assert sorted(feed["status"] for feed in state) == ["new_content", "not_due"]
        return process.returncode, err, took


def test_ctrl_c_saves_what_is_under_way(folder, rss, wait_until):
    code, err, took = interrupted(folder, rss, wait_until, signal.SIGINT)
    assert code == 130
    assert "Traceback" not in err
    assert "Finishing what is under way" in err
    assert took < SOON


def test_sigterm_saves_what_is_under_way(folder, rss, wait_until):
    code, err, took = interrupted(folder, rss, wait_until, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in err
    assert took < SOON


def test_a_second_ctrl_c_ends_at_once(folder, rss, wait_until):
    go_on = threading.Event()
    with serving(held_until(go_on, rss)) as server:
        folder.follow(server.url("/"))
        with folder.start("poll") as process:
            wait_until(lambda: server.requests)
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=5)
            assert time.monotonic() - begun < 1
        go_on.set()
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_killed_poll_loses_nothing_and_its_claims_run_out(folder, rss, wait_until):
    state = {"hold": True}
    go_on = threading.Event()

    def held(request):
        if state["hold"]:
            go_on.wait(7)
        return response(200, rss("one", "two"))

    with serving(lambda request: response(200, rss("early"))) as quick, serving(held) as server:
        folder.follow(quick.url("/"), server.url("/"))
        with folder.start("poll") as process:
            wait_until(lambda: server.requests)
            wait_until(lambda: folder.run("inbox", "--json").json != [])
            process.kill()
            process.wait(5)
        state["hold"] = False
        go_on.set()
        assert folder.run("poll").code == 75
        connection = sqlite3.connect(folder.database)
        with closing(connection), connection:
            past = "2020-01-01 00:00:00.000000"
            row = connection.execute(
                "SELECT claimed_until FROM poll_states WHERE claimed_until IS NOT NULL"
            ).fetchone()
            later = 0 if isinstance(row[0], int) else past
            for table in ("poll_states", "sites"):
                connection.execute(
                    f"UPDATE {table} SET claimed_until = ? WHERE claimed_until IS NOT NULL",  # noqa: S608
                    [later],
                )
        ran = folder.run("poll", "--json").went_well().json
        assert [feed["status"] for feed in ran["feeds"]] == ["not_due", "new_content"]
        assert len(folder.run("inbox", "--json").json) == 3
        assert "is sound" in folder.run("doctor").out


def test_what_is_held_back_is_not_called_new(folder, rss):
    flood = [f"old {n}" for n in range(30)]
    state = {"answer": response(200, rss("x"))}
    with serving(lambda request: state["answer"]) as server:
        folder.follow(server.url("/"))
        first = folder.run("poll", "--json").went_well().json
        assert (first["totals"]["new"], first["totals"]["held"]) == (1, 0)
        state["answer"] = response(200, rss("x", *flood).replace(b"31 Mar 2026", b"31 Mar 2020"))
        held = folder.run("poll", "--force").went_well().out
        assert "0 new entries" in held
        assert "\n30 held back: `aggregator feeds --held`\n" in held
        assert "aggregator inbox" not in held
        more = rss("x", *(f"more {n}" for n in range(50))).replace(b"news.example", b"b.example")
        state["answer"] = response(200, more.replace(b"31 Mar 2026", b"31 Mar 2019"))
        told = folder.run("poll", "--json", "--force").went_well().json
        [feed] = told["feeds"]
        assert feed["new"] == told["totals"]["new"] == 0
        assert feed["held"] == told["totals"]["held"] == 51


def test_the_next_poll_is_told_in_local_time_to_the_second(folder, rss):
    with serving(lambda request: response(200, rss("one"))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
    out = folder.run("poll", TZ="XST+7").went_well().out
    assert re.search(r"the next at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d-07:00\.$", out), out
