"""One entry to be read: its text, who else leads to the same page, and what its source changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aggregator.markup.quiet import quiet
from aggregator.markup.text import plain_text
from aggregator.model.feed import EntryVersion, StoredEntry
from aggregator.model.inbox import Among, View
from aggregator.reading.differences import Piece, differences
from aggregator.services.inbox import Line, line_of
from aggregator.storage.inboxprotocol import InboxStorage

MOST_OTHERS = 20
MOST_VERSIONS = 30


class Entries(Protocol):
    def entry(self, number: int) -> StoredEntry: ...

    def entry_versions(self, number: int) -> list[EntryVersion]: ...


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the reading pane shows."""

    stored: StoredEntry
    line: Line
    html: str  # safe, and nothing in it is loaded from anywhere; "": there is no text
    others: tuple[Line, ...]  # entries of other feeds that lead to the same page


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a source changed in an entry, at one time."""

    at: datetime  # when the change was seen
    title: tuple[Piece, ...]  # empty: the same
    text: tuple[Piece, ...]
    link: str | None = None  # as it was before; None: the same

    @property
    def silent(self) -> bool:
        """Whether no word is another: links, pictures or markup are."""
        return not (self.title or self.text)


class Reader:
    """Every method raises EntryNotFound, and StorageError when the database cannot answer."""

    def __init__(self, entries: Entries, inbox: InboxStorage) -> None:
        self._entries, self._inbox = entries, inbox

    def read(self, number: int) -> Reading:
        stored = self._entries.entry(number)
        line = line_of(self._inbox.one_listed(number))
        others: tuple[Line, ...] = ()
        if line.entry.others:
            view = View(among=Among.ALL, story=number)
            found = self._inbox.listed(view, limit=MOST_OTHERS + 1)
            others = tuple(line_of(one) for one in found if one.number != number)
        entry = stored.entry
        html = entry.content or entry.summary
        return Reading(stored=stored, line=line, html=quiet(html), others=others)

    def edits(self, number: int) -> tuple[StoredEntry, list[Edit]]:
        """Return an entry and what its source changed in it, newest first."""
        stored = self._entries.entry(number)
        entry = stored.entry
        after = (entry.title, plain_text(entry.content or entry.summary), entry.link)
        edits = []
        for version in self._entries.entry_versions(number)[:MOST_VERSIONS]:
            text = plain_text(version.content or version.summary)
            before = (version.title, text, version.link)
            edits.append(
                Edit(
                    at=version.replaced_at,
                    title=_pieces(before[0], after[0]),
                    text=_pieces(before[1], after[1]),
                    link=before[2] if before[2] != after[2] else None,
                )
            )
            after = before
        return stored, edits


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    return tuple(differences(before, after)) if before != after else ()
