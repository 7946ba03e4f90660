"""Room for bodies: what they take together, and who waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.decoding import decoded
from aggregator.fetch.room import STEP, Room
from servers import Request, serving


class Taker:
    """A thread in a room, which takes a step each time it is told to."""

    def __init__(self, room: Room) -> None:
        self._room, self._told = room, threading.Semaphore(0)
        self._wanted, self.steps = 0, 0
        self._stepped, self._over = threading.Condition(), False
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        with self._room.entered():
            while self._told.acquire() and not self._over:
                self._room.step()
                with self._stepped:
                    self.steps += 1
                    self._stepped.notify_all()

    def take(self, *, within: float = 5.0) -> bool:
        """Take one step more; whether that was possible in time."""
        self._wanted += 1
        self._told.release()
        return self.has_taken(within=within)

    def has_taken(self, *, within: float = 5.0) -> bool:
        """Whether all steps are taken that it was told to take."""
        with self._stepped:
            return self._stepped.wait_for(lambda: self.steps == self._wanted, within)

    def leave(self) -> None:
        self._over = True
        self._told.release()
        self._thread.join(5)


@contextmanager
def takers(room: Room, count: int) -> Iterator[list[Taker]]:
    all_of_them = [Taker(room) for _ in range(count)]
    try:
        yield all_of_them
    finally:
        for one in all_of_them:
            one.leave()


def test_a_body_that_finds_no_room_waits_until_another_has_been_read() -> None:
    with takers(Room(2 * STEP), 3) as (first, second, third):
        assert first.take()
        assert second.take()
        assert second.take()  # one may go ahead
        assert not third.take(within=0.05)
        second.leave()
        assert third.has_taken()


def test_who_goes_ahead_never_waits_for_room_so_that_it_is_read_in_the_end() -> None:
    with takers(Room(2 * STEP), 2) as (first, second):
        assert first.take()
        assert second.take()
        assert all(first.take() for _ in range(20))
        assert not second.take(within=0.05)


def test_the_eldest_that_waits_goes_ahead_next() -> None:
    with takers(Room(STEP), 4) as (has_all, first, second, third):
        assert has_all.take()
        assert first.take()
        assert not second.take(within=0.05)
        assert not third.take(within=0.05)
        first.leave()
        assert second.has_taken()
        assert not third.has_taken(within=0.05)
        assert all(second.take() for _ in range(20))
        second.leave()
        assert third.has_taken()


def test_nobody_waits_for_a_body_that_is_being_read_and_did_not_go_ahead() -> None:
    with takers(Room(2 * STEP), 2) as (read, grows):
        assert read.take()
        assert read.take()
        assert all(grows.take() for _ in range(20))


def test_whoever_did_not_enter_waits_for_nobody() -> None:
    room = Room(STEP)
    with takers(room, 1) as (inside,):
        assert inside.take()
        assert room.step() == 0.0
        room.leave()


def test_the_time_that_was_waited_is_told() -> None:
    clock = iter((10.0, 17.5))
    room = Room(STEP, clock=lambda: next(clock))
    with room.entered():
        assert room.step() == 7.5


def test_a_small_body_asks_for_no_room_and_a_large_one_step_by_step() -> None:
    def asked(size: int) -> int:
        steps: list[None] = []
        grow = lambda: steps.append(None)  # noqa: E731
        body = decoded([bytes(1000)] * (size // 1000), "", limit=size, host="a", grows=grow)
        assert len(body) == size
        return len(steps)

    assert asked(STEP // 1000 * 1000) == 0
    assert asked(10 * STEP // 1000 * 1000) == 9


def test_whoever_need_not_wait_any_more_gives_up_and_nobody_is_to_blame() -> None:
    room = Room(STEP)
    with takers(room, 1) as (ahead,):
        assert ahead.take()
        assert ahead.take()
        with room.entered(lambda: True), pytest.raises(FetchError) as caught:
            room.step()
        assert caught.value.ours
        assert ahead.take()


def test_a_body_that_has_a_reader_to_itself_counts_and_lets_the_next_go_ahead() -> None:
    room = Room(STEP)
    with takers(room, 2) as (first, second), room.entered():
        room.step()
        room.step()
        assert not first.take(within=0.05)
        room.settle(2 * STEP)
        assert first.has_taken()
        assert not second.take(within=0.05)
        room.leave()
        first.leave()
        assert second.has_taken()


@pytest.mark.parametrize(("waits", "ours"), [(0.0, False), (20.0, True)])
def test_a_server_that_gives_up_while_we_wait_for_room_is_not_to_blame(
    make: Any, waits: float, ours: bool
) -> None:
    def breaks_off(request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + bytes(2 * STEP)

    class Ticks:
        seconds = 0.0

        def __call__(self) -> float:
            self.seconds += waits
            return self.seconds

    room = Room(clock=Ticks())
    with serving(breaks_off) as server, room.entered(), pytest.raises(FetchError) as caught:
        make(room=room).fetch(server.url())
    assert caught.value.ours is ours
    assert ("waited 20 s for room" in str(caught.value)) is ours
