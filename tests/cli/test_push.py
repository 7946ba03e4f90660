"""Push as its author sees it: `run`, `feeds` and `doctor` with a hub on loopback."""

from __future__ import annotations

import hmac
import json
import socket
import sqlite3
import time
import urllib.request
from contextlib import closing
from urllib.parse import parse_qs, urlencode

import pytest

from servers import response, serving

HEAD = """\
site: {{title: "T", base_url: "https://blog.example/"}}
fetch: {{allow_networks: [127.0.0.0/8], timeout: 8s}}
poll: {{gap: 0s, spacing: 0s}}
web: {{listen: "{listen}"}}
websub: {{callback: "{callback}"}}
"""


class Hub:
    """Publishes a feed, takes subscriptions, asks back when told to, and delivers."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked = body, []

    def __call__(self, request):
        if request.method == "POST":
            form = parse_qs(request.raw.partition(b"\r\n\r\n")[2].decode())
            self.asked.append({name: value[0] for name, value in form.items()})
            return response(202)
        return response(200, self.body, link="</hub>; rel=hub")

    def ask_back(self, mode: str = "subscribe") -> bytes:
        asked = next(one for one in reversed(self.asked) if one["hub.mode"] == mode)
        query = urlencode({"hub.mode": mode, "hub.topic": asked["hub.topic"], "hub.challenge": "c"})
        with urllib.request.urlopen(f"{asked['hub.callback']}?{query}", timeout=5) as answer:
            return answer.read()

    def deliver(self, body: bytes, secret: str | None = None) -> int:
        asked = self.asked[0]
        proof = hmac.new((secret or asked["hub.secret"]).encode(), body, "sha256").hexdigest()
        request = urllib.request.Request(
            asked["hub.callback"], data=body, headers={"X-Hub-Signature": f"sha256={proof}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def settings(folder, *urls: str, **more: str) -> None:
    listen = f"127.0.0.1:{free_port()}"
    given = {"listen": listen, "callback": f"http://{listen}/deep/websub/", **more}
    folder.follow(*urls, head=HEAD.format(**given))


def test_a_feed_is_pushed_from_the_subscription_to_the_site(folder, rss, wait_until):
    hub = Hub(rss("First"))
    with serving(hub) as server:
        settings(folder, server.url("/feed"))
        with folder.start("run", "--tick", "0.2") as process:
            wait_until(lambda: hub.asked)
            assert hub.ask_back() == b"c"
            asked = len(server.requests)
            assert hub.deliver(rss("First", "Second")) == 202
            river = folder.output / "river.atom"
            wait_until(lambda: river.exists() and "Second" in river.read_text())
            assert [one.method for one in server.requests[asked:]] == []
            told = folder.run("feeds", "--log").went_well().out
            assert f"pushed by {server.url('/hub')} since 20" in told
            assert "pushed by its hub" in told
            [feed] = folder.run("feeds", "--json").went_well().json
            push = feed["push"]
            assert (push["works"], push["deliveries"], push["reason"]) == (True, 1, None)
            assert "1 feed pushed by hubs" in folder.run("doctor").out

            address = hub.asked[0]["hub.callback"].partition("/deep/")[0]
            with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
                assert b"aggregator_polls_total" in answer.read()

            for _ in range(3):
                assert hub.deliver(rss("Forged"), secret="wrong") == 202
            told = folder.run("feeds", "--trouble").out
            assert "not signed with our secret, 3 times in a row" in told
            assert "1 feed, all well" in told  # nothing is lost by it
            assert "not signed with our secret" in folder.run("doctor").out
            [feed] = folder.run("feeds", "--json").json
            assert feed["push"]["refused"] == 3
            assert not feed["push"]["works"]

            folder.config.write_text(folder.config.read_text().replace("websub:", "#websub:"))
            wait_until(lambda: hub.asked[-1]["hub.mode"] == "unsubscribe")
            assert hub.ask_back("unsubscribe") == b"c"
            process.terminate()
            out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Listening at 127.0.0.1:" in out
    assert "1 new, 0 changed, pushed" in out
    assert "Traceback" not in err
    assert "Forged" not in river.read_text()
    [feed] = folder.run("feeds", "--json").json
    assert feed["push"] is None
    with closing(sqlite3.connect(folder.database)) as raw:
        assert raw.execute("SELECT count(*) FROM hub_subscriptions").fetchone() == (0,)
    for secret in ("hub.secret", "hub.callback"):
        value = hub.asked[0][secret].rpartition("/")[2]
        assert value not in out + err + told + json.dumps(feed)


def test_it_stops_while_a_hub_is_silent(folder, rss, wait_until):
    def answer(request):
        if request.method == "POST":
            time.sleep(3)
        return response(200, rss("x"), link="</hub>; rel=hub")

    with serving(answer) as server:
        settings(folder, server.url("/feed"))
        with folder.start("run", "--tick", "0.2") as process:
            wait_until(lambda: any(one.method == "POST" for one in server.requests))
            begun = time.monotonic()
            process.terminate()
            process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - begun < 8


def test_a_port_in_use_is_told_and_ends_it(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        settings(folder, listen=listen)
        folder.run("run").failed(4, f"cannot listen at {listen}: address already in use", "`web.")


def test_polls_and_lists_need_no_web_server(folder):
    settings(folder)
    ran = folder.run_afresh("feeds", PYTHONPROFILEIMPORTTIME="1")
    assert ran.code == 0
    for name in ("flask", "werkzeug", "waitress"):
        assert name not in ran.err


@pytest.mark.parametrize("attempts", [1, 3])
def test_doctor_says_when_no_hub_has_ever_asked_back(folder, rss, attempts):
    hub = Hub(rss("x"))
    with serving(hub) as server:
        settings(folder, server.url("/feed"))
        with folder.start("run", "--tick", "0.2") as process:
            end = time.monotonic() + 10
            while not hub.asked and time.monotonic() < end:
                time.sleep(0.02)
            process.terminate()
            process.communicate(timeout=10)
    with closing(sqlite3.connect(folder.database)) as raw, raw:
        raw.execute("UPDATE hub_subscriptions SET attempts = ?", (attempts,))
    ran = folder.run("doctor")
    assert ("no hub has ever asked back" in ran.out) == (attempts == 3)
    assert ran.code == (1 if attempts == 3 else 0)
    assert "which anybody on the way can read" in ran.out
    told = folder.run("feeds").out
    assert f"asked {attempts} time" in told
    assert "it has not asked back" in told
