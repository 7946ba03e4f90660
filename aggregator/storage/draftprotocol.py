"""What writing at the desk asks of storage.

Every method is one transaction. Times go in and come out aware, in UTC. Every method raises
StorageError when the database cannot answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from aggregator.model.post import UpdateKind
from aggregator.model.unsaved import Sheet, Unsaved


class DraftStorage(Protocol):
    def unsaved(self, *, post: str | None = None) -> list[Unsaved]:
        """Return what everybody is typing, kept last first; None: for any post, and for none."""

    def unsaved_text(self, number: int) -> Unsaved:
        """Raises TextNotFound when there is none."""

    def keep_new(
        self, user: int, sheet: Sheet, text: str, at: datetime, *, aside: bool = False
    ) -> Unsaved:
        """Store a text. Raises PostNotFound when its post is gone."""

    def keep(
        self, number: int, text: str, at: datetime, *, version: int, kind: UpdateKind | None
    ) -> Unsaved | None:
        """Put a text in the place of its last version; None when that is another one by now.

        Raises TextNotFound.
        """

    def reopen(self, number: int, *, opened: str, aside: bool) -> None:
        """Say which document a text now goes on from, and whether it is set aside."""

    def drop_text(self, number: int, *, version: int | None = None) -> bool:
        """Remove a text, if it is still that version; return whether it is gone."""

    def entries_at(self, link_key: str) -> list[int]:
        """Return the numbers of entries whose link has this identity key, newest first."""
