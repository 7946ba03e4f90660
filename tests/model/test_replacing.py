"""Copies of frozen values, made as `dataclasses.replace` makes them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from aggregator.config.settings import Settings
from aggregator.model.poll import Move, PollOutcome, PollState, PollStatus
from aggregator.model.replacing import replace
from aggregator.services.asked import Asked
from aggregator.storage.protocol import Claim, Site

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MOVE = Move(url="https://a.example/", since=NOON, times=1)
STATE = PollState(polls=3, reason="in 1 h", move=MOVE)


def test_a_copy_is_the_one_that_the_library_makes() -> None:
    changed = replace(STATE, polls=4, last_polled_at=NOON)
    assert changed == dataclasses.replace(STATE, polls=4, last_polled_at=NOON)
    assert hash(changed) == hash(dataclasses.replace(changed))
    assert type(changed) is PollState
    assert STATE.polls == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed.polls = 5  # type: ignore[misc]


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="PollState has no field colour"):
        replace(STATE, polls=4, colour="green")  # type: ignore[call-arg]


@pytest.mark.parametrize("noun", [Asked, Claim, Move, PollOutcome, PollState, Settings, Site])
def test_what_is_copied_so_does_nothing_else_when_it_is_made(noun: type) -> None:
    assert not hasattr(noun, "__post_init__")
    assert not hasattr(noun, "__slots__")
    assert all(field.init for field in dataclasses.fields(noun))


def test_an_outcome_is_copied_whole() -> None:
    outcome = PollOutcome(status=PollStatus.NOT_MODIFIED, at=NOON, state=STATE, octets=7)
    assert replace(outcome, seconds=0.5).octets == 7
