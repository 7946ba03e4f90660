"""Outcomes on their way to the database: gathered for a moment, saved in one commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.errors import Unstorable
from aggregator.model.poll import PollOutcome
from aggregator.services import outcomes
from aggregator.services.asked import Asked
from aggregator.services.report import FeedReport, report_of
from aggregator.storage.protocol import Claim, FeedStorage, Site

# A commit waits for the disk, so polls share one: so many at most, and none waits longer.
SAVED_TOGETHER = 256
SAVED_WITHIN = 0.2  # seconds

Progress = Callable[[FeedReport], None]


class Saver:
    """What came in and is not saved yet, and reports on what is."""

    def __init__(
        self,
        storage: FeedStorage,
        holder: str,
        progress: Progress,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        lease: timedelta,
    ) -> None:
        """`lease` is how long the sites of `holder` stay its own after a save."""
        self._storage, self._holder, self._progress = storage, holder, progress
        self._clock, self._monotonic, self._lease = clock, monotonic, lease
        self._unsaved: list[tuple[Asked, PollOutcome]] = []
        self._visited: dict[str, Site] = {}
        self._save_by = 0.0
        self.reports: dict[str, FeedReport] = {}  # by address

    @property
    def claims(self) -> list[Claim]:
        """The claims whose outcomes are not saved yet."""
        return [asked.claim for asked, _ in self._unsaved]

    @property
    def wait(self) -> float | None:
        """Seconds until it is time to save; None: nothing is there to save."""
        return max(self._save_by - self._monotonic(), 0.0) if self._unsaved else None

    @property
    def is_time(self) -> bool:
        return len(self._unsaved) >= SAVED_TOGETHER or self.wait == 0.0

    def add(self, asked: Asked, outcome: PollOutcome) -> None:
        if not self._unsaved:
            self._save_by = self._monotonic() + SAVED_WITHIN
        self._unsaved.append((asked, outcome))

    def visited(self, site: Site) -> None:
        """Take note of a site as it shall be from now on."""
        self._visited[site.name] = site

    def save(self, *, still_wanted: Callable[[str], bool]) -> None:
        """Save everything; sites that are not `still_wanted` are free for others.

        Raises StorageError, and then nothing of it is saved.
        """
        if self._unsaved or self._visited:
            self._save(self._unsaved, still_wanted)
            self._unsaved = []
            self._visited = {}

    def _save(
        self, finished: list[tuple[Asked, PollOutcome]], still_wanted: Callable[[str], bool]
    ) -> None:
        try:
            saved = self._saved(finished, still_wanted)
        except Unstorable as error:
            if len(finished) > 1:
                for one in finished:
                    self._save([one], still_wanted)
                return
            [(asked, outcome)] = finished
            if not outcome.changes:
                raise
            # One feed's entries that cannot be stored must not stop the others.
            finished = [(asked, outcomes.not_stored(asked, error))]
            saved = self._saved(finished, still_wanted)
        for (asked, outcome), counts in zip(finished, saved, strict=True):
            if counts is None:
                continue  # our claim ran out; whoever has it now reports on the feed
            report = report_of(asked.claim, outcome, new=counts[0], changed=counts[1])
            self.reports[report.url] = report
            self._progress(report)

    def _saved(
        self, finished: list[tuple[Asked, PollOutcome]], still_wanted: Callable[[str], bool]
    ) -> list[tuple[int, int] | None]:
        return self._storage.save_polls(
            [(asked.claim, outcome) for asked, outcome in finished],
            sites=list(self._visited.values()),
            leaving={name for name in self._visited if not still_wanted(name)},
            holder=self._holder,
            until=self._clock() + self._lease,
        )
