"""Who is measured: this program and its peers, each as a command with a store of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SETTINGS = """\
site: {{title: Benchmark}}
fetch: {{allow_networks: [127.0.0.0/8]}}
feeds:
{feeds}"""
# As shipped: no feed is asked again sooner, whoever forces it.
SPACING = 10.0  # seconds

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


class Poller(Protocol):
    name: str

    def poll(self) -> Cost:
        """Ask every feed once, and return what it took."""


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
        self.folder, self.stored, self.ended = folder, 0, 0.0
        feeds = "".join(f"  - {{url: '{url}'}}\n" for url in urls)
        (folder / "feeds.yaml").write_text(SETTINGS.format(feeds=feeds))

    def poll(self) -> Cost:
        # Nobody asks the same feed twice in ten seconds; that wait is no work.
        time.sleep(max(self.ended + SPACING - time.monotonic(), 0.0))
        cost, text = run(
            [sys.executable, "-m", "aggregator", "poll", "--force", "--json"], self.folder
        )
        self.ended = time.monotonic()
        report = json.loads(text)
        assert report["totals"]["failed"] == 0, report["totals"]
        self.stored += report["totals"]["new"]
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


class Bare:
    """Requests by httpx and nothing else: what asking alone costs."""

    name = "httpx"

    def __init__(self, folder: Path, urls: list[str]) -> None:
        self.folder, self.urls = folder, len(urls)
        (folder / "urls").write_text("\n".join(urls))

    def poll(self) -> Cost:
        command = [sys.executable, "-m", "benchmarks.bare", "validators.json", "urls"]
        cost, text = run(command, self.folder)
        assert sum(json.loads(text).values()) == self.urls, text
        return Cost(cost.wall, cost.cpu, cost.memory, 0)


PEERS = {"reader": Reader, "httpx": Bare}
