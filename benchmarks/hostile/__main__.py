"""Hostile servers beside good ones, in one poll.

    python -m benchmarks.hostile [--servers 200] [--timeout 10] [--parse 5]

As many good servers are polled alone, and then among as many hostile ones, each on an address of
its own, one of each in turn: a first poll, when nobody knows yet who is who. Exits with 1 unless
every good feed was read whole, every hostile server that is to fail did, all processes together
stayed below 200 MB, and the good ones were done soon: within three times what they take alone, and
a second.
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.hostile.crowd import Crowd, poll, serving
from benchmarks.hostile.killers import HARMLESS

MOST_MEMORY = 200.0  # MB of 1,000,000 bytes
# Until the last good feed: times as long as alone, and seconds.
MOST_TIMES, MOST_MORE = 3.0, 1.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--servers", type=int, default=200, help="of each kind")
    parser.add_argument("--timeout", type=int, default=10, help="seconds for one feed")
    parser.add_argument("--parse", type=int, default=5, help="seconds for one document")
    given = parser.parse_args()
    count, limits = given.servers, {"timeout": given.timeout, "parse": given.parse}
    with TemporaryDirectory() as folder, serving(count) as port:
        alone, among = Path(folder, "alone"), Path(folder, "among")
        for place in (alone, among):
            place.mkdir()
        by_themselves = poll(alone, port, hostiles=0, goods=count, **limits)
        crowd = poll(among, port, hostiles=count, goods=count, **limits)
    for kind, said in sorted(crowd.failures.items()):
        print(f"{len(said):>4} {kind}: {said[0].partition(': ')[2] or said[0]}"[:150])
    broken = demands_broken(crowd, by_themselves, count)
    print(
        f"good feeds read whole: {crowd.good} of {count}; all done {crowd.good_done:.1f} s after "
        f"the start, {by_themselves.good_done:.1f} s alone "
        f"({crowd.good_done / by_themselves.good_done:.2f} times)"
    )
    print(
        f"memory of all processes: {crowd.memory:.0f} MB at most, {by_themselves.memory:.0f} alone"
        f"; the whole poll took {crowd.all_done:.1f} s"
    )
    for line in broken:
        print(f"BROKEN: {line}")
    python = ".".join(map(str, sys.version_info[:3]))
    print(
        f"{count} hostile servers, {count} good; aggregator {version('aggregator')}; "
        f"Python {python}"
    )
    return 1 if broken else 0


def demands_broken(crowd: Crowd, alone: Crowd, count: int) -> list[str]:
    """Return what was demanded and is not so, in words."""
    broken = []
    if crowd.good != count:
        broken.append(f"{count - crowd.good} good feeds were not read whole")
    unharmed = set(crowd.unharmed) - set(HARMLESS)
    if unharmed:
        broken.append(f"no failure: {', '.join(sorted(unharmed))}")
    if crowd.memory >= MOST_MEMORY:
        broken.append(f"{crowd.memory:.0f} MB, below {MOST_MEMORY:.0f} asked")
    most = MOST_TIMES * alone.good_done + MOST_MORE
    if crowd.good_done > most:
        broken.append(f"the good ones took {crowd.good_done:.1f} s, {most:.1f} at most")
    return broken


if __name__ == "__main__":
    sys.exit(main())
