"""The inbox: lists of what came in, what the author does with it, and how it is taken back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.errors import StorageError
from aggregator.markup.text import excerpt, plain_text
from aggregator.model.account import User
from aggregator.model.inbox import Among, Beside, Cursor, Deed, Done, ListedEntry, Query, View
from aggregator.services.clock import utc_now
from aggregator.services.intake import Intake
from aggregator.storage.inboxprotocol import InboxStorage

PAGE = 50  # entries
OPENING = 160  # characters


@dataclass(frozen=True, kw_only=True)
class Line:
    """An entry as a list shows it: words only."""

    entry: ListedEntry
    title: str  # its own, or its first words
    opening: str  # "": the title says it all


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some entries of a view, newest first."""

    lines: tuple[Line, ...]
    next: Cursor | None  # where the next page begins; None: that was all
    newest: int  # the greatest number of an entry there was when the page was made
    unsearched: int = 0  # entries that a search did not look through, for they are too new


class Inbox:
    """Threads share it. Every method raises StorageError when the database cannot answer."""

    def __init__(
        self,
        storage: InboxStorage,
        intake: Intake,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._storage, self._intake, self._clock = storage, intake, clock

    def page(self, view: View, *, after: Cursor | None = None) -> Page:
        """Return a page of a view. Raises EntryNotFound for the story of one that is not there.

        Where nothing can be written, it is what was there before.
        """
        unsearched = self._catch_up(search=_has_words(view.query))
        newest = self._storage.newest()
        found = self._storage.listed(view, after=after, limit=PAGE + 1)
        shown = found[:PAGE]
        return Page(
            lines=tuple(map(line_of, shown)),
            next=shown[-1].cursor if len(found) > PAGE else None,
            newest=newest,
            unsearched=unsearched,
        )

    def _catch_up(self, *, search: bool) -> int:
        """Have what came in filtered, and indexed for a `search`; return how many are not yet."""
        try:
            self._intake.filter_news()
            return self._intake.catch_up() if search else 0
        except StorageError as error:  # a full disk keeps nobody from reading
            logging.getLogger(__name__).warning("the inbox is not brought up to date: %s", error)
            return self._intake.waiting() if search else 0

    def beside(self) -> Beside:
        return self._storage.beside()

    def line(self, number: int) -> Line:
        """Raises EntryNotFound."""
        return line_of(self._storage.one_listed(number))

    def neighbours(self, view: View, entry: ListedEntry) -> tuple[int | None, int | None]:
        """Return the entries above and below one in a view."""
        return self._storage.neighbours(view, entry.cursor)

    def mark(self, user: User, numbers: Sequence[int], deed: Deed) -> Done | None:
        """Do something with entries; None: they were like that. Raises EntryNotFound."""
        return self._storage.mark(numbers, deed, by=user.number, at=self._clock())

    def mark_read(
        self, user: User, view: View, *, up_to: int, above: Cursor | None = None
    ) -> Done | None:
        """Mark all of a view as read that was there when its page was made, with `up_to` newest.

        With `above` only what stands above that place. None: all of it was read.
        """
        query = view.query or Query()
        if query.unread is False:
            return None
        if _has_words(query):
            self._intake.catch_up()
        unread = replace(view, query=replace(query, unread=True))
        if view.among is Among.HELD:
            return None
        return self._storage.mark_view(
            unread, Deed.READ, up_to=up_to, above=above, by=user.number, at=self._clock()
        )

    def undo(self, user: User, number: int | None = None) -> Done | None:
        """Take back what a user did last, or that deed; None: there is nothing to take back."""
        return self._storage.undo(user.number, number)

    def last_done(self, user: User) -> Done | None:
        """Return what `undo` would take back."""
        return next(iter(self._storage.last_done(user.number)), None)


def line_of(entry: ListedEntry) -> Line:
    """Return what a list says of an entry."""
    opening = excerpt(plain_text(_whole_tags(entry.opening)), OPENING)
    if entry.title:
        return Line(
            entry=entry, title=entry.title, opening="" if opening == entry.title else opening
        )
    return Line(entry=entry, title=opening or entry.link or "Without words", opening="")


def told(done: Done) -> str:
    """Return in words what was done."""
    verb = {
        Deed.READ: "read",
        Deed.UNREAD: "unread again",
        Deed.STAR: "starred",
        Deed.UNSTAR: "not starred any more",
        Deed.DISMISS: "dismissed",
    }[done.deed]
    if done.count == 1:
        return f"“{excerpt(done.about, 60)}”: {verb}" if done.about else f"1 entry: {verb}"
    return f"{done.count:,} entries: {verb}"


def _has_words(query: Query | None) -> bool:
    return query is not None and bool(query.words)


def _whole_tags(html: str) -> str:
    """Return HTML that was cut anywhere, cut before a tag or entity that is not whole."""
    opened = html.rfind("<")
    if opened > html.rfind(">"):
        html = html[:opened]
    entity = html.rfind("&", max(0, len(html) - 12))
    return html[:entity] if entity >= 0 and ";" not in html[entity:] else html
