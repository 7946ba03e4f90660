"""The real program among hostile servers: when the good ones are done, what became of the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile.memory import watched
from benchmarks.hostile.servers import ENTRIES, good, hostile

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """\
site: {{title: A crowd}}
fetch: {{allow_networks: [127.0.0.0/8], timeout: {timeout}s}}
parse: {{timeout: {parse}s}}
feeds:
{feeds}"""


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What one poll came to. Times in seconds."""

    good_done: float  # from the start of the program to the last good feed
    all_done: float
    memory: float  # MB, of all processes at one moment, what they share counted once
    good: int  # feeds that were read whole
    failures: dict[str, list[str]]  # by what the servers do: what was said of each
    unharmed: tuple[str, ...]  # what hostile servers do that was no failure


@contextmanager
def serving(count: int) -> Iterator[int]:
    """Start so many hostile servers and good ones; give their port."""
    command = [sys.executable, "-m", "benchmarks.hostile.servers", str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.terminate()


def poll(
    folder: Path,
    port: int,
    *,
    hostiles: int,
    goods: int,
    timeout: int = 30,
    parse: int = 10,
) -> Crowd:
    """Poll so many of each kind, one of each in turn. Time-outs in seconds."""
    kinds = {f"http://{hostile(n)[0]}:{port}/feed": hostile(n)[1] for n in range(hostiles)}
    goods_at = {f"http://{good(n)}:{port}/feed" for n in range(goods)}
    urls = _mixed(list(kinds), sorted(goods_at))
    feeds = "".join(f"  - {{url: '{url}'}}\n" for url in urls)
    text = SETTINGS.format(timeout=timeout, parse=parse, feeds=feeds)
    (folder / "feeds.yaml").write_text(text)
    began = time.monotonic()
    done, memory = _run(folder, began)
    asked = json.loads(_output(folder, "feeds", "--json"))
    errors = {feed["url"]: feed["error"] for feed in asked}
    failures: dict[str, list[str]] = {}
    for url, kind in kinds.items():
        if errors[url]:
            failures.setdefault(kind, []).append(errors[url])
    return Crowd(
        good_done=max((at for name, at in done.items() if name.startswith("Good ")), default=0.0),
        all_done=time.monotonic() - began,
        memory=memory,
        good=sum(feed["entries"] == ENTRIES for feed in asked if feed["url"] in goods_at),
        failures=failures,
        unharmed=tuple(sorted({kind for url, kind in kinds.items() if not errors[url]})),
    )


def _mixed(some: Sequence[str], others: Sequence[str]) -> list[str]:
    longest = max(len(some), len(others))
    return [url for n in range(longest) for urls in (some, others) for url in urls[n : n + 1]]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def _run(folder: Path, began: float) -> tuple[dict[str, float], float]:
    """Poll; return when each feed that had news was told of, by its title, and the memory."""
    command = [sys.executable, "-m", "aggregator", "poll", "--force"]
    done: dict[str, float] = {}
    with (
        subprocess.Popen(
            command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True
        ) as process,
        watched(process.pid) as peak,
    ):
        assert process.stdout
        for line in process.stdout:
            done[line.partition(":")[0]] = time.monotonic() - began
    assert process.returncode in {0, 1}, process.returncode
    return done, peak.largest


def _output(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "aggregator", *words]
    return subprocess.run(
        command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout
