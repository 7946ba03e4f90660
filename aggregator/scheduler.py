"""The daemon's clock: ticks that look at what is due, and do it.

The truth about what is due is in the database. APScheduler only wakes us up, so there is a job
for each kind of work and nothing to keep in step.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

TICK = timedelta(seconds=15)
QUICK = timedelta(seconds=1)


def run_ticks(
    ticks: Sequence[Callable[[], None]],
    stop: threading.Event,
    *,
    every: timedelta = TICK,
    quick: Sequence[Callable[[], None]] = (),
) -> None:
    """Call each of `ticks` at once and then every so often, until `stop` is set.

    Those that are `quick` are called every second, or more often if the others are.

    They do not wait for each other. One under way when `stop` is set is waited for. A late tick
    is not skipped, several late ones are one, and the same never runs twice at once. An
    exception of a tick is logged and the next tick comes all the same.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(ticks) + len(quick))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    often = [(tick, every) for tick in ticks] + [(tick, min(every, QUICK)) for tick in quick]
    for tick, span in often:
        scheduler.add_job(
            tick, "interval", seconds=span.total_seconds(), next_run_time=datetime.now(UTC)
        )
    # At every tick that outlasts the interval it would say so as a warning; that is no news.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
