"""`aggregator run`: the daemon polls, publishes, takes up changes, and stops when asked."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from servers import response, serving


class Watched:
    """The lines that a running program prints, as they come."""

    def __init__(self, process) -> None:
        self.out, self.err = [], []
        for stream, lines in ((process.stdout, self.out), (process.stderr, self.err)):
            threading.Thread(target=lines.extend, args=(stream,), daemon=True).start()


@pytest.fixture
def daemon(folder):
    """Start the daemon on a folder with a quick tick; it is stopped with SIGTERM at the end."""
    with folder.start("run", "--tick", "0.2") as process:
        yield process, Watched(process)


# It takes a third of a second; much more where all processors are busy with other tests.
SOON = 8


def stopped(process, number=signal.SIGTERM) -> float:
    begun = time.monotonic()
    process.send_signal(number)
    process.wait(10)
    return time.monotonic() - begun


def test_it_polls_publishes_and_stops(folder, rss, wait_until, post_text):
    state = {"titles": ["First"]}
    with serving(lambda request: response(200, rss(*state["titles"]))) as server:
        folder.follow(server.url("/"), interval="1s")
        with folder.start("run", "--tick", "0.2") as process:
            river = folder.output / "river.atom"
            wait_until(lambda: river.exists() and "First" in river.read_text())
            slug = folder.post(post_text)
            folder.run("post", "publish", slug, "--no-site").went_well()
            feed = folder.output / "feed.atom"
            wait_until(lambda: "The council blinked" in feed.read_text())
            took = stopped(process)
            out, err = process.communicate()
    assert process.returncode == 0
    assert took < SOON
    assert err.count("\n") == 1  # that it is stopping
    assert "nothing was left half done" in out


def test_ctrl_c_stops_it_as_well(folder, wait_until):
    with folder.start("run") as process:
        wait_until((folder.output / "feed.atom").exists)
        assert stopped(process, signal.SIGINT) < SOON
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 130


def test_a_changed_feeds_yaml_is_taken_up_and_a_broken_one_is_survived(
    folder, rss, wait_until, daemon
):
    process, told = daemon
    with serving(lambda request: response(200, rss("Late comer"))) as server:
        wait_until((folder.output / "feed.atom").exists)
        good = folder.config.read_text()
        folder.config.write_text("feeds: [\n")
        wait_until(lambda: told.err)
        asked = len(server.requests)
        time.sleep(0.3)
        assert len(told.err) == 1  # not at every tick
        assert "feeds.yaml:" in told.err[0]
        assert "from before" in told.err[0]
        assert process.poll() is None
        folder.config.write_text(
            good.replace("feeds: []", f"feeds:\n  - {{url: '{server.url('/')}', interval: 1s}}")
        )
        river = folder.output / "river.atom"
        wait_until(lambda: "Late comer" in river.read_text())
        assert any("following 1 feed" in line for line in told.out)
        folder.config.write_text("feeds: [\n")
        asked = len(server.requests)
        wait_until(lambda: len(server.requests) > asked)  # it goes on with what it knows
    assert stopped(process) < SOON
    assert process.returncode == 0
    assert "Traceback" not in "".join(told.err)


def test_a_scheduled_post_is_published_when_its_time_has_come(folder, wait_until, post_text):
    slug = folder.post(post_text)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    folder.run("post", "publish", slug, "--at", soon).went_well()
    with folder.start("run", "--tick", "0.2") as process:
        feed = folder.output / "feed.atom"
        wait_until(lambda: feed.exists() and "The council blinked" in feed.read_text())
        stopped(process)
    assert process.returncode == 0


def test_a_scheduled_post_that_cannot_be_published_is_told_once(folder, wait_until, post_text):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug, "--at", "2999-01-01").went_well()
    with closing(sqlite3.connect(folder.database)) as raw, raw:
        broken = post_text + "\n<!-- ask Ana -->\n"
        raw.execute("UPDATE posts SET scheduled = '2021-01-01 00:00:00', document = ?", (broken,))
    with folder.start("run", "--tick", "0.1") as process:
        told = Watched(process)
        wait_until(lambda: told.err and (folder.output / "feed.atom").exists())
        time.sleep(0.5)
        assert process.poll() is None
        assert len(told.err) == 1
        assert f"aggregator post edit {slug}" in told.err[0]
        stopped(process)


def test_a_site_that_cannot_be_written_does_not_end_it(folder, wait_until):
    folder.output.write_text("a file where the folder should be")
    with folder.start("run", "--tick", "0.2") as process:
        told = Watched(process)
        wait_until(lambda: told.err)
        assert process.poll() is None
        folder.output.unlink()
        wait_until((folder.output / "feed.atom").exists)
        assert stopped(process) < SOON
    assert process.returncode == 0
