"""What a poll tells its caller, feed by feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aggregator.model.poll import FoundFeed, PollOutcome, PollStatus
from aggregator.reading.words import words
from aggregator.services.redirects import is_believed
from aggregator.storage.protocol import Claim, StoredFeed

ANSWERED = (PollStatus.NEW_CONTENT, PollStatus.UNCHANGED, PollStatus.NOT_MODIFIED)


class Spared(NamedTuple):
    """Why feeds that were due were not asked: sites with too many, our own outage, a stop."""

    sites: frozenset[str]
    outage: str  # "" when there was none
    stopped: bool


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
    held_elsewhere: bool = False  # another poll is at work on it or its site
    move_to: str | None = None  # permanent redirects have led there for long enough
    http_status: int | None = None
    octets: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    found: tuple[FoundFeed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PollReport:
    """How a poll ended: every feed it was about, in the order of feeds.yaml."""

    feeds: tuple[FeedReport, ...]
    stopped: bool = False  # by a signal, before all was done
    outage: str = ""  # how we know that our own network is down; "" when it is not

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
        elsewhere = any(report.held_elsewhere for report in self.feeds)
        return elsewhere and not self.polled and not self.stopped


def report_of(claim: Claim, outcome: PollOutcome, *, new: int, changed: int) -> FeedReport:
    """Report on a feed that was polled and saved."""
    about = outcome.feed or claim.feed
    # A failure says nothing of where the feed is, however long ago the redirects began.
    move = outcome.state.move if outcome.status in ANSWERED else None
    return FeedReport(
        url=claim.subscription.url,
        title=claim.subscription.title or about.title,
        status=outcome.status,
        asked=outcome.asked,
        new=new,
        changed=changed,
        held=new if outcome.held else 0,
        next_poll_at=outcome.state.next_poll_at,
        reason=outcome.state.reason,
        error=outcome.error,
        newly_failed=outcome.error is not None and claim.state.failures == 0,
        move_to=move.url if move and is_believed(move, outcome.at) else None,
        http_status=outcome.http_status,
        octets=outcome.octets,
        seconds=outcome.seconds,
        notes=outcome.notes,
        found=outcome.found,
    )


def unpolled(feed: StoredFeed, now: datetime, *, asked_for: bool, spared: Spared) -> FeedReport:
    """Report on a feed that was not polled, from what is stored of it.

    `asked_for`: it was wanted whether due or not. `spared` says what kept the run from feeds.
    """
    state, site = feed.state, feed.site
    status, reason, elsewhere = PollStatus.DEFERRED, state.reason, False
    due = asked_for or state.next_poll_at is None or state.next_poll_at <= now
    if feed.subscription.paused:
        status, reason = PollStatus.NOT_DUE, "paused in feeds.yaml"
    elif state.gone:
        status = PollStatus.GONE
    elif not due:
        status = PollStatus.NOT_DUE
    elif feed.claimed_until and feed.claimed_until > now:
        elsewhere, reason = True, "another poll has it, or its site"
    elif state.not_before and state.not_before > now:
        wait = words(state.not_before - now)
        reason = f"its publisher asked us to wait; {wait} of that are left"
    elif site and site.not_before and site.not_before > now:
        reason = f"{site.name} asked us to wait, {words(site.not_before - now)} more: {site.reason}"
    elif spared.outage:
        reason = spared.outage
    elif site and site.name in spared.sites:
        reason = f"{site.name} has been asked for many feeds; this one follows in the next poll"
    elif spared.stopped:
        reason = "this poll was stopped before its turn came"
    else:
        reason = "its turn did not come in this poll; it follows in the next one"
    return FeedReport(
        url=feed.subscription.url,
        title=feed.subscription.title or feed.feed.title,
        status=status,
        asked=False,
        next_poll_at=state.next_poll_at,
        reason=reason,
        error=state.last_error,
        held_elsewhere=elsewhere,
    )
