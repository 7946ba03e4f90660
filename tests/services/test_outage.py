"""Whose fault it is when nobody can be reached."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model.feed import Feed
from aggregator.model.poll import FailureKind, PollOutcome, PollState, PollStatus
from aggregator.model.subscription import Subscription
from aggregator.services.asked import Asked
from aggregator.services.outage import Outage
from aggregator.storage.protocol import Claim, Site

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def asked(site: str, before: FailureKind | None = None) -> Asked:
    state = PollState(failures=int(before is not None), last_failure=before)
    claim = Claim(
        number=1,
        fence=1,
        until=NOON,
        subscription=Subscription(url=f"https://{site}/"),
        feed=Feed(),
        state=state,
        site=Site(name=site),
    )
    return Asked(claim=claim, at=NOON, every=None, jitter=0)


def outcome(failure: FailureKind | None) -> PollOutcome:
    status = PollStatus.FAILED if failure else PollStatus.UNCHANGED
    return PollOutcome(status=status, at=NOON, state=PollState(), failure=failure)


def judged(*failures: tuple[str, FailureKind | None]) -> Outage:
    outage = Outage()
    for site, failure in failures:
        outage.keeps(asked(site), outcome(failure))
    return outage


@pytest.mark.parametrize(
    ("reached", "unreached", "ours"),
    [(0, 4, False), (0, 5, True), (4, 5, True), (5, 5, False), (5, 6, True), (100, 99, False)],
)
def test_most_sites_must_fail_and_five_at_least(reached: int, unreached: int, ours: bool) -> None:
    outage = judged(
        *((f"up{n}", FailureKind.NOT_FOUND) for n in range(reached)),
        *((f"down{n}", FailureKind.TIMEOUT) for n in range(unreached)),
    )
    assert outage.is_ours is ours
    assert len(outage.kept()) == unreached
    assert outage.kept() == []


def test_many_feeds_of_one_site_are_one_witness() -> None:
    assert not judged(*(("down", FailureKind.DNS) for _ in range(50))).is_ours


def test_a_site_with_one_feed_that_answered_is_up() -> None:
    both = [(f"s{n}", kind) for n in range(9) for kind in (FailureKind.TIMEOUT, None)]
    assert not judged(*both).is_ours


def test_what_was_down_before_proves_nothing() -> None:
    outage = Outage()
    for number in range(30):
        outage.keeps(asked(f"dead{number}", FailureKind.DNS), outcome(FailureKind.DNS))
    assert not outage.is_ours


def test_what_was_never_asked_proves_nothing() -> None:
    refused = [(f"s{n}", FailureKind.FORBIDDEN_ADDRESS) for n in range(30)]
    down = [(f"down{n}", FailureKind.DNS) for n in range(5)]
    assert judged(*refused, *down).is_ours


def test_it_is_clear_early_when_everything_fails_or_hardly_anything() -> None:
    assert judged(*((f"s{n}", FailureKind.DNS) for n in range(20))).is_clear
    assert not judged(*((f"s{n}", FailureKind.DNS) for n in range(19))).is_clear
    well = [(f"s{n}", None) for n in range(20)]
    assert judged(*well, ("x", FailureKind.DNS)).is_clear
    assert not judged(*well, *((f"d{n}", FailureKind.DNS) for n in range(15))).is_clear
