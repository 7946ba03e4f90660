"""The author's filters: made, tried, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import BadFilter
from aggregator.model.account import User
from aggregator.model.filter import Caught, Filter, FilterAction
from aggregator.model.inbox import Deed, Done
from aggregator.services.clock import utc_now
from aggregator.services.intake import Intake
from aggregator.services.sieve import catches
from aggregator.storage.inboxprotocol import FilterStorage, InboxStorage

TRIED_ON = 5_000  # entries, the newest
AT_ONCE = 500
MOST_SHOWN = 50
LONGEST_TAG = 60


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a filter would have caught."""

    caught: tuple[Caught, ...]  # newest first
    looked_at: int
    since: datetime | None  # the oldest that was looked at; None: there are no entries


class Filtering:
    """Every method raises StorageError when the database cannot answer."""

    def __init__(
        self,
        filters: FilterStorage,
        inbox: InboxStorage,
        intake: Intake,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._filters, self._inbox, self._intake = filters, inbox, intake
        self._clock = clock

    def filters(self) -> list[Filter]:
        return self._filters.filters()

    def try_out(self, one: Filter) -> Trial:
        """Return what a filter would have caught among the newest entries. Raises BadFilter."""
        caught = catches(checked(one))
        entries = self._filters.filterable(limit=TRIED_ON, newest=True)
        return Trial(
            caught=tuple(entry for entry in entries if caught(entry)),
            looked_at=len(entries),
            since=min((entry.at for entry in entries), default=None),
        )

    def add(self, one: Filter) -> Filter:
        """Store a filter for what comes in from now on. Raises BadFilter, FeedNotFound."""
        checked(one)
        self._intake.filter_news()  # what is there already is not for the new one
        return self._filters.add_filter(one)

    def apply(self, one: Filter, user: User) -> Done | None:
        """Star or mute what a filter would have caught; it can be undone. None: there was none.

        Raises BadFilter, for a filter that gives a tag as well: that cannot be undone.
        """
        if one.action is FilterAction.TAG:
            raise BadFilter("A filter that gives a tag is for what comes in from now on.")
        deed = Deed.STAR if one.action is FilterAction.STAR else Deed.DISMISS
        numbers = [entry.number for entry in self.try_out(one).caught]
        return (
            self._inbox.mark(numbers, deed, by=user.number, at=self._clock()) if numbers else None
        )

    def pause(self, number: int, *, paused: bool) -> bool:
        """Stop a filter or start it again; return whether there is one."""
        self._intake.filter_news()
        return self._filters.pause_filter(number, paused=paused)

    def remove(self, number: int) -> bool:
        """Remove a filter; what it did stays. Return whether there was one."""
        self._intake.filter_news()
        return self._filters.remove_filter(number)


def checked(one: Filter) -> Filter:
    """Return a filter that can be used. Raises BadFilter."""
    catches(one)
    if one.action is FilterAction.TAG:
        if not one.tag:
            raise BadFilter("Which tag shall it give?")
        if len(one.tag) > LONGEST_TAG:
            raise BadFilter(f"A tag is at most {LONGEST_TAG} characters long.")
    return one
