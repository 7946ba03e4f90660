"""What the inbox asks of storage.

Every method is one transaction. Times go in and come out aware, in UTC. Every method raises
StorageError when the database cannot answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model.filter import Caught, Filter
from aggregator.model.inbox import Beside, Cursor, Deed, Done, ListedEntry, View


class InboxStorage(Protocol):
    def listed(
        self, view: View, *, after: Cursor | None = None, limit: int = 50
    ) -> list[ListedEntry]:
        """Return entries of a view, newest first, from `after` on. Costs the same at any depth.

        Raises EntryNotFound for the story of an entry that is not there.
        """

    def one_listed(self, number: int) -> ListedEntry:
        """Return what lists show of an entry. Raises EntryNotFound."""

    def neighbours(self, view: View, at: Cursor) -> tuple[int | None, int | None]:
        """Return the entries before and behind a place in a view; None: there is none."""

    def beside(self) -> Beside:
        """Return the feeds and counts that are shown beside a list."""

    def newest(self) -> int:
        """Return the greatest number of an entry; 0: there is none."""

    def mark(self, numbers: Sequence[int], deed: Deed, *, by: int, at: datetime) -> Done | None:
        """Do something with entries; None: all were like that. Raises EntryNotFound for any."""

    def mark_view(
        self,
        view: View,
        deed: Deed,
        *,
        up_to: int,
        above: Cursor | None = None,
        about: str = "",
        by: int,
        at: datetime,
    ) -> Done | None:
        """Do something with all of a view that came in before entry `up_to`, or with it.

        With `above` only with what stands above that place. None: all were like that.
        """

    def undo(self, by: int, number: int | None = None) -> Done | None:
        """Take back what a user did last, or the deed of that number, where marks are still so.

        None: there is nothing to take back.
        """

    def last_done(self, by: int, *, limit: int = 1) -> list[Done]:
        """Return what a user did last and has not taken back, newest first."""


class IndexStorage(Protocol):
    def to_index(self) -> int:
        """Return how many entries the search does not know as they are."""

    def index(self, limit: int, words_of: Callable[[str], str]) -> int:
        """Put up to `limit` entries into the index; return how many there were to put.

        `words_of` makes of HTML what is looked through.
        """


class FilterStorage(Protocol):
    def filters(self) -> list[Filter]:
        """Return all filters, oldest first."""

    def add_filter(self, new: Filter) -> Filter:
        """Store a filter for what comes in from now on; return it with its number.

        Raises FeedNotFound.
        """

    def pause_filter(self, number: int, *, paused: bool) -> bool:
        """Stop a filter or start it again; return whether there is one."""

    def remove_filter(self, number: int) -> bool:
        """Remove a filter; what it did stays. Return whether there was one."""

    def filterable(self, *, limit: int, newest: bool = False) -> list[Caught]:
        """Return what filters look at: of the oldest entries that none has seen, or the newest."""

    def filtered(
        self,
        up_to: int,
        *,
        star: Sequence[int] = (),
        mute: Sequence[int] = (),
        tag: Sequence[tuple[int, str]] = (),
    ) -> None:
        """Do what filters found, and note that entries up to a number were seen by them."""
