"""A month of polling, judged.

    python -m benchmarks.month [--publishers 2000] [--days 30] [--seed 1] [--write-log FILE]
    python -m benchmarks.month --log FILE [--narrow SITE]

The first plays a month in about a minute and prints a line for each rule: what was measured,
what is demanded, whether it holds. The second reads the log of any feed reader's requests and
applies the rules that need nothing but that; README.md says what a line of it holds. Exits
with 1 when a rule is broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.judging.demands import Demands
from benchmarks.judging.judge import judge, table
from benchmarks.judging.log import read_log, write_log
from benchmarks.month.month import live
from benchmarks.month.population import DAYS


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--publishers", type=int, default=2000)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="judge this log instead of living a month")
    parser.add_argument(
        "--narrow", action="append", default=[], help="a site whose Retry-After is for single feeds"
    )
    parser.add_argument("--write-log", type=Path, help="keep the log of the month")
    asked = parser.parse_args()
    if asked.log:
        verdicts = judge(read_log(asked.log), Demands(narrow=frozenset(asked.narrow)))
        print(table(verdicts))
    else:
        began = time.process_time()
        result = live(asked.seed, asked.publishers, days=asked.days)
        lived = time.process_time() - began
        if asked.write_log:
            write_log(asked.write_log, result.arrived())
        verdicts = result.verdicts()
        print(table(verdicts))
        print(
            f"{asked.publishers:,} publishers, {asked.days:g} days, {result.memory.runs:,} polls "
            f"by cron, lived in {lived:.0f} s of CPU time; aggregator {version('aggregator')}, "
            f"Python {sys.version.split()[0]}, {os.cpu_count()} processors"
        )
    return int(any(verdict.ok is False for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
