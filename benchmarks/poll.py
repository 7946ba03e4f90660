"""Polling, beside other pollers, in one run.

    python -m benchmarks.poll [--feeds 1000] [--entries 30] [--peer reader] [--json]

Four rounds: a first poll; every answer a 304; the same bodies without validators; one new entry
in each feed. The round of 304s is over so soon that it is run five times, and the median counts.
Each poller runs as a command of its own with its own store, so start-up counts,
and wall time, CPU time of all its processes and the memory of its largest process are taken
from outside. Trust the ratios of one run, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.publishers import address

ROUNDS = ("first poll", "all 304", "same body", "one new entry each")
REPEATED = {"all 304": 5}  # odd; only what leaves everything as it was can be repeated
MODE_OF = dict(zip(ROUNDS, ("first", "first", "same", "new"), strict=True))

SETTINGS = """\
site: {{title: Benchmark}}
fetch: {{allow_networks: [127.0.0.0/8]}}
feeds:
{feeds}"""

READER = """\
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
if sys.argv[2] == "add":
    for url in open(sys.argv[3]).read().split():
        reader.add_feed(url)
else:
    reader.update_feeds(workers=10, scheduled=False)
    print(reader.get_entry_counts().total)
"""


@dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, of all processes
    memory: float  # MiB, of the largest process
    entries: int  # stored afterwards


def run(command: list[str], folder: Path) -> tuple[Cost, str]:
    """Run a command in a folder and return its cost and output."""
    result = folder / "cost.json"
    measured = [sys.executable, "-m", "benchmarks.measure", str(result), *command]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    done = subprocess.run(
        measured, cwd=folder, env=here, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return Cost(**json.loads(result.read_text()), entries=0), done.stdout


class Ours:
    name = "aggregator"

    def __init__(self, folder: Path, urls: list[str]) -> None:
        self.folder = folder
        feeds = "".join(f"  - {{url: '{url}'}}\n" for url in urls)
        (folder / "feeds.yaml").write_text(SETTINGS.format(feeds=feeds))

    def poll(self) -> Cost:
        cost, text = run(
            [sys.executable, "-m", "aggregator", "poll", "--force", "--json"], self.folder
        )
        report = json.loads(text)
        assert report["totals"]["failed"] == 0, report["totals"]
        self.stored = getattr(self, "stored", 0) + report["totals"]["new"]
        return Cost(cost.wall, cost.cpu, cost.memory, self.stored)


class Reader:
    name = "reader"

    def __init__(self, folder: Path, urls: list[str]) -> None:
        self.folder = folder
        (folder / "urls").write_text("\n".join(urls))
        self.command = [sys.executable, "-c", READER, str(folder / "db.sqlite")]
        run([*self.command, "add", str(folder / "urls")], folder)

    def poll(self) -> Cost:
        cost, text = run([*self.command, "update"], self.folder)
        return Cost(cost.wall, cost.cpu, cost.memory, int(text))


PEERS = {"reader": Reader}


def measure(feeds: int, entries: int, peers: list[str]) -> dict[str, dict[str, Cost]]:
    """Return costs by round and poller. Each round is polled by one after the other."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.publishers", str(feeds), str(entries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin
    assert server.stdout
    try:
        port = int(server.stdout.readline())
        urls = [f"http://{address(feed)}:{port}/feed" for feed in range(feeds)]
        with tempfile.TemporaryDirectory() as temporary:
            pollers = []
            for kind in (Ours, *(PEERS[name] for name in peers)):
                folder = Path(temporary) / kind.name
                folder.mkdir()
                pollers.append(kind(folder, urls))
            costs: dict[str, dict[str, Cost]] = {}
            for name in ROUNDS:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/mode/{MODE_OF[name]}").read()
                turns = [
                    [poller.poll() for poller in pollers] for _ in range(REPEATED.get(name, 1))
                ]
                costs[name] = {
                    poller.name: middle(mine)
                    for poller, mine in zip(pollers, zip(*turns, strict=True), strict=True)
                }
            return costs
    finally:
        server.stdin.close()
        server.wait(10)


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        wall=median(cost.wall for cost in costs),
        cpu=median(cost.cpu for cost in costs),
        memory=median(cost.memory for cost in costs),
        entries=costs[-1].entries,
    )


def print_table(costs: dict[str, dict[str, Cost]], feeds: int) -> None:
    print(
        f"{'round':<20} {'poller':<12} {'wall s':>8} {'feeds/s':>8} {'CPU s':>7} {'MiB':>6} "
        f"{'entries':>8} {'times as fast':>14}"
    )
    for name, by_poller in costs.items():
        ours = by_poller["aggregator"]
        for poller, cost in by_poller.items():
            ratio = f"{cost.wall / ours.wall:.1f}" if poller != "aggregator" else ""
            print(
                f"{name:<20} {poller:<12} {cost.wall:>8.2f} {feeds / cost.wall:>8.0f} "
                f"{cost.cpu:>7.2f} {cost.memory:>6.0f} {cost.entries:>8} {ratio:>14}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--peer", action="append", choices=sorted(PEERS), default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    costs = measure(asked.feeds, asked.entries, asked.peer)
    if asked.json:
        plain = {
            name: {who: asdict(cost) for who, cost in found.items()}
            for name, found in costs.items()
        }
        print(json.dumps(plain, indent=1))
        return
    print_table(costs, asked.feeds)
    versions = ", ".join(f"{name} {version(name)}" for name in ["aggregator", *asked.peer])
    print(
        f"{asked.feeds} feeds × {asked.entries} entries; {versions}; "
        f"Python {sys.version.split()[0]}, {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
