"""One month from beginning to end: who is followed, the reader, the verdicts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator.services.polling import Fetcher
from benchmarks.judging.demands import Demands, Verdict
from benchmarks.judging.judge import judge
from benchmarks.judging.log import Exchange
from benchmarks.month.account import account
from benchmarks.month.network import World
from benchmarks.month.population import DAYS, START, narrow_site, world
from benchmarks.month.publisher import DAY
from benchmarks.month.reader import Memory, Month

# A commit waits for the disk, ten thousand times; what is tried here is not the disk.
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there


@dataclass(frozen=True, kw_only=True)
class Result:
    world: World
    memory: Memory
    demands: Demands
    begin: float
    end: float

    def arrived(self) -> list[Exchange]:
        """Return the requests that left our own network."""
        return [one for one in self.memory.log if not self.world.is_out(one.at)]

    def verdicts(self) -> list[Verdict]:
        """Return all verdicts: those from the log, and those from the truth."""
        return [
            *judge(self.arrived(), self.demands),
            *account(self.world, self.memory, self.demands, begin=self.begin, end=self.end),
        ]


def live(
    seed: int,
    publishers: int,
    *,
    days: float = DAYS,
    spoiled: Callable[[Fetcher], Fetcher] = lambda fetcher: fetcher,
) -> Result:
    """Return what comes of some days among so many publishers; the same for the same seed.

    `spoiled` may put something between the reader and the network.
    """
    around = world(seed, publishers)
    narrow = narrow_site(seed)
    end = START + days * DAY
    with _folder() as folder:
        poll = f"{{sites: [{{site: {narrow}, retry_after: feed}}]}}"
        month = Month(around, folder, begin=START, poll=poll, seed=seed, spoiled=spoiled)
        memory = month.live(end)
    demands = Demands(narrow=frozenset({narrow}))
    return Result(world=around, memory=memory, demands=demands, begin=START, end=end)


@contextmanager
def _folder() -> Iterator[Path]:
    where = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="month-", dir=where) as folder:
        yield Path(folder)
