"""A feed that fails says why, where, and what becomes of it."""

from __future__ import annotations

import re
import threading

import pytest

from servers import response, serving

AGAIN = re.compile(r"; it is asked again by itself at \d{4}-\d\d-\d\d \d\d:\d\d\+00:00$", re.M)


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503, 429])
def test_a_failure_says_when_it_is_asked_again(folder, status):
    with serving(lambda request: response(status)) as server:
        folder.follow(server.url("/"))
        ran = folder.run("poll")
        assert ran.code == 1
        assert AGAIN.search(ran.out), ran.out
        folder.database.unlink()
        ran = folder.run("poll", "--quiet")
        assert AGAIN.search(ran.err), ran.err
        told = folder.run("doctor").out
    assert "it is asked again by itself at" in told
    at_once = f"at once: aggregator poll --force {server.url('/')}"
    assert (at_once in told) == (status not in {404, 429})
    # Who asked us to wait is not asked by force, either.
    assert ("not before that, even by force" in told) == (status == 429)


def test_a_refused_connection_and_silence_say_so_too(folder):
    with serving(lambda request: response(200)) as gone:
        pass
    folder.follow(gone.url("/"))
    assert AGAIN.search(folder.run("poll").out)
    head = "fetch: {allow_networks: [127.0.0.0/8], timeout: 1s}\n"
    over = threading.Event()
    with serving(lambda request: b"" if over.wait(5) else b"late") as silent:
        folder.follow(silent.url("/"), head=head)
        ran = folder.run("poll")
        over.set()
    assert "did not answer in full within 1 s" in ran.out
    assert AGAIN.search(ran.out)


def test_a_feed_that_is_gone_for_good_can_be_let_go(folder):
    with serving(lambda request: response(410)) as server:
        folder.follow(server.url("/?a=1&b=2"))
        ran = folder.run("poll")
    assert f"to let it go: aggregator unfollow '{server.url('/?a=1&b=2')}'" in ran.out


@pytest.mark.parametrize(
    ("status", "passes"), [(403, True), (500, True), (503, True), (404, False), (410, False)]
)
def test_what_may_pass_can_be_followed_unseen(folder, status, passes):
    with serving(lambda request: response(status)) as server:
        ran = folder.run("follow", server.url("/feed"))
    ran.failed(1, "nothing was added")
    assert (f"aggregator follow --no-check {server.url('/feed')}" in ran.err) == passes


def test_of_a_page_it_is_the_feed_that_can_be_followed_unseen(folder):
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    answers = {"/": response(200, page, content_type="text/html"), "/feed": response(503)}
    with serving(lambda request: answers[request.target]) as server:
        ran = folder.run("follow", server.url("/"))
    ran.failed(1, f"{server.url('/feed')}: ", "nothing was added")
    assert f"aggregator follow --no-check {server.url('/feed')}\n" in ran.err


@pytest.mark.parametrize("answer", [response(404), response(200, b"<html>Sign in</html>")])
def test_a_failure_behind_a_redirect_says_where_it_led(folder, answer):
    with serving(lambda request: answer) as there:
        to = there.url("/sign-in?token=secret")
        with serving(lambda request: response(302, location=to)) as here:
            folder.follow(here.url("/feed"))
            polled = folder.run("poll")
            followed = folder.run("follow", here.url("/other"))
    for said in (polled.out, followed.err):
        assert f"(redirected to {there.url('/sign-in')})" in said
        assert "secret" not in said
