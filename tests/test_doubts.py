"""Turns of doubtful documents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from aggregator.workers.doubts import Doubts


def elsewhere(job: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=job)
    thread.start()
    return thread


def test_a_document_waits_for_its_turn_and_says_so_once() -> None:
    doubts, waiting, came = Doubts(1), threading.Semaphore(0), threading.Event()

    def second() -> None:
        with doubts.turn(waits=waiting.release) as is_mine:
            assert is_mine
            came.set()

    with doubts.turn() as is_mine:
        assert is_mine
        thread = elsewhere(second)
        assert waiting.acquire(timeout=5)
        assert not came.wait(0.05)
    assert came.wait(5)
    thread.join()
    assert not waiting.acquire(blocking=False)


def test_who_gives_up_takes_nothing_from_those_who_wait_on() -> None:
    doubts, stop, gave_up = Doubts(1), threading.Event(), threading.Event()

    def second() -> None:
        with doubts.turn(gives_up=stop.is_set) as is_mine:
            assert not is_mine
            gave_up.set()

    with doubts.turn():
        thread = elsewhere(second)
        stop.set()
        assert gave_up.wait(5)
        thread.join()
    with doubts.turn() as is_mine:
        assert is_mine


def test_who_has_a_turn_has_it_within_as_well() -> None:
    doubts, held = Doubts(1), threading.Event()

    def never() -> None:
        raise AssertionError("it waits for itself")

    def turn() -> AbstractContextManager[bool]:
        return doubts.turn(waits=never)

    with turn() as outer, turn() as inner:
        assert outer
        assert inner
        held.set()
    with turn():
        pass
