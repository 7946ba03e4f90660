"""A feed being polled, and what its next time depends on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregator.config.settings import Settings
from aggregator.model.feed import Feed
from aggregator.model.poll import PollState
from aggregator.model.replacing import replace
from aggregator.reading.schedule import SHORTEST, Wish, next_poll_at
from aggregator.storage.protocol import Claim


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A claim being polled: when it was asked, and what its next time depends on.

    Once there is an answer, `at` is when that came.
    """

    claim: Claim
    at: datetime
    every: timedelta | None  # the author's interval for this feed; None: by its rhythm
    jitter: float  # 0 to 1, drawn by the caller
    pushed: bool = False  # a hub tells us of its news, and has not failed to
    site_waits: bool = True  # a request to wait is for the whole site

    def due(
        self,
        state: PollState,
        feed: Feed,
        *,
        retry_after: timedelta | None = None,
        own_machine: bool = False,
    ) -> PollState:
        """Return `state` with the time of the next poll and its reason filled in.

        `own_machine`: the answer came from where only the author's own machines are.
        """
        least = timedelta(0) if own_machine or self.claim.site is None else SHORTEST
        due = next_poll_at(
            self.at,
            wish=Wish(every=self.every, least=least, pushed=self.pushed),
            rhythm=state.rhythm,
            hint=state.hint,
            hints=feed.hints,
            failures=state.failures,
            failure=state.last_failure,
            retry_after=retry_after,
            jitter=self.jitter,
        )
        return replace(state, next_poll_at=due.at, reason=due.reason)

    def went_well(self, **learned: Any) -> PollState:
        """Return the state after any answer that was no failure, with what was `learned` by it."""
        before = self.claim.state
        rhythm = before.rhythm
        if rhythm.since is None:
            rhythm = replace(rhythm, since=self.at)
        return replace(
            before,
            last_polled_at=self.at,
            last_success_at=self.at,
            failures=0,
            failing_since=None,
            last_failure=None,
            last_error=None,
            gone=False,
            not_before=None,
            polls=before.polls + 1,
            offers=(),
            searched=None,
            searched_at=None,
            **{"rhythm": rhythm, **learned},
        )


def asked_of(claim: Claim, settings: Settings, at: datetime, jitter: float) -> Asked:
    """Return a claim with all that its next time depends on; `jitter` is from 0 to 1."""
    poll, push = settings.poll, claim.push
    return Asked(
        claim=claim,
        at=at,
        every=claim.subscription.interval or poll.interval,
        jitter=jitter,
        pushed=push is not None and push.callback == settings.websub.callback and push.works(at),
        site_waits=claim.site is not None and poll.site_waits(claim.site.name),
    )
