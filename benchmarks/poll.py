"""Polling, beside other pollers, in one run.

    python -m benchmarks.poll [--feeds 1000] [--entries 30] [--hosts N] [--latency mixed]
                              [--peer reader] [--peer httpx] [--rounds 4] [--json]

Four rounds: a first poll; every answer a 304; the same bodies without validators; one new entry
in each feed. The round of 304s is over so soon that it is run five times, and the median counts;
not so with latency, where one is enough. Each poller runs as a command of its own with its own
store, so start-up counts, and wall time, CPU time of all its processes and the memory of its
largest process are taken from outside. Trust the ratios of one run, not the seconds.
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

from benchmarks.pollers import PEERS, Cost, Ours, Poller
from benchmarks.publishers import LATENCIES, url

ROUNDS = ("first poll", "all 304", "same body", "one new entry each")
REPEATED = {"all 304": 5}  # odd; only what leaves everything as it was can be repeated
MODE_OF = dict(zip(ROUNDS, ("first", "first", "same", "new"), strict=True))


@dataclass(frozen=True)
class Plan:
    feeds: int
    entries: int
    hosts: int
    latency: str
    peers: list[str]
    rounds: int


def measure(plan: Plan) -> dict[str, dict[str, Cost]]:
    """Return costs by round and poller. Each round is polled by one after the other."""
    asked = [str(one) for one in (plan.feeds, plan.entries, plan.hosts, plan.latency)]
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.publishers", *asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin
    assert server.stdout
    try:
        port = int(server.stdout.readline())
        urls = [url(feed, plan.feeds, plan.hosts, port) for feed in range(plan.feeds)]
        with tempfile.TemporaryDirectory() as temporary:
            pollers: list[Poller] = []
            for kind in (Ours, *(PEERS[name] for name in plan.peers)):
                folder = Path(temporary) / kind.name
                folder.mkdir()
                pollers.append(kind(folder, urls))
            costs: dict[str, dict[str, Cost]] = {}
            for name in ROUNDS[: plan.rounds]:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/mode/{MODE_OF[name]}").read()
                times = REPEATED.get(name, 1) if plan.latency == "none" else 1
                turns = [[poller.poll() for poller in pollers] for _ in range(times)]
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
    parser.add_argument("--hosts", type=int, help="on how many addresses; default: each its own")
    parser.add_argument("--latency", choices=sorted(LATENCIES), default="none")
    parser.add_argument("--rounds", type=int, choices=range(1, 5), default=4)
    parser.add_argument("--peer", action="append", choices=sorted(PEERS), default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    plan = Plan(
        asked.feeds,
        asked.entries,
        asked.hosts or asked.feeds,
        asked.latency,
        asked.peer,
        asked.rounds,
    )
    costs = measure(plan)
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
        f"{plan.feeds} feeds × {plan.entries} entries on {plan.hosts} hosts, latency "
        f"{plan.latency}; {versions}; "
        f"Python {sys.version.split()[0]}, {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
