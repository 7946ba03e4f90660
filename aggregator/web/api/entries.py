"""The inbox for programs."""

from __future__ import annotations

from typing import Any

from flask import request

from aggregator.errors import BadQuery
from aggregator.model.inbox import Among, Deed
from aggregator.web.api.asking import body, refuse, user
from aggregator.web.api.book import Book
from aggregator.web.api.shapes import (
    COUNT,
    NUMBER,
    TEXT,
    Shape,
    done,
    line,
    listed,
    maybe,
    needing,
    reading,
    ref,
    whole,
)
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.viewing import Asked, asked, cursor_of, place_of

MOST = 500  # entries in one request
_VIEW: dict[str, Shape] = {
    "among": {"enum": [among.value for among in Among]},
    "feed": NUMBER,
    "tag": TEXT,
    "story": NUMBER,
    "q": TEXT,
}
_DONE = whole(done=maybe(ref("Done")))


def add(book: Book, parts: Parts) -> None:
    inbox = parts.inbox

    @book.on(
        "GET",
        "/entries",
        "Entries of a view, newest first; `next` goes into `from` to go on",
        query=_VIEW | {"from": TEXT},
        answer=ref("Page"),
    )
    def list_entries() -> Any:
        wanted = _wanted()
        start = request.args.get("from", "")
        after = cursor_of(start)
        if start and after is None:
            refuse("from: expected the `next` of an answer", 400)
        page = inbox.page(wanted.view, after=after)
        return {
            "entries": [line(one) for one in page.lines],
            "next": place_of(page.next) if page.next else None,
            "newest": page.newest,
            "unsearched": page.unsearched,
        }

    @book.on("GET", "/entries/{number}", "An entry with its text", answer=ref("WholeEntry"))
    def get_entry(number: int) -> Any:
        return reading(parts.reader.read(number))

    @book.on(
        "POST",
        "/entries/marks",
        "Mark entries: read, unread, star, unstar or dismiss",
        body=needing(
            "do",
            "entries",
            do={"enum": [deed.value for deed in Deed]},
            entries=listed(NUMBER, minItems=1, maxItems=MOST),
        ),
        answer=_DONE,
    )
    def mark_entries() -> Any:
        with body() as sent:
            name, numbers = sent.take("do", str), sent.listed("entries", int, most=MOST)
        if name not in set(Deed):
            refuse(f"'do': expected one of {', '.join(Deed)}")
        if not numbers or min(numbers) < 1:
            refuse("'entries': expected numbers of entries")
        return {"done": done(inbox.mark(user(), list(dict.fromkeys(numbers)), Deed(name)))}

    @book.on(
        "POST",
        "/entries/read",
        "Mark all of a view as read that was there when its page was made, with `newest` there",
        query=_VIEW,
        body=needing("newest", newest=COUNT, above=TEXT),
        answer=_DONE,
    )
    def mark_view() -> Any:
        wanted = _wanted()
        with body() as sent:
            newest, place = sent.take("newest", int), sent.take("above", str, "")
        above = cursor_of(place)
        if place and above is None:
            refuse("'above': expected the `next` of an answer")
        if newest < 0:
            refuse("'newest': expected the `newest` of an answer")
        return {"done": done(inbox.mark_read(user(), wanted.view, up_to=newest, above=above))}

    @book.on("POST", "/entries/undo", "Take back what you marked last", answer=_DONE)
    def undo_mark() -> Any:
        return {"done": done(inbox.undo(user()))}


def _wanted() -> Asked:
    """Return the view that was asked for; here, what makes no sense is refused."""
    args = request.args
    for name in ("feed", "story"):
        if args.get(name) and not (args[name].isascii() and args[name].isdigit()):
            refuse(f"{name}: expected a number", 400)
    if args.get("among") and args["among"] not in set(Among):
        refuse(f"among: expected one of {', '.join(Among)}", 400)
    found = asked(args)
    if found.problem:
        raise BadQuery(found.problem)
    return found
