"""What is promised of a month, to be tried on one or another thousand publishers.

    class TestOneThousand(Promises):
        seed = 1

Each class lives its month once. There are several tests in it, not one, so that the runner gives
no second month to the processor that is busy with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest

from benchmarks.judging import judge
from benchmarks.judging.conditions import SHARE
from benchmarks.judging.demands import Verdict
from benchmarks.month.account import FATES, THRIFT, WORDS
from benchmarks.month.month import Result, live

PUBLISHERS = 1000


class Promises:
    seed: ClassVar[int]

    @pytest.fixture(scope="class")
    @classmethod
    def month(cls) -> Result:
        return live(cls.seed, PUBLISHERS)

    @pytest.fixture(scope="class")
    @classmethod
    def verdicts(cls, month: Result) -> list[Verdict]:
        return month.verdicts()

    def test_publishers_are_asked_when_and_as_they_wish(self, verdicts: list[Verdict]) -> None:
        assert _broken(verdicts, judge.RULES) == []

    def test_what_has_not_changed_is_not_sent_again(self, verdicts: list[Verdict]) -> None:
        [share] = [verdict for verdict in verdicts if verdict.rule == SHARE]
        assert share.ok, share

    def test_no_word_is_lost_or_told_twice(self, verdicts: list[Verdict]) -> None:
        assert _broken(verdicts, WORDS) == []

    def test_no_feed_is_given_up_moved_or_silenced_without_reason(
        self, verdicts: list[Verdict]
    ) -> None:
        assert _broken(verdicts, FATES) == []

    def test_hardly_more_is_asked_than_by_who_knows_everything(
        self, verdicts: list[Verdict]
    ) -> None:
        assert _broken(verdicts, (THRIFT,)) == []

    def test_there_was_something_to_be_tried(self, month: Result, verdicts: list[Verdict]) -> None:
        assert len(verdicts) > 25
        statuses = {one.status for one in month.memory.log}
        assert {None, 200, 304, 301, 302, 308, 403, 404, 410, 429, 500, 503} <= statuses
        assert len(month.arrived()) > 30_000
        assert len(month.memory.moved) >= 4
        assert len(month.memory.held) >= 8


def _broken(verdicts: Sequence[Verdict], rules: Sequence[str]) -> list[Verdict]:
    """Return the verdicts that are not fine, of those whose rules begin so."""
    asked = [verdict for verdict in verdicts if verdict.rule.startswith(tuple(rules))]
    assert len(asked) >= len(rules)
    return [verdict for verdict in asked if not verdict.ok]
