"""Whose fault it is when nobody can be reached."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from aggregator.model.poll import UNREACHED, FailureKind, PollOutcome, PollStatus
from aggregator.services.asked import Asked

FEWEST = 5  # sites that cannot be reached; fewer may well be down by themselves
SURE = 20  # sites, after which it is clear without asking the others

Doubtful = tuple[Asked, PollOutcome]


class Outage:
    """Keeps failures back until it is clear whether they are the publishers' or our own.

    Sites that were failing so before are no evidence: they may be gone. What earlier polls saw
    counts as well, as long as nobody at all has answered since: a short list has few feeds due
    at a time.
    """

    def __init__(self) -> None:
        self._reached: set[str] = set()
        self._unreached: set[str] = set()
        self._kept: list[Doubtful] = []

    def keeps(self, asked: Asked, outcome: PollOutcome) -> bool:
        """Take note of an outcome; return whether it is kept back for now."""
        site = asked.claim.site
        if site is None:
            return False
        if outcome.failure in {FailureKind.BAD_URL, FailureKind.FORBIDDEN_ADDRESS}:
            return False  # nobody was asked
        if outcome.status is PollStatus.DEFERRED:
            return False  # this machine held it up, which says nothing of anybody
        if outcome.failure not in UNREACHED:
            self._reached.add(site.name)
            return False
        before = asked.claim.state
        if not before.failures or before.last_failure not in UNREACHED:
            self._unreached.add(site.name)
        self._kept.append((asked, outcome))
        return True

    @property
    def is_alone(self) -> bool:
        """Whether nobody has answered, and somebody was asked."""
        return bool(self._kept) and not self._reached

    def recall(self, sites: Collection[str]) -> None:
        """Take note of sites that fell silent in earlier polls, after the last answer of any."""
        self._unreached.update(sites)

    @property
    def is_ours(self) -> bool:
        """Whether most sites asked so far could not be reached."""
        unreached = len(self._unreached - self._reached)
        return unreached >= FEWEST and unreached > len(self._reached)

    @property
    def is_clear(self) -> bool:
        """Whether asking more sites would change nothing: everything fails, or hardly anything."""
        unreached = len(self._unreached - self._reached)
        return (unreached >= SURE and not self._reached) or self._fine(unreached)

    def _fine(self, unreached: int) -> bool:
        return len(self._reached) >= SURE and len(self._reached) > 2 * unreached

    def cannot_wait(self, until: datetime) -> bool:
        """Whether a claim ends before `until` whose failure is kept back."""
        return bool(self._kept) and self._kept[0][0].claim.until < until

    def told(self) -> str:
        """Return how we know that it is ours."""
        unreached = len(self._unreached - self._reached)
        asked = unreached + len(self._reached)
        return f"our own network seems to be down: {unreached} of {asked} sites did not answer"

    def kept(self) -> list[Doubtful]:
        """Return what was kept back, and keep it no longer."""
        kept, self._kept = self._kept, []
        return kept
