"""Threads that ask side by side."""

from __future__ import annotations

import threading
import time

import pytest

from aggregator.services.crew import Threads


def test_jobs_run_side_by_side_and_come_back_as_they_end() -> None:
    gate = threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "slow"

    with Threads[str](2) as crew:
        crew.start(slow)
        crew.start(lambda: "quick")
        assert crew.wait(5) == "quick"
        gate.set()
        assert crew.wait(5) == "slow"
        assert crew.wait(0) is None


def test_there_are_never_more_threads_than_were_asked_for() -> None:
    names: set[str] = set()

    def job() -> None:
        names.add(threading.current_thread().name)
        time.sleep(0.001)

    with Threads[None](3) as crew:
        for _ in range(50):
            crew.start(job)
        time.sleep(0.1)
    assert 1 <= len(names) <= 3
    assert not [thread for thread in threading.enumerate() if thread.name in names]


def test_what_runs_is_waited_for_and_what_does_not_is_not_begun() -> None:
    begun: list[int] = []

    def job(number: int) -> None:
        begun.append(number)
        time.sleep(0.05)

    with Threads[None](1) as crew:
        for number in range(3):
            crew.start(lambda number=number: job(number))  # type: ignore[misc]
        while not begun:
            time.sleep(0.001)
    assert begun == [0]


def test_a_machine_that_gives_no_more_threads_slows_the_crew_and_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start, started = threading.Thread.start, []

    def start_two(thread: threading.Thread) -> None:
        if len(started) >= 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    with Threads[int](8) as crew:
        for number in range(20):
            crew.start(lambda number=number: number)  # type: ignore[misc]
        assert {crew.wait(5) for _ in range(20)} == set(range(20))
