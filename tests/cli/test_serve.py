"""`aggregator serve`: the site over HTTP, kept up to date by the daemon beside it."""

from __future__ import annotations

import contextlib
import signal
import socket
import sqlite3
import time
import urllib.request
from contextlib import closing
from urllib.error import HTTPError

import pytest
from lxml import html

from aggregator.web.files import SECURITY

HEAD = """\
site: {{title: "T", base_url: "https://blog.example/"}}
web: {{listen: "{listen}"}}
"""


@pytest.fixture
def listen(folder):
    """Have feeds.yaml say where to listen; return that."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
    folder.follow(head=HEAD.format(listen=place))
    return place


def get(listen: str, path: str = "/feed.atom", **headers: str):
    """Return status, headers and body; None while nobody listens or nothing was published."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://{listen}{path}", headers=named), timeout=5
        ) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return None if error.code == 503 else (error.code, error.headers, error.read())
    except OSError:
        return None


def stop(process, number=signal.SIGTERM):
    process.send_signal(number)
    process.wait(10)


def test_it_shows_the_site_and_what_becomes_of_it(folder, listen, wait_until, post_text):
    with folder.start("serve", "--tick", "0.2") as process:
        wait_until(lambda: get(listen))
        _, headers, body = get(listen)
        assert headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert b"The council blinked" not in body
        etag = headers["ETag"]
        assert get(listen, if_none_match=etag)[0] == 304
        slug = folder.post(post_text)
        folder.run("post", "publish", slug, "--no-site").went_well()
        wait_until(lambda: b"The council blinked" in get(listen)[2])
        assert get(listen, if_none_match=etag)[0] == 200
        page = next(folder.output.glob("*/*/the-council-blinked/index.html"))
        path = f"/{page.relative_to(folder.output).parent.as_posix()}/"
        assert b"The council put off its vote" in get(listen, path)[2]
        folder.run("post", "withdraw", slug, "--no-site").went_well()
        wait_until(lambda: b"The council put off its vote" not in get(listen, path)[2])
        assert get(listen, path)[0] == 200  # withdrawn posts keep their page
        assert b"aggregator_feeds" in get(listen, "/metrics")[2]
        assert get(listen, "/nothing")[0] == 404
        assert get(listen, "/.aggregator-manifest.json")[0] == 404
        stop(process)
        out, err = process.communicate()
    assert process.returncode == 0
    assert f"Open http://{listen}/" in out
    assert "https://blog.example/" in out
    assert err.count("\n") == 1  # that it is stopping


def test_a_hub_is_answered_at_the_same_place(folder, listen, wait_until):
    with folder.start("serve", "--tick", "0.2") as process:
        wait_until(lambda: get(listen))
        status, headers, _ = get(listen, "/websub/" + "t" * 43)
        assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert process.poll() is None


def test_pages_need_nothing_that_the_policy_of_the_server_forbids(folder, post_text):
    folder.run("post", "publish", folder.post(post_text)).went_well()
    pages = list(folder.output.rglob("*.html"))
    assert len(pages) > 3
    assert "default-src 'self'" in dict(SECURITY)["Content-Security-Policy"]
    for page in pages:
        tree = html.fromstring(page.read_bytes())
        for script in tree.iter("script"):  # a block of data is no script (HTML §4.12.1)
            assert script.get("src") or script.get("type") == "application/ld+json", page
        assert tree.xpath("//style | //*[@style] | //object | //embed | //iframe") == [], page
        assert tree.xpath("//@*[starts-with(name(), 'on')]") == [], page
        for source in tree.xpath("//script/@src | //link[@rel='stylesheet']/@href"):
            assert "//" not in source.removeprefix("https://blog.example/"), page


def test_a_port_in_use_is_told_with_the_way_out(folder):
    folder.follow()
    with contextlib.ExitStack() as stack:
        # When it cannot be taken somebody else has it, which is as good.
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8321)))
        folder.run("serve").failed(
            4, "cannot listen at 127.0.0.1:8321: address already in use", "`web.listen`"
        )


def test_a_post_that_was_due_while_nothing_ran_is_published_once(
    folder, listen, wait_until, post_text
):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug, "--at", "2999-01-01").went_well()
    with closing(sqlite3.connect(folder.database)) as raw, raw:
        raw.execute("UPDATE posts SET scheduled = '2021-01-01 00:00:00'")
    told, feeds = [], []
    for ending in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
        with folder.start("serve", "--tick", "0.2") as process:
            wait_until(lambda: b"The council blinked" in (get(listen) or (0, 0, b""))[2])
            time.sleep(0.5)  # two ticks more
            feeds.append(get(listen)[2])
            stop(process, ending)
            told.append(process.communicate()[0])
    assert feeds[0].count(b"<entry>") == 1
    assert feeds == [feeds[0]] * 3  # the same id, the same time
    assert [out.count(f"Published {slug}") for out in told] == [1, 0, 0]


def test_a_post_taken_up_before_a_crash_reaches_the_site_after_it(folder, listen, wait_until):
    """The post is published in the database, and then the site is not written."""
    slug = folder.post()
    folder.run("post", "publish", slug, "--no-site").went_well()
    with folder.start("serve", "--tick", "0.2") as process:
        wait_until(lambda: b"The council blinked" in (get(listen) or (0, 0, b""))[2])
        stop(process)
