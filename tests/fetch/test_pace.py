"""One request to a site at a time, and a gap after it, wherever redirects lead."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aggregator.fetch.pace import Pace
from servers import response, serving

FEED = b"<rss version='2.0'><channel><title>A</title></channel></rss>"


def test_a_redirect_to_another_site_waits_for_its_turn_there(make: Any) -> None:
    busy, most = [0], [0]
    lock = threading.Lock()

    def answer(request: object) -> bytes:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.05)
        with lock:
            busy[0] -= 1
        return response(200, FEED)

    with serving(answer) as target:
        redirects = [serving(lambda _: response(301, location=target.url("/"))) for _ in range(4)]
        servers = [one.__enter__() for one in redirects]
        pace = Pace(lambda origin: f"{origin.port}", lambda site: 0.1)
        fetcher = make(pace=pace)
        began = time.monotonic()
        with ThreadPoolExecutor(4) as threads:
            got = list(threads.map(lambda server: fetcher.fetch(server.url("/")), servers))
        for one in redirects:
            one.__exit__(None, None, None)
    assert [one.status for one in got] == [200] * 4
    assert most[0] == 1
    assert time.monotonic() - began >= 4 * 0.05 + 3 * 0.1


def test_waiting_for_a_turn_is_not_the_servers_time(make: Any) -> None:
    def answer(request: object) -> bytes:
        time.sleep(0.3)
        return response(200, FEED)

    from datetime import timedelta

    with serving(answer) as server:
        pace = Pace(lambda origin: "one", lambda site: 0.0)
        fetcher = make(pace=pace, timeout=timedelta(seconds=1))
        with ThreadPoolExecutor(6) as threads:
            got = list(threads.map(lambda _: fetcher.fetch(server.url("/")), range(6)))
    assert [one.status for one in got] == [200] * 6
