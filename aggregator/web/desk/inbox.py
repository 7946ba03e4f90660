"""The inbox: what came in, to be scanned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from aggregator.model.inbox import Among, Deed, Done
from aggregator.services.inbox import Page, told
from aggregator.web.desk.guard import by_script, safe_next, user
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.viewing import Asked, asked, cursor_of, place_of
from aggregator.web.numbers import number_in

MOST_FEEDS = 150  # that are named beside a list
MOST_MARKED = 500  # entries in one form


def pages(parts: Parts) -> Blueprint:
    """Return the pages of the inbox."""
    desk = Blueprint("inbox", __name__)
    inbox = parts.inbox

    @desk.get("/desk/inbox")
    def show() -> AnyResponse:
        wanted = asked(request.args)
        start = cursor_of(request.args.get("from"))
        page = _nothing() if wanted.problem else inbox.page(wanted.view, after=start)
        told_of = {
            "page": page,
            "next": _address(wanted, **{"from": place_of(page.next)}) if page.next else "",
        }
        if by_script():  # the list goes on
            return make_response(render_template("inbox_more.html", wanted=wanted, **told_of))
        html = render_template(
            "inbox.html",
            **told_of,
            **_beside(wanted),
            start=start,
            done=_done(inbox.last_done(user())),
            back=_here(),
        )
        return make_response(html, 422 if wanted.problem else 200)

    @desk.get("/desk/inbox/beside")
    def beside() -> str:
        return render_template("beside.html", **_beside(asked(request.args)))

    def _beside(wanted: Asked) -> dict[str, object]:
        found = inbox.beside()
        tag = wanted.view.tag
        listed = [one for one in found.feeds if one.unread and (tag is None or tag in one.tags)]
        return {
            "wanted": wanted,
            "beside": found,
            "name": wanted.name(found),
            "feeds": listed[:MOST_FEEDS],
            "more_feeds": max(len(listed) - MOST_FEEDS, 0),
            "Among": Among,
        }

    @desk.post("/desk/inbox/mark")
    def mark() -> AnyResponse:
        deed, numbers = _order(request.form.get("do", ""), request.form.getlist("entry"))
        done = inbox.mark(user(), numbers, deed)
        if not by_script():
            return _back(done)
        lines = {number: inbox.line(number) for number in numbers}
        wanted = asked(request.form)
        rows = {
            number: render_template("inbox_row.html", line=line, wanted=wanted)
            for number, line in lines.items()
        }
        return _answer(done, rows=rows)

    @desk.post("/desk/inbox/read")
    def mark_view() -> AnyResponse:
        wanted = asked(request.form)
        newest = number_in(request.form.get("newest"))
        above = cursor_of(request.form.get("above"))
        if newest is None or wanted.problem or (request.form.get("above") and above is None):
            abort(Response("Load the page again: this form is not whole.\n", 422))
        done = inbox.mark_read(user(), wanted.view, up_to=newest, above=above)
        return _answer(done) if by_script() else _back(done)

    @desk.post("/desk/inbox/undo")
    def undo() -> AnyResponse:
        number = number_in(request.form.get("deed"))
        done = inbox.undo(user(), number)
        if by_script():
            return jsonify(told=f"Taken back. {told(done)}" if done else "")
        return redirect(safe_next(request.form.get("back")), 303)

    return desk


def _nothing() -> Page:
    return Page(lines=(), next=None, newest=0)


def _order(order: str, entries: Sequence[str]) -> tuple[Deed, list[int]]:
    """Return what is to be done, and with what: a button names both, "star 17"."""
    name, _, number = order.partition(" ")
    typed = [*([number] if number else []), *entries][:MOST_MARKED]
    numbers = [found for one in typed if (found := number_in(one))]
    if name not in set(Deed) or not numbers or len(numbers) < len(typed):
        abort(Response("Choose entries, then say what to do with them.\n", 422))
    return Deed(name), list(dict.fromkeys(numbers))


def _here() -> str:
    return request.full_path.rstrip("?")


def _address(wanted: Asked, **more: str) -> str:
    args: dict[str, Any] = wanted.args(**more)
    return url_for("inbox.show", **args)


def _done(done: Done | None) -> dict[str, object] | None:
    return {"number": done.number, "told": told(done)} if done else None


def _answer(done: Done | None, **more: object) -> Response:
    return jsonify(done=_done(done), **more)


def _back(done: Done | None) -> AnyResponse:
    """Return to the page that the form was on."""
    return redirect(safe_next(request.form.get("back")), 303)
