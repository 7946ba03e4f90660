"""How many feeds are asked side by side."""

from __future__ import annotations

from aggregator.services.connections import FIRST, LONG, Connections, most_at_once


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def taken(connections: Connections, first: int) -> int:
    """Take all that are free, for the feeds from `first` on; return the number after the last."""
    while connections.are_free:
        connections.take(first)
        first += 1
    return first


def test_there_are_few_to_begin_with_and_more_up_to_the_setting() -> None:
    connections = Connections(5, Clock())
    counts = [taken(connections, 0)]
    while connections.may_be_more:
        connections.open_more()
        counts.append(taken(connections, counts[-1]))
    assert counts == [FIRST, 4, 5]


def test_a_feed_that_takes_long_leaves_its_connection_to_the_others() -> None:
    clock = Clock()
    connections = Connections(2, clock)
    assert taken(connections, 0) == 2
    clock.seconds = LONG / 2
    assert not connections.are_free
    clock.seconds = LONG
    assert taken(connections, 2) == 4


def test_feeds_that_take_long_are_still_bounded() -> None:
    clock = Clock()
    connections = Connections(2, clock)
    number = 0
    for _ in range(20):
        number = taken(connections, number)
        clock.seconds += LONG
    assert number == most_at_once(2)
    connections.give_back(0)  # of those that took long
    assert taken(connections, number) == number + 1


def test_a_connection_that_is_given_back_is_free() -> None:
    connections = Connections(2, Clock())
    assert taken(connections, 0) == 2
    connections.give_back(1)
    assert connections.are_free


def test_it_is_known_when_a_feed_begins_to_take_long() -> None:
    clock = Clock()
    connections = Connections(2, clock)
    assert connections.wait is None
    number = taken(connections, 0)
    clock.seconds = LONG / 4
    assert connections.wait == LONG * 3 / 4
    for turn in range(1, 4):
        clock.seconds = turn * LONG
        number = taken(connections, number)
    assert number == most_at_once(2)
    assert connections.wait is None  # there are as many as there may be
