"""Triage: what becomes of the entries that came in."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model.feed import EntryStatus
from aggregator.storage.protocol import Storage


class Triage:
    """The author's marks on entries. Every method raises EntryNotFound, and then marks none."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def dismiss(self, numbers: Sequence[int]) -> None:
        """Take entries out of the inbox."""
        self._storage.mark_entries(numbers, status=EntryStatus.DISMISSED)

    def restore(self, numbers: Sequence[int]) -> None:
        """Put entries back into the inbox."""
        self._storage.mark_entries(numbers, status=EntryStatus.INBOX)

    def star(self, numbers: Sequence[int], *, starred: bool = True) -> None:
        """Mark entries as worth keeping, or no longer."""
        self._storage.mark_entries(numbers, starred=starred)
