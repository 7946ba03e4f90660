"""The author's desk over a full inbox: how long the server takes for each page.

    python -m benchmarks.desk [--entries 100000] [--feeds 1000] [--times 100] [--keep FOLDER]

Whole requests to the desk in this process, from the cookie to the last byte of HTML. Exits with 1
when the 99th of a hundred of anything that is aimed at takes 100 ms or more, or a deep page costs
more than twice what the first does. `--keep` uses the database again that is there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from aggregator.app import App
from aggregator.config.feedtext import keys_of
from aggregator.model.inbox import Among, View
from aggregator.storage.sql import SqlStorage
from aggregator.web.desk.app import create_desk
from aggregator.web.desk.viewing import place_of
from benchmarks.desk.fill import COMMON, fill, subscriptions, vocabulary

AIM = 0.1  # seconds
PASSWORD = "benchmark benchmark"  # noqa: S105 - of nobody
DEPTHS = (0.001, 0.25, 0.5, 0.99)  # parts of the inbox above a page


@dataclass(frozen=True)
class Times:
    """How long one question took, again and again."""

    name: str
    seconds: list[float]
    cpu: list[float]  # seconds of this process alone, whatever else the machine does

    @property
    def middle(self) -> float:
        return median(self.seconds)

    @property
    def slow(self) -> float:
        return _slow(self.seconds)

    @property
    def slow_cpu(self) -> float:
        return _slow(self.cpu)


def _slow(seconds: list[float]) -> float:
    """Return the 99th of a hundred."""
    return sorted(seconds)[max(len(seconds) * 99 // 100 - 1, 0)]


def signed_in(app: App) -> FlaskClient:
    """Return a browser in which somebody is signed in at the desk."""
    if not app.accounts.users():
        app.accounts.add("bench", password=PASSWORD)
    client = create_desk(app.desk_parts()).test_client()
    client.post("/desk/sign-in", data={"name": "bench", "password": PASSWORD})
    return client


def pages(storage: SqlStorage, entries: int) -> Iterator[tuple[str, list[str]]]:
    """Return the addresses of each kind of page."""
    rare = vocabulary()[0][-2_000:]
    yield "first list", ["/desk/inbox"]
    for depth in DEPTHS:
        above = storage.inbox.listed(View(), limit=max(int(entries * depth), 50))
        address = f"/desk/inbox?from={place_of(above[-1].cursor)}"
        yield f"page {len(above) // 50:,} of {entries // 50:,}", [address]
    yield "all", ["/desk/inbox?among=all"]
    yield "by feed", [f"/desk/inbox?feed={number}" for number in range(1, 100)]
    yield "by tag", ["/desk/inbox?tag=city", "/desk/inbox?tag=law"]
    yield "unread counts", ["/desk/inbox/beside"]
    yield "search, common words", [f"/desk/inbox?q={word}" for word in COMMON]
    yield "search, rare words", [f"/desk/inbox?q={word}" for word in rare[:100]]
    pairs = itertools.pairwise(COMMON)
    yield "search, words side by side", [f'/desk/inbox?q="{one} {two}"' for one, two in pairs]
    operators = "-{} tag:law after:2026-02 is:unread", "{} -market feed:77", "{} OR {}"
    yield (
        "search, operators",
        [f"/desk/inbox?q={one.format(word, 'school')}" for one in operators for word in COMMON],
    )
    numbers = [one.number for one in storage.inbox.listed(View(among=Among.ALL), limit=100)]
    yield "an entry to read", [f"/desk/entries/{number}" for number in numbers]


def timed(name: str, ask: Callable[[str], None], addresses: list[str], times: int) -> Times:
    """Return how long it takes to ask for one address after the other."""
    found = Times(name, [], [])
    for turn in range(times):
        begin, cpu = time.perf_counter(), time.process_time()
        ask(addresses[turn % len(addresses)])
        found.seconds.append(time.perf_counter() - begin)
        found.cpu.append(time.process_time() - cpu)
    return found


def measure(app: App, *, entries: int, times: int) -> list[Times]:
    """Return how long pages and deeds take."""
    storage, client = app.storage, signed_in(app)
    begin = time.perf_counter()
    waiting = storage.words.to_index()
    app.intake.catch_up(seconds=3_600)
    if waiting:
        rate = waiting / (time.perf_counter() - begin)
        print(f"put into the index: {waiting:,} entries, {rate:,.0f}/s")

    def ask(address: str) -> None:
        assert client.get(address).status_code == 200, address

    found = []
    for name, addresses in pages(storage, entries):
        ask(addresses[0])  # what is read for the first time comes from the disk
        found.append(timed(name, ask, addresses, times))
    secret = re.search(r'data-csrf="([^"]+)"', client.get("/desk/account").text)
    assert secret
    form = {"csrf": secret[1]}
    script = {"X-Desk-Script": "1"}
    waiting_ones = [one.number for one in storage.inbox.listed(View(), limit=times)]

    def dismiss(number: str) -> None:
        data = form | {"do": f"dismiss {number}"}
        assert client.post("/desk/inbox/mark", data=data, headers=script).status_code == 200

    found.append(timed("dismiss one", dismiss, list(map(str, waiting_ones)), times))

    def undo(_: str) -> None:
        assert client.post("/desk/inbox/undo", data=form, headers=script).status_code == 200

    found.append(timed("undo", undo, [""], times))

    def read_all(_: str) -> None:
        newest = storage.inbox.newest()
        data = form | {"newest": f"{newest}"}
        assert client.post("/desk/inbox/read", data=data, headers=script).status_code == 200

    found.append(timed("mark all as read (not aimed at)", read_all, [""], 1))
    found.append(timed("and undo that (not aimed at)", undo, [""], 1))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        config = folder / "feeds.yaml"
        is_new = not config.exists()
        if is_new:
            followed = [keys_of(one) for one in subscriptions(asked.feeds)]
            config.write_text(json.dumps({"data": ".", "feeds": followed}))
        app = stack.enter_context(App(config))
        if is_new:
            fill(app.storage, feeds=asked.feeds, entries=asked.entries)
        found = measure(app, entries=asked.entries, times=asked.times)
        size = app.database.stat().st_size / 1_000_000
    print(f"{'':<34} {'median ms':>10} {'p99 ms':>8} {'p99 CPU ms':>11}")
    for one in found:
        print(
            f"{one.name:<34} {one.middle * 1000:>10.1f} {one.slow * 1000:>8.1f} "
            f"{one.slow_cpu * 1000:>11.1f}"
        )
    print(f"{asked.entries:,} entries of {asked.feeds:,} feeds, {size:,.0f} MB")
    late = [one.name for one in found if one.slow >= AIM and "not aimed" not in one.name]
    deep = [one for one in found if one.name.startswith("page ")]
    if deep and deep[-1].middle > 2 * found[0].middle:
        late.append("deep pages cost more than the first")
    for name in late:
        print(f"too slow: {name}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
