"""What a poll tells its caller, feed by feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.poll import FoundFeed, PollOutcome, PollStatus
from aggregator.storage.protocol import Claim, StoredFeed


@dataclass(frozen=True, kw_only=True)
class FeedReport:
    """How a poll ended for one feed."""

    url: str
    title: str
    status: PollStatus
    asked: bool = True  # whether this poll asked it at all
    new: int = 0
    changed: int = 0
    held: int = 0  # of the new ones, kept out of the inbox
    next_poll_at: datetime | None = None
    reason: str = ""
    error: str | None = None
    newly_failed: bool = False
    notes: tuple[str, ...] = ()
    found: tuple[FoundFeed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PollReport:
    """How a poll ended: every feed it was about, in the order of feeds.yaml."""

    feeds: tuple[FeedReport, ...]
    stopped: bool = False  # by a signal, before all was done

    @property
    def polled(self) -> int:
        """How many feeds were asked."""
        return sum(report.asked for report in self.feeds)

    @property
    def new(self) -> int:
        return sum(report.new for report in self.feeds)

    @property
    def changed(self) -> int:
        return sum(report.changed for report in self.feeds)

    @property
    def failed(self) -> int:
        """How many were asked and failed, gone ones among them."""
        failures = (PollStatus.FAILED, PollStatus.GONE)
        return sum(report.asked and report.status in failures for report in self.feeds)

    @property
    def newly_failed(self) -> int:
        """How many failed now that did not fail the time before."""
        return sum(report.newly_failed for report in self.feeds)

    @property
    def all_held_elsewhere(self) -> bool:
        """Whether every due feed is being polled by somebody else."""
        deferred = any(report.status is PollStatus.DEFERRED for report in self.feeds)
        return deferred and not self.polled and not self.stopped


def report_of(claim: Claim, outcome: PollOutcome, *, new: int, changed: int) -> FeedReport:
    """Report on a feed that was polled and saved."""
    about = outcome.feed or claim.feed
    return FeedReport(
        url=claim.subscription.url,
        title=claim.subscription.title or about.title,
        status=outcome.status,
        new=new,
        changed=changed,
        held=new if outcome.held else 0,
        next_poll_at=outcome.state.next_poll_at,
        reason=outcome.state.reason,
        error=outcome.error,
        newly_failed=outcome.error is not None and claim.state.failures == 0,
        notes=outcome.notes,
        found=outcome.found,
    )


def unpolled(feed: StoredFeed, now: datetime) -> FeedReport:
    """Report on a feed that was not polled, from what is stored of it."""
    state = feed.state
    reason = state.reason
    status = PollStatus.NOT_DUE
    if feed.subscription.paused:
        reason = "paused in feeds.yaml"
    elif state.gone:
        status = PollStatus.GONE
    elif state.next_poll_at is None or state.next_poll_at <= now:
        status = PollStatus.DEFERRED
        reason = "another poll has it, or this one was stopped"
    return FeedReport(
        url=feed.subscription.url,
        title=feed.subscription.title or feed.feed.title,
        status=status,
        asked=False,
        next_poll_at=state.next_poll_at,
        reason=reason,
        error=state.last_error,
    )
