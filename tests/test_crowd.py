"""Hostile servers of every kind among good ones, polled by the real program."""

from __future__ import annotations

from pathlib import Path

from benchmarks.hostile.crowd import poll, serving
from benchmarks.hostile.killers import HARMLESS
from benchmarks.hostile.servers import KINDS

GOODS = 20


def test_hostile_servers_take_nothing_from_the_good_ones_that_are_polled_with_them(
    tmp_path: Path,
) -> None:
    with serving(len(KINDS)) as port:
        crowd = poll(tmp_path, port, hostiles=len(KINDS), goods=GOODS, timeout=2, parse=1)
    assert crowd.good == GOODS, "a good feed was not read whole"
    assert crowd.good_done < crowd.all_done - 1, "the good ones waited for the hostile ones"
    assert set(crowd.failures) | set(HARMLESS) == set(KINDS)
    assert crowd.memory < 200, "MB"
