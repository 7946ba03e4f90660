"""Views in addresses: what a page of the inbox was asked for, and how to ask for it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.errors import BadQuery
from aggregator.model.inbox import Among, Beside, Cursor, View
from aggregator.services.query import parse_query
from aggregator.web.numbers import number_in

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LONGEST_TAG = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A view, as it was asked for."""

    view: View
    search: str = ""  # as it was typed
    problem: str = ""  # why the search cannot be understood

    def args(self, **changed: str) -> dict[str, str]:
        """Return the arguments of an address that asks for the same."""
        view = self.view
        told = {
            "among": "" if view.among is _usual(self.search) else view.among.value,
            "feed": str(view.feed or ""),
            "tag": view.tag or "",
            "story": str(view.story or ""),
            "q": self.search,
            **changed,
        }
        return {name: value for name, value in told.items() if value}

    def name(self, beside: Beside | None = None) -> str:
        """Return what the view is called."""
        if self.search:
            return f"Search: {self.search}"
        if self.view.story is not None:
            return "One story"
        names = {
            Among.UNREAD: "Unread",
            Among.ALL: "All",
            Among.STARRED: "Starred",
            Among.HELD: "Held back",
        }
        if self.view.tag is not None:
            return f"Tag {self.view.tag}"
        if self.view.feed is not None:
            feeds = beside.feeds if beside else ()
            return next((one.title for one in feeds if one.number == self.view.feed), "One feed")
        return names[self.view.among]


def asked(args: Mapping[str, str]) -> Asked:
    """Return what an address asks for; what makes no sense in it is as if it were not there."""
    search = " ".join(args.get("q", "").split())
    try:
        among = Among(args.get("among", ""))
    except ValueError:
        among = _usual(search, story=bool(args.get("story")))
    view = View(
        among=among,
        feed=number_in(args.get("feed")),
        tag=args.get("tag", "")[:LONGEST_TAG] or None,
        story=number_in(args.get("story")),
    )
    if not search:
        return Asked(view=view)
    try:
        return Asked(view=replace(view, query=parse_query(search)), search=search)
    except BadQuery as error:
        return Asked(view=view, search=search, problem=str(error))


def _usual(search: str, *, story: bool = False) -> Among:
    return Among.ALL if search or story else Among.UNREAD


def place_of(cursor: Cursor | None) -> str:
    """Return a place in a view as a word."""
    if cursor is None:
        return ""
    return f"{(cursor.at - _EPOCH) // _MICROSECOND}-{cursor.number}"


def cursor_of(text: str | None) -> Cursor | None:
    """Return the place that a word names; None for no such word."""
    moment, dash, number = (text or "").rpartition("-")
    if not dash or number_in(number) is None or number_in(moment.removeprefix("-")) is None:
        return None
    try:
        return Cursor(at=_EPOCH + int(moment) * _MICROSECOND, number=int(number))
    except OverflowError:
        return None
